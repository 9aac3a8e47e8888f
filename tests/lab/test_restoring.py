"""A14、A15：设定就是随包的配置；旁边的几行是不用训练的还原；图里每行是那一组的图与它居中的数。"""

import numpy as np
import pytest
from tool_helpers import ROOT

from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, restoring
from paddle_gan.lab.cycle_parts import packed, unpacked
from paddle_gan.run.config import load_config, resolve

TASKS = {"super_resolution": "degraded", "fill_hole": "masked"}
each = pytest.mark.parametrize("name", TASKS)


@pytest.mark.parametrize("arm, shipped", [("gan", "sr_gan_digits"), ("joint", "inpainting_digits")])
def test_the_groups_are_the_shipped_configs_at_the_steps_of_the_config(arm, shipped):
    config = load_config(ROOT / "configs" / f"{shipped}.yml")
    mine = resolve(restoring.configured(arm, config.total_steps))
    setting = {"method", "hparams", "network", "data", "batch_size"}
    assert mine.model_dump(include=setting) == config.model_dump(include=setting)


@each
def test_the_rows_beside_need_no_training_and_their_numbers_are_the_bounds_of_the_rules(name):
    rows, rules = EXPERIMENTS[name].references(), EXPERIMENTS[name].rules
    first, copied, truth = rows.values()
    assert truth["gap"] == 0 and truth["accuracy"] > 0.98
    assert copied["fd"] < 1 and copied["gap"] < 0.03  # 真图，可是不是这一张
    assert name == "fill_hole" or (
        f"双三次放大的 PSNR 是 {first['psnr']:.1f} 分贝" in EXPERIMENTS[name].sentence
    )
    for rule in rules:
        if "双三次放大" in rule.remark:
            more = 1.0 if rule.statistic == "psnr" else 0.0
            assert rule.bound == pytest.approx(first[rule.statistic] + more, abs=0.005)
        if "照抄最像的训练图" in rule.remark:
            assert rule.bound == pytest.approx(copied[rule.statistic], abs=0.005)


@each
def test_the_truth_and_a_blurred_truth_get_the_numbers_they_should(name):
    y = restoring.scorers(TASKS[name])[0].y
    found = restoring.scores(TASKS[name], 0.5 * y)
    assert found["edges"] == pytest.approx(0.5, rel=1e-4) and found["gap"] == pytest.approx(0.5)
    assert set(found) == set(EXPERIMENTS[name].statistics)


@each
def test_every_group_stands_in_its_own_row_with_its_own_numbers(name):
    experiment = EXPERIMENTS[name]
    scorer = restoring.scorers(TASKS[name])[0]
    picked = restoring.shown(scorer.y)
    assert len(picked) == restoring.COLUMNS
    rng, records = np.random.default_rng(0), {}
    for number, arm in enumerate(experiment.arms, 1):
        images = packed(rng.uniform(-1, 1, scorer.y[picked].shape))
        rows = [
            {"statistics": dict.fromkeys(experiment.statistics, number + shift / 10), "seed": shift}
            for shift in (0, 1, 4)
        ]
        rows[0]["curves"] = {"images": images}
        records[arm] = rows
    with style():
        figure = experiment.draw(records)
        assert missing_glyphs(figure) == set()
    lines = np.reshape(figure.axes, (-1, restoring.COLUMNS))
    labels = [line[0].get_ylabel() for line in lines]
    untrained = list(restoring.untrained(TASKS[name]))
    assert labels == [*untrained, *experiment.arms.values(), "真值"]
    for number, (line, runs) in enumerate(zip(lines[2:], records.values()), 1):
        kept = [unpacked(text) for text in runs[0]["curves"]["images"]]
        assert np.array_equal([axis.get_images()[0].get_array() for axis in line], kept)
        assert f"PSNR {number + 0.1:.2f}，边缘 {number + 0.1:.2f}" in line[-1].texts[0].get_text()
    shown = [axis.get_images()[0].get_array() for axis in lines[-1]]
    assert np.array_equal(shown, scorer.y[picked, 0])
