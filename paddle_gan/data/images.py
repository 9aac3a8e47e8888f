"""内存里的图像：uint8 的 (N, H, W, C) 与 float32 的 (N, C, H, W) 之间的换算，以及成批。

通道一律是 RGB 顺序；OpenCV 的 BGR 只在 image_files.py 里出现。
"""

from pathlib import Path

import cv2
import numpy as np

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Labeled
from paddle_gan.errors import UserError
from paddle_gan.limits import require_memory

SIGNED = (-1.0, 1.0)  # tanh 输出的范围
UNIT = (0.0, 1.0)  # sigmoid 输出的范围
ASSETS = Path(__file__).parent / "assets"


def value_range(unit_range: bool) -> tuple[float, float]:
    """unit_range 为真时像素在 [0, 1]，否则在 [−1, 1]。"""
    return UNIT if unit_range else SIGNED


def to_float(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """uint8 (..., H, W, C) 换成 float32 (..., C, H, W)，0 与 255 恰好落在 value_range 的两端。"""
    low, high = value_range
    # x = low + (high − low)·u / 255
    x = images.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)
    return np.ascontiguousarray(np.moveaxis(x, -1, -3))


def to_uint8(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """float (..., C, H, W) 换成 uint8 (..., H, W, C)：出界的截断，再四舍五入；to_float 的逆。"""
    low, high = value_range
    u = (np.asarray(images, np.float32) - low) * (255 / (high - low))
    return np.moveaxis(np.rint(np.clip(u, 0, 255)).astype(np.uint8), -3, -1)


def resize_image(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """uint8 (H, W, C) 缩放到 (height, width, C)：缩小取面积平均，放大用双线性。"""
    if image.shape[:2] == (height, width):
        return image
    shrinks = width * height < image.shape[0] * image.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(image, (width, height), interpolation=how)
    return resized.reshape(height, width, image.shape[2])  # 单通道时 cv2 会丢掉最后一维


def resize_images(images: np.ndarray, size: int) -> np.ndarray:
    """uint8 (N, H, W, C) 缩放到 (N, size, size, C)；装不下时抛出 UserError。"""
    n, *sides, channels = images.shape
    if sides == [size, size]:
        return images
    require_memory(
        n * size * size * channels, f"{n} 张图缩放到 {size}×{size} ", "请把 data.size 改小"
    )
    return np.stack([resize_image(image, size, size) for image in images])


def load_asset(name: str) -> dict[str, np.ndarray]:
    """读随包附带的素材 assets/name；缺文件时报 UserError。"""
    path = ASSETS / name
    if not path.is_file():
        raise UserError(
            f"安装不完整：找不到素材 {path}；请重新安装，或用 tools/maintain/build_assets.py 重建"
        )
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def stratified(labels: np.ndarray, split: Split, every: int, rank: int) -> np.ndarray:
    """分层划分：每个类别内按顺序每 every 个取第 rank 个（从 0 数）作测试；返回下标，升序。"""
    order = np.zeros(len(labels), np.int64)  # 样本在自己类别里排第几
    for label in np.unique(labels):
        mine = labels == label
        order[mine] = np.arange(mine.sum())
    held_out = order % every == rank
    return np.flatnonzero(held_out == (split == "test"))


def image_shape(images: np.ndarray) -> tuple[int, int, int]:
    """uint8 (N, H, W, C) 的单个样本换成网络看到的形状 (C, H, W)。"""
    _, height, width, channels = images.shape
    return channels, height, width


def image_batch(kind: type, dataset, index: np.ndarray):
    """按下标取一批；dataset 要有 images uint8 (N, H, W, C)、labels (N,)、value_range。"""
    x = to_float(dataset.images[index], dataset.value_range)  # (N, C, H, W)
    return Labeled(x, dataset.labels[index]) if kind is Labeled else Images(x)


def check_arrays(images: np.ndarray, labels: np.ndarray | None) -> None:
    """图像必须是 uint8 (N, H, W, 1 或 3) 且不为空，标签与图像一样多；否则报 UserError。"""
    right = images.ndim == 4 and images.shape[-1] in (1, 3) and images.dtype == np.uint8
    if not right or len(images) == 0:
        raise UserError(
            f"图像应是 uint8 的 (N, H, W, 1) 或 (N, H, W, 3)，N ≥ 1；"
            f"收到的是 {images.dtype} {images.shape}"
        )
    if labels is not None and len(labels) != len(images):
        raise UserError(f"标签有 {len(labels)} 个，图像有 {len(images)} 张；两者应一样多")


class ImageArrays(Dataset):
    """你自己的一组图像，已经在内存里。

    参数：
        images: uint8 (N, H, W, C)，C 为 1 或 3（RGB）
        labels: 整数 (N,)；没有就只能取 Images
        num_classes: 类别数；默认取最大的标签加一
        unit_range: 像素归一化到 [0, 1]（默认 [−1, 1]）
    """

    batch_types = (Images, Labeled)

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray | None = None,
        *,
        num_classes: int | None = None,
        unit_range: bool = False,
    ):
        check_arrays(images, labels)
        self.images = images
        self.labels = None if labels is None else np.asarray(labels, np.int64)
        self.shape = image_shape(images)
        self.value_range = value_range(unit_range)
        if labels is None:
            self.batch_types = (Images,)
        else:
            self.num_classes = num_classes or int(self.labels.max()) + 1

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.images),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return image_batch(kind, self, indices[0])
