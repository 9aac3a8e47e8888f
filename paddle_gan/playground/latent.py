"""潜空间：一个 z 的样本、它四周的样本、两个 z 之间的路，有名字的方向，和改变最大的几个方向。

改变最大的几个照 GANSpace（Härkönen 等，2020）在 z 里的做法：样本的主成分，回归到 z 上。
"""

from functools import lru_cache

import numpy as np

from paddle_gan.data.images import to_uint8
from paddle_gan.evaluation.sampling import PATHS, decode, of_class, random_latents
from paddle_gan.methods.abilities import Conditional
from paddle_gan.metrics.frechet import fit_pca, project
from paddle_gan.playground import attributes
from paddle_gan.playground.models import Model, generators, load
from paddle_gan.playground.turns import TURNS
from paddle_gan.viz import image_grid

DIRECTIONS, STUDIED = 6, 512  # 改变最大的方向几个；看多少个样本来找
PART = 64  # 一次画多少个来找，画完一次让别人先用
SIDE, NEAR = 4, 0.35  # 四周画 SIDE × SIDE 个，第一个是自己；走多远
STEPS = 8  # 插值的路上画几个
TILE = 96  # 一格放大到多少像素


def at(name: str, seed: int, shifts: tuple[float, ...], label: int | None) -> np.ndarray:
    """种子定下的 z (1, d)，沿 directions 的几个方向各挪 shifts 倍标准差，换成这一类。"""
    with TURNS:
        model = load(name, generators())
        z = random_latents(model.method, 1, seed)
        ways = directions(name)[: len(shifts)]
        z[:, : latent_size(model)] += np.asarray(shifts[: len(ways)], np.float32) @ ways
        return in_class(model, z, label)


def latent_size(model: Model) -> int:
    """潜变量里不是类别的那几维。"""
    return int(model.config.hparams["z_dim"])


def in_class(model: Model, z: np.ndarray, label: int | None) -> np.ndarray:
    """换成这一类；不按类别生成的不变。"""
    if label is None or not isinstance(model.method, Conditional):
        return z
    return of_class(model.method, z, np.full(len(z), label))


@lru_cache(maxsize=16)
def directions(name: str) -> np.ndarray:
    """(attributes.MOST + DIRECTIONS, z_dim)：先是有名字的，再是改变最大的；调用者正轮到用飞桨。"""
    model = load(name, generators())
    z = random_latents(model.method, STUDIED, 0)
    parts = []
    for start in range(0, STUDIED, PART):
        parts.append(decode(model.method, z[start : start + PART]))
        with TURNS.given():  # 几秒的活：让别人的训练走几步
            pass
    x, free = np.concatenate(parts), z[:, : latent_size(model)]
    return np.concatenate([attributes.attribute_directions(free, x), principal(free, x)])


def principal(z: np.ndarray, x: np.ndarray) -> np.ndarray:
    """样本 x 变化最大的 DIRECTIONS 个方向 (DIRECTIONS, z_dim)，各长 1。"""
    flat = x.reshape(len(x), -1).astype(np.float64)
    mean, basis = fit_pca(flat, min(DIRECTIONS, z.shape[1]))
    found = project(flat, mean, basis).T @ (z - z.mean(axis=0))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def names_of(name: str) -> list[str]:
    """各个方向叫什么。"""
    with TURNS:
        channels = load(name, generators()).shapes.x[0]
    numbered = [f"变化最大的方向 {k + 1}" for k in range(DIRECTIONS)]
    return [*attributes.named(channels), *numbered]


def picture(name: str, z: np.ndarray, columns: int) -> np.ndarray:
    """一批 z 的样本拼成一张 uint8 RGB 图，每格放大到约 TILE 像素。"""
    with TURNS:
        model = load(name, generators())
        samples = to_uint8(decode(model.method, z), model.shapes.value_range)
    grid = image_grid(samples, columns)
    scale = max(1, round(TILE * columns / grid.shape[1]))
    grid = grid.repeat(scale, axis=0).repeat(scale, axis=1)
    return np.ascontiguousarray(np.broadcast_to(grid, (*grid.shape[:2], 3)))


def around(name: str, z: np.ndarray, step: int) -> np.ndarray:
    """z 四周的 SIDE² 个 (SIDE², d)：第一个是它自己，别的各朝一个随机的方向走一点，类别不变。"""
    with TURNS:
        model = load(name, generators())
        others = random_latents(model.method, SIDE**2 - 1, 10_000 + step)
        free = latent_size(model)
        path = PATHS[model.config.hparams.get("noise", "normal")]
        near = np.repeat(z, SIDE**2 - 1, axis=0)
        near[:, :free] = path(near[:, :free], others[:, :free], NEAR)
        return np.concatenate([z, near])


def between(name: str, z: np.ndarray, seed: int) -> np.ndarray:
    """从 z 走到另一个种子的 z，STEPS 个 (STEPS, d)，类别不变。"""
    with TURNS:
        model = load(name, generators())
        end, free = random_latents(model.method, 1, seed), latent_size(model)
        path = PATHS[model.config.hparams.get("noise", "normal")]
        road = np.repeat(z, STEPS, axis=0)
        for k, t in enumerate(np.linspace(0, 1, STEPS)):
            road[k, :free] = path(z[:, :free], end[:, :free], float(t))[0]
        return road


def classes(name: str) -> list[str]:
    """这个模型的各类叫什么；不按类别生成的是空的。"""
    with TURNS:
        model = load(name, generators())
        if not isinstance(model.method, Conditional):
            return []
        count = model.method.classes()
        given = model.shapes.classes or ()
        return list(given) if len(given) == count else [str(k) for k in range(count)]
