"""SRGAN（Ledig 等，2017，arXiv:1609.04802）。

动机：只求逐像素的误差小，放大出来的图是几种可能的平均，糊；再请 D 看“这张图像不像真的”。
目标：先只练 ‖y − G(x)‖²（SRResNet），再练 ‖y − G(x)‖² − λ·E[log D(G(x))]。
与 GAN 的差别：G 的输入是小图 x，没有噪声；与 pix2pix 的差别：输出比输入大，D 不看 x，分两个阶段。
论文：先练好误差，再请 D，否则 G 容易停在坏的地方；这里的小数字上省了第一阶段也一样（A14）。
与论文不同：内容的误差是像素的均方误差，不是 VGG 特征的：没有网络的地方下载不到 VGG。
D 越大，越像真。教程：14。
"""

from dataclasses import dataclass

from paddle import Tensor
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat

from paddle_gan.errors import UserError
from paddle_gan.limits import Decay
from paddle_gan.methods.base import Method
from paddle_gan.methods.restoring import Restores


class SRGAN(Restores):
    """超分辨率。"""

    @dataclass(frozen=True)
    class Hparams(Method.Hparams):
        lr_D: PositiveFloat = 1e-4  # D 的学习率
        lr_G: PositiveFloat = 1e-4  # G 的学习率
        beta1: Decay = 0.9  # Adam 的 β₁
        pretrain: NonNegativeInt = 60_000  # 第一阶段（只有均方误差）多少步；论文 100 万
        adversarial: NonNegativeFloat = 1e-3  # λ：第二阶段里对抗损失的权重；0 是不用

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.judged = True  # 到没到第二阶段；由 train_step 按步数定

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        larger = [(x_shape[0], *(factor * side for side in x_shape[1:])) for factor in (2, 4, 8)]
        if tuple(y_shape) not in larger:
            raise UserError(
                "sr_gan 要 y 的高与宽都是 x 的 2、4 或 8 倍，通道一样多，"
                f"现在是 {x_shape} 与 {y_shape}；请写 data.name: degraded"
            )
        return {"G": (x_shape, y_shape), "D": (y_shape, (1,))}

    def distance(self, x: Tensor, y: Tensor, fake: Tensor) -> Tensor:
        # E‖y − G(x)‖²，对像素平均
        return (y - fake).square().mean()

    def weights_of_losses(self):
        return 1.0, self.hparams.adversarial if self.judged else 0.0

    def train_step(self, batches, step):
        self.judged = step > self.hparams.pretrain
        return super().train_step(batches, step)
