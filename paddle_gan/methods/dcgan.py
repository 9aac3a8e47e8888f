"""DCGAN（Radford 等，2016，arXiv:1511.06434）。

动机：把卷积网络用进 GAN，还能稳定地训练。
目标：与 GAN 相同（不饱和的生成器损失）。
与 GAN 的差别：网络结构与初始化（networks/dcgan.py）、z ~ U(−1, 1)、Adam 学习率 2e-4 与 β₁ = 0.5。
D 越大，越像真。教程：04。
"""

from dataclasses import dataclass

import paddle
from paddle.nn.functional import sigmoid
from paddle.optimizer import Adam
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.base import Method, Noise


class DCGAN(Method):
    """深度卷积 GAN；配 dcgan_generator 与 dcgan_discriminator。"""

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 100  # 潜变量 z 的维数
        noise: Noise = "uniform"  # z 的分布
        d_steps: PositiveInt = 1  # 一步里先更新 D 几次（论文 1）
        g_steps: PositiveInt = 1  # 一步里再更新 G 几次（论文 1）
        lr_D: PositiveFloat = 2e-4  # D 的学习率
        lr_G: PositiveFloat = 2e-4  # G 的学习率
        beta1: NonNegativeFloat = 0.5  # Adam 的 β₁
        beta2: NonNegativeFloat = 0.999  # Adam 的 β₂

    def make_optimizers(self):
        h = self.hparams
        return {
            "D": Adam(h.lr_D, h.beta1, h.beta2, parameters=self.parameters(("D",))),
            "G": Adam(h.lr_G, h.beta1, h.beta2, parameters=self.parameters(("G",))),
        }

    def discriminator_loss(self, x):
        with paddle.no_grad():  # 只更新 D，不需要 G 的梯度
            fake = self.G(self.noise(x.shape[0]))
        real_logit, fake_logit = self.D(x), self.D(fake)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        logs = {"prob/real": sigmoid(real_logit).mean(), "prob/fake": sigmoid(fake_logit).mean()}
        return loss, {"loss/D": loss, **logs}

    def generator_loss(self, n):
        fake_logit = self.D(self.G(self.noise(n)))

        # L_G = −E[log D(G(z))]
        loss = non_saturating_generator(fake_logit)
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        for _ in range(self.hparams.d_steps):
            x = next(batches).x
            logs = self.discriminator_step(x)
        for _ in range(self.hparams.g_steps):
            logs |= self.generator_step(x.shape[0])
        return logs
