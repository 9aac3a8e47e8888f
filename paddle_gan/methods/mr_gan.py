"""MRGAN（模式正则化的 GAN；Che 等，2017，arXiv:1612.02136）。

动机：G 从不去的模式，它在那里得不到梯度；编码器 E 把每个真样本变回 z，G(E(x)) 就到了各个模式。
目标：min_{G,E} −E[log D(G(z))] + λ₁·E‖x − G(E(x))‖² − λ₂·E[log D(G(E(x)))]；D 与 GAN 相同。
与 GAN 的差别：多一个编码器 E : x → z，它与 G 一起更新；G 的损失多两项：重建得回来，重建也要像真。
末项的符号常写反：写成 +λ₂·log D，就是要重建像假。
D 越大，越像真。教程：09。
"""

from dataclasses import dataclass

from paddle import Tensor
from paddle.nn.functional import sigmoid
from pydantic import NonNegativeFloat

from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.base import Logs, inference
from paddle_gan.methods.from_noise import FromNoise, probabilities


class MRGAN(FromNoise):
    """带编码器与两项正则的 GAN；两个权重都是 0 就是 GAN。"""

    sections = ("encoder", "generator", "discriminator")

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        distance: NonNegativeFloat = 0.2  # λ₁：重建误差的权重
        mode: NonNegativeFloat = 0.4  # λ₂：“重建也要像真”的权重

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return FromNoise.shapes(hparams, x_shape, y_shape) | {"E": (x_shape, (hparams.z_dim,))}

    def teams(self):
        # 对抗项里没有 E，所以 E 从 L_G 得到的正是正则项的梯度，与 G 算一次就够
        return {"D": ("D",), "G": ("G", "E")}

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_logit, fake_logit = self.D(x), self.D(fake)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, x):
        # L_G = −E[log D(G(z))] + L_E
        adversarial = non_saturating_generator(self.D(self.G(self.noise(x.shape[0]))))
        regulariser, logs = self.encoder_loss(x)
        loss = adversarial + regulariser
        return loss, {"loss/G": loss, **logs}

    def encoder_loss(self, x: Tensor) -> tuple[Tensor, Logs]:
        """两项正则（§3.1、§3.2），E 与 G 都要它小。"""
        h = self.hparams
        back = self.G(self.E(x))  # x 的重建
        back_logit = self.D(back)

        # ‖x − G(E(x))‖²：各维加起来，再对样本求平均
        error = (x - back).square().reshape([x.shape[0], -1]).sum(axis=1).mean()
        # L_E = λ₁·E‖x − G(E(x))‖² − λ₂·E[log D(G(E(x)))]
        loss = h.distance * error + h.mode * non_saturating_generator(back_logit)
        return loss, {
            "loss/reconstruction": error,
            "prob/reconstruction": sigmoid(back_logit).mean(),
        }

    def generator_inputs(self, batch):
        return (batch.x,)  # 要重建真样本

    def reconstruct(self, x: Tensor) -> Tensor:
        """推理：G(E(x))。"""
        with inference(self.G, self.E):
            return self.G(self.E(x))
