"""一列图像文件，当作 uint8 的数组来取：小目录解码一次、留在内存里，大目录每批现读。

解码用几个线程（OpenCV 解码时放开 GIL）；取到的字节与线程数无关。
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np

from paddle_gan.data.image_files import pixel_count, read_image
from paddle_gan.data.images import resize_image

MEMORY_LIMIT = 2**30  # 缩放后总共不超过 1 GiB 的目录只解码一次，留在内存里；再大就每批现读
BLOCK = 512  # 全部解码时一次交给线程多少张：出错或按 Ctrl-C 时，最多再等这么多张
PER_WORKER = 8  # 一个线程至少分到这么多张才值得开
# 再小的图，两个线程争 GIL 比省下的还多；实测两核的加速：64² 0.8 倍、96² 1.2 倍、256² 1.6 倍
THREAD_PIXELS = 96 * 96
SAMPLED = 8  # 看几个文件来判断图有多大


def decode_threads(files: list[Path]) -> int:
    """解码用几个线程：小图一个；大图与飞桨一样多，那是导入 paddle_gan 时按可用的核数定好的。"""
    sample = files[:: -(-len(files) // SAMPLED)]
    if median(pixel_count(file) for file in sample) < THREAD_PIXELS:
        return 1
    return int(os.environ["PADDLE_GAN_THREADS"])


def central_square(image: np.ndarray) -> np.ndarray:
    """从 (H, W, C) 正中裁出最大的正方形：照片不会被压扁。"""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


def fill_rows(images: np.ndarray, read: Callable[[int], np.ndarray], workers: int) -> None:
    """images[row] = read(row)，行分成连续的几段，每个线程一段；结果与线程数无关。

    几行都出错时抛出行号最小的那个错，也与线程数无关。
    """

    def fill(rows: np.ndarray) -> None:
        for row in rows:
            images[row] = read(row)

    rows = np.arange(len(images))
    workers = min(workers, len(rows) // PER_WORKER)
    if workers < 2:
        fill(rows)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        for part in [pool.submit(fill, part) for part in np.array_split(rows, workers)]:
            part.result()


class ImageStore:
    """一列图像文件，缩放到 size × size；get 返回 uint8 (N, size, size, channels)。

    keep 为真、又能放进 MEMORY_LIMIT 的，在构造时全部解码，坏文件当场报 UserError；
    否则在取到它的那一批才解码、才报错。
    """

    def __init__(
        self, files: list[Path], size: int, channels: int, centre_crop: bool, keep: bool = True
    ):
        self.files, self.size, self.channels = files, size, channels
        self.centre_crop, self.workers = centre_crop, decode_threads(files)
        self.memory: np.ndarray | None = None
        if keep and len(files) * size * size * channels <= MEMORY_LIMIT:
            self.memory = self._decode_all()

    def __len__(self) -> int:
        return len(self.files)

    def get(self, index: np.ndarray) -> np.ndarray:
        if self.memory is not None:
            return self.memory[index]
        return self._decode(index, self._empty(len(index)))

    def _decode_all(self) -> np.ndarray:
        images = self._empty(len(self))
        for rows in np.split(np.arange(len(self)), range(BLOCK, len(self), BLOCK)):
            self._decode(rows, images[rows[0] : rows[-1] + 1])
        return images

    def _empty(self, n: int) -> np.ndarray:
        return np.empty((n, self.size, self.size, self.channels), np.uint8)

    def _decode(self, index: np.ndarray, images: np.ndarray) -> np.ndarray:
        fill_rows(images, lambda row: self._decoded(self.files[index[row]]), self.workers)
        return images

    def _decoded(self, file: Path) -> np.ndarray:
        image = read_image(file, self.channels)
        image = central_square(image) if self.centre_crop else image
        return resize_image(image, self.size, self.size)
