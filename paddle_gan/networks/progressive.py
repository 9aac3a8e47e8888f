"""会长大的生成器与判别器（Karras 等，2018，arXiv:1710.10196，§2–4 与附录 A）。

最大的网络一开始就全在，所以检查点的形状不变；长到第几级、淡入到多少（α）只决定走哪一段。
每一级的边长是前一级的两倍。没有批归一化：G 逐像素归一化，权重都用均衡的学习率。
"""

import math
from typing import Literal

import paddle
from paddle import Tensor, nn

from paddle_gan.errors import UserError
from paddle_gan.limits import Depth, Width
from paddle_gan.networks.convolution import Conv2D
from paddle_gan.networks.equalised import Equalised, Fold, PixelNorm, conv
from paddle_gan.networks.minibatch import Group, MinibatchStd
from paddle_gan.networks.resize import Up, down, up

OUTPUTS = {"linear": nn.Identity, "tanh": nn.Tanh}


def lerp(old: Tensor, new: Tensor, alpha: float) -> Tensor:
    """(1 − α)·old + α·new。"""
    return old + (new - old) * alpha


def channel_plan(width: int, widest: int, levels: int) -> list[int]:
    """每一级的通道数，从最小的一级数起：最大的一级是 width，往下翻倍，到 widest 为止。"""
    return [min(width * 2 ** (levels - 1 - k), widest) for k in range(levels)]


class Growing(nn.Layer):
    """会长大的网络：grown 记着长到了哪里，与权重一起存盘。

    grown = k 是稳定在第 k 级，k − 1 + α 是正在淡入第 k 级（0 < α < 1）；新造的网络已经长成。
    """

    def __init__(self, shape: tuple[int, ...], levels: int):
        super().__init__()
        factor = 2 ** (levels - 1)
        if len(shape) != 3 or shape[1] % factor or shape[2] % factor:
            raise UserError(
                f"会长大的网络要图像 (C, H, W)，高与宽能被 2^(levels − 1) = {factor} 整除，"
                f"这份数据的样本形状是 {shape}；请改 data.size 或网络的 levels"
            )
        self.levels, self.smallest = levels, (shape[1] // factor, shape[2] // factor)
        self.register_buffer("grown", paddle.full([1], levels - 1.0))

    def grow(self, grown: float) -> None:
        """长到 grown。"""
        self.grown.set_value(paddle.full([1], grown))

    def position(self) -> tuple[int, float]:
        """现在是第几级（从 0 数起）与 α；稳定时 α = 1。"""
        grown = self.grown.item()
        level = math.ceil(grown)
        return level, grown - level + 1


class ProgressiveGenerator(Growing):
    """潜变量 → 图像：(N, z_dim) → (N, C, H, W)；还没有长成时，小图放大到 (H, W)。

    参数：
        width: 最大的一级的通道数；每小一级翻一倍，到 widest 为止
        widest: 通道数的上限
        levels: 几级；最小的一级的边长是 (H, W)/2^(levels − 1)
        output: 输出激活；论文没有（linear）
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 16,
        widest: Width = 64,
        levels: Depth = 4,
        output: Literal["linear", "tanh"] = "linear",
    ):
        super().__init__(out_shape, levels)
        plan = channel_plan(width, widest, levels)
        first = (plan[0], *self.smallest)
        blocks = [
            # 增益小一些：z 归一化以后已经是单位方差（作者的代码）
            [Equalised(nn.Linear(in_shape[0], math.prod(first)), gain=2**0.5 / 4), Fold(first)]
        ]
        blocks += [[Up(), conv(c_in, c_out)] for c_in, c_out in zip(plan, plan[1:])]
        act, norm = nn.LeakyReLU(0.2), PixelNorm()
        self.blocks = nn.LayerList(
            [
                nn.Sequential(*block, act, norm, conv(c, c), act, norm)
                for block, c in zip(blocks, plan)
            ]
        )
        # 每一级一个：特征 → 颜色
        self.to_rgb = nn.LayerList(
            [Equalised(Conv2D(c, out_shape[0], kernel_size=1), gain=1.0) for c in plan]
        )
        self.normalise, self.output = norm, OUTPUTS[output]()

    def image(self, z: Tensor, level: int, alpha: float) -> Tensor:
        """第 level 级大小的图；α < 1 时掺着放大的前一级：(1 − α)·up(旧) + α·新。"""
        h = self.normalise(z)
        for block in self.blocks[: level + 1]:
            before, h = h, block(h)
        image = self.to_rgb[level](h)
        if alpha < 1:
            image = lerp(up(self.to_rgb[level - 1](before)), image, alpha)
        return self.output(image)

    def forward(self, z):
        level, alpha = self.position()
        return up(self.image(z, level, alpha), 2 ** (self.levels - 1 - level))


class ProgressiveDiscriminator(Growing):
    """图像 → 一个分数：(N, C, H, W) → (N, 1)；比现在这一级大的图，先平均着缩小。

    参数：
        width: 最大的一级的通道数；每小一级翻一倍，到 widest 为止
        widest: 通道数的上限
        levels: 几级；最小的一级的边长是 (H, W)/2^(levels − 1)
        minibatch_std: 几个样本一组算标准差，在最小的一级；null 是不算
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 16,
        widest: Width = 64,
        levels: Depth = 4,
        minibatch_std: Group | None = 4,
    ):
        super().__init__(in_shape, levels)
        plan, act = channel_plan(width, widest, levels), nn.LeakyReLU(0.2)
        # 每一级一个：颜色 → 特征
        self.from_rgb = nn.LayerList(
            [nn.Sequential(Equalised(Conv2D(in_shape[0], c, kernel_size=1)), act) for c in plan]
        )
        self.blocks = nn.LayerList(
            [
                nn.Sequential(conv(c, c), act, conv(c, c_small), act, nn.AvgPool2D(2))
                for c_small, c in zip(plan, plan[1:])
            ]
        )
        c = plan[0]
        features = c * math.prod(self.smallest)
        spread = [MinibatchStd(minibatch_std)] if minibatch_std else []
        self.last = nn.Sequential(
            *(*spread, conv(c + len(spread), c), act, Fold((features,))),
            *(Equalised(nn.Linear(features, c)), act),
            Equalised(nn.Linear(c, out_shape[0]), gain=1.0),
        )

    def shrink(self, x: Tensor) -> Tensor:
        """缩小到现在这一级的大小。"""
        return down(x, x.shape[2] // (self.smallest[0] * 2 ** self.position()[0]))

    def forward(self, x):
        level, alpha = self.position()
        x = self.shrink(x)
        h = self.from_rgb[level](x)
        if level:
            h = self.blocks[level - 1](h)
            if alpha < 1:
                h = lerp(self.from_rgb[level - 1](down(x)), h, alpha)
        for k in range(level - 2, -1, -1):
            h = self.blocks[k](h)
        return self.last(h)


class Snapshot(nn.Layer):
    """现在的生成器：级与 α 是定死的，导出成静态图时不用再问。"""

    def __init__(self, G: ProgressiveGenerator):
        super().__init__()
        self.G, (self.level, self.alpha) = G, G.position()

    def forward(self, z):
        image = self.G.image(z, self.level, self.alpha)
        return up(image, 2 ** (self.G.levels - 1 - self.level))
