"""第 14 章图少、标签少、找异常的三个实验：各组只差它的名字说的；图上的数是自己那一组的。"""

import numpy as np
import pytest
from lab_groups import built
from tool_helpers import ROOT

from paddle_gan.figures import BLUE, missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, few_labels, few_pictures, outliers
from paddle_gan.run.config import load_config, resolve

MODULES = {"few_pictures": few_pictures, "few_labels": few_labels, "anomaly": outliers}
SETTING = {"method", "hparams", "network", "data", "batch_size", "few", "labels", "diff_augment"}


def resolved(raw: dict) -> dict:
    return resolve(raw).model_dump(include=SETTING)


def differences(module, arm: str, other: str) -> set[str]:
    one, two = (resolved(module.configured(a, 8)) for a in (arm, other))
    return {key for key in one if one[key] != two[key]}


def test_the_groups_of_few_pictures_differ_in_the_pictures_and_the_transform_only():
    assert differences(few_pictures, "plain", "augmented") == {"diff_augment"}
    assert differences(few_pictures, "plain", "whole") == {"few"}
    found = resolve(few_pictures.configured("augmented", 8))
    assert found.few == 100 and found.diff_augment == ["color", "translation", "cutout"]


def test_the_groups_of_few_labels_are_the_shipped_network_with_one_change_each():
    shipped = load_config(ROOT / "configs/ss_gan_digits.yml").model_dump(include=SETTING)
    assert resolved(few_labels.configured("semi", 8)) == shipped
    hparams = {arm: resolve(few_labels.configured(arm, 8)).hparams for arm in few_labels.CASES}
    assert [hparams[arm]["unlabelled"] for arm in hparams] == [1, 0, 0, 1]
    assert differences(few_labels, "semi", "supervised") == {"hparams"}
    assert differences(few_labels, "supervised", "more") == {"labels"}
    assert hparams["fooling"]["generator_loss"] == "non_saturating"


def test_the_groups_of_outliers_are_the_shipped_networks_on_other_normal_digits():
    shipped = load_config(ROOT / "configs/anomaly_digits.yml").model_dump(include=SETTING)
    mine = resolved(outliers.configured("eight", 8))
    for setting in (mine, shipped):
        setting["hparams"].pop("generator_steps")
    assert mine == shipped
    normal = [resolve(outliers.configured(arm, 8)).data["normal"] for arm in outliers.NORMAL]
    assert normal == [3, 5, 8]


@pytest.mark.parametrize("name", MODULES)
def test_the_groups_are_trained_as_long_as_the_settings_say(name, monkeypatch):
    steps = EXPERIMENTS[name].settings["full"]["steps"]
    for arm in EXPERIMENTS[name].arms:
        setup, facts = built(name, arm, monkeypatch)
        assert facts["steps"] == steps == setup.config.total_steps
    if name == "anomaly":
        assert setup.config.hparams["generator_steps"] == steps // 2


def made_up(name: str) -> dict[str, list[dict]]:
    """每组两个种子的假记录，数都不同。"""
    experiment, number = EXPERIMENTS[name], 1.0
    records: dict[str, list[dict]] = {arm: [] for arm in experiment.arms}
    for rows in records.values():
        for seed in (0, 1):
            number += 1
            statistics = {key: number + k / 10 for k, key in enumerate(experiment.statistics)}
            curves = {"steps": [1, 2], "fd": [number, number + 1], "gap": [number, number + 2]}
            rows.append({"seed": seed, "statistics": statistics, "curves": curves})
    return records


def legend_of(axis) -> list[tuple]:
    """图例的每一条：字与它旁边的记号。"""
    legend = axis.get_legend()
    return list(zip(legend.get_texts(), legend.legend_handles))


@pytest.mark.parametrize("name", MODULES)
def test_every_group_is_in_its_figure_with_its_own_numbers(name):
    records = made_up(name)
    with style():
        figure = EXPERIMENTS[name].draw(records)
        assert missing_glyphs(figure) == set()
    axis, arms = figure.axes[0], EXPERIMENTS[name].arms
    if name == "few_pictures":
        middles = [line for line in axis.get_lines() if line.get_label() in arms.values()]
        assert [line.get_label() for line in middles] == list(arms.values())
        for line, rows in zip(middles, records.values(), strict=True):
            expected = np.median([row["curves"]["fd"] for row in rows], axis=0)
            assert list(line.get_ydata()) == list(expected)
        return
    assert [text.get_text() for text in axis.get_yticklabels()] == list(arms.values())[::-1]
    dots = [line.get_xdata() for line in axis.get_lines() if line.get_marker() == "o"]
    key = "accuracy" if name == "few_labels" else "auc"
    if name == "anomaly":  # 图例里三样都有，各是自己的颜色
        shown = {text.get_text(): handle for text, handle in legend_of(axis)}
        assert list(shown) == ["f-AnoGAN（一点一个种子）", *outliers.BESIDE.values()]
        assert shown["f-AnoGAN（一点一个种子）"].get_color() == BLUE
    wanted = [[row["statistics"][key] for row in rows] for rows in records.values()][::-1]
    assert [list(x) for x in dots] == wanted
