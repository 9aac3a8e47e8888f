"""LSGAN（Mao 等，2017，arXiv:1611.04076）。

动机：生成样本已经落在“真”的一侧、却离真样本很远时，交叉熵几乎不给梯度；平方损失仍把它拉回来。
目标：min_D ½E[(D(x) − b)²] + ½E[(D(G(z)) − a)²]；min_G ½E[(D(G(z)) − c)²]。
与 GAN 的差别：交叉熵换成最小二乘，D 的输出不过 sigmoid，是分数，不是概率。
D 越大，越像真。教程：08。
"""

from dataclasses import dataclass

from paddle_gan.losses import least_squares
from paddle_gan.methods.from_noise import FromNoise, scores


class LSGAN(FromNoise):
    """最小二乘 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        a: float = 0.0  # a：D 给生成样本的目标
        b: float = 1.0  # b：D 给真样本的目标
        c: float = 1.0  # c：G 想让 D 给生成样本的分数；b − c = 1 且 b − a = 2 时是皮尔逊 χ² 散度

    def discriminator_loss(self, x):
        h = self.hparams
        fake = self.fakes(x.shape[0])
        real_score, fake_score = self.D(x), self.D(fake)

        # L_D = ½·E[(D(x) − b)²] + ½·E[(D(G(z)) − a)²]（式 (2)）
        loss = 0.5 * least_squares(real_score, h.b) + 0.5 * least_squares(fake_score, h.a)
        return loss, {"loss/D": loss, **scores(real_score, fake_score)}

    def generator_loss(self, n):
        fake_score = self.D(self.G(self.noise(n)))

        # L_G = ½·E[(D(G(z)) − c)²]（式 (2)）
        loss = 0.5 * least_squares(fake_score, self.hparams.c)
        return loss, {"loss/G": loss}
