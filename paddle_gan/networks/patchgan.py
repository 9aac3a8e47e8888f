"""PatchGAN 判别器（Isola 等，2017，§3.2.2；CycleGAN §4）：每个输出只看一块图像。"""

from typing import Annotated, Literal

from paddle import nn
from pydantic import Field

from paddle_gan.errors import UserError
from paddle_gan.limits import Width
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D
from paddle_gan.networks.init import normal_002
from paddle_gan.networks.resnet import instance_norm
from paddle_gan.networks.spectral import normalise_spectra


class PatchGAN(nn.Layer):
    """C64-C128-C256-C512-C1：(N, C, H, W) → (N, 1, H', W')，每个输出是一块的分数。

    layers = 3 时感受野是 70×70（论文）；2 是 34×34，1 是 16×16。输入层不加归一化。
    layers = 0 时卷积都是 1×1，每个像素各打各的分（pix2pix 附录 6.1.2 的 PixelGAN）。

    参数：
        width: 第一层的通道数（论文 64），以后每层翻倍，最多 8 倍
        layers: 步长为 2 的卷积层数；0 是 PixelGAN
        norm: 隐层的归一化；论文用 instance（每张图减均值、除标准差），none 保留整体的浓淡
        spectral_norm: 每个卷积都做谱归一化，见 networks/spectral.py
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 64,
        layers: Annotated[int, Field(ge=0, le=64)] = 3,
        norm: Literal["instance", "none"] = "instance",
        spectral_norm: bool = False,
    ):
        super().__init__()
        if len(in_shape) != 3:
            raise UserError(f"patchgan 只处理图像 (C, H, W)，这份数据的样本形状是 {in_shape}")
        if layers and min(in_shape[1:]) // 2**layers < 3:
            raise UserError(
                f"图像的高×宽是 {in_shape[1]}×{in_shape[2]}，layers = {layers} 的 PatchGAN 用不了；"
                f"每边至少要 {3 * 2**layers} 像素，请减小 network.discriminator.layers"
            )

        window = {"kernel_size": 4, "padding": 1} if layers else {"kernel_size": 1}
        body = [Conv2D(in_shape[0], width, stride=2 if layers else 1, **window)]
        body.append(nn.LeakyReLU(0.2))
        c_in = width
        for i in range(1, max(layers, 1) + 1):
            c_out = width * min(2**i, 8)
            stride = 2 if i < layers else 1
            body.append(Conv2D(c_in, c_out, stride=stride, **window))
            body += [instance_norm(c_out)] if norm == "instance" else []
            body.append(nn.LeakyReLU(0.2))
            c_in = c_out
        body.append(Conv2D(c_in, out_shape[0], stride=1, **window))

        self.layers = Chain(*body)
        self.apply(normal_002)
        if spectral_norm:
            normalise_spectra(self.layers)

    def forward(self, x):
        return self.layers(x)
