"""精度与召回、密度与覆盖：把“像不像”和“全不全”分开量。

论文：Kynkäänniemi 等（2019）式 (1)–(2)，k = 3；Naeem 等（2020）§3，k = 5。
每个样本配一个球，半径是它到同组第 k 近邻的距离；一组的球并起来，近似那组分布的支撑集。

    精度    生成样本落进真实球的比例          质量    一个离群的真实样本就撑开一个大球，虚高
    召回    真实样本落进生成球的比例          多样性  生成样本越散，球越大，虚高
    密度    生成样本平均落进几个真实球，除以 k  质量    可以大于 1：挤在真实样本密的地方
    覆盖    球里有生成样本的真实样本的比例      多样性  只用真实样本的球，不怕离群

四个量都随样本数和特征变：比较时两边的张数都要固定，并与“真实数据”一行对照。
逐张照抄训练图像的生成器四项全满，要靠 memorisation.py 才看得出来。
"""

import numpy as np

from paddle_gan.metrics.distances import (
    check_pair,
    distance_blocks,
    neighbor_distances,
    slack,
)


def precision_recall(fake: np.ndarray, real: np.ndarray, k: int = 3) -> tuple[float, float]:
    """精度与召回，各 0..1，越大越好（Kynkäänniemi 等，2019，式 (1)–(2)）。

    参数：
        fake, real: 生成与真实样本的特征 (m, d)、(n, d)
        k: 半径取到第几近邻；原文 3

    特征有 NaN 或 Inf、样本不多于 k 个时抛出 UserError；形状不对时抛出 ValueError。
    """
    fake, real = check_pair(fake, real, least=2)
    edge = slack(fake, real)
    # α(φ, Φ) = 1，若存在 φ' ∈ Φ 使 ‖φ − φ'‖ ≤ ‖φ' − NN_k(φ')‖
    real_radius, fake_radius = (neighbor_distances(x, k) + edge for x in (real, fake))
    precise = [(block <= real_radius).any(axis=1) for _, block in distance_blocks(fake, real)]
    recalled = [(block <= fake_radius).any(axis=1) for _, block in distance_blocks(real, fake)]
    return float(np.concatenate(precise).mean()), float(np.concatenate(recalled).mean())


def density_coverage(fake: np.ndarray, real: np.ndarray, k: int = 5) -> tuple[float, float]:
    """密度（0..∞，同分布时约为 1）与覆盖（0..1）（Naeem 等，2020，§3）。

    参数：
        fake, real: 生成与真实样本的特征 (m, d)、(n, d)
        k: 半径取到第几近邻；原文 5

    同分布、两边都是 n 个时覆盖的期望约为 1 − 2⁻ᵏ（k = 5 时 0.97），不是 1；
    逐张照抄时密度是 (k + 1) / k。高维时波动不小：1000 维标准高斯、各 10,000 个、k = 5，种子 0–4 的
    密度是 0.913–1.070，覆盖 0.956–0.974（精度 0.456–0.497，召回 0.474–0.493）；Naeem 等的代码说明里
    那一次是 1.0555、0.9735（0.4772、0.4705）。出错情形同 precision_recall。
    """
    fake, real = check_pair(fake, real, least=2)
    radius = neighbor_distances(real, k) + slack(fake, real)
    inside, nearest = 0, np.full(len(real), np.inf)
    for _, block in distance_blocks(fake, real):
        inside += int((block <= radius).sum())
        nearest = np.minimum(nearest, block.min(axis=0))
    # density = 1/(k·m) Σⱼ Σᵢ 1[yⱼ ∈ B(xᵢ, NND_k(xᵢ))]
    density = inside / (k * len(fake))
    # coverage = 1/n Σᵢ 1[存在 yⱼ ∈ B(xᵢ, NND_k(xᵢ))]
    coverage = (nearest <= radius).mean()
    return float(density), float(coverage)
