"""上下文编码器（Pathak 等，2016，arXiv:1604.07379）：补洞。

动机：由四周猜洞里是什么；猜法不止一种，只求误差小就画成平均的，糊，再请 D 看像不像真的。
目标：λ_rec·E[Σ w⊙(y − G(x))²] − λ_adv·E[log D(G(x))]，λ_rec = 0.999，λ_adv = 0.001。
与 SRGAN 的差别：D 只看洞里（与四周一圈），看不见洞外；G 的学习率是 D 的 10 倍。
洞外接一圈 overlap 像素也归 G 画，误差在那里乘 overlap_weight：画出来的才接得上。
D 越大，越像真。教程：14。
"""

from dataclasses import dataclass

from paddle import Tensor, nn
from paddle.nn.functional import max_pool2d
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat

from paddle_gan.errors import UserError
from paddle_gan.methods.base import Method
from paddle_gan.methods.restoring import Restores


def hole_of(x: Tensor) -> Tensor:
    """洞里是 1，洞外是 0，(N, 1, H, W)；x 的最后一个通道说洞在哪里。"""
    return (x[:, -1:] > 0).astype(x.dtype)


class Filling(nn.Layer):
    """洞里用 G 画的，洞外照原样：x (N, C + 1, H, W) → (N, C, H, W)。"""

    def __init__(self, G: nn.Layer):
        super().__init__()
        self.G = G

    def forward(self, x):
        hole = hole_of(x)
        return hole * self.G(x) + (1 - hole) * x[:, :-1]


class Inpainting(Restores):
    """补洞；x 的最后一个通道在洞里是 1，洞外是 −1。"""

    @dataclass(frozen=True)
    class Hparams(Method.Hparams):
        lr_G: PositiveFloat = 2e-3  # G 的学习率；是 D 的 10 倍（§5.1）
        reconstruction: NonNegativeFloat = 0.999  # λ_rec：误差的权重
        adversarial: NonNegativeFloat = 0.001  # λ_adv：对抗损失的权重；0 是不用
        overlap: NonNegativeInt = 4  # 洞外接着的一圈有几个像素宽
        overlap_weight: PositiveFloat = 10.0  # 那一圈里误差的权重

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.filling = Filling(self.G)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        if tuple(x_shape) != (y_shape[0] + 1, *y_shape[1:]):
            raise UserError(
                f"inpainting 的 x 要比 y 多一个通道，说洞在哪里，现在是 {x_shape} 与 {y_shape}；"
                "请写 data.name: masked"
            )
        if not hparams.reconstruction and not hparams.adversarial:
            raise UserError(
                "hparams.reconstruction 与 hparams.adversarial 不能都是 0：G 没有损失可学"
            )
        return {"G": (x_shape, y_shape), "D": (y_shape, (1,))}

    def painted(self, x: Tensor) -> Tensor:
        """归 G 画的地方：洞与四周一圈 (N, 1, H, W)，0 或 1。"""
        width = self.hparams.overlap
        return max_pool2d(hole_of(x), 2 * width + 1, stride=1, padding=width)

    def judge(self, x: Tensor, y: Tensor) -> Tensor:
        """D 的 logit (N, 1)：只看归 G 画的地方，别处一律是 0。

        与论文不同：论文把洞裁出来给 D；盖住别处，洞就可以在任何地方、是任何形状。
        """
        return self.D(y * self.painted(x))

    def distance(self, x: Tensor, y: Tensor, fake: Tensor) -> Tensor:
        painted, hole = self.painted(x), hole_of(x)
        # w：洞里是 1，一圈里是 overlap_weight，别处是 0
        weight = hole + self.hparams.overlap_weight * (painted - hole)
        # E[w·‖y − G(x)‖²]，对归 G 画的像素平均
        return (weight * (y - fake).square()).sum() / (painted.sum() * y.shape[1])

    def weights_of_losses(self):
        return self.hparams.reconstruction, self.hparams.adversarial

    def translator(self, direction: str) -> nn.Layer:
        return {"x2y": self.filling}[direction]
