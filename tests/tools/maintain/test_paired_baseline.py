"""tools/maintain/paired_baseline.py：成对训练的两个损失与手算相同，结果按种子追加到 JSON。"""

import functools
import json

import numpy as np
import paddle
import pytest
from tool_helpers import RAW, ROOT, assert_one_sentence, load_tool, run_tool

from paddle_gan.data import Glyphs
from paddle_gan.evaluation import scorers_translation
from paddle_gan.metrics.style_judge import StyleJudge
from paddle_gan.run.config import resolve


@pytest.fixture
def tool():
    return load_tool("paired_baseline")


def test_both_losses_match_numpy(tool):
    config = resolve(RAW["cyclegan"] | {"batch_size": 2, "total_steps": 1})
    method = tool.build(config, Glyphs(), seed=0)
    rng = np.random.default_rng(0)
    x, y, fake = (rng.uniform(-1, 1, (2, 1, 32, 32)).astype(np.float32) for _ in range(3))
    real_score = method.D(paddle.to_tensor(np.concatenate([x, y], axis=1))).numpy()
    fake_score = method.D(paddle.to_tensor(np.concatenate([x, fake], axis=1))).numpy()
    tensors = [paddle.to_tensor(array) for array in (x, y, fake)]

    loss_D, _ = method.discriminator_loss(*tensors)
    loss_G, _ = method.generator_loss(*tensors)
    assert loss_D.item() == pytest.approx(
        0.5 * np.mean((real_score - 1) ** 2) + 0.5 * np.mean(fake_score**2), rel=1e-4
    )
    assert loss_G.item() == pytest.approx(
        np.mean((fake_score - 1) ** 2) + 100 * np.mean(np.abs(y - fake)), rel=1e-4
    )


def test_every_run_appends_one_entry_with_its_seeds_and_mean(tool, tmp_path, capsys, monkeypatch):
    quick = functools.partial(StyleJudge, steps=5)
    monkeypatch.setattr(scorers_translation, "StyleJudge", quick)
    config = tmp_path / "c.yml"
    raw = RAW["cyclegan"] | {"batch_size": 2, "total_steps": 9, "seed": 4}
    config.write_text(json.dumps(raw | {"metrics": {"samples": 20}}), encoding="utf-8")
    out = tmp_path / "paired.json"
    for steps in (1, 2):
        options = ["-c", config, "--steps", steps, "--seeds", 2, "--out", out]
        result = run_tool(capsys, monkeypatch, "paired_baseline", *options)
        assert result.code == 0, result.err
    entries = json.loads(out.read_text(encoding="utf-8"))
    assert [entry["steps"] for entry in entries] == [1, 2]
    first = entries[0]
    assert (first["x_font"], first["y_font"], first["size"]) == ("hei", "wenkai", 32)
    assert first["samples"] == 20 and "--seeds 2" in first["command"]
    assert [score["seed"] for score in first["scores"]] == [4, 5]
    for key, mean in first["mean"].items():
        assert mean == pytest.approx(np.mean([score[key] for score in first["scores"]]))


def test_other_configs_are_refused(capsys, monkeypatch, tmp_path):
    options = ["-c", ROOT / "configs/gan_ring.yml", "--out", tmp_path / "a.json"]
    result = run_tool(capsys, monkeypatch, "paired_baseline", *options)
    assert_one_sentence(result, "cyclegan", "glyphs")
    assert not (tmp_path / "a.json").exists()
