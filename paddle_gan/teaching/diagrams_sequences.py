"""方框图：写序列的 G，梯度断在抽样那里；REINFORCE 绕过去，Gumbel-softmax 穿过去。"""

from matplotlib.axes import Axes

from paddle_gan.figures import BLUE, GRAY, ORANGE, RED
from paddle_gan.teaching.diagrams import BELOW, HEIGHT, arrow, box, ends
from paddle_gan.teaching.picture import Picture, canvas

BOXES = {  # 名字 → （中心的 x，中心的 y，框里的字，颜色）
    "before": (0.0, 0.0, "前面的词元", GRAY),
    "G": (2.3, 0.0, "生成器 G", BLUE),
    "chance": (4.6, 0.0, "概率 π", GRAY),
    "token": (6.9, 0.0, "词元 y", GRAY),
    "D": (9.2, 0.0, "判别器 D", ORANGE),
    "reward": (11.5, 0.0, "D(y)", GRAY),
}
NAMES = tuple(BOXES)
CHOOSES = {"argmax": "取最大的", "reinforce": "抽一个", "gumbel": "加噪声，取最大的"}
TITLES = {
    "argmax": "直接求导：梯度断在取最大的那一步，恰好是 0",
    "reinforce": "REINFORCE：不求导，D(y) 当奖励，乘在 ∇log π 上",
    "gumbel": "Gumbel-softmax：前向取硬的，反向走软的",
}
BACK = (("reward", "D"), ("D", "token"))
GRADIENT = {  # 怎样让 G 知道 D 的意见 → 梯度走的路
    "argmax": BACK,
    "reinforce": (("chance", "G"),),
    "gumbel": (*BACK, ("token", "chance"), ("chance", "G")),
}


def sampling_diagram(*ways: str) -> Picture:
    """写序列的方框图，一行一种 ways（"argmax"、"reinforce"、"gumbel"）：红色虚线是梯度。"""
    rows = ways or tuple(TITLES)
    with canvas(1, len(rows), size=(10.0, 1.9)) as c:
        for axis, way in zip(c.axes[:, 0], rows):
            draw_way(axis, way)
    return c.picture


def draw_way(axis: Axes, way: str) -> None:
    """一行：方框、前向的箭头、梯度的箭头与说明。"""
    axis.set(xlim=(-0.9, 12.4), ylim=(-1.35, 1.1), title=TITLES[way])
    axis.set_aspect("equal")
    axis.axis("off")
    for name in NAMES:
        box(axis, name, False, BOXES)
    for start, end in zip(NAMES, NAMES[1:]):
        arrow(axis, *ends(start, end, BOXES))
    for start, end in GRADIENT[way]:
        (x, y), (to_x, to_y) = ends(start, end, BOXES)
        arrow(axis, (x, y - BELOW), (to_x, to_y - BELOW), color=RED, linestyle="--")
    middle = (BOXES["chance"][0] + BOXES["token"][0]) / 2
    axis.text(middle, 0.45, CHOOSES[way], ha="center", va="bottom", fontsize=10)
    if way == "argmax":
        axis.text(middle, -BELOW, "×", ha="center", va="center", color=RED, fontsize=18)
    if way == "reinforce":
        look = {"arrowstyle": "-|>", "mutation_scale": 14, "linewidth": 1.6, "color": RED}
        look |= {"linestyle": "--", "connectionstyle": "arc3,rad=-0.14"}
        tail, head = ((BOXES[name][0], -HEIGHT / 2) for name in ("reward", "chance"))
        axis.annotate("", xy=head, xytext=tail, arrowprops=look)
        axis.text(middle + 2.3, -0.9, "奖励", ha="center", va="top", color=RED, fontsize=10)
