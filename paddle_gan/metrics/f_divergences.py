"""f-散度的一张表（f-GAN，Nowozin 等，2016，arXiv:1606.00709，表 1、2）：方法、教程、答案用同一张。

D_f(P ‖ Q) = ∫ q·f(p / q) dx，P 是真实分布，Q 是生成分布，f 是凸函数；论文里 χ² 的 P、Q 对调过，
这里一律照这个式子。f* 是 f 的共轭，f*(t) = sup_u {u·t − f(u)}，于是对任何函数 T：
D_f(P ‖ Q) ≥ E_P[T] − E_Q[f*(T)]，T = f′(p / q) 时取等号。
D 的输出 V 没有限制；T = g_f(V) 落进 f* 的定义域，f*(g_f(V)) 化简之后再算，不会上溢、下溢。
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from paddle import Tensor
from paddle.nn import functional

Array = np.ndarray | Tensor
LOG2 = math.log(2)


def exp(v: Array) -> Array:
    """eᵛ；数组与飞桨的张量都行。"""
    return np.exp(v) if isinstance(v, np.ndarray) else v.exp()


def softplus(v: Array) -> Array:
    """log(1 + eᵛ)，v 很大、很小都不溢出；数组与飞桨的张量都行。"""
    return np.logaddexp(0, v) if isinstance(v, np.ndarray) else functional.softplus(v)


@dataclass(frozen=True)
class Divergence:
    """表的一行；前三个函数算数组，g 与 conjugate_of_g 也算张量，方法用的是这两个。"""

    name: str
    f: Callable[[np.ndarray], np.ndarray]  # f(u)，u = p / q > 0
    slope: Callable[[np.ndarray], np.ndarray]  # f′(u)
    conjugate: Callable[[np.ndarray], np.ndarray]  # f*(t)
    g: Callable[[Array], Array]  # g_f(v)：V 换成 T
    conjugate_of_g: Callable[[Array], Array]  # f*(g_f(v))，化简之后的
    below: float = math.inf  # f* 的定义域是 t < below
    ceiling: float = math.inf  # V 大于它时当作它：KL 的 e^(v − 1) 涨得太快


TABLE = {
    "kl": Divergence(
        name="KL(P ‖ Q)",
        f=lambda u: u * np.log(u),
        slope=lambda u: np.log(u) + 1,
        conjugate=lambda t: np.exp(t - 1),
        g=lambda v: v,
        conjugate_of_g=lambda v: exp(v - 1),
        ceiling=10.0,
    ),
    "reverse_kl": Divergence(
        name="反向 KL，KL(Q ‖ P)",
        f=lambda u: -np.log(u),
        slope=lambda u: -1 / u,
        conjugate=lambda t: -1 - np.log(-t),
        g=lambda v: -exp(-v),
        conjugate_of_g=lambda v: v - 1,
        below=0.0,
    ),
    "pearson": Divergence(
        name="皮尔逊 χ²，∫(p − q)²/q",
        f=lambda u: (u - 1) ** 2,
        slope=lambda u: 2 * (u - 1),
        conjugate=lambda t: t**2 / 4 + t,
        g=lambda v: v,
        conjugate_of_g=lambda v: v**2 / 4 + v,
    ),
    "neyman": Divergence(
        name="奈曼 χ²，∫(p − q)²/p",
        f=lambda u: u - 2 + 1 / u,
        slope=lambda u: 1 - 1 / u**2,
        conjugate=lambda t: 2 - 2 * np.sqrt(1 - t),
        g=lambda v: 1 - exp(-v),
        conjugate_of_g=lambda v: 2 - 2 * exp(-v / 2),
        below=1.0,
    ),
    "hellinger": Divergence(
        name="Hellinger 距离的平方，∫(√p − √q)²",
        f=lambda u: (np.sqrt(u) - 1) ** 2,
        slope=lambda u: 1 - 1 / np.sqrt(u),
        conjugate=lambda t: t / (1 - t),
        g=lambda v: 1 - exp(-v),
        conjugate_of_g=lambda v: exp(v) - 1,
        below=1.0,
    ),
    "js": Divergence(
        name="JS 的两倍",
        f=lambda u: u * np.log(u) - (u + 1) * np.log((u + 1) / 2),
        slope=lambda u: np.log(2 * u / (u + 1)),
        conjugate=lambda t: -np.log(2 - np.exp(t)),
        g=lambda v: LOG2 - softplus(-v),
        conjugate_of_g=lambda v: softplus(v) - LOG2,
        below=LOG2,
    ),
    "gan": Divergence(
        name="GAN 的目标，2·JS − 2·log 2",
        f=lambda u: u * np.log(u) - (u + 1) * np.log(u + 1),
        slope=lambda u: np.log(u / (u + 1)),
        conjugate=lambda t: -np.log(1 - np.exp(t)),
        g=lambda v: -softplus(-v),
        conjugate_of_g=softplus,
        below=0.0,
    ),
}
