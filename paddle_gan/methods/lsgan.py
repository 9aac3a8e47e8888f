"""LSGAN（Mao 等，2017，arXiv:1611.04076）。

动机：生成样本已经落在“真”的一侧、却离真样本很远时，交叉熵几乎不给梯度；平方损失仍把它拉回来。
目标：min_D ½E[(D(x) − b)²] + ½E[(D(G(z)) − a)²]；min_G ½E[(D(G(z)) − c)²]。
与 GAN 的差别：交叉熵换成最小二乘，D 的输出不过 sigmoid，是分数，不是概率。
D 越大，越像真。教程：08。
"""

from dataclasses import dataclass

import paddle
from paddle.optimizer import Adam
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.losses import least_squares
from paddle_gan.methods.base import Method, Noise


class LSGAN(Method):
    """最小二乘 GAN。"""

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 100  # 潜变量 z 的维数
        noise: Noise = "normal"  # z 的分布
        a: float = 0.0  # a：D 给生成样本的目标
        b: float = 1.0  # b：D 给真样本的目标
        c: float = 1.0  # c：G 想让 D 给生成样本的分数；b − c = 1 且 b − a = 2 时是皮尔逊 χ² 散度
        d_steps: PositiveInt = 1  # 一步里先更新 D 几次
        g_steps: PositiveInt = 1  # 一步里再更新 G 几次
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
        h = self.hparams
        with paddle.no_grad():  # 只更新 D，不需要 G 的梯度
            fake = self.G(self.noise(x.shape[0]))
        real_score, fake_score = self.D(x), self.D(fake)

        # L_D = ½·E[(D(x) − b)²] + ½·E[(D(G(z)) − a)²]（式 (2)）
        loss = 0.5 * least_squares(real_score, h.b) + 0.5 * least_squares(fake_score, h.a)
        scores = {"score/real": real_score.mean(), "score/fake": fake_score.mean()}
        return loss, {"loss/D": loss, **scores}

    def generator_loss(self, n):
        fake_score = self.D(self.G(self.noise(n)))

        # L_G = ½·E[(D(G(z)) − c)²]（式 (2)）
        loss = 0.5 * least_squares(fake_score, self.hparams.c)
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        for _ in range(self.hparams.d_steps):
            x = next(batches).x
            logs = self.discriminator_step(x)
        for _ in range(self.hparams.g_steps):
            logs |= self.generator_step(x.shape[0])
        return logs
