"""PacGAN（Lin 等，2018，arXiv:1712.04086）。

动机：判别器一次只看一个样本，看不出“总是同一个”；一次看 m 个，缺了模式的分布就露馅。
目标：与 GAN 相同，只是 D 的输入是 m 个独立样本拼成的一包 (x₁, …, x_m)。
与 GAN 的差别：样本打包；D 只有第一层变宽，G、损失和优化器都不动。
D 越大，越像真。教程：09。
"""

from dataclasses import dataclass

import paddle
from paddle import Tensor
from pydantic import PositiveInt

from paddle_gan.data.batches import Images
from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.from_noise import FromNoise, probabilities


class PacGAN(FromNoise):
    """打包的 GAN；packing = 1 就是 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        packing: PositiveInt = 2  # m：几个样本一包；D 每次更新取 m 批

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        packed = (hparams.packing * x_shape[0], *x_shape[1:])
        return {"G": ((hparams.z_dim,), x_shape), "D": (packed, (1,))}

    def pack(self, x: Tensor) -> Tensor:
        """相邻的 m 个样本一包：图像 (m·N, C, H, W) → (N, m·C, H, W)，点 (m·N, d) → (N, m·d)。"""
        return x.reshape([-1, self.hparams.packing * x.shape[1], *x.shape[2:]])

    def draw(self, batches):
        # 同作者的代码：真样本取 m 批、生成 m 批，拼成 N 包
        return Images(paddle.concat([next(batches).x for _ in range(self.hparams.packing)]))

    def realness(self, x: Tensor) -> Tensor:
        """D 给一批样本打的分，一包一个；凑不满一包的不看。"""
        return self.D(self.pack(x[: len(x) - len(x) % self.hparams.packing]))

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_logit, fake_logit = self.D(self.pack(x)), self.D(self.pack(fake))

        # L_D = −E[log D(x₁, …, x_m)] − E[log(1 − D(G(z₁), …, G(z_m)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, n):
        fake_logit = self.D(self.pack(self.G(self.noise(n))))

        # L_G = −E[log D(G(z₁), …, G(z_m))]
        loss = non_saturating_generator(fake_logit)
        return loss, {"loss/G": loss}
