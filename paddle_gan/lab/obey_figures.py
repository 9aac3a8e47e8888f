"""A6、A7、A7b 的图：左边是各组第一个种子画的，右边是各个种子的数，旁边是不用训练的几样。"""

from statistics import median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paddle_gan.figures import COLORS, GRAY, new_figure
from paddle_gan.lab.dcgan_parts import as_image
from paddle_gan.lab.label_judges import rows_beside
from paddle_gan.lab.training import say_first_seed

NAMES = {
    "concat": "只接上类别的 CGAN",
    "mismatched": "还看配错类别的 CGAN",
    "acgan": "ACGAN",
    "projection": "投影判别器",
}
GUESSED = 0.1  # 十类里瞎猜
SPREAD = "同一类里的花样（真实图像是 1）"


def draw(records: dict[str, list[dict]]) -> Figure:
    """左：strips；右：听话与花样，圆点是走完的，细线从走到四分之一、一半时过来，一线一个种子。"""
    figure, right = strips(records)
    for color, (arm, rows) in zip(COLORS, records.items()):
        for row in rows:
            spread, accuracy = row["curves"]["spread"], row["curves"]["accuracy"]
            right.plot(spread, accuracy, color=color, linewidth=0.8, alpha=0.6)
            named = NAMES[arm] if row is rows[0] else None
            right.plot(spread[-1:], accuracy[-1:], "o", color=color, label=named)
    for name, row in rows_beside().items():
        right.plot(row["spread"], row["accuracy"], "*", color=GRAY, markersize=12)
        side = {"ha": "left" if row["spread"] < 0.5 else "right", "color": GRAY}
        above = 0.03 if row["accuracy"] > 0.5 else -0.06
        right.text(row["spread"], row["accuracy"] + above, name, fontsize=9, **side)
    right.set(xlabel=SPREAD, ylabel="听话的比例", ylim=(0, 1.15))
    right.set_title("圆点：走完；细线：走到 1/4、1/2 时", fontsize=11)
    figure.legend(loc="outside lower right", ncols=2, fontsize=9)
    return figure


def draw_taught(records: dict[str, list[dict]]) -> Figure:
    """左：strips；右：教出的 1 近邻的正确率，柱是居中的种子，一点一个种子；灰的不用训练。"""
    figure, right = strips(records)
    beside = {name: row["nn"] for name, row in rows_beside().items() if "nn" in row}
    bars = {NAMES[arm]: [row["statistics"]["nn"] for row in rows] for arm, rows in records.items()}
    bars |= {name: [value] for name, value in beside.items()}
    colors = [*COLORS[: len(records)], *[GRAY] * len(beside)]
    for height, (color, values) in enumerate(zip(colors, bars.values())):
        right.barh(height, median(values), color=color, alpha=0.5)
        if height < len(records):
            right.plot(values, [height] * len(values), "o", color=color, markersize=4)
        right.text(max(values) + 0.02, height, f"{median(values):.1%}", va="center", fontsize=10)
    right.axvline(GUESSED, color=GRAY, linestyle=":", linewidth=1)
    right.text(GUESSED + 0.01, -0.75, "瞎猜", color=GRAY, fontsize=9)
    right.set_yticks(range(len(bars)), list(bars), fontsize=10)
    right.set(
        xlim=(0, 1.15),
        xticks=np.linspace(0, 1, 6),
        ylim=(len(bars) - 0.5, -1),
        xlabel="认真实测试图像的正确率",
    )
    right.set_title("教出的 1 近邻：柱是居中的种子", fontsize=11)
    return figure


def draw_price(records: dict[str, list[dict]]) -> Figure:
    """花样随步数怎样变，一线一个种子，题名里是走完时听话几成；虚线是不用训练的几样。"""
    figure, axes = new_figure(size=(7.2, 3.8))
    axis = axes[0, 0]
    for color, (arm, rows) in zip(COLORS, records.items()):
        obeyed = median(row["statistics"]["accuracy"] for row in rows)
        for row in rows:
            steps = row["settings"]["steps"]
            looks = (steps // 4, steps // 2, steps)
            named = f"{NAMES[arm]}（听话 {obeyed:.0%}）" if row is rows[0] else None
            axis.plot(looks, row["curves"]["spread"], "o-", color=color, alpha=0.7, label=named)
    for name, row in rows_beside().items():
        axis.axhline(row["spread"], color=GRAY, linestyle="--", linewidth=1)
        said = f"{name} {row['spread']:.3g}（听话 {row['accuracy']:.0%}）"
        axis.annotate(said, (1.01, row["spread"]), xycoords=("axes fraction", "data"), va="center")
    axis.set(xlabel="步", ylabel=SPREAD, ylim=(-0.05, 1.25))
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure


def strips(records: dict[str, list[dict]]) -> tuple[Figure, Axes]:
    """左边一组一条：第一个种子画的，一行同一个 z；右边空着的一格还给调用的人。"""
    figure, axes = new_figure(2, len(records), size=(4.7, 2.4))
    say_first_seed(figure)
    for axis in axes[:, 1]:
        axis.remove()
    for (axis, _), (arm, rows) in zip(axes, records.items()):
        show_strip(axis, rows[0]["curves"]["images"])
        axis.set_title(f"{NAMES[arm]}\n{summary(rows)}", fontsize=11)
    return figure, figure.add_subplot(axes[0, 1].get_gridspec()[:, 1])


def show_strip(axis: Axes, texts: list[str]) -> None:
    """一格：存成文字的图拼成的一整张。"""
    axis.imshow(mosaic(texts), cmap="gray", vmin=0, vmax=15, interpolation="nearest")
    axis.axis("off")


def summary(rows: list[dict]) -> str:
    """听话与花样，居中的种子。"""
    obeyed, spread = (
        median(row["statistics"][key] for row in rows) for key in ("accuracy", "spread")
    )
    return f"听话 {obeyed:.0%}，花样 {spread:.0%}"


def mosaic(texts: list[str]) -> np.ndarray:
    """一行十张，拼成一整张图。"""
    images = np.stack([as_image(text) for text in texts])
    return images.reshape(-1, 10, 28, 28).swapaxes(1, 2).reshape(-1, 280)
