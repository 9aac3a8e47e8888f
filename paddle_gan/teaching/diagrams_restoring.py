"""方框图：由残缺的图还原整张图（SRGAN、补洞），两项损失各从哪里来，D 看得见什么。"""

from paddle_gan.figures import BLUE, GRAY, GREEN, ORANGE
from paddle_gan.teaching.diagrams_energy import drawn
from paddle_gan.teaching.picture import Picture

BOXES = {  # 名字 → （中心的 x，中心的 y，框里的字，颜色）
    "x": (0.0, 0.0, "小图 x", GRAY),
    "G": (2.3, 0.0, "生成器 G", BLUE),
    "fake": (4.6, 0.0, "还原的图", GRAY),
    "error": (6.9, 0.0, "均方误差", GRAY),
    "y": (6.9, -1.3, "答案 y", GREEN),
    "cut": (9.2, -1.3, "只留洞与一圈", GRAY),
    "D": (11.5, -1.3, "判别器 D", ORANGE),
    "verdict": (13.8, -1.3, "像真的概率", GRAY),
    "made": (6.9, -2.6, "还原的图", GRAY),
}
FLOW = (("x", "G"), ("G", "fake"), ("fake", "error"), ("y", "error"), ("D", "verdict"))


def restoring_diagram(hole: bool = False) -> Picture:
    """还原：上面一行比误差，下面一行比真假；hole 时 D 只看得见洞与它四周的一圈。"""
    first = {"x": (0.0, 0.0, "挖了洞的 x" if hole else "小图 x", GRAY)}
    boxes = {name: place for name, place in (BOXES | first).items() if hole or name != "cut"}
    seen = "cut" if hole else "D"
    flow = (*FLOW, ("y", seen), ("made", seen))
    return drawn(boxes, flow + ((("cut", "D"),) if hole else ()))
