"""ACGAN（Odena 等，2017，arXiv:1610.09585）。

动机：D 不看类别，而是自己认：真假之外再分 K 类；G 要让 D 认出它要的那一类（GAN 加监督学习）。
目标：L_S = E[log P(真 | x)] + E[log P(假 | G(z, y))]，
L_C = E[log P(y | x)] + E[log P(y | G(z, y))]；D 最大化 L_S + L_C，G 最大化 L_C − L_S（不饱和）。
与 GAN 的差别：D 输出 1 + K 个数，真假的 logit 和各类的 logit；生成样本没有第 K + 1 类。
常见的毛病：容易认的样子总能得分，同一类里的花样变少，所以要和类内的多样性一起看。
D 越大，越像真。教程：11。
"""

from dataclasses import dataclass

from paddle import Tensor
from paddle.nn.functional import cross_entropy
from pydantic import NonNegativeFloat

from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.by_class import ByClass
from paddle_gan.methods.from_noise import FromNoise, probabilities


class ACGAN(ByClass):
    """带分类的 D。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        class_weight: NonNegativeFloat = 1.0  # L_C 的权重
        classify_fakes: bool = True  # D 的 L_C 里有没有生成样本那一项（论文有；别人的实现常去掉）

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return ByClass.shapes(hparams, x_shape, y_shape) | {"D": (x_shape, (1 + y_shape[0],))}

    def heads(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """D 的两个头：真假的 logit (N, 1)，类别的 logit (N, K)；都没有过 sigmoid、softmax。"""
        output = self.D(x)
        return output[:, :1], output[:, 1:]

    def judge(self, x: Tensor, labels: Tensor) -> Tensor:
        """真假的 logit (N, 1)，与类别无关。"""
        return self.heads(x)[0]

    def discriminator_loss(self, x, labels):
        h = self.hparams
        real_logit, real_class = self.heads(x)
        fake_logit, fake_class = self.heads(self.made_for_D(labels))

        # L_D = −L_S − L_C；cross_entropy 自己做 softmax
        named_real = cross_entropy(real_class, labels)
        named_fake = cross_entropy(fake_class, labels)
        named = named_real + named_fake if h.classify_fakes else named_real
        loss = discriminator_cross_entropy(real_logit, fake_logit) + h.class_weight * named
        logs = {"loss/D": loss, "loss/class_real": named_real, "loss/class_fake": named_fake}
        return loss, logs | probabilities(real_logit, fake_logit)

    def generator_loss(self, n, labels):
        logit, named = self.heads(self.made(labels))
        # L_G = −E[log P(真 | G(z, y))] − E[log P(y | G(z, y))]
        named = cross_entropy(named, labels)
        loss = non_saturating_generator(logit) + self.hparams.class_weight * named
        return loss, {"loss/G": loss}
