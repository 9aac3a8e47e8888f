"""小批量判别（minibatch discrimination；Salimans 等，2016，arXiv:1606.03498，§3.2）。

动机：判别器逐个看样本，G 全挤到一点它也不知道；让它看到样本与同批其他样本有多像。
目标：与 GAN 相同。
与 GAN 的差别：D 的最后一个隐层 f 之后多一层 MinibatchDiscrimination（networks/minibatch.py），
所以配置里的 D 网络输出 f 的 features 个特征；真样本与生成样本分两次过 D，各和自己的批比。
D 越大，越像真。教程：09。
"""

from dataclasses import dataclass

from paddle import nn
from pydantic import PositiveInt

from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.from_noise import FromNoise, probabilities
from paddle_gan.networks.minibatch import MinibatchDiscrimination


class MinibatchDisc(FromNoise):
    """D 带小批量判别层的 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        features: PositiveInt = 128  # A：f(x) 的特征个数
        num_kernels: PositiveInt = 100  # B：核的个数（二维数据 16 个就够）
        dim_per_kernel: PositiveInt = 5  # C：每个核的维数

    def __init__(self, networks, hparams):
        A, B, C = hparams.features, hparams.num_kernels, hparams.dim_per_kernel
        # D：x → f (N, A) → [f, o] (N, A + B) → logit (N, 1)
        tail = nn.LeakyReLU(0.2), MinibatchDiscrimination(A, B, C), nn.Linear(A + B, 1)
        super().__init__(networks | {"D": nn.Sequential(networks["D"], *tail)}, hparams)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return {"G": ((hparams.z_dim,), x_shape), "D": (x_shape, (hparams.features,))}

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        # 分两次过 D：o(x) 只和真样本比，o(G(z)) 只和生成样本比
        real_logit, fake_logit = self.D(x), self.D(fake)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, n):
        fake_logit = self.D(self.G(self.noise(n)))

        # L_G = −E[log D(G(z))]
        loss = non_saturating_generator(fake_logit)
        return loss, {"loss/G": loss}
