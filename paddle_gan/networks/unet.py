"""U-Net 生成器（Ronneberger 等，2015；用法照 pix2pix，Isola 等，2017，§3.2.1 与附录 6.1.1）。"""

from typing import Annotated, Literal

import paddle
from paddle import nn
from pydantic import Field

from paddle_gan.draws import per_sample
from paddle_gan.errors import UserError
from paddle_gan.limits import Depth, Width
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.init import normal_002
from paddle_gan.networks.resnet import instance_norm

NORMS = {"batch": nn.BatchNorm2D, "instance": instance_norm}
NOISY = 3  # 解码器的头几层带 dropout（论文）


class Dropout(nn.Layer):
    """训练时以概率 rate 把一个数变成 0，其余除以 1 − rate；评估时原样。

    逐个样本抽（draws.py），所以几个进程合起来与一个进程的相同。
    """

    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def forward(self, h):
        if not self.training or not self.rate:
            return h
        kept = (per_sample(paddle.rand, h.shape) >= self.rate).astype(h.dtype)
        return h * kept / (1.0 - self.rate)


class UNet(nn.Layer):
    """图像 → 图像：(N, C, H, W) → (N, C', H, W)，输出在 [−1, 1]；H、W 要能被 2^depth 整除。

    编码器每层边长减半，解码器每层翻倍；第 i 层的特征直接接到解码器里同样大小的那一层：
    输入与输出对齐的轮廓不必从最小的特征图里挤过去。

    参数：
        width: 第一层的通道数（论文 64），以后每层翻倍，最多 8 倍
        depth: 编码器的层数（论文 256 像素用 8，一直缩到 1×1）
        norm: 论文用 batch；批大小是 1 时与 instance 相同
        dropout: 解码器头三层丢掉的比例（论文 0.5），是这个生成器唯一的噪声，只在训练时有
        skips: 要不要那些直接的连接；false 是普通的编码器加解码器，论文的对照
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 64,
        depth: Depth = 5,
        norm: Literal["batch", "instance", "none"] = "batch",
        dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5,
        skips: bool = True,
    ):
        super().__init__()
        check_sides(in_shape, depth)
        self.depth, self.skips = depth, skips
        plan = [width * min(2**i, 8) for i in range(depth)]  # 编码器各层的通道数

        self.downs, self.ups = nn.LayerList(), nn.LayerList()
        c_in = in_shape[0]
        for i, c_out in enumerate(plan):
            # 第一层不归一化；最里一层可以只剩一个点，减了均值什么也不剩，也不归一化
            inner = 0 < i < depth - 1
            self.downs.append(Chain(*self._down(c_in, c_out, first=i == 0, norm=norm, inner=inner)))
            c_in = c_out
        for i in range(depth - 1):
            c_out = plan[depth - 2 - i]
            noise = Dropout(dropout if i < NOISY else 0.0)
            self.ups.append(nn.Sequential(Chain(*self._up(c_in, c_out, norm)), noise))
            c_in = 2 * c_out if skips else c_out
        last = Conv2DTranspose(c_in, out_shape[0], kernel_size=4, stride=2, padding=1)
        self.ups.append(Chain(nn.ReLU(), last, nn.Tanh()))
        self.apply(normal_002)

    @staticmethod
    def _down(c_in: int, c_out: int, *, first: bool, norm: str, inner: bool) -> list[nn.Layer]:
        layers = [] if first else [nn.LeakyReLU(0.2)]
        layers.append(Conv2D(c_in, c_out, kernel_size=4, stride=2, padding=1))
        return layers + ([NORMS[norm](c_out)] if inner and norm in NORMS else [])

    @staticmethod
    def _up(c_in: int, c_out: int, norm: str) -> list[nn.Layer]:
        up = Conv2DTranspose(c_in, c_out, kernel_size=4, stride=2, padding=1)
        return [nn.ReLU(), up, *([NORMS[norm](c_out)] if norm in NORMS else [])]

    def forward(self, x):
        features = []
        for down in self.downs:
            x = down(x)
            features.append(x)
        for i, up in enumerate(self.ups):
            x = up(x)
            if self.skips and i < self.depth - 1:
                # 同样大小的那一层：倒数第 i + 2 层
                x = paddle.concat([x, features[-2 - i]], axis=1)
        return x


def check_sides(shape: tuple[int, ...], depth: int) -> None:
    """图像的边长能被 2^depth 整除，否则抛出 UserError。"""
    if len(shape) != 3:
        raise UserError(f"unet 只处理图像 (C, H, W)，这份数据的样本形状是 {shape}")
    if shape[1] % 2**depth or shape[2] % 2**depth:
        raise UserError(
            f"图像的高×宽是 {shape[1]}×{shape[2]}，不能被 2^depth = {2**depth} 整除；"
            "请改 data.size 或 network.generator.depth"
        )
