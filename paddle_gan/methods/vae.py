"""VAE（变分自编码器；Kingma 与 Welling，2014，arXiv:1312.6114）。

动机：AE 的编码散在哪里没有人管；让每张图的编码是一小团正态，合起来接近 N(0, I)，就能从它生成。
目标：max E_{q(z|x)}[log p(x|z)] − β·KL(q(z|x)‖N(0, I)) ≤ log p(x)（β = 1 时），q(z|x) = N(μ, σ²)。
与 GAN 的差别：没有判别器；有一个似然的下界；逐像素的误差会让拿不准的地方取平均，所以样本糊。
两项都是**相加**（对像素、对编码的各维），再对样本平均；有一项写成平均，β 就悄悄变了几十几百倍。
没有 D，“D 越大，越像真”在这里用不上。教程：05。
"""

from dataclasses import dataclass

from paddle import Tensor
from pydantic import NonNegativeFloat

from paddle_gan.methods.autoencoding import (
    Autoencoder,
    gaussian_kl,
    halves,
    pixel_cross_entropy,
    reparameterised,
)
from paddle_gan.methods.base import inference


class VAE(Autoencoder):
    """变分自编码器。"""

    @dataclass(frozen=True)
    class Hparams(Autoencoder.Hparams):
        beta: NonNegativeFloat = 1.0  # β：KL 的权重，1 是似然的下界；很大就塌缩，编码什么也不记

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        z = hparams.z_dim
        return {"Enc": (x_shape, (2 * z,)), "Dec": ((z,), x_shape)}

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """q(z|x) 的 μ 与 log σ²，各 (N, z_dim)。"""
        return halves(self.Enc(x))

    def generator_loss(self, x):
        mu, log_variance = self.encode(x)
        z = reparameterised(mu, log_variance, self.noise(x.shape[0]))
        reconstruction = pixel_cross_entropy(self.Dec(z), x)
        kl = gaussian_kl(mu, log_variance)

        # L = −E[log p(x|z)] + β·KL(q(z|x)‖N(0, I))
        loss = reconstruction + self.hparams.beta * kl
        return loss, {"loss/G": loss, "elbo/reconstruction": reconstruction, "elbo/kl": kl}

    def reconstruct(self, x: Tensor) -> Tensor:
        """推理：取编码的均值 μ，再解码。"""
        with inference(*self.layers(self.generators)):
            return self.shown(self.encode(x)[0])
