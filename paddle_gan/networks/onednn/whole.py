"""整串层（或一层）在飞桨的自动求导里是一个节点：前向、反向、输入的梯度的梯度。"""

import paddle
from paddle import Tensor, nn
from paddle.autograd import PyLayer

from paddle_gan.gradients import in_input_gradient, needs_second_order
from paddle_gan.networks.cores import Threads
from paddle_gan.networks.onednn.describe import describe
from paddle_gan.networks.onednn.library import library
from paddle_gan.networks.onednn.program import program


class Whole(PyLayer):
    """整串层的前向与反向。"""

    @staticmethod
    def forward(ctx, built, buffers, x, *parameters):
        y, saved = built.forward(x, parameters, buffers)
        ctx.built, ctx.saved, ctx.parameters = built, saved, parameters
        ctx.wanted = [not tensor.stop_gradient for tensor in (x, *parameters)]
        return y

    @staticmethod
    def backward(ctx, dy):
        if not paddle.is_grad_enabled():
            return tuple(ctx.built.backward(ctx.saved, dy, ctx.parameters, ctx.wanted))
        if not ctx.built.twice:  # create_graph=True：这次的结果还要求导
            raise RuntimeError("要对梯度再求导，前向须在 input_gradient 或 second_order 块里")
        dx = InputGradient.apply(ctx.built, ctx.saved, dy, *ctx.parameters)
        return dx, *[None] * len(ctx.parameters)  # 飞桨规定没有要的那几个必须是 None


class InputGradient(PyLayer):
    """整串层的输入的梯度，还能对 dy 与权重再求导。"""

    @staticmethod
    def forward(ctx, built, saved, dy, *parameters):
        dx, gradients = built.input_gradient(saved, dy, parameters)
        ctx.built, ctx.saved, ctx.gradients, ctx.parameters = built, saved, gradients, parameters
        ctx.wanted = [not tensor.stop_gradient for tensor in parameters]
        return dx

    @staticmethod
    def backward(ctx, v):
        if paddle.is_grad_enabled():
            raise RuntimeError("只求到二阶导数；三阶的请放进 second_order 块")
        blocks = ctx.saved, ctx.gradients
        return tuple(ctx.built.second(*blocks, v, ctx.parameters, ctx.wanted))


@paddle.jit.not_to_static
def possible(x: Tensor) -> bool:
    """这一次前向能不能用这里的实现；对参数求二阶导数、导出静态图都不能。"""
    if not Threads.count or not paddle.in_dynamic_mode() or needs_second_order():
        return False
    return x.place.is_cpu_place() and x.dtype == paddle.float32 and x.size > 0


@paddle.jit.not_to_static
def computed(layer: nn.Layer, x: Tensor) -> Tensor | None:
    """用 oneDNN 算一串层（或一层）；没有它、其中有它算不了的就是 None。"""
    if library() is None:
        return None
    found = describe(layer)
    saving = paddle.is_grad_enabled() and not (
        x.stop_gradient and all(parameter.stop_gradient for parameter in found.parameters)
    )
    twice = saving and in_input_gradient()
    if not found.allows(x.ndim, saving, twice):
        return None
    built = program(found.specs, tuple(x.shape), saving, twice)
    if not saving:
        return built.forward(x, found.parameters, found.buffers)[0]
    return Whole.apply(built, found.buffers, x, *found.parameters)
