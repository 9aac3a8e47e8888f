"""随包的训练留下的几步样本图，连成一条：图像一步一行，散点一步一列，下面写着步数。

慢慢长大的（ProGAN）各步都放大成一样大，看不出那时有多大，所以步数后面还写着边长。
"""

import numpy as np
from PIL import Image

from paddle_gan.run.build import Shapes
from paddle_gan.viz import caption, tile_scale

LINE = 22  # 说明那一行的高，像素
EDGE = 200  # 散点一格的边框，灰度：没有它，切在边上的点分不清是左一格还是右一格的


def row_height(shapes: Shapes) -> int:
    """样本图里一行的高（像素）；不是图像的是 0。"""
    return tile_scale(*shapes.x[1:]) * shapes.x[1] if len(shapes.x) == 3 else 0


def words(step: int, records: list[dict]) -> str:
    """一步下面写的话；训练的记录里有边长的，照那一步之前最近的一次写上，新的一级还在淡入也写。"""
    known = [one for one in records if "grow/size" in one and one["step"] <= step]
    if not known:
        return f"第 {step} 步"
    size, alpha = (known[-1][f"grow/{key}"] for key in ("size", "alpha"))
    return f"第 {step} 步，{size:.0f} 像素" + ("，正在淡入" if alpha < 1 else "")


def joined(
    frames: list[tuple[int, np.ndarray]], shapes: Shapes, records: list[dict] | None = None
) -> np.ndarray:
    """几步的样本图 [(步数, uint8 (H, W, 3))] → 连成的一条；图像的网格只取最上面一行。

    records 是训练的记录：给了，长大的方法写上每一步的边长。
    """
    row = row_height(shapes)
    parts = [
        caption(picture[:row] if row else framed(halved(picture)), words(step, records or []), LINE)
        for step, picture in frames
    ]
    return np.concatenate(parts, axis=0 if row else 1)


def halved(picture: np.ndarray) -> np.ndarray:
    """边长减半。"""
    image = Image.fromarray(picture)
    return np.asarray(image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX))


def framed(picture: np.ndarray) -> np.ndarray:
    """四边各一个像素的灰框。"""
    inside = picture[1:-1, 1:-1]
    return np.pad(inside, ((1, 1), (1, 1), (0, 0)), constant_values=EDGE)
