"""M13：三位数（1,000 个模式）上，DCGAN、PacDCGAN2、R3GAN 用同样多的 CPU 时间，谁占的模式多。"""

import time
from contextlib import suppress
from functools import cache
from statistics import median

import numpy as np

from paddle_gan.data import StackedDigits
from paddle_gan.data.batches import Images
from paddle_gan.data.images import to_float
from paddle_gan.evaluation.scorers_digits import SAME_COUNT, StackedScorer
from paddle_gan.evaluation.scorers_samples import lenet_input
from paddle_gan.figures import BLUE, GRAY, RED, new_figure
from paddle_gan.lab.dcgan_parts import as_image, as_text
from paddle_gan.lab.experiment import Experiment, Measurement, Published
from paddle_gan.lab.rule import Rule, control, premise
from paddle_gan.lab.training import build, samples_of, say_first_seed, train
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.modes import sampling_floor
from paddle_gan.metrics.stacked import report_of
from paddle_gan.run.finite import NonFinite

MODES = 1000
SCORED = 25_600  # 打分的样本数，与 Unrolled、PacGAN 的一种设定相同
SHOWN, DRAWN = 6, 2  # 每组存几个样本，图上画几个
SIDE = 16  # 边长；28 像素的，这么多时间学不会（见 note）
TOTAL = 200.0  # 每组训练用的 CPU 秒
SIZE = {"width": 32, "depth": 2}
# 先量好的每步 CPU 秒（一个线程），步数由它定
SECONDS = {"dcgan": 0.0155, "pac_2": 0.0229, "r3gan": 0.0236}
STEPS = {arm: round(TOTAL / seconds) for arm, seconds in SECONDS.items()}
PENALTY = {"gamma_r1": 0.1, "gamma_r2": 0.1, "beta1": 0.0}
# 组 → 与 DCGAN 那一组不同的设定
CASES: dict[str, dict] = {
    "dcgan": {},
    "pac_2": {"method": "pac_gan", "hparams": {"packing": 2}},
    "r3gan": {"method": "relativistic", "hparams": PENALTY, "network": {"norm": "none"}},
}
CURES = ("pac_2", "r3gan")
TEN, BLEND, FLOOR = "每个数字只有一张图，随机拼", "每个通道是两个数字的平均", "抽样本身就有的"
# 图上的量 →（横轴的名字，怎样分度，虚线 {名字: 参照}）
MEASURED = {
    "covered": ("占了几种", "linear", {"全部": SAME_COUNT, "两个数字的平均": BLEND}),
    "reverse_kl": ("反向 KL（对数）", "log", {FLOOR: FLOOR, "两个数字的平均": BLEND}),
    "fd_lenet": ("逐通道的 FD-LeNet", "linear", {"每个数字一张图": TEN, "两个数字的平均": BLEND}),
}
NAMES = ("covered", "reverse_kl", "sure", "fd_lenet")  # StackedScorer 的四个量
MORE, APART, NO_WORSE = 10, 0.05, 1.1
SICK = 900  # 不加解药的 DCGAN 至多占这么多种，才有病可治
MUSH = 19.6  # BLEND 的 FD-LeNet：比它还远的，画的不是一个一个的数字


def configured(arm: str, steps: int) -> dict:
    """一组的原始配置。"""
    case = CASES[arm]
    hparams = {"z_dim": 100, "noise": "uniform", "lr_D": 5e-4, "lr_G": 5e-4}
    return {
        "method": case.get("method", "dcgan"),
        "hparams": hparams | {"beta1": 0.5} | case.get("hparams", {}),
        "network": {
            "generator": {"name": "dcgan_generator"} | SIZE,
            "discriminator": {"name": "dcgan_discriminator"} | SIZE | case.get("network", {}),
        },
        "data": {"name": "stacked_digits", "size": SIDE},
        "batch_size": 64,
        "total_steps": steps,
        "lr_schedule": "linear",
    }


def scorer_of(data: StackedDigits, count: int) -> StackedScorer:
    """count 个样本的打分器；真的一边是测试集的单个数字。"""
    return StackedScorer(data, StackedDigits(split="test", size=SIDE), count, 0)


def named(scores: dict[str, float]) -> dict[str, float]:
    """去掉量的前缀。"""
    return {name: scores[f"stacked/{name}"] for name in NAMES}


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍再打分，发散了就在停下的地方打；CPU 的秒数只算训练。"""
    steps, count = settings["steps"][arm], settings["scored"]
    setup = build(configured(arm, steps), seed)
    started = time.process_time()
    with suppress(NonFinite):
        train(setup, steps)
    seconds = time.process_time() - started
    fake = samples_of(setup, count)
    scores = scorer_of(setup.data, count).of_images(fake)
    images = {"images": [as_text(image) for image in fake[:SHOWN]]} if seed == 0 else {}
    return Measurement(named(scores) | {"cpu": seconds}, images)


@cache
def rows_beside() -> dict[str, dict[str, float]]:
    """参照：同样多的真图；每个数字只有一张图（训练集里的头一张）；两个数字的平均；均匀噪声。

    三个通道各自独立地抽，所以先由 LeNet 看单个的通道，再拼。
    """
    data, rng = StackedDigits(size=SIDE), np.random.default_rng(0)
    real = scorer_of(data, SCORED).features
    planes = to_float(data.digit_images, data.value_range)  # (4000, 1, 16, 16)
    first = [int(np.argmax(data.digits == digit)) for digit in range(10)]
    noise = rng.uniform(-1, 1, (500, 1, SIDE, SIDE)).astype(np.float32)
    blend = (planes + planes[rng.permutation(len(planes))]) / 2
    banks = {SAME_COUNT: planes, TEN: planes[first], BLEND: blend, "均匀噪声": noise}
    rows = {}
    for name, bank in banks.items():
        seen = digit_features(lenet_input(bank, data.value_range))
        picked = rng.integers(len(bank), size=3 * SCORED)
        rows[name] = named(report_of(*(one[picked] for one in seen), real))
    return rows | {FLOOR: {"reverse_kl": sampling_floor(MODES, SCORED)}}


def draw(records: dict[str, list[dict]]):
    """每组一行：第一个种子画的两个，右边同一行是全部种子的三个量；最上面一行是真的。"""
    figure, axes = new_figure(4 * DRAWN + 12, 1 + len(records), size=(0.75, 0.95))
    say_first_seed(figure)
    real = StackedDigits(size=SIDE).batch(Images, (np.arange(DRAWN),), np.random.default_rng(1)).x
    draw_channels(axes[0], [as_text(image) for image in real], "真的")
    for line, (arm, rows) in zip(axes[1:], records.items()):
        draw_channels(line, rows[0]["curves"]["images"], M13.arms[arm])
    grid = axes[0, 0].get_gridspec()
    for axis in axes[:, 4 * DRAWN :].flat:
        axis.remove()
    for place, (key, (label, scale, tricks)) in enumerate(MEASURED.items()):
        at = 4 * DRAWN + 1 + 4 * place
        axis = figure.add_subplot(grid[:, at : at + 3])
        bounds = {name: rows_beside()[row][key] for name, row in tricks.items()}
        draw_seeds(axis, records, key, bounds)
        axis.set(xlabel=label, xscale=scale)
    return figure


def draw_channels(axes, texts: list[str], name: str) -> None:
    """as_text 存下的三位数图像，一个四格：三个通道叠成红、绿、蓝，再一个一个画成灰的。"""
    for place, text in enumerate(texts[:DRAWN]):
        levels = as_image(text, (3, SIDE, SIDE)) / 15
        for axis, picture in zip(axes[4 * place :], (np.moveaxis(levels, 0, -1), *levels)):
            axis.imshow(picture, cmap="gray", vmin=0, vmax=1)
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
            axis.spines[:].set_visible(False)
    axes[0].set_ylabel(name, rotation=0, ha="right", va="center")


def draw_seeds(axis, records: dict[str, list[dict]], key: str, bounds: dict[str, float]) -> None:
    """一组一行，与左边的行对齐：点是各个种子，竖线是居中的；虚线是参照 {名字: 值}。"""
    everyone = [[row["statistics"][key] for row in rows] for rows in records.values()]
    for height, values in zip(range(len(records) - 1, -1, -1), everyone):
        axis.plot(values, [height] * len(values), "o", color=BLUE, alpha=0.6)
        axis.plot(median(values), height, "|", color=RED, markersize=18, markeredgewidth=2)
    for place, (name, level) in enumerate(bounds.items()):
        axis.axvline(level, color=GRAY, linestyle="--", linewidth=1)
        side = "left" if level < min(map(min, everyone)) else "right"  # 不写到格子外面去
        axis.annotate(f" {name} ", (level, len(records) + 0.25 - 0.35 * place), ha=side, fontsize=9)
    axis.set(yticks=[], ylim=(-0.5, len(records) + 0.5))
    axis.margins(x=0.18)


def better(arm: str) -> tuple[Rule, ...]:
    """占得多：逐个种子比 DCGAN，种数多、反向 KL 低，FD-LeNet 不更差。"""
    return (
        Rule(arm, "covered", "≥", MORE, versus="dcgan"),
        Rule(arm, "reverse_kl", "≤", -APART, versus="dcgan"),
        Rule(arm, "fd_lenet", "≤", NO_WORSE, versus="dcgan", compare="ratio", remark="样本不更差"),
    )


M13 = Experiment(
    row="M13",
    title="三位数的一千个模式：同样的时间，打包、罚梯度的占得比 DCGAN 多",
    quote="Mode Collapse的解决方案",
    source="000 飞桨幻灯片（解药在图像上；PacGAN 是我们补上的）",
    anchor="[§9.7]",
    arms={
        "dcgan": "DCGAN",
        "pac_2": "PacDCGAN2",
        "r3gan": "RpGAN + R1 + R2",
    },
    statistics={
        "covered": "覆盖的三位数",
        "reverse_kl": "三位数直方图的反向 KL",
        "sure": "裁判拿得准的通道",
        "fd_lenet": "逐通道的 FD-LeNet",
        "cpu": "训练用的 CPU 秒数",
    },
    rules=(
        *(rule for arm in CURES for rule in better(arm)),
        premise("dcgan", "covered", "≤", SICK, remark="DCGAN 要先丢模式"),
        *(
            premise(arm, "fd_lenet", "≤", MUSH, remark="画的要是数字，数的才是模式")
            for arm in CASES
        ),
        *(
            control(arm, "cpu", relation, bound, form="通常", versus="dcgan", compare="ratio")
            for arm in CURES
            for relation, bound in (("≤", 1.1), ("≥", 0.9))
        ),
    ),
    measure=measure,
    draw=draw,
    settings={
        "quick": {"steps": dict.fromkeys(CASES, 10), "scored": 500},
        "full": {"steps": STEPS, "scored": SCORED},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 8, "full": 660},
    references=rows_beside,
    published=(
        Published(
            "三位数的种数 / 反向 KL",
            "DCGAN 99.0 / 3.40（VEEGAN 的），78.9 / 4.50（PacGAN 的）；PacDCGAN2 1,000 / 0.06",
            "完整的 MNIST，64 通道，50 轮；26,000 个样本，另一个分类器",
            "PacGAN 表 2",
        ),
        Published(
            "同上，D 的宽度是 G 的四分之一",
            "DCGAN 78.5 / 5.21，PacDCGAN2 484.5 / 2.61",
            "Unrolled 的网络，50 万步；25,600 个样本",
            "PacGAN 表 3",
        ),
        Published(
            "RpGAN + R1 + R2",
            "1,000 / 0.0781",
            "同样的损失，不是这里的网络与步数",
            "转述的 R3GAN（Huang 等，2025）表 1，没有核对原文",
            "S",
        ),
    ),
    sentence="DCGAN 自己就占了 {v[dcgan][covered]} 种，没有病可治。"
    "同样多的 CPU 时间，1,000 种三位数占了几种 / 反向 KL（抽样本身就有 0.0195）："
    "DCGAN {v[dcgan][covered]} / {v[dcgan][reverse_kl]}，"
    "PacDCGAN2 {v[pac_2][covered]} / {v[pac_2][reverse_kl]}，"
    "RpGAN + R1 + R2 {v[r3gan][covered]} / {v[r3gan][reverse_kl]}；"
    "逐通道的 FD-LeNet 依次是 {v[dcgan][fd_lenet]}、{v[pac_2][fd_lenet]}、{v[r3gan][fd_lenet]}"
    f"（两个数字的平均 {MUSH}，每个数字只有一张图 12.8）；"
    "CPU 秒数是 {v[dcgan][cpu]}、{v[pac_2][cpu]}、{v[r3gan][cpu]}",
    note=f"三位数由随包的 4,000 张训练数字随机拼成，{SIDE} 像素；类别由 LeNet 放大后逐通道认，"
    "真图 1,000 种都认得出。28 像素的在种子 20 上试过：DCGAN（宽 16）走 89 秒，FD-LeNet 还有 46.5，"
    "画不出一个一个的数字。D 的宽度照 PacGAN 的表 3 取 G 的四分之一，也试过：PacDCGAN2 走 102 秒"
    "有 852 种，可是 FD-LeNet 22.7，比两个数字的平均还远，那是认不出的笔画碰巧归到各类。"
    "“DCGAN 要先丢模式”（不超过 900 种）原来就是前提；种子 20 上 46 秒就有 949 种，一度去掉，"
    "量完 DCGAN 几乎占满，又放了回来（判据改于看过数据之后）：没有病，治没治好就没有量成。"
    "RpGAN + R1 + R2 的 D 没有 BN（罚项要求），β₁ 是 0；学习率都是后一半线性降到 0。"
    "步数由先量好的每步 CPU 秒定。与发表的只比次序：数字、网络、步数、分类器都不同。",
)
