"""InfoGAN：没有标签，加不加互信息那一项，十个编码各管了什么；编码是不是就是数字。"""

import math
from statistics import fmean

import numpy as np
import paddle
from sklearn.cluster import KMeans

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_classes import labelled_images, small
from paddle_gan.evaluation.scorers_samples import flat
from paddle_gan.figures import BLUE, GRAY, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement
from paddle_gan.lab.label_judges import SCORED
from paddle_gan.lab.obey import drawn_by, strip_of
from paddle_gan.lab.obey_figures import show_strip
from paddle_gan.lab.rule import Rule, control
from paddle_gan.lab.training import build, say_first_seed, train
from paddle_gan.methods.infogan import InfoGAN
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.obedience import LinearJudge, matched_accuracy

CODES = 10
CEILING = math.log(CODES)  # H(c)：互信息的上限
LAST = 100  # L_I 取最后这么多步的平均
STARTS = 3  # k 均值从几组随机的中心出发，取最好的
CASES = {"info": {}, "none": {"info": 0.0}}
NAMES = {"info": "InfoGAN", "none": "不加互信息的"}
STATISTICS = {
    "bound": "Q 算的互信息的下界 L_I",
    "readable": "线性裁判读得出的互信息",
    "matched": "生成的图与编码配上的数字对得上的比例",
    "on_real": "Q 认真实测试图像的正确率",
    "k_means": "k 均值认同样图像的正确率",
    "ahead": "Q 的正确率减去 k 均值的",
}


def configured(arm: str, steps: int) -> dict:
    """一组的原始配置：与 configs/infogan_digits.yml 相同（步数与 λ 除外）。"""
    size = {"width": 32, "depth": 2}
    return {
        "method": "infogan",
        "hparams": CASES[arm],
        "network": {
            "generator": {"name": "dcgan_generator"} | size,
            "discriminator": {"name": "dcgan_discriminator"} | size,
        },
        "data": {"name": "digits"},
        "batch_size": 64,
        "total_steps": steps,
    }


def mutual_information(a: np.ndarray, b: np.ndarray) -> float:
    """两列编号 (N,) 的互信息（奈特），由联合的频率算出。"""
    joint = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(joint, (a, b), 1 / len(a))
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    seen = joint > 0
    # I(a; b) = Σ p(a, b)·log[p(a, b) / (p(a)·p(b))]
    return float((joint[seen] * np.log(joint[seen] / apart[seen])).sum())


def readable(images: np.ndarray, codes: np.ndarray) -> float:
    """从像素读得出多少编码：一半图像教线性裁判，另一半上算编码与它读出的编码的互信息。

    读出的是 G(z, c) 的函数，所以不超过 I(c; G(z, c))；两组用同一个裁判，与 Q 无关。
    """
    pixels, half = small(images), len(images) // 2
    judge = LinearJudge(pixels[:half], codes[:half], CODES)
    return mutual_information(codes[half:], judge(pixels[half:]))


def named_by(method: InfoGAN, images: np.ndarray) -> np.ndarray:
    """Q 认这些图像 (N, 1, 28, 28) 各是哪个编码 (N,)；BN 用这一批的统计量，与训练时一样。"""
    with paddle.no_grad():
        output = method.D(paddle.to_tensor(images))
    return output[:, 1 : 1 + CODES].argmax(axis=1).numpy()


def clustered(train_images: np.ndarray, test_images: np.ndarray, seed: int) -> np.ndarray:
    """什么也不生成：训练图像的像素上做 k 均值，测试图像各归哪一堆 (N,)。"""
    means = KMeans(CODES, n_init=STARTS, random_state=seed).fit(flat(train_images))
    return means.predict(flat(test_images))


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍，看编码从图里读得出多少，又与数字对得上多少。"""
    steps, seen = settings["steps"], []
    setup = build(configured(arm, steps), seed)

    def watch(step: int, logs: dict, record: dict) -> None:
        if step > steps - LAST:
            seen.append(logs["info/categorical"])

    train(setup, steps, hooks=[watch])
    images, codes = drawn_by(setup.method, SCORED, seed)
    x, labels = labelled_images(Digits(split="test"))
    clusters = clustered(labelled_images(Digits())[0], x, seed)
    on_real = matched_accuracy(named_by(setup.method, x), labels)
    k_means = matched_accuracy(clusters, labels)
    statistics = {
        "readable": readable(images, codes),
        "matched": matched_accuracy(codes, digit_features(images)[1].argmax(axis=1)),
        "on_real": on_real,
        "k_means": k_means,
        "ahead": on_real - k_means,
    }
    if arm == "info":  # λ 是 0 时 Q 没有训练过，它的 L_I 不说明什么
        statistics = {"bound": fmean(seen)} | statistics
    return Measurement(statistics, {"images": strip_of(setup.method, seed)} if seed == 0 else {})


KEPT = {"readable": "线性裁判\n读得出的", "bound": "Q 算的\n下界 L_I"}  # A13 画的几行，自下而上
NAMED = {
    "k_means": "k 均值认\n真实的数字",
    "on_real": "Q 认\n真实的数字",
    "matched": "编码配\n生成的数字",
}


def draw_kept(records: dict[str, list[dict]]):
    """A13：编码从图里读得出多少；竖线是上限 H(c)。"""
    figure, right = drawn(records, KEPT)
    right.axvline(CEILING, color=GRAY, linestyle="--", linewidth=1)
    right.set(xlabel="互信息（奈特）；虚线是上限 log 10", xlim=(0, 1.1 * CEILING))
    return figure


def draw_named(records: dict[str, list[dict]]):
    """A13b：编码是不是就是数字；竖线是十类里瞎猜。"""
    figure, right = drawn(records, NAMED)
    right.axvline(1 / CODES, color=GRAY, linestyle="--", linewidth=1)
    right.set(xlabel="对得上的比例；虚线是瞎猜 0.1", xlim=(0, 1.05))
    return figure


def drawn(records: dict[str, list[dict]], shown: dict[str, str]):
    """左：每组第一个种子，一列一个编码，一行同一个 z；右：shown 的几行，一点一个种子。"""
    figure, axes = new_figure(2, len(records), size=(4.7, 1.95))
    say_first_seed(figure)
    for axis in axes[:, 1]:
        axis.remove()
    right = figure.add_subplot(axes[0, 1].get_gridspec()[:, 1])
    for (axis, _), color, (arm, rows) in zip(axes, (BLUE, GRAY), records.items()):
        show_strip(axis, rows[0]["curves"]["images"])
        axis.set_title(f"{NAMES[arm]}：一列一个编码", fontsize=11)
        for height, key in enumerate(shown):
            # 没有这个量的组（不加互信息的没有 L_I）就没有点
            values = [row["statistics"][key] for row in rows if key in row["statistics"]]
            label = NAMES[arm] if height == 0 else None
            right.plot(values, [height] * len(values), "o", color=color, alpha=0.7, label=label)
    right.set_yticks(range(len(shown)), list(shown.values()))
    right.set_ylim(-0.5, len(shown))
    right.legend(loc="upper left", fontsize=9)
    return figure, right


def row(number: str, title: str, rules: tuple, **more) -> Experiment:
    """同样的两组。"""
    return Experiment(
        row=number,
        title=title,
        quote="Conditional Generation",
        source="003 aiacademy",
        anchor="[§11.4]",
        records="codes",
        arms=NAMES,
        statistics=STATISTICS,
        rules=rules,
        measure=measure,
        settings={"quick": {"steps": 300}, "full": {"steps": 1000}},
        seeds={"quick": 1, "full": 5},
        budget={"quick": 50, "full": 120},
        **more,
    )


A13 = row(
    "A13",
    "加上互信息，编码就不会被忽略",
    (
        Rule("info", "bound", "≥", 2.0, "总是", remark="上限是 log 10 = 2.303"),
        Rule("info", "readable", "≥", 0.5, "更", versus="none"),
    ),
    draw=draw_kept,
    sentence="训练 1,000 步，互信息的下界 L_I 是 {v[info][bound]}，上限是 log 10 = 2.303；"
    "换一个与 Q 无关的线性裁判来读，读得出 {v[info][readable]}，"
    "不加互信息的 {v[none][readable]}",
    note="1,000 步是论文 5,000 步的五分之一，配置与随包的 infogan_digits 相同。"
    "互信息的权重 λ：论文取 1，不加的取 0，那时 Q 没有训练过，不算它的 L_I，"
    "所以两组都另用一个线性裁判来读。判据先于数据写好。",
)
A13B = row(
    "A13b",
    "没有标签，十个编码学出来就是十个数字",
    (
        Rule("info", "matched", "≥", 0.75, "会"),
        Rule("info", "ahead", "≥", 0.0, "更", versus="none"),
        Rule("info", "ahead", "≥", 0.0, "会", remark="什么也不生成的 k 均值就有这么准"),
        control("none", "matched", "≤", 0.3, form="会", remark="编码什么也不管"),
    ),
    draw=draw_named,
    sentence="训练 1,000 步，编码与数字一一配好，生成的图有 {v[info][matched]:.0%} 对得上，"
    "不加互信息的 {v[none][matched]:.0%}；Q 认真实的测试图像 {v[info][on_real]:.0%}，"
    "像素上的 k 均值 {v[info][k_means]:.0%}",
    note="配法是看着答案挑的，所以瞎猜也比一成高。k 均值与 Q 用同样的配法、同样的测试图像。"
    "论文练 5,000 步，这里 1,000 步；随包的 infogan_digits 练到 5,000 步，见第 11 章。"
    "判据先于数据写好。",
)
