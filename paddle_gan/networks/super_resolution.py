"""把图放大的网络：SRGAN 的生成器（Ledig 等，2017，§2.1.1 与图 4，小一号）。"""

from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.limits import Depth, Width
from paddle_gan.networks.chain import Chain, Shortcut
from paddle_gan.networks.convolution import Conv2D
from paddle_gan.networks.init import he_normal


def same(c_in: int, c_out: int) -> nn.Layer:
    """3×3 的卷积，边长不变。"""
    return Conv2D(c_in, c_out, kernel_size=3, padding=1)


class Block(Shortcut):
    """h + 两层卷积，(N, C, h, w) → (N, C, h, w)。"""

    def __init__(self, channels: int):
        super().__init__()
        self.body = Chain(same(channels, channels), nn.ReLU(), same(channels, channels))


class SRGenerator(nn.Layer):
    """小图 → 大图：(N, C, h, w) → (N, C', 2^k·h, 2^k·w)，输出在 [−1, 1]；推理时 h、w 任意。

    先在小图上算完残差块，再放大 k 次：卷积算出四倍的通道，PixelShuffle 把每四个通道摆成 2×2 个像素
    （Shi 等，2016，§2.2）。放大以前的层都在小图上，便宜。

    与论文不同：没有 BN（Lim 等，2017，§3.1 也去掉了它），ReLU 代替 PReLU，卷积都是 3×3，
    残差块之外没有再加一条长的捷径。

    参数：
        width: 通道数（论文 64）
        blocks: 残差块的个数（论文 16）
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 64,
        blocks: Depth = 4,
    ):
        super().__init__()
        doublings = [k for k in range(1, 4) if grown(in_shape, k) == tuple(out_shape[1:])]
        if len(in_shape) != 3 or not doublings:
            raise UserError(
                f"sr_generator 把图的高与宽放大 2、4 或 8 倍，这里要的是 {in_shape} → {out_shape}；"
                "请换一个网络，或改 data"
            )
        body = [same(in_shape[0], width), nn.ReLU(), *(Block(width) for _ in range(blocks))]
        self.body = Chain(*body)
        self.ups = nn.LayerList(same(width, 4 * width) for _ in range(doublings[0]))
        self.shuffle, self.relu = nn.PixelShuffle(2), nn.ReLU()
        self.last = Chain(same(width, out_shape[0]), nn.Tanh())
        self.apply(he_normal)

    def forward(self, x):
        h = self.body(x)
        for up in self.ups:
            h = self.relu(self.shuffle(up(h)))  # (N, width, 2h, 2w)
        return self.last(h)


def grown(shape: tuple[int, ...], doublings: int) -> tuple[int, ...]:
    """(C, h, w) 放大 2^k 倍以后的高与宽；不是图像时是空的。"""
    return tuple(2**doublings * side for side in shape[1:]) if len(shape) == 3 else ()
