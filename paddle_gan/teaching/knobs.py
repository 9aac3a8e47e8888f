"""滑块要画的图，一个数一张：02 的 d，03 的 η，06 的 θ，07 的 c，09 的 m；10 的 τ 用 images 就够。

算的都是章里、实验里的那一份函数，这里只画。
"""

from functools import cache
from math import comb
from types import SimpleNamespace

import numpy as np
from paddle import nn

from paddle_gan.data import SwissRoll
from paddle_gan.figures import BLUE, GRAY, ORANGE, RED
from paddle_gan.lab import games
from paddle_gan.lab.clipping import layer_gradients, weights_of
from paddle_gan.lab.shift import densities
from paddle_gan.metrics.gaussians import shifted_gaussians
from paddle_gan.networks import MLP
from paddle_gan.run import runtime
from paddle_gan.teaching.picture import Picture, canvas

FARTHEST = 8.0  # d 画到多远
ORBIT = 200  # 轨迹画前多少步
RULES = {
    "simultaneous": "同时更新",
    "alternating": "交替更新",
    "extragradient": "外梯度",
    "omd": "乐观更新",
    "consensus": "共识优化",
}
NOISES = (0.1, 0.5, 1.0)  # 给两条线加多大的噪声
DEEP, WIDE = 12, 512  # 评论器几个隐层，多宽
PACKS = 10  # 一包最多几个
LOST, UNEVEN = 0.2, 0.3  # 丢了几成的模式；不匀时，少的那一半一共占几成


@cache
def js(d: float) -> float:
    """N(0, 1) 与 N(d, 1) 的 JS，以 log2 为单位。"""
    return shifted_gaussians(d)["js"] / np.log(2)


def apart(d: float) -> Picture:
    """N(0, 1) 与 N(d, 1)：左边两个密度与最优的 D，右边 JS 与 W 随 d 怎样变，点是现在的 d。"""
    ds = np.linspace(0, FARTHEST, 41)
    with canvas(2, size=(4.2, 3.0)) as c:
        left, right = c.axes[0]
        x, p, q = densities(d, 801)
        left.fill_between(x, p / p.max(), color=GRAY, alpha=0.4, label="真实 N(0, 1)")
        left.fill_between(x, q / q.max(), color=BLUE, alpha=0.3, label="生成 N(d, 1)")
        # 最优的 D 的 logit：log p − log q = d²/2 − d·x
        left.plot(x, 1 / (1 + np.exp(-(d * d / 2 - d * x))), color=ORANGE, label="最优的 D")
        left.set(title=f"d = {d:g}", xlabel="x", xlim=(-4, FARTHEST + 4), ylim=(0, 1.4))
        left.legend(fontsize=8, loc="upper right", ncols=2)
        right.plot(ds, [js(v) for v in ds], color=ORANGE, label="JS / log2")
        right.plot(ds, ds / FARTHEST, color=BLUE, label=f"W / {FARTHEST:g}")
        right.plot([d, d], [js(d), d / FARTHEST], "o", color="black")
        right.set(title=f"JS = {js(d):.3f}·log2，W = {d:g}", xlabel="d", ylim=(0, 1.1))
        right.legend()
    return c.picture


def orbits(eta: float) -> Picture:
    """双线性博弈 xy：步长 η 时，五种更新各自的前 ORBIT 步；题目下面是一步之后半径乘几。"""
    with canvas(len(RULES), size=(2.3, 2.6)) as c:
        for axis, (rule, name) in zip(c.axes[0], RULES.items()):
            path = games.xy_path(rule, eta, ORBIT, np.array([2.0, 0.5]))
            axis.plot(*path.T, linewidth=0.9)
            axis.plot(0, 0, "*", color="black", markersize=9)
            axis.set(xlim=(-6, 6), ylim=(-6, 6), aspect="equal")
            axis.set_title(f"{name}\n× {games.theoretical_factor(rule, eta):.4f}")
    return c.picture


def two_lines(theta: float) -> Picture:
    """两条平行线段，隔 θ：左边是它们，右边 JS 随 θ 怎样变（加不加噪声），W 一直等于 θ。"""
    thetas = np.linspace(0, 4, 41)
    with canvas(2, size=(4.2, 3.0)) as c:
        left, right = c.axes[0]
        left.plot([0, 0], [0, 1], color=GRAY, linewidth=4, label="真实：x = 0")
        left.plot([theta, theta], [0, 1], color=BLUE, linewidth=2, label="生成：x = θ")
        left.set(title=f"θ = {theta:g}，W = {theta:g}", xlabel="x", xlim=(-0.5, 4.5))
        left.set(ylim=(-0.2, 1.6), ylabel="y")
        left.legend(fontsize=8, loc="upper right")
        for noise in NOISES:
            curve = [js(t / noise) for t in thetas]
            (line,) = right.plot(thetas, curve, label=f"噪声 σ = {noise}")
            right.plot(theta, js(theta / noise), "o", color=line.get_color())
        right.plot(thetas[1:], 1 + 0 * thetas[1:], "--", color="black", label="不加噪声")
        right.plot(theta, float(theta > 0), "o", color="black")
        right.set(title="点是现在的 θ", xlabel="两条线的间距 θ", ylabel="JS / log2")
        right.legend(fontsize=8)
    return c.picture


def layer_growth(bound: float) -> Picture:
    """权重 ~ U(−c, c) 的 12 层评论器，还没有训练：每层的梯度有多大；虚线是每层乘 c·√(n/6)。"""
    runtime.seed_stream(0, runtime.INIT)
    critic = SimpleNamespace(D=MLP((2,), (1,), width=WIDE, depth=DEEP))
    for weight in weights_of(critic.D):
        nn.initializer.Uniform(-bound, bound)(weight)
    norms = layer_gradients(critic, SwissRoll(), np.random.default_rng(0))
    layers = np.arange(1, DEEP + 1)
    # U(−c, c) 的方差是 c²/3，ReLU 留下一半：一层乘 √(n·c²/6)
    factor = bound * np.sqrt(WIDE / 6)
    with canvas(size=(5.6, 3.2)) as c:
        axis = c.axes[0, 0]
        axis.semilogy(layers, norms + 1e-300, "o-", color=BLUE, label="量出来")
        theory = norms[-1] * factor ** (DEEP - layers)
        axis.semilogy(layers, theory, "--", color=GRAY, label=f"每层 × {factor:.3g}")
        axis.set(title=f"c = {bound:g}", xlabel="隐层（左边靠近输入）", ylabel="‖∂L/∂h‖")
        axis.set(ylim=(1e-24, 1e6))
        axis.legend()
    return c.picture


def packs(m: int) -> Picture:
    """一包 m 个：左边最优的 D 给真包与假包的概率（“不匀”那一种），右边总变差随 m 怎样变。"""
    counts = np.arange(1, PACKS + 1)
    with canvas(2, size=(4.2, 3.0)) as c:
        left, right = c.axes[0]
        real, fake = share(m, 0.5), share(m, UNEVEN)
        place = np.arange(m + 1)
        left.bar(place - 0.2, real, 0.4, color=GRAY, label="真实")
        left.bar(place + 0.2, fake, 0.4, color=RED, label="生成（不匀）")
        left.set_xticks(place)
        left.set(xlabel="一包里有几个来自少的那一半", ylabel="概率", title=f"m = {m}")
        left.legend(fontsize=8)
        tv = {"丢了两个模式": 1 - (1 - LOST) ** counts}
        tv["没丢，只是不匀"] = [0.5 * abs(share(k, 0.5) - share(k, UNEVEN)).sum() for k in counts]
        for (name, values), color in zip(tv.items(), (BLUE, RED)):
            right.plot(counts, values, marker=".", color=color, label=name)
            right.plot(m, values[m - 1], "o", color=color, markersize=9)
        right.set(xlabel="一包 m 个", ylabel="总变差", ylim=(0, 1), title="点是现在的 m")
        right.legend(fontsize=8)
    return c.picture


def share(m: int, p: float) -> np.ndarray:
    """m 个里有 0…m 个来自占 p 的那一半的概率 (m + 1,)：二项分布。"""
    return np.array([comb(m, k) * p**k * (1 - p) ** (m - k) for k in range(m + 1)])
