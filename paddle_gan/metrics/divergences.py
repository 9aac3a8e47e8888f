"""离散分布之间的散度：KL、JS、全变差、χ²、Hellinger，以及最优判别器与 GAN 的最优值。

论文：GAN（Goodfellow 等，2014）命题 1：固定 G，最优判别器是 D* = p / (p + q)；
定理 1：代入之后 V(G, D*) = 2·JS(p, q) − 2·log 2。f-GAN（Nowozin 等，2016）表 1：换一个 f，
就换一个散度 D_f(p ‖ q) = Σ q·f(p / q)。

p 是真实分布，q 是生成分布，形状相同（一维或多维网格都行），每一格是概率质量，总和为 1。
连续密度先在网格上取值，再用 normalize 换成质量；两组样本用 shared_histogram。单位都是奈特(nat)。
p、q 的支撑不相交时 JS 恒等于 log 2、全变差恒等于 1、KL 是 ∞，与离得多远无关；
离得多远要用 transport.py。
"""

import numpy as np

from paddle_gan.errors import UserError


def normalize(weights: np.ndarray) -> np.ndarray:
    """非负的权重（密度在均匀网格上的取值、计数）除以总和，得到质量，形状不变。

    有负数、NaN、Inf 或总和为 0 时抛出 ValueError。
    """
    weights = np.asarray(weights, np.float64)
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() == 0:
        raise ValueError("权重要是有限的非负数，而且不全为 0")
    return weights / weights.sum()


def kl_divergence(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p ‖ q)，0..∞。正向（最大似然，漏掉模式要受罚）；反向把两个参数对调（生成了假样本要受罚）。

    有一格 p > 0 而 q = 0 时是 inf，不偷偷加一个小数。
    """
    p, q = _check_masses(p, q)
    here = p > 0
    if (q[here] == 0).any():
        return float("inf")
    # KL(p ‖ q) = Σ p·log(p / q)
    return float((p[here] * np.log(p[here] / q[here])).sum())


def js_divergence(p: np.ndarray, q: np.ndarray) -> float:
    """JS 散度，对称，0..log 2。"""
    p, q = _check_masses(p, q)
    middle = (p + q) / 2
    # JS(p, q) = ½ KL(p ‖ m) + ½ KL(q ‖ m)，m = (p + q) / 2
    return (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2


def total_variation(p: np.ndarray, q: np.ndarray) -> float:
    """全变差（total variation），对称，0..1；hinge 损失的最优判别器量的是它。"""
    p, q = _check_masses(p, q)
    # TV(p, q) = ½ Σ |p − q|
    return float(np.abs(p - q).sum() / 2)


def chi_square(p: np.ndarray, q: np.ndarray) -> float:
    """χ²(p ‖ q)，0..∞，f(u) = (u − 1)²；对调两个参数得到另一个方向（Neyman）。"""
    p, q = _check_masses(p, q)
    if (p[q == 0] > 0).any():
        return float("inf")
    here = q > 0
    # χ²(p ‖ q) = Σ (p − q)² / q
    return float(((p[here] - q[here]) ** 2 / q[here]).sum())


def triangular(p: np.ndarray, q: np.ndarray) -> float:
    """三角判别 Δ，对称，0..2；最小二乘的判别器最优时 E_p[(D − 1)²] + E_q[D²] = ½ − ¼·Δ。"""
    p, q = _check_masses(p, q)
    here = p + q > 0
    # Δ(p, q) = Σ (p − q)² / (p + q)
    return float(((p - q)[here] ** 2 / (p + q)[here]).sum())


def hellinger(p: np.ndarray, q: np.ndarray) -> float:
    """Hellinger 距离 H（不是 H²），对称，0..1。"""
    p, q = _check_masses(p, q)
    # H² = ½ Σ (√p − √q)²
    return float(np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2))


def divergence_report(p: np.ndarray, q: np.ndarray) -> dict[str, float]:
    """一次算全：kl、reverse_kl、js、tv、chi_square、reverse_chi_square、hellinger。"""
    return {
        "kl": kl_divergence(p, q),
        "reverse_kl": kl_divergence(q, p),
        "js": js_divergence(p, q),
        "tv": total_variation(p, q),
        "chi_square": chi_square(p, q),
        "reverse_chi_square": chi_square(q, p),
        "hellinger": hellinger(p, q),
    }


def optimal_discriminator(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """最优判别器 D* = p / (p + q)（GAN 命题 1），与 p 同形，0..1；p、q 是质量或密度都行。

    p、q 都是 0 的地方没有样本，D* 取什么都不影响目标函数，这里取 ½。
    """
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    total = p + q
    # D*(x) = p(x) / (p(x) + q(x))
    return np.where(total > 0, p / np.where(total > 0, total, 1.0), 0.5)


def optimal_value(p: np.ndarray, q: np.ndarray) -> float:
    """判别器最优时的目标函数 V(G, D*)（GAN 定理 1），−2·log 2..0；p = q 时是 −1.3863。"""
    # V(G, D*) = 2·JS(p, q) − 2·log 2
    return 2 * js_divergence(p, q) - 2 * float(np.log(2))


def shared_histogram(
    x: np.ndarray, y: np.ndarray, bins: int = 50, pseudo_count: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """两组样本 (n,) 或 (n, d)、(m, d) 在同一张网格上的直方图，换成质量，各 (bins, …, bins)。

    网格的范围恰好盖住两组样本，每一维 bins 格。格子越细，散度的估计越偏大：
    每格只有一个样本时，任何两组样本的 JS 都是 log 2。pseudo_count 给每一格加上同样的计数，
    避免 KL 因为一个空格子变成 ∞；默认不加。

    样本有 NaN 或 Inf 时抛出 UserError；形状不对、bins < 1 或 bins^d 超过 10⁷ 时抛出 ValueError。
    """
    x, y = (np.asarray(points, np.float64) for points in (x, y))
    x, y = (points[:, None] if points.ndim == 1 else points for points in (x, y))
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or not (len(x) and len(y)):
        raise ValueError(f"要两组维数相同的样本 (n, d)，得到 {x.shape} 与 {y.shape}")
    if bins < 1 or bins ** x.shape[1] > 10**7 or pseudo_count < 0:
        raise ValueError(f"{x.shape[1]} 维、每维 {bins} 格：格子数要在 1..10⁷，伪计数不能为负")
    both = np.concatenate([x, y])
    if not np.isfinite(both).all():
        raise UserError("样本里有 NaN 或 Inf，训练已经发散；先降低学习率再评测")
    limits = list(zip(both.min(axis=0), both.max(axis=0)))
    counts = [np.histogramdd(points, bins=bins, range=limits)[0] for points in (x, y)]
    return normalize(counts[0] + pseudo_count), normalize(counts[1] + pseudo_count)


def _check_masses(p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """换成 float64，挡住形状不同、没有归一的输入。"""
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    if p.shape != q.shape:
        raise ValueError(f"两个分布的形状不同：{p.shape} 与 {q.shape}")
    for mass in (p, q):
        if not abs(mass.sum() - 1) < 1e-6 or (mass < 0).any():
            raise ValueError(f"质量要非负、总和为 1，得到 {mass.sum():.6g}；密度先用 normalize")
    return p, q
