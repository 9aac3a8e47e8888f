"""你自己的成对图像：左右拼在一个文件里（pix2pix 的数据集都是这样），或两个目录里同名的各一张。

成对的两张一起裁、一起翻转，对应的像素才仍旧对应。
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Pair
from paddle_gan.data.folders import require_some, use_training_images
from paddle_gan.data.framing import Framing, framing
from paddle_gan.data.image_scan import examine
from paddle_gan.data.image_store import ImageStore
from paddle_gan.data.images import SIGNED, to_float
from paddle_gan.data.pair_files import pairs_in
from paddle_gan.errors import UserError
from paddle_gan.limits import Size


@dataclass(frozen=True)
class HalfFraming(Framing):
    """只要左半或右半的 Framing。"""

    right: bool = False

    def load(self, image: np.ndarray) -> np.ndarray:
        return super().load(half(image, self.right))

    def enlarges(self, image: np.ndarray) -> bool:
        return super().enlarges(half(image, self.right))


def half(image: np.ndarray, right: bool) -> np.ndarray:
    """(H, 2W, C) 的左半或右半 (H, W, C)。"""
    middle = image.shape[1] // 2
    return image[:, middle:] if right else image[:, :middle]


class PairedFolders(Dataset):
    """成对的图像：给出 root（里面是 train/ 与 test/，每张左右拼成一对），或写 x 与 y 两个目录。

    参数：
        root: 左右拼着的图像；test/（或 val/）可以没有，没有 train/ 就用 root 里的全部图像
        left: 左半是哪个域；默认左半是 x、右半是 y，写 y 就反过来（facades 由标注画照片要写 y）
        x, y: 两个目录，同名（扩展名可以不同）的是一对，代替 root；test_x、test_y 可以不写
        size, load_size, flip, skip_bad: 见 image_folder；论文是 256、286、true
        resize: stretch 直接缩放（作者的代码），cover 从正中裁；成对的总是裁在同一处
        channels: 两个域的通道数；x_channels、y_channels 可以分别改
    """

    batch_types = (Images, Pair)
    decodes = True
    value_range = SIGNED

    def __init__(
        self,
        *,
        root: Path | None = None,
        left: Literal["x", "y"] = "x",
        x: Path | None = None,
        y: Path | None = None,
        test_x: Path | None = None,
        test_y: Path | None = None,
        size: Size = 256,
        load_size: Size | None = None,
        resize: Literal["stretch", "cover"] = "stretch",
        channels: Literal[1, 3] = 3,
        x_channels: Literal[1, 3] | None = None,
        y_channels: Literal[1, 3] | None = None,
        flip: bool = True,
        skip_bad: bool = False,
        split: Split = "train",
    ):
        self.augment = split == "train"
        self.framing = framing(size, load_size, resize, flip, self.augment)
        given = {"root": root, "x": x, "y": y, "test_x": test_x, "test_y": test_y}
        if left == "y" and root is None:
            raise UserError("left 只给左右拼着的 root；x 与 y 写反了，请把两个目录对调")
        files, real = pairs_in(given, self.augment)
        self.held_out = real
        if not self.augment and not real:
            use_training_images("没有 test/" if root is not None else "没有写 test_x 与 test_y")
        depths = (x_channels or channels, y_channels or channels)
        rights = (left == "y", left == "x") if root is not None else (None, None)
        self.x_store, self.y_store = (
            ImageStore(list(column), self._framing_of(right), depth)
            for column, right, depth in zip(files, rights, depths)
        )
        bad = {error.path for error in examine([self.x_store, self.y_store], skip_bad)}
        kept = [pair for pair in zip(*files) if not bad.intersection(pair)]
        for store, column in zip((self.x_store, self.y_store), zip(*kept)):
            store.keep_only(set(column))  # 一张坏了，另一张也不用
        for store, folder in ((self.x_store, root or x), (self.y_store, root or y)):
            require_some(store, folder)
            store.fill()
        skipped = f"；跳过 {len(files.x) - len(kept)} 对" if len(kept) < len(files.x) else ""
        halves = "，每张从正中切成左右两半" if root is not None else ""
        self.summary = f"找到 {len(kept)} 对图像{halves}{skipped}"
        self.shape, self.y_shape = ((depth, *self.framing.size) for depth in depths)

    def _framing_of(self, right: bool | None) -> Framing:
        """right 是 None 时要整张图，否则只要一半。"""
        return self.framing if right is None else HalfFraming(**vars(self.framing), right=right)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.x_store),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        # 两边用同样的随机数：裁同一处，一起翻转
        seed = int(rng.integers(2**32))
        x = self._take(self.x_store, indices[0], seed)
        return Pair(x, self._take(self.y_store, indices[0], seed)) if kind is Pair else Images(x)

    def _take(self, store: ImageStore, index: np.ndarray, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed) if self.augment else None
        return to_float(self.framing.cut(store.get(index), rng), SIGNED)
