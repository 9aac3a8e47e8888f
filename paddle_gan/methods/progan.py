"""ProGAN（Karras 等，2018，arXiv:1710.10196）。

动机：一上来就画大图太难；先学小图的样子，再一级一级地加细节，又快又稳。
目标：WGAN-GP 的，再加 ε_drift·E[D(x)²]，不让 D 的分数越漂越远。
与 WGAN-GP 的差别：G 与 D 从小图长到大图，新的一级用 α 从 0 到 1 慢慢淡入，真样本也一样淡入；
D 与 G 一比一；换一级时 Adam 的矩归零。网络见 networks/progressive.py。
D 越大，越像真；它是分数，不是概率。教程：05。
"""

import math
from dataclasses import dataclass

import paddle
from paddle import Tensor
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.errors import UserError
from paddle_gan.limits import Decay
from paddle_gan.losses import gradient_penalty
from paddle_gan.methods.from_noise import FromNoise, scores
from paddle_gan.networks.progressive import Growing, Snapshot, lerp
from paddle_gan.networks.resize import down, up


def grown_at(step: int, stable: int, fade: int, levels: int) -> float:
    """第 step 步（从 1 数起）长到了哪里：k 是稳定在第 k 级，k + α 是正在淡入第 k + 1 级。

    每一级先稳定 stable 步，再用 fade 步淡入下一级；长成以后一直稳定。
    """
    level, now = divmod(step - 1, stable + fade)
    return min(level + max(0, now + 1 - stable) / fade, levels - 1.0)


class ProGAN(FromNoise):
    """渐进式增长的 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        z_dim: PositiveInt = 512  # 潜变量 z 的维数
        grow: bool = True  # 要不要从小长到大；false 一开始就是最大的，是对照
        stable: PositiveInt = 37500  # 每一级稳定多少步（论文 60 万张图，批 16）
        fade: PositiveInt = 37500  # 淡入下一级用多少步（同上）
        gp_weight: NonNegativeFloat = 10.0  # λ：梯度惩罚的权重
        drift: NonNegativeFloat = 1e-3  # ε_drift：E[D(x)²] 的权重
        lr_D: PositiveFloat = 1e-3  # D 的学习率
        lr_G: PositiveFloat = 1e-3  # G 的学习率
        beta1: Decay = 0.0  # Adam 的 β₁
        beta2: Decay = 0.99  # Adam 的 β₂

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        if not all(isinstance(network, Growing) for network in networks.values()):
            raise UserError(
                "progan 的网络要会长大：请写 network.generator.name: progressive_generator、"
                "network.discriminator.name: progressive_discriminator"
            )
        if self.G.levels != self.D.levels:
            raise UserError(
                f"G 有 {self.G.levels} 级，D 有 {self.D.levels} 级；请把两个网络的 levels 写成一样"
            )

    def train_step(self, batches, step):
        self.grow(step)
        level, alpha = self.G.position()
        size = float(self.G.smallest[0] * 2**level)
        logs = {"grow/size": paddle.to_tensor(size), "grow/alpha": paddle.to_tensor(alpha)}
        return super().train_step(batches, step) | logs

    def grow(self, step: int) -> None:
        """长到第 step 步该到的地方；开始淡入、淡入完了，Adam 都从头开始（作者的代码）。"""
        h = self.hparams
        if not h.grow:
            return
        before, now = (grown_at(s, h.stable, h.fade, self.G.levels) for s in (step - 1, step))
        for network in self.networks.values():
            network.grow(now)
        if (math.floor(before), math.ceil(before)) != (math.floor(now), math.ceil(now)):
            for optimizer in self.optimizers.values():
                optimizer.restart()

    def sampler(self):
        return Snapshot(self.G)

    def made(self, n: int) -> Tensor:
        """n 个生成样本，现在这一级的大小。"""
        return self.G.image(self.noise(n), *self.G.position())

    def fakes(self, n):
        with paddle.no_grad():
            return self.made(n)

    def reals(self, x: Tensor) -> Tensor:
        """真样本缩小到现在这一级的大小，也照 α 淡入：(1 − α)·up(down(x)) + α·x。"""
        x, alpha = self.D.shrink(x), self.D.position()[1]
        return lerp(up(down(x)), x, alpha) if alpha < 1 else x

    def realness(self, x: Tensor) -> Tensor:
        """D 给一批样本打的分 (N, 1)，缩小到现在这一级再看。"""
        return self.D(self.reals(x))

    def discriminator_loss(self, x):
        h, real, fake = self.hparams, self.reals(x), self.fakes(x.shape[0])
        real_score, fake_score = self.D(real), self.D(fake)
        penalty = gradient_penalty(self.D, real, fake)

        # L_D = E[D(G(z))] − E[D(x)] + λ·E[(‖∇D(x̂)‖₂ − 1)²] + ε_drift·E[D(x)²]
        loss = fake_score.mean() - real_score.mean() + h.gp_weight * penalty
        loss = loss + h.drift * real_score.square().mean()
        return loss, {"loss/D": loss, "loss/gp": penalty, **scores(real_score, fake_score)}

    def generator_loss(self, n):
        # L_G = −E[D(G(z))]
        loss = -self.D(self.made(n)).mean()
        return loss, {"loss/G": loss}
