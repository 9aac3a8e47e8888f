"""核距离（kernel distance，KD）：最大均值差异 MMD² 的无偏估计，三次多项式核。

论文：KID（Bińkowski 等，2018）：k(x, y) = (x·y / d + 1)³，d 是特征的维数。
它比弗雷歇距离多看一阶：高斯只有均值与协方差，三次核还比较三阶矩；而且无偏，
样本少时平均值不偏大，所以同分布时在 0 上下波动，可以是负的。
只有用 Inception 的 pool3 特征才能叫 KID；用 LeNet 特征的叫 KD-LeNet，数值之间不能互相比较。
"""

import numpy as np

from paddle_gan.metrics.distances import ROWS, check_features


def kernel_distance(fake: np.ndarray, real: np.ndarray) -> float:
    """两组特征 (m, d)、(n, d) 的 MMD² 的无偏估计，全部样本一次用上。

    特征有 NaN 或 Inf、样本少于 2 个时抛出 UserError；形状不对时抛出 ValueError。
    """
    fake, real = check_features(fake, least=2), check_features(real, least=2)
    if fake.shape[1] != real.shape[1]:
        raise ValueError(f"两组特征的维数不同：{fake.shape[1]} 与 {real.shape[1]}")
    m, n = len(fake), len(real)
    # MMD² = 1/(m(m−1)) Σ_{i≠j} k(xᵢ, xⱼ) + 1/(n(n−1)) Σ_{i≠j} k(yᵢ, yⱼ) − 2/(mn) Σ k(xᵢ, yⱼ)
    within_fake = (_kernel_sum(fake, fake) - _self_sum(fake)) / (m * (m - 1))
    within_real = (_kernel_sum(real, real) - _self_sum(real)) / (n * (n - 1))
    return within_fake + within_real - 2 * _kernel_sum(fake, real) / (m * n)


def kernel_distance_subsets(
    fake: np.ndarray, real: np.ndarray, subsets: int = 100, size: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """论文的做法：随机取 subsets 次子集（每次两边各 size 个）各算一次，返回（平均，标准差）。

    平均与 kernel_distance 估计的是同一个量，但更不稳；标准差说明 size 个样本时波动有多大。
    size 大于任一边的样本数，或 subsets < 1 时抛出 ValueError。
    """
    fake, real = check_features(fake, least=2), check_features(real, least=2)
    if subsets < 1 or not 2 <= size <= min(len(fake), len(real)):
        raise ValueError(
            f"每次取 {size} 个，而样本只有 {len(fake)} 与 {len(real)} 个（subsets = {subsets}）"
        )
    rng = np.random.default_rng(seed)
    values = [
        kernel_distance(*(x[rng.choice(len(x), size, replace=False)] for x in (fake, real)))
        for _ in range(subsets)
    ]
    return float(np.mean(values)), float(np.std(values))


def _kernel(inner: np.ndarray, d: int) -> np.ndarray:
    """由内积 x·y 求核的值。"""
    # k(x, y) = (x·y / d + 1)³
    return (inner / d + 1) ** 3


def _kernel_sum(a: np.ndarray, b: np.ndarray) -> float:
    """Σᵢⱼ k(aᵢ, bⱼ)，按行分块。"""
    starts = range(0, len(a), ROWS)
    return float(sum(_kernel(a[i : i + ROWS] @ b.T, a.shape[1]).sum() for i in starts))


def _self_sum(a: np.ndarray) -> float:
    """Σᵢ k(aᵢ, aᵢ)。"""
    return float(_kernel((a**2).sum(axis=1), a.shape[1]).sum())
