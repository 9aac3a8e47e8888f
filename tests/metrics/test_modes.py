"""模式与类别统计：手工构造的情形与解析值。"""

import numpy as np
import pytest

from paddle_gan.data import Grid, Ring
from paddle_gan.errors import UserError
from paddle_gan.metrics import class_report, mode_report, sampling_floor, scatter_share

ANGLES = 2 * np.pi * np.arange(8) / 8
RING = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)  # (8, 2)
STD = 0.01


def real_ring(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return RING[rng.integers(0, 8, n)] + STD * rng.standard_normal((n, 2))


def test_total_collapse_covers_one_mode_and_its_kl_is_log_8():
    report = mode_report(np.repeat(RING[:1], 100, axis=0), RING, STD)
    assert report == {
        "modes/covered": 1.0,
        "modes/covered_1pct": 1.0,
        "modes/high_quality": 1.0,
        "modes/reverse_kl": pytest.approx(2.0794, abs=1e-4),
        "modes/off_mode_kl": pytest.approx(np.log(8 / (1 - np.exp(-4.5)))),
    }


def test_equal_mass_on_m_of_8_modes_has_kl_log_8_over_m():
    for m, expected in [(2, 1.3863), (3, 0.9808), (6, 0.2877), (8, 0.0)]:
        report = mode_report(np.repeat(RING[:m], 50, axis=0), RING, STD)
        assert report["modes/covered"] == m
        assert report["modes/reverse_kl"] == pytest.approx(expected, abs=1e-4)


def test_uneven_histogram_matches_a_hand_computed_kl():
    samples = np.repeat(RING[:2], [3, 1], axis=0)
    expected = 0.75 * np.log(0.75 * 8) + 0.25 * np.log(0.25 * 8)
    assert mode_report(samples, RING, STD)["modes/reverse_kl"] == pytest.approx(expected)


def test_real_data_reaches_its_own_ceiling_and_not_one():
    report = mode_report(real_ring(20_000), RING, STD)
    assert report["modes/covered"] == report["modes/covered_1pct"] == 8.0
    assert report["modes/high_quality"] == pytest.approx(1 - np.exp(-4.5), abs=0.003)
    assert report["modes/reverse_kl"] == pytest.approx(7 / 40_000, abs=5e-4)


def test_sampling_floor_of_the_kl_is_k_minus_1_over_2n():
    kls = [mode_report(real_ring(2500, s), RING, STD)["modes/reverse_kl"] for s in range(40)]
    assert np.mean(kls) == pytest.approx(7 / 5000, rel=0.35)


def test_one_stray_sample_covers_a_mode_but_not_one_percent_of_it():
    samples = np.concatenate([np.repeat(RING[:1], 999, axis=0), RING[1:2]])
    report = mode_report(samples, RING, STD)
    assert (report["modes/covered"], report["modes/covered_1pct"]) == (2.0, 1.0)


def test_one_percent_is_counted_against_all_samples_not_only_the_good_ones():
    far = np.full((991, 2), 9.0)
    nine, ten = (np.concatenate([far, np.repeat(RING[:1], n, axis=0)]) for n in (9, 11))
    assert mode_report(nine, RING, STD)["modes/covered_1pct"] == 0.0
    assert mode_report(ten, RING, STD)["modes/covered_1pct"] == 1.0


def test_high_quality_is_a_euclidean_disc_of_three_sigma():
    inside, corner = [1 + 2.99 * STD, 0.0], [1 + 2.5 * STD, 2.5 * STD]
    outside = [1 + 3.01 * STD, 0.0]
    report = mode_report(np.array([inside, corner, outside, outside]), RING, STD)
    assert report["modes/high_quality"] == 0.25


def test_without_a_single_good_sample_the_kl_is_the_worst_possible_one():
    report = mode_report(np.zeros((50, 2)), RING, STD)
    assert report["modes/covered"] == report["modes/high_quality"] == 0.0
    assert report["modes/reverse_kl"] == pytest.approx(np.log(8))


def test_values_are_python_floats():
    reports = mode_report(RING, RING, STD) | class_report(np.arange(10), 10)
    assert {type(value) for value in reports.values()} == {float}


def test_diverged_samples_are_reported_and_not_hidden():
    with pytest.raises(UserError, match="NaN"):
        mode_report(np.array([[np.nan, 0.0]]), RING, STD)


@pytest.mark.parametrize(
    ("samples", "modes", "std"),
    [
        (np.zeros((4, 3)), RING, STD),
        (np.zeros(4), RING, STD),
        (np.zeros((0, 2)), RING, STD),
        (RING, RING, 0.0),
    ],
)
def test_mode_report_rejects_wrong_shapes(samples, modes, std):
    with pytest.raises(ValueError):
        mode_report(samples, modes, std)


def test_class_report_of_uniform_collapsed_and_uneven_labels():
    assert class_report(np.repeat(np.arange(10), 7), 10) == {
        "classes/covered": 10.0,
        "classes/covered_1pct": 10.0,
        "classes/reverse_kl": pytest.approx(0.0, abs=1e-12),
    }
    assert class_report(np.full(50, 3), 10)["classes/reverse_kl"] == pytest.approx(np.log(10))
    uneven = class_report(np.array([0, 0, 0, 9]), 10)
    expected = 0.75 * np.log(7.5) + 0.25 * np.log(2.5)
    assert uneven["classes/covered"] == 2.0
    rare = class_report(np.repeat([0, 1, 2], [980, 11, 9]), 10)
    assert (rare["classes/covered"], rare["classes/covered_1pct"]) == (3.0, 2.0)
    assert uneven["classes/reverse_kl"] == pytest.approx(expected)


def test_samples_off_every_mode_are_punished_by_the_kl_that_counts_them():
    off = np.exp(-4.5)  # 二维真实数据落在 3σ 以外的概率
    half = np.vstack([np.repeat(RING, 5, axis=0), np.zeros((40, 2))])  # 一半在模式上，一半在中心
    report = mode_report(half, RING, STD)
    assert report["modes/reverse_kl"] == pytest.approx(0.0, abs=1e-12)  # 看不见另一半
    expected = 0.5 * np.log(0.5 / (1 - off)) + 0.5 * np.log(0.5 / off)
    assert report["modes/off_mode_kl"] == pytest.approx(expected)
    assert mode_report(0 * half, RING, STD)["modes/off_mode_kl"] == pytest.approx(4.5)
    real = [mode_report(real_ring(2500, s), RING, STD)["modes/off_mode_kl"] for s in range(40)]
    assert np.mean(real) == pytest.approx(8 / 5000, rel=0.35)


def test_the_ideal_share_on_the_modes_depends_on_the_dimension():
    line = np.array([[0.0], [1.0]])
    report = mode_report(np.repeat(line, 50, axis=0), line, 0.01)
    assert report["modes/off_mode_kl"] == pytest.approx(-np.log(0.9973), abs=1e-5)  # 一维的 3σ


def test_the_sampling_floor_matches_simulation_and_is_low_when_samples_are_few():
    rng = np.random.default_rng(0)

    def simulated(n):
        reports = [class_report(rng.integers(0, 1000, n), 1000) for _ in range(5)]
        return np.mean([r["classes/reverse_kl"] for r in reports])

    assert sampling_floor(1000, 26_000) == pytest.approx(0.0192, abs=5e-5)
    assert simulated(26_000) == pytest.approx(sampling_floor(1000, 26_000), rel=0.05)
    assert simulated(2500) > 1.08 * sampling_floor(1000, 2500)


@pytest.mark.parametrize("labels", [[], [0.5], [10], [-1], [[0]]])
def test_class_report_rejects_labels_it_cannot_count(labels):
    with pytest.raises(ValueError):
        class_report(np.array(labels), 10)


SQUARES = [  # 数据、每边放宽 5σ 的方块里撒点的高质量比例：K·9πσ² / 面积，手算
    (Ring(), 8 * 9 * np.pi * 0.0025 / 4.5**2, 0.0279),
    (Grid(spacing=1.5, std=0.1), 25 * 9 * np.pi * 0.01 / 7**2, 0.1443),
    (Grid(), 25 * 9 * np.pi * 0.0025 / 8.5**2, 0.0245),
]


def square(data) -> tuple[np.ndarray, np.ndarray]:
    return data.modes.min(axis=0) - 5 * data.std, data.modes.max(axis=0) + 5 * data.std


@pytest.mark.parametrize("data, by_hand, printed", SQUARES)
def test_the_share_of_good_points_when_scattering_is_the_area_of_the_discs(data, by_hand, printed):
    share = scatter_share(data.modes, data.std, *square(data))
    assert share == pytest.approx(by_hand, rel=1e-12) and round(share, 4) == printed
    found = [
        mode_report(
            np.random.default_rng(seed).uniform(*square(data), (2500, 2)), data.modes, data.std
        )["modes/high_quality"]
        for seed in range(20)
    ]
    error = np.sqrt(share * (1 - share) / (20 * 2500))  # 二项分布的标准误
    assert np.mean(found) == pytest.approx(share, abs=3 * error)


def test_a_scatter_over_a_rectangle_and_over_a_wider_one():
    modes, low, high = np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([-1.0, -1.0]), [4.0, 3.0]
    assert scatter_share(modes, 0.1, low, high) == pytest.approx(2 * np.pi * 0.09 / 20)
    assert scatter_share(modes, 0.1, low, [9.0, 3.0]) == pytest.approx(2 * np.pi * 0.09 / 40)


def test_discs_that_overlap_or_stick_out_have_no_such_formula():
    modes, low, high = np.array([[0.0, 0.0], [1.0, 0.0]]), [-1.0, -1.0], [2.0, 1.0]
    assert scatter_share(modes, 1 / 6, low, high) == pytest.approx(np.pi / 12)  # 刚好相切
    with pytest.raises(ValueError, match="两两不相交"):
        scatter_share(modes, 0.17, low, high)
    with pytest.raises(ValueError, match="在矩形里"):
        scatter_share(modes, 0.1, [-0.29, -1.0], high)
