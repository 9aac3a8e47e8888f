"""秩相关：两列数的次序像不像。"""

import numpy as np


def spearman(a: list[float], b: list[float]) -> float:
    """秩相关系数，−1..1；并列的取平均的秩。

    次序完全一致时恰好是 1；有一列全相等、有 nan 时没有定义，是 nan。
    """
    if np.isnan(a).any() or np.isnan(b).any():
        return float("nan")
    first, second = mean_ranks(a), mean_ranks(b)
    n = len(first)
    tied = len(np.unique(a)) < n or len(np.unique(b)) < n
    if not tied:
        # ρ = 1 − 6Σd² / (n(n² − 1))；没有舍入误差
        return float(1 - 6 * np.sum((first - second) ** 2) / (n * (n**2 - 1)))
    first, second = first - first.mean(), second - second.mean()
    size = np.sqrt((first**2).sum() * (second**2).sum())
    return float((first * second).sum() / size) if size else float("nan")


def mean_ranks(values: list[float]) -> np.ndarray:
    """秩 (n,)，从 1 数起；并列的取它们的秩的平均。"""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    # 一组并列的占第 last − count + 1 到第 last 名，平均是 last − (count − 1) / 2
    return (counts.cumsum() - (counts - 1) / 2)[place]
