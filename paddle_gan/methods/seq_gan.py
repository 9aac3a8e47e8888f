"""SeqGAN（Yu 等，2017，arXiv:1609.05473）。

动机：词元是离散的，取最大的一个没有梯度，D 的意见传不回 G；那就不求导，把 D(y) 当奖励来试。
目标：max_G J = E_{y~π}[D(y)]；∇J = E[Σ_t ∇log π(y_t | y_<t)·Q_t]，Q_t = E[D(y) | y_≤t]。
与 GAN 的差别：G 写的是序列；梯度用 REINFORCE 估计，写到一半的价值 Q_t 由 n 次 roll-out
（把后半条写完，看 D 给几分）的平均来估计。可以减去基线 b_t：期望不变，方差变小。
D 越大，越像真；奖励是概率 σ(logit)。教程：13。
"""

import copy
from dataclasses import dataclass

import paddle
from paddle import Tensor
from paddle.nn.functional import sigmoid
from pydantic import PositiveInt

from paddle_gan.limits import Fraction
from paddle_gan.methods.policy import draw, log_policy, unroll
from paddle_gan.methods.writing import Writing, entropy_of


class SeqGAN(Writing):
    """REINFORCE 与 roll-out。"""

    @dataclass(frozen=True)
    class Hparams(Writing.Hparams):
        rollouts: PositiveInt = 16  # n：写到一半的，各续写几次
        rollout_keep: Fraction = 0.8  # 续写的策略 θ′ ← keep·θ′ + (1 − keep)·θ（作者的代码）
        baseline: bool = False  # 减不减基线；论文不减

    def __init__(self, networks, hparams, vocabulary):
        super().__init__(networks, hparams, vocabulary)
        self.rollout = copy.deepcopy(self.G)  # 续写的策略，慢慢跟着 G

    @paddle.no_grad()
    def values(self, tokens: Tensor) -> Tensor:
        """每一处的价值 Q_t (N, T)：前 t 个照抄，后面由续写的策略写完，D 打分，n 次平均。"""
        (N, T), n = tokens.shape, self.hparams.rollouts
        # 一条变成 T·n 条，第 (t, k) 条照抄前 t + 1 个
        known = self.one_hot(tokens.repeat_interleave(T * n, axis=0))  # (N·T·n, T, V)
        copied = paddle.tril(paddle.ones([T, T])).repeat_interleave(n, axis=0).tile([N, 1])

        def choose(t: int, logit: Tensor) -> Tensor:
            keep = copied[:, t : t + 1]
            return keep * known[:, t] + (1.0 - keep) * draw(logit)

        finished = unroll(self.rollout, N * T * n, choose)
        return sigmoid(self.D(finished)).reshape([N, T, n]).mean(axis=2)

    def advantages(self, Q: Tensor) -> Tensor:
        """减去基线以后的 Q (N, T)；基线是这一批里别的各条在同一处的平均，与自己无关，所以无偏。"""
        N = Q.shape[0]
        if not self.hparams.baseline or N < 2:
            return Q
        # b_t = Σ_{j≠i} Q_t^j / (N − 1)
        return Q - (Q.sum(axis=0) - Q) / (N - 1)

    def generator_loss(self, n):
        y = self.fakes(n)  # 抽出来的，不带梯度
        Q = self.values(y.argmax(axis=-1))
        log_pi = log_policy(self.G, y)
        chosen = (y * log_pi).sum(axis=2)  # log π(y_t | y_<t)，(N, T)
        # L_G = −E[Σ_t log π(y_t | y_<t)·(Q_t − b_t)]，它的梯度是 −∇J 的估计
        loss = -(chosen * self.advantages(Q)).sum(axis=1).mean()
        reward = Q[:, -1]
        spread = (reward - reward.mean()).square().mean().sqrt()
        return loss, {"loss/G": loss, "reward/std": spread, "policy/entropy": entropy_of(log_pi)}

    def train_step(self, batches, step):
        logs = super().train_step(batches, step)
        self.follow()
        return logs

    @paddle.no_grad()
    def follow(self) -> None:
        """θ′ ← keep·θ′ + (1 − keep)·θ。"""
        keep = self.hparams.rollout_keep
        for late, theta in zip(self.rollout.parameters(), self.G.parameters()):
            late.set_value(keep * late + (1.0 - keep) * theta)

    def state(self):
        return {f"rollout/{key}": value for key, value in self.rollout.state_dict().items()}

    def load_state(self, state):
        for key, value in self.rollout.state_dict().items():
            value.set_value(state[f"rollout/{key}"])
