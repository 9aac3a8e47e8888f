"""一串层：用法与 paddle.nn.Sequential 相同；CPU 上整串交给 oneDNN 算。

网络照旧写成一张层的清单。CPU、float32、每一层都认得、又知道以后怎样求导时（gradients.py 的块里，
或不求导），前向和反向各是一次调用：中间的图通道排在最后，卷积、归一化与激活合在一起。
别的情形（GPU、双精度、导出静态图、装了钩子、没有 oneDNN）一层一层地算，结果一致到 1e-5。
"""

import paddle
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.gradients import in_loss_backward
from paddle_gan.networks.onednn.describe import specs_of
from paddle_gan.networks.onednn.steps import Residual
from paddle_gan.networks.onednn.whole import computed, possible


class Chain(nn.Sequential):
    """一串层。"""

    def forward(self, x):
        # 只用 loss.backward() 求导，或者不求导，整串才能当作一个节点
        known = in_loss_backward() or not paddle.is_grad_enabled()
        y = computed(self, x) if known and possible(x) else None
        return super().forward(x) if y is None else y


class Shortcut(nn.Layer):
    """捷径：x + body(x)，两者形状相同；body 是一串层。"""

    def forward(self, x):
        return x + self.body(x)

    def described(self, found) -> list:
        """给 describe 的说明。"""
        return [Residual(specs_of([self.body], found))]


def before_output(network: nn.Layer) -> Chain:
    """网络的输出层之前的一串层（与网络是同一批层）：样本 → 最后一个隐层的特征。

    给 DCGAN 判别器、MLP 用；没有隐层，或不是一串层的网络，抛出 UserError。
    """
    layers = list(network.layers) if isinstance(getattr(network, "layers", None), Chain) else []
    weighted = [i for i, layer in enumerate(layers) if layer.parameters()]
    if len(weighted) < 2:
        raise UserError("要用判别器的隐层特征：请用 dcgan_discriminator 或有隐层的 mlp")
    flat = isinstance(layers[weighted[0]], nn.Linear)
    first = [nn.Flatten(1)] if flat else []
    return Chain(*first, *layers[: weighted[-1]])
