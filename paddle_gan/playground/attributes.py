"""潜空间里有名字的方向：更粗、更斜；更亮、更暖。照第 11 章的线性探针，再去掉沿另一个的一份。"""

from collections.abc import Callable

import numpy as np

from paddle_gan.lab.directions import probe, without
from paddle_gan.metrics.strokes import slant, thickness

MOST = 2  # 一个生成器至多几个


def brightness(images: np.ndarray) -> np.ndarray:
    """有多亮 (N,)：像素的平均。"""
    return images.mean(axis=(1, 2, 3), dtype=np.float64)


def warmth(images: np.ndarray) -> np.ndarray:
    """有多暖 (N,)：红减蓝的平均。"""
    return (images[:, 0] - images[:, 2]).mean(axis=(1, 2), dtype=np.float64)


def named(channels: int) -> dict[str, Callable]:
    """这种图像上量得出的两样特征：黑底白字的是笔画，彩色的是颜色。"""
    if channels == 3:
        return {"更亮": brightness, "更暖": warmth}
    return {"更粗": thickness, "更斜": slant}


def attribute_directions(z: np.ndarray, images: np.ndarray) -> np.ndarray:
    """named 里每样特征的方向 (MOST, d)，各长 1：沿它走，这样变，另一样的探针读数不变。

    参数：
        z: 潜变量 (N, d)
        images: 它们的样本 (N, C, H, W)
    """
    measures = named(images.shape[1]).values()
    one, other = (probe(z, measure(images)) for measure in measures)
    return np.stack([without(one, other), without(other, one)]).astype(np.float32)
