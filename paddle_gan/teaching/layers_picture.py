"""卷积网络的结构图：一层一个方块，高是边长，宽是通道数；形状由网络自己算出来。"""

import math
from typing import NamedTuple

import paddle
from matplotlib.patches import Rectangle
from paddle import nn

from paddle_gan.figures import BLUE, GRAY, ORANGE
from paddle_gan.methods.base import inference
from paddle_gan.teaching.picture import Picture, canvas

CONVOLUTIONS = {nn.Conv2D: "卷积", nn.Conv2DTranspose: "转置卷积"}
OTHERS = {nn.BatchNorm2D: "BN", nn.ReLU: "ReLU", nn.LeakyReLU: "lrelu"}
OTHERS |= {nn.Tanh: "tanh", nn.Sigmoid: "sigmoid"}
FILLS = (BLUE, ORANGE, GRAY)  # 一个网络一种颜色
STEP, TALL, WIDE = 1.9, 0.2, 0.085  # 两个方块的间隔；边长、通道数每翻一倍，高与宽各加多少


class Stage(NamedTuple):
    """一个方块：形状 (C, H, W)，以及从前一个方块到它经过哪几层。"""

    shape: tuple[int, ...]
    layers: tuple[str, ...] = ()


def stages(network: nn.Layer, shape: tuple[int, ...]) -> list[Stage]:
    """network.layers 每遇到一层卷积是一个新的方块；shape 是输入的 (C, H, W)。"""
    h, found = paddle.zeros([1, *shape]), [Stage(shape)]
    with inference(network):
        for layer in network.layers:
            h = layer(h)
            words = name_of(layer)
            kept = () if type(layer) not in OTHERS else found.pop().layers
            found.append(Stage(tuple(h.shape[1:]), (*kept, words)))
    return found


def name_of(layer: nn.Layer) -> str:
    """一层叫什么；卷积写上核与步长。不认得的写类名。"""
    for kind, words in CONVOLUTIONS.items():
        if isinstance(layer, kind):
            return (
                f"{words}\n{layer.weight.shape[2]} × {layer.weight.shape[3]}，步长 {layer.stride}"
            )
    return OTHERS.get(type(layer), type(layer).__name__)


def network_picture(networks: dict[str, tuple[nn.Layer, tuple[int, ...]]]) -> Picture:
    """几个网络的结构图，一个一行。

    参数：
        networks: {题目: (网络, 输入的形状 (C, H, W))}；网络的各层在 .layers 里
    """
    rows = {title: stages(*one) for title, one in networks.items()}
    length = max(map(len, rows.values()))
    with canvas(1, len(rows), size=(1.75 * length, 2.6)) as c:
        for axis, (title, found), color in zip(c.axes[:, 0], rows.items(), FILLS):
            for place, stage in enumerate(found):
                draw_stage(axis, place * STEP, stage, color)
            axis.set(xlim=(-0.8, STEP * length - 0.9), ylim=(-2.2, 1.45), title=title)
            axis.axis("off")
    return c.picture


def draw_stage(axis, x: float, stage: Stage, color: str) -> None:
    """一个方块与它左边的箭头：上面写形状，箭头下面写经过的层。"""
    channels, height, width = stage.shape
    tall, wide = size_of(height, TALL), size_of(channels, WIDE)
    axis.add_patch(Rectangle((x - wide / 2, -tall / 2), wide, tall, color=color, alpha=0.75))
    axis.text(x, 1.0, f"{height} × {width}\n{channels} 通道", ha="center", va="center")
    if stage.layers:
        arrow = {"arrowstyle": "-|>", "color": GRAY}
        axis.annotate("", (x - 0.55, 0), (x - STEP + 0.55, 0), arrowprops=arrow)
        words = "\n".join(stage.layers)
        axis.text(x - STEP / 2, -0.85, words, ha="center", va="top", fontsize=9, color=GRAY)


def size_of(count: int, step: float) -> float:
    """画多高、多宽：每翻一倍加 step，1 也看得见。"""
    return step * (1 + math.log2(count))
