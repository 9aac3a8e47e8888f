"""CycleGAN 的 ResNet 生成器（Zhu 等，2017，§7.1；结构来自 Johnson 等，2016）。

记号照论文：c7s1-64, d128, d256, R256 × 9, u128, u64, c7s1-3；反射填充，实例归一化。
"""

from typing import Annotated

import paddle
from paddle import nn
from pydantic import Field

from paddle_gan.errors import UserError
from paddle_gan.limits import Depth, Width
from paddle_gan.networks.chain import Chain, Shortcut
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.init import normal_002


def instance_norm(channels: int) -> nn.Layer:
    """不带可学习缩放的实例归一化，与作者的代码一致。"""
    return nn.InstanceNorm2D(channels, weight_attr=False, bias_attr=False)


def atanh(x):
    """artanh(x)；导出静态图时写成 ½·log((1 + x)/(1 − x))：ONNX 的转换器不认 atanh。"""
    return paddle.atanh(x) if paddle.in_dynamic_mode() else 0.5 * paddle.log((1 + x) / (1 - x))


class ResidualBlock(Shortcut):
    """R_k：两个 3×3 卷积加一条捷径，(N, C, H, W) → (N, C, H, W)。"""

    def __init__(self, channels: int):
        super().__init__()
        self.body = Chain(
            Conv2D(channels, channels, kernel_size=3, padding=1, padding_mode="reflect"),
            instance_norm(channels),
            nn.ReLU(),
            Conv2D(channels, channels, kernel_size=3, padding=1, padding_mode="reflect"),
            instance_norm(channels),
        )


class ResNetGenerator(nn.Layer):
    """图像 → 图像：(N, C, H, W) → (N, C', H, W)，输出在 [−1, 1]；H、W 要能被 2^down 整除。

    参数：
        width: 第一层的通道数（论文 64）
        blocks: 残差块个数（论文：256 像素 9 块，128 像素 6 块）
        down: 下采样次数（论文 2）
        skip: 输出改成 tanh(atanh(0.97·x) + net(x))，从“原样输出”附近学起
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 64,
        blocks: Depth = 9,
        down: Annotated[int, Field(ge=0, le=64)] = 2,
        skip: bool = False,
    ):
        super().__init__()
        if len(in_shape) != 3:
            raise UserError(
                f"resnet_generator 只处理图像 (C, H, W)，这份数据的样本形状是 {in_shape}"
            )
        if in_shape[1] % 2**down or in_shape[2] % 2**down:
            raise UserError(
                f"图像的高×宽是 {in_shape[1]}×{in_shape[2]}，不能被 2^down = {2**down} 整除；"
                "请改 data.size 或网络的 down"
            )
        if skip and in_shape[0] != out_shape[0]:
            raise UserError("skip 要求两个域的通道数相同；请改 data 的通道数，或去掉 skip")
        self.skip = skip

        edge = {"kernel_size": 7, "padding": 3, "padding_mode": "reflect"}  # c7s1
        layers = [Conv2D(in_shape[0], width, **edge), instance_norm(width), nn.ReLU()]
        for i in range(down):
            layers += self._resize(Conv2D, width * 2**i, width * 2 ** (i + 1))
        layers += [ResidualBlock(width * 2**down) for _ in range(blocks)]
        for i in range(down, 0, -1):
            layers += self._resize(Conv2DTranspose, width * 2**i, width * 2 ** (i - 1))
        layers.append(Conv2D(width, out_shape[0], **edge))

        self.layers = Chain(*layers)
        self.apply(normal_002)

    @staticmethod
    def _resize(convolution: type, c_in: int, c_out: int) -> list[nn.Layer]:
        """d_k（Conv2D）或 u_k（Conv2DTranspose）：3×3，步长 2。"""
        extra = {"output_padding": 1} if convolution is Conv2DTranspose else {}
        conv = convolution(c_in, c_out, kernel_size=3, stride=2, padding=1, **extra)
        return [conv, instance_norm(c_out), nn.ReLU()]

    def forward(self, x):
        # 与论文不同：skip 时从恒等映射附近出发，小数据、短训练下不丢内容
        start = atanh(0.97 * x) if self.skip else 0.0
        return paddle.tanh(start + self.layers(x))
