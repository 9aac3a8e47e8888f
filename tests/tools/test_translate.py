"""tools/translate.py 与 evaluation/translation.py：任意大小与通道、目录，坏输入不留半成品。"""

import subprocess
import sys

import numpy as np
import paddle
import pytest
from PIL import Image
from tool_helpers import ROOT, assert_one_sentence, decode, run_tool, tiny_run, write_image

from paddle_gan.data.images import to_float, to_uint8
from paddle_gan.errors import UserError
from paddle_gan.evaluation.translation import Translator
from paddle_gan.evaluation.translation_files import Source, batches_of, with_alpha
from paddle_gan.run.build import Shapes
from paddle_gan.run.run import Run

RNG = np.random.default_rng(0)


@pytest.fixture
def translate(capsys, monkeypatch):
    return lambda *arguments: run_tool(
        capsys, monkeypatch, "translate", tiny_run("cyclegan"), *arguments
    )


@pytest.fixture(scope="module")
def loaded():
    run = Run(tiny_run("cyclegan"))
    return *run.load(), run.shapes()


def noise(height, width, channels=1):
    return RNG.integers(0, 256, (height, width, channels), dtype=np.uint8)


def names(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_the_command_line_translates_a_folder_with_chinese_names_and_sub_folders(tmp_path):
    write_image(tmp_path / "照片/甲.png", noise(33, 47))
    write_image(tmp_path / "照片/子目录/乙.jpg", noise(20, 20, 3))
    write_image(tmp_path / "照片/子目录/丙.bmp", noise(33, 47, 3))
    command = [sys.executable, str(ROOT / "tools/translate.py"), str(tiny_run("cyclegan"))]
    options = ["--input", "照片", "--out", "译文/一", "--direction", "y2x"]
    result = subprocess.run([*command, *options], capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "译好 3 张" in result.stdout
    out = tmp_path / "译文/一"
    assert names(out) == ["子目录/丙.png", "子目录/乙.png", "甲.png"]
    assert decode(out / "甲.png").shape == (33, 47)
    assert decode(out / "子目录/乙.png").shape == (20, 20)


@pytest.mark.parametrize("height, width", [(33, 47), (5, 5), (300, 200), (1, 1), (2, 90), (32, 32)])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_size_and_any_channels_keep_the_size(height, width, channels, tmp_path, translate):
    image = noise(height, width, channels)
    if channels == 4:
        image[0, 0, 3] = 128  # 随机的透明度可以恰好全不透明
    source = write_image(tmp_path / "in.png", image)
    result = translate("--input", source, "--out", tmp_path / "out")
    assert result.code == 0, result.err
    made = decode(tmp_path / "out/in.png")
    assert made.shape == ((height, width, 4) if channels == 4 else (height, width))


@pytest.mark.parametrize("direction", ["x2y", "y2x"])
def test_a_training_sized_image_is_exactly_what_the_network_gives(direction, loaded):
    config, method, shapes = loaded
    images = noise(32, 32)[None]
    translated = Translator(config, method, shapes, direction)(images)
    network = {"x2y": method.G, "y2x": method.F}[direction]
    network.eval()
    expected = network(paddle.to_tensor(to_float(images, (-1.0, 1.0)))).numpy()
    network.train()
    assert np.array_equal(translated, to_uint8(expected, (-1.0, 1.0)))


class Identity:
    """什么也不改的翻译，记下网络看到的形状。"""

    def __init__(self):
        self.seen = []

    def translate(self, images, direction):
        self.seen.append(tuple(images.shape))
        return images


@pytest.mark.parametrize(
    "size, seen",
    [
        ((33, 47), (36, 48)),
        ((32, 32), (32, 32)),
        ((9, 8), (12, 8)),
        ((5, 5), (8, 8)),
        ((1, 1), (8, 8)),
        ((600, 300), (100, 52)),
    ],
)
def test_an_identity_network_gives_the_image_back(size, seen, loaded):
    config, _, shapes = loaded
    identity = Identity()
    translator = Translator(config, identity, shapes, "x2y", max_side=100)
    images = np.full((2, *size, 1), 77, np.uint8) if min(size) < 8 else np.stack([noise(*size)] * 2)
    result = translator(images)
    assert identity.seen == [(2, 1, *seen)]
    assert result.shape == images.shape
    if max(size) <= 100:
        assert np.array_equal(result, images)


def test_the_factor_comes_from_the_generator_and_else_from_the_training_size(loaded):
    config, method, shapes = loaded
    generator = config.network["generator"]
    one = config.model_copy(update={"network": {"generator": generator | {"down": 1}}})
    other = config.model_copy(update={"network": {"generator": {"name": "mlp"}}})
    assert Translator(one, method, shapes, "x2y").multiples == (2, 2)
    identity = Identity()
    images = noise(33, 47)[None]
    assert np.array_equal(Translator(other, identity, shapes, "x2y")(images), images)
    assert identity.seen == [(1, 1, 64, 64)]


def test_channels_follow_the_direction(loaded):
    config, method, _ = loaded
    shapes = Shapes((3, 32, 32), (1, 32, 32), (-1.0, 1.0))
    assert Translator(config, method, shapes, "x2y").channels == 3
    assert Translator(config, method, shapes, "y2x").channels == 1


def test_paper_white_stays_white_through_the_value_range(loaded):
    config, _, shapes = loaded

    class Check(Identity):
        def translate(self, images, direction):
            assert images.min().item() == 1.0  # 白纸是 +1
            return -images

    white = np.full((1, 32, 32, 1), 255, np.uint8)
    assert (Translator(config, Check(), shapes, "x2y")(white) == 0).all()


def test_small_images_of_one_size_share_a_batch_and_large_ones_go_alone(tmp_path):
    sources = {}
    for i, (height, width) in enumerate([(8, 8), (8, 8), (9, 8), (600, 600), (600, 600)]):
        path = write_image(tmp_path / f"{i}.png", noise(height, width))
        sources[path] = Source((height, width), False, False)
    batches = list(batches_of(sources, 1))
    assert [len(files) for files, _ in batches] == [2, 1, 1, 1]
    assert all(len(seen) == len(files) for files, seen in batches)


def test_large_images_are_shrunk_for_the_network_and_the_user_is_told(tmp_path, translate):
    source = write_image(tmp_path / "大图.png", noise(90, 40))
    result = translate("--input", source, "--out", tmp_path / "out", "--max-side", 64)
    assert decode(tmp_path / "out/大图.png").shape == (90, 40)
    assert "1 张长边超过 64" in result.out and "--tile auto" in result.out


def test_large_images_are_translated_in_pieces_when_asked_and_keep_their_size(tmp_path, translate):
    write_image(tmp_path / "in/大图.png", noise(90, 200))
    write_image(tmp_path / "in/小图.png", noise(30, 40))
    arguments = ["--input", tmp_path / "in", "--out"]
    assert translate(*arguments, tmp_path / "整", "--max-side", 200).code == 0
    result = translate(*arguments, tmp_path / "块", "--tile", 66)
    assert result.code == 0 and "1 张是分块译的，每块 64×64，重叠 16" in result.out
    assert "缩小" not in result.out
    whole, pieces = (decode(tmp_path / name / "大图.png").astype(int) for name in ("整", "块"))
    assert pieces.shape == (90, 200) and np.abs(pieces - whole).mean() < 8
    small = [decode(tmp_path / name / "小图.png") for name in ("整", "块")]
    assert np.array_equal(*small)  # 放得下的不切
    both = translate(*arguments, tmp_path / "又", "--tile", "auto", "--max-side", 100)
    assert "1 张长边超过 100，是缩小后译的" in both.out and "分块" not in both.out
    assert_one_sentence(translate(*arguments, tmp_path / "错", "--tile", "大"), "--tile", "64")


def test_too_large_for_the_memory_is_said_before_anything_is_written(
    tmp_path, translate, monkeypatch
):
    monkeypatch.setattr("paddle_gan.run.memory.available", lambda: 10 * 2**20)
    write_image(tmp_path / "in/a.png", noise(20, 20))
    write_image(tmp_path / "in/大图.png", noise(400, 300))
    arguments = ["--input", tmp_path / "in", "--out", tmp_path / "out"]
    refused = translate(*arguments)
    assert_one_sentence(refused, "300×400", "0.0098 GB", "--max-side", "--tile auto")
    assert "batch_size" not in refused.err and not (tmp_path / "out").exists()
    assert translate(*arguments, "--tile", "64").code == 0
    assert decode(tmp_path / "out/大图.png").shape == (400, 300)


def test_transparency_is_kept_where_it_was_and_said_once(tmp_path, translate):
    clear = noise(20, 30, 4)
    clear[..., 3] = 255
    clear[:5, :10, 3] = 0
    clear[10:, 20:, 3] = 100
    for name in ("a.png", "b.png"):
        write_image(tmp_path / "in" / name, clear)
    write_image(tmp_path / "in/c.png", noise(20, 30, 3))
    result = translate("--input", tmp_path / "in", "--out", tmp_path / "out", "--max-side", 32)
    assert result.code == 0 and "；2 张的透明照原样留着" in result.out
    for name in ("a.png", "b.png"):
        assert np.array_equal(decode(tmp_path / "out" / name)[..., 3], clear[..., 3])
    assert decode(tmp_path / "out/c.png").shape == (20, 30)


def test_alpha_joins_the_colours_in_their_places():
    image = np.zeros((2, 3, 3), np.uint8)
    image[0, 2] = 10, 20, 30
    alpha = np.arange(6, dtype=np.uint8).reshape(2, 3)
    made = with_alpha(image, alpha)
    assert made.shape == (2, 3, 4) and made[0, 2].tolist() == [10, 20, 30, 2]
    assert with_alpha(image[..., :1] + 7, alpha)[1, 0].tolist() == [7, 7, 7, 3]
    assert with_alpha(image, None) is image


def test_one_file_may_go_to_one_file(tmp_path, translate):
    source = write_image(tmp_path / "照片.jpg", noise(20, 30, 3))
    result = translate("--input", source, "--out", tmp_path / "新/result.png")
    assert result.code == 0 and names(tmp_path / "新") == ["result.png"]
    assert decode(tmp_path / "新/result.png").shape == (20, 30)
    assert_one_sentence(
        translate("--input", source, "--out", tmp_path / "新/result.png"), "--force"
    )
    assert_one_sentence(translate("--input", source, "--out", tmp_path / "r.jpg"), "r.jpg", ".png")
    folder = translate("--input", tmp_path, "--out", tmp_path / "r.png")
    assert_one_sentence(folder, "r.png", "目录")
    (tmp_path / "目录.png").mkdir()
    assert translate("--input", source, "--out", tmp_path / "目录.png").code == 0
    assert names(tmp_path / "目录.png") == ["照片.png"]


def test_the_first_frame_of_an_animation_is_translated_and_said(tmp_path, translate):
    frames = [Image.fromarray(noise(20, 30)[..., 0]) for _ in range(3)]
    (tmp_path / "in").mkdir()
    frames[0].save(tmp_path / "in/动.gif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "in/静.png")
    result = translate("--input", tmp_path / "in", "--out", tmp_path / "out")
    assert result.code == 0 and "；1 张动图，译的是第一帧" in result.out
    assert np.array_equal(*(decode(tmp_path / "out" / name) for name in ("动.png", "静.png")))


def test_a_bad_file_is_named_and_nothing_is_written(tmp_path, translate):
    write_image(tmp_path / "in/a.png", noise(8, 8))
    (tmp_path / "in/坏.png").write_text("这不是图像", encoding="utf-8")
    result = translate("--input", tmp_path / "in", "--out", tmp_path / "out")
    assert_one_sentence(result, "坏.png")
    assert not (tmp_path / "out").exists()


def test_pictures_that_differ_only_in_extension_keep_it_in_their_output(tmp_path, translate):
    sizes = {"a.jpg": (8, 9), "a.png": (10, 11), "b.png": (12, 13), "子/a.png": (14, 15)}
    for name, size in sizes.items():
        write_image(tmp_path / "in" / name, noise(*size))
    result = translate("--input", tmp_path / "in", "--out", tmp_path / "out")
    assert result.code == 0
    assert "；2 张与别的只差扩展名，输出名里留着扩展名" in result.out
    made = {"a.jpg.png": (8, 9), "a.png.png": (10, 11), "b.png": (12, 13), "子/a.png": (14, 15)}
    assert {n: decode(tmp_path / "out" / n).shape for n in names(tmp_path / "out")} == made


def test_inputs_whose_outputs_differ_only_in_case_are_refused(tmp_path, translate):
    for name in ("a.png", "A.png"):
        write_image(tmp_path / "in" / name, noise(8, 8))
    result = translate("--input", tmp_path / "in", "--out", tmp_path / "out")
    assert_one_sentence(result, "a.png", "A.png", "改名")
    assert not (tmp_path / "out").exists()


def test_all_bad_files_are_named_at_once_and_nothing_is_written(tmp_path, translate):
    write_image(tmp_path / "in/好.png", noise(8, 8))
    for name in ("坏1.png", "坏2.png"):
        (tmp_path / "in" / name).touch()
    result = translate("--input", tmp_path / "in", "--out", tmp_path / "out")
    assert_one_sentence(result, "2 个文件读不成图像", "坏1.png", "坏2.png")
    assert "好" not in result.err and not (tmp_path / "out").exists()


def test_a_tilde_is_the_home_folder(tmp_path, translate, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write_image(tmp_path / "照片" / "a.png", noise(8, 9))
    assert translate("--input=~/照片", "--out=~/译文").code == 0
    assert decode(tmp_path / "译文/a.png").shape == (8, 9)


def test_existing_outputs_are_kept_unless_forced(tmp_path, translate):
    write_image(tmp_path / "in/a.png", noise(8, 8))
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.png").write_bytes(b"mine")
    arguments = ["--input", tmp_path / "in", "--out", tmp_path / "out"]
    assert_one_sentence(translate(*arguments), "a.png", "--force")
    assert (tmp_path / "out/a.png").read_bytes() == b"mine"
    assert translate(*arguments, "--force").code == 0
    assert decode(tmp_path / "out/a.png").shape == (8, 8)


def test_inputs_are_never_overwritten_even_when_forced(tmp_path, translate):
    source = write_image(tmp_path / "in/a.png", noise(8, 8))
    before = source.read_bytes()
    folder = ["--input", tmp_path / "in", "--out", tmp_path / "in", "--force"]
    assert_one_sentence(translate(*folder), "--out")
    single = ["--input", source, "--out", tmp_path / "in", "--force"]
    assert_one_sentence(translate(*single), "覆盖输入")
    assert source.read_bytes() == before


def test_an_output_folder_inside_the_input_is_not_translated_again(tmp_path, translate):
    write_image(tmp_path / "in/a.png", noise(8, 8))
    for _ in range(2):
        out = tmp_path / "in/out"
        assert translate("--input", tmp_path / "in", "--out", out, "--force").code == 0
    assert names(tmp_path / "in") == ["a.png", "out/a.png"]


def test_missing_or_blocked_paths_are_one_sentence(tmp_path, translate):
    assert_one_sentence(translate("--input", tmp_path / "无", "--out", tmp_path / "o"), "无")
    (tmp_path / "空").mkdir()
    assert_one_sentence(translate("--input", tmp_path / "空", "--out", tmp_path / "o"), "空")
    source = write_image(tmp_path / "a.png", noise(8, 8))
    assert_one_sentence(translate("--input", source, "--out", source), "a.png", "覆盖输入")
    (tmp_path / "已有").touch()
    assert_one_sentence(translate("--input", source, "--out", tmp_path / "已有"), "已有", "目录")
    result = translate("--input", source, "--out", tmp_path / "o", "--checkpoint", 9)
    assert_one_sentence(result, "step_0000009", "last", "step_0000003")
    result = translate("--input", source, "--out", tmp_path / "o", "--max-side", 0)
    assert_one_sentence(result, "--max-side")


def test_a_wrong_direction_is_a_usage_error(tmp_path, translate):
    result = translate("--input", tmp_path, "--out", tmp_path / "o", "--direction", "a2b")
    assert_one_sentence(result, "--direction", "x2y", "y2x")


def test_a_run_that_samples_from_noise_points_to_sample(tmp_path, capsys, monkeypatch):
    source = write_image(tmp_path / "a.png", noise(8, 8))
    arguments = [tiny_run("dcgan"), "--input", source, "--out", tmp_path / "o"]
    result = run_tool(capsys, monkeypatch, "translate", *arguments)
    assert_one_sentence(result, "dcgan", "tools/sample.py")


def test_a_diverged_network_is_reported(loaded):
    config, _, shapes = loaded

    class Broken(Identity):
        def translate(self, images, direction):
            return images * float("nan")

    with pytest.raises(UserError, match="NaN"):
        Translator(config, Broken(), shapes, "x2y")(noise(8, 8)[None])
