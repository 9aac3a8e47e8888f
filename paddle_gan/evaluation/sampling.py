"""从训练好的方法取样：随机样本、潜变量之间的插值，再画成一张图。

随机数只由 seed 决定：同样的种子、同样的权重，得到同样的样本。
"""

from collections.abc import Iterator

import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Labeled
from paddle_gan.data.images import to_uint8
from paddle_gan.errors import UserError, notice, unknown_name
from paddle_gan.evaluation.preview import POINTS
from paddle_gan.methods import METHODS
from paddle_gan.methods.abilities import Conditional, Generates
from paddle_gan.run import runtime
from paddle_gan.run.build import Shapes
from paddle_gan.run.config import Config
from paddle_gan.viz import image_grid, show_points

CHUNK = 64  # 每次过网络多少个，限制内存


def lerp(start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
    """线性插值 (N, z_dim)；t = 0 是 start，t = 1 是 end。"""
    return (1 - t) * start + t * end


def slerp(start: np.ndarray, end: np.ndarray, t: float) -> np.ndarray:
    """球面插值 (N, z_dim)；White（2016，arXiv:1609.04468）§2.1。

    高维的 N(0, I) 集中在半径 √z_dim 的球壳上；走直线会穿过球心附近，那里是 G 没见过的 z。
    """
    lengths = np.linalg.norm(start, axis=1) * np.linalg.norm(end, axis=1)
    cosine = (start * end).sum(axis=1) / np.maximum(lengths, 1e-12)
    omega = np.arccos(np.clip(cosine, -1, 1))[:, None]  # (N, 1)
    # 两个向量（几乎）共线时 sin Ω ≈ 0，退回直线
    straight = np.sin(omega) < 1e-4
    sine = np.where(straight, 1.0, np.sin(omega))
    # slerp = sin((1 − t)Ω)/sin Ω · start + sin(tΩ)/sin Ω · end
    curve = np.sin((1 - t) * omega) / sine * start + np.sin(t * omega) / sine * end
    return np.where(straight, lerp(start, end, t), curve)


# 均匀噪声填满立方体，连线上的每一点仍在立方体里，用直线
PATHS = {"normal": slerp, "uniform": lerp}


def class_number(method: Generates, name: str, config: Config, shapes: Shapes) -> int:
    """--class 写的是第几类：类别的名字，或从 0 数起的编号（名字里有数字的，只认名字）。

    照编号取的说一声是哪一类；不会按类别生成、没有这一类时抛出 UserError。
    """
    require_classes(config, method)
    # 编码（InfoGAN）不是数据的类别，没有名字
    named = METHODS[config.method].batch_type is Labeled
    names = shapes.classes if named and shapes.classes else ()
    numbers = [str(number) for number in range(method.classes())]
    if name in names:
        return names.index(name)
    if name not in numbers or any(map(str.isdecimal, names)):
        quoted = [one if one.isdecimal() else f"“{one}”" for one in names or numbers]
        raise unknown_name("类别", name, quoted, "、")
    if names:
        notice(f"--class {name} 是从 0 数起的编号，画的是“{names[int(name)]}”")
    return int(name)


def require_classes(config: Config, method: Generates) -> None:
    """方法会按类别生成，否则抛出 UserError。"""
    if not isinstance(method, Conditional):
        able = ", ".join(key for key, m in METHODS.items() if issubclass(m, Conditional))
        raise UserError(
            f"{config.method} 不按类别生成，--class 与 --each-class 用不上；会的方法：{able}"
        )


def of_class(method: Conditional, z: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """潜变量 z 换成这些类别 (N,) 的，别的不变。"""
    return method.of_class(paddle.to_tensor(z.astype(np.float32)), paddle.to_tensor(labels)).numpy()


def keep_class(method: Generates, z: np.ndarray, start: np.ndarray) -> np.ndarray:
    """路径上的 z 都归它起点 start 的那一类：半个独热不是哪一类，G 没有见过。"""
    if not isinstance(method, Conditional):
        return z
    return of_class(method, z, method.class_of(paddle.to_tensor(start)).numpy())


def each_class_latents(method: Conditional, rows: int, seed: int) -> np.ndarray:
    """每列一类、每行同一个 z 的潜变量 (rows·K, ...)，逐行排列。"""
    K = method.classes()
    z = np.repeat(random_latents(method, rows, seed), K, axis=0)
    return of_class(method, z, np.tile(np.arange(K), rows))


def random_latents(method: Generates, count: int, seed: int) -> np.ndarray:
    """count 个随机的 z (count, z_dim)。"""
    runtime.seed_stream(seed, runtime.SAMPLE)
    return method.noise(count).numpy()


def path_latents(method: Generates, rows: int, steps: int, seed: int) -> np.ndarray:
    """rows 条路径，每条从一个随机的 z 走 steps 步到另一个；返回 (rows·steps, z_dim)，逐行排列。

    按类别生成的，一条路径上是同一类。
    """
    runtime.seed_stream(seed, runtime.SAMPLE)
    start, end = method.noise(rows).numpy(), method.noise(rows).numpy()
    path = PATHS[method.hparams.noise]
    points = [keep_class(method, path(start, end, t), start) for t in np.linspace(0, 1, steps)]
    z = np.stack(points, axis=1)
    return z.reshape(rows * steps, -1)


def decode_parts(method: Generates, z: np.ndarray) -> Iterator[np.ndarray]:
    """z (N, z_dim) → 样本 (n, ...)，一次 CHUNK 个；样本不是有限的数时抛出 UserError。"""
    for start in range(0, len(z), CHUNK):
        part = paddle.to_tensor(z[start : start + CHUNK].astype(np.float32))
        samples = method.generate(part).numpy()
        if not np.isfinite(samples).all():
            raise UserError("生成的样本里有 NaN 或 Inf，训练已经发散；请换一个更早的检查点")
        yield samples


def decode(method: Generates, z: np.ndarray) -> np.ndarray:
    """z (N, z_dim) → 样本 (N, ...)，分批进行。"""
    return np.concatenate(list(decode_parts(method, z)))


def random_samples(method: Generates, count: int, seed: int) -> np.ndarray:
    """count 个随机样本 (count, ...)，float32。"""
    return decode(method, random_latents(method, count, seed))


def interpolations(method: Generates, rows: int, steps: int, seed: int) -> np.ndarray:
    """rows 条插值的路径上的样本 (rows·steps, ...)，逐行排列。"""
    return decode(method, path_latents(method, rows, steps, seed))


def draw_samples(
    samples: np.ndarray, shapes: Shapes, columns: int, data: Dataset | None = None
) -> np.ndarray:
    """样本画成一张 uint8 图：图像拼成每行 columns 张的网格，点画散点（一维画直方图）。

    data 是点的数据集，用来画真实点与真模式；没有就只画样本。
    """
    if len(shapes.x) == 3:
        return image_grid(to_uint8(samples, shapes.value_range), columns)
    if data is None:
        return show_points(samples)
    return show_points(samples, data.sample(POINTS, np.random.default_rng(0)), data.modes)
