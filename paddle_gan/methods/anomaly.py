"""用 GAN 找异常（f-AnoGAN；Schlegl 等，2019，Medical Image Analysis 54）。

动机：只有正常的图；G 只会画正常的，画不像的那张就是异常的。
目标：先用正常的图练 WGAN-GP；再固定 G、D，练编码器 E：
min_E E‖x − G(E(x))‖² + κ·E‖f(x) − f(G(E(x)))‖²，f 是 D 末隐层的特征（两项都对像素、对特征平均）。
异常分 A(x) 就是这个和，逐张地算，网络都用评估模式：A 越大，越异常；D 越大，越像真。
与 WGAN-GP 的差别：多一个编码器与第二段训练（AnoGAN 对每张测试图都要解一个优化问题）。教程：14。
"""

from contextlib import contextmanager
from dataclasses import dataclass

from paddle import Tensor
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.limits import Decay
from paddle_gan.losses import gradient_penalty, refuse_batch_norm
from paddle_gan.methods.base import Logs, inference
from paddle_gan.methods.from_noise import FromNoise, Noise, scores
from paddle_gan.networks.chain import before_output


@contextmanager
def settled(*networks):
    """块内用评估模式，梯度照记；结束后换回训练模式。"""
    try:
        yield [network.eval() for network in networks]
    finally:
        for network in networks:
            network.train()


def per_image(a: Tensor, b: Tensor) -> Tensor:
    """两批图（或特征）逐张的均方差 (N,)。"""
    return (a - b).square().reshape([a.shape[0], -1]).mean(axis=1)


class Anomaly(FromNoise):
    """前 generator_steps 步练 G 与 D，以后只练 E。"""

    sections = ("encoder", "generator", "discriminator")
    first_stage_steps = "generator_steps"

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 128  # 潜变量 z 的维数
        noise: Noise = "normal"  # z 的分布
        generator_steps: PositiveInt = 5000  # 第一段：练 G 与 D 多少步
        n_critic: PositiveInt = 5  # G 更新一次，D 更新几次
        gp_weight: NonNegativeFloat = 10.0  # λ：梯度惩罚的权重
        kappa: NonNegativeFloat = 1.0  # κ：特征那一项的权重
        lr: PositiveFloat = 1e-4  # G 与 D 的学习率
        lr_E: PositiveFloat = 1e-3  # E 的学习率
        beta1: Decay = 0.0  # Adam 的 β₁
        beta2: Decay = 0.9  # Adam 的 β₂

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        refuse_batch_norm(self.D, "anomaly")
        self.features = before_output(self.D)  # f：与 D 是同一批层

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return FromNoise.shapes(hparams, x_shape, y_shape) | {"E": (x_shape, (hparams.z_dim,))}

    def teams(self):
        return {"D": ("D",), "G": ("G",), "E": ("E",)}

    def losses(self):
        return super().losses() | {"E": self.encoder_loss}

    def make_optimizers(self):
        # 与论文不同：E 也用 Adam，学习率大；论文是 RMSProp、5e-5、5 万步
        return self.adam({"D": self.hparams.lr, "G": self.hparams.lr, "E": self.hparams.lr_E})

    def schedule(self, step):
        return self.hparams.n_critic, 1  # 算法同 WGAN-GP

    def train_step(self, batches, step):
        if step <= self.hparams.generator_steps:
            return super().train_step(batches, step)
        return self.update("E", next(batches).x)

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_score, fake_score = self.D(x), self.D(fake)
        penalty = gradient_penalty(self.D, x, fake)
        # L_D = E[D(G(z))] − E[D(x)] + λ·E[(‖∇D(x̂)‖₂ − 1)²]
        loss = fake_score.mean() - real_score.mean() + self.hparams.gp_weight * penalty
        return loss, {"loss/D": loss, "loss/gp": penalty, **scores(real_score, fake_score)}

    def generator_loss(self, n):
        # L_G = −E[D(G(z))]
        loss = -self.D(self.G(self.noise(n))).mean()
        return loss, {"loss/G": loss}

    def gaps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """逐张的两项：图差多少、特征差多少，各 (N,)。"""
        back = self.G(self.E(x))
        return per_image(x, back), per_image(self.features(x), self.features(back))

    def encoder_loss(self, x: Tensor) -> tuple[Tensor, Logs]:
        """E 的损失；G、D 不动，BN 的统计量也不动。"""
        with settled(self.G, self.D):
            image, feature = (gap.mean() for gap in self.gaps(x))
        # L_E = E‖x − G(E(x))‖² + κ·E‖f(x) − f(G(E(x)))‖²
        loss = image + self.hparams.kappa * feature
        return loss, {"loss/E": loss, "loss/back": image, "loss/back_features": feature}

    def anomaly(self, x: Tensor) -> Tensor:
        """推理：异常分 A(x) (N,)，越大越异常。"""
        with inference(self.E, self.G, self.D):
            image, feature = self.gaps(x)
            # A(x) = ‖x − G(E(x))‖² + κ·‖f(x) − f(G(E(x)))‖²
            return image + self.hparams.kappa * feature

    def reconstruct(self, x: Tensor) -> Tensor:
        """推理：G(E(x))。"""
        with inference(self.E, self.G):
            return self.G(self.E(x))
