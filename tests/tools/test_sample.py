"""tools/sample.py 与 evaluation/sampling.py：网格、散点、插值，同样的种子得到同样的字节。"""

import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import paddle
import pytest
from PIL import Image, ImageSequence
from tool_helpers import (
    ROOT,
    assert_one_sentence,
    decode,
    load_tool,
    run_tool,
    tiny_run,
    write_image,
)

from paddle_gan.evaluation.film import KEYS, STEPS, around, training_frames, training_pauses
from paddle_gan.evaluation.sampling import draw_samples, interpolations, lerp, random_samples, slerp
from paddle_gan.run.build import Shapes
from paddle_gan.run.run import Run
from paddle_gan.viz import caption


@pytest.fixture
def sample(capsys, monkeypatch):
    return lambda *arguments: run_tool(capsys, monkeypatch, "sample", *arguments)


def test_the_command_line_writes_a_grid_of_the_asked_size_and_repeats_it_exactly(tmp_path):
    outputs = [tmp_path / "新目录" / f"样本 {i}.png" for i in range(2)]
    for out in outputs:
        command = [sys.executable, str(ROOT / "tools/sample.py"), str(tiny_run("dcgan"))]
        options = ["--num", "10", "--columns", "4", "--seed", "7", "--out", str(out)]
        result = subprocess.run([*command, *options], capture_output=True, text=True, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert "10 个样本（第 3 步，种子 7）" in result.stdout
    # 28 像素放大 2 倍；10 张排 4 列是 3 行
    assert decode(outputs[0]).shape == (3 * 56, 4 * 56)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_another_seed_or_checkpoint_gives_other_samples(tmp_path, sample):
    variants = [["--seed", 0], ["--seed", 1], ["--seed", 0, "--checkpoint", 1], []]
    for i, options in enumerate(variants):
        out = tmp_path / f"{i}.png"
        result = sample(tiny_run("gan"), "--out", out, "--num", 50, *options)
        step, seed = 1 if "--checkpoint" in options else 3, 1 if i == 1 else 0
        assert f"50 个样本（第 {step} 步，种子 {seed}）→ {out}" in result.out
    images = [(tmp_path / f"{i}.png").read_bytes() for i in range(4)]
    assert len(set(images[:3])) == 3
    assert images[3] == images[0]  # 默认用训练的种子


def test_points_are_drawn_over_the_real_points_and_modes(tmp_path, sample):
    assert sample(tiny_run("gan"), "--out", tmp_path / "a.png").code == 0
    image = decode(tmp_path / "a.png")
    assert image.shape == (480, 480, 3)
    blue, green, red = np.moveaxis(image.astype(int), -1, 0)
    assert ((blue == 200) & (green == 200) & (red == 200)).any()  # 灰：真实点
    assert ((blue == 180) & (green == 119) & (red == 31)).any()  # 蓝：样本
    assert ((red > green + 60) & (red > blue + 60)).sum() > 100  # 红圈：真模式


def test_points_without_the_data_set_choose_their_own_range():
    points = np.array([[100.0, 100.0], [104.0, 104.0]])
    image = draw_samples(points, Shapes((2,)), columns=1)
    blue = (image == (31, 119, 180)).all(axis=2)
    assert blue[:240, 240:].any() and blue[240:, :240].any()  # 右上与左下各一个


def test_slerp_keeps_the_norm_and_turns_at_a_constant_angle():
    start, end = np.array([[2.0, 0.0, 0.0]]), np.array([[0.0, 2.0, 0.0]])
    third = slerp(start, end, 1 / 3)
    assert third == pytest.approx(np.array([[2 * np.cos(np.pi / 6), 1.0, 0.0]]))
    assert slerp(start, end, 0.0) == pytest.approx(start)
    assert slerp(start, end, 1.0) == pytest.approx(end)


@pytest.mark.parametrize("factor", [3.0, -3.0, 1.0])
def test_slerp_of_collinear_vectors_is_the_straight_line(factor):
    start = np.array([[1.0, 2.0]])
    middle = slerp(start, factor * start, 0.5)
    assert middle == pytest.approx(lerp(start, factor * start, 0.5))


@pytest.mark.parametrize("name, path", [("gan", slerp), ("dcgan", lerp)])
def test_a_row_of_interpolation_starts_and_ends_at_samples_of_its_two_latents(name, path):
    run = Run(tiny_run(name))
    _, method = run.load()
    seen = []
    original = method.generate
    method.generate = lambda z: seen.append(z.numpy()) or original(z)
    samples = interpolations(method, rows=2, steps=5, seed=3)
    (z,) = seen
    z = z.reshape(2, 5, -1)
    assert samples.shape == (10, *run.shapes().x)
    assert z[:, 2] == pytest.approx(path(z[:, 0], z[:, 4], 0.5), rel=1e-5, abs=1e-6)
    assert not np.allclose(z[0, 0], z[1, 0]) and not np.allclose(z[:, 0], z[:, 4])


def test_interpolation_writes_whole_rows(tmp_path, sample):
    out = tmp_path / "路径.png"
    options = ["--interpolate", "--num", 10, "--columns", 4]
    assert sample(tiny_run("dcgan"), "--out", out, *options).code == 0
    assert decode(out).shape == (3 * 56, 4 * 56)
    run = Run(tiny_run("dcgan"))
    config, method = run.load()
    paths = interpolations(method, rows=3, steps=4, seed=config.seed)  # 一行一条路，一条路四步
    assert np.array_equal(decode(out), draw_samples(paths, run.shapes(), 4)[..., 0])


def test_separate_pictures_are_the_tiles_of_the_grid_with_the_seed_in_their_names(tmp_path, sample):
    options = ["--num", 10, "--seed", 7]
    assert (
        sample(tiny_run("dcgan"), "--out", tmp_path / "格.png", *options, "--columns", 4).code == 0
    )
    result = sample(tiny_run("dcgan"), "--out", tmp_path / "单张", *options, "--separate")
    assert result.code == 0 and "10 张图（第 3 步，种子 7）" in result.out
    names = sorted(path.name for path in (tmp_path / "单张").iterdir())
    assert names == [f"seed7_{i}.png" for i in range(10)]
    grid = decode(tmp_path / "格.png")[::2, ::2]  # 28 像素放大了 2 倍
    for i, name in enumerate(names):
        top, left = 28 * (i // 4), 28 * (i % 4)
        tile = grid[top : top + 28, left : left + 28]
        assert np.array_equal(decode(tmp_path / "单张" / name), tile)


def test_separate_pictures_keep_their_order_past_ten_and_their_colours(tmp_path):
    class Painter:
        """第 k 个 z 画出亮度是 k 的红色长方形。"""

        def generate(self, z):
            x = paddle.full([z.shape[0], 3, 4, 6], -1.0)
            x[:, 0] = z[:, :1, None] / 127.5 - 1
            return x

    z = np.arange(130, dtype=np.float32)[:, None]
    shapes = Shapes((3, 4, 6), None, (-1.0, 1.0))
    assert load_tool("sample").write_separate(z, Painter(), shapes, 5, tmp_path / "新") == 130
    for k in (0, 9, 64, 129):
        blue, green, red = np.moveaxis(decode(tmp_path / f"新/seed5_{k:03d}.png"), -1, 0)
        assert red.shape == (4, 6) and (red == k).all() and not blue.any() and not green.any()


def test_a_folder_with_other_files_is_refused_and_forced_it_keeps_them(tmp_path, sample):
    (tmp_path / "单张").mkdir()
    (tmp_path / "单张/我的.txt").write_text("留着", encoding="utf-8")
    arguments = [tiny_run("dcgan"), "--out", tmp_path / "单张", "--separate", "--num", 2]
    assert_one_sentence(sample(*arguments), "单张", "--force")
    result = sample(*arguments, "--force")
    assert result.code == 0 and "原来就有 1 个文件" in result.err
    assert len(list((tmp_path / "单张").iterdir())) == 3
    assert (tmp_path / "单张/我的.txt").read_text(encoding="utf-8") == "留着"


def frames_of(path):
    """GIF 的每一帧 uint8 (H, W, 3) RGB，与每帧停的毫秒数。"""
    with Image.open(path) as film:
        assert film.format == "GIF" and film.info["loop"] == 0
        pictures = [frame.convert("RGB") for frame in ImageSequence.Iterator(film)]
        pauses = [frame.info["duration"] for frame in ImageSequence.Iterator(film)]
    return [np.asarray(picture) for picture in pictures], pauses


def test_the_training_film_shows_the_fixed_samples_in_the_order_of_the_steps(tmp_path, sample):
    run = shutil.copytree(tiny_run("dcgan"), tmp_path / "训练")
    for file in (run / "samples").iterdir():
        file.unlink()
    colours = {2: (0, 0, 255), 10: (0, 255, 0), 100: (255, 0, 0)}  # BGR
    for step, colour in colours.items():
        picture = np.zeros((40, 90, 3), np.uint8)
        picture[:20, :30] = colour
        write_image(run / f"samples/fixed_{step}.png", picture)
        write_image(run / f"samples/fresh_{step}.png", picture[::-1])
    result = sample(run, "--out", tmp_path / "新/片.gif", "--gif")
    assert result.code == 0 and "3 帧（第 2 到 100 步）" in result.out
    frames, pauses = frames_of(tmp_path / "新/片.gif")
    assert [frame.shape for frame in frames] == [(68, 90, 3)] * 3
    for frame, colour in zip(frames, colours.values()):
        assert tuple(frame[10, 15]) == colour[::-1]
        assert not frame[30, 15].any() and not frame[10, 60].any()
        assert (frame[40:] == 255).any() and (frame[40:] < 128).any()  # 下面写着第几步
    captions = [caption(np.zeros((1, 90, 3), np.uint8), f"第 {step} 步")[1:] for step in colours]
    for i, frame in enumerate(frames):  # 写的是自己的步数
        far = [np.abs(frame[40:].astype(int) - text).sum() for text in captions]
        assert np.argmin(far) == i
    assert pauses == [500, 500, 1500]


def test_a_film_needs_two_pictures_and_says_what_it_cannot_use(tmp_path, sample):
    out = ["--out", tmp_path / "a.gif"]
    wanted = sample(tiny_run("dcgan"), *out, "--gif", "--num", 3, "--seed", 1)
    assert_one_sentence(wanted, "--num、--seed", "--interpolate")
    assert_one_sentence(sample(tiny_run("dcgan"), *out), ".png", "--gif")
    assert_one_sentence(sample(tiny_run("dcgan"), "--out", tmp_path / "a.png", "--gif"), ".gif")
    run = shutil.copytree(tiny_run("dcgan"), tmp_path / "训练")
    for file in (run / "samples").glob("fixed_*[23].png"):
        file.unlink()
    assert_one_sentence(sample(run, *out, "--gif"), "只有 1 张", "sample_every")
    assert_one_sentence(sample(tmp_path / "无", *out, "--gif"), "无", "不是训练目录")
    assert not (tmp_path / "a.gif").exists()


def test_a_long_training_is_thinned_and_keeps_its_first_and_last_step(tmp_path, monkeypatch):
    for step in range(1, 402):
        write_image(tmp_path / f"fixed_{step:07d}.png", np.full((2, 3, 1), step % 256, np.uint8))
    frames = training_frames(tmp_path)
    assert len(frames) == 200 and frames[0][0] == 1 and frames[-1][0] == 401
    assert all((image == step % 256).all() for step, image in frames)
    assert sum(training_pauses(200)) == pytest.approx(12_000, abs=2000)
    monkeypatch.setattr("paddle_gan.evaluation.film.MAX_PIXELS", 6 * 5)
    assert [step for step, _ in training_frames(tmp_path)] == [1, 101, 201, 301, 401]


def test_going_around_visits_every_key_and_closes():
    keys = np.random.default_rng(0).standard_normal((KEYS, 3, 8)).astype(np.float32)

    class Mirror:
        """样本就是 z。"""

        hparams = SimpleNamespace(noise="normal")
        left = list(keys)

        def noise(self, n):
            return paddle.to_tensor(self.left.pop(0))

        def generate(self, z):
            return z

    frames = list(around(Mirror(), 3, seed=0))
    assert len(frames) == KEYS * STEPS
    for k in range(KEYS):
        assert frames[k * STEPS] == pytest.approx(keys[k], abs=1e-5)
    steps = [np.abs(b - a).max() for a, b in zip(frames, [*frames[1:], frames[0]])]
    assert 0 < steps[-1] < 2 * max(steps[:-1])  # 从最后一帧回到第一帧，与别处的一步差不多
    assert frames[-1] == pytest.approx(slerp(keys[-1], keys[0], 14 / 15), abs=1e-5)


def test_the_interpolation_film_starts_with_the_grid_of_the_same_seed(tmp_path, sample):
    options = ["--num", 200, "--seed", 3]
    assert sample(tiny_run("gan"), "--out", tmp_path / "a.png", *options).code == 0
    result = sample(
        tiny_run("gan"), "--out", tmp_path / "a.gif", *options, "--gif", "--interpolate"
    )
    assert result.code == 0 and "200 个样本走一圈，60 帧" in result.out
    frames, pauses = frames_of(tmp_path / "a.gif")
    assert len(frames) == 60 and set(pauses) == {60}
    still = decode(tmp_path / "a.png")[..., ::-1].astype(int)
    assert np.abs(frames[0].astype(int) - still).max() <= 40  # 调色板至多 256 种颜色
    assert np.abs(frames[0].astype(int) - still).mean() < 0.5
    assert np.abs(frames[30].astype(int) - still).mean() > 2


def test_an_existing_file_is_kept_unless_forced(tmp_path, sample):
    out = tmp_path / "a.png"
    out.write_bytes(b"mine")
    assert_one_sentence(sample(tiny_run("gan"), "--out", out), str(out), "--force")
    assert out.read_bytes() == b"mine"
    assert sample(tiny_run("gan"), "--out", out, "--force").code == 0
    assert decode(out).shape == (480, 480, 3)


BAD_USES = {
    "zero": (["--num", 0], ["--num", "现在是 0"]),
    "too many": (["--num", 10**9], ["--num"]),
    "columns": (["--num", 4, "--columns", 5], ["--columns", "1 到 4"]),
    "one step": (["--interpolate", "--columns", 1], ["--columns", "2"]),
    "negative seed": (["--seed", -1], ["--seed"]),
    "no such checkpoint": (["--checkpoint", 99], ["step_0000099", "last", "step_0000002"]),
    "odd digits": (["--checkpoint", "²"], ["²", "last"]),
    "no best": (["--checkpoint", "best"], ["best", "现有：last"]),
    "no such device": (["--device", "gpu:7"], ["gpu:7", "cpu"]),
}


@pytest.mark.parametrize("options, parts", BAD_USES.values(), ids=BAD_USES)
def test_a_bad_use_is_one_sentence_and_writes_nothing(options, parts, tmp_path, sample):
    result = sample(tiny_run("gan"), "--out", tmp_path / "a.png", *options)
    assert_one_sentence(result, *parts)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_run_a_wrong_extension_and_a_blocked_folder_are_named(tmp_path, sample):
    assert_one_sentence(sample(tmp_path / "无", "--out", tmp_path / "a.png"), "无", "不是训练目录")
    assert_one_sentence(sample(tiny_run("gan"), "--out", tmp_path / "a.jpg"), "a.jpg", ".png")
    (tmp_path / "file").touch()
    blocked = tmp_path / "file" / "a.png"
    assert_one_sentence(sample(tiny_run("gan"), "--out", blocked), str(blocked.parent))


def test_a_translation_run_points_to_translate(tmp_path, sample):
    result = sample(tiny_run("cyclegan"), "--out", tmp_path / "a.png")
    assert_one_sentence(result, "cyclegan", "tools/translate.py")


def test_sampling_leaves_the_method_in_training_mode():
    _, method = Run(tiny_run("dcgan")).load()
    random_samples(method, 3, seed=0)
    assert method.G.training
