"""A3：D 与 G 的更新比 5:1 到 1:5，用同样多的 G 更新比一次，用同样多的 CPU 时间再比一次。"""

from statistics import fmean, median

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_digits import FrechetLeNet
from paddle_gan.figures import BLUE, GRAY, ORANGE, new_figure
from paddle_gan.lab.dcgan_parts import RATES, Z, as_text, draw_images
from paddle_gan.lab.experiment import Experiment, Measurement, Published
from paddle_gan.lab.rule import Rule, control
from paddle_gan.lab.training import build, samples_of, say_first_seed, train

RATIOS = {"d5": (5, 1), "d2": (2, 1), "even": (1, 1), "g2": (1, 2), "g5": (1, 5)}  # D : G
# 先量好的：批 32、宽度 16，一个线程，D、G 各更新一次的 CPU 秒；步数由它定
D_SECONDS, G_SECONDS = 0.0119, 0.0080
SCORED = 2500  # 打分的样本数
SHOWN = 8  # 图上每组画几个样本
WINDOW = 50  # 损失取最近这么多步的平均
POINTS = {"updates": "G 更新一样多", "cost": "CPU 时间一样多"}


def steps_of(arm: str, settings: dict) -> dict[str, int]:
    """一组走到第几步时打分：G 更新了一样多次时；与 1 : 1 用了一样多 CPU 时间时。"""
    (d, g), updates = RATIOS[arm], settings["g_updates"]
    whole = updates * (D_SECONDS + G_SECONDS)  # 1 : 1 的一组用的秒数
    return {"updates": updates // g, "cost": round(whole / (d * D_SECONDS + g * G_SECONDS))}


def configured(arm: str, settings: dict) -> dict:
    """一组的原始配置：A2 里“论文的设定”，只改更新的次数。"""
    d_steps, g_steps = RATIOS[arm]
    size = {"width": settings["width"], "depth": 2}
    return {
        "method": "dcgan",
        "hparams": {"z_dim": Z, "d_steps": d_steps, "g_steps": g_steps} | RATES,
        "network": {
            "generator": {"name": "dcgan_generator"} | size,
            "discriminator": {"name": "dcgan_discriminator"} | size,
        },
        "data": {"name": "digits"},
        "batch_size": settings["batch"],
        "total_steps": max(steps_of(arm, settings).values()),
    }


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍，路过两个要比的地方各打一次分。"""
    stops = steps_of(arm, settings)
    setup = build(configured(arm, settings), seed)
    scorer = FrechetLeNet(setup.data, Digits(split="test"), SCORED, seed)
    losses, found, images = [], {}, {}

    def watch(step: int, logs: dict, record: dict) -> None:
        losses.append((logs["loss/D"], logs["loss/G"]))
        for key in (key for key, stop in stops.items() if stop == step):
            fake = samples_of(setup, SCORED)
            found[f"fd_{key}"] = scorer.of_images(fake)["fd_lenet"]
            images[key] = [as_text(image) for image in fake[:SHOWN]]
            if key == "updates":
                recent = zip(*losses[-WINDOW:])
                found["loss_D"], found["loss_G"] = map(fmean, recent)

    train(setup, setup.config.total_steps, hooks=[watch])
    counted = {"d_updates": stops["updates"] * RATIOS[arm][0]}
    counted["g_updates"] = stops["cost"] * RATIOS[arm][1]
    return Measurement(found | counted, {"images": images["cost"]} if seed == 0 else {})


def floor() -> dict[str, dict[str, float]]:
    """参照：一样多张真的训练图；一步也不训练的 G。"""
    scorer = FrechetLeNet(Digits(), Digits(split="test"), SCORED, 0)
    [(name, real)] = list(scorer.baselines().items())[1:]
    raw = configured("even", A3.settings["full"])
    untrained = scorer.of_images(samples_of(build(raw, 0), SCORED))["fd_lenet"]
    rows = {name: real["fd_lenet"], "没有训练的 G": untrained}
    return {name: {f"fd_{key}": fd for key in POINTS} for name, fd in rows.items()}


def draw(records: dict[str, list[dict]]):
    """每组一行：第一个种子在同样的 CPU 时间里画成的；右边同一行是两种比法，一点一个种子。"""
    figure, axes = new_figure(SHOWN + 7, len(records), size=(0.85, 0.95))
    say_first_seed(figure)
    for line, (arm, rows) in zip(axes, records.items()):
        draw_images(line, rows[0]["curves"]["images"], A3.arms[arm])
        for axis in line[SHOWN:]:
            axis.remove()
    axes[0, 0].set_title(f"{POINTS['cost']}时画的", loc="left", fontsize=10)
    right = figure.add_subplot(axes[0, SHOWN].get_gridspec()[:, SHOWN + 1 :])
    heights = range(len(records) - 1, -1, -1)
    for shift, color, (key, name) in zip((0.15, -0.15), (GRAY, BLUE), POINTS.items()):
        values = [[row["statistics"][f"fd_{key}"] for row in rows] for rows in records.values()]
        for height, column in zip(heights, values):
            right.plot(column, [height + shift] * len(column), "o", color=color, alpha=0.6)
        middles = [median(column) for column in values]
        right.plot(middles, [h + shift for h in heights], "|-", color=color, ms=14, label=name)
    even = median(values[list(records).index("even")])
    right.axvline(even, color=ORANGE, ls="--", lw=1, label="1 : 1 的中位数")
    right.set(xlabel="FD-LeNet（越小越好）", ylim=(-0.5, len(records) - 0.5))
    right.set_yticks(list(heights), [A3.arms[arm] for arm in records])
    right.legend(fontsize=9, loc="lower right")
    return figure


A3 = Experiment(
    row="A3",
    title="D 训练一次、G 训练两次更好",
    quote="训练一次D网，训练两次G网效果会好一些",
    source="004 02 DCGAN 关键点 4",
    anchor="[§4.3]",
    arms={arm: f"D {d} 次 : G {g} 次" for arm, (d, g) in RATIOS.items()},
    statistics={
        "fd_updates": "FD-LeNet（G 更新一样多）",
        "fd_cost": "FD-LeNet（CPU 时间一样多）",
        "loss_D": "D 的损失（G 更新一样多时）",
        "loss_G": "G 的损失（G 更新一样多时）",
        "d_updates": "D 更新的次数（G 更新一样多时）",
        "g_updates": "G 更新的次数（CPU 时间一样多时）",
    },
    rules=(
        Rule("g2", "fd_updates", "≤", 0.9, versus="even", compare="ratio"),
        Rule("g2", "fd_cost", "≤", 0.9, versus="even", compare="ratio"),
        *(
            control(arm, f"fd_{key}", "≤", 0.9, versus="even", compare="ratio")
            for arm in ("d5", "d2", "g5")
            for key in POINTS
        ),
        control("d5", "loss_D", "≤", 0.0, form="总是", versus="g5", remark="D 练得多，损失就小"),
    ),
    measure=measure,
    draw=draw,
    settings={
        "quick": {"width": 8, "batch": 16, "g_updates": 20},
        "full": {"width": 16, "batch": 32, "g_updates": 800},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 20, "full": 75},
    references=floor,
    sentence="FD-LeNet（越小越好，真图 0.504，没有训练的 G 203），D 与 G 的更新比 1 : 1 与 1 : 2："
    "G 都更新 800 次，是 {v[even][fd_updates]} 与 {v[g2][fd_updates]}（1 : 2 好一成：{rule[1]}）；"
    "CPU 时间都一样多，是 {v[even][fd_cost]} 与 {v[g2][fd_cost]}（好一成：{rule[2]}）；"
    "两种比法都好一成才算数。"
    "两头的：5 : 1 是 {v[d5][fd_updates]} 与 {v[d5][fd_cost]}，"
    "1 : 5 是 {v[g5][fd_updates]} 与 {v[g5][fd_cost]}",
    published=(
        Published(
            "004 笔记本自己印的损失（D / G）",
            "第 0 轮 .523 / 3.41，第 2 轮 .186 / 6.96，第 9 轮 .242 / 5.05",
            "64 像素、1,024 通道的 DCGAN，D 1 次 G 2 次，只有一次训练，没有与 1:1 比",
            "stesha2016/GAN 02 DCGAN",
        ),
    ),
    note="网络、学习率与 A2 里“论文的设定”相同，只改更新比（批 32，宽度 16）。"
    "“CPU 时间一样多”的步数由先量好的秒数定（一个线程）：D 更新一次 0.0119 秒，G 0.0080 秒，"
    "都等于 1 : 1 的一组走 800 步；于是 5 : 1 的 G 更新 236 次，2 : 1 的 501 次，"
    "1 : 2 的 1,142 次，1 : 5 的 1,535 次。两个分数在同一次训练里路过时量，学习率不变。"
    "1 : 1 那一组两种比法是同一个数。判据要两种比法都好一成才算数，先于数据写好；"
    "写的时候看过 A2 的两组：600 次更新时 1 : 2 与 1 : 1 的 FD 几乎一样。",
)
