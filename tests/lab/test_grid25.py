"""二十五个高斯的一条：什么算治好，图里的数字与颜色各是哪个种子的。"""

import pytest

from paddle_gan.data import Grid
from paddle_gan.figures import BLUE, RED
from paddle_gan.lab import grid25
from paddle_gan.lab.human import meets
from paddle_gan.lab.training import rows_beside


def record(seed: int, modes: int, quality: float, kl: float = 0.1) -> dict:
    statistics = {"covered_1pct": float(modes), "high_quality": quality, "reverse_kl": kl}
    return {"seed": seed, "statistics": statistics, "curves": {"points": [[0.0], [0.0]]}}


@pytest.mark.parametrize(
    ("modes", "quality", "good"),
    [(25, 0.9, True), (24, 0.99, False), (25, 0.89, False), (25, 0.03, False)],
)
def test_a_seed_is_cured_only_with_all_modes_and_good_samples(modes, quality, good):
    found = record(0, modes, quality)["statistics"]
    assert meets(grid25.CURED, found) is good


def test_the_figure_writes_every_seed_in_its_row_and_colours_the_cured():
    records = {
        "gan": [record(0, 16, 0.94, 0.4), record(1, 25, 0.3, 0.2)],
        "r1_r2": [record(0, 25, 0.95, 0.01), record(1, 24, 0.96, 0.05)],
    }
    figure = grid25.draw(records)
    *above, strip = figure.axes
    assert [axis.get_title().split("\n")[1] for axis in above] == [
        "治好 0 / 2 个种子",
        "治好 1 / 2 个种子",
    ]
    marks = [line for line in strip.get_lines() if line.get_marker().startswith("$")]
    seen = {(mark.get_xdata()[0], round(mark.get_ydata()[0]), mark.get_color()) for mark in marks}
    assert seen == {(0.4, 0, RED), (0.2, 0, RED), (0.01, 1, BLUE), (0.05, 1, RED)}
    assert {mark.get_marker() for mark in marks} == {"$16$", "$25$", "$24$"}
    dashed = [line.get_xdata()[0] for line in strip.get_lines() if line.get_linestyle() == "--"]
    assert dashed == [row["reverse_kl"] for row in rows_beside(Grid()).values()]
    assert dashed[0] < 0.01 < 0.1 < dashed[1] and strip.get_xscale() == "log"
    assert [label.get_text() for label in strip.get_yticklabels()] == ["GAN，步数多一倍", "R1 + R2"]
