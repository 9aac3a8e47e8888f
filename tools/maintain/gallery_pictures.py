"""画廊里的图：几步的固定噪声样本（samples/fixed_步数.png）。"""

from io import BytesIO

import numpy as np
from PIL import Image

from paddle_gan.evaluation.film import training_frames
from paddle_gan.evaluation.strip import row_height
from paddle_gan.files import write_atomic
from paddle_gan.run.build import Shapes
from paddle_gan.run.run import Run

FRAMES = 6  # 全程均匀取几步，首尾必取
ROWS = 2  # 图像的网格只留上面几行
COLORS = 64  # 彩色的图至多几种颜色


def write(run: Run, staged: Run, shapes: Shapes) -> None:
    """由 run 的样本图写出 staged 的。"""
    frames = training_frames(run.samples)
    picked = np.unique(np.linspace(0, len(frames) - 1, FRAMES).round().astype(int))
    frames = [frames[i] for i in picked]
    row = row_height(shapes)
    for step, picture in frames:
        kept = picture[: ROWS * row] if row else picture
        write_atomic(staged.samples / f"fixed_{step:07d}.png", png(kept))


def png(picture: np.ndarray) -> bytes:
    """uint8 (H, W, 3) → PNG：灰的一级不少，彩色的至多 COLORS 种颜色。"""
    gray = (picture == picture[..., :1]).all()
    image = Image.fromarray(picture[..., 0] if gray else picture)
    if not gray:
        image = image.quantize(COLORS, dither=Image.Dither.NONE)
    buffer = BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
