"""从潜变量生成的方法共用的：z → G → 样本，D 打分；一步里 D 走 d_steps 次，G 走 g_steps 次。"""

from dataclasses import dataclass
from typing import Literal

import paddle
from paddle import Tensor, nn
from paddle.nn.functional import sigmoid
from pydantic import PositiveInt

from paddle_gan.draws import per_sample
from paddle_gan.losses import zero_centered_penalty
from paddle_gan.methods.base import Logs, Method, inference

Noise = Literal["normal", "uniform"]


def uniform(shape: list[int]) -> Tensor:
    """U(−1, 1)。上下界必须写明：飞桨 3.3 不写时是 [0, 1)，z 的均值不为 0，BN 之后样本都一样。"""
    return paddle.uniform(shape, min=-1.0, max=1.0)


NOISE = {"normal": paddle.randn, "uniform": uniform}  # N(0, 1) 与 U(−1, 1)


def probabilities(real_logit: Tensor, fake_logit: Tensor) -> Logs:
    """要记录的 D(x) 与 D(G(z)) 的均值，D = σ(logit)。"""
    return {"prob/real": sigmoid(real_logit).mean(), "prob/fake": sigmoid(fake_logit).mean()}


def scores(real_score: Tensor, fake_score: Tensor) -> Logs:
    """要记录的分数的均值；没有过 sigmoid，不是概率。"""
    return {"score/real": real_score.mean(), "score/fake": fake_score.mean()}


def two_sided_penalty(
    critic: nn.Layer, real: Tensor, fake: Tensor, gamma_r1: float, gamma_r2: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """真假两边的罚项：γ₁·R₁ + γ₂·R₂（标量），与要记录的各项；权重是 0 的那一项不算、不记。"""
    total, logs = paddle.zeros([]), {}
    if gamma_r1:
        # γ₁·½·E[‖∇_x D(x)‖²]
        logs["loss/r1"] = zero_centered_penalty(critic, real)
        total = total + gamma_r1 * logs["loss/r1"]
    if gamma_r2:
        # γ₂·½·E[‖∇D(G(z))‖²]
        logs["loss/r2"] = zero_centered_penalty(critic, fake)
        total = total + gamma_r2 * logs["loss/r2"]
    return total, logs


def critic_first(step: int, n_critic: int, boost: int) -> tuple[int, int]:
    """WGAN 算法 1 的更新次数：评论器 n_critic 次、G 一次；boost（作者的代码 100）大于 0 时，
    开头 25 步和每 500 步改用它。"""
    boosted = boost and (step <= 25 or step % 500 == 0)
    return (boost if boosted else n_critic), 1


class FromNoise(Method):
    """从潜变量生成：z → G → 样本；子类写两个损失就够，别的也可以单独改写。"""

    @dataclass(frozen=True)
    class Hparams(Method.Hparams):
        z_dim: PositiveInt = 100  # 潜变量 z 的维数
        noise: Noise = "normal"  # z 的分布
        d_steps: PositiveInt = 1  # 一步里先更新 D 几次（算法 1 的 k）
        g_steps: PositiveInt = 1  # 一步里再更新 G 几次

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return {"G": ((hparams.z_dim,), x_shape), "D": (x_shape, (1,))}

    def schedule(self, step: int) -> tuple[int, int]:
        """这一步里 D、G 各更新几次。"""
        return self.hparams.d_steps, self.hparams.g_steps

    def draw(self, batches):
        """D 更新一次要的真样本。"""
        return next(batches)

    def generator_inputs(self, batch) -> tuple:
        """generator_loss 的输入：样本数 n，以及批里 x 以外的（例如标签）。"""
        return batch.x.shape[0], *batch[1:]

    def train_step(self, batches, step):
        # Goodfellow 等（2014）算法 1：先更新 D 共 k 次，再更新 G
        d_steps, g_steps = self.schedule(step)
        for _ in range(d_steps):
            batch = self.draw(batches)
            logs = self.discriminator_step(*batch)
        for _ in range(g_steps):
            logs |= self.generator_step(*self.generator_inputs(batch))
        return logs

    def noise(self, n: int) -> Tensor:
        """n 个潜变量 z (n, z_dim)，分布见 hparams.noise。"""
        return per_sample(NOISE[self.hparams.noise], [n, self.hparams.z_dim])

    def sampler(self) -> nn.Layer:
        """z (N, z_dim) → 样本的网络：取样、导出都用它；不止一个生成器的方法改写它。"""
        return self.G

    def fakes(self, n: int) -> Tensor:
        """给 D 看的 n 个生成样本 (n, ...)；只更新 D，所以不记 G 的梯度。"""
        with paddle.no_grad():
            return self.sampler()(self.noise(n))

    def realness(self, x: Tensor) -> Tensor:
        """D 给一批样本打的分 (N, 1)，没有过 sigmoid。"""
        return self.D(x)

    def generate(self, z: Tensor) -> Tensor:
        """推理：G(z)，BN 用累计的统计量，不记梯度。"""
        with inference(*self.layers(self.generators)):
            return self.sampler()(z)

    def preview(self, batch) -> tuple[Tensor, int]:
        """给人看的一批图像（或二维点）(M, ...) 和每行几张；调用者负责固定随机数。"""
        return self.generate(self.noise(batch.x.shape[0])), int(batch.x.shape[0] ** 0.5)
