"""自编码器一族（AE、VAE、VAE-GAN）共用的：解码器给出每个像素的 logit，图像、误差都由它来；KL。"""

from dataclasses import dataclass
from typing import Literal

import paddle
from paddle import Tensor, nn
from paddle.nn.functional import softplus, tanh
from pydantic import PositiveFloat, PositiveInt

from paddle_gan.draws import per_sample
from paddle_gan.errors import UserError
from paddle_gan.limits import Decay
from paddle_gan.methods.base import Method, inference


class Drawing(nn.Layer):
    """潜变量 → 图像：解码器的 logit ℓ 换成 [−1, 1] 里的图像，p = σ(ℓ) 是一个像素为白的概率。"""

    def __init__(self, decoder: nn.Layer):
        super().__init__()
        self.decoder = decoder

    def forward(self, z):
        # 2·σ(ℓ) − 1 = tanh(ℓ/2)
        return tanh(self.decoder(z) / 2)


def pixel_cross_entropy(logit: Tensor, x: Tensor) -> Tensor:
    """重建误差（奈特，标量）：各像素的交叉熵**相加**，再对样本平均；x 在 [−1, 1]。

    对像素求平均，等于把 KL 的权重悄悄放大 C·H·W 倍。
    """
    p = (x + 1) / 2
    # −p·log σ(ℓ) − (1 − p)·log(1 − σ(ℓ)) = log(1 + e^ℓ) − p·ℓ
    nats = softplus(logit) - p * logit
    return nats.reshape([x.shape[0], -1]).sum(axis=1).mean()


def gaussian_kl(mu: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(μ, σ²)‖N(0, I))，各维相加，再对样本平均（奈特，标量）；输入 (N, z_dim)；
    Kingma 与 Welling（2014）附录 B。"""
    # ½·Σ_d (μ_d² + σ_d² − 1 − log σ_d²)
    terms = mu.square() + log_variance.exp() - 1 - log_variance
    return 0.5 * terms.sum(axis=1).mean()


def halves(output: Tensor) -> tuple[Tensor, Tensor]:
    """编码器的输出 (N, 2·z_dim) → q(z|x) 的 μ 与 log σ²，各 (N, z_dim)：前一半与后一半。"""
    mu, log_variance = output.chunk(2, axis=1)
    return mu, log_variance


def reparameterised(mu: Tensor, log_variance: Tensor, noise: Tensor) -> Tensor:
    """z = μ + σ·ε，ε ~ N(0, I)：随机的部分与参数分开，梯度才过得去；各 (N, z_dim)。"""
    return mu + (0.5 * log_variance).exp() * noise


class Autoencoder(Method):
    """编码器与解码器是一方，没有判别器；子类写 shapes 与 generator_loss，另建 shown：z → 图像。"""

    sections = ("encoder", "decoder")
    value_range = (-1.0, 1.0)  # (x + 1)/2 要是概率

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 16  # 编码 z 的维数
        noise: Literal["normal"] = "normal"  # z 的分布；只有标准正态
        lr_G: PositiveFloat = 1e-3  # 编码器与解码器的学习率
        beta1: Decay = 0.9  # Adam 的 β₁
        beta2: Decay = 0.999  # Adam 的 β₂

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        if isinstance(self.Dec.sublayers()[-1], (nn.Tanh, nn.Sigmoid)):
            raise UserError("解码器给出 logit，图像由它换成；请写 network.decoder.output: linear")
        self.generators = self.players["G"]
        self.shown = Drawing(self.Dec)

    def teams(self):
        return {"G": ("Enc", "Dec")}

    def losses(self):
        return {"G": self.generator_loss}

    def train_step(self, batches, step):
        return self.generator_step(next(batches).x)

    def noise(self, n: int) -> Tensor:
        """n 个潜变量 z ~ N(0, I) (n, z_dim)。"""
        return per_sample(paddle.randn, [n, self.hparams.z_dim])

    def sampler(self) -> nn.Layer:
        """z (N, z_dim) → 图像的网络。"""
        return self.shown

    def generate(self, z: Tensor) -> Tensor:
        """推理：z 解码成图像（每个像素的期望）。"""
        with inference(*self.layers(self.generators)):
            return self.shown(z)

    def preview(self, batch) -> tuple[Tensor, int]:
        """给人看的一批图像与每行几张。"""
        return self.generate(self.noise(batch.x.shape[0])), int(batch.x.shape[0] ** 0.5)
