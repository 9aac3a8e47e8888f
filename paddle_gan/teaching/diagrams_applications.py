"""方框图：半监督的判别器同时答两问，f-AnoGAN 的两段训练与异常分。"""

from paddle_gan.figures import BLUE, GRAY, GREEN, ORANGE
from paddle_gan.teaching.diagrams_energy import drawn
from paddle_gan.teaching.picture import Picture

SEMI = {  # 名字 → （中心的 x，中心的 y，框里的字，颜色）
    "z": (0.0, -1.3, "噪声 z", GRAY),
    "G": (2.3, -1.3, "生成器 G", BLUE),
    "labelled": (4.6, 1.3, "有标签的 x", GREEN),
    "unlabelled": (4.6, 0.0, "没标签的 x", GREEN),
    "fake": (4.6, -1.3, "假样本 G(z)", GRAY),
    "D": (6.9, 0.0, "判别器 D", ORANGE),
    "logits": (9.2, 0.0, "K 个 logit", GRAY),
    "features": (9.2, -1.3, "特征 f", GRAY),
    "class": (11.5, 0.65, "第几类", GRAY),
    "verdict": (11.5, -0.65, "σ(Z)：真假", GRAY),
    "matching": (11.5, -1.95, "特征的差", GRAY),
}
SEMI_FLOW = (("z", "G"), ("G", "fake"), ("labelled", "D"), ("unlabelled", "D"), ("fake", "D"))
SEMI_FLOW += (("D", "logits"), ("logits", "class"), ("logits", "verdict"))
SEMI_FLOW += (("D", "features"), ("features", "matching"))
SEMI_NOTES = {"labelled": "该认出 y", "unlabelled": "该判真", "fake": "该判假"}
SEMI_NOTES |= {"class": "D 学", "verdict": "D 学", "matching": "G 学"}

ANOMALY = {
    "z": (0.0, 0.0, "噪声 z", GRAY),
    "G": (2.3, 0.0, "生成器 G", BLUE),
    "fake": (4.6, 0.0, "假样本 G(z)", GRAY),
    "normal": (4.6, 1.3, "正常的 x", GREEN),
    "D": (6.9, 0.65, "评论器 D", ORANGE),
    "score": (9.2, 0.65, "分数", GRAY),
    "x": (0.0, -1.7, "正常的 x", GREEN),
    "E": (2.3, -1.7, "编码器 E", BLUE),
    "fixed_G": (4.6, -1.7, "生成器 G", GRAY),
    "back": (6.9, -1.7, "G(E(x))", GRAY),
    "beside": (6.9, -3.0, "同一张 x", GREEN),
    "f": (9.2, -3.0, "D 的特征 f", GRAY),
    "image_gap": (9.2, -1.7, "图差多少", GRAY),
    "feature_gap": (11.5, -3.0, "特征差多少", GRAY),
    "A": (13.8, -2.35, "异常分 A(x)", GRAY),
}
ANOMALY_FLOW = (("z", "G"), ("G", "fake"), ("fake", "D"), ("normal", "D"), ("D", "score"))
ANOMALY_FLOW += (("x", "E"), ("E", "fixed_G"), ("fixed_G", "back"), ("back", "image_gap"))
ANOMALY_FLOW += (("beside", "image_gap"), ("back", "f"), ("beside", "f"), ("f", "feature_gap"))
ANOMALY_FLOW += (("image_gap", "A"), ("feature_gap", "A"))
ANOMALY_NOTES = {"z": "第一段", "G": "更新", "D": "更新"}
ANOMALY_NOTES |= {"x": "第二段", "E": "更新", "fixed_G": "固定", "f": "固定"}


def semi_diagram() -> Picture:
    """半监督：三样数据各该答什么；D 学类别与真假，G 只学特征的平均。"""
    return drawn(SEMI, SEMI_FLOW, SEMI_NOTES)


def anomaly_diagram() -> Picture:
    """f-AnoGAN：上面一行先练 G 与 D，下面固定它们练 E；还原得多差就是异常分。"""
    return drawn(ANOMALY, ANOMALY_FLOW, ANOMALY_NOTES)
