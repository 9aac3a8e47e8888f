"""诗的打分器：没见过的诗肯不肯写，上句管不管下句，写得像不像、有多少花样、抄没抄。

没有标准答案（链那样的 log P），所以旁边摆着便宜的办法：只看字频的、只看前一个字的、照抄训练集、
把真诗的字打乱、一联写到底。每一样都有一个数骗得过人，也有一个数露馅。
"""

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.markov import pick
from paddle_gan.data.poems import Poems
from paddle_gan.evaluation.scorers_sequences import log_likelihoods, written
from paddle_gan.methods.abilities import Writes
from paddle_gan.methods.base import Method
from paddle_gan.metrics.verses import LINE, Counted, bigram, surface, unigram


def swapped(couplets: np.ndarray) -> np.ndarray:
    """每一联的下句换成别的诗的：向后错开半个集子（邻近的常是同一首）。"""
    other = np.roll(couplets, len(couplets) // 2, axis=0)
    return np.concatenate([couplets[:, :LINE], other[:, LINE:]], axis=1)


def counted_writing(model: Counted, n: int, rng: np.random.Generator) -> np.ndarray:
    """数出来的模型写 n 联 (n, T)。"""
    tokens = np.zeros((n, len(model.places)), np.int64)
    for t in range(tokens.shape[1]):
        tokens[:, t] = pick(model.probabilities(t, tokens[:, t - 1]), rng)
    return tokens


class PoemScorer:
    """没见过的联一分为二：一半当“见过的两字”的参照，另一半就是“真实数据”那一行。

    distinct2 随联数变，所以各行都是同样多的联：samples 与另一半里少的那个。
    """

    keys = tuple(
        f"poems/{key}"
        for key in ("nll_test", "pairing", "found2", "distinct2", "copied3", "repeats")
    )

    needs = "只用于写序列的方法（seq_gan、gumbel_gan）和数据集 poems"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(train, Poems) and issubclass(method, Writes)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.train, self.test, self.vocabulary = train.tokens, test.tokens, train.vocabulary
        order = np.random.default_rng(0).permutation(len(self.test))
        self.reference, self.other = np.array_split(self.test[order], 2)
        self.samples = min(samples, len(self.other))

    def score(self, method: Writes) -> dict[str, float]:
        def log_p(tokens):
            return log_likelihoods(method, tokens)

        return self.surface(written(method, self.samples)) | self.likelihood(log_p)

    def baselines(self) -> dict[str, dict[str, float]]:
        rng, real = np.random.default_rng(0), self.other[: self.samples]
        copied = self.train[rng.integers(len(self.train), size=self.samples)]
        rows = {
            "真实数据": self.surface(real),
            "照抄训练集": self.surface(copied),
            "真诗的字打乱": self.surface(rng.permuted(real, axis=1)),
            "一联写到底": self.surface(np.tile(self._likeliest(), (self.samples, 1))),
        }
        for name, count in {"只看字频（一元）": unigram, "只看前一个字（二元）": bigram}.items():
            model = count(self.train, self.vocabulary)
            drawn = counted_writing(model, self.samples, rng)
            rows[name] = self.surface(drawn) | self.likelihood(model.log_likelihood)
        return rows

    def _likeliest(self) -> np.ndarray:
        """二元的模型看来最好写的一联训练的诗。"""
        likely = bigram(self.train, self.vocabulary).log_likelihood(self.train)
        return self.train[likely.argmax()]

    def surface(self, tokens: np.ndarray) -> dict[str, float]:
        """只看写出来的联 (N, T) 的四样。"""
        found = surface(tokens, self.train, self.reference)
        return {f"poems/{key}": value for key, value in found.items()}

    def likelihood(self, log_p) -> dict[str, float]:
        """没见过的联，一个字的负对数似然；下句换成别人的，一联难写了多少。"""
        own, crossed = (float(log_p(x).mean()) for x in (self.test, swapped(self.test)))
        return {"poems/nll_test": -own / self.test.shape[1], "poems/pairing": own - crossed}
