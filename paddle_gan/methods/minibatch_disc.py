"""小批量判别（minibatch discrimination；Salimans 等，2016，arXiv:1606.03498，§3.2）。

动机：判别器逐个看样本，G 全挤到一点它也不知道；让它看到样本与同批其他样本有多像。
目标：与 GAN 相同。
与 GAN 的差别：D 的最后一个隐层 f 之后多一层 MinibatchDiscrimination（networks/minibatch.py），
所以配置里的 D 网络输出 f 的 features 个特征；真样本与生成样本分两次过 D，各和自己的批比。
D 越大，越像真。教程：09。
"""

from dataclasses import dataclass

import paddle
from paddle import nn
from paddle.nn.functional import sigmoid
from paddle.optimizer import Adam
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.base import Method, Noise
from paddle_gan.networks.minibatch import MinibatchDiscrimination


class MinibatchDisc(Method):
    """D 带小批量判别层的 GAN。"""

    @dataclass(frozen=True)
    class Hparams:
        z_dim: PositiveInt = 100  # 潜变量 z 的维数
        noise: Noise = "normal"  # z 的分布
        features: PositiveInt = 128  # A：f(x) 的特征个数
        num_kernels: PositiveInt = 100  # B：核的个数（二维数据 16 个就够）
        dim_per_kernel: PositiveInt = 5  # C：每个核的维数
        d_steps: PositiveInt = 1  # 一步里先更新 D 几次
        g_steps: PositiveInt = 1  # 一步里再更新 G 几次
        lr_D: PositiveFloat = 2e-4  # D 的学习率
        lr_G: PositiveFloat = 2e-4  # G 的学习率
        beta1: NonNegativeFloat = 0.5  # Adam 的 β₁
        beta2: NonNegativeFloat = 0.999  # Adam 的 β₂

    def __init__(self, networks, hparams):
        A, B, C = hparams.features, hparams.num_kernels, hparams.dim_per_kernel
        # D：x → f (N, A) → [f, o] (N, A + B) → logit (N, 1)
        tail = nn.LeakyReLU(0.2), MinibatchDiscrimination(A, B, C), nn.Linear(A + B, 1)
        super().__init__(networks | {"D": nn.Sequential(networks["D"], *tail)}, hparams)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return {"G": ((hparams.z_dim,), x_shape), "D": (x_shape, (hparams.features,))}

    def make_optimizers(self):
        h = self.hparams
        return {
            "D": Adam(h.lr_D, h.beta1, h.beta2, parameters=self.parameters(("D",))),
            "G": Adam(h.lr_G, h.beta1, h.beta2, parameters=self.parameters(("G",))),
        }

    def discriminator_loss(self, x):
        with paddle.no_grad():  # 只更新 D，不需要 G 的梯度
            fake = self.G(self.noise(x.shape[0]))
        # 分两次过 D：o(x) 只和真样本比，o(G(z)) 只和生成样本比
        real_logit, fake_logit = self.D(x), self.D(fake)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        logs = {"prob/real": sigmoid(real_logit).mean(), "prob/fake": sigmoid(fake_logit).mean()}
        return loss, {"loss/D": loss, **logs}

    def generator_loss(self, n):
        fake_logit = self.D(self.G(self.noise(n)))

        # L_G = −E[log D(G(z))]
        loss = non_saturating_generator(fake_logit)
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        for _ in range(self.hparams.d_steps):
            x = next(batches).x
            logs = self.discriminator_step(x)
        for _ in range(self.hparams.g_steps):
            logs |= self.generator_step(x.shape[0])
        return logs
