"""CPU 上的二维卷积：im2col 分块、几个线程各算一份。飞桨自带的实现只用一个线程。

三个互为导数的双线性运算，数组都是 float32 的 (N, C, H, W) 与 (M, C, kh, kw)：
    y = correlate(x, w)        卷积
    x = scatter(y, w)          卷积对 x 的伴随，也就是转置卷积
    w = outer(x, y)            卷积对 w 的伴随，也就是权重的梯度
块内按 (行, 列, 通道) 排列：im2col 每次搬 kw·C 个连续的数，比按通道排列快得多。
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import as_strided

from paddle_gan.networks.cores import run

CHUNK = 1 << 19  # 一块 im2col 最多这么多个数（2 MB），大致留在缓存里
WORTHWHILE = 1 << 20  # 乘加少于这么多次时，来回转换的开销不划算
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

    def chunk(self, channels: int, samples: int) -> int:
        """一块里放几个样本。"""
        each = self.oh * self.ow * self.kh * self.kw * channels
        return max(1, min(samples, CHUNK // each))

    def padded(self, samples: int, channels: int) -> np.ndarray:
        """四周补零的空图 (samples, h + 2p, w + 2p, channels)。"""
        p = self.padding
        return np.zeros((samples, self.h + 2 * p, self.w + 2 * p, channels), np.float32)

    def inside(self, image: np.ndarray) -> np.ndarray:
        """补零图里原来那一块。"""
        p = self.padding
        return image[:, p : p + self.h, p : p + self.w]


def im2col(g: Geometry, image: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """补零图 (s, H, W, C) 里每个输出的感受野 (s·oh·ow, kh·kw·C)。"""
    samples, _, _, channels = image.shape
    sample, row, column, one = image.strides
    window = as_strided(
        image,
        (samples, g.oh, g.ow, g.kh, g.kw * channels),
        (sample, row * g.stride, column * g.stride, row, one),
        writeable=False,
    )
    target = cols[: window.size].reshape(window.shape)
    np.copyto(target, window)
    return target.reshape(samples * g.oh * g.ow, -1)


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


def reflect(x: np.ndarray, p: int) -> np.ndarray:
    """反射填充 (n, c, h, w) → (n, c, h + 2p, w + 2p)：以边上的像素为镜子，边本身不重复。"""
    n, c, h, w = x.shape
    image = empty(n, c, h + 2 * p, w + 2 * p)
    image[:, :, p:-p, p:-p] = x
    image[:, :, p:-p, :p] = x[..., p:0:-1]
    image[:, :, p:-p, -p:] = x[..., -2 : -p - 2 : -1]
    image[:, :, :p] = image[:, :, 2 * p : p : -1]
    image[:, :, -p:] = image[:, :, h + p - 2 : h - 2 : -1]
    return image


def fold(image: np.ndarray, p: int) -> np.ndarray:
    """reflect 的伴随：镜像里的梯度加回原处；会改动 image。"""
    h, w = (side - 2 * p for side in image.shape[2:])
    image[:, :, 2 * p : p : -1] += image[:, :, :p]
    image[:, :, h + p - 2 : h - 2 : -1] += image[:, :, -p:]
    inner = empty(*image.shape[:2], h, w)
    inner[...] = image[:, :, p:-p, p:-p]
    inner[..., p:0:-1] += image[:, :, p:-p, :p]
    inner[..., -2 : -p - 2 : -1] += image[:, :, p:-p, -p:]
    return inner


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

    def task(lo: int, hi: int) -> None:
        step = g.chunk(g.c, hi - lo)
        image = g.padded(step, g.c)
        cols = np.empty(step * g.oh * g.ow * matrix.shape[1], np.float32)
        for i in range(lo, hi, step):
            s = min(step, hi - i)
            g.inside(image)[:s] = x[i : i + s].transpose(0, 2, 3, 1)
            product = matrix @ im2col(g, image[:s], cols).T  # (m, s·oh·ow)
            if bias is not None:
                product += bias[:, None]
            y[i : i + s] = product.reshape(g.m, s, g.oh, g.ow).swapaxes(0, 1)

    run(task, g.n, threads)
    return y


def scatter_columns(g: Geometry, y, w, threads: int, bias=None) -> np.ndarray:
    """转置卷积：一次矩阵乘，再把每个位置的 kh·kw 个数加回原处。"""
    x = empty(g.n, g.c, g.h, g.w)
    matrix = np.ascontiguousarray(w.transpose(0, 2, 3, 1)).reshape(g.m, -1)  # (m, kh·kw·c)

    def task(lo: int, hi: int) -> None:
        step = g.chunk(g.c, hi - lo)
        for i in range(lo, hi, step):
            s = min(step, hi - i)
            flat = np.ascontiguousarray(y[i : i + s].swapaxes(0, 1)).reshape(g.m, -1)
            cols = (flat.T @ matrix).reshape(s, g.oh, g.ow, g.kh, g.kw, g.c)
            image = g.padded(s, g.c)
            for a in range(g.kh):
                for b in range(g.kw):
                    bottom, right = a + g.stride * g.oh, b + g.stride * g.ow
                    image[:, a : bottom : g.stride, b : right : g.stride] += cols[:, :, :, a, b]
            if bias is not None:
                image += bias
            x[i : i + s] = g.inside(image).transpose(0, 3, 1, 2)

    run(task, g.n, threads)
    return x


def outer_columns(g: Geometry, x, y, threads: int) -> np.ndarray:
    """权重的梯度：im2col，再一次矩阵乘。"""
    size = g.kh * g.kw * g.c

    def task(lo: int, hi: int) -> np.ndarray:
        step = g.chunk(g.c, hi - lo)
        image, cols = g.padded(step, g.c), np.empty(step * g.oh * g.ow * size, np.float32)
        total = None
        for i in range(lo, hi, step):
            s = min(step, hi - i)
            g.inside(image)[:s] = x[i : i + s].transpose(0, 2, 3, 1)
            part = np.ascontiguousarray(y[i : i + s].swapaxes(0, 1)).reshape(g.m, -1)
            product = part @ im2col(g, image[:s], cols)
            total = product if total is None else np.add(total, product, out=total)
        return total

    parts = run(task, g.n, threads)
    total = sum(parts[1:], parts[0])
    w = empty(g.m, g.c, g.kh, g.kw)
    w[...] = total.reshape(g.m, g.kh, g.kw, g.c).transpose(0, 3, 1, 2)
    return w
