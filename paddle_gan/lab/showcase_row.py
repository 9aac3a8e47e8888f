"""展台上的一条：取哪几组、判据与对照、一句话、图；各组的设定在 showcase.py。"""

import math

from paddle_gan.data import Ring
from paddle_gan.figures import GRAY, new_figure
from paddle_gan.lab.experiment import Experiment
from paddle_gan.lab.rule import control
from paddle_gan.lab.seed_strip import draw_strip
from paddle_gan.lab.showcase import (
    BOUNDS,
    CURED,
    FAMILIES,
    GOOD,
    NAMES,
    SECONDS,
    SEEDS,
    SETTINGS,
    SICK,
    STATISTICS,
    TIMES,
    TWICE_RING,
    cured,
    measure,
    won,
)
from paddle_gan.lab.training import draw_group, rows_beside

WIDEST = 5  # 图的一行至多几组
SCORE = f"治好的种子（八个模式都占 1% 以上，高质量不低于 {GOOD:.0%}）"
# 不是解药的组 → 先写好的猜想；只给人看，不算进结论
CONTROLS = {
    arm: control(arm, "covered_1pct", "≤", 6.0, remark=remark)
    for arm, remark in {
        "gan_256": "只把批加大，治不好",
        "gan_512": "批再大一倍，也治不好",
        "gan_beta1_0": "只把 β₁ 改成 0，治不好",
        "gan_no_decay": "学习率不降，也治不好",
        "unroll_0": "换成极小极大的损失，也治不好",
    }.items()
}
CONTROLS["unroll_1_cut"] = control(
    "unroll_1_cut", "covered_1pct", "≥", 8.0, form="会", remark="不穿过，模式也占得全"
)


def cures_in(arms: tuple[str, ...]) -> list[str]:
    """这几组里的解药：不是 GAN 自己，也不是对照。"""
    return [arm for arm in arms if arm != "gan" and arm not in CONTROLS]


def count(arm: str) -> str:
    """一组的名字与治好几个种子：“PacGAN2 8/10”；名字里有逗号的，中间用冒号隔开。"""
    name = NAMES[arm]
    apart = "：" if "，" in name else "" if name.endswith("）") else " "
    return f"{name}{apart}{{v[{arm}]:{CURED}}}/{{v[{arm}][covered_1pct]:个数}}"


def said(arms: tuple[str, ...]) -> str:
    """一句话的模板：各组治好几个种子，括号里是高质量的中位数；先解药，再不加解药的与均匀撒点。"""
    cures = cures_in(arms)
    first, *others = cures + [arm for arm in arms if arm not in cures]
    names = [f"{count(first)}（高质量居中 {{v[{first}][high_quality]:.0%}}）"]
    names += [f"{count(arm)}（{{v[{arm}][high_quality]:.0%}}）" for arm in others]
    treated, bare = "、".join(names[: len(cures)]), "、".join(names[len(cures) :])
    return (
        f"G 走十步 D 才走一步，{SCORE}：{treated}；不加解药：{bare}；"
        f"均匀撒点的高质量 {TWICE_RING / 2:.0%}"
    )


def said_by_family() -> str:
    """全部组放在一起时的一句话：一类一类地数治好了几个种子。"""
    families = (f"{family}：" + "、".join(map(count, arms)) for family, arms in FAMILIES.items())
    return f"G 走十步 D 才走一步，{SCORE}。" + "；".join(families)


def row(number: str, title: str, source: str, anchor: str, arms: tuple[str, ...], **more):
    """取展台上的几组：GAN、它的对照、这一类解药。"""
    cures = cures_in(arms)
    rules = tuple(rule for arm in cures for rule in cured(arm))
    beside = tuple(CONTROLS[arm] for arm in arms if arm in CONTROLS)
    return Experiment(
        row=number,
        title=title,
        quote="Mode Collapse的解决方案",
        source=source,
        anchor=anchor,
        records="cures",
        arms={arm: NAMES[arm] for arm in arms},
        statistics=STATISTICS,
        rules=(*rules, *SICK, *beside),
        measure=measure,
        settings=SETTINGS,
        seeds=SEEDS,
        budget={
            tier: seconds * sum(TIMES.get(arm, 1) for arm in arms)
            for tier, seconds in SECONDS.items()
        },
        references=lambda: rows_beside(Ring()),
        **{"draw": draw, "sentence": said(arms)} | more,
    )


def drawn_name(arm: str) -> str:
    """图里的组名：字体没有下标的 ₁，改由公式排。"""
    return NAMES[arm].replace("₁", "$_1$")


def draw(records: dict[str, list[dict]]):
    """每一组第一个种子的散点，题目写治好了几个种子；下面一格是全部种子的数。"""
    columns = len(records) if len(records) <= WIDEST else math.ceil(len(records) / 2)
    lines = math.ceil(len(records) / columns)
    figure, axes = new_figure(columns, lines + 1, size=(2.6 if columns > 3 else 2.9, 3.2))
    for axis, (arm, rows) in zip(axes.ravel(), records.items()):
        title = f"{drawn_name(arm)}\n治好 {won(rows)} / {len(rows)} 个种子"
        draw_group(axis, title, rows, Ring().modes)
    for axis in axes.ravel()[len(records) :]:
        axis.remove()
    grid = axes[0, 0].get_gridspec()
    grid.set_height_ratios([1] * lines + [0.25 + 0.1 * len(records)])
    draw_seeds(figure.add_subplot(grid[lines, :]), records)
    return figure


def draw_all(records: dict[str, list[dict]]):
    """组太多，不画散点：一行一组，一类一类地隔开，行尾写治好了几个种子。"""
    figure, axes = new_figure(1, 1, size=(10.0, 0.36 * len(records) + 1.2))
    axis = axes[0, 0]
    draw_seeds(axis, records)
    place = 0
    for family, arms in FAMILIES.items():
        here = [arm for arm in arms if arm in records]
        axis.axhline(place - 0.5, color=GRAY, linewidth=1)
        side = axis.get_yaxis_transform()  # 横轴按图宽、纵轴按行
        for line, arm in enumerate(here, start=place):
            rows = records[arm]
            axis.text(1.01, line, f"{won(rows)} / {len(rows)}", transform=side, va="center")
        axis.text(1.09, place + (len(here) - 1) / 2, family, transform=side, va="center")
        place += len(here)
    axis.text(1.01, -0.9, "治好", transform=side, va="center")
    return figure


def draw_seeds(axis, records: dict[str, list[dict]]) -> None:
    """全部种子的高质量与模式数，见 draw_strip。"""
    labels = [drawn_name(arm) for arm in records]
    draw_strip(axis, records, labels, CURED, BOUNDS)
