"""Conv2D 与 Conv2DTranspose：用法与 paddle.nn 里的相同，CPU 上更快（tools/maintain/bench.py 量）。

CPU、float32、动态图时走飞桨自带的 oneDNN（onednn/），没有它就走 conv_kernels.py；别的情形（GPU、
双精度、导出静态图、对参数求二阶导数、没有调用过 use_threads）原样用飞桨的实现。前向、梯度、
梯度的梯度都与飞桨的一致到 1e-5。

自己写 paddle.grad(D(x).sum(), x)、只要输入的梯度时，放进 frozen(D) 或 input_gradient 块：
飞桨规定自定义的层对没有要的参数必须返回 None，而层自己看不到要了哪几个。
"""

import numpy as np
import paddle
from paddle import Tensor, nn
from paddle.autograd import PyLayer

from paddle_gan.gradients import in_input_gradient
from paddle_gan.networks.conv_kernels import (
    Geometry,
    correlate,
    empty,
    fold,
    outer,
    reflect,
    scatter,
)
from paddle_gan.networks.cores import Threads
from paddle_gan.networks.onednn import conv_steps
from paddle_gan.networks.onednn.describe import add
from paddle_gan.networks.onednn.library import library
from paddle_gan.networks.onednn.whole import computed, possible

ZERO_COPY = hasattr(paddle.Tensor, "__dlpack__")  # 飞桨 2.6 没有，要复制一次


def as_array(tensor: Tensor) -> np.ndarray:
    """张量 → NumPy，能不复制就不复制。"""
    return np.from_dlpack(tensor.detach()) if ZERO_COPY else tensor.numpy()


def as_tensor(array: np.ndarray) -> Tensor:
    """NumPy → 张量，能不复制就不复制。"""
    return paddle.utils.dlpack.from_dlpack(array) if ZERO_COPY else paddle.to_tensor(array)


class Convolution(PyLayer):
    """correlate 或 scatter（名字是 name）加偏置；两个偏导数也是 KERNELS 里的运算。

    border > 0 时先在 a 四周反射填充这么宽，g 是填充以后的形状。
    在 input_gradient 块里做的前向，对 a 的梯度还能再求导：它自己也是一个 Convolution。
    """

    @staticmethod
    def forward(ctx, a, w, bias, g, name, border):
        padded = as_tensor(reflect(as_array(a), border)) if border else a
        ctx.save_for_backward(padded, w)
        ctx.g, ctx.name, ctx.border = g, name, border
        ctx.differentiable = in_input_gradient()
        ctx.wanted = [t is not None and not t.stop_gradient for t in (a, w, bias)]
        ctx.inputs = 2 if bias is None else 3
        offset = None if bias is None else as_array(bias)
        return as_tensor(KERNELS[name](g, as_array(padded), as_array(w), Threads.count, offset))

    @staticmethod
    def backward(ctx, gradient):
        a, w = ctx.saved_tensor()
        if paddle.is_grad_enabled():  # create_graph=True：这次的结果还要求导
            return Convolution.input_gradient(ctx, gradient, w)
        arrays = {"a": as_array(a), "w": as_array(w), "d": as_array(gradient)}
        results = []
        # 冻结的权重、真实图像不要梯度，就不算
        for (name, letters), wanted in zip(DERIVATIVES[ctx.name], ctx.wanted):
            operands = (arrays[letter] for letter in letters)
            results.append(KERNELS[name](ctx.g, *operands, Threads.count) if wanted else None)
        if ctx.border and ctx.wanted[0]:
            results[0] = fold(results[0], ctx.border)
        results.append(channel_sums(arrays["d"]) if ctx.wanted[2] else None)
        tensors = (None if result is None else as_tensor(result) for result in results)
        return tuple(tensors)[: ctx.inputs]

    @staticmethod
    def input_gradient(ctx, gradient, w):
        """可以再求导的输入梯度；飞桨规定没有要的那几个必须是 None。"""
        if not ctx.differentiable:
            raise RuntimeError("要对梯度再求导，前向须在 input_gradient 或 second_order 块里")
        adjoint = DERIVATIVES[ctx.name][0][0]
        result = Convolution.apply(gradient, w, None, ctx.g, adjoint, 0)
        return (result, None, None)[: ctx.inputs]


KERNELS = {"correlate": correlate, "scatter": scatter, "outer": outer}
# 输出的梯度是 d。y = correlate(x, w)：∂x = scatter(d, w)，∂w = outer(x, d)；
# x = scatter(y, w)：∂y = correlate(d, w)，∂w = outer(d, y)
DERIVATIVES = {
    "correlate": (("scatter", "dw"), ("outer", "ad")),
    "scatter": (("correlate", "dw"), ("outer", "da")),
}


@paddle.jit.not_to_static
def fast_conv(layer: nn.Layer, x: Tensor) -> Tensor | None:
    """用这里的实现算一层；不能用、不值得时是 None。"""
    if not possible(x) or not layer.geometry(x.shape).worthwhile:
        return None
    if library():
        return computed(layer, x)
    if in_input_gradient() and layer.border:
        return None
    g = layer.geometry(x.shape)
    return Convolution.apply(x, layer.weight, layer.bias, g, layer.kernel, layer.border)


def described(layer: nn.Layer, found) -> list:
    """一层卷积的说明；反射填充自成一步。"""
    found.ranks.add(4)
    _, bias = add(found, layer, "weight", "bias")
    shape, extra = tuple(layer.weight.shape), getattr(layer, "extra", 0)
    spec = conv_steps.Convolution(layer.kernel, shape, layer.stride, layer.padding, extra, bias)
    return [conv_steps.Reflect(layer.border), spec] if layer.border else [spec]


def channel_sums(gradient: np.ndarray) -> np.ndarray:
    """偏置的梯度 (C,)：(N, C, H, W) 对其余三维求和。"""
    sums = empty(gradient.shape[1])
    sums[...] = gradient.reshape(*gradient.shape[:2], -1).sum(axis=2).sum(axis=0)
    return sums


class Conv2D(nn.Conv2D):
    """二维卷积；参数照 paddle.nn.Conv2D，只有用得到的几个。"""

    kernel = "correlate"

    def __init__(
        self, c_in, c_out, kernel_size, stride=1, padding=0, padding_mode="zeros", bias_attr=None
    ):
        options = {"padding_mode": padding_mode, "bias_attr": bias_attr}
        super().__init__(c_in, c_out, kernel_size, stride, padding, **options)
        self.stride = stride
        self.border = padding if padding_mode == "reflect" else 0
        self.padding = padding - self.border  # 反射填充以外，四周补几圈零

    def geometry(self, shape: list[int]) -> Geometry:
        """输入形状是 shape 时的卷积形状；反射填充算在输入里。"""
        n, c, h, w = shape
        m, _, kh, kw = self.weight.shape
        h, w = h + 2 * self.border, w + 2 * self.border
        return Geometry(n, c, h, w, m, kh, kw, self.stride, self.padding)

    def described(self, found) -> list:
        """给 onednn/describe.py 的说明。"""
        return described(self, found)

    def forward(self, x):
        y = fast_conv(self, x)
        return nn.Conv2D.forward(self, x) if y is None else y


class Conv2DTranspose(nn.Conv2DTranspose):
    """二维转置卷积；参数照 paddle.nn.Conv2DTranspose，只有用得到的几个。"""

    kernel = "scatter"
    border = 0

    def __init__(
        self, c_in, c_out, kernel_size, stride=1, padding=0, output_padding=0, bias_attr=None
    ):
        super().__init__(
            c_in, c_out, kernel_size, stride, padding, output_padding, bias_attr=bias_attr
        )
        self.stride, self.padding, self.extra = stride, padding, output_padding

    def geometry(self, shape: list[int]) -> Geometry:
        """输入形状是 shape 时，它作为伴随的那个卷积的形状。"""
        n, m, h, w = shape
        _, c, kh, kw = self.weight.shape
        shrink = 2 * self.padding - self.extra
        height, width = (h - 1) * self.stride + kh - shrink, (w - 1) * self.stride + kw - shrink
        return Geometry(n, c, height, width, m, kh, kw, self.stride, self.padding)

    def described(self, found) -> list:
        """给 onednn/describe.py 的说明。"""
        return described(self, found)

    def forward(self, x):
        y = fast_conv(self, x)
        return nn.Conv2DTranspose.forward(self, x) if y is None else y
