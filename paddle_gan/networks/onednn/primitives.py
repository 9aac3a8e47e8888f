"""归一化、激活、矩阵乘、换布局的 oneDNN 原语。

数组是 float32，图的通道排在最后（NHWC）。每个原语只造一次（按形状记住）；run 收的都是地址。
"""

from functools import lru_cache

from paddle_gan.networks.cores import Threads
from paddle_gan.networks.onednn.interface import (
    BACKWARD,
    FROM_OUTPUT,
    FUSED_RELU,
    GLOBAL_STATS,
    INFERENCE,
    SCALE,
    SHIFT,
    TRAINING,
)
from paddle_gan.networks.onednn.library import (
    Primitive,
    library,
    nhwc,
    plain,
    queried,
    reorder,
    size_of,
)

KEEP = 4096  # 记住多少个原语；一个网络一种批大小约用几十个


def kept(make, size: int = KEEP):
    """造过的就用原来的。oneDNN 造的时候按线程数分活，所以线程数也是键。"""
    cached = lru_cache(size)(lambda threads, *arguments: make(*arguments))
    return lambda *arguments: cached(Threads.count, *arguments)


def eltwise_after(algorithm: int, slope: float):
    """“算完顺手做激活”的附加说明。"""
    lib = library()
    operations, attributes = lib.made("post_ops_create"), lib.made("primitive_attr_create")
    lib.check(lib.post_ops_append_eltwise(operations, algorithm, slope, 0.0), "post_ops")
    lib.check(lib.primitive_attr_set_post_ops(attributes, operations), "set_post_ops")
    return attributes


class NormForward:
    """批归一化的前向；mode 是 train（算统计量）或 eval（用累计的）。relu 时顺手做 ReLU。"""

    def __init__(self, shape: tuple, epsilon: float, affine: bool, relu: bool, mode: str):
        lib, layout = library(), nhwc(*shape)
        flags = (SCALE | SHIFT if affine else 0) | (FUSED_RELU if relu else 0)
        flags |= 0 if mode == "train" else GLOBAL_STATS
        kind = TRAINING if mode == "train" else INFERENCE
        create = "batch_normalization_forward_primitive_desc_create"
        self.description = lib.made(create, lib.engine, kind, layout, layout, epsilon, flags, None)
        channel = plain((shape[1],), (1,))
        layouts = {"src": layout, "dst": layout, "mean": channel, "variance": channel}
        layouts |= {"scale": channel, "shift": channel} if affine else {}
        self.affine, self.masks, self.room = affine, relu and mode == "train", 0
        if self.masks:
            layouts["workspace"] = queried(self.description, "workspace")
            self.room = -(-size_of(layouts["workspace"]) // 4)
        self.primitive = Primitive(self.description, layouts)

    def run(self, x, y, mean, variance, scale, shift, mask) -> None:
        affine = (scale, shift) if self.affine else ()
        self.primitive.run(x, y, mean, variance, *affine, *((mask,) if self.masks else ()))


class NormBackward:
    """批归一化（连同顺手的 ReLU）的反向。"""

    def __init__(self, shape: tuple, epsilon: float, affine: bool, relu: bool):
        lib, layout = library(), nhwc(*shape)
        flags = (SCALE | SHIFT if affine else 0) | (FUSED_RELU if relu else 0)
        hint = norm_forward(shape, epsilon, affine, relu, "train").description
        create = "batch_normalization_backward_primitive_desc_create"
        start = lib.engine, BACKWARD, layout, layout, layout
        description = lib.made(create, *start, epsilon, flags, hint, None)
        channel = plain((shape[1],), (1,))
        layouts = {"src": layout, "diff_dst": layout, "diff_src": layout}
        layouts |= {"mean": channel, "variance": channel}
        if affine:  # 反向不收 shift
            layouts |= {"scale": channel, "diff_scale": channel, "diff_shift": channel}
        if relu:
            layouts["workspace"] = queried(hint, "workspace")
        self.affine, self.relu = affine, relu
        self.primitive = Primitive(description, layouts)

    def run(self, x, dy, dx, mean, variance, scale, d_scale, d_shift, mask) -> None:
        affine = (scale, d_scale, d_shift) if self.affine else ()
        masks = (mask,) if self.relu else ()
        self.primitive.run(x, dy, dx, mean, variance, *affine, *masks)


class Eltwise:
    """逐个数的激活；可以原地。slope 是 ReLU 负半轴的斜率。"""

    def __init__(self, size: int, algorithm: int, slope: float):
        lib, layout = library(), plain((size,), (1,))
        start = lib.engine, TRAINING, algorithm, layout, layout
        forward = lib.made("eltwise_forward_primitive_desc_create", *start, slope, 0.0, None)
        self.forward = Primitive(forward, {"src": layout, "dst": layout})
        start = lib.engine, FROM_OUTPUT[algorithm], layout, layout, layout
        hint = lib.made(
            "eltwise_forward_primitive_desc_create",
            *(lib.engine, TRAINING, FROM_OUTPUT[algorithm], layout, layout, slope, 0.0, None),
        )
        backward = lib.made(
            "eltwise_backward_primitive_desc_create", *start, slope, 0.0, hint, None
        )
        layouts = {"dst": layout, "diff_dst": layout, "diff_src": layout}
        self.backward = Primitive(backward, layouts)


def matrix(rows: int, columns: int, transposed: bool = False):
    """(rows, columns) 的矩阵；transposed：数组里存的是它的转置。一边是 1 时两种是同一个数组。"""
    if transposed and rows > 1 and columns > 1:
        return plain((rows, columns), (1, rows))
    return plain((rows, columns), (columns, 1))


class Product:
    """c = a·b（+ bias），可以顺手做激活；a、b 可以是转置着存的。"""

    def __init__(self, m, k, n, a_turned, b_turned, bias: bool, algorithm: int, slope: float):
        lib = library()
        a, b, c = matrix(m, k, a_turned), matrix(k, n, b_turned), matrix(m, n)
        offset = plain((1, n), (n, 1)) if bias else None
        attributes = eltwise_after(algorithm, slope) if algorithm else None
        create = "matmul_primitive_desc_create"
        description = lib.made(create, lib.engine, a, b, offset, c, attributes)
        layouts = {"src": a, "weights": b, "dst": c} | ({"bias": offset} if bias else {})
        self.primitive = Primitive(description, layouts)
        self.run = self.primitive.run


norm_forward = kept(NormForward)
norm_backward = kept(NormBackward)
eltwise = kept(Eltwise)
product = kept(Product)


@kept
def to_channels_last(n: int, c: int, h: int, w: int) -> Primitive:
    """NCHW → NHWC。"""
    return reorder(plain((n, c, h, w), (c * h * w, h * w, w, 1)), nhwc(n, c, h, w))


@kept
def from_channels_last(n: int, c: int, h: int, w: int) -> Primitive:
    """NHWC → NCHW。"""
    return reorder(nhwc(n, c, h, w), plain((n, c, h, w), (c * h * w, h * w, w, 1)))
