"""一维 GAN 的一格画面：p_data、P_G、D 与最优的 D*，下面是 z 被 G 送到了哪里。

来源：Goodfellow 等（2014）图 1。一维时三条曲线画得出来，高维时只能看样本。
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import paddle

from paddle_gan.figures import BLUE, GRAY, ORANGE
from paddle_gan.methods.base import Method, inference
from paddle_gan.teaching.picture import Picture, canvas

SAMPLES = 20_000  # 数 P_G 用多少个样本
EDGES = np.linspace(-4, 4, 65)  # 数 P_G 的小格
MIDDLES = (EDGES[1:] + EDGES[:-1]) / 2
LATENTS = np.linspace(-2.5, 2.5, 26)  # 画哪些 z 的去处
TOP = 1.25  # 纵轴到多高；再高的画出格外
WIDE = 2  # 到几格为止，图例要排成两行：一行四项放不下


@dataclass(frozen=True)
class Frame:
    """一维 GAN 在某一步：x 轴的小格 MIDDLES 上的两个数，与 LATENTS 的去处。"""

    density: np.ndarray  # P_G
    judged: np.ndarray  # D(x)，概率
    landed: np.ndarray  # G(z)


def frame_of(method: Method) -> Frame:
    """method 此刻的一格；z 与 x 都是一维，D 给的是 logit。"""
    fakes = method.generate(method.noise(SAMPLES)).numpy().ravel()
    density = np.histogram(fakes, EDGES)[0] / SAMPLES / np.diff(EDGES)
    with inference(method.D):
        logit = method.D(column(MIDDLES)).numpy().ravel()
    landed = method.generate(column(LATENTS)).numpy().ravel()
    return Frame(density, 1 / (1 + np.exp(-logit)), landed)


def column(values: np.ndarray) -> paddle.Tensor:
    """一列数 (N, 1)。"""
    return paddle.to_tensor(values.astype(np.float32)[:, None])


def duel(frames: dict[str, Frame], p_data: Callable[[np.ndarray], np.ndarray]) -> Picture:
    """几格画面 {题目: Frame} 并排；p_data 是真分布的密度。"""
    with canvas(len(frames), 2, size=(2.9, 1.7)) as c:
        for (above, below), (title, frame) in zip(c.axes.T, frames.items()):
            draw_densities(above, frame, p_data(MIDDLES))
            above.set(title=title, xlim=EDGES[[0, -1]], ylim=(0, TOP))
            draw_landing(below, frame)
        names = c.axes[0, 0].get_legend_handles_labels()
        ncols = 4 if len(frames) > WIDE else 2
        c.figure.legend(*names, loc="outside upper center", ncols=ncols)
        c.axes[1, 0].set_ylabel("z 在上，G(z) 在下", fontsize=9)
    return c.picture


def draw_densities(axis, frame: Frame, real: np.ndarray) -> None:
    """两个密度与两个 D；两个密度都几乎是 0 的地方，D* 没有定义，不画。"""
    axis.fill_between(MIDDLES, real, color=GRAY, alpha=0.3, label="p_data（真）")
    axis.plot(MIDDLES, frame.density, color=BLUE, label="P_G（假）")
    axis.plot(MIDDLES, frame.judged, color=ORANGE, label="D(x)")
    total = real + frame.density
    # D* = p_data / (p_data + P_G)
    best = np.where(total > 1e-2, real / np.maximum(total, 1e-2), np.nan)
    axis.plot(MIDDLES, best, color="black", linestyle="--", linewidth=1, label="最优的 D*")


def draw_landing(axis, frame: Frame) -> None:
    """每个 z 一条线，从上边的 z 连到下边的 G(z)。"""
    for z, x in zip(LATENTS, frame.landed):
        axis.plot([z, x], [1, 0], color=BLUE, alpha=0.5, linewidth=0.8)
    axis.set(xlim=EDGES[[0, -1]], ylim=(0, 1), yticks=[])
    axis.grid(False)
