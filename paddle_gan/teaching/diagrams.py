"""方框图：噪声怎样变成样本、判别器看什么，轮到谁更新、梯度走哪几条路；类别从哪里进。"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyBboxPatch

from paddle_gan.figures import BLUE, GRAY, GREEN, ORANGE, RED
from paddle_gan.teaching.picture import Picture, canvas

WIDTH, HEIGHT = 1.5, 0.72  # 每个方框的宽与高
BOXES = {  # 名字 → （中心的 x，中心的 y，框里的字，颜色）
    "z": (0.0, 0.0, "噪声 z", GRAY),
    "G": (2.3, 0.0, "生成器 G", BLUE),
    "fake": (4.6, 0.0, "假样本 G(z)", GRAY),
    "real": (6.9, -1.3, "真样本 x", GRAY),
    "D": (6.9, 0.0, "判别器 D", ORANGE),
    "verdict": (9.2, 0.0, "像真的概率", GRAY),
}
FLOW = (("z", "G"), ("G", "fake"), ("fake", "D"), ("real", "D"), ("D", "verdict"))
GRADIENT = {  # 轮到谁更新 → 梯度走的路，与前向的方向相反
    "D": (("verdict", "D"),),
    "G": (("verdict", "D"), ("D", "fake"), ("fake", "G")),
}
NOTES = {  # 轮到谁更新 → 写在哪个框旁边的哪句话
    "D": {"G": "不更新", "fake": "梯度到此为止", "D": "更新"},
    "G": {"G": "更新", "D": "冻结，只让梯度穿过"},
}
TITLES = {"": "", "D": "轮到 D：认得更准", "G": "轮到 G：骗得更像"}
UNUSED = {"": (), "D": (), "G": ("real",)}  # 这一步用不到的框，画得淡
# 条件生成：类别给 G，也与样本一起给 D；最下面一对是打乱出来的
PAIRED = {
    "z": (0.0, 0.55, "噪声 z", GRAY),
    "y": (0.0, -0.55, "类别 y", GRAY),
    "G": (2.3, 0.0, "生成器 G", BLUE),
    "real": (4.8, 1.1, "x 与 y", GREEN),
    "fake": (4.8, 0.0, "G(z, y) 与 y", GRAY),
    "wrong": (4.8, -1.1, "x 与错的 y′", RED),
    "D": (7.3, 0.0, "判别器 D", ORANGE),
    "verdict": (9.6, 0.0, "真，而且配", GRAY),
}
PAIRED_FLOW = (("z", "G"), ("y", "G"), ("G", "fake"))
PAIRED_FLOW += (("real", "D"), ("fake", "D"), ("wrong", "D"), ("D", "verdict"))
SHOULD = {"real": "该判真", "fake": "该判假", "wrong": "该判假"}
BELOW = 0.2  # 梯度的箭头画在前向的下面多远


def gan_diagram(*turns: str) -> Picture:
    """GAN 的方框图：实线是前向，红色虚线是梯度。

    参数：
        turns: 不写是整体的一张；写 "D"、"G" 时一行一张，是轮到它更新的样子
    """
    rows = turns or ("",)
    with canvas(1, len(rows), size=(8.6, 2.1)) as c:
        for axis, turn in zip(c.axes[:, 0], rows):
            draw_turn(axis, turn)
    return c.picture


def conditional_diagram(mismatched: bool = True) -> Picture:
    """条件 GAN 的方框图：三种配对各该判什么；mismatched 是 False 时，配错的一对画得淡。"""
    with canvas(size=(8.9, 3.0)) as c:
        axis = c.axes[0, 0]
        axis.set(xlim=(-1.0, 10.6), ylim=(-1.7, 1.8))
        axis.set_aspect("equal")
        axis.axis("off")
        unused = () if mismatched else ("wrong",)
        for name in PAIRED:
            box(axis, name, name in unused, PAIRED)
        for start, end in PAIRED_FLOW:
            arrow(axis, *ends(start, end, PAIRED), faint=start in unused)
        for name, words in SHOULD.items():
            note(axis, PAIRED[name], words, faint=name in unused)
    return c.picture


def draw_turn(axis: Axes, turn: str) -> None:
    """一张：方框、前向的箭头、（轮到谁更新时）梯度的箭头与说明。"""
    axis.set(xlim=(-1.0, 10.2), ylim=(-1.75, 0.85), title=TITLES[turn])
    axis.set_aspect("equal")
    axis.axis("off")
    for name in BOXES:
        box(axis, name, faint=name in UNUSED[turn])
    for start, end in FLOW:
        arrow(axis, *ends(start, end), faint=start in UNUSED[turn])
    for start, end in GRADIENT.get(turn, ()):
        (x, y), (to_x, to_y) = ends(start, end)
        arrow(axis, (x, y - BELOW), (to_x, to_y - BELOW), color=RED, linestyle="--")
    for name, words in NOTES.get(turn, {}).items():
        note(axis, BOXES[name], words)


def box(axis: Axes, name: str, faint: bool, boxes: dict = BOXES) -> None:
    """一个圆角的方框，字写在正中。"""
    x, y, words, color = boxes[name]
    alpha = 0.3 if faint else 1.0
    corner, shape = (x - WIDTH / 2, y - HEIGHT / 2), "round,pad=0,rounding_size=0.12"
    look = {"facecolor": "white" if color == GRAY else lighter(color), "edgecolor": color}
    axis.add_patch(
        FancyBboxPatch(corner, WIDTH, HEIGHT, boxstyle=shape, linewidth=1.6, alpha=alpha, **look)
    )
    axis.text(x, y, words, ha="center", va="center", fontsize=11, alpha=alpha)


def note(axis: Axes, place: tuple, words: str, faint: bool = False) -> None:
    """一句话，红字写在一个方框的上面。"""
    x, y, *_ = place
    look = {"color": RED, "fontsize": 10, "alpha": 0.3 if faint else 1.0}
    axis.text(x, y + 0.4, words, ha="center", va="bottom", **look)


def arrow(axis: Axes, tail, head, color=GRAY, linestyle="-", faint: bool = False) -> None:
    """一支箭头，尖在 head。"""
    look = {"arrowstyle": "-|>", "mutation_scale": 14, "linewidth": 1.6, "shrinkA": 2, "shrinkB": 2}
    look |= {"color": color, "linestyle": linestyle, "alpha": 0.3 if faint else 1.0}
    axis.annotate("", xy=head, xytext=tail, arrowprops=look)


def ends(
    start: str, end: str, boxes: dict = BOXES
) -> tuple[tuple[float, float], tuple[float, float]]:
    """从一个方框到另一个的箭头（尾，尖）：左右相邻的接侧边的中点，上下相邻的接上下边的中点。

    又左又上的（条件生成的几对）也接侧边的中点。
    """
    (x, y, *_), (to_x, to_y, *_) = boxes[start], boxes[end]
    right, up = np.sign(to_x - x) * WIDTH / 2, np.sign(to_y - y) * HEIGHT / 2
    if right:
        up = 0.0
    return (x + right, y + up), (to_x - right, to_y - up)


def lighter(color: str) -> tuple[float, ...]:
    """同一种颜色，淡得压不住上面的字。"""
    return tuple(0.8 + 0.2 * part for part in to_rgb(color))
