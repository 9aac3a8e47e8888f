"""序列的度量：不同的 n 元组占多少、转移的频率、两个分布之间精确的 KL（小的词表才枚举得了）。"""

from itertools import product

import numpy as np


def distinct_ngrams(tokens: np.ndarray, n: int = 4) -> float:
    """不重复的 n 元组占全部 n 元组的比例，tokens (N, T)；序列比 n 短时按整条算。

    条数越多，重复的越多：只能与同样条数的比。
    """
    n = min(n, tokens.shape[1])
    grams = np.lib.stride_tricks.sliding_window_view(tokens, n, axis=1).reshape(-1, n)
    return len(np.unique(grams, axis=0)) / len(grams)


def transition_frequencies(tokens: np.ndarray, vocabulary: int) -> np.ndarray:
    """第 i 个词元后面跟第 j 个的频率 (V, V)，每行和为 1；没有出现过的词元，那一行是 0。"""
    counts = np.zeros((vocabulary, vocabulary))
    np.add.at(counts, (tokens[:, :-1], tokens[:, 1:]), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def all_sequences(vocabulary: int, length: int) -> np.ndarray:
    """全部 V^T 条序列 (V^T, T)，按字典序。"""
    return np.array(list(product(range(vocabulary), repeat=length)), np.int64)


def kl_divergence(log_p: np.ndarray, log_q: np.ndarray) -> float:
    """KL(p‖q)，由全部序列在两边的对数概率算得；p 写得出而 q 写不出时是无穷大。"""
    # KL(p‖q) = Σ_x p(x)·(log p(x) − log q(x))，0·log 0 = 0
    written = np.isfinite(log_p)
    return float((np.exp(log_p[written]) * (log_p[written] - log_q[written])).sum())
