"""几层卷积，高与宽不变：LAPGAN 的残差生成器用它（Denton 等，2015，§5 与作者的代码）。"""

from typing import Annotated, Literal

from paddle import nn
from pydantic import Field

from paddle_gan.errors import UserError
from paddle_gan.limits import Depth, Width
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D
from paddle_gan.networks.init import INITIALIZERS

OUTPUTS = {"linear": nn.Identity, "tanh": nn.Tanh}


class Conv(nn.Layer):
    """图像 → 图像：(N, C, H, W) → (N, C', H, W)；没有归一化，没有下采样。

    参数：
        width: 隐层的通道数（作者的 CIFAR 设定 64）
        depth: 隐层个数（作者 2）；后面还有一层输出
        kernel: 卷积核的边长，要是奇数（作者 7、7、5）
        output: 输出激活；残差有正有负，不设界，用 linear
        init: 初始化的名字，见 networks/init.py
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 64,
        depth: Depth = 2,
        kernel: Annotated[int, Field(ge=1, le=31)] = 5,
        output: Literal["linear", "tanh"] = "linear",
        init: Literal["normal_002", "he_normal", "glorot_uniform", "paddle_default"] = "he_normal",
    ):
        super().__init__()
        if len(in_shape) != 3 or in_shape[1:] != out_shape[1:]:
            raise UserError(
                f"conv 只把图像变成同样大小的图像 (C, H, W)，这里要的是 {in_shape} → {out_shape}；"
                "请换一个网络"
            )
        if kernel % 2 == 0:
            raise UserError(f"conv 的 kernel 要是奇数，高与宽才不变，现在是 {kernel}")
        layers, c_in = [], in_shape[0]
        for _ in range(depth):
            layers += [Conv2D(c_in, width, kernel_size=kernel, padding=kernel // 2), nn.ReLU()]
            c_in = width
        layers.append(Conv2D(c_in, out_shape[0], kernel_size=kernel, padding=kernel // 2))
        self.layers = Chain(*layers, OUTPUTS[output]())
        self.apply(INITIALIZERS[init])

    def forward(self, x):
        return self.layers(x)
