"""两组特征之间的欧氏距离，按行分块算，内存不随样本数的平方增长。

‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b 用矩阵乘法算，比逐对相减快几十倍；先减去共同的均值，
舍入误差就小：相同的两点算出的距离不超过特征长度的 1e-7 倍，比较时用 TOLERANCE 当作相等。
"""

from collections.abc import Iterator

import numpy as np

from paddle_gan.errors import UserError

ROWS = 1024  # 一块最多这么多行；10,000 列时一块 80 MB
TOLERANCE = 2e-7  # 相对于特征长度；距离相差不到它就算相等


def check_features(features: np.ndarray, least: int = 1) -> np.ndarray:
    """换成 float64 的 (n, d)；少于 least 个、有 NaN 或 Inf 时抛出 UserError，形状错 ValueError。"""
    features = np.asarray(features, np.float64)
    if features.ndim != 2:
        raise ValueError(f"要 (n, d) 的特征，得到 {features.shape}")
    if len(features) < least:
        raise UserError(f"样本太少：n 至少为 {least}，得到 {len(features)} 个")
    if not np.isfinite(features).all():
        raise UserError("特征里有 NaN 或 Inf；先检查生成的图像")
    return features


def check_pair(a: np.ndarray, b: np.ndarray, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """两组特征都检查，并减去共同的均值（距离不变，舍入误差变小）；维数不同时抛出 ValueError。"""
    a, b = check_features(a, least), check_features(b, least)
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"两组特征的维数不同：{a.shape[1]} 与 {b.shape[1]}")
    centre = (a.mean(axis=0) + b.mean(axis=0)) / 2
    return a - centre, b - centre


def slack(*groups: np.ndarray) -> float:
    """这些特征的距离相差多少以内算相等。"""
    return TOLERANCE * max(float(np.sqrt((g**2).sum(axis=1).mean())) for g in groups)


def distance_blocks(a: np.ndarray, b: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """逐块给出 a (n, d) 的若干行到 b (m, d) 全部的距离：（从第几行起，(行数, m)）。"""
    squares = (b**2).sum(axis=1)
    for start in range(0, len(a), ROWS):
        rows = a[start : start + ROWS]
        squared = (rows**2).sum(axis=1)[:, None] + squares - 2 * rows @ b.T
        yield start, np.sqrt(np.maximum(squared, 0.0))


def nearest_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a (n, d) 的每一点到 b (m, d) 中最近一点的距离 (n,)。"""
    return np.concatenate([block.min(axis=1) for _, block in distance_blocks(a, b)])


def neighbor_distances(x: np.ndarray, k: int) -> np.ndarray:
    """x (n, d) 的每一点到它第 k 近的另一点的距离 (n,)；k 不在 1..n − 1 时抛出 UserError。"""
    if not 1 <= k < len(x):
        raise UserError(f"{len(x)} 个样本各有 {len(x) - 1} 个近邻，要不了第 {k} 个；多生成一些样本")
    found = []
    for start, block in distance_blocks(x, x):
        rows = np.arange(len(block))
        block[rows, start + rows] = np.inf  # 自己不算
        found.append(np.partition(block, k - 1, axis=1)[:, k - 1])
    return np.concatenate(found)
