"""方框图：新的一级怎样淡入（ProGAN），两级怎样接在一起（StackGAN）。"""

from paddle_gan.figures import BLUE, GRAY, GREEN, ORANGE
from paddle_gan.teaching.diagrams_energy import drawn
from paddle_gan.teaching.picture import Picture

GROWING = {  # 名字 → （中心的 x，中心的 y，框里的字，颜色）
    "z": (0.0, 0.0, "噪声 z", GRAY),
    "G": (2.3, 0.0, "前几级的 G", BLUE),
    "old_G": (4.6, 0.7, "上色，放大", BLUE),
    "new_G": (4.6, -0.7, "新级，上色", BLUE),
    "fake": (6.9, 0.0, "按 α 混合", GRAY),
    "real": (6.9, -1.4, "真的也混合", GREEN),
    "old_D": (9.2, 0.7, "缩小，认色", ORANGE),
    "new_D": (9.2, -0.7, "认色，新级", ORANGE),
    "mixed": (11.5, 0.0, "α 再混合", GRAY),
    "D": (13.8, 0.0, "前几级的 D", ORANGE),
}
GROWING_FLOW = (("z", "G"), ("G", "old_G"), ("G", "new_G"), ("old_G", "fake"), ("new_G", "fake"))
GROWING_FLOW += (("fake", "old_D"), ("fake", "new_D"), ("real", "old_D"), ("real", "new_D"))
GROWING_FLOW += (("old_D", "mixed"), ("new_D", "mixed"), ("mixed", "D"))
STACKED = {
    "y": (0.0, 1.3, "类别 y", GRAY),
    "z": (0.0, -0.6, "噪声 z", GRAY),
    "c_1": (2.3, 0.3, "条件增强 1", BLUE),
    "G": (4.6, -0.6, "第一级 G", BLUE),
    "small": (6.9, -0.6, "14×14 的图", GRAY),
    "c_2": (6.9, 1.3, "条件增强 2", BLUE),
    "R": (9.2, -0.6, "第二级 R", BLUE),
    "large": (11.5, -0.6, "28×28 的图", GRAY),
    "D_1": (9.2, -1.9, "判别器 D1", ORANGE),
    "D_2": (13.8, -0.6, "判别器 D2", ORANGE),
}
FIRST_FLOW = (("y", "c_1"), ("c_1", "G"), ("z", "G"), ("G", "small"))
SECOND_FLOW = (("y", "c_2"), ("c_2", "R"), ("small", "R"), ("R", "large"), ("large", "D_2"))
SECOND_ONLY = ("c_2", "R", "large", "D_2")


def growing_diagram() -> Picture:
    """ProGAN 淡入新的一级：G 与 D 里旧的路、新的路按 α 混合，真样本也一样混合。"""
    return drawn(GROWING, GROWING_FLOW)


def stacked_diagram(second: bool = True) -> Picture:
    """StackGAN 的两级：second 是 False 时只有第一级和它的判别器，True 时是第二级的训练。"""
    unused = ("D_1",) if second else SECOND_ONLY
    boxes = {name: place for name, place in STACKED.items() if name not in unused}
    return drawn(boxes, FIRST_FLOW + (SECOND_FLOW if second else (("small", "D_1"),)))
