"""SNGAN（Miyato 等，2018，arXiv:1802.05957）。

动机：D 太陡，给 G 的梯度就忽大忽小；把每层权重除以它最大的奇异值，D 的坡度不超过 1，又很便宜。
目标：min_D E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))]；min_G −E[D(G(z))]，D 的每层 σ(W) = 1。
与 GAN 的差别：交叉熵换成合页损失；D 的每一层（连最后一层）做谱归一化（networks/spectral.py），
配置里写 network.discriminator.spectral_norm: true；G 不做。
D 越大，越像真；它是分数，不是概率。教程：09。
"""

from dataclasses import dataclass

from paddle.nn.functional import relu
from pydantic import PositiveInt

from paddle_gan.errors import UserError
from paddle_gan.limits import Decay
from paddle_gan.methods.from_noise import FromNoise, scores
from paddle_gan.networks.spectral import unnormalised


class SNGAN(FromNoise):
    """谱归一化的判别器，合页损失。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        z_dim: PositiveInt = 128  # 潜变量 z 的维数
        d_steps: PositiveInt = 5  # n_dis：G 更新一次，D 更新几次
        beta1: Decay = 0.0  # Adam 的 β₁
        beta2: Decay = 0.9  # Adam 的 β₂

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        if unnormalised(self.D):
            raise UserError(
                "sngan 的判别器每一层都要做谱归一化，不然合页损失管不住分数的大小；"
                "请写 network.discriminator.spectral_norm: true"
            )

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_score, fake_score = self.D(x), self.D(fake)

        # L_D = E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))]（式 (16)）
        loss = relu(1 - real_score).mean() + relu(1 + fake_score).mean()
        return loss, {"loss/D": loss, **scores(real_score, fake_score)}

    def generator_loss(self, n):
        # L_G = −E[D(G(z))]（式 (17)）
        loss = -self.D(self.G(self.noise(n))).mean()
        return loss, {"loss/G": loss}
