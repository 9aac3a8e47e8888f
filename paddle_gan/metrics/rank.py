"""秩相关：两列数的次序像不像。"""

import numpy as np


def spearman(a: list[float], b: list[float]) -> float:
    """秩相关系数，−1..1，ρ = 1 − 6Σd² / (n(n² − 1))；没有并列。次序完全一致时恰好是 1。"""
    first, second = (np.argsort(np.argsort(values)) for values in (a, b))
    n = len(first)
    return float(1 - 6 * np.sum((first - second) ** 2) / (n * (n**2 - 1)))


def spearman_tied(a: list[float], b: list[float]) -> float:
    """秩相关系数，−1..1；有并列时用，并列的取平均的秩。有一列全相等时没有定义，是 nan。"""
    from scipy.stats import spearmanr  # 要零点几秒，用到才导入

    return float(spearmanr(a, b).statistic)
