"""手写数字：随包附带的 5,000 张 MNIST 子集，以及由它现拼的三位数 StackedDigits。

划分：每个类别按存储顺序，每五张取最后一张作测试。每类 400 张训练、100 张测试。
"""

from typing import Annotated

import numpy as np
from pydantic import Field

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Labeled
from paddle_gan.data.images import (
    image_batch,
    image_shape,
    load_asset,
    resize_images,
    stratified,
    to_float,
    value_range,
)
from paddle_gan.limits import Side

TEST_EVERY, TEST_RANK = 5, 4
Digit = Annotated[int, Field(ge=0, le=9)]
EPOCH_LENGTH = 100_000  # StackedDigits 有 4000³ 种组合，约定这么多个样本算一轮


def load_digits(split: Split, size: int) -> tuple[np.ndarray, np.ndarray]:
    """这个划分的图像 uint8 (N, size, size, 1) 与数字 (N,) int64。"""
    asset = load_asset("digits.npz")
    index = stratified(asset["y"], split, TEST_EVERY, TEST_RANK)
    images = resize_images(asset["x"][index][..., None], size)  # (N, size, size, 1)
    return images, asset["y"][index].astype(np.int64)


class Digits(Dataset):
    """0–9 的灰度手写数字，黑底白字；训练 4,000 张，测试 1,000 张，各类一样多。

    .images 是 uint8 (N, size, size, 1)，.labels 是 (N,) int64。
    normal: 训练集只留这个数字（异常检测里正常的那一类，400 张）；测试集不变
    """

    batch_types = (Images, Labeled)
    ground = "black"
    num_classes = 10

    def __init__(
        self,
        *,
        size: Side = 28,
        unit_range: bool = False,
        normal: Digit | None = None,
        split: Split = "train",
    ):
        self.images, self.labels = load_digits(split, size)
        self.normal = normal
        if normal is not None and split == "train":
            kept = self.labels == normal
            self.images, self.labels = self.images[kept], self.labels[kept]
        self.shape = image_shape(self.images)
        self.value_range = value_range(unit_range)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.images),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return image_batch(kind, self, indices[0])


class StackedDigits(Dataset):
    """Stacked MNIST：三个独立的数字 a、b、c 叠成 R、G、B，类别 100a + 10b + c，共 1,000 个模式。

    来源：Unrolled GAN §3.3.1、VEEGAN §5.1、PacGAN §4.2；这里的数字取自附带的 5,000 张子集。
    .digit_images 是拼图用的 uint8 (N, size, size, 1)，.digits 是它们的数字 (N,)。
    """

    batch_types = (Images, Labeled)
    ground = "black"
    drawn = True
    num_classes = 1000

    def __init__(self, *, size: Side = 28, unit_range: bool = False, split: Split = "train"):
        self.digit_images, self.digits = load_digits(split, size)
        self.shape = (3, size, size)
        self.value_range = value_range(unit_range)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (EPOCH_LENGTH,)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        picked = rng.integers(len(self.digits), size=(len(indices[0]), 3))
        planes = np.moveaxis(self.digit_images[picked][..., 0], 1, -1)  # (N, size, size, 3)
        x = to_float(planes, self.value_range)  # (N, 3, size, size)
        # 类别 = 100a + 10b + c
        labels = self.digits[picked] @ np.array([100, 10, 1])
        return Labeled(x, labels) if kind is Labeled else Images(x)
