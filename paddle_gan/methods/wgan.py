"""WGAN（Arjovsky 等，2017，arXiv:1701.07875）。

动机：两个分布不重叠时 JS 散度是常数，没有梯度；Wasserstein 距离仍随距离变化。
目标：min_G max_{‖D‖_L ≤ K} E[D(x)] − E[D(G(z))]，用权重裁剪近似 Lipschitz 约束。
与 GAN 的四处差别：评论器 D 没有 sigmoid；损失不取 log；每次更新后裁剪权重；用 RMSProp。
D 越大，越像真；它是分数，不是概率。教程：07。
"""

from dataclasses import dataclass

import paddle
from paddle import nn
from paddle.optimizer import RMSProp
from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from paddle_gan.methods.from_noise import FromNoise, Noise, critic_first


class WGAN(FromNoise):
    """权重裁剪的 WGAN（算法 1）。"""

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 100  # 潜变量 z 的维数
        noise: Noise = "normal"  # z 的分布
        n_critic: PositiveInt = 5  # n_critic：G 更新一次，评论器更新几次
        n_critic_boost: NonNegativeInt = (
            0  # 开头 25 步和每 500 步改用这个次数；0 是不用（作者的代码 100）
        )
        clip: PositiveFloat = 0.01  # c：权重裁到 [−c, c]
        lr: PositiveFloat = 5e-5  # α：学习率

    def make_optimizers(self):
        # 同作者的代码（PyTorch 的默认值）：平方均值的衰减率 0.99，分母 √r + 1e-8。飞桨的分母是
        # √(r + ε)，默认 ε = 1e-6：评论器的梯度常常小于 √ε = 1e-3，照默认值几乎一动不动
        settings = {"learning_rate": self.hparams.lr, "rho": 0.99, "epsilon": 1e-16}
        return {p: RMSProp(**settings, parameters=self.parameters((p,))) for p in ("D", "G")}

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_score, fake_score = self.D(x).mean(), self.D(fake).mean()

        # L_D = E[D(G(z))] − E[D(x)]
        loss = fake_score - real_score
        return loss, {"loss/D": loss, "score/real": real_score, "score/fake": fake_score}

    def generator_loss(self, n):
        # L_G = −E[D(G(z))]
        loss = -self.D(self.G(self.noise(n))).mean()
        return loss, {"loss/G": loss}

    def discriminator_step(self, *inputs):
        logs = super().discriminator_step(*inputs)
        self.clip_weights()
        return logs

    def clip_limit(self):
        return self.hparams.clip

    def clip_weights(self):
        """w ← clip(w, −c, c)，只裁卷积与全连接的权重；裁归一化的缩放会毁掉评论器。"""
        c = self.hparams.clip
        with paddle.no_grad():
            for layer in self.D.sublayers(include_self=True):
                if isinstance(layer, (nn.Conv2D, nn.Linear)):
                    layer.weight.clip_(min=-c, max=c)

    def schedule(self, step):
        h = self.hparams
        return critic_first(step, h.n_critic, h.n_critic_boost)
