"""自注意力层（Zhang 等，2019，SAGAN，arXiv:1805.08318，§3）：每个位置看得到全图，不只是近旁。"""

from paddle import Tensor, nn

from paddle_gan.errors import UserError
from paddle_gan.networks.convolution import Conv2D


def softmax(a: Tensor) -> Tensor:
    """最后一维的 softmax；用指数与和来写，飞桨自己的求不了二阶导（梯度惩罚要）。"""
    e = (a - a.max(axis=-1, keepdim=True).detach()).exp()
    return e / e.sum(axis=-1, keepdim=True)


def columns(x: Tensor) -> Tensor:
    """图 (N, C, H, W) → 每个位置一列 (N, C, HW)。"""
    return x.reshape([0, x.shape[1], -1])


class SelfAttention(nn.Layer):
    """y = x + γ·o，(N, C, H, W) → 一样的形状；γ 从 0 学起，刚开始就是原样输出。

    与作者的代码不同：f、h 之后没有 2×2 的最大池化（论文正文也没有；飞桨的它求不了二阶导）。
    """

    def __init__(self, channels: int):
        super().__init__()
        thin, half = max(channels // 8, 1), max(channels // 2, 1)
        self.f = Conv2D(channels, thin, kernel_size=1)
        self.g = Conv2D(channels, thin, kernel_size=1)
        self.h = Conv2D(channels, half, kernel_size=1)
        self.v = Conv2D(half, channels, kernel_size=1)
        self.gamma = self.create_parameter([1], default_initializer=nn.initializer.Constant(0.0))

    def attention(self, x: Tensor) -> Tensor:
        """注意力 β (N, HW, HW)：第 j 行是位置 j 看各个位置 i 的份量，一行加起来是 1。"""
        f, g = (columns(conv(x)) for conv in (self.f, self.g))
        # β_{j,i} = softmax_i(f(x_i)ᵀ·g(x_j))
        return softmax(g.transpose([0, 2, 1]) @ f)

    def forward(self, x):
        h = columns(self.h(x))  # (N, C/2, HW)
        # o_j = v(Σ_i β_{j,i}·h(x_i))
        mixed = h @ self.attention(x).transpose([0, 2, 1])
        o = self.v(mixed.reshape([0, h.shape[1], *x.shape[2:]]))
        return x + self.gamma * o


def attend(wanted: int | None, side: int, channels: int) -> list[nn.Layer]:
    """高是 side 的特征图之后要不要加自注意力；wanted 是要加的那一种的高。"""
    return [SelfAttention(channels)] if wanted == side else []


def require_side(wanted: int | None, sides: list[int]) -> None:
    """要加自注意力的大小在 sides 里，否则抛出 UserError。"""
    if wanted is not None and wanted not in sides:
        able = "、".join(map(str, sides))
        raise UserError(f"attention: {wanted} 没有这样高的特征图；这个网络的有 {able}")
