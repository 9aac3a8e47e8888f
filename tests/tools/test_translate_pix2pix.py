"""pix2pix 与命令：自己的成对图像训练得了、译得了、打得了分；只会一个方向；导出的也一样。"""

import numpy as np
import pytest
from tool_helpers import assert_one_sentence, decode, run_tool, write_image

from paddle_gan.data import DATASETS, Pair
from paddle_gan.engine.train import Trainer
from paddle_gan.evaluation.evaluate import evaluate_run
from paddle_gan.evaluation.scorers import SCORERS
from paddle_gan.evaluation.translation import size_rule
from paddle_gan.methods import METHODS
from paddle_gan.run.config import resolve
from paddle_gan.run.run import Run


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """三十对左右拼着的图训练三步。"""
    folder, rng = tmp_path_factory.mktemp("own"), np.random.default_rng(0)
    for i in range(40):
        image = rng.integers(0, 256, (16, 32, 3), np.uint8)
        write_image(folder / ("pairs/train" if i < 30 else "pairs/test") / f"{i}.png", image)
    raw = {
        "method": "pix2pix",
        "network": {
            "generator": {"name": "unet", "width": 4, "depth": 3},
            "discriminator": {"name": "patchgan", "width": 4, "layers": 1},
        },
        "data": {"name": "paired_folders", "root": str(folder / "pairs"), "size": 16},
        "batch_size": 4,
        "total_steps": 3,
        "visualdl": False,
        "metrics": {"names": ["translation"], "every": 3, "samples": 10},
    }
    Trainer(resolve(raw), "cpu").run(folder / "run")
    return folder


def test_ones_own_pairs_train_and_are_scored_beside_the_trivial_answers(own):
    found = evaluate_run(Run(own / "run"))
    assert set(found["baselines"]) == {"不翻译", "平均图", "真值"}
    assert found["baselines"]["真值"]["translation/l1"] == 0
    assert 0 < found["scores"]["translation/l1"] < 1


def test_a_picture_of_any_size_is_translated_to_the_same_size(own, tmp_path, capsys, monkeypatch):
    source = write_image(tmp_path / "照片.png", np.full((21, 30, 3), 90, np.uint8))
    outputs = [tmp_path / f"{i}.png" for i in range(2)]
    for out in outputs:
        arguments = ["--input", source, "--out", out]
        assert run_tool(capsys, monkeypatch, "translate", own / "run", *arguments).code == 0
    assert decode(outputs[0]).shape == (21, 30, 3)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()  # 推理时没有 dropout


def test_the_other_direction_and_sampling_are_refused_with_what_to_do(
    own, tmp_path, capsys, monkeypatch
):
    source = write_image(tmp_path / "a.png", np.full((16, 16, 3), 90, np.uint8))
    arguments = ["--input", source, "--out", tmp_path / "b.png", "--direction", "y2x"]
    result = run_tool(capsys, monkeypatch, "translate", own / "run", *arguments)
    assert_one_sentence(result, "pix2pix 不会译 y2x", "x2y")
    result = run_tool(capsys, monkeypatch, "sample", own / "run", "--out", tmp_path / "c.png")
    assert_one_sentence(result, "tools/translate.py")


def test_a_unet_takes_multiples_of_its_downsampling(own):
    config, _ = Run(own / "run").load()
    assert size_rule(config, (16, 16)) == ((8, 8), 8)


def test_only_a_method_with_both_directions_is_scored_by_cycles():
    glyphs = DATASETS["glyphs"](split="test")
    assert not SCORERS["translation_unpaired"].fits(METHODS["pix2pix"], glyphs, glyphs)
    assert SCORERS["translation_unpaired"].fits(METHODS["cyclegan"], glyphs, glyphs)
    assert SCORERS["translation"].fits(METHODS["pix2pix"], glyphs, glyphs)


def test_data_that_comes_only_in_pairs_has_a_judge_of_style_too():
    data = [DATASETS["edge_digits"](split=split) for split in ("train", "test")]
    rows = SCORERS["translation"](*data, samples=100, seed=0).baselines()
    assert data[0].batch_types[-1] is Pair
    assert rows["真值"]["translation/style"] > 0.95 > 0.05 > rows["不翻译"]["translation/style"]
    assert rows["真值"]["translation/correlation"] == pytest.approx(1)
