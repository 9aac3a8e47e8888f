"""合页损失的 GAN（Lim 与 Ye，2017，arXiv:1705.02894）。

动机：D 只管分错的和分得不够开的样本，已经分得够开的不再推。
目标：min_D E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))]；min_G −E[D(G(z))]。
与 GAN 的差别：交叉熵换成合页损失；D 的输出不过 sigmoid，是分数。
D 的损失管不住分数的大小：过了 ±1 就不再有梯度，而 G 的损失没有下界，分数会越漂越大。
所以配上谱归一化（network.discriminator.spectral_norm: true）或梯度惩罚；这里只是损失，
不强求，好拿来对照，强求的是 sngan。
D 越大，越像真。教程：08。
"""

from paddle.nn.functional import relu

from paddle_gan.methods.from_noise import FromNoise, scores


class Hinge(FromNoise):
    """合页损失的 GAN。"""

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_score, fake_score = self.D(x), self.D(fake)

        # L_D = E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))]
        loss = relu(1 - real_score).mean() + relu(1 + fake_score).mean()
        return loss, {"loss/D": loss, **scores(real_score, fake_score)}

    def generator_loss(self, n):
        # L_G = −E[D(G(z))]
        loss = -self.D(self.G(self.noise(n))).mean()
        return loss, {"loss/G": loss}
