"""打分器的输入：从方法取生成样本，从数据集取真实图像，换成各个指标要的形状。"""

from collections.abc import Iterator

import cv2
import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images
from paddle_gan.methods.abilities import Generates, Translates

CHUNK = 500  # 每次过网络多少个，限制内存
MAX_REAL = 5000  # 参照最多用这么多张真实图像，均匀取；再多对分数几乎没有影响


def generate(method: Generates, samples: int) -> np.ndarray:
    """生成 samples 个样本 (samples, ...)，分批进行。"""
    sizes = [min(CHUNK, samples - done) for done in range(0, samples, CHUNK)]
    return np.concatenate([method.generate(method.noise(n)).numpy() for n in sizes])


def translations(method: Translates, images: np.ndarray) -> np.ndarray:
    """x2y 的译文，(N, C, H, W) → (N, C', H, W)；一次过网络 CHUNK 张。"""
    parts = (paddle.to_tensor(images[i : i + CHUNK]) for i in range(0, len(images), CHUNK))
    return np.concatenate([method.translate(part, "x2y").numpy() for part in parts])


def evenly_spaced(length: int, most: int) -> np.ndarray:
    """0 到 length − 1 之间均匀的至多 most 个下标。"""
    return np.linspace(0, length - 1, min(length, most)).astype(np.int64)


def real_images(dataset: Dataset) -> np.ndarray:
    """数据集的图像 (N, C, H, W)，float32；超过 MAX_REAL 张时均匀取 MAX_REAL 张。"""
    (length,) = dataset.lengths(Images)
    return dataset.batch(Images, (evenly_spaced(length, MAX_REAL),), np.random.default_rng(0)).x


def all_images(dataset: Dataset) -> Iterator[np.ndarray]:
    """数据集的全部图像，每次 CHUNK 张 (n, C, H, W)，float32。"""
    (length,) = dataset.lengths(Images)
    for start in range(0, length, CHUNK):
        index = np.arange(start, min(start + CHUNK, length))
        yield dataset.batch(Images, (index,), np.random.default_rng(0)).x


def some_rows(rows: np.ndarray, count: int, seed: int) -> np.ndarray:
    """随机取 count 行（不够时全取），不重复；类别不再恰好相等，与随机生成的样本可比。"""
    order = np.random.default_rng(seed).permutation(len(rows))
    return rows[order[:count]]


def flat(images: np.ndarray) -> np.ndarray:
    """(N, C, H, W) → (N, C·H·W)。"""
    return images.reshape(len(images), -1)


def lenet_input(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """换到 LeNet 要的 (N, C, 28, 28)、[−1, 1]；一位数 C = 1，三位数 C = 3。"""
    low, high = value_range
    images = (images - low) / (high - low) * 2 - 1
    if images.shape[2:] == (28, 28):
        return images
    planes = images.reshape(-1, *images.shape[2:])  # (N·C, H, W)
    resized = [cv2.resize(plane, (28, 28), interpolation=cv2.INTER_AREA) for plane in planes]
    return np.stack(resized).reshape(*images.shape[:2], 28, 28).astype(np.float32)
