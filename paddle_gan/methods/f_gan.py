"""f-GAN（Nowozin 等，2016，arXiv:1606.00709）。

动机：GAN 量的是 JS 散度；换一个凸函数 f，D 量的就是别的散度，G 学到的样子也跟着变。
目标：min_G max_D E[g_f(V(x))] − E[f*(g_f(V(G(z))))]，这是 D_f(P ‖ Q) 的下界。
与 GAN 的差别：D 的输出 V 没有限制，g_f 把它放进 f* 的定义域，成为 T；七个散度是一张表
（metrics/f_divergences.py），用 hparams.divergence 选。g_f 只用一次：网络的末层不再加激活。
G 最大化 E[T(G(z))] 是论文 §3.2 的不饱和技巧；一个高斯像不了 P 时，它停下的地方不是 D_f 的极小点，
要极小点就用 saturating。
D 越大，越像真；它是分数，不是概率。教程：08。
"""

from dataclasses import dataclass
from typing import Literal

from paddle import Tensor

from paddle_gan.methods.from_noise import FromNoise, scores
from paddle_gan.metrics.f_divergences import TABLE

Name = Literal["kl", "reverse_kl", "pearson", "neyman", "hellinger", "js", "gan"]


class FGAN(FromNoise):
    """换散度的 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        divergence: Name = "js"  # D_f：表里的哪一行
        generator_loss: Literal["non_saturating", "saturating"] = "non_saturating"  # G 的损失

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.row = TABLE[hparams.divergence]

    def score(self, x: Tensor) -> Tensor:
        """V(x)，太大的当作上限：KL 的 e^(V − 1) 涨得太快，几步就是无穷大。"""
        # 与论文不同：论文不截
        return self.D(x).clip(max=self.row.ceiling)

    def discriminator_loss(self, x):
        real, fake = self.score(x), self.score(self.fakes(x.shape[0]))

        # D_f 的下界：E[g_f(V(x))] − E[f*(g_f(V(G(z))))]（式 (4)、(6)）
        bound = self.row.g(real).mean() - self.row.conjugate_of_g(fake).mean()
        return -bound, {"loss/D": -bound, "divergence/bound": bound, **scores(real, fake)}

    def generator_loss(self, n):
        fake = self.score(self.G(self.noise(n)))

        # 饱和：L_G = −E[f*(g_f(V(G(z))))]（下界里与 G 有关的一项）
        loss = -self.row.conjugate_of_g(fake).mean()
        if self.hparams.generator_loss == "non_saturating":
            # 不饱和：L_G = −E[g_f(V(G(z)))]（§3.2）
            loss = -self.row.g(fake).mean()
        return loss, {"loss/G": loss}

    def divergence(self) -> str:
        """量的是哪个散度：f_divergences.TABLE 里的名字。"""
        return self.hparams.divergence
