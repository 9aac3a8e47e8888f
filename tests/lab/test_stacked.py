"""M13：各组只差写明的那一处，CPU 时间一样多；打分的每一个量对得上；图上的数是自己那一组的。"""

import numpy as np
import pytest
from lab_groups import built

from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, stacked
from paddle_gan.lab.dcgan_parts import as_text
from paddle_gan.lab.rule import PREMISE

M13 = EXPERIMENTS["stacked_digits"]
CHANGED = {
    "pac_2": {"method": "pac_gan", "hparams.packing": 2},
    "r3gan": {"method": "relativistic", "hparams.form": "pair", "hparams.gamma_r1": 0.1}
    | {"hparams.gamma_r2": 0.1, "hparams.beta1": 0.0, "network.discriminator.norm": "none"},
}


def test_a_group_differs_from_dcgan_by_its_own_change_and_by_its_steps(monkeypatch):
    _, dcgan = built("stacked_digits", "dcgan", monkeypatch)
    assert dcgan["data.name"] == "stacked_digits" and dcgan["hparams.beta1"] == 0.5
    assert dcgan["hparams.noise"] == "uniform" and dcgan["hparams.z_dim"] == 100
    assert dcgan["data.size"] == 16 and dcgan["lr_schedule"] == "linear"
    for arm, changed in CHANGED.items():
        setup, found = built("stacked_digits", arm, monkeypatch)
        differ = {k for k in dcgan.keys() & found.keys() if dcgan[k] != found[k]}
        assert differ == changed.keys() & dcgan.keys() | {"steps"}
        assert {key: found[key] for key in changed} == changed
        assert found["steps"] == stacked.STEPS[arm]


def test_all_groups_are_given_the_same_seconds():
    assert stacked.SECONDS.keys() == stacked.STEPS.keys() == M13.arms.keys()
    for arm, seconds in stacked.SECONDS.items():
        assert stacked.STEPS[arm] * seconds == pytest.approx(stacked.TOTAL, rel=0.01)


def test_a_group_is_trained_as_long_as_it_says_and_scored_on_what_it_draws(monkeypatch):
    trained, images = [], np.full((40, 3, 16, 16), -1.0, np.float32)
    monkeypatch.setattr(stacked, "train", lambda setup, steps: trained.append(steps))
    monkeypatch.setattr(stacked, "samples_of", lambda setup, count: images[:count])
    settings = {"steps": dict.fromkeys(M13.arms, 7), "scored": 40}
    found = stacked.measure("pac_2", 0, settings)
    assert trained == [7] and found.statistics.keys() == M13.statistics.keys()
    # 四十张全黑的图：一种三位数
    assert found.statistics["covered"] == 1
    assert found.statistics["reverse_kl"] == pytest.approx(np.log(1000))
    assert found.statistics["fd_lenet"] > 100
    assert found.curves["images"] == ["0" * 3 * 256] * stacked.SHOWN
    assert stacked.measure("pac_2", 1, settings).curves == {}


def test_the_rows_beside_are_the_best_there_is_and_three_tricks():
    rows = M13.references()
    real, ten, blend, noise = (
        rows[name] for name in (stacked.SAME_COUNT, stacked.TEN, stacked.BLEND, "均匀噪声")
    )
    floor = rows[stacked.FLOOR]["reverse_kl"]
    assert floor == pytest.approx(999 / 51_200)
    assert real["covered"] == ten["covered"] == 1000 and noise["covered"] == 1
    for row in (real, ten):  # 方差也由公式：2·999 / (2n)²
        assert row["reverse_kl"] == pytest.approx(floor, abs=4 * np.sqrt(2 * 999) / 51_200)
    # 认不出的笔画也归到九百多种去，反向 KL 看得出
    assert blend["covered"] > 900 and 0.5 < blend["reverse_kl"] < 1.5
    assert blend["fd_lenet"] == pytest.approx(stacked.MUSH, abs=0.05)
    assert real["fd_lenet"] < 1 < ten["fd_lenet"] < stacked.MUSH < 100 < noise["fd_lenet"]
    assert f"只有一张图 {ten['fd_lenet']:.1f}" in M13.sentence
    assert f"平均 {blend['fd_lenet']:.1f}" in M13.sentence
    assert f"抽样本身就有 {floor:.4f}" in M13.sentence


def test_nothing_is_claimed_unless_every_group_drew_digits():
    premises = {(rule.arm, rule.statistic): rule for rule in M13.rules if rule.role == PREMISE}
    sick = premises.pop(("dcgan", "covered"))
    assert sick.meets(900) and not sick.meets(901)
    assert premises.keys() == {(arm, "fd_lenet") for arm in M13.arms}
    for rule in premises.values():
        assert rule.meets(19.5) and not rule.meets(19.7)


def made_up() -> dict[str, list[dict]]:
    """每组三个种子，数都不同；每组的图只有一个通道是亮的。"""
    records = {}
    for place, arm in enumerate(M13.arms):
        image = np.full((3, 16, 16), -1.0)
        image[place % 3] = 1 - place / 3
        rows = [
            {"covered": 100 * place + s, "reverse_kl": 1 + place + s / 10, "fd_lenet": place - s}
            for s in (1, 2, 6)
        ]
        curves = {"images": [as_text(image)] * stacked.SHOWN}
        records[arm] = [{"statistics": row, "curves": curves, "seed": 0} for row in rows]
    return records


def test_every_group_is_in_its_row_with_its_own_channels_and_numbers():
    with style():
        figure = M13.draw(made_up())
        assert missing_glyphs(figure) == set()
    *pictures, covered, kl, fd = figure.axes
    assert len(pictures) == 4 * 8
    assert [line[0].get_ylabel() for line in np.reshape(pictures, (4, 8))] == [
        "真的",
        *M13.arms.values(),
    ]
    for place, line in enumerate(np.reshape(pictures, (4, 8))[1:]):
        overlay, *channels = (np.asarray(axis.get_images()[0].get_array()) for axis in line[:4])
        expected = np.zeros(3)
        expected[place % 3] = min(15, int((2 - place / 3) * 8)) / 15
        assert overlay[0, 0] == pytest.approx(expected)
        assert [channel[0, 0] for channel in channels] == pytest.approx(list(expected))
    figure.draw_without_rendering()
    beside = M13.references()
    wanted = {
        covered: ([2, 102, 202], 1000, beside[stacked.BLEND]["covered"]),
        kl: ([1.2, 2.2, 3.2], 999 / 51_200, beside[stacked.BLEND]["reverse_kl"]),
        fd: ([-2, -1, 0], beside[stacked.TEN]["fd_lenet"], beside[stacked.BLEND]["fd_lenet"]),
    }
    for axis, (middles, *bounds) in wanted.items():
        lines = axis.get_lines()
        assert [line.get_xdata()[0] for line in lines[-2:]] == pytest.approx(bounds)
        dots, medians = lines[0:6:2], lines[1:6:2]
        assert [line.get_xdata()[0] for line in medians] == pytest.approx(middles)
        for line, row in zip(dots, np.reshape(pictures, (4, 8))[1:, 0], strict=True):
            at = axis.transData.transform((0, line.get_ydata()[0]))[1]  # 点与左边的行对齐
            low, high = row.get_window_extent().intervaly
            assert low < at < high and len(line.get_xdata()) == 3
