"""条件 GAN（CGAN；Mirza 与 Osindero，2014，arXiv:1411.1784）。

动机：想指定生成哪一类。G 与 D 都看类别 y：D 判断的是“x 真不真，而且配不配 y”。
目标：min_G max_D E[log D(x, y)] + E[log(1 − D(G(z, y), y))]，G 用不饱和的损失。
与 GAN 的差别：y 的独热接在 z 后面给 G，接在 x 后面（图像的每个像素都接）给 D。
mismatched：再给 D 看真样本配错的类别（Reed 等，2016，arXiv:1605.05396，算法 1 的 GAN-CLS），
不然 D 可以只看真不真、不看配不配，G 就不听话。
D 越大，越像真、越相配。教程：11。
"""

from dataclasses import dataclass

from paddle import Tensor
from paddle.nn.functional import sigmoid, softplus

from paddle_gan.errors import UserError
from paddle_gan.losses import non_saturating_generator
from paddle_gan.methods.by_class import ByClass, beside
from paddle_gan.methods.from_noise import FromNoise, probabilities


class CGAN(ByClass):
    """类别接在输入后面的 GAN。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        mismatched: bool = False  # 要不要给 D 看（真的 x，错的类别 y′）

    def __init__(self, networks, hparams, classes):
        super().__init__(networks, hparams, classes)
        if hparams.mismatched and classes < 2:
            raise UserError("数据只有一类，没有配错的类别；请去掉 hparams.mismatched，或换 data")

    def judge(self, x: Tensor, labels: Tensor) -> Tensor:
        """D(x, y) 的 logit (N, 1)。"""
        return self.D(beside(x, self.one_hot(labels)))

    def discriminator_loss(self, x, labels):
        real_logit = self.judge(x, labels)
        fake_logit = self.judge(self.made_for_D(labels), labels)
        logs = probabilities(real_logit, fake_logit)

        # L_D = −E[log D(x, y)] − E[log(1 − D(G(z, y), y))]
        rejected = softplus(fake_logit).mean()
        if self.hparams.mismatched:
            wrong_logit = self.judge(x, self.wrong(labels))
            # 末项换成 −½·{E[log(1 − D(G(z, y), y))] + E[log(1 − D(x, y′))]}
            rejected = (rejected + softplus(wrong_logit).mean()) / 2
            logs["prob/mismatched"] = sigmoid(wrong_logit).mean()
        loss = softplus(-real_logit).mean() + rejected
        return loss, {"loss/D": loss, **logs}

    def generator_loss(self, n, labels):
        # L_G = −E[log D(G(z, y), y)]
        loss = non_saturating_generator(self.judge(self.made(labels), labels))
        return loss, {"loss/G": loss}
