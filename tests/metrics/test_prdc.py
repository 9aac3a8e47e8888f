"""精度、召回、密度、覆盖与 PRD：scikit-learn 的近邻、手工算例与故意弄坏的样本。"""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from paddle_gan.errors import UserError
from paddle_gan.metrics import density_coverage, prd_curve, prd_f_scores, precision_recall
from paddle_gan.metrics.distances import ROWS, nearest_distances, neighbor_distances
from paddle_gan.metrics.prd import cluster_histograms, prd_scores

RING = np.array([[np.cos(a), np.sin(a)] for a in 2 * np.pi * np.arange(8) / 8])


def ring(counts: list[int], noise: float = 0.05, seed: int = 0) -> np.ndarray:
    """八个模式各 counts[k] 个点。"""
    points = np.repeat(RING, counts, axis=0)
    return points + noise * np.random.default_rng(seed).standard_normal(points.shape)


def by_sklearn(fake: np.ndarray, real: np.ndarray, k: int) -> tuple[float, ...]:
    """四个量的另一份实现：逐对相减的距离，scikit-learn 的近邻半径。"""

    def radii(x):
        return NearestNeighbors(n_neighbors=k + 1).fit(x).kneighbors(x)[0][:, k]

    gaps = np.linalg.norm(fake[:, None] - real[None], axis=2)  # (m, n)
    inside = gaps <= radii(real)
    return (
        inside.any(axis=1).mean(),
        (gaps <= radii(fake)[:, None]).any(axis=0).mean(),
        inside.sum() / (k * len(fake)),
        inside.any(axis=0).mean(),
    )


@pytest.mark.parametrize(("k", "m", "n"), [(3, 400, 400), (5, 150, 320), (1, 50, 40)])
def test_all_four_match_sklearn_neighbours(k, m, n):
    rng = np.random.default_rng(k)
    fake, real = 1.2 * rng.standard_normal((m, 6)) + 0.3, rng.standard_normal((n, 6))
    found = (*precision_recall(fake, real, k), *density_coverage(fake, real, k))
    assert found == pytest.approx(by_sklearn(fake, real, k), abs=1e-12)


def test_the_defaults_are_those_of_the_two_papers():
    rng = np.random.default_rng(9)
    fake, real = rng.standard_normal((2, 200, 5))
    assert precision_recall(fake, real) == pytest.approx(by_sklearn(fake, real, 3)[:2])
    assert density_coverage(fake, real) == pytest.approx(by_sklearn(fake, real, 5)[2:])


def test_more_rows_than_a_block_give_the_same_neighbours():
    x = np.random.default_rng(1).standard_normal((ROWS + 300, 4))
    tree = NearestNeighbors(n_neighbors=4).fit(x)
    assert neighbor_distances(x, 3) == pytest.approx(tree.kneighbors(x)[0][:, 3], abs=1e-9)
    y = x[:700] + 0.1
    expected = tree.kneighbors(y, n_neighbors=1)[0][:, 0]
    assert nearest_distances(y, x) == pytest.approx(expected, abs=1e-9)


def test_four_points_on_a_line_are_counted_by_hand():
    # k = 1：真实 0、1、3 的半径是 1、1、2；生成 0.5、2.2、9 的半径是 1.7、1.7、6.8
    real, fake = np.array([[0.0], [1.0], [3.0]]), np.array([[0.5], [2.2], [9.0]])
    assert precision_recall(fake, real, k=1) == pytest.approx((2 / 3, 1.0))
    # 0.5 落进 0、1 的球，2.2 只落进 3 的球，9 一个也没有
    assert density_coverage(fake, real, k=1) == pytest.approx((3 / 3, 1.0))


def test_matched_gaussians_have_density_one_and_the_coverage_of_the_paper():
    # 全尺寸（1000 维、各 10,000 个）要四十多秒，数值写在 density_coverage 的说明里
    rng = np.random.default_rng(0)
    fake, real = rng.standard_normal((2, 2500, 64))
    density, coverage = density_coverage(fake, real)
    assert density == pytest.approx(1.0, abs=0.06)
    assert coverage == pytest.approx(1 - 2**-5, abs=0.012)  # 论文的期望值


def test_dropping_modes_costs_recall_and_coverage_and_nothing_else():
    real = ring([60] * 8)
    _, full = precision_recall(ring([60] * 8, seed=1), real)
    assert full == pytest.approx(0.95, abs=0.03)  # 同分布时召回也不到 1
    for kept in (8, 6, 3):
        fake = ring([480 // kept] * kept + [0] * (8 - kept), seed=kept)
        precision, recall = precision_recall(fake, real)
        density, coverage = density_coverage(fake, real)
        assert precision > 0.8 and density == pytest.approx(1.0, abs=0.2)
        assert recall == pytest.approx(full * kept / 8, abs=0.05)
        assert coverage == pytest.approx(kept / 8, abs=0.05)


def test_noise_costs_precision_and_density():
    real = ring([60] * 8)
    clean, noisy = ring([60] * 8, seed=1), ring([60] * 8, noise=0.4, seed=1)
    assert precision_recall(noisy, real)[0] < 0.5 * precision_recall(clean, real)[0]
    assert density_coverage(noisy, real)[0] < 0.4 * density_coverage(clean, real)[0]


def test_one_real_outlier_inflates_precision_but_hardly_density():
    rng = np.random.default_rng(3)
    real = np.vstack([0.1 * rng.standard_normal((300, 2)), [[6.0, 0.0]]])
    fake = np.array([3.0, 0.0]) + 0.1 * rng.standard_normal((300, 2))  # 在一大一小两处之间
    assert precision_recall(fake, real)[0] == 1.0
    assert density_coverage(fake, real)[0] == pytest.approx(1 / 5)


def test_exact_copies_are_perfect_and_the_density_is_k_plus_one_over_k():
    real = np.random.default_rng(4).standard_normal((300, 20)) + 50.0
    assert precision_recall(real, real) == (1.0, 1.0)
    assert density_coverage(real, real) == pytest.approx((6 / 5, 1.0))


def test_total_collapse_to_a_real_point_has_full_precision_and_almost_no_recall():
    real = np.random.default_rng(5).standard_normal((200, 8))
    fake = np.repeat(real[:1], 200, axis=0)
    precision, recall = precision_recall(fake, real)
    assert (precision, recall) == (1.0, 1 / 200)


def test_what_has_too_few_neighbours_is_refused_in_chinese():
    with pytest.raises(UserError, match="多生成一些样本"):
        precision_recall(np.zeros((9, 2)), np.zeros((3, 2)))
    with pytest.raises(UserError, match="NaN"):
        density_coverage(np.full((9, 2), np.nan), np.zeros((9, 2)))
    with pytest.raises(ValueError, match="维数不同"):
        density_coverage(np.zeros((9, 2)), np.zeros((9, 3)))


def test_the_prd_curve_of_two_bins_is_the_hand_computed_one():
    q, p = np.array([1.0, 0.0]), np.array([0.5, 0.5])  # 生成只有真实的一半
    precision, recall = prd_curve(q, p)
    slopes = np.tan(np.linspace(1e-6, np.pi / 2 - 1e-6, 1001))
    assert precision == pytest.approx(np.minimum(0.5 * slopes, 1.0))
    assert recall == pytest.approx(np.minimum(0.5, 1 / slopes))
    # 角点 P = 1、R = 0.5：F_β = (1 + β²) / (2·β² + 1) · … 直接代入
    f8, f1_8 = prd_f_scores(precision, recall)
    assert f8 == pytest.approx(65 * 0.5 / (64 + 0.5), rel=1e-3)
    assert f1_8 == pytest.approx((1 + 1 / 64) * 0.5 / (1 / 64 + 0.5), rel=1e-3)


def test_equal_histograms_score_one_and_disjoint_ones_zero():
    same = np.array([0.2, 0.3, 0.5])
    assert prd_f_scores(*prd_curve(same, same)) == pytest.approx((1.0, 1.0), abs=1e-3)
    apart = prd_curve(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    assert prd_f_scores(*apart) == pytest.approx((0.0, 0.0), abs=1e-9)
    with pytest.raises(ValueError, match="直方图"):
        prd_curve(same, np.array([0.5, 0.5]))


def test_dropped_modes_lower_f8_and_invented_ones_lower_f1_8():
    real = ring([50] * 8)
    half = ring([100] * 4 + [0] * 4, seed=1)
    invented = np.vstack([ring([25] * 8, seed=2), 3 + 0.05 * ring([25] * 8, seed=3)])
    matched = prd_scores(ring([50] * 8, seed=4), real, clusters=8, runs=3)
    assert min(matched) > 0.95
    f8, f1_8 = prd_scores(half, real, clusters=8, runs=3)
    assert f8 == pytest.approx(65 * 0.5 / (64 + 0.5), abs=0.02) and f1_8 > 0.95
    f8, f1_8 = prd_scores(invented, real, clusters=8, runs=3)
    assert f1_8 == pytest.approx((1 + 1 / 64) * 0.5 / (1 + 0.5 / 64), abs=0.02) and f8 > 0.9


def test_clusters_count_every_sample_once_and_repeat_with_the_same_seed():
    rng = np.random.default_rng(6)
    fake, real = rng.standard_normal((120, 4)), rng.standard_normal((80, 4))
    q, p = cluster_histograms(fake, real, seed=3)
    assert q * 120 == pytest.approx(np.rint(q * 120)) and q.sum() == pytest.approx(1)
    assert p * 80 == pytest.approx(np.rint(p * 80)) and len(p) == 20
    again = cluster_histograms(fake, real, seed=3)
    assert (again[0] == q).all() and (again[1] == p).all()
    with pytest.raises(ValueError, match="聚不成"):
        cluster_histograms(fake[:5], real[:5])
