"""DCGAN（Radford 等，2016，arXiv:1511.06434）。

动机：把卷积网络用进 GAN，还能稳定地训练。
目标：与 GAN 相同（不饱和的生成器损失）。
与 GAN 的差别：网络结构与初始化（networks/dcgan.py）、z ~ U(−1, 1)、Adam 学习率 2e-4 与 β₁ = 0.5。
D 越大，越像真。教程：04。
"""

from dataclasses import dataclass

from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.from_noise import FromNoise, Noise, probabilities


class DCGAN(FromNoise):
    """深度卷积 GAN；配 dcgan_generator 与 dcgan_discriminator。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        noise: Noise = "uniform"  # z 的分布

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_logit, fake_logit = self.D(x), self.D(fake)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, n):
        fake_logit = self.D(self.G(self.noise(n)))

        # L_G = −E[log D(G(z))]
        loss = non_saturating_generator(fake_logit)
        return loss, {"loss/G": loss}
