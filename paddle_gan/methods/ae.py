"""AE（自编码器；Hinton 与 Salakhutdinov，2006，Science 313:504）。

动机：把图压成一小段编码，再还原；还原得好，编码里就有图的内容。
目标：min_{Enc,Dec} E[H(x, Dec(Enc(x)))]，H 是各像素的交叉熵之和。
与 GAN 的差别：没有判别器，也没有管编码怎样分布，所以不知道该从哪里取编码来生成。
generate 尽量公道：取均值、标准差与训练的编码相同的正态；各维之间的关系、正态以外的样子都不管。
没有 D，“D 越大，越像真”在这里用不上。教程：05。
"""

import paddle
from paddle import Tensor, nn

from paddle_gan.methods.autoencoding import Autoencoder, pixel_cross_entropy
from paddle_gan.methods.base import inference

KEEP = 0.99  # 编码的均值与方差取滑动平均，每步留下这么多


class Rescaled(nn.Layer):
    """z → 图像：先把 z 换到训练的编码的位置与大小。"""

    def __init__(self, draw: nn.Layer, dims: int):
        super().__init__()
        self.draw = draw
        self.register_buffer("mean", paddle.zeros([dims]))
        self.register_buffer("variance", paddle.ones([dims]))

    def forward(self, z):
        return self.draw(self.mean + self.variance.sqrt() * z)


class AE(Autoencoder):
    """压成编码，再还原。"""

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        self.shown = Rescaled(self.shown, hparams.z_dim)

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        z = (hparams.z_dim,)
        return {"Enc": (x_shape, z), "Dec": (z, x_shape)}

    def generator_loss(self, x):
        z = self.Enc(x)
        # L = E[H(x, Dec(Enc(x)))]
        loss = pixel_cross_entropy(self.Dec(z), x)
        self.follow(z)
        return loss, {"loss/G": loss, "elbo/reconstruction": loss}

    @paddle.no_grad()
    def follow(self, z: Tensor) -> None:
        """编码 z (N, z_dim) 的均值与方差并进滑动平均；几个进程时取它们的平均。"""
        mean = self.updates.average(z.mean(axis=0))
        variance = self.updates.average(z.square().mean(axis=0)) - mean.square()
        for kept, now in ((self.shown.mean, mean), (self.shown.variance, variance)):
            kept.set_value(KEEP * kept + (1 - KEEP) * now)

    def state(self):
        return {"mean": self.shown.mean, "variance": self.shown.variance}

    def load_state(self, state):
        self.shown.mean.set_value(state["mean"])
        self.shown.variance.set_value(state["variance"])

    def reconstruct(self, x: Tensor) -> Tensor:
        """推理：x 压成编码再还原。"""
        with inference(*self.layers(self.generators)):
            return self.shown.draw(self.Enc(x))
