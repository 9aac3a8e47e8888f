"""半监督的 GAN（SSGAN；Salimans 等，2016，arXiv:1606.03498，§5）。

动机：标签很少、没有标签的图很多；没有标签的真图至少说明“真图长这样”，生成的图说明“别处不是”。
目标：D 给 K 类各一个 logit l，第 K + 1 类“生成的”的 logit 固定为 0，Z = log Σ_k exp(l_k)，
真的概率 D(x) = e^Z/(e^Z + 1) = σ(Z)；L_D = L_有标签 + ½·{−E[log D(x)] − E[log(1 − D(G(z)))]}，
L_有标签 = E[−l_y + Z] 是 K 类的交叉熵；
L_G = ‖E f(x) − E f(G(z))‖²：不去骗 D，只让末隐层的特征 f 的均值相同（特征匹配，§3.1）。
与 GAN 的差别：D 是分类器；要的是它，不是 G。对照（unlabelled: 0）是只看有标签的图的同一个网络。
D 越大，越像真（D 指 σ(Z)）。教程：14。
"""

from dataclasses import dataclass
from typing import Literal

import paddle
from paddle import Tensor
from paddle.nn.functional import cross_entropy
from pydantic import NonNegativeFloat

from paddle_gan.data.batches import Labeled
from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.base import inference
from paddle_gan.methods.from_noise import FromNoise, probabilities
from paddle_gan.networks.chain import before_output

GeneratorLoss = Literal["feature_matching", "non_saturating"]


def evidence(logits: Tensor) -> Tensor:
    """K 个 logit (N, K) → Z (N, 1)：第 K + 1 类的 logit 是 0，所以 D(x) = σ(Z)。"""
    # Z = log Σ_k exp(l_k)
    return paddle.logsumexp(logits, axis=1, keepdim=True)


def rows(batch: Tensor, wanted: Tensor) -> Tensor:
    """一批里 wanted (N,) 为真的那些行。"""
    return batch.index_select(wanted.nonzero().flatten())


class SSGAN(FromNoise):
    """一批里一半有标签，另一半没有（标签写作 −1）。"""

    batch_type = Labeled
    partly_labelled = True

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        unlabelled: NonNegativeFloat = 1.0  # 没有标签的图与生成的图那一项的权重；0 是监督的对照
        generator_loss: GeneratorLoss = "feature_matching"  # G 的损失：特征匹配（论文），或不饱和的

    def __init__(self, networks, hparams, classes: int):
        super().__init__(networks, hparams)
        self.features = before_output(self.D)  # f：与 D 是同一批层

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return {"G": ((hparams.z_dim,), x_shape), "D": (x_shape, y_shape)}  # y_shape 是 (K,)

    def schedule(self, step):
        d_steps, g_steps = super().schedule(step)
        return d_steps, g_steps if self.hparams.unlabelled else 0

    def realness(self, x: Tensor, labels: Tensor) -> Tensor:
        """D 给一批样本打的分 Z (N, 1)，不看标签。"""
        return evidence(self.D(x))

    def classify(self, x: Tensor) -> Tensor:
        """推理：各类的 logit (N, K)。"""
        with inference(self.D):
            return self.D(x)

    def without_labels(self, x: Tensor, labels: Tensor) -> Tensor:
        """这一批里没有标签的图。"""
        return rows(x, labels < 0)

    def discriminator_loss(self, x, labels):
        weight, known = self.hparams.unlabelled, labels >= 0
        # L_有标签 = E[−l_y + Z]；cross_entropy 自己做 softmax
        labelled = cross_entropy(self.D(rows(x, known)), rows(labels, known))
        if not weight:
            return labelled, {"loss/D": labelled, "loss/labelled": labelled}
        x = self.without_labels(x, labels)
        real, fake = evidence(self.D(x)), evidence(self.D(self.fakes(x.shape[0])))

        # L_D = L_有标签 + w·½·{−E[log σ(Z(x))] − E[log(1 − σ(Z(G(z))))]}
        loss = labelled + weight * 0.5 * discriminator_cross_entropy(real, fake)
        return loss, {"loss/D": loss, "loss/labelled": labelled, **probabilities(real, fake)}

    def generator_loss(self, x):
        fake = self.G(self.noise(x.shape[0]))
        if self.hparams.generator_loss == "non_saturating":
            # L_G = −E[log D(G(z))]
            loss = non_saturating_generator(evidence(self.D(fake)))
            return loss, {"loss/G": loss}
        # L_G = ‖E f(x) − E f(G(z))‖²
        gap = self.features(x).mean(axis=0) - self.features(fake).mean(axis=0)
        loss = gap.square().sum()
        return loss, {"loss/G": loss}

    def generator_inputs(self, batch):
        return (self.without_labels(*batch),)  # 特征要与没有标签的真图的比
