"""笔画的三样特征，由像素算，不用分类器：粗细、斜度、碎点。图像 (N, 1, H, W)，[−1, 1]，黑底白字。"""

import cv2
import numpy as np

LIT, SPECK = 0.25, 2  # 墨量过了四分之一才算亮；不超过两个像素的一块算碎点


def ink_of(images: np.ndarray) -> np.ndarray:
    """墨量 (N, H, W)，0 是底，1 是笔画。"""
    return (images[:, 0].astype(np.float64) + 1) / 2


def thickness(images: np.ndarray) -> np.ndarray:
    """笔画有多粗 (N,)，像素：2 × 面积 / 周长。

    宽 w、长 L 的一笔，面积 wL，周长约 2L；所以写得长、写得大都不算粗。空白的图是 0。
    """
    ink = ink_of(images)
    # 周长 = Σ ‖∇墨‖：从底到笔画，墨量一共升 1
    framed = np.pad(ink, ((0, 0), (1, 1), (1, 1)))  # 贴着图边的笔画也有边
    down, right = np.diff(framed, axis=1)[:, :, :-1], np.diff(framed, axis=2)[:, :-1]
    border = np.hypot(down, right).sum(axis=(1, 2))
    return 2 * ink.sum(axis=(1, 2)) / np.maximum(border, 1e-6)


def slant(images: np.ndarray) -> np.ndarray:
    """字往右倒多少 (N,)：每往上一个像素，笔画平均往右几个像素；竖直是 0，空白的图也是 0。"""
    ink = ink_of(images)
    height, width = ink.shape[1:]
    up, right = np.arange(height)[::-1, None], np.arange(width)[None]  # 行号往下数，所以倒过来
    total = np.maximum(ink.sum(axis=(1, 2)), 1e-6)

    def mean(of: np.ndarray) -> np.ndarray:
        return (ink * of).sum(axis=(1, 2)) / total

    # 斜度 = Cov(右, 上) / Var(上)，以墨量为权
    covariance = mean(up * right) - mean(up) * mean(right)
    return covariance / np.maximum(mean(up**2) - mean(up) ** 2, 1e-6)


def specks(images: np.ndarray) -> np.ndarray:
    """碎点有几个 (N,)：亮的像素连成一块块（斜着挨着也算连着），不超过两个像素的块数。"""
    lit = (ink_of(images) > LIT).astype(np.uint8)
    areas = [cv2.connectedComponentsWithStats(one, connectivity=8)[2][1:, 4] for one in lit]
    return np.array([(area <= SPECK).sum() for area in areas], float)
