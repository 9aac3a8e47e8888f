"""VAE（变分自编码器；Kingma 与 Welling，2014，arXiv:1312.6114）。

动机：AE 的编码散在哪里没有人管；让每张图的编码是一小团正态，合起来接近 N(0, I)，就能从它生成。
目标：max E_{q(z|x)}[log p(x|z)] − β·KL(q(z|x)‖N(0, I)) ≤ log p(x)（β = 1 时），q(z|x) = N(μ, σ²)。
与 GAN 的差别：没有判别器；有一个似然的下界；逐像素的误差会让拿不准的地方取平均，所以样本糊。
两项都是**相加**（对像素、对编码的各维），再对样本平均；有一项写成平均，β 就悄悄变了几十几百倍。
没有 D，“D 越大，越像真”在这里用不上。教程：05。
"""

from dataclasses import dataclass
from typing import Literal

import paddle
from paddle import Tensor, nn
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.draws import per_sample
from paddle_gan.methods.autoencoding import (
    Drawing,
    gaussian_kl,
    pixel_cross_entropy,
    require_logits,
)
from paddle_gan.methods.base import Method, inference


class VAE(Method):
    """变分自编码器。"""

    sections = ("encoder", "decoder")

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 16  # 编码 z 的维数
        beta: NonNegativeFloat = 1.0  # β：KL 的权重，1 是似然的下界；很大就塌缩，编码什么也不记
        noise: Literal["normal"] = "normal"  # z 的分布；只有标准正态
        lr_G: PositiveFloat = 1e-3  # 编码器与解码器的学习率
        beta1: NonNegativeFloat = 0.9  # Adam 的 β₁
        beta2: NonNegativeFloat = 0.999  # Adam 的 β₂

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        require_logits(self.Dec, "vae")
        self.generators = self.players["G"]
        self.shown = Drawing(self.Dec)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        z = hparams.z_dim
        return {"Enc": (x_shape, (2 * z,)), "Dec": ((z,), x_shape)}

    def teams(self):
        return {"G": ("Enc", "Dec")}

    def losses(self):
        return {"G": self.generator_loss}

    def train_step(self, batches, step):
        return self.generator_step(next(batches).x)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """q(z|x) 的 μ 与 log σ²，各 (N, z_dim)：编码器输出的前一半与后一半。"""
        output = self.Enc(x)
        return output[:, : self.hparams.z_dim], output[:, self.hparams.z_dim :]

    def generator_loss(self, x):
        mu, log_variance = self.encode(x)
        # z = μ + σ·ε，ε ~ N(0, I)：随机的部分与参数分开，梯度才过得去
        z = mu + (0.5 * log_variance).exp() * self.noise(x.shape[0])
        reconstruction = pixel_cross_entropy(self.Dec(z), x)
        kl = gaussian_kl(mu, log_variance)

        # L = −E[log p(x|z)] + β·KL(q(z|x)‖N(0, I))
        loss = reconstruction + self.hparams.beta * kl
        return loss, {"loss/G": loss, "elbo/reconstruction": reconstruction, "elbo/kl": kl}

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

    def reconstruct(self, x: Tensor) -> Tensor:
        """推理：取编码的均值 μ，再解码。"""
        with inference(*self.layers(self.generators)):
            return self.shown(self.encode(x)[0])
