"""补洞的数据：x 是挖了洞的图，另有一个通道说洞在哪里；y 是原图（上下文编码器）。"""

from pathlib import Path
from typing import Literal

import numpy as np

from paddle_gan.data.base import Split
from paddle_gan.data.folders import Fraction
from paddle_gan.data.framing import Resize
from paddle_gan.data.views import FOLDER, Source, View, source
from paddle_gan.errors import UserError
from paddle_gan.limits import Side, Size

HOLED = (2, 4)  # 灰度与彩色的图再加一个说洞在哪里的通道；别的图都是 1 或 3 个通道


class Masked(View):
    """挖了洞的图 → 原图；x (N, C + 1, H, W) 的最后一个通道在洞里是 1，洞外是 −1。

    洞里填的是这张图看得见的部分的平均色。
    与论文不同：论文填全部数据的平均色；按各张自己的填，你自己的一张图拿来就能补。

    参数：
        of: 随包的哪一份；root: 你自己的图像目录。写一种
        hole: 洞的边长，默认是图的一半
        place: centre 洞在正中；random 洞在随机的地方：训练时每次另挖，测试时由图的序号定
        size, channels, load_size, resize, flip, test_fraction, skip_bad: 见 degraded
    """

    def __init__(
        self,
        *,
        of: Source | None = None,
        root: Path | None = None,
        size: Size = 32,
        hole: Side | None = None,
        place: Literal["centre", "random"] = "centre",
        channels: Literal[1, 3] = FOLDER["channels"],
        load_size: Size | None = FOLDER["load_size"],
        resize: Resize = FOLDER["resize"],
        flip: bool = FOLDER["flip"],
        test_fraction: Fraction = FOLDER["test_fraction"],
        skip_bad: bool = FOLDER["skip_bad"],
        split: Split = "train",
    ):
        written = (channels, load_size, resize, flip, test_fraction, skip_bad)
        super().__init__(source(of, root, size, split, dict(zip(FOLDER, written))))
        channels, *self.sides = self.y_shape
        self.hole = (hole, hole) if hole else tuple(side // 2 for side in self.sides)
        if any(inner >= side for inner, side in zip(self.hole, self.sides)):
            raise UserError(
                f"data.hole = {hole} 不比图小（{self.sides[0]}×{self.sides[1]}），"
                "没有看得见的部分了；请改小"
            )
        self.place, self.fixed = place, split == "test"
        self.shape = (channels + 1, *self.sides)

    def spoil(self, y: np.ndarray, index: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        corners = np.stack([self._corner(i, rng) for i in index])
        return with_hole(y, rectangles(corners, self.hole, self.sides))

    def _corner(self, index: int, rng: np.random.Generator) -> np.ndarray:
        """一张图的洞的左上角（行，列）。"""
        room = np.subtract(self.sides, self.hole)
        if self.place == "centre":
            return room // 2
        return (np.random.default_rng([0, int(index)]) if self.fixed else rng).integers(0, room + 1)


def rectangles(corners: np.ndarray, hole: tuple[int, int], sides: tuple[int, int]) -> np.ndarray:
    """左上角在 corners (N, 2)、一样大的洞，bool (N, 1, H, W)。"""
    inside = [
        (np.arange(side) >= start[:, None]) & (np.arange(side) < start[:, None] + length)
        for side, start, length in zip(sides, corners.T, hole)
    ]
    return (inside[0][:, :, None] & inside[1][:, None, :])[:, None]


def with_hole(images: np.ndarray, holes: np.ndarray) -> np.ndarray:
    """图 (N, C, H, W) 在 holes bool (N, 1, H, W) 处挖掉，填看得见的部分的平均色，再接上洞的通道。

    哪张没有看得见的部分时，抛出 UserError。
    """
    seen = ~holes
    count = seen.sum(axis=(2, 3), keepdims=True)
    if not count.all():
        raise UserError("有一张图整张都是洞，没有看得见的部分可依据；请留一些")
    mean = (images * seen).sum(axis=(2, 3), keepdims=True) / count  # (N, C, 1, 1)
    filled = np.where(holes, mean.astype(np.float32), images)
    return np.concatenate([filled, np.where(holes, 1.0, -1.0).astype(np.float32)], axis=1)
