"""大图切成重叠的小块，一块一块地过网络，再拼回去，看不出接缝。

接缝有两个来源。一是块边上的像素看不到块外面：相邻两块重叠，各自最靠边的一段不要，其余的线性过渡。
二是实例归一化按整张图的均值与方差来，一块有一块的，拼起来深浅不一：先在图上各处取一些小片，合起来
量一遍均值与方差，各块都用它。Chen 等（2022，arXiv:2103.11784）量的是整张图的缩影；缩小会丢掉
细纹理，实测有纹理的图因此差得多，平缓的照片两者差不多。
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from paddle import Tensor, nn

Pair = tuple[int, int]  # （高，宽）
SCATTER = 4  # 量均值与方差的小片：横竖各取几片，合起来与一块一样大
FLAT = 1e-12  # 方差小于它的通道处处相同


def overlap_of(tile: int, multiple: int) -> int:
    """边长 tile 的块，相邻两块重叠多少：四分之一，是 multiple 的倍数；两头各四分之一不要。"""
    return max(4, -(-tile // (4 * multiple))) * multiple


def starts(length: int, tile: int, overlap: int, multiple: int) -> list[int]:
    """长 length 的一边切成几块，各从哪里开始：均匀铺满，都是 multiple 的倍数，至少重叠 overlap。"""
    if length <= tile:
        return [0]
    pieces = -(-(length - overlap) // (tile - overlap))
    step = (length - tile) / (pieces - 1)
    return [int(i * step) // multiple * multiple for i in range(pieces - 1)] + [length - tile]


def ramps(begins: list[int], tile: int, length: int, overlap: int) -> list[np.ndarray]:
    """每一块在这一边上各位置的权重 (tile,)；任何位置上，各块的权重之和是 1。

    离块的边（图自己的边不算）不到 overlap/4 的不要，从 overlap/4 到 3/4 线性升到 1。
    """
    tile = min(tile, length)
    inside, margin = np.arange(tile) + 0.5, overlap / 4
    weights, total = [], np.zeros(length)
    for begin in begins:
        weight = np.ones(tile)
        if begin > 0:
            weight = np.minimum(weight, (inside - margin) / (overlap / 2))
        if begin + tile < length:
            weight = np.minimum(weight, (tile - inside - margin) / (overlap / 2))
        weights.append(weight.clip(0))
        total[begin : begin + tile] += weights[-1]
    return [weight / total[begin : begin + tile] for begin, weight in zip(begins, weights)]


class Piece(NamedTuple):
    """一块：在图的哪里，在两边上各位置的权重。"""

    place: tuple[slice, slice]
    down: np.ndarray  # (h,)
    across: np.ndarray  # (w,)


def cut(sides: Pair, tiles: Pair, overlaps: Pair, multiples: Pair) -> list[Piece]:
    """把 sides 大的图切成块，逐行排；四个参数都是先高后宽。"""
    begins = [starts(*along) for along in zip(sides, tiles, overlaps, multiples)]
    weights = [ramps(*along) for along in zip(begins, tiles, sides, overlaps)]
    return [
        Piece((slice(top, top + len(down)), slice(left, left + len(across))), down, across)
        for top, down in zip(begins[0], weights[0])
        for left, across in zip(begins[1], weights[1])
    ]


def blend(
    image: np.ndarray,
    pieces: list[Piece],
    translate: Callable[[np.ndarray], np.ndarray],
    progress: Callable[[int], None] = lambda done: None,
) -> np.ndarray:
    """一块一块地译 image (H, W, C)，拼成 float32 (C', f·H, f·W)。

    translate 把一块 (h, w, C) 译成 (C', f·h, f·w)；每译完一块，调用 progress(译完几块)。
    """
    joined = None
    for done, (place, down, across) in enumerate(pieces, start=1):
        made = translate(image[place])
        f = made.shape[1] // len(down)
        if joined is None:
            joined = np.zeros((made.shape[0], *(f * side for side in image.shape[:2])), np.float32)
        larger = (slice(f * along.start, f * along.stop) for along in place)
        weight = np.outer(down.repeat(f), across.repeat(f)).astype(np.float32)
        joined[(slice(None), *larger)] += made * weight
        progress(done)
    return joined


def scattered(image: np.ndarray, tiles: Pair, multiples: Pair, minimum: int) -> np.ndarray:
    """在 image (H, W, C) 上横竖均匀取 SCATTER × SCATTER 个小片 (n, h, w, C)。"""
    sides, begins = [], []
    for length, tile, multiple in zip(image.shape[:2], tiles, multiples):
        side = max(tile // SCATTER, minimum) // multiple * multiple
        sides.append(min(side, length))
        spaces = np.linspace(0, length - sides[-1], SCATTER)
        begins.append([int(space) // multiple * multiple for space in spaces])
    h, w = sides
    return np.stack([image[y : y + h, x : x + w] for y in begins[0] for x in begins[1]])


@contextmanager
def shared_statistics(network: nn.Layer, look: Callable[[], object]) -> Iterator[None]:
    """块内，network 的实例归一化都用 look() 里量到的均值与方差；look 让一批小片过一遍网络。"""
    layers = [x for x in network.sublayers(include_self=True) if isinstance(x, nn.InstanceNorm2D)]
    lines: dict[int, tuple[Tensor, Tensor]] = {}

    def measure(layer, inputs, output):
        n, c, h, w = inputs[0].shape
        # 一批小片接成一张，均值与方差就是合起来的；直接调用 forward，不再触发这个函数
        strip = inputs[0].transpose([1, 0, 2, 3]).reshape([1, c, n * h, w])
        made = layer.forward(strip)
        lines[id(layer)] = line_through(strip, made)
        return made.reshape([c, n, h, w]).transpose([1, 0, 2, 3])

    def reuse(layer, inputs, output):
        slope, level = lines[id(layer)]
        return slope * inputs[0] + level

    if layers:
        with hooked(layers, measure):
            look()
    with hooked(layers, reuse):
        yield


def line_through(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """实例归一化在每个通道上是一条直线 y = a·x + b：由一次的输入、输出 (N, C, H, W) 求 a、b。"""
    mean_x, mean_y = x.mean([2, 3], keepdim=True), y.mean([2, 3], keepdim=True)
    variance = ((x - mean_x) ** 2).mean([2, 3], keepdim=True)
    slope = ((x - mean_x) * (y - mean_y)).mean([2, 3], keepdim=True) / variance.clip(min=FLAT)
    return slope, mean_y - slope * mean_x


@contextmanager
def hooked(layers: list[nn.Layer], hook: Callable) -> Iterator[None]:
    """块内，这些层每次前向之后调用 hook(层, 输入, 输出)；它返回什么，输出就是什么。"""
    handles = [layer.register_forward_post_hook(hook) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
