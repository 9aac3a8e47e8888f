"""多层感知机：二维点和原始 GAN 的生成器、判别器都用它。"""

import math
from typing import Literal

from paddle import nn
from pydantic import NonNegativeFloat

from paddle_gan.limits import Depth, Width
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.init import INITIALIZERS
from paddle_gan.networks.minibatch import Group, MinibatchStd
from paddle_gan.networks.noise import GaussianNoise
from paddle_gan.networks.spectral import normalise_spectra

ACTIVATIONS = {"relu": nn.ReLU, "leaky_relu": lambda: nn.LeakyReLU(0.2), "tanh": nn.Tanh}
OUTPUTS = {"linear": nn.Identity, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


def noisy(sigma: float) -> list[nn.Layer]:
    """加噪声的一层；σ = 0 就是没有。"""
    return [GaussianNoise(sigma)] if sigma else []


class MLP(nn.Layer):
    """全连接网络：(N, *in_shape) → (N, *out_shape)。

    参数：
        in_shape, out_shape: 单个样本的输入、输出形状，内部先展平、最后再还原
        width: 隐层宽度
        depth: 隐层个数
        activation: 隐层激活
        output: 输出激活；图像在 [−1, 1] 时用 tanh，二维点和判别器用 linear
        batch_norm: 隐层之后是否加 BN
        init: 初始化的名字，见 networks/init.py
        minibatch_std: 几个样本一组算标准差，接在最后一个隐层之前；默认不算，只给判别器用
        spectral_norm: 每个全连接层都做谱归一化，见 networks/spectral.py；给判别器用
        input_noise, hidden_noise: 训练时给输入、给每个隐层的输出加的高斯噪声的标准差；默认不加
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 128,
        depth: Depth = 2,
        activation: Literal["relu", "leaky_relu", "tanh"] = "relu",
        output: Literal["linear", "tanh", "sigmoid"] = "linear",
        batch_norm: bool = False,
        init: Literal["normal_002", "he_normal", "glorot_uniform", "paddle_default"] = "he_normal",
        minibatch_std: Group | None = None,
        spectral_norm: bool = False,
        input_noise: NonNegativeFloat = 0.0,
        hidden_noise: NonNegativeFloat = 0.0,
    ):
        super().__init__()
        self.out_shape = list(out_shape)
        self.in_features = math.prod(in_shape)

        layers, features = noisy(input_noise), self.in_features
        for i in range(depth):
            if minibatch_std and i == depth - 1:
                layers.append(MinibatchStd(minibatch_std))
                features += 1
            layers.append(nn.Linear(features, width))
            if batch_norm:
                layers.append(nn.BatchNorm1D(width))
            layers += [ACTIVATIONS[activation](), *noisy(hidden_noise)]
            features = width
        layers += [nn.Linear(features, math.prod(out_shape)), OUTPUTS[output]()]

        self.layers = Chain(*layers)
        self.apply(INITIALIZERS[init])
        if spectral_norm:
            normalise_spectra(self.layers)

    def forward(self, x):
        h = x if x.ndim == 2 else x.reshape([0, self.in_features])  # 摊平；flatten 没有二阶导
        y = self.layers(h)
        return y if len(self.out_shape) == 1 else y.reshape([-1, *self.out_shape])
