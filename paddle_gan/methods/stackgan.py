"""StackGAN（Zhang 等，2017，arXiv:1612.03242）。

动机：一步画大图太难；第一级照条件画出大概的小图，第二级看着小图与条件，改正并画清楚。
目标：两级各是一个条件 GAN，先练第一级，再固定它、练第二级；D 还看配错的类别。
条件增强：不直接用条件 e，用 c = μ(e) + σ(e)·ε，G 的损失里加 λ·KL(N(μ, σ²)‖N(0, I))。
与 CGAN 的差别：两级、条件增强。E_1、E_2 算 μ 与 log σ；G、D_1 是第一级，R、D_2 是第二级。
D 越大，越像真、越相配。教程：05。
"""

from dataclasses import dataclass
from typing import Literal

import paddle
from paddle import Tensor
from paddle.nn.functional import sigmoid, softplus
from pydantic import NonNegativeFloat, PositiveInt

from paddle_gan.errors import UserError
from paddle_gan.losses import non_saturating_generator
from paddle_gan.methods.base import inference
from paddle_gan.methods.by_class import ByClass, beside
from paddle_gan.methods.from_noise import FromNoise, probabilities
from paddle_gan.methods.two_stages import Stack
from paddle_gan.networks.resize import down


class StackGAN(ByClass):
    """两级的条件 GAN。"""

    sections = ("encoder", "generator", "refiner", "discriminator")

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        z_dim: PositiveInt = 356  # 潜变量的维数：z 100 维，再加 2·condition 维的 ε
        noise: Literal["normal"] = "normal"  # z 与 ε 的分布；条件增强的 ε 要是正态的
        condition: PositiveInt = 128  # 条件 c 的维数
        first_steps: PositiveInt = 60_000  # 第一级练多少步（作者的代码：600 轮）
        kl: NonNegativeFloat = 2.0  # λ：KL 的权重
        mismatched: bool = True  # 要不要给 D 看（真的 x，错的类别 y′）

    def __init__(self, networks, hparams, classes):
        super().__init__(networks, hparams, classes)
        if hparams.mismatched and classes < 2:
            raise UserError(
                "数据只有一类，没有配错的类别；请写 hparams.mismatched: false，或换 data"
            )
        self.generators = self.players["G"]  # 条件增强也是生成器的一部分
        # 在练第几级，与权重一起存盘：取样、评估、导出都照它
        self.R.register_buffer("second", paddle.zeros([1]))

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        h, (C, H, W), (K,) = hparams, x_shape, y_shape
        if h.z_dim <= 2 * h.condition:
            raise UserError(
                f"hparams.z_dim = {h.z_dim} 里要有 2·condition = {2 * h.condition} 维的 ε，"
                "还要有 z；请把 z_dim 改大，或把 condition 改小"
            )
        small = (C, H // 2, W // 2)
        joint = (h.z_dim - 2 * h.condition + h.condition,)
        return {
            **{a: ((K,), (2 * h.condition,)) for a in ("E_1", "E_2")},
            "G": (joint, small),
            "R": ((C + h.condition, *small[1:]), x_shape),
            "D_1": ((C + K, *small[1:]), (1,)),
            "D_2": ((C + K, H, W), (1,)),
        }

    def teams(self):
        return {"D": self.discriminators, "G": ("E_1", "E_2", "G", "R")}

    def train_step(self, batches, step):
        self.R.second.set_value(paddle.full([1], float(step > self.hparams.first_steps)))
        return super().train_step(batches, step)

    def second(self) -> bool:
        """现在是不是第二级。"""
        return bool(self.R.second.item())

    def sampler(self):
        return Stack(self.networks, self.hparams.z_dim, self.hparams.condition, self.second())

    def first_stage(self, z: Tensor) -> Tensor:
        """推理：同样的潜变量 (N, z_dim + K)，第一级画的小图，放大到一样大；看第二级添了什么。"""
        with inference(*self.layers(self.generators)):
            h = self.hparams
            return Stack(self.networks, h.z_dim, h.condition, second=False)(z)

    def judge(self, x: Tensor, labels: Tensor) -> Tensor:
        """D(x, y) 的 logit (N, 1)；第一级的 D 看缩小一半的图。"""
        D, x = (self.D_2, x) if self.second() else (self.D_1, down(x))
        return D(beside(x, self.one_hot(labels)))

    def augmentation_kl(self, labels: Tensor) -> Tensor:
        """这一级的 KL(N(μ, σ²)‖N(0, I))（标量），各维、各样本平均。"""
        output = (self.E_2 if self.second() else self.E_1)(self.one_hot(labels))
        mu, log_sigma = output.chunk(2, axis=1)
        # −log σ + ½·(μ² + σ² − 1)
        return (0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma).mean()

    def discriminator_loss(self, x, labels):
        real_logit = self.judge(x, labels)
        fake_logit = self.judge(self.made_for_D(labels), labels)
        logs = probabilities(real_logit, fake_logit)

        # L_D = −E[log D(x, y)] − ½·{E[log(1 − D(G(z, y), y))] + E[log(1 − D(x, y′))]}
        rejected = softplus(fake_logit).mean()
        if self.hparams.mismatched:
            wrong_logit = self.judge(x, self.wrong(labels))
            rejected = (rejected + softplus(wrong_logit).mean()) / 2
            logs["prob/mismatched"] = sigmoid(wrong_logit).mean()
        loss = softplus(-real_logit).mean() + rejected
        return loss, {"loss/D": loss, **logs}

    def generator_loss(self, n, labels):
        # L_G = −E[log D(G(z, y), y)] + λ·KL
        kl = self.augmentation_kl(labels)
        adversarial = non_saturating_generator(self.judge(self.made(labels), labels))
        loss = adversarial + self.hparams.kl * kl
        return loss, {"loss/G": loss, "loss/kl_condition": kl}
