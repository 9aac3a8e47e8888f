"""A12：GAN 一次前向就是样本，受限玻尔兹曼机要走马尔可夫链：一个 CPU 秒各能取几个，像不像。"""

import time
from collections.abc import Callable

import numpy as np

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_digits import FrechetLeNet
from paddle_gan.figures import BLUE, GRAY, RED, new_figure
from paddle_gan.lab.boltzmann import RBM, fit, noise
from paddle_gan.lab.dcgan_parts import as_text, draw_images
from paddle_gan.lab.experiment import Experiment, Measurement
from paddle_gan.lab.rule import Rule, control, premise
from paddle_gan.lab.training import build, digits, samples_of, say_first_seed, train

LENGTHS = (1, 3, 10, 30, 100, 300, 1000)  # 链走到这么长各打一次分
CLOSE = 1.1  # 链走多长算走够了：FD 不超过走 1,000 步的 1.1 倍
UNITS, RATE = 300, 0.05  # 隐单元的个数，学习率
TIMED = 0.5  # 至少量这么多 CPU 秒
SHOWN = 8


def per_second(make: Callable[[], object], count: int) -> float:
    """一个 CPU 秒取几个：make() 一次取 count 个，头一次不算。"""
    make()
    rounds, started = 0, time.process_time()
    while time.process_time() - started < TIMED:
        make()
        rounds += 1
    return rounds * count / (time.process_time() - started)


def as_images(p: np.ndarray) -> np.ndarray:
    """像素亮的概率 (N, 784) → [−1, 1] 的图 (N, 1, 28, 28)。"""
    return (2 * p - 1).reshape(-1, 1, 28, 28).astype(np.float32)


def measure_gan(arm: str, seed: int, settings: dict) -> Measurement:
    """全连接的 GAN（gan_digits 的设定，短的）；untrained 一步也不训练。"""
    count = settings["samples"]
    setup = build(digits(settings["gan_steps"]), seed)
    scorer = FrechetLeNet(setup.data, Digits(split="test"), count, seed)
    started = time.process_time()
    if arm == "gan":
        train(setup, settings["gan_steps"])
    seconds = time.process_time() - started
    fake = samples_of(setup, count)
    method = setup.method
    rate = per_second(lambda: method.generate(method.noise(count)).numpy(), count)
    found = {"fd": scorer.of_images(fake)["fd_lenet"], "rate": rate, "rate_enough": rate}
    images = {"images": [as_text(image) for image in fake[:SHOWN]]} if seed == 0 else {}
    return Measurement(found | {"cpu": seconds}, images)


def chain_scores(rbm: RBM, settings: dict, scorer: FrechetLeNet, rng) -> tuple[dict, dict]:
    """从噪声出发走到最长，路过 LENGTHS 各打一次分；返回 {长度: FD} 与 {长度: 几张图}。"""
    v = noise(settings["samples"], len(rbm.b), rng)
    scores, images = {}, {}
    for step in range(1, settings["longest"] + 1):
        v, p = rbm.walk(v, rng)
        if step in LENGTHS:
            scores[step] = scorer.of_images(as_images(p))["fd_lenet"]
            images[step] = [as_text(image) for image in as_images(p[:SHOWN])]
    return scores, images


def enough(scores: dict[int, float]) -> int:
    """链走多长就够了：FD 不超过最长的那一次的 1.1 倍的最短的长度。"""
    return min(k for k, fd in scores.items() if fd <= CLOSE * scores[max(scores)])


def measure_rbm(seed: int, settings: dict) -> Measurement:
    """训练一个 RBM，从噪声出发走链；取一个样本的时间就是走完链的时间。"""
    data, rng = Digits(), np.random.default_rng(seed)
    count, x = settings["samples"], data.images.reshape(len(data.images), -1) / np.float32(255)
    scorer = FrechetLeNet(data, Digits(split="test"), count, seed)
    started = time.process_time()
    rbm = fit(x, UNITS, settings["rbm_steps"], RATE, rng)
    seconds = time.process_time() - started
    scores, images = chain_scores(rbm, settings, scorer, rng)
    v = noise(count, len(rbm.b), rng)
    one_step, longest = per_second(lambda: rbm.walk(v, rng), count), max(scores)
    statistics = {
        "fd": scores[longest],
        "rate": one_step / longest,
        "rate_enough": one_step / enough(scores),
        "cpu": seconds,
        "enough": enough(scores),
        "fd_10": scores[10],
        "gain": scores[10] / scores[longest],
    }
    shown = {f"images_{k}": images[k] for k in (10, longest)} if seed == 0 else {}
    return Measurement(statistics, {"k": list(scores), "fd": list(scores.values())} | shown)


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """一组一个种子。"""
    if arm == "rbm":
        return measure_rbm(seed, settings)
    return measure_gan(arm, seed, settings)


def floor() -> dict[str, dict[str, float]]:
    """参照：一样多张真的训练图；训练图每个像素按它的灰度抽成 0、1（RBM 学的就是它）。"""
    data = Digits()
    count = A12.settings["full"]["samples"]
    scorer = FrechetLeNet(data, Digits(split="test"), count, 0)
    [(name, real)] = list(scorer.baselines().items())[1:]
    rng = np.random.default_rng(0)
    x = scorer.train[rng.permutation(len(scorer.train))[:count]]
    tossed = np.where(rng.random(x.shape) < (x + 1) / 2, 1, -1).astype(np.float32)
    binary = scorer.of_images(tossed)["fd_lenet"]
    return {name: {"fd": real["fd_lenet"]}, "真图抽成 0、1": {"fd": binary}}


def draw(records: dict[str, list[dict]]):
    """左边各画成什么样；右边横轴是一个 CPU 秒取几个，纵轴是 FD：RBM 是一条线，链越长越慢。"""
    chain = records["rbm"][0]["curves"]
    longest = max(chain["k"])
    shown = {A12.arms[arm]: records[arm][0]["curves"]["images"] for arm in ("gan", "untrained")}
    shown |= {f"RBM，链走 {k:,} 步": chain[f"images_{k}"] for k in (10, longest)}
    figure, axes = new_figure(SHOWN + 6, len(shown), size=(0.85, 1.1))
    say_first_seed(figure)
    for line, (name, images) in zip(axes, shown.items()):
        draw_images(line, images, name)
        for axis in line[SHOWN:]:
            axis.remove()
    right = figure.add_subplot(axes[0, SHOWN].get_gridspec()[:, SHOWN + 1 :])
    for color, arm in ((BLUE, "gan"), (GRAY, "untrained")):
        rate, fd = ([row["statistics"][key] for row in records[arm]] for key in ("rate", "fd"))
        right.plot(rate, fd, "o", color=color, alpha=0.7, label=A12.arms[arm])
    for row in records["rbm"]:
        k, fd = (np.array(row["curves"][key]) for key in ("k", "fd"))
        first, rates = row is records["rbm"][0], row["statistics"]["rate"] * longest / k
        right.plot(rates, fd, ".-", color=RED, alpha=0.6, label=A12.arms["rbm"] if first else None)
        for length, *at in zip(k, rates, fd) if first else ():
            more = {"xytext": (3, 4), "textcoords": "offset points", "fontsize": 8}
            right.annotate(f"{length:,} 步", at, **more)
    right.set(xscale="log", yscale="log", xlabel="一个 CPU 秒取几个（对数）")
    right.set_ylabel("FD-LeNet（越小越好，对数）")
    right.legend(fontsize=9)
    return figure


A12 = Experiment(
    row="A12",
    title="不走马尔可夫链，一次前向就是样本",
    quote="不需要马尔可夫链，反馈有反向梯度的形式",
    source="002 原始GAN优缺点",
    anchor="[§3.1]",
    arms={
        "gan": "GAN，一次前向",
        "untrained": "没有训练的 G，一次前向",
        "rbm": "RBM，走马尔可夫链",
    },
    statistics={
        "rate": "一个 CPU 秒取的个数（RBM 走 1,000 步）",
        "rate_enough": "一个 CPU 秒取的个数（RBM 走够就停）",
        "fd": "FD-LeNet",
        "cpu": "训练用的 CPU 秒数",
        "enough": "链走多少步就够了",
        "fd_10": "链只走 10 步的 FD-LeNet",
        "gain": "走 10 步的 FD-LeNet 与走 1,000 步的之比",
    },
    rules=(
        Rule("gan", "rate", "≥", 100, "总是", versus="rbm", compare="ratio"),
        Rule("gan", "rate_enough", "≥", 10, "总是", versus="rbm", compare="ratio"),
        premise("rbm", "gain", "≥", 1.2, form="总是", remark="链真的要走"),
        premise("gan", "fd", "≤", 100, form="总是", remark="画的是数字；只会写“1”的是 186"),
        premise("rbm", "fd", "≤", 100, form="总是", remark="同上"),
        control("gan", "fd", "≤", 1.0, form="更", versus="rbm", compare="ratio"),
        control("untrained", "rate", "≥", 0.5, form="总是", versus="gan", compare="ratio"),
        control("untrained", "fd", "≥", 200, form="总是", remark="一样快，画的是噪声"),
    ),
    measure=measure,
    draw=draw,
    settings={
        "quick": {"samples": 200, "gan_steps": 20, "rbm_steps": 100, "longest": 100},
        "full": {"samples": 1000, "gan_steps": 4000, "rbm_steps": 5000, "longest": 1000},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 6, "full": 40},
    references=floor,
    sentence="一个 CPU 秒里，GAN 一次前向取得 {v[gan][rate]} 个样本"
    "（FD-LeNet {v[gan][fd]}，越小越好）；"
    "RBM 的链走 1,000 步，取得 {v[rbm][rate]} 个（{v[rbm][fd]}），"
    "走到够了的 {v[rbm][enough]} 步就停，{v[rbm][rate_enough]} 个；"
    "没有训练的 G 也取得 {v[untrained][rate]} 个，FD 却是 {v[untrained][fd]}：快不等于好",
    note="RBM（784 个可见单元，300 个隐单元）用持续的对比散度训练 5,000 步，批 100，NumPy；"
    "GAN 是 gan_digits 的设定走 4,000 步；两边训练用的 CPU 秒数都写在表里。"
    "取样都是一次 1,000 个，一个线程，只算 CPU 秒；链从抛硬币的噪声出发，交的是最后一步的概率图。"
    "“够了”是 FD 不超过走 1,000 步的 1.1 倍的最短的长度（1、3、10、30、100、300、1,000 里挑），"
    "每个样本都从头走：相邻的样本不独立，不能算两个。"
    "判据先于种子 0 到 4 写好；设定在种子 20 上试过：RBM 的 FD 50 上下，走 100 步差不多够，"
    "GAN 走 3,000 步是 72；没有量过谁快。"
    "比的只是“要不要走链”：一次前向说的是快，好不好要另外量；"
    "VAE 的解码器也是一次前向，扩散模型要走几十到上千步，这里都没有比。",
)
