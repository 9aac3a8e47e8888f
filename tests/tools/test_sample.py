"""tools/sample.py 与 evaluation/sampling.py：网格、散点、插值，同样的种子得到同样的字节。"""

import subprocess
import sys

import numpy as np
import pytest
from tool_helpers import ROOT, assert_one_sentence, decode, run_tool, tiny_run

from paddle_gan.evaluation.sampling import draw_samples, interpolations, lerp, random_samples, slerp
from paddle_gan.run.build import Shapes
from paddle_gan.run.run import Run


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
        assert sample(tiny_run("gan"), "--out", out, "--num", 50, *options).code == 0
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
