"""Wasserstein 距离：把一堆土搬成另一堆，最省的平均路程。

论文：WGAN（Arjovsky 等，2017）式 (1)：W(p, q) = inf_γ E_(x,y)~γ ‖x − y‖，γ 取遍全部搬运方案。
一维时最优方案就是排序后依次相配；样本一样多时，最优方案总可以取成一一对应，
用指派问题求出精确值。维数高时样本要指数多才够，所以另有切片 Wasserstein
（Rabin 等，2011）：投影到许多方向上，各算一维的，再平均。

样本少时它偏大：同一分布的两组样本也不是 0，要同时报告“真实对真实”。单位与样本的坐标相同。
"""

import numpy as np

from paddle_gan.errors import UserError

MAX_POINTS = 5000  # 指派问题 O(n³)：1,000 个点不到一秒，5,000 个点约一分钟，代价矩阵 200 MB


def wasserstein_1d(x: np.ndarray, y: np.ndarray, p: int = 1) -> float:
    """一维样本 (n,) 与 (m,) 的精确 W_p，个数可以不同，O((n + m) log(n + m))。

    样本有 NaN 或 Inf 时抛出 UserError；不是非空的一维数组时抛出 ValueError。
    """
    x, y = np.sort(_finite(x)), np.sort(_finite(y))
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(f"要一维的样本 (n,)、(m,)，得到 {x.shape} 与 {y.shape}")
    n, m = len(x), len(y)
    # 分位数函数在 i/n、j/m 处跳；都乘 n·m 变成整数，没有舍入
    levels = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    gaps = np.abs(x[(levels - 1) // m] - y[(levels - 1) // n])
    widths = np.diff(levels, prepend=0) / (n * m)
    # W_p = (∫₀¹ |F⁻¹(u) − G⁻¹(u)|ᵖ du)^(1/p)
    return float((widths * gaps**p).sum() ** (1 / p))


def wasserstein_grid(p: np.ndarray, q: np.ndarray, spacing: float) -> float:
    """均匀网格上两个质量 (K,) 的 W₁，spacing 是相邻两格的距离。"""
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    if p.shape != q.shape or p.ndim != 1:
        raise ValueError(f"要一维网格上的两个质量 (K,)，得到 {p.shape} 与 {q.shape}")
    # W₁ = ∫ |F(x) − G(x)| dx
    return float(np.abs(np.cumsum(p - q)).sum() * spacing)


def transport_plan(x: np.ndarray, y: np.ndarray, p: int = 1) -> np.ndarray:
    """最优搬运方案：x (n, d) 的第 i 个点搬到 y (n, d) 的第 plan[i] 个点，整数 (n,)。

    代价是 ‖x − y‖ᵖ。样本有 NaN 或 Inf 时抛出 UserError；
    两边不一样多、维数不同或超过 MAX_POINTS 个时抛出 ValueError。
    """
    # 这里才导入：scipy.optimize 要零点几秒，多数命令用不到
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    x, y = _finite(x), _finite(y)
    if x.ndim != 2 or x.shape != y.shape:
        raise ValueError(f"要一样多、一样维的样本 (n, d)，得到 {x.shape} 与 {y.shape}")
    if len(x) > MAX_POINTS:
        raise ValueError(f"精确的方案最多 {MAX_POINTS} 个点，得到 {len(x)}；用 sliced_wasserstein")
    _, plan = linear_sum_assignment(cdist(x, y) ** p)
    return plan


def wasserstein(x: np.ndarray, y: np.ndarray, p: int = 1) -> float:
    """n 个样本对 n 个样本 (n, d) 的精确 W_p，p = 1 就是 WGAN 论文式 (1)；错误同 transport_plan。"""
    plan = transport_plan(x, y, p)
    lengths = np.linalg.norm(np.asarray(x, np.float64) - np.asarray(y, np.float64)[plan], axis=1)
    # W_p = (1/n · Σᵢ ‖xᵢ − y_π(i)‖ᵖ)^(1/p)
    return float((lengths**p).mean() ** (1 / p))


def sliced_wasserstein(
    x: np.ndarray, y: np.ndarray, projections: int = 200, p: int = 1, seed: int = 0
) -> float:
    """切片 W_p：在 projections 个随机方向上的一维 W_p 的 p 次平均；个数可以不同。

    方向由 seed 决定，同样的 seed 用同样的方向。它比 W_p 小：d 维里平移 v 时只有 ‖v‖·E|cos|，
    平面上是 ‖v‖·2/π，只能与同样维数的切片值相比。
    """
    x, y = _finite(x), _finite(y)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or projections < 1:
        raise ValueError(f"要两组维数相同的样本 (n, d)，得到 {x.shape} 与 {y.shape}")
    directions = np.random.default_rng(seed).standard_normal((projections, x.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    # SW_p = (E_θ [W_p(θᵀx, θᵀy)ᵖ])^(1/p)，θ 在单位球面上均匀
    powers = [wasserstein_1d(x @ theta, y @ theta, p) ** p for theta in directions]
    return float(np.mean(powers) ** (1 / p))


def _finite(points: np.ndarray) -> np.ndarray:
    """换成 float64，挡住空的与发散的样本。"""
    points = np.asarray(points, np.float64)
    if points.size == 0:
        raise ValueError("样本不能为空")
    if not np.isfinite(points).all():
        raise UserError("样本里有 NaN 或 Inf，训练已经发散；先降低学习率再评测")
    return points
