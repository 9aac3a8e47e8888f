"""一组一行地画全部种子：一个数字是一个种子，横轴是高质量样本的比例，或者反向 KL。"""

from paddle_gan.figures import BLUE, GRAY, RED
from paddle_gan.lab.human import meets

ACROSS = {  # 横轴的量 → 怎样画
    "high_quality": {"xlim": (-0.03, 1.03), "xlabel": "高质量"},
    "reverse_kl": {"xscale": "log", "xlabel": "反向 KL（对数，越小越匀）"},
}


def draw_strip(
    axis,
    records: dict[str, list[dict]],
    labels: list[str],
    cured: str,
    bounds: dict[str, float],
    across: str = "high_quality",
    counted: str = "covered_1pct",
    levels: int = 3,
) -> None:
    """数字是模式数（哪一个量，看 counted），满足 cured（human.meets 的写法）的画成蓝的。

    bounds 是画成虚线的几个值 {名字: 值}；across 是横轴的量，见 ACROSS；
    levels 是一行里上下错开几层。
    """
    for place, rows in enumerate(records.values()):
        if place % 2:  # 隔一行一条淡底，上下错开的数字才分得清是哪一行的
            axis.axhspan(place - 0.5, place + 0.5, color=GRAY, alpha=0.08, linewidth=0)
        ordered = sorted((row["statistics"] for row in rows), key=lambda s: s[across])
        for rank, one in enumerate(ordered):
            text = f"{one[counted]:.0f}"
            axis.plot(
                one[across],
                place + 0.81 * ((rank % levels + 0.5) / levels - 0.5),  # 上下错开，免得叠在一起
                marker=f"${text}$",
                color=BLUE if meets(cured, one) else RED,
                markersize=5 + 2 * len(text),  # 两位的数要大一些才看得清
                markeredgewidth=0.2,
            )
    for name, level in bounds.items():
        axis.axvline(level, color=GRAY, linestyle="--", linewidth=1)
        axis.annotate(
            name, (level, 1), (2, -2), ("data", "axes fraction"), "offset points", va="top"
        )
    axis.set(ylim=(len(records) - 0.5, -1.1), **ACROSS[across])
    axis.set_yticks(range(len(records)), labels)
    axis.set_title("一个数字是一个种子：数字是占 1% 以上的模式数，蓝的治好了", fontsize=11)
