"""投影判别器（Miyato 与 Koyama，2018，arXiv:1802.05637）。

动机：把 y 接在输入上，D 要自己学会用它；概率模型里 y 与 x 的特征本来就以内积相遇，直接写进结构。
目标：合页损失，D(x, y) = ψ(φ(x)) + ⟨e_y, φ(x)⟩：前一项看真不真，后一项看配不配。
与 GAN 的差别：D 的每一层做谱归一化（SNGAN）；G 用类别条件的 BN，γ_y、β_y 随类别变。
配 cbn_generator 与 projection_discriminator。
D 越大，越像真、越相配；它是分数，不是概率。教程：11。
"""

from dataclasses import dataclass

from paddle import Tensor, nn
from paddle.nn.functional import relu
from pydantic import PositiveInt

from paddle_gan.errors import UserError
from paddle_gan.limits import Decay
from paddle_gan.methods.by_class import ByClass
from paddle_gan.methods.from_noise import FromNoise, scores
from paddle_gan.networks.spectral import unnormalised


class Apart(nn.Layer):
    """潜变量 [z, y] 拆成两个输入交给 G：取样、导出时仍是一个向量。"""

    def __init__(self, G: nn.Layer, z_dim: int):
        super().__init__()
        self.G, self.z_dim = G, z_dim

    def forward(self, z):
        return self.G(z[:, : self.z_dim], z[:, self.z_dim :])


class Projection(ByClass):
    """投影判别器，类别条件的 BN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        z_dim: PositiveInt = 128  # 潜变量 z 的维数
        d_steps: PositiveInt = 5  # n_dis：G 更新一次，D 更新几次
        beta1: Decay = 0.0  # Adam 的 β₁
        beta2: Decay = 0.9  # Adam 的 β₂

    def __init__(self, networks, hparams, classes):
        super().__init__(networks, hparams, classes)
        if unnormalised(self.D):
            raise UserError(
                "projection 的判别器每一层都要做谱归一化，不然合页损失管不住分数的大小；"
                "请写 network.discriminator.spectral_norm: true"
            )
        self.apart = Apart(self.G, hparams.z_dim)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return {"G": (((hparams.z_dim,), y_shape), x_shape), "D": ((x_shape, y_shape), (1,))}

    def sampler(self):
        return self.apart

    def judge(self, x: Tensor, labels: Tensor) -> Tensor:
        """D(x, y) (N, 1)。"""
        return self.D(x, self.one_hot(labels))

    def discriminator_loss(self, x, labels):
        fake = self.made_for_D(labels)
        real_score, fake_score = self.judge(x, labels), self.judge(fake, labels)

        # L_D = E[max(0, 1 − D(x, y))] + E[max(0, 1 + D(G(z, y), y))]
        loss = relu(1 - real_score).mean() + relu(1 + fake_score).mean()
        return loss, {"loss/D": loss, **scores(real_score, fake_score)}

    def generator_loss(self, n, labels):
        # L_G = −E[D(G(z, y), y)]
        loss = -self.judge(self.made(labels), labels).mean()
        return loss, {"loss/G": loss}
