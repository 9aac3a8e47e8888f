"""一列图像文件，当作 uint8 的数组来取：小目录解码一次、留在内存里，大目录每批现读。

解码用几个线程（OpenCV 解码时放开 GIL）；取到的字节与线程数无关。
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from paddle_gan.data.framing import Framing
from paddle_gan.data.image_files import BadImage, inspect_image, pixel_count, read_image

MEMORY_LIMIT = 2**30  # 缩放后总共不超过 1 GiB 的目录只解码一次，留在内存里；再大就每批现读
BLOCK = 512  # 全部解码时一次交给线程多少张：出错或按 Ctrl-C 时，最多再等这么多张
PER_WORKER = 8  # 一个线程至少分到这么多张才值得开
# 再小的图，两个线程争 GIL 比省下的还多；实测两核的加速：64² 0.8 倍、96² 1.2 倍、256² 1.6 倍
THREAD_PIXELS = 96 * 96
SAMPLED = 8  # 看几个文件来判断图有多大


def decode_threads(files: list[Path]) -> int:
    """解码用几个线程：小图一个；大图与飞桨一样多，那是导入 paddle_gan 时按可用的核数定好的。"""
    counts = []
    for file in files[:: max(1, -(-len(files) // SAMPLED))]:
        try:
            counts.append(pixel_count(file))
        except BadImage:  # 哪些是坏的，全部解码时一起说
            continue
    if not counts or median(counts) < THREAD_PIXELS:
        return 1
    return int(os.environ["PADDLE_GAN_THREADS"])


def fill_rows(rows: np.ndarray | list, read: Callable[[int], object], workers: int) -> None:
    """rows[i] = read(i)，各行分成连续的几段，每个线程一段；结果与线程数无关。

    几行都出错时抛出行号最小的那个错，也与线程数无关。
    """

    def fill(part: np.ndarray) -> None:
        for i in part:
            rows[i] = read(i)

    everything = np.arange(len(rows))
    workers = min(workers, len(rows) // PER_WORKER)
    if workers < 2:
        fill(everything)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        for part in [pool.submit(fill, part) for part in np.array_split(everything, workers)]:
            part.result()


class Look(NamedTuple):
    """解码一个文件时看到了什么。"""

    bad: BadImage | None = None  # 读不成的原因
    transparent: bool = False  # 有透明的地方
    animated: bool = False  # 不止一帧
    enlarged: bool = False  # 太小，放大了才够裁


class ImageStore:
    """一列图像文件；get 返回 framing.load() 过的图，uint8 (N, H, W, C)，大小不一时是 N 个数组。

    构造时不解码。look_through() 全部解码一遍，keep 为真、又能放进 MEMORY_LIMIT 的留在内存里；
    没有留下的，取到哪一批才解码哪一批。
    """

    def __init__(self, files: list[Path], framing: Framing, channels: int, keep: bool = True):
        self.files, self.framing, self.channels = files, framing, channels
        self.keep, self.workers = keep, decode_threads(files)
        self.memory: np.ndarray | None = None
        self.looked = False

    def __len__(self) -> int:
        return len(self.files)

    def get(self, index: np.ndarray) -> np.ndarray:
        if self.memory is not None:
            return self.memory[index]

        def read(row: int) -> np.ndarray:
            return self.framing.load(read_image(self.files[index[row]], self.channels))

        images = self._empty(len(index))
        fill_rows(images, read, self.workers)
        return images

    def look_through(self, report: Callable[[int], None] = lambda done: None) -> list[Look]:
        """解码每个文件，返回各看到了什么；report 每隔一段被告知看过了几个。"""
        self.looked, memory, looks = True, self._room(), []
        for start in range(0, len(self), BLOCK):
            block = [Look()] * len(self.files[start : start + BLOCK])
            fill_rows(block, partial(self._look, memory, start), self.workers)
            looks += block
            if memory is not None and _bytes(memory[: len(looks)]) > MEMORY_LIMIT:
                memory = None
            report(len(looks))
        self.memory = memory
        return looks

    def fill(self) -> None:
        """还没有看过的，放得下就现在解码；看过的已经做了。"""
        if not self.looked and self._room() is not None:
            for look in self.look_through():
                if look.bad:
                    raise look.bad

    def keep_only(self, files: set[Path]) -> None:
        """只要其中的这些文件，次序不变。"""
        rows = [row for row, file in enumerate(self.files) if file in files]
        if len(rows) < len(self):
            self.files = [self.files[row] for row in rows]
            self.memory = None if self.memory is None else self.memory[rows]

    def _room(self) -> np.ndarray | None:
        """放全部图的空地方；不留，或看得出放不下时是 None。"""
        one = np.prod(self.framing.load_size) * self.channels
        return self._empty(len(self)) if self.keep and len(self) * one <= MEMORY_LIMIT else None

    def _empty(self, n: int) -> np.ndarray:
        if self.framing.resize == "none":
            return np.empty(n, object)  # 各张的大小不同
        return np.empty((n, *self.framing.load_size, self.channels), np.uint8)

    def _look(self, memory: np.ndarray | None, start: int, row: int) -> Look:
        try:
            image, transparent, animated = inspect_image(self.files[start + row], self.channels)
        except BadImage as error:
            return Look(error)
        if memory is not None:
            memory[start + row] = self.framing.load(image)
        return Look(None, transparent, animated, self.framing.enlarges(image))


def _bytes(images: np.ndarray) -> int:
    """这些图占的字节；大小不一的逐张数。"""
    if images.dtype != object:
        return images.nbytes
    return sum(image.nbytes for image in images if image is not None)
