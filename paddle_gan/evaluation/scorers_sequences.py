"""序列的打分器：真正的链给生成的序列几分，生成器给真的序列几分，花样有多少。

三样要一起看：只写最可能的那一条，NLL_oracle 最低；均匀地乱写，花样最多；照抄训练集的，
NLL_oracle 像真的，NLL_test 是无穷大。
"""

import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.data.markov import Markov
from paddle_gan.evaluation.scorers_samples import CHUNK
from paddle_gan.methods.abilities import Writes
from paddle_gan.methods.base import Method
from paddle_gan.metrics.sequences import distinct_ngrams

FLOOR = -np.log(1e-12)  # 链写不出的序列是 −log 0：按每个词元的概率是 1e-12 算


def written(method: Writes, n: int) -> np.ndarray:
    """n 条生成的序列 (n, T)，分批进行。"""
    sizes = [min(CHUNK, n - done) for done in range(0, n, CHUNK)]
    return np.concatenate([method.write(size).numpy() for size in sizes])


def log_likelihoods(method: Writes, tokens: np.ndarray) -> np.ndarray:
    """生成器给这些序列 (N, T) 的对数概率 (N,)，分批进行。"""
    parts = (paddle.to_tensor(tokens[i : i + CHUNK]) for i in range(0, len(tokens), CHUNK))
    return np.concatenate([method.log_likelihood(part).numpy() for part in parts])


def most_likely(chain: Markov) -> np.ndarray:
    """链最常写的一条序列 (T,)（Viterbi）。"""
    with np.errstate(divide="ignore"):
        steps, best = np.log(chain.transition), np.log(chain.initial)
    came = []
    for _ in range(chain.shape[0] - 1):
        scores = best[:, None] + steps  # (从哪里, 到哪里)
        came.append(scores.argmax(axis=0))
        best = scores.max(axis=0)
    path = [int(best.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return np.array(path[::-1])


class SequenceScorer:
    """马尔可夫链上的序列：NLL_oracle、写不出的比例、生成器的熵、NLL_test、不同的 4 元组。"""

    keys = tuple(
        f"sequences/{key}"
        for key in ("nll_oracle", "impossible", "entropy", "nll_test", "distinct4")
    )

    needs = "只用于写序列的方法（seq_gan、gumbel_gan）和数据集 markov"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(train, Markov) and issubclass(method, Writes)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.train, self.test, self.samples = train, test.tokens, samples

    def score(self, method: Writes) -> dict[str, float]:
        tokens = written(method, self.samples)
        # H(G) = −E[log G(y)]，y ~ G；KL(G‖链) = NLL_oracle − H(G)
        own = {"sequences/entropy": -float(log_likelihoods(method, tokens).mean())}
        read = {"sequences/nll_test": -float(log_likelihoods(method, self.test).mean())}
        return self._report(tokens) | own | read

    def baselines(self) -> dict[str, dict[str, float]]:
        chain, n, rng = self.train, self.samples, np.random.default_rng(0)
        T, V = chain.shape[0], chain.vocabulary
        copied = chain.tokens[rng.integers(len(chain.tokens), size=n)]
        uniform = {"sequences/entropy": T * np.log(V), "sequences/nll_test": T * np.log(V)}
        true = {
            "sequences/entropy": chain.entropy(),
            "sequences/nll_test": -float(chain.log_likelihood(self.test).mean()),
        }
        return {
            "真实数据": self._report(chain.sample(n, rng)) | true,
            "均匀乱写": self._report(rng.integers(V, size=(n, T))) | uniform,
            "照抄训练集": self._report(copied),
            "只写一条": self._report(np.tile(most_likely(chain), (n, 1)))
            | {"sequences/entropy": 0.0},
        }

    def _report(self, tokens: np.ndarray) -> dict[str, float]:
        nll = -self.train.log_likelihood(tokens)
        return {
            "sequences/nll_oracle": float(np.minimum(nll, FLOOR * tokens.shape[1]).mean()),
            "sequences/impossible": float(np.isinf(nll).mean()),
            "sequences/distinct4": distinct_ngrams(tokens),
        }
