"""PacGAN（Lin 等，2018，arXiv:1712.04086）。

动机：判别器一次只看一个样本，看不出“总是同一个”；一次看 m 个，缺了模式的分布就露馅。
目标：与 GAN 相同，只是 D 的输入是 m 个独立样本拼成的一包 (x₁, …, x_m)。
与 GAN 的差别：样本打包；D 只有第一层变宽，G、损失和优化器都不动。
D 越大，越像真。教程：09。
"""

from dataclasses import dataclass

import paddle
from paddle import Tensor
from paddle.nn.functional import sigmoid
from paddle.optimizer import Adam
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.base import Method, Noise


class PacGAN(Method):
    """打包的 GAN；packing = 1 就是 GAN。"""

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 100  # 潜变量 z 的维数
        noise: Noise = "normal"  # z 的分布
        packing: PositiveInt = 2  # m：几个样本一包；D 每次更新取 m 批
        d_steps: PositiveInt = 1  # 一步里先更新 D 几次
        g_steps: PositiveInt = 1  # 一步里再更新 G 几次
        lr_D: PositiveFloat = 2e-4  # D 的学习率
        lr_G: PositiveFloat = 2e-4  # G 的学习率
        beta1: NonNegativeFloat = 0.5  # Adam 的 β₁
        beta2: NonNegativeFloat = 0.999  # Adam 的 β₂

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        packed = (hparams.packing * x_shape[0], *x_shape[1:])
        return {"G": ((hparams.z_dim,), x_shape), "D": (packed, (1,))}

    def make_optimizers(self):
        h = self.hparams
        return {
            "D": Adam(h.lr_D, h.beta1, h.beta2, parameters=self.parameters(("D",))),
            "G": Adam(h.lr_G, h.beta1, h.beta2, parameters=self.parameters(("G",))),
        }

    def pack(self, x: Tensor) -> Tensor:
        """相邻的 m 个样本一包：图像 (m·N, C, H, W) → (N, m·C, H, W)，点 (m·N, d) → (N, m·d)。"""
        return x.reshape([-1, self.hparams.packing * x.shape[1], *x.shape[2:]])

    def discriminator_loss(self, x):
        with paddle.no_grad():  # 只更新 D，不需要 G 的梯度
            fake = self.G(self.noise(x.shape[0]))
        real_logit, fake_logit = self.D(self.pack(x)), self.D(self.pack(fake))

        # L_D = −E[log D(x₁, …, x_m)] − E[log(1 − D(G(z₁), …, G(z_m)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        logs = {"prob/real": sigmoid(real_logit).mean(), "prob/fake": sigmoid(fake_logit).mean()}
        return loss, {"loss/D": loss, **logs}

    def generator_loss(self, n):
        fake_logit = self.D(self.pack(self.G(self.noise(n))))

        # L_G = −E[log D(G(z₁), …, G(z_m))]
        loss = non_saturating_generator(fake_logit)
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        h = self.hparams
        for _ in range(h.d_steps):
            # 同作者的代码：真样本取 m 批、生成 m 批，拼成 N 包
            x = paddle.concat([next(batches).x for _ in range(h.packing)])  # (m·N, ...)
            logs = self.discriminator_step(x)
        for _ in range(h.g_steps):
            logs |= self.generator_step(x.shape[0])
        return logs
