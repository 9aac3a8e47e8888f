"""GAN（Goodfellow 等，2014，arXiv:1406.2661）。

动机：不写出概率密度，让判别器 D 告诉生成器 G 怎样更像真。
目标：min_G max_D V(D, G) = E[log D(x)] + E[log(1 − D(G(z)))]，D = σ(logit)。
D 越大，越像真。教程：01、02、03。
"""

from dataclasses import dataclass
from typing import Literal

from paddle_gan.losses import GENERATOR_LOSSES, discriminator_cross_entropy
from paddle_gan.methods.from_noise import FromNoise, probabilities


class GAN(FromNoise):
    """原始 GAN；生成器的损失有饱和、不饱和两种。"""

    # 与论文不同：论文用动量 SGD，如今通行 Adam（base.py 的默认）
    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        generator_loss: Literal["non_saturating", "saturating"] = "non_saturating"  # G 的损失

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_logit, fake_logit = self.D(x), self.D(fake)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, n):
        fake_logit = self.D(self.G(self.noise(n)))

        # 不饱和：L_G = −E[log D(G(z))]；饱和：L_G = E[log(1 − D(G(z)))]
        loss = GENERATOR_LOSSES[self.hparams.generator_loss](fake_logit)
        return loss, {"loss/G": loss}
