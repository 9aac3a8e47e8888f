"""DRAGAN（Kodali 等，2017，arXiv:1705.07215）。

动机：作者看到，模式崩溃时 D 在真样本近旁有很陡的坡；让那里的坡度接近 1，就少有这样的坏均衡。
目标：min_D L_D + λ·E[(‖∇D(x̂)‖₂ − 1)²]，L_D 与 L_G 同 GAN（不饱和）；
x̂ = x + α·δ，δ = c·std(x)·U[0, 1)，α ~ U[0, 1)。
与 GAN 的差别：D 的损失多一项；惩罚只在真样本近旁，WGAN-GP 的在真假样本的连线上；D 没有 BN。
D 越大，越像真。教程：09。
"""

from dataclasses import dataclass

import paddle
from paddle import Tensor
from pydantic import NonNegativeFloat, PositiveFloat

from paddle_gan.draws import per_sample
from paddle_gan.limits import Decay
from paddle_gan.losses import (
    discriminator_cross_entropy,
    non_saturating_generator,
    refuse_batch_norm,
    squared_gradient_norm,
)
from paddle_gan.methods.from_noise import FromNoise, probabilities


class DRAGAN(FromNoise):
    """真样本近旁的梯度惩罚；gp_weight = 0 就是 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        gp_weight: NonNegativeFloat = 10.0  # λ：梯度惩罚的权重
        perturbation: PositiveFloat = 0.5  # c：扰动的大小，以这批真样本的标准差为单位
        lr_D: PositiveFloat = 1e-4  # D 的学习率
        lr_G: PositiveFloat = 1e-4  # G 的学习率
        beta2: Decay = 0.9  # Adam 的 β₂

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        refuse_batch_norm(self.D, "dragan")

    def nearby(self, x: Tensor) -> Tensor:
        """真样本近旁的点 x̂，每个样本一个。

        与论文不同：论文（后来的版本）用高斯扰动、没有 α；这里照作者的代码，δ 逐像素、只往正的一边。
        """
        # δ = c·std(x)·U[0, 1)；std 是整批的一个数（飞桨的 x.std() 会印出类型提升的警告）
        std = ((x - x.mean()).pow(2).sum() / (x.size - 1)).sqrt()
        delta = self.hparams.perturbation * std * per_sample(paddle.rand, x.shape)
        alpha = per_sample(paddle.rand, [x.shape[0]] + [1] * (x.ndim - 1))  # (N, 1, ...)
        # x̂ = x + α·δ
        return x + alpha * delta

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_logit, fake_logit = self.D(x), self.D(fake)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z)))] + λ·E[(‖∇D(x̂)‖₂ − 1)²]，∇ 的 D 指 logit
        # 平方根在 0 处的导数是无穷大，加一个不影响数值的小量
        norm = (squared_gradient_norm(self.D, self.nearby(x)) + 1e-12).sqrt()  # (N,)
        penalty = (norm - 1.0).square().mean()
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        loss = loss + self.hparams.gp_weight * penalty
        return loss, {"loss/D": loss, "loss/gp": penalty, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, n):
        fake_logit = self.D(self.G(self.noise(n)))

        # L_G = −E[log D(G(z))]
        loss = non_saturating_generator(fake_logit)
        return loss, {"loss/G": loss}
