"""LAPGAN（拉普拉斯金字塔的 GAN；Denton 等，2015，arXiv:1506.05751）。

动机：一次画出整张大图太难；先画小的，每放大一倍只补上这一层的细节。
目标：x_K = x，x_{k−1} = down(x_k)，c_k = up(x_{k−1})，残差 r_k = x_k − c_k；第 0 层是普通的 GAN，
第 k 层的 R_k(c_k, z_k) → r̂_k，D_k 看合起来的图：真的 r_k + c_k 就是 x_k，假的 r̂_k + c_k。
与 GAN 的差别：每一层自成一个 GAN，训练时用真的粗图 c_k，互不相干（几层的损失加起来，一起更新，
各层的梯度仍只来自自己）；取样时连起来 x̂_k = up(x̂_{k−1}) + r̂_k。噪声 z_k 是与图一样大的一个通道。
D 越大，越像真。教程：05。
"""

from dataclasses import dataclass
from typing import Annotated

import paddle
from paddle import Tensor
from pydantic import Field

from paddle_gan.draws import per_sample
from paddle_gan.errors import UserError
from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.base import inference
from paddle_gan.methods.from_noise import NOISE, FromNoise, Noise, probabilities
from paddle_gan.methods.pyramid import Pyramid, beside_noise, pyramid, up

FEW = 8  # 每步用这么多张图量噪声管不管用


class LAPGAN(FromNoise):
    """由粗到细的一串 GAN。"""

    sections = ("generator", "refiner", "discriminator")

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        noise: Noise = "uniform"  # 各层 z 的分布
        levels: Annotated[int, Field(ge=2, le=8)] = 3  # 几层；每层边长是上一层的两倍

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.generators, self.discriminators = self.players["G"], self.players["D"]
        self.chain = Pyramid(self.G, self.layers(self.generators[1:]), hparams.z_dim)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        factor = 2 ** (hparams.levels - 1)
        if len(x_shape) != 3 or x_shape[1] % factor or x_shape[2] % factor:
            raise UserError(
                f"lapgan 要高与宽能被 2^(levels − 1) = {factor} 整除的图像 (C, H, W)，这份数据的"
                f"样本形状是 {x_shape}；请改 data 或 hparams.levels"
            )
        C, *sides = x_shape
        sizes = [(C, *(s >> k for s in sides)) for k in reversed(range(hparams.levels))]
        found = {"G": ((hparams.z_dim,), sizes[0]), "D": (sizes[0], (1,))}
        for k, size in enumerate(sizes[1:], start=1):
            found |= {f"R_{k}": ((C + 1, *size[1:]), size), f"D_{k}": (size, (1,))}
        return found

    def teams(self):
        of_D = tuple(a for a in self.networks if a.startswith("D"))
        return {"D": of_D, "G": tuple(a for a in self.networks if a not in of_D)}

    def noise(self, n):
        return per_sample(NOISE[self.hparams.noise], [n, self.chain.size])

    def sampler(self):
        return self.chain

    def generator_inputs(self, batch):
        return (batch.x,)  # 各层的粗图是真的

    def realness(self, x: Tensor) -> Tensor:
        """最细一层的 D 给一批样本打的分 (N, 1)。"""
        return self.layers(self.discriminators)[-1](x)

    def judge(self, images: list[Tensor]) -> list[Tensor]:
        """各层的 D_k 给各层的图打分（logit），由粗到细。"""
        return [D(image) for D, image in zip(self.layers(self.discriminators), images)]

    def made(self, levels: list[Tensor]) -> list[Tensor]:
        """各层的假图：第 0 层由噪声画，其余的是真的粗图加上画的残差；levels 是真图的各层。"""
        z = self.noise(levels[0].shape[0])
        images = [self.G(z[:, : self.hparams.z_dim])]
        for R, z_k, coarse in zip(self.chain.refiners, self.chain.maps(z), levels):
            c = up(coarse)
            images.append(c + R(beside_noise(c, z_k)))
        return images

    def discriminator_loss(self, x):
        levels = pyramid(x, self.hparams.levels)
        with paddle.no_grad():
            fakes = self.made(levels)
        pairs = list(zip(self.judge(levels), self.judge(fakes)))

        # L_D = Σ_k {−E[log D_k(r_k + c_k)] − E[log(1 − D_k(r̂_k + c_k))]}
        loss = sum(discriminator_cross_entropy(real, fake) for real, fake in pairs)
        flat = (paddle.concat([logit.flatten() for logit in side]) for side in zip(*pairs))
        return loss, {"loss/D": loss, **probabilities(*flat)}

    def generator_loss(self, x):
        spread = self.noise_spread(x[:FEW])
        fakes = self.made(pyramid(x, self.hparams.levels))
        # L_G = −Σ_k E[log D_k(r̂_k + c_k)]
        loss = sum(non_saturating_generator(logit) for logit in self.judge(fakes))
        return loss, {"loss/G": loss, "residual/spread": spread}

    def noise_spread(self, x: Tensor, maps: int = 2) -> Tensor:
        """同一张粗图换 maps 次噪声，r̂ 的标准差是真残差的几倍（标量，各层平均）；0 是不理噪声。"""
        levels, ratios = pyramid(x, self.hparams.levels), []
        with inference(*self.layers(self.generators)):
            drawn = [self.made(levels)[1:] for _ in range(maps)]
        for images, fine, coarse in zip(zip(*drawn), levels[1:], levels):
            images, residual = paddle.stack(images), fine - up(coarse)  # (maps, N, C, H, W)
            variance = (images - images.mean(axis=0)).square().sum(axis=0).mean() / (maps - 1)
            ratios.append((variance / (residual.square().mean() + 1e-12)).sqrt())
        return sum(ratios) / len(ratios)

    def with_real_coarse(self, x: Tensor) -> Tensor:
        """推理：真图缩小一半作粗图，只由最细的一层补细节；比连起来取样的好看，不能当作生成的结果。"""
        with inference(*self.layers(self.generators)):
            return self.made(pyramid(x, self.hparams.levels))[-1]
