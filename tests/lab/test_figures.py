"""台账的图：每一格画的是自己那一组，写的是自己那一组的数。"""

import re

import pytest
from lab_figures import drawn, middle_of, plain

from paddle_gan.lab import EXPERIMENTS


@pytest.mark.parametrize(
    "name", ["unrolled", "packing", "minibatch_discrimination", "gradient_penalties", "wgan_parts"]
)
def test_every_scatter_carries_its_own_coverage_and_quality(name):
    records, axes = drawn(name)
    shown = {}
    for axis in axes:
        *label, covered, quality = axis.get_title().split("\n")
        numbers = float(covered.split(" / ")[0]), float(re.search(r"[\d.]+", quality)[0]) / 100
        shown[plain("".join(label))] = *numbers, axis.get_lines()[0].get_xdata()
    assert len(shown) == len(records)
    for arm, rows in records.items():
        covered, quality, x = shown[plain(EXPERIMENTS[name].arms[arm])]
        assert covered == pytest.approx(middle_of(rows, "covered_1pct"), abs=0.051)
        assert quality == pytest.approx(middle_of(rows, "high_quality"), abs=0.00051)
        assert list(x) == rows[0]["curves"]["points"][0]


def test_the_bars_of_wgan_coverage_are_the_ring_s_and_the_grid_s_own_distance():
    records, axes = drawn("wgan_coverage")
    wanted = [("ring", "covered_1pct"), ("ring", "high_quality"), ("grid", "w1")]
    for axis, (shape, key) in zip(axes, wanted):
        heights = [bar.get_height() for bar in axis.patches]
        middles = [middle_of(rows, key) for arm, rows in records.items() if arm.startswith(shape)]
        assert heights == pytest.approx(middles) and min(heights) > 0
        names = [label.get_text() for label in axis.get_xticklabels()]
        assert names == ["GAN", "WGAN", "WGAN-GP"]


def test_the_frozen_lines_of_helvetica_lie_on_top_where_they_can_be_seen():
    records, (left, *_) = drawn("helvetica")
    thin = [line for line in left.get_lines() if line.get_linewidth() == 1]
    assert [list(line.get_ydata()) for line in thin] == [
        row["curves"]["std"] for row in records["frozen"]
    ]
    assert left.get_lines()[-len(thin) :] == thin  # 后画的在上面
