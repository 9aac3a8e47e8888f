"""从词汇表里查一条曲线或一个面板的说明。"""

from paddle_gan.monitor.curve import Curve
from paddle_gan.monitor.glossary import GLOSSARY

SHARED = ("weights/norm_scale", "weights/", "lr/")  # 标签这样开头的，共用去掉斜杠的那一条


def curve_of(tag: str) -> Curve | None:
    """一条曲线或一个面板的说明；没有登记时为 None。

    每个网络、每一方各有一条的共用一份说明：weights/D_X 用 weights 的，
    weights/norm_scale_D 用 weights/norm_scale 的，lr/G 用 lr 的。
    """
    shared = next((name for name in SHARED if tag.startswith(name)), "")
    return GLOSSARY.get(tag) or GLOSSARY.get(shared.rstrip("/"))


def explain(tag: str) -> str:
    """一条曲线的说明，一行：中文名 = 公式 ｜ 健康 ｜ 危险；没有登记时为空。"""
    curve = curve_of(tag)
    if curve is None:
        return ""
    return f"{curve.name} = {curve.formula} ｜ 健康：{curve.healthy} ｜ 危险：{curve.danger}"
