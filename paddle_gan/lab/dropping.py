"""E2：丢掉类别、重复图像，每个指标各说什么；只用真图，不训练网络。"""

import numpy as np

from paddle_gan.figures import BLUE, GRAY, RED, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement, Rule
from paddle_gan.lab.fooled import METRIC_NAMES, SIZE, digits, scores
from paddle_gan.lab.training import short
from paddle_gan.metrics.rank import spearman


def measure_e2(arm: str, seed: int, settings: dict) -> Measurement:
    """drop 组：去掉 0 到 9 个类别；repeat 组：只在 m 张不同的图里挑。"""
    (x, y), real = digits("train"), digits("test")[0]
    rng, rows = np.random.default_rng(seed), []
    order, shuffled = rng.permutation(10), rng.permutation(len(x))
    axis = list(range(10)) if arm == "drop" else settings["distinct"]
    for amount in axis:
        if arm == "drop":
            kept = np.flatnonzero(np.isin(y, order[amount:]))
            picked = rng.choice(kept, SIZE, replace=len(kept) < SIZE)
        else:
            picked = np.resize(shuffled[:amount], SIZE)
        rows.append(scores(x[picked], real))
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    sign = 1 if arm == "drop" else -1  # 越往后越差的方向
    severity = [sign * value for value in axis]
    statistics = {
        "fd_rank": spearman(severity, columns["fd"]),
        "coverage_rank": -spearman(severity, columns["coverage"]),
        "coverage_line": -float(np.corrcoef(severity, columns["coverage"])[0, 1]),
        "precision_drop": max(columns["precision"]) - min(columns["precision"]),
        "is_loss": columns["is"][0] - columns["is"][-1],
    }
    curves = {key: short(values) for key, values in columns.items()} | {"axis": axis}
    return Measurement(statistics, curves if seed == 0 else {})


def draw_e2(records: dict[str, list[dict]]):
    """上：丢类别；下：重复图像；精度看不出来，FD 与覆盖看得出来。"""
    figure, axes = new_figure(3, 2, size=(3.8, 2.9))
    figure.suptitle("种子 0 的；别的种子的数在台账里", fontsize=10)
    for line, (arm, rows) in zip(axes, records.items()):
        curves = rows[0]["curves"]
        x = curves["axis"]
        line[0].plot(x, curves["fd"], "o-", color=RED)
        line[0].set_title("FD-LeNet（越小越好）")
        for key, color in (("precision", GRAY), ("recall", BLUE), ("coverage", RED)):
            line[1].plot(x, curves[key], "o-", color=color, label=METRIC_NAMES[key])
        line[1].set_ylim(0, 1.05)
        line[1].legend()
        line[2].plot(x, curves["is"], "o-", color=BLUE)
        line[2].set_title("IS-LeNet")
        for axis in line:
            axis.set_xlabel("丢掉的类别数" if arm == "drop" else "不同的图像张数")
            if arm == "repeat":
                axis.set_xscale("log")
    return figure


E2 = Experiment(
    row="E2",
    title="丢类别、重复图像：FD 与覆盖看得出来，精度看不出来",
    quote="Mode Dropping：Quality:一张图片的准确性，Diversity:一堆图片的多样性",
    source="001 Evaluation；003 Mode Collapse & Mode Dropping",
    anchor="[§10.6]",
    arms={"drop": "丢掉 0 到 9 个类别", "repeat": "只有 m 张不同的图"},
    statistics={
        "fd_rank": "FD 随严重程度上升的秩相关",
        "coverage_rank": "覆盖率随严重程度下降的秩相关",
        "coverage_line": "覆盖率与严重程度的线性相关（取负）",
        "precision_drop": "精度的最大变化",
        "is_loss": "IS 从最轻到最重的降幅",
    },
    rules=(
        Rule("drop", "fd_rank", "≥", 1.0, form="总是"),
        Rule("drop", "coverage_line", "≥", 0.98, form="总是"),
        Rule("drop", "precision_drop", "≤", 0.1, form="总是"),
        Rule("repeat", "fd_rank", "≥", 0.99, form="总是"),
        Rule("repeat", "coverage_rank", "≥", 0.99, form="总是"),
        Rule("repeat", "precision_drop", "≤", 0.1, form="总是"),
    ),
    sentence="从一个类别也不丢到丢掉 9 个，精度最多变 {v[drop][precision_drop]:最大}（1 是全变）；"
    "可是只剩 10 张图时，精度也掉了 {v[repeat][precision_drop]}（最多 "
    "{v[repeat][precision_drop]:最大}）。FD、覆盖率与严重程度的秩相关，"
    "丢类别时是 {v[drop][fd_rank]}、{v[drop][coverage_rank]}，重复时是 {v[repeat][fd_rank]}、"
    "{v[repeat][coverage_rank]}（1 是步步跟着）",
    note="判据改于看过数据之后：“精度看不出来”原来只对丢类别有判据，重复图像的一条是后加的，"
    "界相同，没有满足，结论由“成立”变成“成立，有条件”。精度的变化是一路上最大的与最小的之差。",
    measure=measure_e2,
    draw=draw_e2,
    settings={tier: {"distinct": [1000, 300, 100, 30, 10]} for tier in ("quick", "full")},
    seeds={"quick": 1, "full": 5},
    budget={"quick": 15, "full": 15},
)
