"""M2：G 走得比 D 快，不同的 z 变成同一个 x（GAN 论文 §6 称为 Helvetica 情形）。"""

import numpy as np
import paddle

from paddle_gan.data import Ring
from paddle_gan.figures import BLUE, COLORS, GRAY, RED, new_figure
from paddle_gan.lab.collapse import TUNED
from paddle_gan.lab.experiment import Experiment, Measurement, Rule
from paddle_gan.lab.rule import control
from paddle_gan.lab.training import (
    MODE_NAMES,
    build,
    modes_of,
    ring,
    rows_beside,
    samples_of,
    short,
    train,
)
from paddle_gan.run import runtime


def measure_m2(arm: str, seed: int, settings: dict) -> Measurement:
    """先正常训练，再只训练 G（frozen）或照旧交替训练（both）；其余各组改 G 与 D 的更新次数。"""
    if arm not in ("frozen", "both"):
        return measure_ratio(arm, seed, settings)
    setup = build(ring("gan", settings["warm_up"], TUNED), seed)
    train(setup, settings["warm_up"])
    before, start = spread(setup), settings["warm_up"]
    history = [before]
    for step in range(start + 1, start + settings["steps"] + 1):
        runtime.seed_stream(seed, runtime.TRAIN, step)
        if arm == "both":
            setup.method.train_step(setup.batches, step)
        else:
            setup.method.generator_step(256)
        if (step - start) % 50 == 0:
            history.append(spread(setup))
    after = history[-1]
    statistics = modes_of(samples_of(setup), setup.data) | {
        "std_drop": before["std"] / max(after["std"], 1e-12),
        "volume_ratio": after["volume"] / before["volume"],
    }
    curves = {key: short([point[key] for point in history]) for key in ("std", "volume", "modes")}
    return Measurement(
        statistics, curves | {"points": [short(c[:300]) for c in samples_of(setup).T]}
    )


def width_left(record: dict) -> dict[str, float]:
    """样本的标准差还剩几成，由记录里缩小的倍数算得；没有量的几组没有。"""
    drop = record["statistics"].get("std_drop")
    return {} if drop is None else {"std_left": 1 / drop}


def spread(setup) -> dict[str, float]:
    """样本的标准差、|det J|（J = ∂G/∂z，取中位数）、占 1% 以上的模式数。"""
    samples = samples_of(setup, 1000)
    z = setup.method.noise(256)
    z.stop_gradient = False
    x = setup.method.G(z)
    rows = [paddle.grad(x[:, i].sum(), z, retain_graph=True)[0].numpy() for i in range(2)]
    return {
        "std": float(samples.std(axis=0).mean()),
        "volume": float(np.median(abs(np.linalg.det(np.stack(rows, axis=1).astype(float))))),
        "modes": modes_of(samples, setup.data)["covered_1pct"],
    }


RATIOS = {"g20d1": (20, 1), "g5d1": (5, 1), "g1d1": (1, 1), "g1d5": (1, 5)}


def measure_ratio(arm: str, seed: int, settings: dict) -> Measurement:
    """一步里 G、D 各更新几次；各组的 G 更新总次数相同。"""
    g_steps, d_steps = RATIOS[arm]
    steps = settings["g_updates"] // g_steps
    hparams = TUNED | {"g_steps": g_steps, "d_steps": d_steps}
    setup = build(ring("gan", steps, hparams), seed)
    train(setup, steps)
    return Measurement(modes_of(samples_of(setup), setup.data))


def draw_m2(records: dict[str, list[dict]]):
    """左、中：固定 D 之后，样本的标准差与最后的样本；右：更新次数之比与覆盖的模式数。"""
    figure, axes = new_figure(3, 1, size=(4.0, 3.6))
    left, middle, right = axes[0]
    # 两组几乎重合：对照画成又宽又淡的，盖在上面的细线才看得见
    looks = {"both": (BLUE, 6, 0.2), "frozen": (RED, 1, 1.0)}
    for arm, (color, width, alpha) in looks.items():
        for index, row in enumerate(records[arm]):
            label = M2.arms[arm] if index == 0 else None
            steps = 50 * np.arange(len(row["curves"]["std"]))
            left.plot(steps, row["curves"]["std"], color=color, lw=width, alpha=alpha, label=label)
        spots, size = records[arm][0]["curves"]["points"], 4 + width
        middle.plot(*spots, ".", color=color, markersize=size, alpha=alpha)
    left.set(xlabel="之后的步数", ylabel="样本的标准差", title="固定 D，样本缩到一起吗")
    left.set_ylim(bottom=0)
    left.legend()
    middle.set(title="最后的样本（种子 0）", aspect="equal")
    for index, arm in enumerate(RATIOS):
        values = [row["statistics"]["covered_1pct"] for row in records[arm]]
        right.bar(index, np.median(values), color=COLORS[0])
        right.plot([index] * len(values), values, "o", color=GRAY, markersize=4)
    right.set_xticks(range(4), [f"{g}:{d}" for g, d in RATIOS.values()])
    right.set(xlabel="G 更新次数 : D 更新次数（柱是中位数，点是种子）", ylim=(0, 8.2))
    right.set_title("占 1% 以上的模式数（共 8 个）")
    return figure


M2 = Experiment(
    row="M2",
    title="G 走得比 D 快，不同的 z 变成同一个 x",
    quote="too many values of z to the same value of x to have enough diversity to model p data",
    source="002 原始GAN优缺点（引论文 §6）",
    anchor="[§3.4]",
    arms={
        "frozen": "固定 D，只训练 G",
        "both": "照旧交替训练",
        "g20d1": "G 20 次 : D 1 次",
        "g5d1": "G 5 次 : D 1 次",
        "g1d1": "G 1 次 : D 1 次",
        "g1d5": "G 1 次 : D 5 次",
    },
    statistics=MODE_NAMES
    | {
        "std_drop": "样本标准差缩小的倍数",
        "std_left": "样本标准差与原来之比",
        "volume_ratio": "|det ∂G/∂z| 与原来之比",
    },
    rules=(
        Rule("frozen", "covered_1pct", "≤", 1.0),
        Rule("frozen", "std_drop", "≥", 10.0),
        Rule("frozen", "volume_ratio", "≤", 0.01),
        control("both", "std_drop", "≤", 2.0),
        control("g20d1", "covered_1pct", "≤", 1.0, remark="样本散开时也满足"),
    ),
    measure=measure_m2,
    draw=draw_m2,
    settings={
        "quick": {"warm_up": 1500, "steps": 1000, "g_updates": 2000},
        "full": {"warm_up": 3000, "steps": 2000, "g_updates": 6000},
    },
    seeds={"quick": 1, "full": 10},
    budget={"quick": 40, "full": 120},
    references=lambda: rows_beside(Ring()),
    derived=width_left,
    sentence="固定 D、再训练 G：8 个模式还剩 {v[frozen][covered_1pct]} 个，样本的宽度还有原来的 "
    "{v[frozen][std_left]:.0%}（100% 是没有缩，挤成一点会不到 10%）；照旧交替训练也一样："
    "{v[both][covered_1pct]} 个，{v[both][std_left]:.0%}",
    note="002 把这句读成“避免生成样本过度接近真实样本”；论文说的是不更新 D 就不能把 G 训练太多。"
    "20 : 1 的一条是看过快速档的第一个种子之后补的；后来改成对照（判据改于看过数据之后）："
    "占 1% 以上的模式少，样本散开、哪个模式也不在时也是这样，说明不了挤到一点。",
)
