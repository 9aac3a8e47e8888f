"""由残缺的图还原整张图的一族（SRGAN、上下文编码器）共用的：成对，没有噪声，只会 x2y。"""

import paddle
from paddle import Tensor, nn
from paddle.nn.functional import interpolate

from paddle_gan.data.batches import Pair
from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.methods.base import Method, inference
from paddle_gan.methods.from_noise import probabilities


class Restores(Method):
    """G：残缺的 x → 还原的图，与 y 一样大；D 只看还原的图，不看 x。

    子类写 shapes、distance（离 y 多远）与 weights（离 y 多远、像不像真的，各乘多少）。
    """

    batch_type = Pair

    def judge(self, x: Tensor, y: Tensor) -> Tensor:
        """D 的 logit：y 像不像真的。"""
        return self.D(y)

    def distance(self, x: Tensor, y: Tensor, fake: Tensor) -> Tensor:
        """还原的图离 y 多远（标量）。"""
        raise NotImplementedError

    def weights_of_losses(self) -> tuple[float, float]:
        """distance 与对抗损失各乘多少；对抗的是 0 时，D 也不训练。"""
        raise NotImplementedError

    def discriminator_loss(self, x, y, fake):
        real_logit, fake_logit = self.judge(x, y), self.judge(x, fake)

        # L_D = −E[log D(y)] − E[log(1 − D(G(x)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, x, y, fake):
        near, real = self.weights_of_losses()
        # L_G = λ_1·‖y − G(x)‖² − λ_2·E[log D(G(x))]
        distance = self.distance(x, y, fake)
        loss, logs = near * distance, {"loss/l2": distance}
        if real:
            adversarial = non_saturating_generator(self.judge(x, fake))
            loss = loss + real * adversarial
            logs["loss/G"] = adversarial
        return loss, logs

    def train_step(self, batches, step):
        x, y = next(batches)
        fake = self.G(x)  # 一步只还原一次，两边的损失共用
        logs = {}
        if self.weights_of_losses()[1]:
            logs = self.discriminator_step(x, y, fake.detach())  # 不把梯度传回 G
        return logs | self.generator_step(x, y, fake)

    @staticmethod
    def directions():
        return ("x2y",)

    def translator(self, direction: str) -> nn.Layer:
        return {"x2y": self.G}[direction]

    def translate(self, images: Tensor, direction: str) -> Tensor:
        """推理：残缺的图 (N, C, h, w) → 还原的图 (N, C', H, W)。"""
        with inference(self.G):
            return self.translator(direction)(images)

    def preview(self, batch):
        """每行三张：x（放到与 y 一样大）、还原的图、真值 y。"""
        x = interpolate(batch.x[:, : batch.y.shape[1]], size=batch.y.shape[2:], mode="nearest")
        columns = [x, self.translate(batch.x, "x2y"), batch.y]
        return paddle.stack(columns, axis=1).flatten(0, 1), len(columns)
