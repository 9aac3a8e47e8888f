"""超分辨率的数据：x 是缩小了几倍的图，y 是原图（SRGAN）。"""

from pathlib import Path
from typing import Literal

import numpy as np

from paddle_gan.data.base import Split
from paddle_gan.data.folders import Fraction
from paddle_gan.data.framing import Resize
from paddle_gan.data.views import FOLDER, Source, View, source
from paddle_gan.errors import UserError
from paddle_gan.limits import Size


class Degraded(View):
    """低分辨率 → 高分辨率；x 由 y 现缩小，每 factor × factor 个像素平均成一个。

    与论文不同：面积平均，不是先高斯模糊再隔点取；两者都滤掉了缩小以后放不下的细节。

    参数：
        of: 随包的哪一份；root: 你自己的图像目录。写一种
        factor: 边长缩小几倍
        size: y 的边长；自己的照片写 resize: none，就从原图上裁，不缩放
        load_size, resize, flip, channels, test_fraction, skip_bad: 只用于 root，见 image_folder
    """

    def __init__(
        self,
        *,
        of: Source | None = None,
        root: Path | None = None,
        size: Size = 28,
        factor: Literal[2, 4, 8] = 4,
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
        channels, *sides = self.y_shape
        if any(side % factor for side in sides):
            raise UserError(
                f"图像的高×宽是 {sides[0]}×{sides[1]}，不能被 factor = {factor} 整除；"
                "请改 data.size 或 data.factor"
            )
        self.factor = factor
        self.shape = (channels, *(side // factor for side in sides))

    def spoil(self, y: np.ndarray, index: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return shrunk(y, self.factor)


def shrunk(images: np.ndarray, factor: int) -> np.ndarray:
    """(N, C, H, W) → (N, C, H/factor, W/factor)，每 factor × factor 个像素平均成一个。"""
    n, channels, height, width = images.shape
    blocks = images.reshape(n, channels, height // factor, factor, width // factor, factor)
    return blocks.mean(axis=(3, 5), dtype=np.float32)
