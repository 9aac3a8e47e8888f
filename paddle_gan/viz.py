"""画图：图像网格与二维散点；返回 uint8 RGB，落盘由调用者决定。"""

import cv2
import numpy as np

REAL, FAKE, MODE = (200, 200, 200), (31, 119, 180), (214, 39, 40)  # 灰：真实；蓝：生成；红：真模式


def image_grid(images: np.ndarray, columns: int, min_tile: int = 48) -> np.ndarray:
    """uint8 图像 (N, H, W, C) 拼成一张 (行·H, 列·W, C)；太小的图按整数倍放大，不模糊。"""
    n, height, width, channels = images.shape
    scale = max(1, -(-min_tile // max(height, width)))
    rows = -(-n // columns)
    canvas = np.full((rows * columns, height, width, channels), 255, np.uint8)
    canvas[:n] = images
    grid = canvas.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    grid = grid.reshape(rows * height, columns * width, channels)
    return grid.repeat(scale, axis=0).repeat(scale, axis=1)


def scatter(
    fake: np.ndarray,
    real: np.ndarray | None = None,
    modes: np.ndarray | None = None,
    size: int = 480,
) -> np.ndarray:
    """二维点 fake (N, 2) 画在真实点 real (M, 2) 上，标出真模式 modes (K, 2)；返回 (size, size, 3)。

    坐标范围由真实点决定，同一个数据集的图可以直接前后比较；没有真实点时由 fake 决定。
    """
    extent = fake if real is None else real
    low, high = extent.min(axis=0), extent.max(axis=0)
    center, half = (low + high) / 2, max(high - low) * 0.65 + 1e-6
    canvas = np.full((size, size, 3), 255, np.uint8)

    def draw(points: np.ndarray, radius: int, color: tuple, thickness: int = -1) -> None:
        pixels = (points - center) / half * [1, -1] * size / 2 + size / 2
        inside = pixels[(pixels > -10).all(axis=1) & (pixels < size + 10).all(axis=1)]
        for x, y in inside.round().astype(int):
            cv2.circle(canvas, (int(x), int(y)), radius, color, thickness, cv2.LINE_AA)

    if real is not None:
        draw(real, 2, REAL)
    draw(fake, 2, FAKE)
    if modes is not None:
        draw(modes, 9, MODE, thickness=1)
    return canvas
