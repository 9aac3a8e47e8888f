"""Gumbel-softmax GAN（Kusner 与 Hernández-Lobato，2016，arXiv:1611.04051）。

动机：不用 REINFORCE，也让梯度穿过离散的词元：抽样写成 argmax(logit + g)，求导时换成 softmax。
目标：同 GAN，L_G = −E[log D(y)]；y = softmax((logit + g)/τ)，g = −log(−log U)，U ~ U(0, 1)
（Jang 等，2017，arXiv:1611.01144）；直通（straight-through）：前向是硬的独热，反向是软的梯度。
与 GAN 的差别：G 写的是序列；梯度有偏，τ 越小偏得越少、方差越大，所以训练里 τ 慢慢降。
D 越大，越像真。教程：13。
"""

from dataclasses import dataclass

import paddle
from paddle import Tensor
from paddle.nn.functional import one_hot, softmax
from pydantic import NonNegativeInt, PositiveFloat

from paddle_gan.losses import non_saturating_generator
from paddle_gan.methods.policy import gumbel, log_policy, unroll
from paddle_gan.methods.writing import Writing, entropy_of


def gumbel_softmax(logit: Tensor, tau: float, hard: bool = True) -> Tensor:
    """抽一个（几乎）独热的向量 (N, V)，对 logit 可导；hard 时前向是真正的独热。"""
    # y = softmax((logit + g)/τ)
    soft = softmax((logit + gumbel(logit.shape)) / tau, axis=-1)
    if not hard:
        return soft
    chosen = one_hot(soft.argmax(axis=-1), soft.shape[-1])
    # y = sg(hard − soft) + soft：数值是独热，梯度是软的
    return (chosen - soft).detach() + soft


class GumbelGAN(Writing):
    """梯度穿过抽样的序列 GAN。"""

    @dataclass(frozen=True)
    class Hparams(Writing.Hparams):
        tau: PositiveFloat = 1.0  # τ：对抗开始时的温度
        tau_end: PositiveFloat = 0.5  # τ 降到多少
        anneal_steps: NonNegativeInt = 1000  # 对抗的前多少步里线性地降；0 是一开始就是 tau_end
        straight_through: bool = True  # 给 D 看的是硬的独热；false 是软的，D 一眼认得出

    def __init__(self, networks, hparams, vocabulary):
        super().__init__(networks, hparams, vocabulary)
        self.tau = hparams.tau

    def anneal(self, step: int) -> float:
        """第 step 步的 τ。"""
        h, done = self.hparams, step - 1 - self.hparams.pretrain_steps
        share = min(max(done / h.anneal_steps, 0.0), 1.0) if h.anneal_steps else 1.0
        return h.tau + (h.tau_end - h.tau) * share

    def soft_writing(self, n: int) -> Tensor:
        """写 n 条 (n, T, V)，对 G 可导。"""
        hard = self.hparams.straight_through
        return unroll(self.G, n, lambda t, logit: gumbel_softmax(logit, self.tau, hard))

    def fakes(self, n):
        with paddle.no_grad():
            return self.soft_writing(n)

    def generator_loss(self, n):
        y = self.soft_writing(n)
        # L_G = −E[log D(y)]
        loss = non_saturating_generator(self.D(y))
        entropy = entropy_of(log_policy(self.G, y.detach()).detach())
        return loss, {
            "loss/G": loss,
            "policy/entropy": entropy,
            "gumbel/tau": paddle.full([], self.tau),
        }

    def train_step(self, batches, step):
        self.tau = self.anneal(step)
        return super().train_step(batches, step)
