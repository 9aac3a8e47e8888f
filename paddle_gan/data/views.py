"""由一份图像现做成对的数据：y 是原图，x 是它残缺的样子；怎样残缺由 degraded.py、masked.py 定。

原图可以是随包的，也可以是你自己的目录，不必另备一份 x。
"""

from pathlib import Path
from typing import Literal

import numpy as np

from paddle_gan.data.avatars import Avatars
from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Pair
from paddle_gan.data.digits import Digits
from paddle_gan.data.emoji import Emoji
from paddle_gan.data.folders import ImageFolder
from paddle_gan.data.images import SIGNED
from paddle_gan.errors import UserError
from paddle_gan.limits import Size

Source = Literal["digits", "emoji", "avatars"]
SHIPPED = {"digits": Digits, "emoji": Emoji, "avatars": Avatars}
# 只用于你自己的目录的选项与默认值，意思见 ImageFolder
FOLDER = {
    "channels": 3,
    "load_size": None,
    "resize": "cover",
    "flip": False,
    "test_fraction": 0.1,
    "skip_bad": False,
}


def source(of: Source | None, root: Path | None, size: Size, split: Split, folder: dict) -> Dataset:
    """原图：of 是随包的一份，root 是你的目录，写一种；folder 是 FOLDER 里的选项。"""
    if (of is None) == (root is None):
        raise UserError(
            "原图从哪里来，要写一种，也只能写一种：data.of（随包的："
            f"{', '.join(SHIPPED)}），或 data.root（你的图像目录）"
        )
    if root is not None:
        return ImageFolder(root=root, size=size, split=split, **folder)
    extra = [name for name, default in FOLDER.items() if folder[name] != default]
    if extra:
        keys = "、".join(f"data.{name}" for name in extra)
        raise UserError(f"{keys} 只用于 data.root（你的目录），of: {of} 用不上；请去掉")
    if not isinstance(size, int):
        raise UserError(f"of: {of} 的图是正方形，data.size 要写一个边长，现在是 {size}")
    return SHIPPED[of](size=size, split=split)


class View(Dataset):
    """一份图像的成对的样子；子类写 spoil，并由它定 shape。

    属性：
        source: 原图的数据集
    Images 只有残缺的 x。
    """

    batch_types = (Images, Pair)
    value_range = SIGNED

    def __init__(self, pictures: Dataset):
        self.source, self.y_shape = pictures, pictures.shape
        self.held_out, self.summary = pictures.held_out, pictures.summary
        self.decodes = pictures.decodes

    def spoil(self, y: np.ndarray, index: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """原图 y (N, C, H, W) 残缺的样子 x；index (N,) 是它们的序号。"""
        raise NotImplementedError

    def lengths(self, kind: type) -> tuple[int, ...]:
        return self.source.lengths(Images)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        y = self.source.batch(Images, indices, rng).x
        x = self.spoil(y, indices[0], rng)
        return Pair(x, y) if kind is Pair else Images(x)
