"""A9：分层画图（LAPGAN、ProGAN）与一次画成的，用同样多的 CPU 时间，谁的 FD-LeNet 低。"""

import time
from statistics import median

import numpy as np
import paddle

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_digits import FrechetLeNet
from paddle_gan.evaluation.scorers_samples import CHUNK
from paddle_gan.figures import BLUE, GRAY, new_figure
from paddle_gan.lab.dcgan_parts import as_text, draw_images
from paddle_gan.lab.experiment import Experiment, Measurement
from paddle_gan.lab.rule import Rule, control
from paddle_gan.lab.training import Setup, build, mlp, samples_of, say_first_seed, train
from paddle_gan.methods.pyramid import down, up
from paddle_gan.metrics.image_scores import pixel_std

SCORED = 2500  # 打分的样本数
SHOWN = 8  # 图上每组画几个样本
SIZE = {"width": 16, "depth": 2}
GROWING = {"width": 16, "widest": 32, "levels": 3}
TOTAL = 100.0  # 每组训练用的 CPU 秒
# 先量好的每步 CPU 秒，步数由它定；progan 是五段：7、淡入 14、14、淡入 28、28 像素，末一段两倍长
SECONDS = {"dcgan": 0.0151, "lapgan": 0.0967, "flat": 0.142}
PROGAN_SECONDS = (0.0144, 0.0647, 0.0624, 0.1567, 0.15)
STAGES = 6  # progan 的总步数是一段的几倍
PART = round(TOTAL / (sum(PROGAN_SECONDS) + PROGAN_SECONDS[-1]))
STEPS = {arm: round(TOTAL / seconds) for arm, seconds in SECONDS.items()} | {
    "progan": STAGES * PART
}


def configured(arm: str, steps: int) -> dict:
    """一组的原始配置；lapgan、progan 的网络就是随包配置里的，progan 的 stable、fade 随步数缩短。"""
    method, hparams, batch = arm, {"z_dim": 64}, 64
    if arm == "dcgan":
        network = {
            "generator": {"name": "dcgan_generator"} | SIZE,
            "discriminator": {"name": "dcgan_discriminator"} | SIZE,
        }
    elif arm == "lapgan":
        hparams |= {"lr_D": 5e-4, "lr_G": 5e-4}
        network = {
            "generator": mlp(256, output="tanh"),
            "refiner": {"name": "conv", "width": 16, "depth": 2, "init": "normal_002"},
            "discriminator": {"name": "patchgan", "width": 32, "layers": 1},
        }
    else:
        part = max(1, steps // STAGES)
        method, batch = "progan", 32
        hparams |= {"grow": arm == "progan", "stable": part, "fade": part}
        network = {
            "generator": {"name": "progressive_generator", "output": "tanh"} | GROWING,
            "discriminator": {"name": "progressive_discriminator"} | GROWING,
        }
    return {
        "method": method,
        "hparams": hparams,
        "network": network,
        "data": {"name": "digits"},
        "batch_size": batch,
        "total_steps": steps,
    }


def on_real_coarse(setup: Setup, count: int, seed: int) -> np.ndarray:
    """LAPGAN：真图缩小作粗图，只由最细的一层补细节；count 张。"""
    rng = np.random.default_rng(seed)
    x = Digits().images[rng.permutation(len(Digits().images))[:count]]
    return np.concatenate(
        [
            setup.method.with_real_coarse(paddle.to_tensor(part)).numpy()
            for part in np.split(as_input(x), range(CHUNK, count, CHUNK))
        ]
    )


def as_input(images: np.ndarray) -> np.ndarray:
    """uint8 (N, 28, 28, 1) → 网络的输入 (N, 1, 28, 28)，[−1, 1]。"""
    return (images.astype(np.float32) / 127.5 - 1).transpose(0, 3, 1, 2)


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍再打分；CPU 的秒数只算训练。"""
    steps, count = settings["steps"][arm], settings["scored"]
    setup = build(configured(arm, steps), seed)
    scorer = FrechetLeNet(setup.data, Digits(split="test"), count, seed)
    started = time.process_time()
    train(setup, steps)
    seconds = time.process_time() - started
    fake = samples_of(setup, count)
    statistics = {
        "fd": scorer.of_images(fake)["fd_lenet"],
        "spread": pixel_std(fake) / pixel_std(scorer.train),
        "cpu": seconds,
    }
    if arm == "lapgan":
        fd = scorer.of_images(on_real_coarse(setup, count, seed))["fd_lenet"]
        statistics |= {"fd_real_coarse": fd, "chain_cost": statistics["fd"] / fd}
    images = {"images": [as_text(image) for image in fake[:SHOWN]]} if seed == 0 else {}
    return Measurement(statistics, images)


def rows_beside() -> dict[str, dict[str, float]]:
    """参照：同样多的真图；真图缩小再放大，细节一点不补（LAPGAN 的最细一层总要比它好）。"""
    data = Digits()
    scorer = FrechetLeNet(data, Digits(split="test"), SCORED, 0)
    [(name, found)] = list(scorer.baselines().items())[1:]
    x = paddle.to_tensor(scorer.train[:: max(1, len(scorer.train) // SCORED)])
    blurred = up(down(x)).numpy()
    rows = {name: {"fd": found["fd_lenet"], "spread": 1.0}}
    return rows | {
        "真图缩小一半再放大": {
            "fd": scorer.of_images(blurred)["fd_lenet"],
            "spread": pixel_std(blurred) / pixel_std(scorer.train),
        }
    }


def draw(records: dict[str, list[dict]]):
    """每组一行：第一个种子画的，右边同一行是全部种子的 FD-LeNet 与用的秒数。"""
    figure, axes = new_figure(SHOWN + 6, len(records), size=(0.9, 0.9))
    say_first_seed(figure)
    for line, (arm, rows) in zip(axes, records.items()):
        draw_images(line, rows[0]["curves"]["images"], A9.arms[arm])
        for axis in line[SHOWN:]:
            axis.remove()
    right = figure.add_subplot(axes[0, SHOWN].get_gridspec()[:, SHOWN:])
    highest = max(row["statistics"]["fd"] for rows in records.values() for row in rows)
    for height, rows in enumerate(reversed(records.values())):
        values = [row["statistics"]["fd"] for row in rows]
        right.plot(values, [height] * len(values), "o", color=BLUE, alpha=0.7)
        seconds = median(row["statistics"]["cpu"] for row in rows)
        where = {"xytext": (9, 0), "textcoords": "offset points", "va": "center", "fontsize": 9}
        right.annotate(f"{seconds:.0f} 秒", (max(values), height), **where)
    for side, (name, row) in zip(("left", "center"), A9.references().items()):
        right.axvline(row["fd"], color=GRAY, linestyle="--", linewidth=1)
        right.text(row["fd"], len(records) - 0.45, name, fontsize=9, color=GRAY, ha=side)
    right.set_yticks(range(len(records)), [A9.arms[arm] for arm in reversed(records)])
    right.set(xlabel="FD-LeNet（越小越好）", xlim=(0, 1.2 * highest))  # 右边留着写秒数
    right.set_ylim(-0.5, len(records) - 0.5)
    return figure


A9 = Experiment(
    row="A9",
    title="分层画，同样的时间里不比一次画成的差",
    quote="层级结构",
    source="000 GAN常用的模型结构",
    anchor="[§5.6]",
    arms={
        "dcgan": "DCGAN，一次画成",
        "lapgan": "LAPGAN，三层",
        "progan": "ProGAN，7 → 14 → 28",
        "flat": "ProGAN 的网络，不长大",
    },
    statistics={
        "fd": "FD-LeNet",
        "spread": "像素的标准差（真图是 1）",
        "cpu": "训练用的 CPU 秒数",
        "fd_real_coarse": "粗图是真的时的 FD-LeNet",
        "chain_cost": "连起来的 FD-LeNet 与粗图为真时的之比",
    },
    rules=(
        Rule("lapgan", "fd", "≤", 1.3, versus="dcgan", compare="ratio"),
        Rule("progan", "fd", "≤", 1.3, versus="dcgan", compare="ratio"),
        Rule("progan", "fd", "≤", 1.1, versus="flat", compare="ratio", remark="只差长不长大"),
        Rule("lapgan", "chain_cost", "≥", 1.1, "总是", remark="训练时的粗图都是真的"),
        *(
            control(arm, "cpu", "≤", 1.25, form="通常", versus="dcgan", compare="ratio")
            for arm in ("lapgan", "progan", "flat")
        ),
    ),
    measure=measure,
    draw=draw,
    settings={
        "quick": {"steps": {"dcgan": 30, "lapgan": 3, "progan": 6, "flat": 3}, "scored": 300},
        "full": {"steps": STEPS, "scored": SCORED},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 20, "full": 440},
    references=rows_beside,
    sentence="各用约 100 秒的 CPU，FD-LeNet（越小越好，真图 0.504，真图缩小一半再放大 45.8）："
    "一次画成的 DCGAN {v[dcgan][fd]}，"
    "LAPGAN 连起来画 {v[lapgan][fd]}（粗图是真的时 {v[lapgan][fd_real_coarse]}），"
    "ProGAN {v[progan][fd]}，同样的网络不长大 {v[flat][fd]}；"
    "量到的 CPU 秒数依次是 {v[dcgan][cpu]}、{v[lapgan][cpu]}、{v[progan][cpu]}、{v[flat][cpu]}",
    note="步数由先量好的每步 CPU 秒定（一个线程）：DCGAN 0.015，LAPGAN 0.097，"
    "ProGAN 从 7 像素的 0.014 到 28 像素的 0.15，不长大 0.14；于是 DCGAN 走 6,623 步，"
    "LAPGAN 1,034，ProGAN 1,002，不长大 704。"
    "起初每步的秒数是在机器忙的时候量的，大了两三倍，LAPGAN 只用了别人一半的时间："
    "对照不成立，那三个种子作废，判据没有动。"
    "LAPGAN 三层各有一对网络，一步是三层各走一次。网络照各自随包的配置，只是短，不取参数的平均。"
    "DCGAN 的批是 64，ProGAN 的是 32，损失也不同（WGAN-GP）：只有“不长大”一组与 ProGAN 只差一处。"
    "StackGAN 看得见类别，不放在这里比。图只有 28 像素，论文里分层的好处在几百像素以上。"
    "判据先于数据写好，差三成、一成以内算不差，是事先定的；只用几步试过程序。",
)
