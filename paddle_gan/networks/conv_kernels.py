"""CPU 上的二维卷积：im2col 分块、几个线程各算一份。飞桨自带的实现只用一个线程。

三个互为导数的双线性运算，数组都是 float32 的 (N, C, H, W) 与 (M, C, kh, kw)：
    y = correlate(x, w)        卷积
    x = scatter(y, w)          卷积对 x 的伴随，也就是转置卷积
    w = outer(x, y)            卷积对 w 的伴随，也就是权重的梯度
块内按 (行, 列, 通道) 排列：im2col 每次搬 kw·C 个连续的数，比按通道排列快得多。
"""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.lib.stride_tricks import as_strided

CHUNK = 1 << 20  # 一块 im2col 最多这么多个数（4 MB），大致留在缓存里
WORTHWHILE = 1 << 24  # 乘加少于这么多次时，分线程的开销不划算


ALIGNMENT = 64  # 字节；一个缓存行


def empty(*shape: int) -> np.ndarray:
    """按缓存行对齐的 float32 数组。

    飞桨的求和按对齐位置分段；NumPy 的内存每次对齐不同，末位就会不同，训练不再逐位可重复。
    """
    size = 4 * math.prod(shape)
    raw = np.empty(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size].view(np.float32).reshape(shape)


@dataclass(frozen=True)
class Geometry:
    """一个卷积的形状：x (n, c, h, w)，权重 (m, c, kh, kw)。"""

    n: int
    c: int
    h: int
    w: int
    m: int
    kh: int
    kw: int
    stride: int
    padding: int

    @cached_property
    def oh(self) -> int:
        return (self.h + 2 * self.padding - self.kh) // self.stride + 1

    @cached_property
    def ow(self) -> int:
        return (self.w + 2 * self.padding - self.kw) // self.stride + 1

    @cached_property
    def mirror(self) -> "Geometry | None":
        """步长为 1 时，伴随也是一个卷积：x 与 y 互换，核转 180°；不能这样看时为 None。"""
        p = self.kh - 1 - self.padding
        if self.stride != 1 or self.kh != self.kw or p < 0:
            return None
        return Geometry(self.n, self.m, self.oh, self.ow, self.c, self.kh, self.kw, 1, p)

    @cached_property
    def mirror_ratio(self) -> float:
        """换到伴随那边，展开的列是原来的几倍；不能换时是无穷大。"""
        if self.mirror is None:
            return math.inf
        return self.h * self.w * self.m / (self.oh * self.ow * self.c)

    @property
    def worthwhile(self) -> bool:
        """这里的实现是不是比飞桨的快（实测）：够大，或者换到伴随那边省得多。"""
        multiplications = self.n * self.oh * self.ow * self.m * self.c * self.kh * self.kw
        return multiplications >= WORTHWHILE or self.mirror_ratio < 0.25

    def chunk(self, rows: int, channels: int, samples: int) -> int:
        """一块里放几个样本。"""
        each = rows * self.ow * self.kh * self.kw * channels
        return max(1, min(samples, CHUNK // each))

    def padded(self, samples: int, channels: int) -> np.ndarray:
        """四周补零的空图 (samples, h + 2p, w + 2p, channels)。"""
        p = self.padding
        return np.zeros((samples, self.h + 2 * p, self.w + 2 * p, channels), np.float32)

    def inside(self, image: np.ndarray) -> np.ndarray:
        """补零图里原来那一块。"""
        p = self.padding
        return image[:, p : p + self.h, p : p + self.w]


@lru_cache(maxsize=4)
def pool(threads: int) -> ThreadPoolExecutor:
    """固定大小的线程池。"""
    return ThreadPoolExecutor(threads, thread_name_prefix="conv")


def split(length: int, parts: int) -> list[tuple[int, int]]:
    """把 0..length 分成至多 parts 段，尽量一样长。"""
    parts = min(parts, length)
    edges = [length * i // parts for i in range(parts + 1)]
    return list(zip(edges[:-1], edges[1:]))


def share(samples: int, inner: int, threads: int) -> list[tuple[int, int, int, int]]:
    """分给各线程的 (样本起, 样本止, 内层起, 内层止)：样本不够分（批大小 1）就分内层。"""
    if samples >= threads:
        return [(lo, hi, 0, inner) for lo, hi in split(samples, threads)]
    return [(0, samples, lo, hi) for lo, hi in split(inner, threads)]


def run(task, shares: list[tuple], threads: int) -> list:
    """各线程做一份；只有一份时就在当前线程做。"""
    if len(shares) == 1:
        return [task(*shares[0])]
    return list(pool(threads).map(lambda one: task(*one), shares))


def im2col(g: Geometry, image: np.ndarray, cols: np.ndarray, top: int, rows: int) -> np.ndarray:
    """补零图 (s, H, W, C) 里第 top 行起 rows 个输出行的感受野 (s·rows·ow, kh·kw·C)。"""
    samples, _, _, channels = image.shape
    sample, row, column, one = image.strides
    window = as_strided(
        image[:, top * g.stride :],
        (samples, rows, g.ow, g.kh, g.kw * channels),
        (sample, row * g.stride, column * g.stride, row, one),
        writeable=False,
    )
    target = cols[: window.size].reshape(window.shape)
    np.copyto(target, window)
    return target.reshape(samples * rows * g.ow, -1)


def correlate(g: Geometry, x, w, threads: int, bias=None) -> np.ndarray:
    """卷积 y (n, m, oh, ow)；bias (m,) 可以没有。"""
    if g.mirror_ratio < 0.25:  # 输出通道少得多：先乘再撒，中间量小得多
        return scatter_columns(g.mirror, x, turn(w), threads, bias)
    return correlate_columns(g, x, w, threads, bias)


def scatter(g: Geometry, y, w, threads: int, bias=None) -> np.ndarray:
    """转置卷积 x (n, c, h, w)：每个 y 按权重撒回它的感受野，重叠处相加；bias (c,) 可以没有。"""
    if g.mirror_ratio <= 2:  # 搬一遍比撒 kh·kw 遍快
        return correlate_columns(g.mirror, y, turn(w), threads, bias)
    return scatter_columns(g, y, w, threads, bias)


def outer(g: Geometry, x, y, threads: int) -> np.ndarray:
    """权重的梯度 (m, c, kh, kw)：y 与 x 的感受野的外积之和。"""
    if g.mirror_ratio < 1:  # 展开小的一边
        return turn(outer_columns(g.mirror, y, x, threads))
    return outer_columns(g, x, y, threads)


def turn(w: np.ndarray) -> np.ndarray:
    """(m, c, k, k) → (c, m, k, k)，每个核转 180°。"""
    m, c, k, _ = w.shape
    turned = empty(c, m, k, k)
    turned[...] = w[:, :, ::-1, ::-1].swapaxes(0, 1)
    return turned


def correlate_columns(g: Geometry, x, w, threads: int, bias=None) -> np.ndarray:
    """卷积：im2col，再一次矩阵乘。"""
    y = empty(g.n, g.m, g.oh, g.ow)
    matrix = np.ascontiguousarray(w.transpose(0, 2, 3, 1)).reshape(g.m, -1)  # (m, kh·kw·c)

    def task(lo: int, hi: int, top: int, bottom: int) -> None:
        rows = bottom - top
        step = g.chunk(rows, g.c, hi - lo)
        image, cols = (
            g.padded(step, g.c),
            np.empty(step * rows * g.ow * matrix.shape[1], np.float32),
        )
        for i in range(lo, hi, step):
            s = min(step, hi - i)
            g.inside(image)[:s] = x[i : i + s].transpose(0, 2, 3, 1)
            product = matrix @ im2col(g, image[:s], cols, top, rows).T  # (m, s·rows·ow)
            if bias is not None:
                product += bias[:, None]
            y[i : i + s, :, top:bottom] = product.reshape(g.m, s, rows, g.ow).swapaxes(0, 1)

    run(task, share(g.n, g.oh, threads), threads)
    return y


def scatter_columns(g: Geometry, y, w, threads: int, bias=None) -> np.ndarray:
    """转置卷积：一次矩阵乘，再把每个位置的 kh·kw 个数加回原处。"""
    x = empty(g.n, g.c, g.h, g.w)

    def task(lo: int, hi: int, first: int, last: int) -> None:
        channels = last - first
        matrix = np.ascontiguousarray(w[:, first:last].transpose(0, 2, 3, 1)).reshape(g.m, -1)
        step = g.chunk(g.oh, channels, hi - lo)
        for i in range(lo, hi, step):
            s = min(step, hi - i)
            flat = np.ascontiguousarray(y[i : i + s].swapaxes(0, 1)).reshape(g.m, -1)
            cols = (flat.T @ matrix).reshape(s, g.oh, g.ow, g.kh, g.kw, channels)
            image = g.padded(s, channels)
            for a in range(g.kh):
                for b in range(g.kw):
                    bottom, right = a + g.stride * g.oh, b + g.stride * g.ow
                    image[:, a : bottom : g.stride, b : right : g.stride] += cols[:, :, :, a, b]
            if bias is not None:
                image += bias[first:last]
            x[i : i + s, first:last] = g.inside(image).transpose(0, 3, 1, 2)

    run(task, share(g.n, g.c, threads), threads)
    return x


def outer_columns(g: Geometry, x, y, threads: int) -> np.ndarray:
    """权重的梯度：im2col，再一次矩阵乘。"""
    size = g.kh * g.kw * g.c

    def task(lo: int, hi: int, top: int, bottom: int) -> np.ndarray:
        rows = bottom - top
        step = g.chunk(rows, g.c, hi - lo)
        image, cols = g.padded(step, g.c), np.empty(step * rows * g.ow * size, np.float32)
        total = np.zeros((g.m, size), np.float32)
        for i in range(lo, hi, step):
            s = min(step, hi - i)
            g.inside(image)[:s] = x[i : i + s].transpose(0, 2, 3, 1)
            part = np.ascontiguousarray(y[i : i + s, :, top:bottom].swapaxes(0, 1))
            total += part.reshape(g.m, -1) @ im2col(g, image[:s], cols, top, rows)
        return total

    parts = run(task, share(g.n, g.oh, threads), threads)
    total = sum(parts[1:], parts[0])
    w = empty(g.m, g.c, g.kh, g.kw)
    w[...] = total.reshape(g.m, g.kh, g.kw, g.c).transpose(0, 3, 1, 2)
    return w
