"""看类别的一对网络（Miyato 与 Koyama，2018，arXiv:1802.05637）：类别条件的 BN，投影判别器。

类别 y 是独热 (N, K)，单独一个输入，不接在样本上：γ、β 与嵌入 e 各是一个矩阵，y 取出其中一行。
"""

from typing import Literal

from paddle import nn
from paddle.nn.functional import relu

from paddle_gan.limits import Depth, Width
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.dcgan import OUTPUTS, channel_plan, start_size, up
from paddle_gan.networks.init import glorot_uniform
from paddle_gan.networks.spectral import SpectralNorm, normalise_spectra


class ConditionalBatchNorm(nn.Layer):
    """(N, C, H, W) 与 y (N, K) → (N, C, H, W)：先减均值、除标准差，再乘 γ_y、加 β_y。"""

    def __init__(self, channels: int, classes: int):
        super().__init__()
        self.norm = nn.BatchNorm2D(channels, weight_attr=False, bias_attr=False)
        one, zero = nn.initializer.Constant(1.0), nn.initializer.Constant(0.0)
        self.gamma = self.create_parameter([classes, channels], default_initializer=one)
        self.beta = self.create_parameter([classes, channels], default_initializer=zero)

    def forward(self, h, y):
        gamma, beta = (table.unsqueeze([2, 3]) for table in (y @ self.gamma, y @ self.beta))
        return gamma * self.norm(h) + beta


class CBNGenerator(nn.Layer):
    """潜变量与类别 → 图像：(N, z_dim) 与 (N, K) → (N, C, H, W)；骨架与 DCGAN 的相同。

    参数：
        width: 离图像最近的一层的通道数；每远一层翻一倍
        depth: 步长为 2 的转置卷积层数；H、W 必须能被 2^depth 整除
        output: 输出激活
    """

    def __init__(
        self,
        in_shape: tuple[tuple[int, ...], ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 64,
        depth: Depth = 3,
        output: Literal["tanh", "sigmoid"] = "tanh",
    ):
        super().__init__()
        (z_dim,), (classes,) = in_shape
        size, plan = start_size(out_shape, depth), channel_plan(width, depth, None)[::-1]
        self.first = Conv2DTranspose(z_dim, plan[0], kernel_size=size, bias_attr=False)
        self.norms = nn.LayerList([ConditionalBatchNorm(c, classes) for c in plan])
        middle = [up(a, b, bias=False) for a, b in zip(plan, plan[1:])]
        self.ups = nn.LayerList([*middle, up(plan[-1], out_shape[0], bias=None)])
        self.output = OUTPUTS[output]()
        self.apply(glorot_uniform)

    def forward(self, z, y):
        h = self.first(z.reshape([*z.shape, 1, 1]))
        for norm, grow in zip(self.norms, self.ups):
            h = grow(relu(norm(h, y)))
        return self.output(h)


class ProjectionDiscriminator(nn.Layer):
    """图像与类别 → 一个分数：(N, C, H, W) 与 (N, K) → (N, 1)。

    参数：
        width: 离图像最近的一层的通道数；每远一层翻一倍
        depth: 步长为 2 的卷积层数；H、W 必须能被 2^depth 整除
        spectral_norm: 每一层（连嵌入与最后一层）都做谱归一化
    """

    def __init__(
        self,
        in_shape: tuple[tuple[int, ...], ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 64,
        depth: Depth = 3,
        spectral_norm: bool = True,
    ):
        super().__init__()
        x_shape, (classes,) = in_shape
        start_size(x_shape, depth)  # 只查边长
        plan = channel_plan(width, depth, None)
        layers = []
        for c_in, c_out in zip([x_shape[0], *plan], plan):
            layers += [Conv2D(c_in, c_out, kernel_size=4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        layers[-1] = nn.ReLU()  # φ 取 ReLU 以后的（论文）
        self.features = Chain(*layers)
        self.embedding = nn.Linear(classes, plan[-1], bias_attr=False)
        self.linear = nn.Linear(plan[-1], out_shape[0])
        self.apply(glorot_uniform)
        if spectral_norm:
            normalise_spectra(self.features)
            self.linear, self.embedding = SpectralNorm(self.linear), SpectralNorm(self.embedding)

    def forward(self, x, y):
        phi = self.features(x).sum(axis=[2, 3])  # (N, C)，在各个位置上求和，不是平均
        # D(x, y) = ψ(φ(x)) + ⟨e_y, φ(x)⟩（式 (3)）；前一项不能去掉
        return self.linear(phi) + (self.embedding(y) * phi).sum(axis=1, keepdim=True)
