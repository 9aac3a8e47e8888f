"""M15：集成。几个互不相干的 GAN 混在一起，覆盖的模式是不是 1 − Π(1 − c)；旁边是同样算力的一个。"""

from itertools import combinations
from statistics import fmean

import numpy as np

from paddle_gan.data import Ring
from paddle_gan.figures import BLUE, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement, Rule
from paddle_gan.lab.interval import TWO_LOOKS
from paddle_gan.lab.rule import control, premise
from paddle_gan.lab.seed_strip import draw_strip
from paddle_gan.lab.showcase import BOUNDS, CURED, GOOD, TWICE_RING, configured
from paddle_gan.lab.training import (
    EVALUATED,
    MODE_NAMES,
    build,
    draw_group,
    modes_of,
    rows_beside,
    samples_of,
    short,
    train,
)
from paddle_gan.metrics.modes import RADIUS, SHARE

MEMBERS = 8
SIZES = (1, 2, 4, 8)  # 几个 GAN 混在一起
FIRST = 1000  # 成员的种子从这里起，与展台的种子、挑设定的种子都不重


def present(samples: np.ndarray, data: Ring) -> np.ndarray:
    """这批样本覆盖了哪几个模式 (K,)：3σ 之内的样本占 1% 以上。"""
    gaps = np.linalg.norm(samples[:, None] - data.modes, axis=2)
    return (gaps < RADIUS * data.std).mean(axis=0) >= SHARE


def union(covered: np.ndarray, size: int) -> tuple[float, float]:
    """任取 size 个 GAN，并起来覆盖几个模式，独立时该有几个；都是全部取法的平均。

    covered (M, K) 是各个 GAN 覆盖了哪几个模式。
    """
    chosen = [covered[list(some)] for some in combinations(range(len(covered)), size)]
    # K·(1 − Πᵢ(1 − cᵢ))，cᵢ 是第 i 个 GAN 覆盖的比例
    expected = [some.shape[1] * (1 - np.prod(1 - some.mean(axis=1))) for some in chosen]
    return fmean(float(some.any(axis=0).sum()) for some in chosen), fmean(expected)


def mixed(parts: list[np.ndarray]) -> np.ndarray:
    """等权混合：一共还是 EVALUATED 个样本，每一个出一样多（差不多一个）。"""
    return np.concatenate([part[i :: len(parts)] for i, part in enumerate(parts)])


def trained(seed: int, steps: int) -> np.ndarray:
    """展台上不加解药的 GAN 走 steps 步之后的样本 (EVALUATED, 2)。"""
    setup = build(configured("gan", steps), seed)
    train(setup, steps)
    return samples_of(setup)


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """ensemble 是八个 GAN 混在一起；long 是一个 GAN 走八倍的步数，用的是头一个的种子。"""
    steps, first = settings["steps"], FIRST + MEMBERS * seed
    if arm == "long":
        samples = trained(first, MEMBERS * steps)
        statistics, curves = {"union": float(present(samples, Ring()).sum())}, {}
    else:
        parts = [trained(first + i, steps) for i in range(MEMBERS)]
        samples = mixed(parts)
        statistics, curves = together(parts)
    if seed == 0:
        curves["points"] = [short(column[:: EVALUATED // 400]) for column in samples.T]
    statistics |= modes_of(samples, Ring())
    if arm != "long":
        statistics["quality_gap"] = statistics["high_quality"] - statistics["alone_quality"]
    return Measurement(statistics, curves)


def together(parts: list[np.ndarray]) -> tuple[dict[str, float], dict[str, list]]:
    """八个 GAN 各自的样本 → 并起来的几个量，与画图用的随个数变化的曲线。"""
    data = Ring()
    covered = np.array([present(part, data) for part in parts])
    unions = {size: union(covered, size) for size in SIZES}
    alone, all_of_them = unions[1][0], unions[MEMBERS][0]
    quality = fmean(modes_of(part, data)["high_quality"] for part in parts)
    statistics = {"union": all_of_them, "alone": alone, "gained": all_of_them - alone}
    statistics |= {f"ratio_{size}": unions[size][0] / unions[size][1] for size in SIZES[1:]}
    curves = {"union": short([unions[size][0] for size in SIZES])}
    curves["expected"] = short([unions[size][1] for size in SIZES])
    return statistics | {"alone_quality": quality}, curves


def draw(records: dict[str, list[dict]]):
    """上：并起来的模式数随个数怎样变，虚线是公式；第一次的两批样本。下：各次的模式数与高质量。"""
    figure, axes = new_figure(3, 2, size=(3.8, 4.3))
    left, *scatters = axes[0]
    for number, one in enumerate(records["ensemble"]):
        said = "量到的，一条线是一次" if number == 0 else None
        left.plot(SIZES, one["curves"]["union"], color=BLUE, alpha=0.4, lw=1, label=said)
    found, expected = (
        np.mean([one["curves"][key] for one in records["ensemble"]], axis=0)
        for key in ("union", "expected")
    )
    left.plot(SIZES, found, "o-", color=BLUE, lw=3, label="量到的，平均")
    left.plot(SIZES, expected, "k--", label="8 × (1 − Π(1 − $c_i$))，平均")
    left.set(xlabel="几个 GAN 并起来", ylabel="覆盖的模式数", xticks=SIZES, ylim=(0, 8.4))
    left.legend(loc="lower right")
    for axis, (arm, rows) in zip(scatters, records.items()):
        draw_group(axis, M15.arms[arm], rows, Ring().modes)
    for axis in axes[1]:
        axis.remove()
    grid = axes[0, 0].get_gridspec()
    grid.set_height_ratios([1, 1.2])
    strip = figure.add_subplot(grid[1, :])
    draw_strip(strip, records, list(M15.arms.values()), CURED, BOUNDS, counted="union", levels=10)
    strip.set_title("一个数字是一次：数字是模式数（混合的是并起来的），蓝的治好了", fontsize=11)
    return figure


M15 = Experiment(
    row="M15",
    title="集成：八个 GAN 并起来，模式比同样的算力练一个的多",
    quote="Tip: Ensemble",
    source="003 训练 GAN 的几个窍门",
    anchor="[§9.5]",
    arms={"ensemble": "八个 GAN 混合", "long": "一个 GAN，八倍的步数"},
    statistics=MODE_NAMES
    | {
        "union": "覆盖的模式数（各个 GAN 自己的 1% 以上，并起来）",
        "alone": "单个 GAN 覆盖的模式数（八个的平均）",
        "gained": "并起来多出的模式数",
        "ratio_2": "任取两个，并起来与 1 − Π(1 − c) 之比",
        "ratio_4": "任取四个，之比",
        "ratio_8": "八个，之比",
        "alone_quality": "单个 GAN 的高质量（八个的平均）",
        "quality_gap": "混合的高质量减各个 GAN 的平均",
    },
    rules=(
        Rule("ensemble", "gained", "≥", 1.0, form="总是"),
        Rule(
            *("ensemble", "union", "≥", 0.0),
            versus="long",
            level=TWO_LOOKS,
            remark="算力一样；分两次看的数据，区间取得宽",
        ),
        premise("ensemble", "alone", "≤", 6.0, remark="单个 GAN 要先丢模式"),
        premise("ensemble", "alone_quality", "≥", TWICE_RING, remark="样本要比均匀撒点好一倍"),
        control(
            *("ensemble", "quality_gap", "≤", 0.02),
            form="等于",
            remark="混合的质量由定义就是各个的平均，这一条只核对取样",
        ),
        *(
            control(
                *("ensemble", f"ratio_{size}", "≤", 0.1),
                form="等于",
                target=1.0,
                remark="互不相干，八个模式又一样难占，公式就成立",
            )
            for size in SIZES[1:]
        ),
        control(
            "ensemble", "high_quality", "≥", 0.0, versus="long", remark="算力一样，质量不比它低"
        ),
    ),
    measure=measure,
    draw=draw,
    settings={"quick": {"steps": 100}, "full": {"steps": 2000}},
    seeds={"quick": 1, "full": 10},
    budget={"quick": 25, "full": 210},
    references=lambda: rows_beside(Ring()),
    sentence="八个 GAN 并起来，{v[ensemble][union]:个数} 次里 {v[ensemble][union]:≥8} 次"
    "八个模式都有，高质量 {v[ensemble][high_quality]:.0%}"
    "（单个 GAN 居中 {v[ensemble][alone]} 个模式）；"
    "同样的算力练一个，走八倍的步数，{v[long][union]:个数} 次里 "
    "{v[long]:union≥8 high_quality≥0.95} 次八个都有、高质量 95% 以上，"
    "另外 {v[long][union]:≤1} 次至多剩一个；"
    "逐次相减的 97% 区间含 0（分两次看的数据，区间取得宽），分不出。"
    f"占全而且高质量不低于 {GOOD:.0%} 才算治好："
    f"八个并起来 {{v[ensemble]:{CURED}}}/{{v[ensemble][union]:个数}}，"
    f"练一个 {{v[long]:{CURED}}}/{{v[long][union]:个数}}",
    note="判据改于看过数据之后：原来判的是“并起来与 1 − Π(1 − c) 一样多”，"
    "那由互不相干、环上八个模式一样难占就该成立；会失败的只有与同样算力的一个比，现在判它。"
    "GAN 是展台上不加解药的那一个（G 走十步 D 才走一步，2,000 步），种子从 1,000 起，"
    "十组八个，各组的种子不重；后五组是看过前五组的数之后加的，那时分不出。"
    "边看边加，95% 区间会误报得多，所以改用两次各 97.06% 的（Pocock，1977），含 0；"
    "照 95% 算是 0.2 到 5.6，刚刚不含：只看这一次，就会判成立。"
    "只看后五组，走八倍步数的一个四次八个都有。"
    "一个 GAN 覆盖一个模式，是它自己的样本有 1% 以上落在那里；"
    "混合以后份额摊薄到八分之一，所以“占 1% 以上”在混合里更难。"
    "任取两个、四个，是八个里全部取法的平均；八个并起来常常已经满了，比值只能是 1，"
    "看得出的是两个。走八倍步数的那一个，学习率也是后一半降到 0。",
)
