"""按配置的一节搭一个网络；配不上方法、太大、输出形状不对的，在这里报错。"""

import math
from typing import Any

import paddle
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.limits import require_memory
from paddle_gan.methods.base import inference
from paddle_gan.networks import BY_CLASS, NETWORKS


def build_network(
    method: str, section: str, options: dict[str, Any], in_shape: tuple, out_shape: tuple
) -> nn.Layer:
    """搭 network.<section>；method 是方法的名字，只为说清楚谁要它。"""
    check_inputs(method, section, options["name"], in_shape)
    require_room(options, section, in_shape, out_shape)
    network = _network(options, in_shape, out_shape)
    # 打分的判别器可以一块一个分（PatchGAN），别的输出形状要对得上
    if section != "discriminator" or tuple(out_shape) != (1,):
        _check_output(section, options["name"], network, in_shape, out_shape)
    return network


def takes_class(in_shape: tuple) -> bool:
    """输入是不是两个：样本（或 z）与类别。"""
    return isinstance(in_shape[0], tuple)


def check_inputs(method: str, section: str, name: str, in_shape: tuple) -> None:
    """网络要不要另看类别，与方法给不给它看对得上，否则抛出 UserError。"""
    if takes_class(in_shape):
        wanted = BY_CLASS[section]
        if name != wanted:
            raise UserError(
                f"network.{section}.name: {name} 配不上 {method}：它的这一节另有一个输入是类别；"
                f"请写 {wanted}"
            )
    elif name in BY_CLASS.values():
        raise UserError(
            f"network.{section}.name: {name} 要另看类别，{method} 不给它看；"
            "请换一个网络，或把 method 换成 projection"
        )


def require_room(section: dict[str, Any], role: str, in_shape: tuple, out_shape: tuple) -> None:
    """网络的参数装得下，否则抛出 UserError；先搭一个不占内存的架子，数有多少个参数。"""
    with paddle.LazyGuard():
        skeleton = _network(section, in_shape, out_shape)
    count = sum(math.prod(parameter.shape) for parameter in skeleton.parameters())
    # float32 的参数、梯度、Adam 的两个累加器
    what = f"network.{role} 有 {count:,} 个参数，训练它"
    require_memory(4 * 4 * count, what, "请把 width、channels 或 depth 改小")


def _check_output(
    section: str, name: str, network: nn.Layer, in_shape: tuple, out_shape: tuple
) -> None:
    inputs = in_shape if takes_class(in_shape) else (in_shape,)
    with inference(network):
        made = tuple(network(*(paddle.zeros([2, *shape]) for shape in inputs)).shape[1:])
    if made != tuple(out_shape):
        raise UserError(
            f"network.{section}.name: {name} 输出的形状是 {made}，这里要 {tuple(out_shape)}；"
            "请换一个网络"
        )


def _network(section: dict[str, Any], in_shape: tuple, out_shape: tuple) -> nn.Layer:
    options = {key: value for key, value in section.items() if key != "name"}
    return NETWORKS[section["name"]](in_shape, out_shape, **options)


def require_range(method: str, wanted: tuple | None, given: tuple | None) -> None:
    """方法只收取值在 wanted 的图像、数据是 given 时，抛出 UserError；None 是都收、不是图像。"""
    if wanted and given not in (None, wanted):
        low, high = (f"{end:g}" for end in wanted)
        raise UserError(
            f"方法 {method} 把像素当概率用，只收取值在 [{low}, {high}] 的图像；"
            "请去掉 data.unit_range"
        )
