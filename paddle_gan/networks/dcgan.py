"""DCGAN 的生成器与判别器（Radford 等，2016，§3 与图 1）。

三条改动：用带步长的（转置）卷积代替池化；去掉全连接隐层；加 BN——但 G 的输出层和 D 的输入层不加。
"""

from typing import Literal

from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.limits import Depth, Side, Width
from paddle_gan.networks.attention import attend, require_side
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.init import INITIALIZERS
from paddle_gan.networks.minibatch import Group, MinibatchStd
from paddle_gan.networks.spectral import normalise_spectra

ACTIVATIONS = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.2)}
OUTPUTS = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "linear": nn.Identity}
NORMS = {"batch": nn.BatchNorm2D, "instance": nn.InstanceNorm2D}
Init = Literal["normal_002", "he_normal", "glorot_uniform", "paddle_default"]


def start_size(shape: tuple[int, ...], depth: int) -> list[int]:
    """最小特征图的高宽：边长除以 2^depth；除不尽是用户错误。"""
    if len(shape) != 3:
        raise UserError(f"dcgan 网络只处理图像 (C, H, W)，这份数据的样本形状是 {shape}；请改用 mlp")
    factor = 2**depth
    if shape[1] % factor or shape[2] % factor:
        raise UserError(
            f"图像的高×宽是 {shape[1]}×{shape[2]}，不能被 2^depth = {factor} 整除；"
            "请改 data.size 或网络的 depth"
        )
    return [shape[1] // factor, shape[2] // factor]


def halvings(shape: tuple[int, ...]) -> int:
    """depth 没有写时的层数：高与宽都还是偶数、都大于 4，就再减半；至少一层。"""
    depth, sides = 0, shape[1:]
    while all(side % 2 == 0 and side > 4 for side in sides):
        depth, sides = depth + 1, [side // 2 for side in sides]
    return max(depth, 1)


def channel_plan(width: int, depth: int, channels: list[int] | None) -> list[int]:
    """从图像一侧数起，每层的通道数：默认 width, 2·width, 4·width…；也可以逐个写明。"""
    if channels is None:
        return [width * 2**i for i in range(depth)]
    if len(channels) != depth or min(channels) < 1:
        raise UserError(
            f"channels 要写 depth = {depth} 个正整数（从图像一侧数起），现在是 {channels}"
        )
    return list(channels)


def normalise(norm: str, channels: int) -> list[nn.Layer]:
    """按名字给一层归一化；none 就是没有。"""
    return [NORMS[norm](channels)] if norm in NORMS else []


def up(c_in: int, c_out: int, bias) -> nn.Layer:
    """边长翻倍的转置卷积（分数步长卷积）。"""
    return Conv2DTranspose(c_in, c_out, kernel_size=4, stride=2, padding=1, bias_attr=bias)


class DCGANGenerator(nn.Layer):
    """潜变量 → 图像：(N, z_dim) → (N, C, H, W)。

    参数：
        width: 离图像最近的一层的通道数；每远一层翻一倍
        depth: 步长为 2 的转置卷积层数；H、W 必须能被 2^depth 整除；null 是减半到奇数或 4 为止
        channels: 逐层写明通道数（从图像一侧数起），写了就不看 width
        norm, activation: 隐层的归一化与激活；论文用 BN 与 ReLU
        output: 输出激活；论文用 tanh，VAE 的解码器给的是 logit，用 linear
        init: 初始化；论文用 N(0, 0.02²)
        attention: 在多高的特征图之后加自注意力（见 networks/attention.py）；默认不加
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 64,
        depth: Depth | None = 3,
        channels: list[int] | None = None,
        norm: Literal["batch", "none"] = "batch",
        activation: Literal["relu", "leaky_relu"] = "relu",
        output: Literal["tanh", "sigmoid", "linear"] = "tanh",
        init: Init = "normal_002",
        attention: Side | None = None,
    ):
        super().__init__()
        depth = depth or halvings(out_shape)
        size = start_size(out_shape, depth)
        plan = channel_plan(width, depth, channels)[::-1]
        # 有 BN 时卷积的偏置会被减均值抵消，不需要
        bias = None if norm == "none" else False

        sides = [size[0] * 2**i for i in range(depth)]
        require_side(attention, sides)

        layers = [Conv2DTranspose(in_shape[0], plan[0], kernel_size=size, bias_attr=bias)]
        for c_in, c_out, side in zip(plan, plan[1:], sides):
            layers += [*normalise(norm, c_in), ACTIVATIONS[activation]()]
            layers += [*attend(attention, side, c_in), up(c_in, c_out, bias)]
        # 输出层：不加 BN，所以保留偏置
        layers += [*normalise(norm, plan[-1]), ACTIVATIONS[activation]()]
        layers += attend(attention, sides[-1], plan[-1])
        layers += [up(plan[-1], out_shape[0], bias=None), OUTPUTS[output]()]

        self.layers = Chain(*layers)
        self.apply(INITIALIZERS[init])

    def forward(self, z):
        return self.layers(z.reshape([*z.shape, 1, 1]))  # (N, C, H, W)


class DCGANDiscriminator(nn.Layer):
    """图像 → 一个数：(N, C, H, W) → (N, 1)，不加 sigmoid（损失直接用 logit，评论器也用它）。

    参数：
        width: 离图像最近的一层的通道数；每远一层翻一倍
        depth: 步长为 2 的卷积层数；H、W 必须能被 2^depth 整除；null 是减半到奇数或 4 为止
        channels: 逐层写明通道数（从图像一侧数起），写了就不看 width
        norm: 隐层的归一化；论文用 batch，WGAN-GP 必须用 none 或 instance
        init: 初始化；论文用 N(0, 0.02²)
        minibatch_std: 几个样本一组算标准差，接在输出层之前；默认不算
        spectral_norm: 每个卷积都做谱归一化，见 networks/spectral.py；常与 norm: none 一起写
        attention: 在多高的特征图之后加自注意力（见 networks/attention.py）；默认不加
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 64,
        depth: Depth | None = 3,
        channels: list[int] | None = None,
        norm: Literal["batch", "instance", "none"] = "batch",
        init: Init = "normal_002",
        minibatch_std: Group | None = None,
        spectral_norm: bool = False,
        attention: Side | None = None,
    ):
        super().__init__()
        depth = depth or halvings(in_shape)
        size = start_size(in_shape, depth)
        plan = channel_plan(width, depth, channels)

        sides = [in_shape[1] // 2 ** (i + 1) for i in range(depth)]
        require_side(attention, sides)

        # 输入层不加 BN
        layers = [Conv2D(in_shape[0], plan[0], kernel_size=4, stride=2, padding=1)]
        layers += [nn.LeakyReLU(0.2), *attend(attention, sides[0], plan[0])]
        for c_in, c_out, side in zip(plan, plan[1:], sides[1:]):
            bias = None if norm == "none" else False
            layers += [
                Conv2D(c_in, c_out, kernel_size=4, stride=2, padding=1, bias_attr=bias),
                *normalise(norm, c_out),
                nn.LeakyReLU(0.2),
                *attend(attention, side, c_out),
            ]
        layers += [MinibatchStd(minibatch_std)] if minibatch_std else []
        layers.append(Conv2D(plan[-1] + bool(minibatch_std), out_shape[0], kernel_size=size))

        self.layers = Chain(*layers)
        self.apply(INITIALIZERS[init])
        if spectral_norm:
            normalise_spectra(self.layers)

    def forward(self, x):
        return self.layers(x).reshape([x.shape[0], -1])  # (N, 1)
