"""第 05 章的三个实验：各组照它的名字、照随包的配置，步数照同样的秒数，图上的数是自己那一组的。"""

import re

import numpy as np
import pytest
from lab_groups import built
from tool_helpers import ROOT

from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, autoencoders, balance, hierarchy
from paddle_gan.run.config import load_config, resolve

SETTING = {"hparams", "network", "data", "batch_size"}
TEXT = "0f" * 392  # 一张存成文字的图


def resolved(raw: dict) -> dict:
    return resolve(raw).model_dump(include=SETTING)


def shipped(name: str) -> dict:
    return load_config(ROOT / "configs" / f"{name}.yml").model_dump(include=SETTING)


def test_the_convolutional_began_is_the_shipped_one_and_the_naive_one_has_the_paper_s_balance():
    assert resolved(balance.configured("conv", 9)) == shipped("began_digits")
    naive, mlp, conv = (resolved(balance.configured(arm, 9)) for arm in balance.CASES)
    assert naive["network"] == mlp["network"] and mlp["hparams"] == conv["hparams"]
    assert {section["name"] for section in naive["network"].values()} == {"mlp"}
    h = naive["hparams"]
    assert (h["gamma"], h["lambda_k"], h["lr_D"], h["lr_G"]) == (0.5, 1e-3, 2e-4, 2e-4)
    h = conv["hparams"]
    assert (h["gamma"], h["lambda_k"], h["lr_D"], h["lr_G"]) == (0.7, 1e-2, 5e-4, 5e-4)


def test_counting_the_steps_is_perfect_when_the_samples_only_get_better():
    assert balance.steps_left([9.0, 5.0, 3.0, 1.0]) == 1
    assert balance.steps_left([1.0, 2.0, 3.0]) == -1


def test_every_group_of_autoencoders_has_the_same_generator_and_its_own_method():
    found = {arm: resolve(autoencoders.configured(arm, 9)) for arm in autoencoders.CASES}
    methods = {"ae": "ae", "vae": "vae", "vae_gan": "vae_gan", "gan": "dcgan"}
    assert {arm: config.method for arm, config in found.items()} == methods
    for arm, config in found.items():
        plain = arm in ("ae", "vae")
        made = dict(config.network["decoder" if plain else "generator"])
        assert made.pop("output", "tanh") == ("linear" if plain else "tanh"), arm
        assert (made["name"], made["width"], made["depth"]) == ("dcgan_generator", 16, 2)
        assert config.hparams["z_dim"] == 32 and config.batch_size == 64
    assert resolved(autoencoders.configured("vae_gan", 9)) == shipped("vae_gan_digits")
    assert found["gan"].hparams["lr_G"] == found["vae_gan"].hparams["lr_G"]


def test_edges_of_a_mean_are_weak_and_those_of_noise_are_strong():
    rows = autoencoders.rows_beside()
    real, noisy, mean = rows.values()
    assert real["edges"] == pytest.approx(1, abs=0.05) and real["covered_1pct"] == 10
    assert mean["edges"] < 0.5 < 1.3 < noisy["edges"] and mean["fd"] > 100 > noisy["fd"]


def test_all_hierarchies_are_given_the_same_seconds():
    for arm, seconds in hierarchy.SECONDS.items():
        assert hierarchy.STEPS[arm] * seconds == pytest.approx(hierarchy.TOTAL, rel=0.01)
    *stages, last = hierarchy.PROGAN_SECONDS
    part = hierarchy.PART
    assert hierarchy.STEPS["progan"] == 6 * part
    assert part * (sum(stages) + 2 * last) == pytest.approx(hierarchy.TOTAL, rel=0.01)


def test_the_hierarchies_are_the_shipped_ones_and_only_growing_sets_two_of_them_apart():
    for arm, name in {"lapgan": "lapgan_digits", "progan": "progan_digits"}.items():
        mine, theirs = resolved(hierarchy.configured(arm, 450)), shipped(name)
        for key in ("stable", "fade"):
            mine["hparams"].pop(key, None), theirs["hparams"].pop(key, None)
        assert mine == theirs
    grown, flat = (resolve(hierarchy.configured(arm, 450)) for arm in ("progan", "flat"))
    assert grown.hparams["grow"] and not flat.hparams["grow"]
    assert grown.hparams | {"grow": False} == flat.hparams
    assert (grown.method, grown.network, grown.batch_size) == ("progan", flat.network, 32)
    assert grown.hparams["stable"] == grown.hparams["fade"] == 75


@pytest.mark.parametrize("name", ["began_balance", "autoencoders", "hierarchy"])
def test_the_groups_are_trained_as_configured_and_as_long_as_the_settings_say(name, monkeypatch):
    module = {"began_balance": balance, "autoencoders": autoencoders, "hierarchy": hierarchy}[name]
    steps = EXPERIMENTS[name].settings["full"]["steps"]
    for arm in EXPERIMENTS[name].arms:
        wanted = steps[arm] if name == "hierarchy" else steps
        setup, facts = built(name, arm, monkeypatch)
        assert facts["steps"] == wanted
        assert setup.config.network == resolve(module.configured(arm, wanted)).network


def made_up(name: str) -> dict[str, list[dict]]:
    """每组两个种子的假记录，数都不同。"""
    experiment, records, number = EXPERIMENTS[name], {}, 1.0
    for arm in experiment.arms:
        records[arm] = []
        for seed in (0, 1):
            number += 1
            statistics = {key: number + k / 10 for k, key in enumerate(experiment.statistics)}
            curves = {key: [number, number + 1, number + 2] for key in ("M", "fd", "spread")}
            curves["images"] = [TEXT] * 8
            row = {"seed": seed, "statistics": statistics, "curves": curves, "seconds": 1.0}
            records[arm].append(row)
    return records


@pytest.mark.parametrize("name", ["began_balance", "autoencoders", "hierarchy"])
def test_every_group_is_in_its_figure_with_its_own_numbers(name):
    records = made_up(name)
    with style():
        figure = EXPERIMENTS[name].draw(records)
        assert missing_glyphs(figure) == set()
    axes, arms = figure.axes, EXPERIMENTS[name].arms
    if name == "began_balance":
        titles = [axis.get_title() for axis in axes[: len(arms)]]
        for title, (arm, rows) in zip(titles, records.items(), strict=True):
            middles = [
                np.median([r["statistics"][k] for r in rows]) for k in ("rho", "counted", "spread")
            ]
            assert title.startswith(EXPERIMENTS[name].label(arm))
            assert [float(n) for n in re.findall(r"\d+\.\d\d", title.split("\n", 1)[1])] == middles
        below = axes[2 * len(arms) :]
        [top] = {axis.get_ylim()[1] for axis in below}  # 各列同一个范围，点都在里面
        assert top > max(max(line.get_ydata()) for axis in below for line in axis.get_lines())
        return
    labelled = [axis for axis in axes if axis.get_ylabel() in arms.values()]
    named = [axis.get_ylabel() for axis in labelled]
    assert named == list(arms.values())
    if name == "hierarchy":  # 右边的点与左边的行对齐，也写着名字
        ticks = axes[-1].get_yticklabels()[::-1]
        for axis, tick in zip(labelled, ticks, strict=True):
            assert tick.get_text() == axis.get_ylabel()
            at = axes[-1].transData.transform((0, tick.get_position()[1]))[1]
            low, high = axis.get_window_extent().intervaly
            assert low < at < high
    dots = [line.get_xdata() for line in axes[-1].get_lines() if line.get_marker() == "o"]
    key = "edges" if name == "autoencoders" else "fd"
    wanted = [[row["statistics"][key] for row in rows] for rows in records.values()]
    assert [list(x) for x in dots] == (wanted if name == "autoencoders" else wanted[::-1])
