"""二阶导数的记号：有的快速实现求导的本事有限，看到记号就知道这里的前向以后要怎样求导。

前向之后要对梯度再求导时，把前向和求梯度都放进其中一个块：
    with input_gradient():  只对输入求梯度（梯度惩罚、R1），快的卷积照用
    with second_order():    对参数也求（展开的判别器），换回飞桨自己的实现
混合精度在这两种块内也关掉：梯度的范数与它的导数在 float16 里太容易溢出。
"""

from contextlib import contextmanager

import paddle
from paddle import nn

from paddle_gan.errors import UserError


class _Mode:
    name = "first_order"
    whole = False  # 是不是在 loss_backward 块里，里面还套着别的块也算
    weights = 0  # 权重更新过几次；只在 loss_backward 块里有用


@contextmanager
def _mode(name: str):
    before, _Mode.name = _Mode.name, name
    try:
        with paddle.amp.auto_cast(enable=False):
            yield
    finally:
        _Mode.name = before


@contextmanager
def loss_backward():
    """块内的前向，之后只用 loss.backward() 求梯度，要求导的一个不少：整串的层可以当作一个节点。

    用 paddle.grad 只求其中几个的不行：飞桨不告诉自定义的节点要了哪几个，给多了它就报错。
    """
    weights_moved()
    before, _Mode.whole = _Mode.whole, True
    try:
        yield
    finally:
        _Mode.whole = before


def weights_moved() -> None:
    """权重刚刚更新过：块里记着的、由权重换算来的东西都作废。"""
    _Mode.weights += 1


def weights_stamp() -> int | None:
    """权重从上次更新以来没有动过的凭据；不在 loss_backward 块里不能保证，是 None。"""
    return _Mode.weights if in_loss_backward() else None


def input_gradient():
    """块内的前向，之后只对输入求梯度（create_graph=True），再对这个梯度求导。"""
    return _mode("input_gradient")


def second_order():
    """块内的前向，之后可以对任何东西求二阶导数。"""
    return _mode("second_order")


def in_input_gradient() -> bool:
    """现在是不是在 input_gradient 块里。"""
    return _Mode.name == "input_gradient"


def needs_second_order() -> bool:
    """现在是不是在 second_order 块里。"""
    return _Mode.name == "second_order"


def in_loss_backward() -> bool:
    """现在是不是在 loss_backward 块里。"""
    return _Mode.whole


def require_second_derivative(critic: nn.Layer, method: str) -> None:
    """要对 D 的梯度再求导的方法，D 里有转置卷积就抛出 UserError：飞桨 3.3.1 没有它的二阶导。"""
    if any(isinstance(layer, nn.Conv2DTranspose) for layer in critic.sublayers(include_self=True)):
        raise UserError(
            f"{method} 要求判别器的二阶导数，飞桨的转置卷积没有；请把 network.discriminator.name "
            "换成没有转置卷积的，例如 dcgan_discriminator、patchgan、mlp"
        )
