"""排内存：一次前向（或反向）要的中间数组都放在一整块里，造程序时就排好每个数组的位置。"""

import math
from ctypes import c_float
from dataclasses import dataclass

import numpy as np

ROUND = 16  # 每个数组的位置是这么多个浮点数的倍数（64 字节，一个缓存行）


@dataclass(frozen=True)
class Value:
    """一个数组：从第 start 个浮点数开始，形状 shape（图是 (n, h, w, c)）。"""

    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class Room:
    """一整块内存怎样分；keep 时不回收（反向还要用），否则 give 过的可以再用。"""

    def __init__(self, keep: bool):
        self.keep, self.size = keep, 0
        self.free: list[tuple[int, int]] = []  # （位置，大小）
        self.pinned: list[Value] = []  # 暂时不许回收的

    def take(self, *shape: int) -> Value:
        """要一个数组。"""
        need = -(-math.prod(shape) // ROUND) * ROUND
        for index, (start, size) in enumerate(self.free):
            if size >= need:
                self.free[index : index + 1] = [(start + need, size - need)] * (size > need)
                return Value(start, shape)
        start, self.size = self.size, self.size + need
        return Value(start, shape)

    def give(self, value: Value) -> None:
        """不再用它了；和相邻的空地并成一块。"""
        if self.keep or value in self.pinned:
            return
        spans = sorted([*self.free, (value.start, -(-value.size // ROUND) * ROUND)])
        merged: list[tuple[int, int]] = []
        for start, size in spans:
            if merged and sum(merged[-1]) == start:
                merged[-1] = (merged[-1][0], merged[-1][1] + size)
            else:
                merged.append((start, size))
        self.free = merged


class Pool:
    """放掉的整块内存留着再用：新要来的，每一页系统都要先清零。

    最多留 LIMIT 字节，最久没用的先放。
    """

    LIMIT = 1 << 30

    def __init__(self):
        self.kept: list[np.ndarray] = []

    def take(self, size: int) -> np.ndarray:
        """size 个浮点数；有一样大的就用它。"""
        for index, block in enumerate(self.kept):
            if block.size == size:
                return self.kept.pop(index)
        return np.empty(size, np.float32)

    def give(self, block: np.ndarray) -> None:
        """不用了。"""
        self.kept.append(block)
        while sum(block.nbytes for block in self.kept) > self.LIMIT:
            self.kept.pop(0)


POOL = Pool()


class Block:
    """分到手的一整块内存，开头按缓存行对齐；不用了就回到 POOL。"""

    def __init__(self, size: int):
        self.raw = POOL.take(size + ROUND)
        address = self.raw.__array_interface__["data"][0]
        skip = -address % (4 * ROUND) // 4
        self.floats, self.address = self.raw[skip:], address + 4 * skip

    def __del__(self):
        POOL.give(self.raw)

    def at(self, value: Value) -> int:
        """一个数组的地址。"""
        return self.address + 4 * value.start

    def view(self, value: Value) -> np.ndarray:
        """一个数组。"""
        return self.floats[value.start : value.start + value.size].reshape(value.shape)


def floats_at(address: int, size: int) -> np.ndarray:
    """一个地址上的 size 个浮点数；不复制，内存归原主。"""
    return np.ctypeslib.as_array((c_float * size).from_address(address))
