"""A8：pix2pix 的几个损失各留几个，判别器一块看多大；步数、种子与批都一样。

两道题：由边缘画出数字，边缘几乎定死了数字；由黑体写出楷体，黑体定不下每一笔的位置。
"""

from collections.abc import Callable
from functools import cache
from statistics import median
from typing import NamedTuple

import numpy as np

from paddle_gan.data import EdgeDigits, Glyphs, Pair
from paddle_gan.data.digits import load_digits
from paddle_gan.data.images import SIGNED
from paddle_gan.evaluation.scorers_samples import flat, lenet_input, translations
from paddle_gan.figures import new_figure
from paddle_gan.lab.cycle_parts import packed, unpacked
from paddle_gan.lab.experiment import Experiment, Measurement, Published
from paddle_gan.lab.rule import Rule, control, premise
from paddle_gan.lab.training import build, say_first_seed, train
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.translation import correlation, edge_energy, l1_ink, retrieval_at_1

COLUMNS = 10  # 图里一行几张
PIXEL, BLOCK, WHOLE = 0, 1, 3  # patchgan 的层数：一块是 1、16、70 像素，70 盖住整张图
LOSSES = {
    "l1": {"adversarial": 0.0},
    "gan": {"l1": 0.0, "conditional": False},
    "cgan": {"l1": 0.0},
    "l1_gan": {"conditional": False},
    "l1_cgan": {},
}
# 组 →（哪道题，与 pix2pix 不同的损失，判别器的层数）
PARTS: dict[str, tuple[str, dict, int]] = {
    **{arm: ("digits", changed, BLOCK) for arm, changed in LOSSES.items()},
    "pixel": ("digits", {}, PIXEL),
    "whole": ("digits", {}, WHOLE),
    **{f"glyphs_{arm}": ("glyphs", LOSSES[arm], BLOCK) for arm in ("l1", "l1_cgan")},
}


class Task(NamedTuple):
    """一道题的测试集：x 与真值 y (N, 1, 32, 32)；read(译文) 是认得出的比例；图里画哪几张。"""

    x: np.ndarray
    y: np.ndarray
    read: Callable[[np.ndarray], float]
    shown: np.ndarray


def pairs_of(data: EdgeDigits | Glyphs) -> Pair:
    """一份数据的全部。"""
    return data.batch(Pair, (np.arange(*data.lengths(Pair)),), np.random.default_rng(0))


def evenly_shown(count: int) -> np.ndarray:
    """count 张里均匀取 COLUMNS 张来画，不挑；按类别排好的，就是每类正中的一张。"""
    step = count // COLUMNS
    return np.arange(step // 2, count, step)


@cache
def task(name: str) -> Task:
    """数字认不认得出，问 LeNet 是不是那个数；汉字认不认得出，在全部真值里找它自己。"""
    if name == "digits":
        pair, labels = pairs_of(EdgeDigits(split="test")), load_digits("test", 32)[1]
        read = lambda made: float((lenet_says(made) == labels).mean())  # noqa: E731
    else:
        pair = pairs_of(Glyphs(split="test"))
        read = lambda made: retrieval_at_1(made, pair.y)  # noqa: E731
    return Task(*pair, read, evenly_shown(len(pair.x)))


def lenet_says(images: np.ndarray) -> np.ndarray:
    """LeNet 说每张是几。"""
    return digit_features(lenet_input(images, SIGNED))[1].argmax(axis=1)


def pix2pix(name: str, steps: int, hparams: dict, layers: int) -> dict:
    """与 configs/pix2pix_edges.yml、pix2pix_glyphs.yml 相同，除了步数、改的那一处与汉字的网络。"""
    width, depth = {"digits": (16, 4), "glyphs": (24, 5)}[name]  # 随包的汉字要小一些才装得下
    glyphs = {"name": "glyphs", "x_font": "hei", "y_font": "wenkai"}
    return {
        "method": "pix2pix",
        "hparams": {"lr_D": 4e-4, "lr_G": 4e-4} | hparams,
        "network": {
            "generator": {"name": "unet", "width": width, "depth": depth},
            "discriminator": {"name": "patchgan", "width": width, "layers": layers},
        },
        "data": {"name": "edge_digits"} if name == "digits" else glyphs,
        "batch_size": 8,
        "total_steps": steps,
    }


def scores(name: str, made: np.ndarray) -> dict[str, float]:
    """全部译文的几个数；边缘能量与方差都除以真值的。"""
    truth = task(name).y
    return {
        "edge": edge_energy(made) / edge_energy(truth),
        "read": task(name).read(made),
        "correlation": correlation(made, truth),
        "l1": l1_ink(made, truth),
        # 同一个像素，在各张译文里变多少
        "variance": float(made.var(axis=0).mean() / truth.var(axis=0).mean()),
    }


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍，译全部测试图；种子 0 的译文留几张。"""
    name, hparams, layers = PARTS[arm]
    setup = build(pix2pix(name, settings["steps"], hparams, layers), seed)
    train(setup, settings["steps"])
    made = translations(setup.method, task(name).x)
    images = {"images": packed(made[task(name).shown])} if seed == 0 else {}
    return Measurement(scores(name, made), images)


def nearest(x: np.ndarray, known: Pair) -> np.ndarray:
    """不训练的翻译：在训练集里找最像的 x，照抄它的 y。"""
    a, b = flat(x), flat(known.x)
    # ‖a − b‖² = ‖a‖² − 2ab + ‖b‖²，找最近的 b 用不着 ‖a‖²
    return known.y[((b**2).sum(axis=1) - 2 * a @ b.T).argmin(axis=1)]


def rows_beside() -> dict[str, dict[str, float]]:
    """不用训练的几行，与真值。"""
    rows = {}
    for name, data, noun in (("digits", EdgeDigits(), "边缘"), ("glyphs", Glyphs(), "黑体")):
        known, tested = pairs_of(data), task(name)
        mean = np.repeat(known.y.mean(axis=0, keepdims=True), len(tested.x), axis=0)
        made = {f"照抄{noun}": tested.x, "一律画平均的图": mean}
        made |= {f"照抄最像的训练{noun}的答案": nearest(tested.x, known), "真值": tested.y}
        what = {"digits": "数字", "glyphs": "汉字"}[name]
        rows |= {f"{what}：{title}": scores(name, images) for title, images in made.items()}
    return rows


def draw(records: dict[str, list[dict]]):
    """每组一行，种子 0 的译文；右边是全部种子居中的数。上面是汉字，下面是数字。"""
    lines = []
    for name, source in (("glyphs", "汉字：黑体"), ("digits", "数字：边缘")):
        x, truth, _, shown = task(name)
        lines.append((source, x[shown, 0], ""))
        for arm, runs in records.items():
            if PARTS[arm][0] == name:
                images = [unpacked(text) for text in runs[0]["curves"]["images"]]
                lines.append((A8.arms[arm].removeprefix("汉字："), images, beside(runs)))
        lines.append(("真值", truth[shown, 0], ""))
    return draw_lines(lines, height=0.68)


def draw_lines(lines: list[tuple], height: float):
    """一行一组 COLUMNS 张图：左边是名字，右边是数；lines 是（名字, 图, 数）。"""
    figure, axes = new_figure(COLUMNS, len(lines), size=(0.85, height))
    say_first_seed(figure)
    for line, (label, images, text) in zip(axes, lines):
        for axis, image in zip(line, images):
            axis.imshow(image, cmap="gray", vmin=-1, vmax=1)
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
            axis.spines[:].set_visible(False)
        line[0].set_ylabel(label, rotation=0, ha="right", va="center")
        line[-1].text(1.15, 0.5, text, transform=line[-1].transAxes, va="center", fontsize=10)
    return figure


def beside(runs: list[dict]) -> str:
    """一组居中的边缘能量与同真值的相关。"""
    middle = (median(run["statistics"][key] for run in runs) for key in ("edge", "correlation"))
    return "边缘能量 {:.2f} 倍\n与真值的相关 {:.2f}".format(*middle)


A8 = Experiment(
    row="A8",
    title="L1 糊在输入定不下来的地方，加上 GAN 就清楚；别的次序也照 pix2pix",
    quote="GAN + Supervised Learning",
    source="001 Conditional GAN",
    anchor="[§11.5]",
    arms={
        "l1": "L1",
        "gan": "GAN",
        "cgan": "cGAN",
        "l1_gan": "L1 + GAN",
        "l1_cgan": "L1 + cGAN",
        "pixel": "L1 + cGAN（一块 1 像素）",
        "whole": "L1 + cGAN（看整张）",
        "glyphs_l1": "汉字：L1",
        "glyphs_l1_cgan": "汉字：L1 + cGAN",
    },
    statistics={
        "edge": "边缘能量（真值是 1）",
        "read": "认得出的比例",
        "correlation": "与真值的相关",
        "l1": "与真值的 L1",
        "variance": "像素随输入变的方差（真值是 1）",
    },
    rules=(
        Rule("glyphs_l1", "edge", "≤", 0.85, "总是"),
        Rule("glyphs_l1_cgan", "edge", "≥", 0.2, versus="glyphs_l1"),
        Rule("l1", "edge", "≥", 0.85, "总是", remark="边缘差不多定死了数字，没有什么可平均的"),
        Rule("gan", "variance", "≤", 0.1, remark="论文里 G 画的差不多都一样"),
        Rule("cgan", "correlation", "≥", 0.03, versus="gan"),
        Rule("l1_cgan", "correlation", "≥", 0.0, versus="l1_gan", remark="论文的次序"),
        Rule("pixel", "edge", "≤", -0.02, versus="l1_cgan", remark="只看一个像素，看不出糊"),
        Rule("whole", "read", "≤", -0.02, versus="l1_cgan", remark="论文里看整张的更差"),
        premise("l1_cgan", "read", "≥", 0.781, remark="照抄最像的训练边缘的答案"),
        control("glyphs_l1", "correlation", "≥", 0.0, versus="glyphs_l1_cgan"),
    ),
    measure=measure,
    draw=draw,
    settings={"quick": {"steps": 100}, "full": {"steps": 1000}},
    seeds={"quick": 1, "full": 5},
    budget={"quick": 40, "full": 320},
    references=rows_beside,
    sentence="边缘能量是真值的几成：由黑体写楷体，只用 L1 {v[glyphs_l1][edge]}（糊：{rule[1]}），"
    "加上 cGAN {v[glyphs_l1_cgan][edge]}（更清楚：{rule[2]}）；由边缘画数字，"
    "只用 L1 {v[l1][edge]}（不糊：{rule[3]}）。论文的次序，画数字时：只用 GAN，"
    "画的差不多都一样：{rule[4]}；不用 L1 时，D 看输入的更准（与真值的相关 "
    "{v[cgan][correlation]} 对 {v[gan][correlation]}）：{rule[5]}；"
    "L1 + cGAN 比 L1 + GAN 更准：{rule[6]}；一块 1 像素，边缘弱些"
    "（{v[pixel][edge]} 对 {v[l1_cgan][edge]}）：{rule[7]}；"
    "看整张，认得出的更少（{v[whole][read]:.1%} 对 {v[l1_cgan][read]:.1%}）：{rule[8]}。"
    "照抄最像的训练边缘的答案认得出 78%",
    published=(
        Published(
            "Cityscapes，标签 → 照片（逐像素正确率 / 逐类正确率 / 类别 IoU）",
            "L1 .42 / .15 / .11，只有 GAN .22 / .05 / .01，只有 cGAN .57 / .22 / .16，"
            "L1 + GAN .64 / .20 / .15，L1 + cGAN .66 / .23 / .17；真照片 .80 / .26 / .21",
            "街景照片，256 × 256，认得出几由 FCN-8s 量，不报种子；这里是 32 × 32 的数字与汉字",
            "pix2pix 表 1",
        ),
        Published(
            "同上，D 一块看多大",
            "1 × 1 .39 / .15 / .10，16 × 16 .65 / .21 / .17，70 × 70 .66 / .23 / .17，"
            "286 × 286 .42 / .16 / .11",
            "同上；这里的图只有 32 像素，最大的一块就是整张图",
            "pix2pix 表 3",
        ),
    ),
    note="题目改于看过数据之后：原来没有写“别的次序也照 pix2pix”，八条判据没有动。"
    "设定照 configs/pix2pix_edges.yml、pix2pix_glyphs.yml，汉字的网络宽一半、深一层；"
    "只走 1,000 步，比的是同样步数。cGAN 的 D 看输入与输出接在一起的，GAN 的 D 只看输出；"
    "一块是 16 像素，另两组是 1 像素与整张图（32 像素）。认得出：数字问 LeNet 是不是那个数，"
    "汉字在 500 个真值里找它自己。判据写在种子 0 到 4 之前，看过种子 20 的试跑："
    "数字的几组里 L1 几乎不糊，所以加了汉字两组，写成“糊在输入定不下来的地方”；"
    "GAN 一组的方差也没有变小（0.93），那一条照论文写，没有改。"
    "一块多大的两条也照论文写，没有试跑过。",
)
