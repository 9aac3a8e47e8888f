"""A3：两种比法各在哪一步打分、各更新几次；图里每组的点与图是它自己的。"""

import numpy as np
import pytest

from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, update_ratio
from paddle_gan.lab.dcgan_parts import as_text

A3 = EXPERIMENTS["update_ratio"]
FULL = A3.settings["full"]


def test_the_two_points_have_equal_updates_of_g_and_equal_seconds():
    for arm, (d, g) in update_ratio.RATIOS.items():
        assert A3.arms[arm] == f"D {d} 次 : G {g} 次"
        stops = update_ratio.steps_of(arm, FULL)
        assert stops["updates"] * g == 800
        seconds = stops["cost"] * (0.0119 * d + 0.0080 * g)  # 另算一遍
        assert seconds == pytest.approx(15.92, rel=0.01)
    for said, arm in ((236, "d5"), (501, "d2"), (1142, "g2"), (1535, "g5")):
        count = update_ratio.steps_of(arm, FULL)["cost"] * update_ratio.RATIOS[arm][1]
        assert count == said and f"{said:,} 次" in A3.note


def test_a_group_is_scored_on_its_way_at_both_points_and_counts_its_updates(monkeypatch):
    steps, drawn = [], []

    def walk(setup, until, hooks):
        for step in range(1, until + 1):
            steps.append(step)
            hooks[0](step, {"loss/D": float(step), "loss/G": 0.5}, {})

    def sampled(setup, count):
        drawn.append(steps[-1])
        return np.zeros((count, 1, 28, 28), np.float32)

    monkeypatch.setattr(update_ratio, "train", walk)
    monkeypatch.setattr(update_ratio, "samples_of", sampled)
    monkeypatch.setattr(update_ratio, "SCORED", 20)
    settings = {"width": 2, "batch": 4, "g_updates": 100}
    found = update_ratio.measure("d5", 0, settings).statistics
    assert drawn == [29, 100]  # 100 · 19.9 / (5 · 11.9 + 8) = 29.48
    assert (found["d_updates"], found["g_updates"]) == (500, 29)
    assert found["loss_D"] == pytest.approx(75.5)  # 第 51 到第 100 步的平均
    drawn.clear(), steps.clear()
    found = update_ratio.measure("g2", 0, settings).statistics
    assert drawn == [50, 71] and (found["d_updates"], found["g_updates"]) == (50, 142)
    assert found["loss_D"] == pytest.approx(25.5)


def test_an_untrained_generator_stands_beside_and_is_far_from_the_real_digits():
    real, untrained = update_ratio.floor().values()
    assert real["fd_updates"] == real["fd_cost"] < 3 < 200 < untrained["fd_cost"]


def made_up() -> dict[str, list[dict]]:
    """每组两个种子，数都不同；每组的图是一个灰度。"""
    records = {}
    for place, arm in enumerate(A3.arms):
        image = as_text(np.full((1, 28, 28), place / 4 - 0.5))
        numbers = [{"fd_updates": 10 * place + s, "fd_cost": 100 + 10 * place + s} for s in (1, 3)]
        curves = {"images": [image] * update_ratio.SHOWN}
        records[arm] = [{"statistics": row, "curves": curves, "seed": 0} for row in numbers]
    return records


def test_every_group_is_in_its_row_and_both_comparisons_carry_their_names():
    records = made_up()
    with style():
        figure = A3.draw(records)
        assert missing_glyphs(figure) == set()
    axes, right = figure.axes, figure.axes[-1]
    labelled = [axis for axis in axes if axis.get_ylabel()]
    assert [axis.get_ylabel() for axis in labelled] == list(A3.arms.values())
    assert axes[0].get_title(loc="left") == "CPU 时间一样多时画的"
    grays = [axis.get_images()[0].get_array().max() for axis in labelled]
    assert grays == sorted(set(grays))
    by_name = {line.get_label(): line for line in right.get_lines()}
    assert list(by_name["G 更新一样多"].get_xdata()) == [2, 12, 22, 32, 42]
    assert list(by_name["CPU 时间一样多"].get_xdata()) == [102, 112, 122, 132, 142]
    dots = [line for line in right.get_lines() if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in dots[:5]] == [
        [10 * place + 1, 10 * place + 3] for place in range(5)
    ]
    top = labelled[0].get_position().y0 > labelled[-1].get_position().y0
    first, last = dots[0].get_ydata()[0], dots[4].get_ydata()[0]
    assert top and first > last  # 右边的次序与左边的行一样
    [dashed] = [line for line in right.get_lines() if line.get_linestyle() == "--"]
    assert dashed.get_xdata()[0] == 122 and "1 : 1" in dashed.get_label()
    figure.draw_without_rendering()
    for axis, tick in zip(labelled, right.get_yticklabels(), strict=True):  # 点与左边的行对齐
        assert tick.get_text() == axis.get_ylabel()
        at = right.transData.transform((0, tick.get_position()[1]))[1]
        low, high = axis.get_window_extent().intervaly
        assert low < at < high
