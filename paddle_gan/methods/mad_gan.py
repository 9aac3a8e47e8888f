"""MAD-GAN（Ghosh 等，2018，arXiv:1704.02906）。

动机：一个 G 挤在一处，别的模式就丢了；用 k 个 G，D 除了认真假，还要认出是哪一个生成的，
G 们越好认，D 的损失越小，于是各占一处。
目标：max_D E[log D_{k+1}(x)] + Σ_i E[log D_i(G_i(z))]；min_{G_i} E[log(1 − D_{k+1}(G_i(z)))]。
与 GAN 的差别：D 有 k + 1 类，D_i = softmax(logit)_i，末一类是“真”；生成的分布是 k 个 G 的等权混合。
z 的第一维只决定由哪一个 G 生成，所以 z_dim 比每个 G 的输入多一维。
D 越大，越像真（D 指 D_{k+1}）。教程：09。
"""

from dataclasses import dataclass

import paddle
from paddle import Tensor, nn
from paddle.nn.functional import cross_entropy, softmax
from pydantic import PositiveInt

from paddle_gan.errors import UserError
from paddle_gan.losses import non_saturating_generator
from paddle_gan.methods.from_noise import FromNoise, probabilities

# P(z₁ ≤ a)：把 z 的第一维换成 [0, 1] 上均匀的数
CUMULATIVE = {
    "normal": lambda a: 0.5 * (1 + paddle.erf(a / 2**0.5)),
    "uniform": lambda a: 0.5 * (1 + a),
}


class Mixture(nn.Layer):
    """k 个生成器合成一个网络；k 个都算，每个样本留一个，所以只用来取样、导出。"""

    def __init__(self, generators: list[nn.Layer], noise: str):
        super().__init__()
        self.generators, self.cumulative = nn.LayerList(generators), CUMULATIVE[noise]

    def owners(self, z: Tensor) -> Tensor:
        """每个 z (N, z_dim) 归第几个生成器，从 0 数起 (N,)；只看 z 自己，与它在批里的位置无关。"""
        k = len(self.generators)
        return (k * self.cumulative(z[:, 0])).floor().clip(0, k - 1).astype("int64")

    def forward(self, z):
        owners, mixed = self.owners(z), 0.0
        for i, G in enumerate(self.generators):
            made = G(z[:, 1:])  # (N, ...)
            mine = (owners == i).astype(made.dtype)
            mixed = mixed + mine.reshape([-1] + [1] * (made.ndim - 1)) * made
        return mixed


class MADGAN(FromNoise):
    """k 个生成器的 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        k: PositiveInt = 4  # k：几个生成器
        identity: bool = True  # D 要不要认是哪一个 G 生成的；false 只认真假，是对照

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.mixture = Mixture(self.layers(self.generators), hparams.noise)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        if hparams.z_dim < 2:
            raise UserError(
                f"mad_gan 的 hparams.z_dim 至少要 2，现在是 {hparams.z_dim}："
                "第一维决定由哪一个 G 生成，其余的才是 G 的输入"
            )
        inputs = (hparams.z_dim - 1,)
        many = {f"G_{i + 1}": (inputs, x_shape) for i in range(hparams.k)}
        return many | {"D": (x_shape, (hparams.k + 1,))}

    def sampler(self):
        return self.mixture

    def owners(self, z: Tensor) -> Tensor:
        """每个 z (N, z_dim) 归第几个生成器，从 0 数起 (N,)。"""
        return self.mixture.owners(z)

    def made(self, n: int) -> tuple[Tensor, Tensor]:
        """n 个生成样本 (n, ...) 与各由谁生成 (n,)；每个 G 一样多，同一个 G 的排在一起。"""
        k = self.hparams.k
        if n < k:
            raise UserError(
                f"一批 {n} 个样本不够 hparams.k = {k} 个生成器各分一个；"
                "请把 batch_size 改大，或把 hparams.k 改小"
            )
        z = self.noise(n)[:, 1:]  # 由谁生成照次序轮流，用不着第一维
        parts = [G(z[i::k]) for i, G in enumerate(self.layers(self.generators))]
        owners = [i for i, part in enumerate(parts) for _ in range(part.shape[0])]
        return paddle.concat(parts), paddle.to_tensor(owners, "int64")

    def score(self, logit: Tensor) -> Tensor:
        """logit (N, k + 1) → 真的对数几率 log D_{k+1} − log(1 − D_{k+1}) (N,)。"""
        return logit[:, -1] - paddle.logsumexp(logit[:, :-1], axis=1)

    def realness(self, x: Tensor) -> Tensor:
        """D 给一批样本打的分 (N,)。"""
        return self.score(self.D(x))

    def discriminator_loss(self, x):
        h = self.hparams
        with paddle.no_grad():
            fake, owners = self.made(x.shape[0])
        real_logit, fake_logit = self.D(x), self.D(fake)
        real_score, fake_score = self.score(real_logit), self.score(fake_logit)

        # L_D = −E[log D_{k+1}(x)] − Σ_i E[log D_i(G_i(z))]；每个 i 一样多，Σ_i 就是 k 倍的平均
        # 不认生成器时，末项是 −Σ_i E[log(1 − D_{k+1}(G_i(z)))]
        real = non_saturating_generator(real_score)
        labelled = cross_entropy(fake_logit, owners)
        fake_loss = labelled if h.identity else non_saturating_generator(-fake_score)
        loss = real + h.k * fake_loss
        named = softmax(fake_logit).take_along_axis(owners.unsqueeze(1), axis=1).mean()
        return loss, {"loss/D": loss, "prob/owner": named, **probabilities(real_score, fake_score)}

    def generator_loss(self, n):
        # L_G = −1/k·Σ_i E[log D_{k+1}(G_i(z))]（不饱和；D_{k+1} = σ(score)）
        loss = non_saturating_generator(self.score(self.D(self.made(n)[0])))
        return loss, {"loss/G": loss}
