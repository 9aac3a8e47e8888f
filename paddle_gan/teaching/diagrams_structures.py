"""方框图：自编码器、VAE 与 VAE-GAN，轮到谁更新、梯度走哪几条路；分层的生成器怎样一级接一级。"""

from matplotlib.axes import Axes

from paddle_gan.figures import BLUE, GRAY, GREEN, ORANGE, RED
from paddle_gan.teaching.diagrams import BELOW, arrow, box, ends
from paddle_gan.teaching.picture import Picture, canvas

# 名字 → （中心的 x，中心的 y，框里的字，颜色）
AUTO = {
    "x": (0.0, 0.0, "真样本 x", GRAY),
    "Enc": (2.2, 0.0, "编码器 Enc", GREEN),
    "z": (4.4, 0.0, "编码 z", GRAY),
    "Dec": (6.6, 0.0, "解码器 Dec", BLUE),
    "rec": (8.8, 0.0, "还原的样本", GRAY),
}
PRIOR = {"prior": (4.4, -1.35, "噪声 z′", GRAY), "fake": (8.8, -1.35, "假样本", GRAY)}
JUDGE = {
    "D": (11.0, 0.0, "判别器 D", ORANGE),
    "feature": (13.2, 0.0, "特征的距离", GRAY),
    "verdict": (13.2, -1.35, "真假", GRAY),
}
VAE_GAN = AUTO | PRIOR | JUDGE
FLOW = (("x", "Enc"), ("Enc", "z"), ("z", "Dec"), ("Dec", "rec"))
FLOW += (("prior", "Dec"), ("Dec", "fake"), ("rec", "D"), ("fake", "D"))
FLOW += (("D", "feature"), ("D", "verdict"))
GRADIENT = {  # 轮到谁更新 → 梯度走的路，与前向的方向相反
    "Enc": (("feature", "D"), ("D", "rec"), ("rec", "Dec"), ("Dec", "z"), ("z", "Enc")),
    "Dec": (
        *(("feature", "D"), ("D", "rec"), ("rec", "Dec")),
        *(("verdict", "D"), ("D", "fake"), ("fake", "Dec")),
    ),
    "D": (("verdict", "D"),),
}
NOTES = {  # 轮到谁更新 → 写在哪个框旁边的哪句话
    "Enc": {"Enc": "更新", "z": "还有 KL", "Dec": "冻结", "D": "冻结"},
    "Dec": {"z": "梯度到此为止", "Dec": "更新", "D": "冻结"},
    "D": {"Dec": "不更新", "rec": "梯度到此为止", "D": "更新", "feature": "不进 D 的损失"},
}
TITLES = {
    "Enc": "轮到编码器：还原的特征像，编码又不离先验太远",
    "Dec": "轮到解码器：还原的特征像，又骗得过 D",
    "D": "轮到判别器：只认真假",
}
UNUSED = {"Enc": ("prior", "fake", "verdict"), "Dec": (), "D": ("feature",)}


def vae_gan_diagram(*turns: str) -> Picture:
    """VAE-GAN 的方框图，一行一个 turns（"Enc"、"Dec"、"D"）：实线是前向，红色虚线是梯度。"""
    rows = turns or tuple(TITLES)
    with canvas(1, len(rows), size=(11.0, 2.2)) as c:
        for axis, turn in zip(c.axes[:, 0], rows):
            draw_turn(axis, turn)
    return c.picture


def draw_turn(axis: Axes, turn: str) -> None:
    """一张：方框、前向的箭头、梯度的箭头与说明。"""
    axis.set(xlim=(-0.9, 14.1), ylim=(-1.9, 0.9), title=TITLES[turn])
    axis.set_aspect("equal")
    axis.axis("off")
    for name in VAE_GAN:
        box(axis, name, name in UNUSED[turn], VAE_GAN)
    for start, end in FLOW:
        faint = start in UNUSED[turn] or end in UNUSED[turn]
        arrow(axis, *ends(start, end, VAE_GAN), faint=faint)
    for start, end in GRADIENT[turn]:
        (x, y), (to_x, to_y) = ends(start, end, VAE_GAN)
        arrow(axis, (x, y - BELOW), (to_x, to_y - BELOW), color=RED, linestyle="--")
    for name, words in NOTES[turn].items():
        x, y, *_ = VAE_GAN[name]
        axis.text(x, y + 0.42, words, ha="center", va="bottom", color=RED, fontsize=10)
