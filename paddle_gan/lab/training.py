"""训练类实验共用：搭出方法与批，训练若干步，取样，画样本；走的都是 engine 的公开接口。"""

from collections.abc import Callable
from statistics import fmean
from typing import NamedTuple

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Batches
from paddle_gan.engine.loop import fit
from paddle_gan.engine.schedule import rate_setter
from paddle_gan.evaluation.sampling import random_samples
from paddle_gan.figures import BLUE, GRAY, RED
from paddle_gan.methods.base import Method
from paddle_gan.metrics.modes import RADIUS, box_around, mode_report, scatter_share
from paddle_gan.run.build import build_data, build_method, shapes_of, training_batches
from paddle_gan.run.config import Config, resolve

EVALUATED = 2500  # 数模式用的样本数，与 PacGAN、VEEGAN 相同
SAMPLES = 5000  # 取样用的种子的起点，与训练用的种子错开
DRAWS = 20  # 参照的两行是这么多次抽样的平均


class Setup(NamedTuple):
    """搭好的一切。"""

    config: Config
    method: Method
    batches: Batches
    data: Dataset


def build(raw: dict, seed: int, data: Dataset | None = None) -> Setup:
    """原始配置（与 configs/*.yml 同样的键）搭成方法与批；给了 data 就用它，不用配置里的数据。"""
    config = resolve(raw | {"seed": seed})
    data = data or build_data(config, "train")
    method = build_method(config, shapes_of(data))
    return Setup(config, method, training_batches(config, data), data)


def train(setup: Setup, until: int, start: int = 0, hooks: list[Callable] = ()) -> None:
    """从第 start + 1 步训练到第 until 步。"""
    fit(
        setup.method,
        setup.batches,
        list(hooks),
        seed=setup.config.seed,
        start=start,
        total_steps=until,
        set_rates=rate_setter(setup.config, setup.method),
    )


def mlp(width: int = 128, depth: int = 2, **options) -> dict:
    """mlp 网络的一节配置。"""
    return {"name": "mlp", "width": width, "depth": depth, **options}


def ring(method: str, steps: int, hparams: dict) -> dict:
    """八个高斯（F8：半径 2，σ = 0.05），两个 2 × 128 的网络，批大小 256。"""
    return {
        "method": method,
        "hparams": hparams,
        "network": {"generator": mlp(), "discriminator": mlp(activation="leaky_relu")},
        "data": {"name": "ring"},
        "batch_size": 256,
        "total_steps": steps,
    }


def digits(steps: int) -> dict:
    """手写数字上的全连接 GAN，与 configs/gan_digits.yml 相同（步数除外）。"""
    return {
        "method": "gan",
        "hparams": {"z_dim": 100},
        "network": {
            "generator": mlp(256, output="tanh"),
            "discriminator": mlp(256, activation="leaky_relu"),
        },
        "data": {"name": "digits"},
        "batch_size": 64,
        "total_steps": steps,
    }


def samples_of(setup: Setup, n: int = EVALUATED) -> np.ndarray:
    """n 个生成样本；只由种子与权重决定，不扰动训练。"""
    return random_samples(setup.method, n, SAMPLES + setup.config.seed)


MODE_NAMES = {
    "covered": "覆盖的模式数",
    "covered_1pct": "覆盖的模式数（占 1% 以上）",
    "high_quality": "高质量样本的比例",
    "reverse_kl": "模式直方图的反向 KL",
}


def modes_of(samples: np.ndarray, data: Dataset) -> dict[str, float]:
    """模式的四个量，去掉前缀：covered、covered_1pct、high_quality、reverse_kl。"""
    report = mode_report(samples, data.modes, data.std)
    return {name: report[f"modes/{name}"] for name in MODE_NAMES}


def scattered_quality(data: Dataset) -> float:
    """什么也不学，在方块里均匀撒点，高质量样本的比例。"""
    return scatter_share(data.modes, data.std, *box_around(data.modes, data.std))


def rows_beside(data: Dataset, where: str = "") -> dict[str, dict[str, float]]:
    """参照的两行：真实数据与均匀撒点；高质量的比例由公式算得，其余是 DRAWS 次抽样的平均。"""
    rngs = [np.random.default_rng(seed) for seed in range(DRAWS)]
    box = box_around(data.modes, data.std)
    real = [modes_of(data.sample(EVALUATED, rng), data) for rng in rngs]
    spread = [modes_of(rng.uniform(*box, (EVALUATED, 2)), data) for rng in rngs]
    within = 1 - np.exp(-(RADIUS**2) / 2)  # P(‖N(0, σ²I₂)‖ < 3σ)
    return {
        f"真实数据{where}": average(real) | {"high_quality": float(within)},
        f"均匀撒点{where}": average(spread) | {"high_quality": scattered_quality(data)},
    }


def average(rows: list[dict[str, float]]) -> dict[str, float]:
    """几行同样的量，各取平均。"""
    return {name: fmean(row[name] for row in rows) for name in rows[0]}


def short(values) -> list[float]:
    """画图用的一串数，留四位有效数字；进表的数不经过这里。"""
    return [float(f"{value:.4g}") for value in np.asarray(values, float).ravel()]


def say_first_seed(figure) -> None:
    """图像只存了种子 0 的：在最上面说一声，旁边的数却是全部种子的。"""
    figure.suptitle("图像是种子 0 的，数是全部种子的", fontsize=10, color=GRAY)


def draw_group(axis, title: str, rows: list[dict], modes: np.ndarray) -> None:
    """一组第一个种子的散点；题目的末一行是画着的这一个种子的数，它不一定像居中的种子。

    模式与高质量写在一起：只看模式，撒开的点也像是治好了。
    """
    if "points" in rows[0]["curves"]:
        axis.plot(*rows[0]["curves"]["points"], ".", color=BLUE, markersize=3)
    axis.plot(*modes.T, "+", color=RED, markersize=9)
    found = rows[0]["statistics"]
    here = f"{found['covered_1pct']:.0f} 个模式，高质量 {found['high_quality']:.0%}"
    axis.set_title(f"{title}\n种子 {rows[0]['seed']}：{here}", fontsize=10.5)
    limit = 1.45 * abs(modes).max()
    points = np.array(rows[0]["curves"].get("points", np.empty((2, 0))))
    if outside := np.count_nonzero(np.abs(points).max(axis=0, initial=0.0) > limit):
        said = f"框外还有 {outside} 点（共 {points.shape[1]}）"
        how = {"ha": "center", "fontsize": 9, "color": GRAY, "transform": axis.transAxes}
        axis.text(0.5, 0.02, said, **how, bbox={"fc": "white", "alpha": 0.8, "lw": 0, "pad": 1})
    axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
