"""A11：离支撑集多远、圆上占几段照几何；高斯混合与帕尔森窗照公式；各组是各的。"""

import numpy as np
import pytest
from lab_groups import built

from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, degenerate
from paddle_gan.lab.degenerate import arcs, gaussian_mixture, log_normals, off, parzen, true_points

A11 = EXPERIMENTS["degenerate"]


def test_distances_are_to_the_circle_and_to_its_rightmost_point():
    x = np.array([[1.0, 0.0], [0.0, -1.5], [0.3, 0.4], [0.0, 0.0]])
    assert off("circle", x) == pytest.approx([0, 0.5, 0.5, 1])
    assert off("point", x) == pytest.approx([0, np.sqrt(3.25), np.sqrt(0.65), 1])
    rng = np.random.default_rng(0)
    for data in degenerate.DATA:
        assert off(data, true_points(data, 50, rng)) == pytest.approx(np.zeros(50))


def test_only_an_arc_with_half_of_its_share_counts():
    rng = np.random.default_rng(0)
    assert arcs(true_points("circle", 7200, rng)) == 36 and arcs(true_points("point", 90, rng)) == 1
    middles = (np.arange(36) + 0.5) * np.pi / 18
    counts = [100] * 34 + [51, 20]  # 每段的一份约 96，半份约 48
    angle = np.repeat(middles, counts)
    assert arcs(np.stack([np.cos(angle), np.sin(angle)], axis=1)) == 35
    half = np.abs(angle) < np.pi
    assert arcs(np.stack([np.cos(angle), np.sin(angle)], axis=1)[half]) == 18


def test_the_density_of_a_gaussian_is_the_formula():
    cov = np.array([[[2.0, 0.5], [0.5, 1.0]]])
    [[found]] = log_normals(np.array([[1.0, -1.0]]), np.array([[0.5, 0.0]]), cov)
    gap = np.array([0.5, -1.0])
    quadratic = (
        gap[0] ** 2 - gap[0] * gap[1] + 2 * gap[1] ** 2
    ) / 1.75  # 逆是 [[1, −½], [−½, 2]] / 1.75
    assert found == pytest.approx(-quadratic / 2 - np.log(2 * np.pi) - np.log(1.75) / 2)


def test_a_mixture_learns_gaussians_and_has_the_thickness_its_pieces_need_on_a_circle():
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [5.0, 5.0]])[rng.integers(2, size=2000)]
    x = centres + rng.normal(size=(2000, 2)) * [0.1, 0.3]
    made = gaussian_mixture(x, rng, 4000)
    right = made[:, 0] > 2.5
    assert right.mean() == pytest.approx(0.5, abs=0.05)
    assert made[right].std(axis=0) == pytest.approx([0.1, 0.3], rel=0.1)
    on_circle = gaussian_mixture(true_points("circle", 2500, rng), rng, 2500)
    assert 0.01 < off("circle", on_circle).mean() < 0.08 and arcs(on_circle) > 30
    finer = degenerate.FITTED["gmm32"](true_points("circle", 2500, rng), rng, 2500)
    assert off("circle", finer).mean() < off("circle", on_circle).mean() / 4 and arcs(finer) > 30


def test_a_window_is_as_narrow_as_the_held_out_points_say():
    rng = np.random.default_rng(0)
    thin = parzen(true_points("circle", 1000, rng), rng, 2000)
    thick = parzen(rng.normal(size=(1000, 2)), rng, 2000)
    assert off("circle", thin).mean() < 0.02 and arcs(thin) >= 33
    assert thick.std(axis=0) == pytest.approx([1, 1], abs=0.15)
    assert np.ptp(parzen(true_points("point", 100, rng), rng, 500), axis=0).max() < 0.02


def test_each_group_trains_its_own_method_on_its_own_support(monkeypatch):
    for data, modes in (("circle", 4096), ("point", 1)):
        for method, gamma in (("gan", None), ("r1", 0.02)):
            setup, facts = built("degenerate", f"{data}_{method}", monkeypatch)
            assert facts["data.modes"] == modes and facts["steps"] == 3000
            assert facts["method"] == method and facts.get("hparams.gamma_r2") == gamma
            assert off(data, setup.data.sample(100, np.random.default_rng(0))).max() < 1e-5
    crowded, spread = (
        degenerate.measure(f"{data}_parzen", 3, {}).statistics for data in ("point", "circle")
    )
    assert "arcs" not in crowded and spread["arcs"] == 36


def test_the_rows_beside_show_that_near_is_not_enough():
    real, crowded, scattered = degenerate.rows_beside().values()
    assert real["off"] == pytest.approx(0, abs=1e-9) and real["arcs"] == 36
    assert crowded["off"] == pytest.approx(0, abs=1e-9) and crowded["arcs"] == 1
    assert scattered["off"] > 0.15 and scattered["arcs"] == 36


def test_each_cell_shows_its_own_samples_support_and_distance():
    records = {
        arm: [
            {
                "statistics": {"off": place + s},
                "curves": {"points": [[place / 10] * 3, [0.0, 0.1, 0.2]]},
            }
            for s in (0.0, 0.25, 0.5)
        ]
        for place, arm in enumerate(A11.arms)
    }
    with style():
        figure = A11.draw(records)
        assert missing_glyphs(figure) == set()
    for place, (axis, label) in enumerate(zip(figure.axes, A11.arms.values(), strict=True)):
        name, said = axis.get_title().split("\n")
        assert name == label and said == f"离{label[0]}平均 {place + 0.25:.4f}"
        support, dots = axis.get_lines()
        assert list(dots.get_xdata()) == [place / 10] * 3
        radius = np.hypot(*support.get_xydata().T)
        assert radius == pytest.approx(1) and (len(radius) > 1) == label.startswith("圆")
        assert axis.get_xlim()[0] < 1 < axis.get_xlim()[1]
