"""一个高斯去像一个混合高斯：哪个 N(μ, σ²) 使 f-散度最小；答案由数值积分与逐步缩小的网格找到。

混合分布有几个峰时，一个高斯不可能处处都像，答案随散度而变：KL 要盖住每个峰，反向 KL 只占一个。
有的散度不止一个极小点，所以给出全部，由小到大。
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from paddle_gan.metrics.f_divergences import TABLE, Divergence

Numbers = tuple[float, ...]
REACH, STEP = 12.0, 0.1  # 积分到最远的峰之外多少个总标准差；步长是最窄的峰的几分之一
FLOOR = -690.0  # log 密度的下限：exp 之后仍是正数
MEANS, STDS = 33, 25  # 粗网格：μ、log σ 各几格
HALVINGS = 24  # 找到一格之后，网格再缩小几次：一半的 24 次方，远小于 1e-6
SAME = 1e-3  # 两个极小点离得比这近，就是同一个；一样深也按它


class Minimum(NamedTuple):
    """一个极小点：均值 μ、标准差 σ 与那里的散度。"""

    mean: float
    std: float
    value: float


def log_normal(x: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """N(mean, std²) 的 log 密度。"""
    return -(((x - mean) / std) ** 2) / 2 - np.log(std) - math.log(2 * math.pi) / 2


def log_mixture(x: np.ndarray, weights: Numbers, means: Numbers, stds: Numbers) -> np.ndarray:
    """混合高斯的 log 密度，与 x 同形。"""
    parts = [math.log(w) + log_normal(x, m, s) for w, m, s in zip(weights, means, stds)]
    return np.logaddexp.reduce(parts)


def divergences_to(
    row: Divergence, x: np.ndarray, log_p: np.ndarray, means: np.ndarray, stds: np.ndarray
) -> np.ndarray:
    """D_f(P ‖ N(μ, σ²))，means、stds 是 (K,)，一次算 K 个；x 是均匀的格点 (M,)。"""
    log_q = log_normal(x, means[:, None], stds[:, None])  # (K, M)
    log_q, log_p = np.maximum(log_q, FLOOR), np.maximum(log_p, FLOOR)
    with np.errstate(over="ignore"):  # Q 的尾巴太轻或太重时，χ² 是无穷大
        # D_f = ∫ q·f(p / q) dx
        return (np.exp(log_q) * row.f(np.exp(log_p - log_q))).sum(axis=1) * (x[1] - x[0])


@lru_cache(maxsize=64)
def gaussian_minima(
    name: str, weights: Numbers, means: Numbers, stds: Numbers
) -> tuple[Minimum, ...]:
    """D_f(P ‖ N(μ, σ²)) 的全部极小点，由小到大；P 是混合高斯，name 是 f_divergences.TABLE 的行。"""
    w, m, s = (np.asarray(one) for one in (weights, means, stds))
    center = float(w @ m)
    total = math.sqrt(w @ (s**2 + (m - center) ** 2))
    far = REACH * total + float(np.abs(m - center).max())
    count = math.ceil(2 * far / (STEP * min(stds)))
    x = np.linspace(center - far, center + far, count)
    log_p = log_mixture(x, weights, means, stds)

    def value(points: np.ndarray) -> np.ndarray:
        return divergences_to(TABLE[name], x, log_p, points[:, 0], np.exp(points[:, 1]))

    ticks = np.linspace(m.min() - total, m.max() + total, MEANS)
    scales = np.linspace(math.log(min(stds) / 2), math.log(2 * total), STDS)
    grid = np.stack(np.meshgrid(ticks, scales, indexing="ij"), axis=-1)  # (MEANS, STDS, 2)
    values = value(grid.reshape(-1, 2)).reshape(MEANS, STDS)
    found: list[Minimum] = []
    for start in grid[valleys(values)]:
        (mean, log_std), lowest = zoom(value, start, (ticks[1] - ticks[0], scales[1] - scales[0]))
        near = (abs(mean - f.mean) + abs(math.exp(log_std) - f.std) < SAME for f in found)
        if not any(near):
            found.append(Minimum(float(mean), math.exp(log_std), lowest))
    return tuple(sorted(found, key=lambda one: one.value))


def valleys(values: np.ndarray) -> np.ndarray:
    """不比周围八格高的格子 (行, 列) bool；无穷大的不算。"""
    rows, columns = values.shape
    around = np.pad(values, 1, constant_values=np.inf)
    shifts = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    lower = [values <= around[i : i + rows, j : j + columns] for i, j in shifts]
    return np.isfinite(values) & np.all(lower, axis=0)


def zoom(value, center: np.ndarray, size: tuple[float, float]) -> tuple[np.ndarray, float]:
    """从 center 起，看周围 5 × 5 格，移到最低的一格；最低的不在边上时格子缩小一半。"""
    size, offsets = np.asarray(size), np.linspace(-1, 1, 5)
    window = np.stack(np.meshgrid(offsets, offsets, indexing="ij"), axis=-1).reshape(-1, 2)
    halved = 0
    while halved < HALVINGS:
        points = center + window * size
        values = value(points)
        best = int(values.argmin())
        center = points[best]
        if np.abs(window[best]).max() < 1:
            size, halved = size / 2, halved + 1
    return center, float(values[best])


def best_gaussians(
    name: str, weights: Numbers, means: Numbers, stds: Numbers
) -> tuple[Minimum, ...]:
    """最深的极小点；对称的混合可以有两个一样深的。"""
    minima = gaussian_minima(name, weights, means, stds)
    return tuple(one for one in minima if one.value <= minima[0].value + SAME**2)
