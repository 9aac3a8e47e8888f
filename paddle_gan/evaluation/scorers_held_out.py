"""判别器背下训练集了吗：它给训练图像与没见过的图像打的分，差多少。"""

from collections.abc import Iterator

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Labeled, to_tensors
from paddle_gan.evaluation.scorers_samples import CHUNK, evenly_spaced
from paddle_gan.methods.abilities import Conditional, Judges
from paddle_gan.methods.base import Method, inference


class HeldOutScorer:
    """D(训练) − D(没见过)，与它占 D(训练) − D(生成) 的几成；D 用评估模式，没有增广。

    第二个量是 Karras 等（2020，arXiv:2006.06676）式 (1) 的 r_v：没见过的真图和生成的图得一样的分，
    就是 1；分不出见没见过，是 0。
    """

    keys = ("held_out/gap", "held_out/overfit")

    needs = "只用于有判别器、从噪声生成图像的方法"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return len(train.shape) == 3 and issubclass(method, Judges)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.data, self.samples = {"train": train, "test": test}, samples

    def score(self, method: Method) -> dict[str, float]:
        with inference(*method.layers(method.discriminators)):
            train, test = (self._mean(method, data) for data in self.data.values())
            fake = self._mean(method, self.data["train"], imitated=True)
        share = (train - test) / max(abs(train - fake), 1e-12)
        # D 分不出真假时，这个比没有意义，只留下符号
        return dict(zip(self.keys, (train - test, float(np.clip(share, -1, 1)))))

    def baselines(self) -> dict[str, dict[str, float]]:
        return {}

    def _mean(self, method: Judges, data: Dataset, imitated: bool = False) -> float:
        """D 给 data 的图打的分的平均；imitated 时换成同样多、类别相同的生成图像。"""
        total, count = 0.0, 0
        for batch in self._batches(method, data):
            n, *condition = batch.x.shape[0], *batch[1:]
            x = generated(method, batch) if imitated else batch.x
            total += n * method.realness(x, *condition).mean().item()
            count += n
        return total / count

    def _batches(self, method: Method, data: Dataset) -> Iterator:
        kind = method.batch_type
        rows = evenly_spaced(min(data.lengths(kind)), self.samples)
        for start in range(0, len(rows), CHUNK):
            index = rows[start : start + CHUNK]
            yield to_tensors(
                data.batch(kind, (index,) * len(data.lengths(kind)), np.random.default_rng(0))
            )


def generated(method: Judges, batch):
    """与这一批一样多的生成图像；按类别生成的，类别也一样。"""
    z = method.noise(batch.x.shape[0])
    if method.batch_type is Labeled and isinstance(method, Conditional):
        z = method.of_class(z, batch.labels)
    return method.generate(z)
