"""CycleGAN（Zhu 等，2017，arXiv:1703.10593）。

动机：两个域之间没有成对的图像，只靠对抗损失不能保证“译”出来的还是同一件东西。
目标：L_GAN(G, D_Y) + L_GAN(F, D_X) + λ·L_cyc(G, F) + 0.5λ·L_identity(G, F)，对抗损失用最小二乘。
与 GAN 的差别：两个生成器 G: X→Y、F: Y→X，两个判别器 D_X、D_Y；生成器的输入是图像，不是噪声。
D 越大，越像真。教程：12。
"""

from dataclasses import dataclass

import paddle
from pydantic import NonNegativeFloat, NonNegativeInt

from paddle_gan.data.batches import Unpaired
from paddle_gan.errors import UserError
from paddle_gan.limits import Fraction
from paddle_gan.losses import l1, least_squares
from paddle_gan.methods.base import Method, inference
from paddle_gan.methods.image_pool import ImagePool


class CycleGAN(Method):
    """不成对的图像翻译。"""

    batch_type = Unpaired

    @dataclass(frozen=True)
    class Hparams(Method.Hparams):
        cycle: NonNegativeFloat = 10.0  # λ：循环一致损失的权重
        backward_cycle: NonNegativeFloat = 1.0  # Y → X → Y 那一圈的权重是 backward_cycle·λ
        identity: NonNegativeFloat = 0.5  # 恒等损失的权重是 identity·λ；0 是不用
        pool_size: NonNegativeInt = 50  # 图像池的大小
        decay_from: Fraction = 0.5  # 训练到这个比例后，学习率线性降到 0；1 是不降

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.pools = {"x": ImagePool(hparams.pool_size), "y": ImagePool(hparams.pool_size)}

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        if hparams.identity and x_shape[0] != y_shape[0]:
            raise UserError(
                f"恒等损失要求两个域的通道数相同（现在是 {x_shape[0]} 与 {y_shape[0]}）；"
                "请写 hparams.identity: 0，或统一 data 的通道数"
            )
        translators = {"G": (x_shape, y_shape), "F": (y_shape, x_shape)}
        return translators | {"D_X": (x_shape, (1,)), "D_Y": (y_shape, (1,))}

    def discriminator_loss(self, x, y, fake_x, fake_y):
        # L_{D_Y} = ½·E[(D_Y(y) − 1)²] + ½·E[D_Y(G(x))²]；除以 2 使 D 学得比 G 慢（§4）
        loss_y = (least_squares(self.D_Y(y), 1.0) + least_squares(self.D_Y(fake_y), 0.0)) / 2
        # L_{D_X} = ½·E[(D_X(x) − 1)²] + ½·E[D_X(F(y))²]
        loss_x = (least_squares(self.D_X(x), 1.0) + least_squares(self.D_X(fake_x), 0.0)) / 2
        return loss_x + loss_y, {"loss/D_X": loss_x, "loss/D_Y": loss_y}

    def generator_loss(self, x, y, fake_x, fake_y):
        h, G, F = self.hparams, self.G, self.F
        # 对抗：E[(D_Y(G(x)) − 1)²] + E[(D_X(F(y)) − 1)²]
        adversarial_G = least_squares(self.D_Y(fake_y), 1.0)
        adversarial_F = least_squares(self.D_X(fake_x), 1.0)
        # 循环一致：正向 E‖F(G(x)) − x‖₁，反向 E‖G(F(y)) − y‖₁
        forward, backward = l1(F(fake_y), x), l1(G(fake_x), y)

        loss = adversarial_G + adversarial_F + h.cycle * (forward + h.backward_cycle * backward)
        # 权重是 0 的一圈也照记
        logs = {"loss/G": adversarial_G, "loss/F": adversarial_F, "loss/cycle": forward + backward}
        if h.identity:
            # 恒等：E‖G(y) − y‖₁ + E‖F(x) − x‖₁（§5.2）
            identity = l1(G(y), y) + l1(F(x), x)
            loss = loss + h.identity * h.cycle * identity
            logs["loss/identity"] = identity
        return loss, logs

    def train_step(self, batches, step):
        x, y = next(batches)
        fake_x, fake_y = self.F(y), self.G(x)  # 一步只生成一次，G 与 D 的损失共用
        logs = self.generator_step(x, y, fake_x, fake_y)
        # 判别器看图像池里的旧图，而且不把梯度传回生成器
        pooled_x, pooled_y = self.pools["x"].query(fake_x), self.pools["y"].query(fake_y)
        return logs | self.discriminator_step(x, y, pooled_x, pooled_y)

    def learning_rate_factor(self, progress):
        # 先不变，再线性降到 0（§4：前 100 轮不变，后 100 轮下降）
        start = self.hparams.decay_from
        return 1.0 if progress <= start else (1.0 - progress) / (1.0 - start)

    def state(self):
        pools = {name: pool.images for name, pool in self.pools.items() if pool.images}
        return {f"pool_{name}": paddle.stack(images) for name, images in pools.items()}

    def load_state(self, state):
        for name, pool in self.pools.items():
            pool.images = [image.clone() for image in state.get(f"pool_{name}", [])]

    @staticmethod
    def directions():
        return "x2y", "y2x"

    def translator(self, direction):
        return {"x2y": self.G, "y2x": self.F}[direction]

    def translate(self, images, direction):
        """推理：x2y 用 G，y2x 用 F；(N, C, H, W) → (N, C', H, W)，H、W 要能被网络的下采样整除。"""
        translator = self.translator(direction)
        with inference(translator):
            return translator(images)

    def preview(self, batch):
        """每行六张：x, G(x), F(G(x)) 和 y, F(y), G(F(y))。"""
        with inference(self.G, self.F):
            fake_y, fake_x = self.G(batch.x), self.F(batch.y)
            columns = [batch.x, fake_y, self.F(fake_y), batch.y, fake_x, self.G(fake_x)]
        channels = max(image.shape[1] for image in columns)
        columns = [image.expand([-1, channels, -1, -1]) for image in columns]
        return paddle.stack(columns, axis=1).flatten(0, 1), len(columns)
