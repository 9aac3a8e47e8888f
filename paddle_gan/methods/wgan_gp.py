"""WGAN-GP（Gulrajani 等，2017，arXiv:1704.00028）。

动机：权重裁剪把权重推到 ±c，评论器只学得到很简单的函数。
目标：min_G max_D E[D(x)] − E[D(G(z))] − λ·E[(‖∇_x̂ D(x̂)‖₂ − 1)²]，x̂ 在真假样本的连线上。
与 WGAN 的差别：不裁剪，改罚梯度；评论器没有 BN；用 Adam(1e-4, β₁ = 0, β₂ = 0.9)。
D 越大，越像真；它是分数，不是概率。教程：07。
"""

from dataclasses import dataclass

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from paddle_gan.limits import Decay
from paddle_gan.losses import gradient_penalty, refuse_batch_norm
from paddle_gan.methods.from_noise import FromNoise, Noise, critic_first


class WGANGP(FromNoise):
    """梯度惩罚的 WGAN（算法 1）。"""

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 128  # 潜变量 z 的维数
        noise: Noise = "normal"  # z 的分布
        n_critic: PositiveInt = 5  # n_critic：G 更新一次，评论器更新几次
        n_critic_boost: NonNegativeInt = 0  # 开头 25 步和每 500 步改用这个次数；0 是不用
        g_steps: PositiveInt = 1  # 评论器走完，G 更新几次；算法 1 是 1
        gp_weight: NonNegativeFloat = 10.0  # λ：梯度惩罚的权重（二维数据作者用 0.1）
        lr: PositiveFloat = 1e-4  # α：学习率
        beta1: Decay = 0.0  # Adam 的 β₁
        beta2: Decay = 0.9  # Adam 的 β₂

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        refuse_batch_norm(self.D, "wgan_gp")

    def make_optimizers(self):
        return self.adam({"D": self.hparams.lr, "G": self.hparams.lr})

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_score, fake_score = self.D(x).mean(), self.D(fake).mean()
        penalty = gradient_penalty(self.D, x, fake)

        # L_D = E[D(G(z))] − E[D(x)] + λ·E[(‖∇D(x̂)‖₂ − 1)²]
        loss = fake_score - real_score + self.hparams.gp_weight * penalty
        scores = {"score/real": real_score, "score/fake": fake_score}
        return loss, {"loss/D": loss, "loss/gp": penalty, **scores}

    def generator_loss(self, n):
        # L_G = −E[D(G(z))]
        loss = -self.D(self.G(self.noise(n))).mean()
        return loss, {"loss/G": loss}

    def schedule(self, step):
        h = self.hparams
        n_critic, _ = critic_first(step, h.n_critic, h.n_critic_boost)
        return n_critic, h.g_steps
