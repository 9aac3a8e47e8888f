"""画廊里的图：几步的固定噪声样本（samples/fixed_步数.png），和把它们连成一条的 strip.png。"""

from io import BytesIO

import numpy as np
from PIL import Image

from paddle_gan.evaluation.film import training_frames
from paddle_gan.files import write_atomic
from paddle_gan.run.build import Shapes
from paddle_gan.run.run import Run
from paddle_gan.viz import caption, tile_scale

FRAMES = 6  # 全程均匀取几步，首尾必取
ROWS = 2  # 图像的网格只留上面几行
LINE = 22  # 说明那一行的高，像素
EDGE = 200  # 散点一格的边框，灰度：没有它，切在边上的点分不清是左一格还是右一格的
COLORS = 64  # 彩色的图至多几种颜色


def write(run: Run, staged: Run, shapes: Shapes) -> None:
    """由 run 的样本图写出 staged 的；连成一条时图像一步一行，别的一步一列。"""
    frames = training_frames(run.samples)
    picked = np.unique(np.linspace(0, len(frames) - 1, FRAMES).round().astype(int))
    frames = [frames[i] for i in picked]
    row = tile_scale(*shapes.x[1:]) * shapes.x[1] if len(shapes.x) == 3 else 0
    for step, picture in frames:
        kept = picture[: ROWS * row] if row else picture
        write_atomic(staged.samples / f"fixed_{step:07d}.png", png(kept))
    parts = [
        caption(picture[:row] if row else framed(halved(picture)), f"第 {step} 步", LINE)
        for step, picture in frames
    ]
    strip = np.concatenate(parts, axis=0 if row else 1)
    write_atomic(staged.folder / "strip.png", png(strip))


def halved(picture: np.ndarray) -> np.ndarray:
    """边长减半。"""
    image = Image.fromarray(picture)
    return np.asarray(image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX))


def framed(picture: np.ndarray) -> np.ndarray:
    """四边各一个像素的灰框。"""
    inside = picture[1:-1, 1:-1]
    return np.pad(inside, ((1, 1), (1, 1), (0, 0)), constant_values=EDGE)


def png(picture: np.ndarray) -> bytes:
    """uint8 (H, W, 3) → PNG：灰的一级不少，彩色的至多 COLORS 种颜色。"""
    gray = (picture == picture[..., :1]).all()
    image = Image.fromarray(picture[..., 0] if gray else picture)
    if not gray:
        image = image.quantize(COLORS, dither=Image.Dither.NONE)
    buffer = BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
