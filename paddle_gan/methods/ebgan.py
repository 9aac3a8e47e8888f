"""EBGAN（基于能量的 GAN，带拉开项；Zhao 等，2017，arXiv:1609.03126）。

动机：D 只答一个数，告诉 G 的少；换成自编码器，还原不了的地方就是不像真的地方。
目标：能量 E(x) = ‖Dec(Enc(x)) − x‖；min_D E(x) + [m − E(G(z))]₊；min_G E(G(z)) + λ_PT·f_PT。
与 GAN 的差别：D 是自编码器，真样本的能量压低，生成样本的抬到间隔 m 为止；拉开项 f_PT 让同一批
生成样本的编码方向各不相同，只进 G 的损失。m 要大于真样本的能量，否则 D 没有余地把真假分开。
论文把能量写成 D(x)，越小越像真；这里 D = −E：D 越大，越像真。教程：05、09。
"""

from dataclasses import dataclass

import paddle
from paddle import Tensor
from paddle.nn.functional import relu
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.errors import UserError
from paddle_gan.methods.base import inference
from paddle_gan.methods.from_noise import FromNoise


def length(rows: Tensor) -> Tensor:
    """每一行的欧氏长度：(N, ...) → (N,)；平方根在 0 处的导数是无穷大，加一个不影响数值的小量。"""
    return (rows.reshape([rows.shape[0], -1]).square().sum(axis=1) + 1e-12).sqrt()


def pulling_away(S: Tensor) -> Tensor:
    """拉开项（§2.4）：一批编码 S (N, code) 两两夹角余弦的平方的平均；都垂直是 0，都共线是 1。"""
    n = S.shape[0]
    if n < 2:
        raise UserError(f"ebgan 的拉开项要两两相比，一批只有 {n} 个样本；请把 batch_size 改大")
    directions = S / length(S).unsqueeze(1)
    cosine = directions @ directions.t()  # (N, N)
    squares = cosine.square()
    # f_PT = 1/(N(N − 1))·Σ_i Σ_{j≠i} (S_iᵀS_j / (‖S_i‖·‖S_j‖))²
    return (squares.sum() - squares.trace()) / (n * (n - 1))


class EBGAN(FromNoise):
    """判别器是自编码器的 GAN；λ_PT = 0 就是不带拉开项的。"""

    sections = ("encoder", "decoder", "generator")

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        code: PositiveInt = 32  # 编码 S 的维数
        margin: PositiveFloat = 10.0  # m：生成样本的能量抬到这里为止
        pt: NonNegativeFloat = 0.1  # λ_PT：拉开项的权重

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.discriminators = self.players["D"]

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        S = (hparams.code,)
        return {"G": ((hparams.z_dim,), x_shape), "Enc": (x_shape, S), "Dec": (S, x_shape)}

    def teams(self):
        return {"D": ("Enc", "Dec"), "G": ("G",)}  # Enc 与 Dec 合起来是 D

    def energy(self, x: Tensor) -> Tensor:
        """每个样本的能量，(N, ...) → (N,)。"""
        # E(x) = ‖Dec(Enc(x)) − x‖
        return length(self.Dec(self.Enc(x)) - x)

    def realness(self, x: Tensor) -> Tensor:
        """D 给一批样本打的分 (N,)：能量取负。"""
        return -self.energy(x)

    def discriminator_loss(self, x):
        m = self.hparams.margin
        fake = self.fakes(x.shape[0])
        real_energy, fake_energy = self.energy(x), self.energy(fake)  # (N,)

        # L_D = E[E(x)] + E[[m − E(G(z))]₊]（式 (1)）
        loss = real_energy.mean() + relu(m - fake_energy).mean()
        energies = {"energy/real": real_energy.mean(), "energy/fake": fake_energy.mean()}
        return loss, {"loss/D": loss, **energies, "energy/margin": paddle.full([], m)}

    def generator_loss(self, n):
        fake = self.G(self.noise(n))
        S = self.Enc(fake)
        energy = length(self.Dec(S) - fake)  # G 经过还原与样本两头得到梯度，哪一头都不能断开
        closeness = pulling_away(S)

        # L_G = E[E(G(z))] + λ_PT·f_PT（式 (2)）
        loss = energy.mean() + self.hparams.pt * closeness
        return loss, {"loss/G": loss, "loss/pt": closeness}

    def reconstruct(self, x: Tensor) -> Tensor:
        """推理：Dec(Enc(x))。"""
        with inference(self.Enc, self.Dec):
            return self.Dec(self.Enc(x))
