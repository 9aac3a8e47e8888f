"""BEGAN（边界平衡的 GAN；Berthelot 等，2017，arXiv:1703.10717）。

动机：EBGAN 的 D 与 G 谁强谁弱，靠间隔 m 去调；这里换成一个自己会变的权重 k，让两边保持平衡。
目标：能量 L(v) = |v − Dec(Enc(v))| 对像素的平均；min_D L(x) − k_t·L(G(z))；min_G L(G(z))；
k_{t+1} = k_t + λ_k·(γ·L(x) − L(G(z)))，裁到 [0, 1]，k₀ = 0。
与 EBGAN 的差别：没有 m；G 的样本太容易还原（L(G(z)) < γ·L(x)）时 k 变大，D 才多花力气去抬它。
γ = L(G(z))/L(x) 要到哪里：小的样本整齐，大的花样多。M = L(x) + |γ·L(x) − L(G(z))| 是论文的收敛量：
它只看还原得好不好、平衡不平衡，样本都一样时它照样降（教程 05）。
论文的 L 越小越像真；这里 D = −L：D 越大，越像真。教程：05。
"""

from dataclasses import dataclass

import paddle
from paddle import Tensor
from pydantic import NonNegativeFloat, PositiveInt

from paddle_gan.limits import Decay, Fraction
from paddle_gan.methods.base import inference
from paddle_gan.methods.from_noise import FromNoise, Noise


class BEGAN(FromNoise):
    """判别器是自编码器、两边的平衡由 k 管着的 GAN。"""

    sections = ("encoder", "decoder", "generator")

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        z_dim: PositiveInt = 64  # z 的维数 N_z；论文与编码的相同
        noise: Noise = "uniform"  # z 的分布
        code: PositiveInt = 64  # 编码 h 的维数 N_h
        gamma: Fraction = 0.5  # γ：L(G(z)) 与 L(x) 之比要到哪里
        lambda_k: NonNegativeFloat = 1e-3  # λ_k：k 一步变多少；0 是 k 不变，是对照
        k_start: Fraction = 0.0  # k₀
        beta1: Decay = 0.9  # Adam 的 β₁

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.discriminators = self.players["D"]
        self.k = paddle.full([], hparams.k_start)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        h = (hparams.code,)
        return {"G": ((hparams.z_dim,), x_shape), "Enc": (x_shape, h), "Dec": (h, x_shape)}

    def teams(self):
        return {"D": ("Enc", "Dec"), "G": ("G",)}  # Enc 与 Dec 合起来是 D

    def energy(self, v: Tensor) -> Tensor:
        """一批的能量（标量）。"""
        # L(v) = E[|v − Dec(Enc(v))|]，对像素与样本平均；G 经过还原与样本两头得到梯度
        return (v - self.Dec(self.Enc(v))).abs().mean()

    def realness(self, x: Tensor) -> Tensor:
        """D 给一批样本打的分（标量，已经平均）：能量取负。"""
        return -self.energy(x)

    def discriminator_loss(self, x):
        real, fake = self.energy(x), self.energy(self.fakes(x.shape[0]))
        # L_D = L(x) − k_t·L(G(z_D))
        loss = real - self.k * fake
        return loss, {"loss/D": loss, "energy/real": real}

    def generator_loss(self, n):
        # L_G = L(G(z_G))
        loss = self.energy(self.G(self.noise(n)))
        return loss, {"loss/G": loss, "energy/fake": loss}

    def train_step(self, batches, step):
        logs = super().train_step(batches, step)
        return logs | self.balance(logs["energy/real"], logs["energy/fake"])

    @paddle.no_grad()
    def balance(self, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """两个损失算过以后更新 k（几个进程用同一个），返回要记录的 k_{t+1} 与 M。"""
        h = self.hparams
        gap = self.updates.average(h.gamma * real - fake)  # γ·L(x) − L(G(z_G))
        # k_{t+1} = k_t + λ_k·(γ·L(x) − L(G(z_G)))，裁到 [0, 1]
        self.k = (self.k + h.lambda_k * gap).clip(0.0, 1.0)
        # M = L(x) + |γ·L(x) − L(G(z_G))|
        return {"balance/k": self.k, "balance/M": self.updates.average(real) + gap.abs()}

    def state(self):
        return {"k": self.k}

    def load_state(self, state):
        self.k = state["k"].clone()

    def reconstruct(self, x: Tensor) -> Tensor:
        """推理：Dec(Enc(x))。"""
        with inference(self.Enc, self.Dec):
            return self.Dec(self.Enc(x))
