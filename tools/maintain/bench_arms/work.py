"""一步训练要做多少浮点运算。"""

import paddle
from paddle import nn

from bench_arms.paddle_arm import build
from paddle_gan.gradients import in_input_gradient
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose


def passes(layer: nn.Layer, x) -> int:
    """这一层的这次前向，连同以后的反向，一共要做几次同样大的矩阵乘。"""
    if not paddle.is_grad_enabled():
        return 1
    wanted = [not x.stop_gradient, not layer.weight.stop_gradient]
    # 梯度惩罚：前向、对输入的梯度，再对这个梯度求两个导数
    return 4 if in_input_gradient() else 1 + sum(wanted)


def multiplications(layer: nn.Layer, x) -> int:
    """一次前向的乘加次数。"""
    if isinstance(layer, nn.Linear):
        return x.shape[0] * layer.weight.shape[0] * layer.weight.shape[1]
    g = layer.geometry(x.shape)
    return g.n * g.oh * g.ow * g.m * g.c * g.kh * g.kw


def gflop_per_step(case: str) -> float:
    """训练一步的浮点运算（十亿次）：卷积与全连接的前向和反向，一次乘加算两次。"""
    method, batches = build(case)
    total = 0

    def count(layer, inputs):
        nonlocal total
        total += 2 * multiplications(layer, inputs[0]) * passes(layer, inputs[0])

    for network in method.networks.values():
        for layer in network.sublayers(include_self=True):
            if isinstance(layer, (nn.Linear, Conv2D, Conv2DTranspose)):
                layer.register_forward_pre_hook(count)
    method.train_step(batches, 1)
    return total / 1e9
