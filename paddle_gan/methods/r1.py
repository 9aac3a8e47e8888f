"""R₁ 与 R₂ 正则（Mescheder 等，2018，arXiv:1801.04406）。

动机：GAN 的训练在均衡点附近绕圈、不收敛；罚 D 在数据上的梯度，D 在均衡点就会变平，训练局部收敛。
目标：min_D L_D + γ₁·½E[‖∇D(x)‖²] + γ₂·½E[‖∇D(G(z))‖²]，L_D 与 L_G 同 GAN（不饱和）。
与 GAN 的差别：D 的损失多两项（默认只用 R₁）；惩罚以 0 为中心，只在数据上；D 没有 BN；β₁ = 0。
D 越大，越像真。教程：09。
"""

from dataclasses import dataclass

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.limits import Decay
from paddle_gan.losses import (
    discriminator_cross_entropy,
    non_saturating_generator,
    refuse_batch_norm,
)
from paddle_gan.methods.from_noise import FromNoise, probabilities, two_sided_penalty


class R1(FromNoise):
    """带零中心梯度惩罚的 GAN；两个权重都是 0 就是 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        z_dim: PositiveInt = 256  # 潜变量 z 的维数
        gamma_r1: NonNegativeFloat = 10.0  # γ₁：R₁ 的权重（作者的代码漏了 ½，它的 10 是这里的 20）
        gamma_r2: NonNegativeFloat = 0.0  # γ₂：R₂ 的权重
        lr_D: PositiveFloat = 1e-4  # D 的学习率
        lr_G: PositiveFloat = 1e-4  # G 的学习率
        beta1: Decay = 0.0  # Adam 的 β₁；为 0 就是论文用的 RMSProp（多了偏差修正）
        beta2: Decay = 0.99  # Adam 的 β₂

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        refuse_batch_norm(self.D, "r1")

    def discriminator_loss(self, x):
        h = self.hparams
        fake = self.fakes(x.shape[0])
        real_logit, fake_logit = self.D(x), self.D(fake)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        logs = probabilities(real_logit, fake_logit)
        # L_D += γ₁·½·E[‖∇_x D(x)‖²] + γ₂·½·E[‖∇D(G(z))‖²]（§4.1；D 指 logit）
        penalty, parts = two_sided_penalty(self.D, x, fake, h.gamma_r1, h.gamma_r2)
        loss = loss + penalty
        return loss, {"loss/D": loss, **logs, **parts}

    def generator_loss(self, n):
        fake_logit = self.D(self.G(self.noise(n)))

        # L_G = −E[log D(G(z))]
        loss = non_saturating_generator(fake_logit)
        return loss, {"loss/G": loss}
