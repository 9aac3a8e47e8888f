"""弗雷歇距离：与闭式、scipy 的 sqrtm 以及奇异情形对照。"""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from paddle_gan.errors import UserError
from paddle_gan.metrics import (
    fd_pca64,
    fit_pca,
    frechet_distance,
    frechet_from_moments,
    project,
)


def with_moments(n: int, mean: np.ndarray, covariance: np.ndarray, seed: int) -> np.ndarray:
    """n 个样本，样本均值与样本协方差（n − 1）恰好等于给定的值。"""
    x = np.random.default_rng(seed).standard_normal((n, len(mean)))
    x -= x.mean(axis=0)
    whitened = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False))).T
    return whitened @ np.linalg.cholesky(covariance).T + mean


def by_sqrtm(a: np.ndarray, b: np.ndarray) -> float:
    covariance_a, covariance_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = sqrtm(covariance_a @ covariance_b).real
    mean = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return mean + np.trace(covariance_a + covariance_b - 2 * root)


def test_commuting_gaussians_match_the_closed_form():
    # d² = ‖Δμ‖² + Σ (σ_a − σ_b)²，协方差为对角阵时
    mean_a, mean_b = np.array([0.0, 1.0, -2.0]), np.array([3.0, 1.0, 0.0])
    a = with_moments(50, mean_a, np.diag([1.0, 4.0, 9.0]), seed=0)
    b = with_moments(70, mean_b, np.diag([4.0, 4.0, 0.25]), seed=1)
    expected = (9 + 0 + 4) + (1 + 0 + 2.5**2)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)


def test_a_shift_costs_its_squared_length_and_nothing_else():
    a = np.random.default_rng(0).standard_normal((40, 5))
    assert frechet_distance(a, a + 2.0) == pytest.approx(5 * 4.0, rel=1e-9)


def test_correlated_gaussians_match_sqrtm():
    rng = np.random.default_rng(3)
    a = rng.standard_normal((300, 12)) @ rng.standard_normal((12, 12))
    b = rng.standard_normal((200, 12)) @ rng.standard_normal((12, 12)) + 0.5
    assert frechet_distance(a, b) == pytest.approx(by_sqrtm(a, b), rel=1e-8)
    assert frechet_distance(b, a) == pytest.approx(frechet_distance(a, b), rel=1e-10)


def test_moments_alone_give_the_same_distance_also_when_singular():
    rng = np.random.default_rng(8)
    a = rng.standard_normal((300, 6)) @ rng.standard_normal((6, 9))  # 秩 6，9 维
    b = rng.standard_normal((200, 9)) @ rng.standard_normal((9, 9)) + 0.5
    moments = [m for x in (a, b) for m in (x.mean(axis=0), np.cov(x, rowvar=False))]
    assert frechet_from_moments(*moments) == pytest.approx(frechet_distance(a, b), rel=1e-7)
    same = [moments[0], moments[1]] * 2
    assert frechet_from_moments(*same) == pytest.approx(0.0, abs=1e-5)
    with pytest.raises(ValueError, match="均值"):
        frechet_from_moments(moments[0], moments[1], np.zeros(3), np.eye(3))


def test_singular_covariances_match_the_full_rank_part():
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal((100, 4)), 2 * rng.standard_normal((100, 4)) + 1
    dead = np.zeros((100, 3))
    padded = frechet_distance(np.hstack([a, dead, a]), np.hstack([b, dead, b]))
    assert padded == pytest.approx(2 * frechet_distance(a, b), rel=1e-9)


def test_fewer_samples_than_dimensions_still_give_zero_against_themselves():
    a = np.random.default_rng(5).standard_normal((20, 84))
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)


def test_disjoint_supports_have_no_cross_term():
    # 两个退化的高斯互相垂直时 Σ_a Σ_b = 0，d² = Tr Σ_a + Tr Σ_b
    line = np.array([-1.0, 0.0, 1.0])
    a, b = np.stack([line, 0 * line], axis=1), np.stack([0 * line, 2 * line], axis=1)
    assert frechet_distance(a, b) == pytest.approx(1.0 + 4.0, rel=1e-9)


def test_frechet_rejects_what_it_cannot_measure():
    good = np.zeros((3, 2))
    with pytest.raises(UserError, match="NaN"):
        frechet_distance(np.full((3, 2), np.nan), good)
    with pytest.raises(ValueError, match="维数不同"):
        frechet_distance(good, np.zeros((3, 4)))
    with pytest.raises(ValueError, match="至少为 2"):
        frechet_distance(good[:1], good)


def test_pca_finds_the_planted_directions():
    rng = np.random.default_rng(6)
    directions = np.linalg.qr(rng.standard_normal((30, 3)))[0]
    flat = rng.standard_normal((400, 3)) * [9.0, 4.0, 1.0] @ directions.T + 5.0
    mean, basis = fit_pca(flat, 3)
    assert mean == pytest.approx(flat.mean(axis=0))
    assert basis.shape == (30, 3)
    assert basis.T @ basis == pytest.approx(np.eye(3), abs=1e-9)
    covariance = np.cov(project(flat, mean, basis), rowvar=False)
    largest = np.linalg.eigvalsh(np.cov(flat, rowvar=False))[::-1][:3]
    assert covariance == pytest.approx(np.diag(largest), abs=1e-8)


def test_pca_of_fewer_images_than_pixels_has_unit_directions_too():
    flat = np.random.default_rng(9).standard_normal((12, 40)) * np.linspace(3, 1, 40) + 2.0
    mean, basis = fit_pca(flat, 5)
    assert basis.T @ basis == pytest.approx(np.eye(5), abs=1e-9)
    covariance = np.cov(project(flat, mean, basis), rowvar=False)
    largest = np.linalg.eigvalsh(np.cov(flat, rowvar=False))[::-1][:5]
    assert covariance == pytest.approx(np.diag(largest), abs=1e-8)


def test_too_many_components_are_refused_in_chinese():
    with pytest.raises(UserError, match="最多有 4 个主成分"):
        fit_pca(np.zeros((5, 9)), 6)


def test_fd_pca64_is_zero_on_itself_and_sees_a_grey_shift():
    real = np.random.default_rng(7).uniform(-1, 1, (120, 1, 10, 10)).astype(np.float32)
    shifted = real + 0.1
    mean, basis = fit_pca(real.reshape(120, -1), 64)
    expected = ((np.full(100, 0.1) @ basis) ** 2).sum()
    assert fd_pca64(real, real) == pytest.approx(0.0, abs=1e-9)
    assert fd_pca64(shifted, real) == pytest.approx(expected, rel=1e-3)
