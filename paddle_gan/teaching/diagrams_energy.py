"""方框图：自编码器怎样作判别器（EBGAN、BEGAN），金字塔怎样一层一层地画（LAPGAN）。"""

from paddle_gan.figures import BLUE, GRAY, GREEN, ORANGE
from paddle_gan.teaching.diagrams import arrow, box, ends, note
from paddle_gan.teaching.picture import Picture, canvas

AUTOENCODER = {  # 名字 → （中心的 x，中心的 y，框里的字，颜色）
    "z": (0.0, -0.6, "噪声 z", GRAY),
    "G": (2.3, -0.6, "生成器 G", BLUE),
    "real": (4.6, 0.6, "真样本 x", GREEN),
    "fake": (4.6, -0.6, "假样本 G(z)", GRAY),
    "Enc": (6.9, 0.0, "编码器 Enc", ORANGE),
    "code": (9.2, 0.0, "编码", GRAY),
    "Dec": (11.5, 0.0, "解码器 Dec", ORANGE),
    "energy": (13.8, 0.0, "还原误差", GRAY),
    "k": (13.8, -1.3, "权重 k", GREEN),
}
AUTOENCODER_FLOW = (("z", "G"), ("G", "fake"), ("real", "Enc"), ("fake", "Enc"), ("Enc", "code"))
AUTOENCODER_FLOW += (("code", "Dec"), ("Dec", "energy"))
CHAIN = {
    "z": (0.0, 0.0, "噪声 z0", GRAY),
    "G": (2.3, 0.0, "生成器 G", BLUE),
    "x_0": (4.6, 0.0, "7×7 的图", GRAY),
    "R_1": (6.9, 0.0, "放大，补残差", BLUE),
    "x_1": (9.2, 0.0, "14×14 的图", GRAY),
    "R_2": (11.5, 0.0, "放大，补残差", BLUE),
    "x_2": (13.8, 0.0, "28×28 的图", GRAY),
    "z_1": (6.9, -1.3, "噪声 z1", GRAY),
    "z_2": (11.5, -1.3, "噪声 z2", GRAY),
}
LINKS = (("x_0", "R_1"), ("x_1", "R_2"))  # 取样时，这一层的粗图是上一层画的
CHAIN_FLOW = (("z", "G"), ("G", "x_0"), ("R_1", "x_1"), ("R_2", "x_2"), ("z_1", "R_1"))
CHAIN_FLOW += (("z_2", "R_2"),)
TRAINING = {  # 训练时多出来的：真的粗图与各层的 D
    "real_0": (6.9, 1.3, "真的 7×7", GREEN),
    "real_1": (11.5, 1.3, "真的 14×14", GREEN),
    "D": (4.6, 1.3, "判别器 D0", ORANGE),
    "D_1": (9.2, 1.3, "判别器 D1", ORANGE),
    "D_2": (13.8, 1.3, "判别器 D2", ORANGE),
}
TRAINING_FLOW = (("real_0", "R_1"), ("real_1", "R_2"))
TRAINING_FLOW += (("x_0", "D"), ("x_1", "D_1"), ("x_2", "D_2"))


def autoencoder_diagram(balance: bool = False) -> Picture:
    """判别器是自编码器：真假两样都去还原，还原误差就是能量；balance 时画上 BEGAN 的 k。"""
    unused = () if balance else ("k",)
    boxes = {name: place for name, place in AUTOENCODER.items() if name not in unused}
    return drawn(boxes, AUTOENCODER_FLOW + ((("energy", "k"),) if balance else ()))


def pyramid_diagram(training: bool = False) -> Picture:
    """LAPGAN：取样时一层接一层；training 时各层的粗图是真的，各有判别器，层与层之间没有箭头。"""
    if training:
        return drawn(CHAIN | TRAINING, CHAIN_FLOW + TRAINING_FLOW)
    return drawn(CHAIN, CHAIN_FLOW + LINKS)


def drawn(boxes: dict, flow: tuple, notes: dict | None = None) -> Picture:
    """方框与箭头画成一张；notes 是写在哪个框上面的哪句话。"""
    low, high = (pick(y for _, y, *_ in boxes.values()) for pick in (min, max))
    with canvas(size=(11.4, 0.75 * (high - low + 1.4))) as c:
        axis = c.axes[0, 0]
        axis.set(xlim=(-1.0, 14.8), ylim=(low - 0.7, high + 0.7))
        axis.set_aspect("equal")
        axis.axis("off")
        for name in boxes:
            box(axis, name, False, boxes)
        for start, end in flow:
            arrow(axis, *ends(start, end, boxes))
        for name, words in (notes or {}).items():
            note(axis, boxes[name], words)
    return c.picture
