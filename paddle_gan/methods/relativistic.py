"""Relativistic GAN（Jolicoeur-Martineau，2018，arXiv:1807.00734）与 R3GAN（Huang 等，2025）。

动机：真样本被判得越像真，就该越认定生成样本是假的；D 逐个打分看不到这一点，G 可以把所有样本都推到
同一处去“翻过”界线。只比较真与假的差，每个真样本的近旁都要有生成样本。
目标：min_D E[−log σ(D(x) − D(x̂))]，min_G E[−log σ(D(x̂) − D(x))]，x̂ = G(z)（RpGAN）；
average 时对方换成它的均值（RaGAN）。R3GAN（arXiv:2501.05441）= RpGAN + R₁ + R₂。
与 GAN 的差别：损失只看分数的差，G 的损失也含真样本；分数整体平移不改变损失，不是概率。
D 越大，越像真。教程：09。
"""

from dataclasses import dataclass
from typing import Literal

from paddle import Tensor
from paddle.nn.functional import sigmoid, softplus
from pydantic import NonNegativeFloat

from paddle_gan.losses import refuse_batch_norm
from paddle_gan.methods.from_noise import FromNoise, scores, two_sided_penalty


def paired(winner: Tensor, loser: Tensor) -> Tensor:
    """RpGAN：E[−log σ(winner − loser)]，两批一对一地比；论文式 (11)。返回标量。"""
    # −log σ(a) = softplus(−a)；两批都是独立抽的，照次序配对就是随机配对
    return softplus(loser - winner).mean()


def averaged(winner: Tensor, loser: Tensor) -> Tensor:
    """RaGAN：各与对方的均值比；论文式 (15)，系数 ½ 照作者的代码。返回标量。"""
    # ½·E[−log σ(winner − E[loser])] + ½·E[−log(1 − σ(loser − E[winner]))]
    above, below = winner - loser.mean(), loser - winner.mean()
    return 0.5 * softplus(-above).mean() + 0.5 * softplus(below).mean()


FORMS = {"pair": paired, "average": averaged}


class Relativistic(FromNoise):
    """相对的 GAN；form 选 RpGAN 或 RaGAN，两个 γ 都大于 0 的 RpGAN 就是 R3GAN 的目标。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        form: Literal["pair", "average"] = "pair"  # pair 是 RpGAN，average 是 RaGAN
        gamma_r1: NonNegativeFloat = 0.0  # γ₁：R₁ 的权重；R3GAN 的 γ₁ = γ₂
        gamma_r2: NonNegativeFloat = 0.0  # γ₂：R₂ 的权重

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        if hparams.gamma_r1 or hparams.gamma_r2:
            refuse_batch_norm(self.D, "relativistic")

    def discriminator_loss(self, x):
        h = self.hparams
        fake = self.fakes(x.shape[0])
        real_score, fake_score = self.D(x), self.D(fake)

        # L_D = E[−log σ(D(x) − D(G(z)))]
        loss = FORMS[h.form](real_score, fake_score)
        logs = scores(real_score, fake_score)
        logs["prob/order"] = sigmoid(real_score - fake_score).mean()
        # L_D += γ₁·½·E[‖∇_x D(x)‖²] + γ₂·½·E[‖∇D(G(z))‖²]
        penalty, parts = two_sided_penalty(self.D, x, fake, h.gamma_r1, h.gamma_r2)
        loss = loss + penalty
        return loss, {"loss/D": loss, **logs, **parts}

    def generator_loss(self, x):
        fake_score = self.D(self.G(self.noise(x.shape[0])))

        # L_G = E[−log σ(D(G(z)) − D(x))]：真与假换个位置，真样本的分数也在里面
        loss = FORMS[self.hparams.form](fake_score, self.D(x))
        return loss, {"loss/G": loss}

    def generator_inputs(self, batch):
        return (batch.x,)  # G 的损失也要真样本
