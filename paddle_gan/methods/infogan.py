"""InfoGAN（Chen 等，2016，arXiv:1606.03657）。

动机：没有标签，也想让潜变量里有几维各管一件事：让 c 与 G(z, c) 的互信息大，c 就不会被忽略。
目标：min_{G,Q} max_D V(D, G) − λ·L_I(G, Q)，L_I = E[log Q(c | G(z, c))] + H(c) ≤ I(c; G(z, c))。
与 GAN 的差别：c 是 K 类的类别编码，加几维连续编码；Q 与 D 只有最后一层不同（§6），所以 D 输出
1 + K + C 个数：真假的 logit、类别的 logit、连续编码的均值 μ；L_I 两方都加。
z 的末 C 维就是连续编码，类别编码的独热接在后面。
D 越大，越像真。教程：11。
"""

import math
from dataclasses import dataclass
from typing import Annotated

import paddle
from paddle import Tensor
from paddle.nn.functional import cross_entropy
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from paddle_gan.data.batches import Images
from paddle_gan.errors import UserError
from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.base import Logs
from paddle_gan.methods.by_class import ByClass
from paddle_gan.methods.from_noise import FromNoise, Noise, probabilities


class InfoGAN(ByClass):
    """不看标签，自己学出编码。"""

    batch_type = Images

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        z_dim: PositiveInt = 64  # z 的维数，连续编码算在内（作者的 MNIST：62 + 2）
        noise: Noise = "uniform"  # z 与连续编码的分布
        categories: Annotated[int, Field(ge=2)] = 10  # K：类别编码有几类；只有一类就不是编码
        continuous: NonNegativeInt = 2  # C：z 的末几维是连续编码
        info: NonNegativeFloat = 1.0  # λ：互信息的权重
        lr_G: PositiveFloat = 1e-3  # G 的学习率

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams, hparams.categories)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        h = hparams
        if h.continuous > h.z_dim:
            raise UserError(
                f"hparams.continuous 是 {h.continuous}，多于 hparams.z_dim = {h.z_dim}："
                "连续编码是 z 的末几维；请改其中一个"
            )
        outputs = 1 + h.categories + h.continuous
        return {"G": ((h.z_dim + h.categories,), x_shape), "D": (x_shape, (outputs,))}

    def judge(self, x: Tensor) -> Tensor:
        """真假的 logit (N, 1)。"""
        return self.D(x)[:, :1]

    def realness(self, x: Tensor) -> Tensor:
        """D 给一批样本打的分 (N, 1)。"""
        return self.judge(x)

    def information(self, output: Tensor, z: Tensor) -> tuple[Tensor, Logs]:
        """L_I（连续的一部分差一个常数）与要记录的量；output 是 D 看 G(z) 的输出，z 带着编码。"""
        h, K = self.hparams, self.hparams.categories
        # 类别：L_I = H(c) + E[log Q(c | G(z, c))]，H(c) = log K
        categorical = math.log(K) - cross_entropy(output[:, 1 : 1 + K], self.class_of(z))
        # 连续：Q = N(μ, 1)，−log Q = ½·(c − μ)² + 常数，各维相加；μ 不过 tanh，也不过 softmax
        c, mu = z[:, h.z_dim - h.continuous : h.z_dim], output[:, 1 + K :]
        missed = 0.5 * (c - mu).square().sum(axis=1).mean()
        return categorical - missed, {"info/categorical": categorical, "loss/code": missed}

    def discriminator_loss(self, x):
        z = self.noise(x.shape[0])
        with paddle.no_grad():
            fake = self.sampler()(z)
        real_logit, output = self.judge(x), self.D(fake)
        fake_logit = output[:, :1]
        information, logs = self.information(output, z)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z, c)))] − λ·L_I
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        loss = loss - self.hparams.info * information
        return loss, {"loss/D": loss, **logs, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, n):
        z = self.noise(n)
        output = self.D(self.sampler()(z))
        # L_G = −E[log D(G(z, c))] − λ·L_I
        loss = non_saturating_generator(output[:, :1])
        loss = loss - self.hparams.info * self.information(output, z)[0]
        return loss, {"loss/G": loss}
