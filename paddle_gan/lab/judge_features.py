"""A4：拿 D 的卷积特征认数字：训练过的 D、没有训练的 D、原始像素，与用标签从头学的同样的网络。"""

from statistics import fmean, median

import numpy as np
import paddle
from paddle import nn
from paddle.nn.functional import adaptive_max_pool2d, cross_entropy

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_samples import CHUNK, flat
from paddle_gan.figures import BLUE, GRAY, GREEN, ORANGE, new_figure
from paddle_gan.lab.dcgan_parts import RATES, Z
from paddle_gan.lab.experiment import Experiment, Measurement, Published
from paddle_gan.lab.rule import Rule, control
from paddle_gan.lab.training import build, train
from paddle_gan.methods.base import inference
from paddle_gan.networks.dcgan import DCGANDiscriminator
from paddle_gan.run import runtime

COUNTS = (100, 300, 1000)  # 有标签的图像数
DRAWS = 3  # 一个种子里，有标签的图像换几份
HELD = 500  # 挑 λ 用的另外的训练图像
LAMBDAS = (0.01, 0.1, 1.0, 10.0)  # 岭回归的 λ，乘特征的个数
SIZE = {"width": 16, "depth": 2}
POOLED = 4  # 每层特征缩到的边长
LESSONS, BATCH, RATE = 400, 50, 1e-3  # 从头学的网络：步数、批、学习率
ARMS = {
    "trained": "训练过的 D 的特征",
    "random": "没有训练的 D 的特征",
    "pixels": "原始像素",
    "supervised": "同样的网络，用标签从头学",
}
LOOKS = dict(zip(ARMS, (BLUE, ORANGE, GRAY, GREEN)))


def configured(steps: int) -> dict:
    """D 是怎样训练的：A2 里“论文的设定”。"""
    return {
        "method": "dcgan",
        "hparams": {"z_dim": Z} | RATES,
        "network": {
            "generator": {"name": "dcgan_generator"} | SIZE,
            "discriminator": {"name": "dcgan_discriminator"} | SIZE,
        },
        "data": {"name": "digits"},
        "batch_size": 32,
        "total_steps": steps,
    }


def pictures(split: str) -> tuple[np.ndarray, np.ndarray]:
    """图像 (N, 1, 28, 28)，[−1, 1]，与标签。"""
    data = Digits(split=split)
    images = data.images.astype(np.float32) / 127.5 - 1
    return images.transpose(0, 3, 1, 2), data.labels


def features(D: nn.Layer, images: np.ndarray) -> np.ndarray:
    """论文的做法：每个卷积层激活之后用最大池化缩到 4 × 4，拼成一行 (N, 特征数)。"""
    found = []
    with inference(D):
        for start in range(0, len(images), CHUNK):
            h, kept = paddle.to_tensor(images[start : start + CHUNK]), []
            for layer in list(D.layers)[:-1]:
                h = layer(h)
                if isinstance(layer, nn.LeakyReLU):
                    kept.append(adaptive_max_pool2d(h, POOLED).flatten(1))
            found.append(paddle.concat(kept, axis=1).numpy())
    return np.concatenate(found)


def ridge(a: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """argmin_W ‖aW − y‖² + λ‖W‖²，(特征数, 类数)；样本比特征少时解等价的 n × n 形式。"""
    # W = (aᵀa + λI)⁻¹aᵀy = aᵀ(aaᵀ + λI)⁻¹y
    n, d = a.shape
    if n < d:
        return a.T @ np.linalg.solve(a @ a.T + penalty * np.eye(n), y)
    return np.linalg.solve(a.T @ a + penalty * np.eye(d), a.T @ y)


def linear_accuracy(train, held, test) -> float:
    """三份（特征，标签）：在 train 上学线性分类器，λ 由 held 挑，在 test 上认对的比例。"""
    (a, labels), (v, v_labels), (b, b_labels) = train, held, test
    mean, std = a.mean(axis=0), a.std(axis=0) + 1e-3
    a, v, b = ((part - mean) / std for part in (a, v, b))
    fits = [ridge(a, np.eye(10)[labels], s * a.shape[1]) for s in LAMBDAS]
    best = max(fits, key=lambda W: ((v @ W).argmax(axis=1) == v_labels).mean())
    return float(((b @ best).argmax(axis=1) == b_labels).mean())


def taught(images: np.ndarray, labels: np.ndarray, rng, lessons: int) -> nn.Layer:
    """同样的网络，输出换成十类，只用这些有标签的图像从头学。"""
    network = DCGANDiscriminator((1, 28, 28), (10,), **SIZE)
    adam = paddle.optimizer.Adam(RATE, parameters=network.parameters())
    for _ in range(lessons):
        picked = rng.permutation(len(images))[:BATCH]
        x, y = (paddle.to_tensor(part[picked]) for part in (images, labels))
        cross_entropy(network(x), y).backward()
        adam.step()
        adam.clear_grad()
    return network


def read(network: nn.Layer, images: np.ndarray) -> np.ndarray:
    """网络认作哪一类，(N,)。"""
    with inference(network):
        parts = np.split(images, range(CHUNK, len(images), CHUNK))
        return np.concatenate([network(paddle.to_tensor(p)).numpy() for p in parts]).argmax(axis=1)


def described(arm: str, seed: int, settings: dict, images: list[np.ndarray]) -> list[np.ndarray]:
    """一组的特征：训练图像与测试图像。"""
    if arm == "pixels":
        return [flat(part) for part in images]
    setup = build(configured(settings["steps"]), seed)
    if arm == "trained":
        train(setup, settings["steps"])
    return [features(setup.method.D, part) for part in images]


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """各种标签数下测试图像认对的比例；哪些图像有标签只由种子定，各组一样。"""
    (x, y), (x_test, y_test) = pictures("train"), pictures("test")
    supervised = arm == "supervised"
    f, f_test = (x, x_test) if supervised else described(arm, seed, settings, [x, x_test])
    runtime.seed_stream(seed, runtime.INIT)
    found = {count: [] for count in COUNTS}
    for draw_number in range(DRAWS):
        rng = np.random.default_rng([seed, draw_number])
        order = rng.permutation(len(x))
        held = order[-HELD:]
        for count, scores in found.items():
            few = order[:count]
            if supervised:
                network = taught(x[few], y[few], rng, settings["lessons"])
                scores.append(float((read(network, x_test) == y_test).mean()))
            else:
                parts = (f[few], y[few]), (f[held], y[held]), (f_test, y_test)
                scores.append(linear_accuracy(*parts))
    return Measurement({f"acc_{count}": fmean(scores) for count, scores in found.items()})


def draw(records: dict[str, list[dict]]):
    """横轴是有标签的图像数，纵轴是认对的比例；线过居中的种子，一点一个种子。"""
    figure, axes = new_figure(1, 1, size=(6.4, 3.8))
    axis = axes[0, 0]
    for shift, (arm, rows) in zip((0.94, 0.98, 1.02, 1.06), records.items()):
        across = [count * shift for count in COUNTS]
        values = [[row["statistics"][f"acc_{count}"] for row in rows] for count in COUNTS]
        for x, column in zip(across, values):
            axis.plot([x] * len(column), column, "o", color=LOOKS[arm], alpha=0.5, ms=4)
        axis.plot(across, [median(column) for column in values], color=LOOKS[arm], label=ARMS[arm])
    axis.set(xscale="log", xlabel="有标签的图像数", ylabel="测试图像认对的比例")
    axis.set_xticks(COUNTS, [f"{count:,}" for count in COUNTS])
    axis.minorticks_off()
    axis.legend(fontsize=10)
    return figure


def guessed() -> dict[str, dict[str, float]]:
    """参照：瞎猜。"""
    return {"瞎猜": {f"acc_{count}": 0.1 for count in COUNTS}}


A4 = Experiment(
    row="A4",
    title="判别器学到的特征能拿来分类",
    quote="We use the trained discriminators for image classification tasks, showing competitive "
    "performance with other unsupervised algorithms.",
    source="002 DCGAN 论文摘录",
    anchor="[§4.4]",
    arms=ARMS,
    statistics={f"acc_{count}": f"{count:,} 个标签认对的比例" for count in COUNTS},
    rules=(
        *(Rule("trained", f"acc_{n}", "≥", 0.01, versus="random") for n in COUNTS),
        *(Rule("trained", f"acc_{n}", "≥", 0.05, versus="pixels") for n in COUNTS),
        *(control("random", f"acc_{n}", "≥", 0.05, versus="pixels") for n in COUNTS),
        *(control("trained", f"acc_{n}", "≥", 0.0, versus="supervised") for n in COUNTS),
    ),
    measure=measure,
    draw=draw,
    settings={
        "quick": {"steps": 20, "lessons": 10},
        "full": {"steps": 2000, "lessons": LESSONS},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 12, "full": 35},
    references=guessed,
    sentence="1,000 个标签时，测试图像认对的比例：训练过的 D 的特征 {v[trained][acc_1000]:.1%}，"
    "没有训练的 D 的特征 {v[random][acc_1000]:.1%}，原始像素 {v[pixels][acc_1000]:.1%}，"
    "同样的网络从头学 {v[supervised][acc_1000]:.1%}；100 个标签时是 {v[trained][acc_100]:.1%}、"
    "{v[random][acc_100]:.1%}、{v[pixels][acc_100]:.1%} 与 {v[supervised][acc_100]:.1%}",
    published=(
        Published(
            "CIFAR-10，判别器的特征 + 线性 SVM 的正确率",
            "82.8 %（一层 K-means 80.6 %，Exemplar CNN 84.3 %）",
            "D 大得多，在 ImageNet 上训练；表里没有“没有训练的 D”一行",
            "DCGAN 表 1",
            "S",
        ),
        Published(
            "SVHN，1,000 个标签的错误率",
            "22.48 %（同样的网络从头学 28.87 %）",
            "同上，线性 SVM，100 次的平均",
            "DCGAN 表 2",
            "S",
        ),
    ),
    note="D 是 A2 里“论文的设定”（宽度 16，批 32）训练 2,000 步的，一个种子一个 D；训练不看标签，"
    "看的是全部 4,000 张训练图像。特征照论文：每个卷积层用最大池化缩到 4 × 4，共 768 个。"
    "线性分类器是岭回归（论文用 SVM），λ 由另外 500 张有标签的训练图像挑，各组一样。"
    "一个数是同一个种子里三份不同的有标签图像的平均；各组用同样的三份。"
    "从头学的网络是同样的结构，Adam 0.001，批 50，走 400 步，没有为它调过别的。"
    "判据先于数据写好；写的时候知道第 04 章的一个 D（600 步，别的种子）并不比没有训练的强。",
)
