"""核距离、Inception 分数式的分数、多样性与自备网络的 FID：逐对求和、手算与解析值。"""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from sklearn.metrics.pairwise import polynomial_kernel

from paddle_gan.errors import UserError
from paddle_gan.metrics import (
    class_score,
    feature_diversity,
    fid,
    frechet_distance,
    kernel_distance,
    kernel_distance_subsets,
    true_fid,
)
from paddle_gan.metrics.distances import ROWS


def by_sklearn(x: np.ndarray, y: np.ndarray) -> float:
    """同一个估计量，核矩阵由 scikit-learn 给出。"""
    xx, yy, xy = (polynomial_kernel(a, b, degree=3, coef0=1) for a, b in ((x, x), (y, y), (x, y)))
    m, n = len(x), len(y)
    within = [(k.sum() - np.trace(k)) / (s * (s - 1)) for k, s in ((xx, m), (yy, n))]
    return sum(within) - 2 * xy.mean()


def test_the_kernel_distance_matches_sklearn_kernels():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((70, 12)) + 0.2, 1.5 * rng.standard_normal((50, 12))
    assert kernel_distance(x, y) == pytest.approx(by_sklearn(x, y), rel=1e-10)
    tall = rng.standard_normal((ROWS + 50, 3))
    assert kernel_distance(tall, y[:, :3]) == pytest.approx(by_sklearn(tall, y[:, :3]), rel=1e-9)


def test_two_points_each_are_computed_by_hand():
    # d = 1：k(x, y) = (xy + 1)³；k(0, 1) = 1，k(2, 3) = 343，交叉：1、1、27、64
    x, y = np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]])
    assert kernel_distance(x, y) == pytest.approx(1 + 343 - 2 * (1 + 1 + 27 + 64) / 4)


def test_the_estimate_is_unbiased_so_matched_samples_average_to_zero():
    rng = np.random.default_rng(1)
    values = [kernel_distance(*rng.standard_normal((2, 60, 5))) for _ in range(200)]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(200)
    assert min(values) < 0 < max(values)


def test_subsets_estimate_the_same_number_and_report_their_spread():
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((400, 6)) + 0.5, rng.standard_normal((300, 6))
    mean, spread = kernel_distance_subsets(x, y, subsets=60, size=100)
    assert mean == pytest.approx(kernel_distance(x, y), abs=4 * spread / np.sqrt(60))
    whole, none = kernel_distance_subsets(y, y[::-1], subsets=3, size=300)
    assert whole == pytest.approx(kernel_distance(y, y), rel=1e-9)
    assert none == pytest.approx(0.0, abs=1e-9)
    assert kernel_distance_subsets(x, y, subsets=4, size=50) == kernel_distance_subsets(
        x, y, subsets=4, size=50
    )
    with pytest.raises(ValueError, match="每次取 301 个"):
        kernel_distance_subsets(x, y, size=301)


def test_the_third_moment_is_seen_by_the_kernel_and_not_by_frechet():
    rng = np.random.default_rng(3)
    skewed = rng.exponential(size=(4000, 1)) - 1  # 均值 0、方差 1、三阶矩 2
    flipped = 1 - rng.exponential(size=(4000, 1))
    assert frechet_distance(skewed, flipped) < 0.01
    # MMD² = (μ₃ − μ₃')² = 16
    assert kernel_distance(skewed, flipped) == pytest.approx(16.0, rel=0.25)


def test_the_score_of_known_probabilities_is_the_analytic_one():
    assert class_score(np.eye(10)[np.arange(50) % 10], splits=5) == pytest.approx((10.0, 0.0))
    assert class_score(np.full((20, 10), 0.1), splits=1)[0] == pytest.approx(1.0)
    assert class_score(np.repeat(np.eye(10)[:1], 20, axis=0), splits=2)[0] == pytest.approx(1.0)
    # 两类各半，每张都是 (0.9, 0.1) 或 (0.1, 0.9)：exp(log 2 − H(0.9))
    p = np.array([[0.9, 0.1], [0.1, 0.9]])
    expected = np.exp(np.log(2) + 0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    assert class_score(p, splits=1)[0] == pytest.approx(expected)
    # 认得清的程度不同：先平均 KL 再取指数
    p = np.array([[1.0, 0.0], [0.5, 0.5]])
    mean_kl = (np.log(1 / 0.75) + 0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25)) / 2
    assert class_score(p, splits=1)[0] == pytest.approx(np.exp(mean_kl))


def test_splits_are_averaged_in_order_and_small_ones_score_lower():
    p = np.random.default_rng(4).dirichlet(np.full(10, 0.05), 500)
    parts = [class_score(part, 1)[0] for part in np.array_split(p, 10)]
    assert class_score(p, 10) == pytest.approx((np.mean(parts), np.std(parts)))
    assert class_score(p, 100)[0] < class_score(p, 10)[0] < class_score(p, 1)[0]


def test_what_is_not_a_probability_is_refused():
    for p in (np.ones((4, 3)), np.array([[1.5, -0.5]]), np.ones(3)):
        with pytest.raises(ValueError):
            class_score(p, 1)
    with pytest.raises(ValueError, match="splits"):
        class_score(np.eye(3), 4)


def test_diversity_is_the_mean_pairwise_distance():
    x = np.random.default_rng(5).standard_normal((ROWS + 40, 7)) + 30
    assert feature_diversity(x) == pytest.approx(pdist(x).mean(), rel=1e-9)
    assert feature_diversity(np.repeat(x[:1], 50, axis=0)) == pytest.approx(0.0, abs=1e-5)
    assert feature_diversity(np.array([[0.0], [3.0], [9.0]])) == pytest.approx(6.0)


def flat_network(images: np.ndarray) -> np.ndarray:
    """顶替 Inception：固定的随机投影，维数照 POOL3。"""
    weights = np.random.default_rng(0).standard_normal((images[0].size, true_fid.POOL3)) / 7
    return images.reshape(len(images), -1) @ weights


@pytest.fixture
def pictures(monkeypatch):
    assert true_fid.POOL3 == 2048
    monkeypatch.setattr(true_fid, "POOL3", 60)  # 60 维的特征值分解要几秒
    rng = np.random.default_rng(6)
    return rng.standard_normal((90, 3, 4, 4)), rng.standard_normal((70, 3, 4, 4)) + 0.3


def test_fid_runs_the_network_you_give_it(pictures):
    fake, real = pictures
    expected = frechet_distance(flat_network(fake), flat_network(real))
    assert fid(fake, real, flat_network) == pytest.approx(expected, rel=1e-6)


def test_fid_accepts_stored_features_and_stored_moments(pictures, tmp_path):
    fake, real = (flat_network(x) for x in pictures)
    np.savez(tmp_path / "features.npz", features=fake)
    np.savez(tmp_path / "moments.npz", mu=real.mean(axis=0), sigma=np.cov(real, rowvar=False))
    value = fid(tmp_path / "features.npz", str(tmp_path / "moments.npz"))
    assert value == pytest.approx(frechet_distance(fake, real), rel=1e-6)


def test_fid_without_inception_says_what_is_missing(pictures, tmp_path):
    fake, real = pictures
    with pytest.raises(UserError, match="不附带也不下载.*network="):
        fid(fake, real)
    with pytest.raises(UserError, match="找不到 Inception 特征文件"):
        fid(fake, tmp_path / "无.npz", flat_network)
    with pytest.raises(UserError, match="60"):
        fid(fake, real, lambda images: images.reshape(len(images), -1))
    for stored, message in ((dict(mu=np.zeros(3)), "mu 与 sigma"), (dict(features=fake), "60")):
        np.savez(tmp_path / "bad.npz", **stored)
        with pytest.raises(UserError, match=message):
            fid(tmp_path / "bad.npz", real, flat_network)
    np.savez(tmp_path / "bad.npz", mu=np.zeros(3), sigma=np.eye(3))
    with pytest.raises(UserError, match="60 维"):
        fid(tmp_path / "bad.npz", real, flat_network)
    for content in (b"PK\x03\x04", b"no archive", b""):
        (tmp_path / "bad.npz").write_bytes(content)
        with pytest.raises(UserError, match="不是 np.savez"):
            fid(tmp_path / "bad.npz", real, flat_network)
    np.save(tmp_path / "one.npy", fake)
    with pytest.raises(UserError, match="里要有 features"):
        fid(tmp_path / "one.npy", real, flat_network)
