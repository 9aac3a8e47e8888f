"""M19：二十五个高斯，走得够久：普通的 GAN 步数多一倍，占得全吗；三样解药呢。"""

import time

from paddle_gan.data import Grid
from paddle_gan.figures import new_figure
from paddle_gan.lab.experiment import Experiment, Measurement, Published
from paddle_gan.lab.human import meets
from paddle_gan.lab.rule import Rule, control, premise
from paddle_gan.lab.seed_strip import draw_strip
from paddle_gan.lab.training import (
    MODE_NAMES,
    build,
    draw_group,
    mlp,
    modes_of,
    rows_beside,
    samples_of,
    short,
    train,
)

MODES, GOOD = 25, 0.9
CURED = f"covered_1pct≥{MODES} high_quality≥{GOOD}"  # 一个种子怎样算治好
WIDTH, DEPTH, BATCH = 256, 3, 256
# 两边的 Adam 都与 configs/r1_grid.yml 相同，只差方法
RATES = {"lr_D": 1e-3, "lr_G": 1e-3, "beta1": 0.0}
PENALTY = {"gamma_r1": 0.01, "gamma_r2": 0.01}
TWICE = 2  # GAN 走几倍的步数：看的数据与 PacGAN2 一样多，时间比哪一组都多
# 组 →（方法，另外的超参数，步数的倍数）
CASES: dict[str, tuple[str, dict, int]] = {
    "gan": ("gan", {}, TWICE),
    "pac_2": ("pac_gan", {"packing": 2}, 1),
    "r1_r2": ("r1", PENALTY, 1),
    "r3gan": ("relativistic", PENALTY, 1),
}
CURES = ("pac_2", "r1_r2", "r3gan")


def configured(arm: str, steps: int) -> dict:
    """一组的原始配置；步数在里面，GAN 的多一倍。"""
    method, hparams, times = CASES[arm]
    return {
        "method": method,
        "hparams": {"z_dim": 2, **RATES, **hparams},
        "network": {
            "generator": mlp(WIDTH, DEPTH),
            "discriminator": mlp(WIDTH, DEPTH, activation="leaky_relu"),
        },
        "data": {"name": "grid"},
        "batch_size": BATCH,
        "total_steps": steps * times,
        "lr_schedule": "linear",
    }


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍；模式的四个量，与训练用的 CPU 秒数。"""
    setup = build(configured(arm, settings["steps"]), seed)
    start = time.process_time()
    train(setup, setup.config.total_steps)
    seconds = time.process_time() - start
    samples = samples_of(setup)
    curves = {"points": [short(column[:800]) for column in samples.T]} if seed < 2 else {}
    return Measurement(modes_of(samples, setup.data) | {"cpu": seconds}, curves)


def cured(arm: str) -> tuple[Rule, ...]:
    """八成的种子二十五个都占 1% 以上，居中的高质量不低于 0.9，比多走一倍的 GAN 还匀。"""
    return (
        Rule(arm, "covered_1pct", "≥", MODES, form="会"),
        Rule(arm, "high_quality", "≥", GOOD),
        Rule(arm, "reverse_kl", "≤", -0.05, versus="gan"),
    )


def draw(records: dict[str, list[dict]]):
    """上面是每一组种子 0 的样本，下面是全部种子的数。"""
    figure, axes = new_figure(len(records), 2, size=(2.6, 3.2))
    for axis, (arm, rows) in zip(axes[0], records.items()):
        won = sum(meets(CURED, row["statistics"]) for row in rows)
        draw_group(axis, f"{M19.arms[arm]}\n治好 {won} / {len(rows)} 个种子", rows, Grid().modes)
    for axis in axes[1]:
        axis.remove()
    below = figure.add_subplot(axes[0, 0].get_gridspec()[1, :])
    labels = [M19.label(arm) for arm in records]
    # 高质量都在 0.9 以上，挤在一处；横轴换成份额匀不匀
    bounds = {name: row["reverse_kl"] for name, row in rows_beside(Grid()).items()}
    draw_strip(below, records, labels, CURED, bounds, across="reverse_kl")
    return figure


def counted(arm: str) -> str:
    """治好了几个种子的模板。"""
    return f"{{v[{arm}]:{CURED}}}"


M19 = Experiment(
    row="M19",
    title="二十五个高斯：普通的 GAN 步数多一倍也常丢模式，解药不丢",
    quote="Mode Collapse的解决方案",
    source="000 飞桨幻灯片",
    anchor="[§9.6]",
    arms={
        "gan": "GAN，步数多一倍",
        "pac_2": "PacGAN2",
        "r1_r2": "R1 + R2",
        "r3gan": "R3GAN",
    },
    statistics=MODE_NAMES | {"cpu": "训练用的 CPU 秒数"},
    rules=(
        *(rule for arm in CURES for rule in cured(arm)),
        premise("gan", "covered_1pct", "≤", MODES - 1, remark="不加解药，步数多一倍也丢模式"),
        premise("gan", "high_quality", "≥", GOOD, remark="丢模式，不是没有练好"),
        *(
            control(arm, "cpu", "≤", 1.0, form="通常", versus="gan", compare="ratio")
            for arm in CURES
        ),
    ),
    measure=measure,
    draw=draw,
    settings={"quick": {"steps": 300}, "full": {"steps": 16_000}},
    seeds={"quick": 1, "full": 10},
    budget={"quick": 16, "full": 540},
    references=lambda: rows_beside(Grid()),
    published=(
        Published(
            "覆盖的模式数 / 高质量 / 反向 KL",
            "GAN 17.3；PacGAN2 23.8 / 91.3%；PacGAN4 24.8 / 93.6% / 0.04",
            "4 × 400 的网络、maxout 判别器、40 万步、10 次",
            "PacGAN 表 1",
        ),
    ),
    sentence="二十五个模式都占 1% 以上、高质量不低于 90% 的种子（共 "
    "{v[gan][covered_1pct]:个数} 个）："
    f"步数多一倍的 GAN {counted('gan')} 个，PacGAN2 {counted('pac_2')} 个，"
    f"R1 + R2 {counted('r1_r2')} 个，R3GAN {counted('r3gan')} 个；居中的模式数依次是 "
    "{v[gan][covered_1pct]}、{v[pac_2][covered_1pct]}、{v[r1_r2][covered_1pct]}、"
    "{v[r3gan][covered_1pct]}，CPU 秒数依次是 {v[gan][cpu]}、{v[pac_2][cpu]}、"
    "{v[r1_r2][cpu]}、{v[r3gan][cpu]}",
    note="间距 2、σ = 0.05，照 PacGAN；G 与 D 都是 3 × 256 的网络，z 2 维，批 256，16,000 步，"
    "两边的学习率 0.001、后一半线性降到 0，β₁ = 0，每步 D 与 G 各更新一次，只差解药。"
    "PacGAN2 每步看两批真样本；GAN 走 32,000 步，看得一样多，时间比哪一组都多"
    "（16,000 步的在 docs/结果.md，gan_grid）。"
    "设定与 PacGAN 的 β₁ 是在种子 20 上定的。“二十五个都占 1% 以上、高质量不低于 0.9”"
    "这条线先于所有种子的数；别的判据写的时候，种子 0 到 2 的 GAN、R1 + R2、R3GAN "
    "用 `tools/train.py` 跑过（见 docs/结果.md），知道后两组各有一个种子差一个模式，"
    "“八成的种子”照旧，没有放宽。",
)
