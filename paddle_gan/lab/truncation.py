"""E5：测试时把 z 的方差调小，质量换多样性（李宏毅课程的 Tip，StyleGAN 的截断技巧）。"""

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.evaluation.sampling import decode
from paddle_gan.figures import BLUE, RED, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement, Published, Rule
from paddle_gan.lab.training import build, digits, ring, short, train
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.prdc import precision_recall
from paddle_gan.metrics.rank import spearman
from paddle_gan.run import runtime

SCALES = [0.3, 0.5, 0.7, 1.0, 1.3]  # σ_z
SIZE = 1000


def raw_config(arm: str, steps: int) -> dict:
    """三个模型的原始配置。"""
    if arm == "ring_gan":
        return ring("gan", steps, {"z_dim": 2, "lr_D": 1e-3, "lr_G": 5e-4})
    if arm == "ring_wgan_gp":
        hparams = {"z_dim": 2, "gp_weight": 0.1, "lr": 3e-4, "beta1": 0.5}
        return ring("wgan_gp", steps, hparams)
    return digits(steps)


def real_features(data: Dataset, seed: int) -> np.ndarray:
    """SIZE 个真样本：二维点原样，数字取 LeNet 特征。"""
    rng = np.random.default_rng(seed)
    if data.shape == (2,):
        return data.sample(SIZE, rng)
    from paddle_gan.data import Images

    index = rng.permutation(len(data.images))[:SIZE]
    return digit_features(data.batch(Images, (index,), rng).x)[0]


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍，再用五种 σ_z 取样，各算精度与召回（k = 3）。"""
    steps = settings[arm]
    setup = build(raw_config(arm, steps), seed)
    train(setup, steps)
    real = real_features(setup.data, seed)
    runtime.seed_stream(seed, runtime.SAMPLE)
    z = setup.method.noise(SIZE).numpy()
    pairs = []
    for scale in SCALES:
        fake = decode(setup.method, scale * z)
        features = fake if fake.ndim == 2 else digit_features(fake)[0]
        pairs.append(precision_recall(features, real))
    precision, recall = zip(*pairs)
    half, full = SCALES.index(0.5), SCALES.index(1.0)
    statistics = {
        "precision_gain": precision[half] - precision[full],
        "recall_loss": recall[full] - recall[half],
        "recall_rank": spearman(SCALES[:4], recall[:4]),
    }
    return Measurement(statistics, {"precision": short(precision), "recall": short(recall)})


def draw(records: dict[str, list[dict]]):
    """每个模型一格：σ_z 越小，精度（蓝）与召回（红）怎样变。"""
    figure, axes = new_figure(3, 1, size=(3.8, 3.4))
    for axis, (arm, rows) in zip(axes[0], records.items()):
        for index, row in enumerate(rows):
            labels = ("精度（质量）", "召回（多样性）") if index == 0 else (None, None)
            for key, color, label in zip(("precision", "recall"), (BLUE, RED), labels):
                axis.plot(SCALES, row["curves"][key], "o-", color=color, label=label, alpha=0.8)
        axis.set(xlabel="测试时 z 的标准差 σ", title=E5.arms[arm], ylim=(-0.03, 1.03))
        axis.axvline(1.0, color="black", linewidth=0.8, linestyle=":")
    axes[0, 0].legend()
    return figure


E5 = Experiment(
    row="E5",
    title="测试时缩小 z 的方差，质量升、多样性降",
    quote="Tip: Improve Quality during Testing",
    source="003 aiacademy",
    anchor="[§10.6]",
    arms={"ring_gan": "环上的 GAN", "ring_wgan_gp": "环上的 WGAN-GP", "digits_gan": "数字上的 GAN"},
    statistics={
        "precision_gain": "σ 从 1 减到 0.5 时精度的升幅",
        "recall_loss": "σ 从 1 减到 0.5 时召回的降幅",
        "recall_rank": "召回与 σ 的秩相关（σ ≤ 1）",
    },
    rules=tuple(
        rule
        for arm in ("ring_gan", "ring_wgan_gp", "digits_gan")
        for rule in (
            Rule(arm, "precision_gain", "≥", 0.02),
            Rule(arm, "recall_loss", "≥", 0.05),
        )
    ),
    measure=measure,
    draw=draw,
    settings={
        "quick": {"ring_gan": 2000, "ring_wgan_gp": 600, "digits_gan": 2000},
        "full": {"ring_gan": 6000, "ring_wgan_gp": 4000, "digits_gan": 15000},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 90, "full": 135},
    published=(
        Published(
            "截断 ψ 的精度 / 召回",
            "1.0：0.720 / 0.393；0.7：0.811 / 0.223；0.3：0.892 / 0.015",
            "StyleGAN、FFHQ 人脸、Inception 类特征、k = 3；这里是二维点与 LeNet 特征",
            "StyleGAN 的截断扫描",
        ),
    ),
    sentence="z 的标准差从 1 减到 0.5，精度（质量）的升幅：环上的 GAN "
    "{v[ring_gan][precision_gain]}，环上的 WGAN-GP {v[ring_wgan_gp][precision_gain]}，"
    "数字上的 GAN {v[digits_gan][precision_gain]}；"
    "召回（多样性）的降幅：{v[ring_gan][recall_loss]}、{v[ring_wgan_gp][recall_loss]}、"
    "{v[digits_gan][recall_loss]}",
    note="截断的办法是把 z 乘 σ_z，不是重新训练。",
)
