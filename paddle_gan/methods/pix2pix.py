"""pix2pix（Isola 等，2017，arXiv:1611.07004）。

动机：有成对的图像时，只用 L1 会糊（几种可能取了平均）；再请 D 看“这张 y 像不像真的、配不配 x”。
目标：min_G max_D E[log D(x, y)] + E[log(1 − D(x, G(x)))] + λ·E‖y − G(x)‖₁。
与 GAN 的差别：G 的输入是图像（U-Net，噪声只有 dropout）；D 看 x 与 y 接在一起的，逐块打分。
几个损失都可以去掉，就是论文 §4.1 的对照：adversarial: 0 只剩 L1，l1: 0 只剩对抗，
conditional: false 时 D 不看 x。
D 越大，越像真、越相配。教程：11。
"""

from dataclasses import dataclass

import paddle
from paddle import Tensor
from pydantic import NonNegativeFloat

from paddle_gan.data.batches import Pair
from paddle_gan.errors import UserError
from paddle_gan.losses import discriminator_cross_entropy, l1, non_saturating_generator
from paddle_gan.methods.base import Method, inference
from paddle_gan.methods.from_noise import probabilities


class Pix2Pix(Method):
    """成对的图像翻译，只会 x2y。"""

    batch_type = Pair

    @dataclass(frozen=True)
    class Hparams(Method.Hparams):
        l1: NonNegativeFloat = 100.0  # λ：L1 的权重；0 是不用
        adversarial: NonNegativeFloat = 1.0  # 对抗损失的权重；0 是不用，D 也不训练
        conditional: bool = True  # D 看不看 x；false 只看 y 像不像真的

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        if not hparams.l1 and not hparams.adversarial:
            raise UserError("hparams.l1 与 hparams.adversarial 不能都是 0：G 没有损失可学")
        if x_shape[1:] != y_shape[1:]:
            raise UserError(
                f"pix2pix 要两个域的高与宽相同，现在是 {x_shape[1:]} 与 {y_shape[1:]}；请改 data"
            )
        seen = (x_shape[0] + y_shape[0], *y_shape[1:]) if hparams.conditional else y_shape
        return {"G": (x_shape, y_shape), "D": (seen, (1,))}

    def judge(self, x: Tensor, y: Tensor) -> Tensor:
        """D(x, y) 的 logit，逐块 (N, 1, H', W')；conditional: false 时是 D(y)。"""
        return self.D(paddle.concat([x, y], axis=1) if self.hparams.conditional else y)

    def discriminator_loss(self, x, y, fake):
        real_logit, fake_logit = self.judge(x, y), self.judge(x, fake)

        # L_D = −½·{E[log D(x, y)] + E[log(1 − D(x, G(x)))]}；除以 2 使 D 学得比 G 慢（§3.3）
        loss = discriminator_cross_entropy(real_logit, fake_logit) / 2
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, x, y, fake):
        h = self.hparams
        # L_G = −E[log D(x, G(x))] + λ·E‖y − G(x)‖₁
        distance = l1(fake, y)
        loss, logs = h.l1 * distance, {"loss/l1": distance}
        if h.adversarial:
            adversarial = non_saturating_generator(self.judge(x, fake))
            loss = loss + h.adversarial * adversarial
            logs["loss/G"] = adversarial
        return loss, logs

    def train_step(self, batches, step):
        x, y = next(batches)
        fake = self.G(x)  # 一步只生成一次，两边的损失共用（同样的 dropout）
        logs = {}
        if self.hparams.adversarial:
            logs = self.discriminator_step(x, y, fake.detach())  # 不把梯度传回 G
        return logs | self.generator_step(x, y, fake)

    @staticmethod
    def directions():
        return ("x2y",)

    def translator(self, direction):
        return {"x2y": self.G}[direction]

    def translate(self, images, direction):
        """推理：(N, C, H, W) → (N, C', H, W)。

        与论文不同：推理时没有 dropout，BN 用累计的统计量：同一张图总译成同一张。
        """
        with inference(self.G):
            return self.translator(direction)(images)

    def preview(self, batch):
        """每行三张：x、G(x)、真值 y。"""
        columns = [batch.x, self.translate(batch.x, "x2y"), batch.y]
        channels = max(image.shape[1] for image in columns)
        columns = [image.expand([-1, channels, -1, -1]) for image in columns]
        return paddle.stack(columns, axis=1).flatten(0, 1), len(columns)
