"""写序列的方法共用的：G 一个一个地写，D 看整条；先按最大似然预训练，再对抗。

D 看独热的序列 (N, T, V)。子类写 generator_loss；pretrain_steps 不少于 total_steps 就是纯最大似然。
"""

from dataclasses import dataclass

from paddle import Tensor
from paddle.nn.functional import one_hot
from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from paddle_gan.data.batches import Sequences
from paddle_gan.errors import UserError
from paddle_gan.limits import Decay
from paddle_gan.losses import discriminator_cross_entropy
from paddle_gan.methods.base import Logs, Method, inference
from paddle_gan.methods.from_noise import probabilities
from paddle_gan.methods.policy import log_policy, sample
from paddle_gan.networks.recurrent import GRU

SHOWN = 16  # 预览里几条


def entropy_of(log_pi: Tensor) -> Tensor:
    """一条序列的熵（奈特），由沿途各处的 log π (N, T, V) 估计。"""
    # H = E[Σ_t H(π(· | y_<t))]
    return -(log_pi.exp() * log_pi).sum(axis=[1, 2]).mean()


class Writing(Method):
    """写序列：最大似然预训练，然后对抗。"""

    batch_type = Sequences

    @dataclass(frozen=True)
    class Hparams(Method.Hparams):
        lr_MLE: PositiveFloat = 1e-2  # 最大似然的学习率（SeqGAN 作者的代码）
        lr_D: PositiveFloat = 1e-4  # D 的学习率（同上）
        lr_G: PositiveFloat = 1e-2  # 对抗时 G 的学习率（同上）
        beta1: Decay = 0.9  # Adam 的 β₁
        pretrain_steps: NonNegativeInt = 0  # 开头几步按最大似然；不少于 total_steps 就没有对抗
        pretrain_D: NonNegativeInt = 0  # 其中最后几步，D 也跟着学
        d_steps: PositiveInt = 1  # 对抗时，G 走一步，D 先走几步
        temperature: PositiveFloat = 1.0  # τ：写的时候用 softmax(logit/τ)；训练里总是 1

    def __init__(self, networks, hparams, vocabulary: int):
        if not isinstance(networks["G"], GRU):
            raise UserError("写序列的 G 要一个一个地写；请把 network.generator.name 写成 gru")
        super().__init__(networks, hparams)
        self.V = vocabulary  # 词元的种数

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        (T,), (V,) = x_shape, y_shape
        return {"G": ((T, V + 1), (T, V)), "D": ((T, V), (1,))}

    def teams(self):
        return super().teams() | {"MLE": ("G",)}  # 最大似然也更新 G，另有一个 Adam

    def losses(self):
        return super().losses() | {"MLE": self.likelihood_loss}

    def one_hot(self, tokens: Tensor) -> Tensor:
        """词元的编号 (N, T) → 独热 (N, T, V)。"""
        return one_hot(tokens, self.V)

    def likelihood_loss(self, tokens: Tensor) -> tuple[Tensor, Logs]:
        """最大似然：真序列的负对数似然，一条里的各处相加。"""
        x = self.one_hot(tokens)
        log_pi = log_policy(self.G, x)
        # L_MLE = −E[Σ_t log π(x_t | x_<t)]
        loss = -(x * log_pi).sum(axis=[1, 2]).mean()
        return loss, {"loss/MLE": loss, "policy/entropy": entropy_of(log_pi)}

    def fakes(self, n: int) -> Tensor:
        """给 D 看的 n 条 (n, T, V)；只更新 D，所以不记 G 的梯度。"""
        return sample(self.G, n)

    def discriminator_loss(self, tokens):
        real_logit, fake_logit = self.D(self.one_hot(tokens)), self.D(self.fakes(tokens.shape[0]))
        # L_D = −E[log D(x)] − E[log(1 − D(y))]，y ~ π
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def train_step(self, batches, step):
        h, x = self.hparams, next(batches).x
        if step <= h.pretrain_steps:
            logs = self.update("MLE", x)
            late = step > h.pretrain_steps - h.pretrain_D
            return logs | self.discriminator_step(x) if late else logs
        logs = self.discriminator_step(x)
        for _ in range(h.d_steps - 1):
            logs = self.discriminator_step(next(batches).x)
        return logs | self.generator_step(x.shape[0])

    def write(self, n: int) -> Tensor:
        """推理：n 条序列 (n, T) int64，温度是 hparams.temperature。"""
        with inference(self.G):
            return sample(self.G, n, self.hparams.temperature).argmax(axis=-1)

    def log_likelihood(self, tokens: Tensor) -> Tensor:
        """推理：这些序列 (N, T) 的对数概率 (N,)，按写的时候的温度。"""
        x = self.one_hot(tokens)
        with inference(self.G):
            return (x * log_policy(self.G, x, self.hparams.temperature)).sum(axis=[1, 2])

    def preview(self, batch):
        return self.write(SHOWN), 1
