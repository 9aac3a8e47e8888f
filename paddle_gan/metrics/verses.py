"""诗的度量：数出来的语言模型（一元、二元），两字相连见没见过，抄了多少，一联里有没有重字。

没有标准答案的文字，只能与别的诗比；n 元组都不跨过一句。
"""

from dataclasses import dataclass

import numpy as np

from paddle_gan.metrics.sequences import distinct_ngrams

LINE = 5  # 一句的字数
PLACE_WEIGHT, PAIR_WEIGHT = 500, 200  # 平滑：字频、各处的字频各当几次数；拿训练集的一部分试出来的


@dataclass(frozen=True)
class Counted:
    """数出来的语言模型：places (T, V) 是第 t 处的字频，pairs (V, V) 是一句里两字相连的次数。"""

    places: np.ndarray
    pairs: np.ndarray

    def probabilities(self, t: int, before: np.ndarray) -> np.ndarray:
        """第 t 处写哪个字 (N, V)，before (N,) 是前一个字；一句的开头不看它。"""
        place = np.tile(self.places[t], (len(before), 1))
        if t % LINE == 0:
            return place
        # p(b | a, t) = (c(a, b) + k·p_t(b))/(c(a) + k)
        counts = self.pairs[before] + PAIR_WEIGHT * place
        return counts / counts.sum(axis=1, keepdims=True)

    def log_likelihood(self, tokens: np.ndarray) -> np.ndarray:
        """每一联 (N, T) 的对数概率 (N,)。"""
        rows, total = np.arange(len(tokens)), np.zeros(len(tokens))
        for t in range(tokens.shape[1]):
            total += np.log(self.probabilities(t, tokens[:, t - 1])[rows, tokens[:, t]])
        return total


def unigram(tokens: np.ndarray, vocabulary: int) -> Counted:
    """只看字频，加一平滑；tokens (N, T) 是训练的联。"""
    # p(x) = (c(x) + 1)/(N·T + V)
    counts = np.bincount(tokens.ravel(), minlength=vocabulary) + 1.0
    places = np.tile(counts / counts.sum(), (tokens.shape[1], 1))
    return Counted(places, np.zeros((vocabulary, vocabulary)))


def bigram(tokens: np.ndarray, vocabulary: int) -> Counted:
    """看前一个字，也看写到第几处。"""
    # p_t(x) = (c_t(x) + j·p(x))/(N + j)
    counts = np.stack([np.bincount(column, minlength=vocabulary) for column in tokens.T])
    smooth = counts + PLACE_WEIGHT * unigram(tokens, vocabulary).places
    pairs, lines = np.zeros((vocabulary, vocabulary)), tokens.reshape(-1, LINE)
    np.add.at(pairs, (lines[:, :-1], lines[:, 1:]), 1)
    return Counted(smooth / smooth.sum(axis=1, keepdims=True), pairs)


def seen(tokens: np.ndarray, reference: np.ndarray, n: int) -> float:
    """tokens (N, T) 各句的 n 元组里，reference 各句里也有的占几成（重复的也数）。"""
    return float(np.isin(packed(tokens, n), packed(reference, n)).mean())


def packed(tokens: np.ndarray, n: int) -> np.ndarray:
    """各句的 n 元组，一个一个数；编号小于 2¹⁶ 而 n 不大于 4，互不相同。"""
    lines = tokens.reshape(-1, LINE).astype(np.uint64)
    grams = np.lib.stride_tricks.sliding_window_view(lines, n, axis=1)
    return (grams << (16 * np.arange(n, dtype=np.uint64))).sum(axis=2).ravel()


def with_repeats(tokens: np.ndarray) -> float:
    """有重字的联占几成，tokens (N, T)。"""
    ordered = np.sort(tokens, axis=1)
    return float((ordered[:, 1:] == ordered[:, :-1]).any(axis=1).mean())


def surface(tokens: np.ndarray, train: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """只看写出来的联 (N, T) 就能算的四样；train 是训练的联，reference 是没见过的。"""
    return {
        "found2": seen(tokens, reference, 2),
        "distinct2": distinct_ngrams(tokens.reshape(-1, LINE), 2),
        "copied3": seen(tokens, train, 3),
        "repeats": with_repeats(tokens),
    }
