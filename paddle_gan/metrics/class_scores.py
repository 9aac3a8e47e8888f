"""分类器给的两个量：Inception 分数式的分数，与特征的多样性。

论文：Inception 分数（Salimans 等，2016）§4：IS = exp(E_x KL(p(y|x) ‖ p(y)))。
每张都认得清（p(y|x) 集中）、各类一样多（p(y) 均匀）时最大，是类别数 K。
它看不见类内的多样性：每类只画一张清晰的图就能得满分；也看不见照抄。
只有用 Inception-v3 在 ImageNet 上的概率才能叫 IS；用 LeNet 的叫 IS-LeNet，数值之间不能互相比较。

多样性：特征两两距离的平均，与 LPIPS 多样性（BicycleGAN，Zhu 等，2017）同样的算法，
但特征不是 LPIPS，所以叫 feature_diversity。
"""

import numpy as np

from paddle_gan.metrics.distances import check_features, distance_blocks


def class_score(probabilities: np.ndarray, splits: int = 10) -> tuple[float, float]:
    """Inception 分数式的分数：（splits 份的平均，标准差），1..K，越大越好。

    参数：
        probabilities: 分类器对每张图像的类别概率 (n, K)，每行总和为 1
        splits: 按次序分成几份，各算一次再平均；原文 10 份、每份 5,000 张

    每份的张数少时分数偏小。概率没有归一、不是 (n, K) 或 n < splits 时抛出 ValueError。
    """
    p = np.asarray(probabilities, np.float64)
    if p.ndim != 2 or not 1 <= splits <= len(p):
        raise ValueError(f"要概率 (n, K)，n 不少于 splits = {splits}，得到 {p.shape}")
    if (p < 0).any() or not np.allclose(p.sum(axis=1), 1, atol=1e-4):
        raise ValueError("每一行要是非负、总和为 1 的概率")
    scores = [_exp_mutual_information(part) for part in np.array_split(p, splits)]
    return float(np.mean(scores)), float(np.std(scores))


def feature_diversity(features: np.ndarray) -> float:
    """特征 (n, d) 两两之间欧氏距离的平均，0..∞；坍塌到一个点时是 0，要与真实数据的值相比。"""
    features = check_features(features, least=2)
    features = features - features.mean(axis=0)
    total = 0.0
    for start, block in distance_blocks(features, features):
        rows = np.arange(len(block))
        block[rows, start + rows] = 0.0  # 自己到自己恰为 0，舍入误差不算
        total += block.sum()
    return float(total / (len(features) * (len(features) - 1)))


def _exp_mutual_information(p: np.ndarray) -> float:
    """一份概率 (n, K) 的 exp(E_x KL(p(y|x) ‖ p(y)))，p(y) 是这一份的平均。"""
    marginal = p.mean(axis=0)
    log_ratio = np.log(np.where(p > 0, p, 1.0)) - np.log(np.where(marginal > 0, marginal, 1.0))
    # IS = exp(E_x Σ_y p(y|x)·log(p(y|x) / p(y)))
    return float(np.exp((p * log_ratio).sum(axis=1).mean()))
