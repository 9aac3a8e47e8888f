"""Parzen 窗（核密度估计）：用样本搭一个密度，量它给测试数据多大的对数似然。

论文：GAN（Goodfellow 等，2014）表 1；σ 在验证集上挑。

    p̂(x) = 1/n Σⱼ N(x; yⱼ, σ²I)

它是 GAN 论文用的唯一一个数，也是最会骗人的一个（Theis 等，2016，§3.2）：784 维里 n 个球盖不住什么，
分数量的多半是“离最近的一个样本有多远”，所以一堆模糊的平均图、照抄的训练图都能胜过真正的样本。
放在这里是为了看它怎样被骗，不是拿来排名次。
"""

import numpy as np

from paddle_gan.metrics.distances import check_pair, distance_blocks

SIGMAS = tuple(np.geomspace(0.05, 0.5, 21))  # [0, 1] 的图像，挑 σ 时试的


def parzen_log_likelihood(samples: np.ndarray, points: np.ndarray, sigma: float) -> float:
    """以 samples (n, d) 为中心的 Parzen 窗给 points (m, d) 的平均对数似然（nat），越大“越好”。

    sigma ≤ 0 时抛出 ValueError；特征有 NaN 或 Inf 时抛出 UserError。
    """
    if not sigma > 0:
        raise ValueError(f"sigma 要大于 0，得到 {sigma}")
    points, samples = check_pair(points, samples)
    n, d = samples.shape
    found = []
    for _, block in distance_blocks(points, samples):
        # log p̂(x) = logΣⱼ exp(−‖x − yⱼ‖²/2σ²) − log n − d/2·log(2πσ²)
        exponent = -(block**2) / (2 * sigma**2)
        top = exponent.max(axis=1, keepdims=True)
        found.append(top[:, 0] + np.log(np.exp(exponent - top).sum(axis=1)))
    constant = np.log(n) + d / 2 * np.log(2 * np.pi * sigma**2)
    return float(np.concatenate(found).mean() - constant)


def best_sigma(samples: np.ndarray, validation: np.ndarray, sigmas=SIGMAS) -> float:
    """sigmas 里让验证集的对数似然最大的一个；GAN 论文的做法，每个模型各挑各的。"""
    return float(max(sigmas, key=lambda s: parzen_log_likelihood(samples, validation, s)))
