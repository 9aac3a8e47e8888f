"""离散的序列：一阶马尔可夫链写出来的，概率全都知道，所以“写得像不像”能精确地算。

真正的文字没有这样的标准答案；SeqGAN 论文用一个随机的 LSTM 当标准答案（oracle），
那里只能采样估计，这里的似然、熵与散度都是精确值。
"""

from typing import Annotated

import numpy as np
from pydantic import Field, PositiveFloat

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Sequences

CHAIN_SEED = 2014  # 转移概率由它定，所有人的链都一样
SPLITS = {"train": 1, "test": 2}  # 两个划分各用一条随机数流
Few = Annotated[int, Field(ge=2, le=1000)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]


class Markov(Dataset):
    """x_1 ~ π，x_{t+1} ~ P[x_t, ·]；π 与 P 的每一行各是一次 Dirichlet(concentration) 抽样。

    .initial π (V,) · .transition P (V, V) · .vocabulary V · .tokens 序列 (size, T) int64。
    concentration 越小，链越有规律（每个词元后面只跟少数几个）；训练与测试是互相独立的序列。
    """

    batch_types = (Sequences,)

    def __init__(
        self,
        *,
        vocabulary: Few = 10,
        length: Few = 8,
        concentration: PositiveFloat = 0.3,
        size: Count = 5000,
        split: Split = "train",
    ):
        draw = np.random.default_rng(CHAIN_SEED).dirichlet
        self.initial = draw(np.full(vocabulary, concentration))
        self.transition = draw(np.full(vocabulary, concentration), size=vocabulary)
        self.vocabulary, self.shape = vocabulary, (length,)
        self.tokens = self.sample(size, np.random.default_rng([CHAIN_SEED, SPLITS[split]]))

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.tokens),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return Sequences(self.tokens[indices[0]])

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n 条新的序列 (n, T) int64。"""
        tokens = np.empty((n, *self.shape), np.int64)
        tokens[:, 0] = pick(np.tile(self.initial, (n, 1)), rng)
        for t in range(1, self.shape[0]):
            tokens[:, t] = pick(self.transition[tokens[:, t - 1]], rng)
        return tokens

    def log_likelihood(self, tokens: np.ndarray) -> np.ndarray:
        """每条序列的对数概率（自然对数）：(N, T) → (N,)；链写不出的序列是 −inf。"""
        # log p(x) = log π(x_1) + Σ_t log P(x_{t+1} | x_t)
        with np.errstate(divide="ignore"):
            steps = np.log(self.transition)[tokens[:, :-1], tokens[:, 1:]]
            return np.log(self.initial)[tokens[:, 0]] + steps.sum(axis=1)

    def entropy(self) -> float:
        """一条序列的熵（奈特）：负对数似然的下限，生成得再好也低不过它而不丢多样性。"""
        # H = H(π) + Σ_t Σ_i π_t(i)·H(P_i)，π_{t+1} = π_t·P
        rows, marginal = entropy_of(self.transition), self.initial
        total = float(entropy_of(self.initial))
        for _ in range(self.shape[0] - 1):
            total += float(marginal @ rows)
            marginal = marginal @ self.transition
        return total


def pick(probabilities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """每一行按概率抽一个下标：(N, V) → (N,)。"""
    cumulative = probabilities.cumsum(axis=1)
    # 累加的末位有舍入误差，抽到的数按它缩放，下标不会越界
    drawn = rng.random((len(probabilities), 1)) * cumulative[:, -1:]
    return (drawn >= cumulative).sum(axis=1)


def entropy_of(probabilities: np.ndarray) -> np.ndarray:
    """沿最后一维的熵（奈特），0·log 0 = 0。"""
    logs = np.log(np.where(probabilities > 0, probabilities, 1.0))
    return -(probabilities * logs).sum(axis=-1)
