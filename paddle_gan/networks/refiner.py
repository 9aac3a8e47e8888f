"""把小图画大、画清楚的网络：StackGAN 的第二级（Zhang 等，2017，arXiv:1612.03242，§3.4）。"""

from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.limits import Depth, Width
from paddle_gan.networks.chain import Chain, Shortcut
from paddle_gan.networks.convolution import Conv2D
from paddle_gan.networks.init import normal_002
from paddle_gan.networks.resize import Up


def layer(c_in: int, c_out: int, size: int = 3, stride: int = 1) -> list[nn.Layer]:
    """卷积、BN、ReLU；边长除以 stride。"""
    options = {"kernel_size": size, "stride": stride, "padding": 1, "bias_attr": False}
    return [Conv2D(c_in, c_out, **options), nn.BatchNorm2D(c_out), nn.ReLU()]


class Residual(Shortcut):
    """x + 两层卷积，(N, C, H, W) → (N, C, H, W)；加过以后的 ReLU 由外面接。"""

    def __init__(self, channels: int):
        super().__init__()
        self.body = Chain(*layer(channels, channels), *layer(channels, channels)[:-1])


class Refiner(nn.Layer):
    """小图（后面接着条件）→ 大图：(N, C + c, h, w) → (N, C, H, W)，H = 2^k·h，输出在 [−1, 1]。

    参数：
        width: 第一层的通道数；缩小一半以后翻倍
        blocks: 残差块的个数（论文 4）
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 32,
        blocks: Depth = 2,
    ):
        super().__init__()
        if len(out_shape) != 3:
            raise UserError(f"refiner 输出图像，这里要的是 {in_shape} → {out_shape}；请换一个网络")
        if len(in_shape) != 3 or in_shape[1] % 2 or in_shape[2] % 2:
            raise UserError(
                f"refiner 要高与宽是偶数的小图，这里是 {in_shape}；"
                "请改 data.size，让图的高与宽能被 4 整除"
            )
        # 与论文不同：条件接在小图的每个像素上，不是接在缩小以后的特征上；缩到一半，不是四分之一
        layers = [Conv2D(in_shape[0], width, kernel_size=3, padding=1), nn.ReLU()]
        layers += layer(width, 2 * width, size=4, stride=2)
        for _ in range(blocks):
            layers += [Residual(2 * width), nn.ReLU()]
        side, channels = in_shape[1] // 2, 2 * width
        while side < out_shape[1]:
            layers += [Up(), *layer(channels, max(channels // 2, 1))]
            side, channels = 2 * side, max(channels // 2, 1)
        layers += [Conv2D(channels, out_shape[0], kernel_size=3, padding=1), nn.Tanh()]

        self.layers = nn.Sequential(*layers)
        self.apply(normal_002)

    def forward(self, x):
        return self.layers(x)  # (N, C, H, W)
