"""A5：在随包生成器的 z 里找“更粗”“更斜”的方向；走一步动了多少，别的跟着动了多少。不训练。"""

from collections.abc import Callable
from functools import cache
from statistics import fmean, median

import cv2
import numpy as np

from paddle_gan.data import Digits
from paddle_gan.evaluation.sampling import decode, random_latents
from paddle_gan.evaluation.scorers_samples import real_images
from paddle_gan.figures import BLUE, GREEN, ORANGE, RED, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement
from paddle_gan.lab.rule import Rule, control
from paddle_gan.methods.base import Method
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.strokes import slant, thickness
from paddle_gan.run.gallery import PREFIX, located
from paddle_gan.run.run import Run

ATTRIBUTES = {"thick": thickness, "slant": slant}
OTHER = {"thick": "slant", "slant": "thick"}
FITTED, WALKED = 2000, 300  # 找方向用的 z，另外拿来走的 z
EXEMPLARS = 3  # 三个样本的平均（DCGAN §6.3.2）
LENGTH = 3.0  # 走多远：z 的每一维标准差是 1，64 维的 z 长约 8
RANDOM = 10  # 随便的方向取几个，量绝对值的平均
WAYS = ("random", "one", "three", "probe", "apart")
# 组 →（随包的训练，怎样找方向）
ARMS = {way: ("digits_best", way) for way in WAYS} | {
    f"gp_{way}": ("wgan_gp_digits", way) for way in ("random", "probe")
}


@cache
def generator(name: str) -> Method:
    """随包的生成器。"""
    return Run(located(PREFIX + name)).load()[1]


def unit(vector: np.ndarray) -> np.ndarray:
    """长度 1 的同一个方向。"""
    return vector / np.linalg.norm(vector)


def probe(z: np.ndarray, values: np.ndarray) -> np.ndarray:
    """线性探针的方向：最小二乘，a ≈ w·z + b，取 w。"""
    w, *_ = np.linalg.lstsq(z - z.mean(axis=0), values - values.mean(), rcond=None)
    return unit(w)


def exemplars(z: np.ndarray, values: np.ndarray, count: int, rng) -> np.ndarray:
    """样本之差：特征最大的一成里随便取 count 个，最小的一成里也取，各自的平均相减。"""
    order, tenth = np.argsort(values), len(values) // 10
    low, high = (rng.choice(part, count, False) for part in (order[:tenth], order[-tenth:]))
    return unit(z[high].mean(axis=0) - z[low].mean(axis=0))


def without(direction: np.ndarray, other: np.ndarray) -> np.ndarray:
    """去掉 direction 里沿 other 的一份：走它的时候，other 的探针读数不变。"""
    return unit(direction - direction @ other * other)


def found(way: str, z: np.ndarray, values: dict[str, np.ndarray], rng) -> dict[str, list]:
    """每个特征的方向，一个或几个。"""
    if way == "random":
        return {key: [unit(rng.normal(size=z.shape[1])) for _ in range(RANDOM)] for key in values}
    if way in ("one", "three"):
        count = {"one": 1, "three": EXEMPLARS}[way]
        return {
            key: [exemplars(z, column, count, rng) for _ in range(RANDOM)]
            for key, column in values.items()
        }
    directions = {key: probe(z, column) for key, column in values.items()}
    if way == "apart":
        directions = {key: without(d, directions[OTHER[key]]) for key, d in directions.items()}
    return {key: [d] for key, d in directions.items()}


def attributes(images: np.ndarray) -> dict[str, np.ndarray]:
    """每张图的两个特征。"""
    return {key: of(images) for key, of in ATTRIBUTES.items()}


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """找方向，再拿没有用过的 z 往两头各走 LENGTH；特征的变化以它自己的标准差为单位。"""
    name, way = ARMS[arm]
    method, rng = generator(name), np.random.default_rng(seed)
    z = random_latents(method, settings["fitted"] + WALKED, seed)
    z, start = z[:-WALKED], z[-WALKED:]
    values = attributes(decode(method, z))
    scale = {key: float(column.std()) for key, column in values.items()}
    before, statistics = classes(decode(method, start)), {}
    for key, directions in found(way, z, values, rng).items():
        walks = [
            moved([decode(method, start + end * one) for end in (-LENGTH, LENGTH)], before, scale)
            for one in directions
        ]
        gain = [walk[key] for walk in walks]
        # 随便的方向有正有负；另一个特征往哪边动都是动
        statistics[f"gain_{key}"] = fmean(map(abs, gain) if way == "random" else gain)
        statistics[f"leak_{key}"] = fmean(abs(walk[OTHER[key]]) for walk in walks)
        statistics[f"class_{key}"] = fmean(walk["class"] for walk in walks)
    return Measurement(statistics)


def classes(images: np.ndarray) -> np.ndarray:
    """LeNet 说每张是几。"""
    return digit_features(images)[1].argmax(axis=1)


def moved(ends: list[np.ndarray], before: np.ndarray, scale: dict) -> dict[str, float]:
    """两头之间每个特征平均动了几个标准差；类别与出发时不同的比例，两头平均。"""
    low, high = map(attributes, ends)
    gains = {key: float((high[key] - low[key]).mean() / scale[key]) for key in ATTRIBUTES}
    return gains | {"class": fmean(float((classes(end) != before).mean()) for end in ends)}


def rows_beside() -> dict[str, dict[str, float]]:
    """不用生成器：真的测试数字，直接在像素里加粗一圈与减细一圈，往右与往左斜切 0.3。"""
    images = real_images(Digits(split="test"))
    values, before = attributes(images), classes(images)
    scale = {key: float(column.std()) for key, column in values.items()}
    kernel = np.ones((2, 2), np.uint8)
    by_hand = {
        "thick": [each(images, change, kernel) for change in (cv2.erode, cv2.dilate)],
        "slant": [each(images, cv2.warpAffine, shear(way), (28, 28)) for way in (-0.3, 0.3)],
    }
    row = {}
    for key, ends in by_hand.items():
        walk = moved(ends, before, scale)
        row |= {f"gain_{key}": walk[key], f"leak_{key}": abs(walk[OTHER[key]])}
        row[f"class_{key}"] = walk["class"]
    return {"不用 z，在像素里加粗、斜切": row}


def shear(slope: float) -> np.ndarray:
    """往右斜切的 2 × 3 矩阵，中间一行不动；行号往下数，所以是负的。"""
    return np.float32([[1, -slope, 13.5 * slope], [0, 1, 0]])


def each(images: np.ndarray, change: Callable, *options) -> np.ndarray:
    """逐张改；移进来的边是黑的。"""
    return np.stack([change((image[0] + 1) / 2, *options)[None] * 2 - 1 for image in images])


def draw(records: dict[str, list[dict]]):
    """左两格：沿着方向走，自己动了多少（蓝），另一个特征跟着动了多少（红）；右：几成换了数字。"""
    figure, axes = new_figure(3, 1, size=(3.9, 3.6))
    place = np.arange(len(records))
    bars = {"自己": ("gain", BLUE), "另一个跟着动": ("leak", RED)}
    panels = {"thick": ("往“更粗”走", bars), "slant": ("往“更斜”走", bars)}
    for axis, (key, (title, shown)) in zip(axes[0], panels.items()):
        for shift, (label, (kind, color)) in zip((-0.2, 0.2), shown.items()):
            heights = middles(records, f"{kind}_{key}")
            axis.bar(place + shift, heights, 0.4, color=color, label=label)
        axis.set(title=title, ylabel="动了几个标准差")
        axis.legend()
    for shift, key, label, color in (
        (-0.2, "thick", "更粗", GREEN),
        (0.2, "slant", "更斜", ORANGE),
    ):
        heights = middles(records, f"class_{key}")
        axes[0, 2].bar(place + shift, heights, 0.4, color=color, label=f"往“{label}”走")
    axes[0, 2].set(title="换成了别的数字", ylabel="比例", ylim=(0, 1))
    axes[0, 2].legend()
    for axis in axes[0]:
        axis.set_xticks(place, [A5.arms[arm] for arm in records], rotation=60, ha="right")
    return figure


def middles(records: dict[str, list[dict]], key: str) -> list[float]:
    """每组一个量居中的数。"""
    return [median(row["statistics"][key] for row in rows) for rows in records.values()]


def both(
    arm: str, kind: str, relation: str, bound: float, versus: str, form=""
) -> tuple[Rule, ...]:
    """两个特征各一条比值的判据。"""
    return tuple(
        Rule(arm, f"{kind}_{key}", relation, bound, form, versus=versus, compare="ratio")
        for key in ATTRIBUTES
    )


A5 = Experiment(
    row="A5",
    title="z 里有“更粗”“更斜”的方向；正交以后另一个特征不跟着动，数字还是会换",
    quote="We show that the generators have interesting vector arithmetic properties allowing for "
    "easy manipulation of many semantic qualities of generated samples.",
    source="002 DCGAN",
    anchor="[§11.6]",
    arms={
        "random": "随便的方向",
        "one": "一个样本减一个样本",
        "three": "三个的平均相减",
        "probe": "线性探针",
        "apart": "探针再正交",
        "gp_random": "随便的方向（WGAN-GP）",
        "gp_probe": "线性探针（WGAN-GP）",
    },
    statistics={
        "gain_thick": "沿“更粗”走，粗细的变化",
        "leak_thick": "沿“更粗”走，斜度的变化",
        "class_thick": "沿“更粗”走，换了数字的比例",
        "gain_slant": "沿“更斜”走，斜度的变化",
        "leak_slant": "沿“更斜”走，粗细的变化",
        "class_slant": "沿“更斜”走，换了数字的比例",
    },
    rules=(
        *both("three", "gain", "≥", 1.3, "one"),
        *both("probe", "gain", "≥", 4.0, "random", "总是"),
        *both("gp_probe", "gain", "≥", 4.0, "gp_random", "总是"),
        *both("apart", "leak", "≤", 0.5, "probe"),
        *both("apart", "gain", "≥", 0.9, "probe", "总是"),
        *(control("apart", f"class_{key}", "≥", 0.0, versus="random") for key in ATTRIBUTES),
    ),
    measure=measure,
    draw=draw,
    settings={"quick": {"fitted": 500}, "full": {"fitted": 2000}},
    seeds={"quick": 1, "full": 5},
    budget={"quick": 20, "full": 35},
    references=rows_beside,
    sentence="沿线性探针的方向往两头各走 3，粗细一共动了 {v[probe][gain_thick]} 个标准差，"
    "斜度动了 {v[probe][gain_slant]} 个；随便的方向是 {v[random][gain_thick]}、"
    "{v[random][gain_slant]}。另一个特征跟着动了 {v[probe][leak_thick]}、"
    "{v[probe][leak_slant]} 个，正交以后是 {v[apart][leak_thick]}、{v[apart][leak_slant]}；"
    "可是走到头，{v[apart][class_thick]:.0%}、{v[apart][class_slant]:.0%} 换成了别的数字"
    "（随便的方向也有 {v[random][class_thick]:.0%}、{v[random][class_slant]:.0%}）",
    note="不训练：生成器是随包的 digits_best 与 wgan_gp_digits，种子只决定抽哪些 z。"
    "拿 2,000 个 z 找方向，另外 300 个往两头各走 3（z 的每一维标准差是 1），"
    "变化以生成样本的标准差为单位。粗细 = 2 × 面积 / 周长，斜度是墨量的协方差，"
    "都由像素算，不用分类器；数字换没换问 LeNet。样本相减：特征最大与最小的一成里各取，"
    "换十次取平均；随便的方向也是十个，取绝对值的平均。正交：从一个方向里去掉沿另一个方向的一份。"
    "判据的界看过种子 20、21 的试跑，先于种子 0 到 4。",
)
