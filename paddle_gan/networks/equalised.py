"""均衡的学习率与逐像素归一化（Karras 等，2018，arXiv:1710.10196，§4）。"""

import math

import paddle
from paddle import nn

from paddle_gan.networks.convolution import Conv2D


class Equalised(nn.Layer):
    """均衡的学习率（§4.1）：权重 w ~ N(0, 1)，用的时候才乘 gain/√输入数。

    Adam 每一步走的距离与梯度的大小无关；权重都在同一个尺度上，各层学得才一样快。
    """

    def __init__(self, layer: nn.Linear | nn.Conv2D, gain: float = 2**0.5):
        super().__init__()
        self.layer = layer
        shape = layer.weight.shape  # 全连接 (输入, 输出)，卷积 (输出, 输入, k, k)
        inputs = shape[0] if isinstance(layer, nn.Linear) else math.prod(shape[1:])
        self.scale = gain / inputs**0.5
        nn.initializer.Normal(mean=0.0, std=1.0)(layer.weight)
        nn.initializer.Constant(0.0)(layer.bias)

    def forward(self, x):
        # (s·w)x + b = w(s·x) + b：乘在输入上，卷积照用快的实现
        return self.layer(self.scale * x)


class PixelNorm(nn.Layer):
    """逐像素归一化（§4.2）：每个位置的 C 个数除以它们的均方根；(N, C, ...) → 一样的形状。"""

    def forward(self, x):
        c = x.shape[1]
        # 每个位置的 E_c[x²]，抄 C 份：乘处处是 1/C 的矩阵，比求平均再广播快一倍多
        average = paddle.full([c, c], 1 / c, dtype=x.dtype)
        power = (average @ x.square().reshape([0, c, -1])).reshape([0, *x.shape[1:]])
        # x/√(E_c[x²] + 1e-8)
        return x * (power + 1e-8).rsqrt()


class Fold(nn.Layer):
    """变形：(N, ...) → (N, *shape)；飞桨的 Flatten 求不了二阶导。"""

    def __init__(self, shape: tuple[int, ...]):
        super().__init__()
        self.shape = list(shape)

    def forward(self, x):
        return x.reshape([-1, *self.shape])


def conv(c_in: int, c_out: int) -> Equalised:
    """3×3 的卷积，边长不变。"""
    return Equalised(Conv2D(c_in, c_out, kernel_size=3, padding=1))
