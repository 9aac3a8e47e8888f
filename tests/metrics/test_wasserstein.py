"""Wasserstein 距离：scipy、穷举全部方案、平移与平行线的解析值。"""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import norm, wasserstein_distance

from paddle_gan.errors import UserError
from paddle_gan.metrics.transport import (
    MAX_POINTS,
    sliced_wasserstein,
    transport_plan,
    wasserstein,
    wasserstein_1d,
    wasserstein_grid,
)


@pytest.mark.parametrize(("n", "m"), [(50, 50), (7, 30), (30, 7), (1, 9)])
def test_one_dimension_matches_scipy_for_any_sizes(n, m):
    rng = np.random.default_rng(n)
    x, y = rng.standard_normal(n), 2 * rng.standard_normal(m) + 1
    assert wasserstein_1d(x, y) == pytest.approx(wasserstein_distance(x, y), rel=1e-12)


def test_unequal_sizes_move_fractions_of_a_sample():
    # 三分之二的土从 0 搬到 1：W₁ = 2/3，W₂ = √(2/3)
    x, y = np.array([0.0]), np.array([0.0, 1.0, 1.0])
    assert wasserstein_1d(x, y) == pytest.approx(2 / 3)
    assert wasserstein_1d(x, y, p=2) == pytest.approx(np.sqrt(2 / 3))


def test_all_plans_of_six_points_are_worse_than_the_one_found():
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((2, 6, 3))
    costs = {
        plan: np.linalg.norm(x - y[list(plan)], axis=1).mean() for plan in permutations(range(6))
    }
    best = min(costs, key=costs.get)
    assert len(costs) == 720
    assert tuple(transport_plan(x, y)) == best
    assert wasserstein(x, y) == pytest.approx(costs[best], rel=1e-12)


def test_the_assignment_agrees_with_sorting_in_one_dimension():
    x, y = np.random.default_rng(4).standard_normal((2, 200))
    for p in (1, 2):
        by_plan = wasserstein(x[:, None], y[:, None], p)
        assert by_plan == pytest.approx(wasserstein_1d(x, y, p), rel=1e-9)


def test_a_shift_costs_its_length_and_its_slice_two_over_pi_of_it():
    x = np.random.default_rng(5).standard_normal((300, 2))
    shifted = x + np.array([3.0, 4.0])
    assert wasserstein(x, shifted) == pytest.approx(5.0, rel=1e-9)
    assert wasserstein(x, shifted, p=2) == pytest.approx(5.0, rel=1e-9)
    assert sliced_wasserstein(x, shifted, 4000) == pytest.approx(5 * 2 / np.pi, rel=0.02)
    # E[cos²] = 1/2
    assert sliced_wasserstein(x, shifted, 4000, p=2) == pytest.approx(5 / np.sqrt(2), rel=0.02)
    assert sliced_wasserstein(x, x) == wasserstein(x, x) == 0.0


def test_parallel_lines_are_as_far_as_their_gap():
    heights = np.random.default_rng(6).random((2, 400))
    for gap in (0.5, 2.0):
        x, y = (np.stack([np.full(400, g), h], axis=1) for g, h in zip((0.0, gap), heights))
        assert wasserstein(x, y) == pytest.approx(gap, rel=0.01)


def test_the_grid_version_matches_the_shift_of_two_gaussians():
    x = np.linspace(-12, 15, 5401)
    p, q = (norm.pdf(x, mean) / norm.pdf(x, mean).sum() for mean in (0, 3))
    assert wasserstein_grid(p, q, x[1] - x[0]) == pytest.approx(3.0, rel=1e-6)


def test_slices_accept_unequal_sizes_and_repeat_with_the_same_seed():
    rng = np.random.default_rng(7)
    x, y = rng.standard_normal((80, 5)), rng.standard_normal((33, 5)) + 1
    value = sliced_wasserstein(x, y, projections=20, seed=1)
    directions = np.random.default_rng(1).standard_normal((20, 5))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    expected = np.mean([wasserstein_distance(x @ v, y @ v) for v in directions])
    assert value == pytest.approx(expected, rel=1e-9)
    assert sliced_wasserstein(x, y, projections=20, seed=2) != value


def test_what_has_no_distance_is_refused():
    with pytest.raises(ValueError, match="一样多"):
        wasserstein(np.zeros((3, 2)), np.zeros((4, 2)))
    with pytest.raises(ValueError, match="sliced_wasserstein"):
        wasserstein(np.zeros((MAX_POINTS + 1, 1)), np.zeros((MAX_POINTS + 1, 1)))
    with pytest.raises(UserError, match="NaN"):
        wasserstein_1d(np.array([np.inf]), np.zeros(2))
    with pytest.raises(ValueError, match="不能为空"):
        wasserstein_1d(np.array([]), np.zeros(2))
    with pytest.raises(ValueError, match="维数相同"):
        sliced_wasserstein(np.zeros((3, 2)), np.zeros((3, 3)))
    with pytest.raises(ValueError, match="一维网格"):
        wasserstein_grid(np.ones(3) / 3, np.ones(2) / 2, 1.0)
