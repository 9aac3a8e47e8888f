"""translate.py 与还原：放大的大几倍；补透明的地方，没有透明的在正中挖一个，洞外一个像素也不改。"""

import functools
import json

import numpy as np
import paddle
import pytest
from tool_helpers import assert_one_sentence, decode, run_tool, write_image

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.evaluation.evaluate import evaluate_run
from paddle_gan.evaluation.translation import Translator
from paddle_gan.run.config import resolve
from paddle_gan.run.run import Run

RNG = np.random.default_rng(0)
DCGAN_D = {"name": "dcgan_discriminator", "width": 4, "depth": 2}
RAW = {
    "sr_gan": {
        "hparams": {"pretrain": 2},
        "network": {
            "generator": {"name": "sr_generator", "width": 4, "blocks": 1},
            "discriminator": DCGAN_D,
        },
        "data": {"name": "degraded", "size": 16, "factor": 4},
    },
    "inpainting": {
        "hparams": {"overlap": 1},
        "network": {
            "generator": {"name": "unet", "width": 4, "depth": 3},
            "discriminator": DCGAN_D,
        },
        "data": {"name": "masked", "size": 16, "hole": 4},
    },
}
each = pytest.mark.parametrize("name", RAW)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """trained(方法)：二十张彩色照片训练三步的目录。"""
    folder = tmp_path_factory.mktemp("own")
    for i in range(20):
        write_image(folder / f"photos/{i}.png", RNG.integers(0, 256, (20, 24, 3), np.uint8))

    @functools.cache
    def train(name):
        raw = RAW[name] | {"method": name, "batch_size": 4, "total_steps": 3, "visualdl": False}
        raw["data"] = raw["data"] | {"root": str(folder / "photos")}
        raw["metrics"] = {"names": ["restoration"], "every": 3, "samples": 10}
        Trainer(resolve(raw), "cpu").run(folder / name)
        return folder / name

    return train


def photo(height: int, width: int, channels: int = 3) -> np.ndarray:
    return RNG.integers(0, 256, (height, width, channels), np.uint8)


@pytest.fixture
def translate(trained, capsys, monkeypatch):
    return lambda name, *arguments: run_tool(
        capsys, monkeypatch, "translate", trained(name), *arguments
    )


@each
def test_ones_own_photos_train_and_are_scored_beside_the_untrained_answers(name, trained):
    found = evaluate_run(Run(trained(name)))
    first = {"sr_gan": "双三次放大", "inpainting": "填平均色"}[name]
    assert list(found["baselines"]) == [first, "照抄最像的训练图", "真值"]
    assert (
        0 < found["scores"]["restoration/psnr"] < found["baselines"][first]["restoration/psnr"] + 9
    )
    assert any("峰值信噪比" in line for line in found["report"])


@pytest.mark.parametrize("size", [(16, 16), (21, 30), (5, 40), (1, 1)])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_of_any_size_comes_back_four_times_as_large(size, channels, translate, tmp_path):
    image = photo(*size, channels)
    if channels == 4:
        image[..., 3] = 255
        image[0, 0, 3] = 0
    source = write_image(tmp_path / "a.png", image)
    result = translate("sr_gan", "--input", source, "--out", tmp_path / "b.png")
    assert result.code == 0 and "边长都是原来的 4 倍" in result.out
    made = decode(tmp_path / "b.png")
    assert made.shape == (4 * size[0], 4 * size[1], channels)
    if channels == 4:
        assert made[0, 0, 3] == 0 and made[-1, -1, 3] == (0 if size == (1, 1) else 255)


def test_with_no_test_pictures_the_copied_answer_is_the_truth_and_has_no_psnr(
    trained, tmp_path, capsys, monkeypatch
):
    write_image(tmp_path / "photos/a.png", photo(20, 24))
    config = Run(trained("sr_gan")).config()
    data = config.data | {"root": str(tmp_path / "photos")}
    raw = config.model_copy(update={"data": data}).model_dump(mode="json")
    Trainer(resolve(raw), "cpu").run(tmp_path / "one")
    result = run_tool(capsys, monkeypatch, "evaluate", tmp_path / "one")
    assert result.code == 0, result.err
    found = json.loads((tmp_path / "one/eval.json").read_text(encoding="utf-8"))["baselines"]
    assert found["照抄最像的训练图"] == {"restoration/edges": pytest.approx(1.0)}
    assert "restoration/psnr" in found["双三次放大"]


def test_a_picture_as_large_as_in_training_is_exactly_what_the_network_gives(trained):
    run = Run(trained("sr_gan"))
    config, method = run.load()
    image = photo(4, 4)
    made = Translator(config, method, run.shapes(), "x2y")(image[None])[0]
    x = paddle.to_tensor((image.transpose(2, 0, 1)[None] / 127.5 - 1).astype(np.float32))
    y = method.translate(x, "x2y").numpy()[0].transpose(1, 2, 0)
    assert np.abs(made - (y + 1) * 127.5).max() <= 0.51


def test_in_tiles_the_joined_picture_is_the_whole_one(trained):
    run = Run(trained("sr_gan"))
    config, method = run.load()
    image = photo(100, 150)[None]
    whole, tiled = (
        Translator(config, method, run.shapes(), "x2y", None, tile)(image)[0].astype(int)
        for tile in (None, 96)
    )
    # 网络只看近处，块边上不要的那一段比它看的远
    assert whole.shape == tiled.shape == (400, 600, 3) and np.abs(whole - tiled).max() <= 1


def test_a_large_picture_is_refused_when_the_memory_does_not_suffice(trained, monkeypatch):
    run = Run(trained("sr_gan"))
    translator = Translator(*run.load(), run.shapes(), "x2y")
    # 放大 4 倍，width 4：每个输入像素 16 个输出像素，各 4·4 + 16 个 float32
    assert translator.bytes_for(100, 50) == 100 * 50 * 4 * 16 * 32
    monkeypatch.setattr("paddle_gan.run.memory.available", lambda: 2**20)
    with pytest.raises(UserError, match="--tile auto"):
        translator.require_memory([(100, 50)])


def filled(before: np.ndarray, after: np.ndarray, hole: np.ndarray) -> None:
    """洞外一个像素也不改，洞里全都改了。"""
    assert np.array_equal(after[~hole], before[~hole])
    assert (after[hole] != before[hole]).mean() > 0.9


def test_without_transparency_a_hole_is_cut_in_the_middle_as_in_training(translate, tmp_path):
    image = photo(33, 50)
    source = write_image(tmp_path / "a.png", image)
    result = translate("inpainting", "--input", source, "--out", tmp_path / "b.png")
    assert result.code == 0 and "1 张没有透明的地方，照训练时那样在正中挖了洞" in result.out
    hole = np.zeros((33, 50), bool)
    hole[12:20, 19:31] = True  # 各边的四分之一
    filled(image, decode(tmp_path / "b.png"), hole)


def test_what_is_under_the_hole_changes_nothing(translate, tmp_path):
    image = photo(16, 16)
    other = image.copy()
    other[6:10, 6:10] = 0
    made = []
    for i, picture in enumerate((image, other)):
        source = write_image(tmp_path / f"{i}.png", picture)
        assert translate("inpainting", "--input", source, "--out", tmp_path / f"o{i}.png").code == 0
        made.append(decode(tmp_path / f"o{i}.png"))
    assert np.array_equal(*made)


def test_the_transparent_part_is_the_hole_whatever_its_shape(translate, tmp_path):
    image = photo(40, 31, 4)
    image[..., 3] = 255
    hole = np.hypot(*(np.indices((40, 31)) - np.array([12, 20])[:, None, None])) < 6
    image[hole, 3] = 0
    image[20:22, 3:5, 3] = 100  # 半透明的也算
    hole[20:22, 3:5] = True
    source = write_image(tmp_path / "a.png", image)
    result = translate("inpainting", "--input", source, "--out", tmp_path / "b.png")
    assert result.code == 0 and "1 张补的是透明的地方" in result.out
    made = decode(tmp_path / "b.png")
    assert made.shape == (40, 31, 3)
    assert np.array_equal(made[~hole], image[~hole, :3])
    over_white = 255 - (255 - image[20:22, 3:5, :3].astype(float)) * 100 / 255
    assert np.abs(made[20:22, 3:5] - over_white).max() > 20  # 补上了，不是叠在白底上的


def test_a_picture_that_is_shrunk_keeps_every_pixel_outside_the_hole(translate, tmp_path):
    image = photo(64, 80)
    source = write_image(tmp_path / "a.png", image)
    arguments = ["--input", source, "--out", tmp_path / "b.png", "--max-side", "32"]
    assert translate("inpainting", *arguments).code == 0
    hole = np.zeros((64, 80), bool)
    hole[24:40, 30:50] = True
    filled(image, decode(tmp_path / "b.png"), hole)


def test_nothing_to_see_and_tiles_are_refused_with_what_to_do(translate, tmp_path):
    empty = write_image(tmp_path / "a.png", np.zeros((16, 16, 4), np.uint8))
    result = translate("inpainting", "--input", empty, "--out", tmp_path / "b.png")
    assert_one_sentence(result, "整张都是洞")
    whole = write_image(tmp_path / "c.png", photo(16, 16))
    arguments = ["--input", whole, "--out", tmp_path / "b.png", "--tile", "auto"]
    assert_one_sentence(translate("inpainting", *arguments), "不能切成块", "--max-side")
    assert not (tmp_path / "b.png").exists()


@pytest.mark.slow
@each
def test_the_exported_network_restores_as_the_method_does(
    name, trained, tmp_path, capsys, monkeypatch
):
    folder = tmp_path / "exported"
    result = run_tool(capsys, monkeypatch, "export", trained(name), "--out", folder)
    assert result.code == 0, result.err
    said = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    _, method = Run(trained(name)).load()
    channels = {"sr_gan": 3, "inpainting": 4}[name]
    x = paddle.to_tensor(RNG.uniform(-1, 1, (2, channels, 8, 16)).astype(np.float32))
    network = paddle.jit.load(str(folder / "model"))
    network.eval()
    expected = method.translate(x, "x2y").numpy()
    assert network(x).numpy() == pytest.approx(expected, abs=1e-5)
    words = {"sr_gan": "4 倍", "inpainting": "最后一个通道在洞里是 1"}[name]
    assert words in said["input"]["meaning"] + said["output"]["meaning"]
