"""弗雷歇距离（Fréchet distance，FD）：两组特征各配一个高斯，量两个高斯相差多远。

论文：FID（Heusel 等，2017）式 (6)；两个高斯之间的公式来自 Dowson 与 Landau（1982）。

    d² = ‖μ_a − μ_b‖² + Tr(Σ_a + Σ_b − 2 (Σ_a Σ_b)^½)

这里返回的是 d²，与 FID 的惯例相同。只有用 Inception 的 pool3 特征才能叫 FID；
用别的特征就用别的名字（FD-LeNet、FD-PCA64），数值之间不能互相比较。
样本越少，FD 越偏大：要同时报告“真实对真实”的值作为下限，比较时两边的样本数也要固定。
"""

import numpy as np

from paddle_gan.errors import UserError
from paddle_gan.metrics.distances import check_features


def frechet_distance(features_a: np.ndarray, features_b: np.ndarray) -> float:
    """两组特征 (n, d)、(m, d) 的弗雷歇距离 d²（FID 论文式 (6)），协方差用 n − 1。

    Σ_a Σ_b 的平方根不用 sqrtm：协方差奇异时（特征里有恒为 0 的维，或 n ≤ d）它会给出复数或 NaN。
    设 A 为去掉均值的特征除以 √(n − 1)，QR 分解得 A = Q_a R_a，则 Σ_a = R_aᵀ R_a，
    于是 Tr (Σ_a Σ_b)^½ 等于 R_a R_bᵀ 的奇异值之和，奇异与否都成立，也不必开平方。

    特征有 NaN 或 Inf、样本少于 2 个时抛出 UserError；形状不对时抛出 ValueError。
    """
    a, b = check_features(features_a, least=2), check_features(features_b, least=2)
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"两组特征的维数不同：{a.shape[1]} 与 {b.shape[1]}")
    mean_a, root_a = _mean_and_root(a)
    mean_b, root_b = _mean_and_root(b)
    # Tr Σ = Tr RᵀR = Σ R²ᵢⱼ
    traces = (root_a**2).sum() + (root_b**2).sum()
    # Tr (Σ_a Σ_b)^½ = Σ 奇异值(R_a R_bᵀ)
    cross = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()
    # d² = ‖μ_a − μ_b‖² + Tr Σ_a + Tr Σ_b − 2 Tr (Σ_a Σ_b)^½
    distance = ((mean_a - mean_b) ** 2).sum() + traces - 2 * cross
    return float(max(distance, 0.0))  # 理论上非负；舍入误差会给出 −1e−15 这样的数


def frechet_from_moments(
    mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray
) -> float:
    """由均值 (d,) 与协方差 (d, d) 求弗雷歇距离 d²；两个高斯的 W₂ 就是它的平方根。

    形状不对时抛出 ValueError。
    """
    moments = [np.asarray(m, np.float64) for m in (mean_a, cov_a, mean_b, cov_b)]
    d = moments[0].size
    if [m.shape for m in moments] != [(d,), (d, d)] * 2:
        raise ValueError(f"要均值 (d,) 与协方差 (d, d)，得到 {[m.shape for m in moments]}")
    mean_a, cov_a, mean_b, cov_b = moments
    values, vectors = np.linalg.eigh(cov_a)
    root_a = vectors * np.sqrt(np.maximum(values, 0.0))  # root_a root_aᵀ = Σ_a
    # Σ_a Σ_b 与 root_aᵀ Σ_b root_a 的特征值相同，后者对称半正定
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root_a.T @ cov_b @ root_a), 0.0)).sum()
    distance = ((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross
    return float(max(distance, 0.0))


def fit_pca(images_flat: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """主成分分析：由真实图像 (n, d) 求均值 (d,) 与前 components 个主方向 (d, components)。

    主方向彼此正交，长度为 1，方差从大到小。没有合适分类器的数据集用它作特征：
    真实图像的前 64 个主成分上的弗雷歇距离记作 FD-PCA64。

    components 不在 1..min(n − 1, d) 时抛出 UserError。
    """
    flat = check_features(images_flat, least=2)
    limit = min(len(flat) - 1, flat.shape[1])
    if not 1 <= components <= limit:
        n, d = flat.shape
        raise UserError(f"{n} 张 {d} 维的图像最多有 {limit} 个主成分，要不了 {components} 个")
    mean = flat.mean(axis=0)
    centered = flat - mean
    if len(flat) >= flat.shape[1]:
        _, vectors = np.linalg.eigh(centered.T @ centered)  # 特征值从小到大
        return mean, vectors[:, : -components - 1 : -1].copy()
    # 样本少于维数：Xᵀu/‖Xᵀu‖ 是 XᵀX 的特征向量，u 是小得多的 XXᵀ 的特征向量
    _, vectors = np.linalg.eigh(centered @ centered.T)
    basis = centered.T @ vectors[:, : -components - 1 : -1]
    # 重复的图像让后面的 Xᵀu 是 0，不能除以长度；QR 总给出正交、长度为 1 的方向
    return mean, np.linalg.qr(basis)[0]


def project(images_flat: np.ndarray, mean: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """把图像 (n, d) 投影到 fit_pca 给出的主方向上，得到特征 (n, components)。"""
    return (np.asarray(images_flat, np.float64) - mean) @ basis


def _mean_and_root(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """均值 (d,)，以及满足 RᵀR = Σ 的 R (min(n, d), d)。"""
    mean = features.mean(axis=0)
    root = np.linalg.qr((features - mean) / np.sqrt(len(features) - 1), mode="r")
    return mean, root
