"""一维、二维玩具分布：真分布已知，模式可以数，密度可以画；样本无穷，每批现采。

Ring、Grid：高斯混合，数模式用（VEEGAN §5.1、Unrolled GAN §3.1 的设置）。
SwissRoll：WGAN-GP 官方代码 gan_toy 的瑞士卷。
TwoLines：两条平行线段，WGAN 论文例 1：支撑集不相交，JS 散度恒为 log 2，W 距离等于间距。
GaussianMixture1D：数轴上的两个高斯，拿一个高斯去像它，看各种散度各挑哪一个（f-GAN §3）。

样本无穷，所以 split 只为与别的数据集同形：train 与 test 是同一个分布的不同样本。
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Labeled

# 一维的混合：（权重，均值，标准差）
MIXTURES = {
    "A": ((0.5, 0.5), (-2.0, 2.0), (0.5, 0.5)),
    "B": ((0.7, 0.3), (-1.5, 1.5), (0.5, 0.5)),
    "C": ((0.6, 0.4), (-1.0, 1.2), (0.6, 0.9)),
}
EPOCH_LENGTH = 100_000  # 无穷数据没有“一轮”；约定这么多个样本算一轮


def mixture_batch(kind: type, modes: np.ndarray, std: float, n: int, rng: np.random.Generator):
    """从等权高斯混合里采 n 个点；标签是点所属模式的序号。

    参数：
        modes: 各模式的中心 (K, 2)
        std: 每个坐标的标准差 σ
    """
    labels = rng.integers(len(modes), size=n)
    # x = μ_k + σ ε，k ~ U{0…K−1}，ε ~ N(0, I)
    x = modes[labels] + std * rng.standard_normal((n, 2))
    x = x.astype(np.float32)
    return Labeled(x, labels) if kind is Labeled else Images(x)


class Ring(Dataset):
    """圆环上等距的若干个高斯；.modes 是真中心 (K, 2)，.std 是每个坐标的标准差。"""

    batch_types = (Images, Labeled)
    shape = (2,)

    def __init__(
        self,
        *,
        modes: PositiveInt = 8,
        radius: PositiveFloat = 2.0,
        std: PositiveFloat = 0.05,
        split: Split = "train",
    ):
        angles = 2 * np.pi * np.arange(modes) / modes
        self.modes = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)  # (K, 2)
        self.std = std
        self.num_classes = modes

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (EPOCH_LENGTH,)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return mixture_batch(kind, self.modes, self.std, len(indices[0]), rng)

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n 个真样本 (n, 2) float32。"""
        return mixture_batch(Images, self.modes, self.std, n, rng).x


class Grid(Dataset):
    """以原点为中心的 side × side 方格上的高斯；模式 i·side + j 在第 i 列、第 j 行。"""

    batch_types = (Images, Labeled)
    shape = (2,)

    def __init__(
        self,
        *,
        side: Annotated[int, Field(gt=0, le=2**8)] = 5,
        spacing: PositiveFloat = 2.0,
        std: PositiveFloat = 0.05,
        split: Split = "train",
    ):
        ticks = spacing * (np.arange(side) - (side - 1) / 2)
        self.modes = np.array([(x, y) for x in ticks for y in ticks])  # (side², 2)
        self.std = std
        self.num_classes = side * side

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (EPOCH_LENGTH,)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return mixture_batch(kind, self.modes, self.std, len(indices[0]), rng)

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n 个真样本 (n, 2) float32。"""
        return mixture_batch(Images, self.modes, self.std, n, rng).x


class SwissRoll(Dataset):
    """瑞士卷在平面上的截面：连续的一维流形，没有可数的模式（.modes 为 None）。

    与 WGAN-GP 的 gan_toy 相同：sklearn 的 make_swiss_roll(noise=0.25) 取第 0、2 列，再除以 7.5。
    """

    batch_types = (Images,)
    shape = (2,)
    modes = None

    def __init__(
        self,
        *,
        noise: NonNegativeFloat = 0.25,
        scale: PositiveFloat = 7.5,
        split: Split = "train",
    ):
        self.noise = noise
        self.scale = scale
        self.std = noise / scale

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (EPOCH_LENGTH,)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return Images(self.sample(len(indices[0]), rng))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n 个真样本 (n, 2) float32。"""
        # t = 1.5π(1 + 2u)，u ~ U[0, 1]；x = (t cos t, t sin t) + noise·ε，再除以 scale
        t = 1.5 * np.pi * (1 + 2 * rng.random(n))
        curve = np.stack([t * np.cos(t), t * np.sin(t)], axis=1)  # (n, 2)
        x = (curve + self.noise * rng.standard_normal((n, 2))) / self.scale
        return x.astype(np.float32)


class TwoLines(Dataset):
    """两条竖直的平行线段 x = 0 与 x = distance，y ~ U[0, 1]；训练分布是两条线各一半的混合。

    std 为 0 时两条线的支撑集不相交；.lines 是两条线段的端点 (2, 2, 2)：第几条、上下端、坐标。
    """

    batch_types = (Images,)
    shape = (2,)
    modes = None

    def __init__(
        self,
        *,
        distance: PositiveFloat = 1.0,
        std: NonNegativeFloat = 0.0,
        split: Split = "train",
    ):
        self.distance = distance
        self.std = std
        self.lines = np.array([[[0.0, 0.0], [0.0, 1.0]], [[distance, 0.0], [distance, 1.0]]])

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (EPOCH_LENGTH,)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return Images(self.sample(len(indices[0]), rng))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """混合分布的 n 个样本 (n, 2) float32。"""
        return self._points(rng.integers(2, size=n), rng)

    def sample_line(self, line: int, n: int, rng: np.random.Generator) -> np.ndarray:
        """只在第 line 条线（0 或 1）上采 n 个样本 (n, 2) float32。"""
        return self._points(np.full(n, line), rng)

    def _points(self, line: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        x = line * self.distance + self.std * rng.standard_normal(len(line))
        return np.stack([x, rng.random(len(line))], axis=1).astype(np.float32)


class GaussianMixture1D(Dataset):
    """数轴上的两个高斯：A 对称、离得远，B 一大一小，C 连成一片。

    .weights、.means、.stds 是两个高斯的权重、均值、标准差，都是长 2 的元组；.modes 是均值 (2, 1)。
    """

    batch_types = (Images,)
    shape = (1,)

    def __init__(self, *, mixture: Literal["A", "B", "C"] = "C", split: Split = "train"):
        self.weights, self.means, self.stds = MIXTURES[mixture]
        self.modes = np.array(self.means)[:, None]

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (EPOCH_LENGTH,)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return Images(self.sample(len(indices[0]), rng))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n 个真样本 (n, 1) float32。"""
        which = (rng.random(n) >= self.weights[0]).astype(int)
        # x = μ_k + σ_k·ε，k = 0 的概率是 w₀
        x = np.array(self.means)[which] + np.array(self.stds)[which] * rng.standard_normal(n)
        return x.astype(np.float32)[:, None]
