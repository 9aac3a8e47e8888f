"""PRD 曲线：精度与召回不是两个数，而是一条此消彼长的曲线。

论文：Sajjadi 等（2018）《Assessing Generative Models via Precision and Recall》。
把两组特征合在一起聚成 20 类，比较两张类别直方图 p（真实）与 q（生成）：

    α(λ) = Σ min(λ·p, q)   精度        β(λ) = Σ min(p, q / λ)   召回

曲线用两个数概括：F₈ 的最大值偏重召回，F_⅛ 的最大值偏重精度。
聚类有随机性，与原文一样重复几次再平均；两边的样本数应当相等，否则聚类偏向多的一边。
"""

import numpy as np

from paddle_gan.metrics.distances import check_pair

ANGLES = 1001
BETA = 8.0


def prd_curve(q: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """生成直方图 q (K,) 对真实直方图 p (K,) 的 PRD 曲线：精度 (1001,) 与召回 (1001,)，各 0..1。

    q、p 是概率质量，总和为 1；形状不同或没有归一时抛出 ValueError。
    """
    q, p = np.asarray(q, np.float64), np.asarray(p, np.float64)
    if q.shape != p.shape or q.ndim != 1 or max(abs(q.sum() - 1), abs(p.sum() - 1)) > 1e-6:
        raise ValueError(f"要两个总和为 1 的直方图 (K,)，得到 {q.shape} 与 {p.shape}")
    # λ = tan(角度)，角度在 (0, π/2) 里均匀
    slopes = np.tan(np.linspace(1e-6, np.pi / 2 - 1e-6, ANGLES))
    # α(λ) = Σ min(λ·p, q)，β(λ) = α(λ) / λ
    precision = np.minimum(slopes[:, None] * p, q).sum(axis=1)
    return np.clip(precision, 0, 1), np.clip(precision / slopes, 0, 1)


def prd_f_scores(precision: np.ndarray, recall: np.ndarray) -> tuple[float, float]:
    """一条 PRD 曲线的 (F₈, F_⅛) 的最大值，各 0..1：前者偏重召回，后者偏重精度。"""
    scores = []
    for square in (BETA**2, 1 / BETA**2):
        # F_β = (1 + β²)·P·R / (β²·P + R)
        bottom = np.maximum(square * precision + recall, 1e-12)
        scores.append(float(((1 + square) * precision * recall / bottom).max()))
    return scores[0], scores[1]


def cluster_histograms(
    fake: np.ndarray, real: np.ndarray, clusters: int = 20, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """把两组特征合在一起做 k 均值聚类，返回生成与真实的类别直方图 (q, p)，各 (clusters,)。

    样本少于 clusters 个时抛出 ValueError。
    """
    # 这里才导入：scikit-learn 要一两秒，多数命令用不到
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    fake, real = check_pair(fake, real)
    if len(fake) + len(real) < clusters:
        raise ValueError(f"{len(fake) + len(real)} 个样本聚不成 {clusters} 类")
    with threadpool_limits(limits=1):  # 多线程时累加次序不定，同样的种子会得到不同的类
        labels = KMeans(clusters, n_init=1, random_state=seed).fit_predict(np.vstack([fake, real]))
    counts = [np.bincount(part, minlength=clusters) for part in np.split(labels, [len(fake)])]
    return counts[0] / len(fake), counts[1] / len(real)


def prd_scores(
    fake: np.ndarray, real: np.ndarray, clusters: int = 20, runs: int = 10, seed: int = 0
) -> tuple[float, float]:
    """两组特征 (m, d)、(n, d) 的 (F₈, F_⅛)，曲线是 runs 次聚类的平均；m 与 n 应当相等。"""
    histograms = [cluster_histograms(fake, real, clusters, seed + run) for run in range(runs)]
    curves = [prd_curve(q, p) for q, p in histograms]
    precision, recall = np.mean(curves, axis=0)
    return prd_f_scores(precision, recall)
