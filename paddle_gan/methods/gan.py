"""GAN（Goodfellow 等，2014，arXiv:1406.2661）。

动机：不写出概率密度，让判别器 D 告诉生成器 G 怎样更像真。
目标：min_G max_D V(D, G) = E[log D(x)] + E[log(1 − D(G(z)))]，D = σ(logit)。
D 越大，越像真。教程：01、02、03。
"""

from dataclasses import dataclass
from typing import Literal

import paddle
from paddle.nn.functional import sigmoid
from paddle.optimizer import Adam
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.losses import GENERATOR_LOSSES, discriminator_cross_entropy
from paddle_gan.methods.base import Method, Noise


class GAN(Method):
    """原始 GAN；生成器的损失有饱和、不饱和两种。"""

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 100  # 潜变量 z 的维数
        noise: Noise = "normal"  # z 的分布
        generator_loss: Literal["non_saturating", "saturating"] = "non_saturating"  # G 的损失
        d_steps: PositiveInt = 1  # 算法 1 的 k：一步里先更新 D 几次
        g_steps: PositiveInt = 1  # 一步里再更新 G 几次
        lr_D: PositiveFloat = 2e-4  # D 的学习率
        lr_G: PositiveFloat = 2e-4  # G 的学习率
        beta1: NonNegativeFloat = 0.5  # Adam 的 β₁
        beta2: NonNegativeFloat = 0.999  # Adam 的 β₂

    def make_optimizers(self):
        h = self.hparams
        # 与论文不同：论文用动量 SGD，如今通行 Adam
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

        # 不饱和：L_G = −E[log D(G(z))]；饱和：L_G = E[log(1 − D(G(z)))]
        loss = GENERATOR_LOSSES[self.hparams.generator_loss](fake_logit)
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        # 算法 1：先更新 D 共 k 次，再更新 G
        for _ in range(self.hparams.d_steps):
            x = next(batches).x
            logs = self.discriminator_step(x)
        for _ in range(self.hparams.g_steps):
            logs |= self.generator_step(x.shape[0])
        return logs
