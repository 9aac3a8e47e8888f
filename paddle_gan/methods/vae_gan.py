"""VAE-GAN（Larsen 等，2016，arXiv:1512.09300）。

动机：VAE 糊，是因为逐像素比；改成比 D 眼里像不像：D 的隐层特征差多少。
目标：L_E = KL + L_rec；L_Dec = λ·L_rec + L_G；L_D 是 GAN 的交叉熵；L_rec = ½·Σ(f(x) − f(x̂))²，
f 是 D 最后一个隐层的特征（σ = 1 的高斯的负对数似然，差一个常数）。
梯度的去处是这个方法的要害：L_rec 不教 D（不然 D 把特征都变成 0 最省事），L_GAN 不教编码器，
λ 只乘在解码器上。各方轮流更新，轮到谁，别人就冻结。
D 看的假图一半由 N(0, I) 来，一半是还原的。D 越大，越像真。教程：05。
"""

from dataclasses import dataclass
from typing import Literal

import paddle
from paddle import Tensor
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.autoencoding import gaussian_kl, halves, reparameterised
from paddle_gan.methods.base import Logs, Method, inference
from paddle_gan.methods.from_noise import FromNoise, probabilities
from paddle_gan.networks.chain import before_output


class VAEGAN(FromNoise):
    """VAE 的解码器就是 GAN 的生成器。"""

    sections = ("encoder", "generator", "discriminator")

    # 与论文不同：λ 大得多；那里的特征、图像都大，RMSProp 的步子也大，见 docs/与论文不同.md
    @dataclass(frozen=True)
    class Hparams(Method.Hparams):
        z_dim: PositiveInt = 32  # 编码 z 的维数
        noise: Literal["normal"] = "normal"  # z 的分布；KL 是与标准正态比的
        similarity: NonNegativeFloat = 1e-3  # λ：解码器的损失里 L_rec 的权重
        lr_E: PositiveFloat = 2e-4  # 编码器的学习率

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.generators = ("G", "E")  # 还原要两个一起
        self.features = before_output(self.D)  # 与 D 是同一批层

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        encoder = {"E": (x_shape, (2 * hparams.z_dim,))}
        return FromNoise.shapes(hparams, x_shape, y_shape) | encoder

    def teams(self):
        return {"D": ("D",), "E": ("E",), "G": ("G",)}

    def losses(self):
        return super().losses() | {"E": self.encoder_loss}

    def train_step(self, batches, step):
        x = next(batches).x
        logs = self.discriminator_step(x)
        return logs | self.update("E", x) | self.generator_step(x)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """q(z|x) 的 μ 与 log σ²，各 (N, z_dim)。"""
        return halves(self.E(x))

    def posterior(self, x: Tensor) -> Tensor:
        """从 q(z|x) 抽一个 z (N, z_dim)。"""
        return reparameterised(*self.encode(x), self.noise(x.shape[0]))

    def similarity(self, x: Tensor, back: Tensor) -> Tensor:
        """L_rec：两批图的特征之差，各维平方相加的一半，再对样本平均（标量）。"""
        # ½·Σ(f(x) − f(x̂))²
        gap = self.features(x) - self.features(back)
        return 0.5 * gap.square().reshape([x.shape[0], -1]).sum(axis=1).mean()

    def discriminator_loss(self, x):
        with paddle.no_grad():
            fakes = [self.G(self.noise(x.shape[0])), self.G(self.posterior(x))]
        real_logit, *fake_logits = self.D(x), *map(self.D, fakes)

        # L_D = −E[log D(x)] − ½·{E[log(1 − D(G(z)))] + E[log(1 − D(x̂))]}
        loss = sum(discriminator_cross_entropy(real_logit, fake) for fake in fake_logits) / 2
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logits[0])}

    def encoder_loss(self, x: Tensor) -> tuple[Tensor, Logs]:
        """编码器的损失。"""
        mu, log_variance = self.encode(x)
        z = reparameterised(mu, log_variance, self.noise(x.shape[0]))
        kl = gaussian_kl(mu, log_variance)
        similarity = self.similarity(x, self.G(z))
        # L_E = KL + L_rec
        return kl + similarity, {"elbo/kl": kl, "loss/similarity": similarity}

    def generator_loss(self, x):
        back = self.G(self.posterior(x))
        logits = self.D(self.G(self.noise(x.shape[0]))), self.D(back)

        # L_G = −½·{E[log D(G(z))] + E[log D(x̂)]}，再加 λ·L_rec
        adversarial = sum(map(non_saturating_generator, logits)) / 2
        loss = adversarial + self.hparams.similarity * self.similarity(x, back)
        return loss, {"loss/G": loss}

    def generator_inputs(self, batch):
        return (batch.x,)  # 要还原真样本

    def reconstruct(self, x: Tensor) -> Tensor:
        """推理：取编码的均值 μ，再解码。"""
        with inference(self.G, self.E):
            return self.G(self.encode(x)[0])
