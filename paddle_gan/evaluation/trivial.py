"""什么也没学会的“方法”：均匀噪声、照抄训练集。它们也走一遍打分器，放在分数旁边比。

z 就是样本本身，所以推理与网络都是恒等映射；能用在一切从样本算的指标上。
"""

from collections.abc import Sequence

import numpy as np
import paddle
from paddle import Tensor, nn

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images
from paddle_gan.data.toy import Grid, Ring
from paddle_gan.metrics.modes import box_around
from paddle_gan.run import runtime

SCATTER = 1000  # 没有模式的二维数据，由这么多个点定撒点的范围


class Untrained:
    """z 就是样本。"""

    def generate(self, z: Tensor) -> Tensor:
        """样本 (N, ...)，原样返回。"""
        return z

    def sampler(self) -> nn.Layer:
        """恒等映射。"""
        return nn.Identity()


class UniformNoise(Untrained):
    """均匀噪声：图像在取值范围里，二维点在数据的方框里。"""

    def __init__(self, train: Dataset):
        self.shape = train.shape
        if len(self.shape) == 1:
            self.low, self.high = box_of(train)
        else:
            self.low, self.high = train.value_range

    def noise(self, n: int) -> Tensor:
        """n 个样本 (n, ...)。"""
        unit = paddle.uniform([n, *self.shape], min=0.0, max=1.0)
        low, high = (paddle.to_tensor(np.asarray(x, np.float32)) for x in (self.low, self.high))
        return low + (high - low) * unit


class Copies(Untrained):
    """照抄训练集：随机取训练图像，有放回。"""

    def __init__(self, train: Dataset):
        self.train = train
        (self.length,) = train.lengths(Images)

    def noise(self, n: int) -> Tensor:
        """n 张训练图像 (n, C, H, W)。"""
        index = paddle.randint(0, self.length, [n]).numpy()
        return paddle.to_tensor(self.train.batch(Images, (index,), np.random.default_rng(0)).x)


def box_of(train: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """撒点的方框（左下角，右上角）：有模式时与台账相同，没有时是真点的范围。"""
    if isinstance(train, Ring | Grid):
        return box_around(train.modes, train.std)
    points = train.sample(SCATTER, np.random.default_rng(0))
    return points.min(axis=0), points.max(axis=0)


def untrained(train: Dataset) -> dict[str, Untrained]:
    """拿来比的几样：二维点没有训练集可抄。"""
    if len(train.shape) == 1:
        return {"均匀撒点": UniformNoise(train)}
    return {"随机照抄": Copies(train), "均匀噪声": UniformNoise(train)}


def trivial_scores(
    scorers: Sequence, train: Dataset, test: Dataset, seed: int
) -> dict[str, dict[str, float]]:
    """它们在各个打分器上的分数 {名字: {指标: 数值}}；只算从样本算的指标。"""
    rows: dict[str, dict[str, float]] = {}
    for name, one in untrained(train).items():
        able = [s for s in scorers if type(s).fits(type(one), train, test)]
        for index, scorer in enumerate(able):
            runtime.seed_stream(seed, runtime.METRICS, index)
            rows.setdefault(name, {}).update(scorer.score(one))
    return rows
