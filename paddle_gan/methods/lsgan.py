"""LSGAN（Mao 等，2017，arXiv:1611.04076）。

动机：生成样本已经落在“真”的一侧、却离真样本很远时，交叉熵几乎不给梯度；平方损失仍把它拉回来。
目标：min_D ½E[(D(x) − b)²] + ½E[(D(G(z)) − a)²]；min_G ½E[(D(G(z)) − c)²]。
与 GAN 的差别：交叉熵换成最小二乘，D 的输出不过 sigmoid，是分数，不是概率。
目标有两组：(a, b, c) = (0, 1, 1) 是默认；(−1, 1, 0) 满足 b − c = 1、b − a = 2，
D 最优时 G 的目标是 (p + q) 与 2q 之间的皮尔逊 χ²（论文 §3.2）。
D 越大，越像真。教程：08。
"""

from dataclasses import dataclass

from paddle_gan.errors import UserError
from paddle_gan.losses import least_squares
from paddle_gan.methods.from_noise import FromNoise, scores


class LSGAN(FromNoise):
    """最小二乘 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        a: float = 0.0  # a：D 给生成样本的目标
        b: float = 1.0  # b：D 给真样本的目标
        c: float = 1.0  # c：G 想让 D 给生成样本的分数；论文另一组 (a, b, c) 是 (−1, 1, 0)

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        h = hparams
        if not h.a < min(h.b, h.c):
            raise UserError(
                f"lsgan 的 hparams.a = {h.a:g} 要小于 b = {h.b:g} 与 c = {h.c:g}："
                "D 越大越像真，G 要往真的一边走；论文的两组 (a, b, c) 是 (0, 1, 1) 与 (−1, 1, 0)"
            )

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
