"""飞桨的层 → steps.py 的说明；有一层不认得就整串不用。"""

from weakref import WeakKeyDictionary

import paddle
from paddle import Tensor, nn

from paddle_gan.networks.onednn.conv_steps import Convolution
from paddle_gan.networks.onednn.interface import LOGISTIC, RELU, TANH
from paddle_gan.networks.onednn.linear_steps import Linear
from paddle_gan.networks.onednn.norm_steps import Activation, Norm
from paddle_gan.networks.onednn.steps import Residual


class Described:
    """一串层的说明。

    属性：
        specs: 各层的说明，见 steps.py；有一层不认得就是 None
        parameters: 参数
        buffers: 批归一化累计的统计量：第一个参数排第几 → （均值、方差、动量）
    """

    def __init__(self, root: nn.Layer):
        self.parameters: list[Tensor] = []
        self.buffers: dict[int, tuple[Tensor, Tensor, float]] = {}
        self.layers: list[nn.Layer] = []  # 见过的每一层，连同层的容器
        self.slots: list[tuple[dict, str, Tensor | None]] = []  # 参数放在哪个字典的哪个名字下
        self.children = dict(root._sub_layers)
        self.ranks: set[int] = set()  # 各层要几维的输入
        self.evaluating = False  # 有没有评估模式的批归一化
        try:
            self.specs = specs_of(root if isinstance(root, nn.Sequential) else [root], self)
        except Unknown:
            self.specs = None
        # 不留 root 自己：KNOWN 的值要是指着它的键，它就永远不放
        self.layers = [layer for layer in self.layers if layer is not root]
        self.settings = [
            (layer.__dict__, name, layer.__dict__[name])
            for layer in self.layers
            for name in SETTINGS
            if name in layer.__dict__
        ]

    def allows(self, rank: int, saving: bool, twice: bool) -> bool:
        """输入有 rank 维时能不能整串地算；saving：还要求导，twice：还要对输入的梯度求导。"""
        if self.specs is None or self.ranks - {rank}:
            return False
        if twice and not all(spec.piecewise for spec in self.specs):
            return False
        return not (saving and self.evaluating)  # 评估模式的批归一化没有写反向

    def holds(self) -> bool:
        """还是不是那样：没有装钩子、没有换层、换参数、改层的设定（包括训练与评估模式）。"""
        if any(having.get(name) != value for having, name, value in self.settings):
            return False
        if any(hooked(layer) for layer in self.layers):
            return False
        return all(
            slots.get(name) is tensor and (tensor is None or tensor.dtype == paddle.float32)
            for slots, name, tensor in self.slots
        )


def hooked(layer: nn.Layer) -> bool:
    """有没有装前向的钩子：有就要一层一层地算，钩子才看得见。"""
    return bool(layer._forward_pre_hooks or layer._forward_post_hooks)


# 说明里用到的、造好以后还能改的设定
SETTINGS = ("training", "_momentum", "_epsilon", "_use_global_stats", "_negative_slope")
SETTINGS += ("stride", "padding", "border", "extra")


class Unknown(Exception):
    """有一层不认得。"""


# 不放在层的属性里：复制一个网络时不该连它一起复制
KNOWN: WeakKeyDictionary = WeakKeyDictionary()


def describe(root: nn.Layer) -> Described:
    """一串层（或一层）的说明；没有变过就用上次的。"""
    found = KNOWN.get(root)
    known = found is not None and found.specs is not None and root._sub_layers == found.children
    if not known or not found.holds():
        found = KNOWN[root] = Described(root)
    return found


def specs_of(layers, found: Described) -> tuple:
    """逐层的说明；激活并进前一层。参数与统计量记进 found。"""
    specs: list = []
    for layer in layers:
        found.layers.append(layer)
        if hooked(layer):
            raise Unknown
        if isinstance(layer, nn.Sequential):
            specs += specs_of(layer, found)
        elif hasattr(layer, "described"):
            specs += layer.described(found)
        elif type(layer) in ACTIVATIONS:
            activate(specs, ACTIVATIONS[type(layer)](layer))
        elif type(layer) in WEIGHTED:
            specs += WEIGHTED[type(layer)](layer, found)
        elif type(layer) is not nn.Identity:
            raise Unknown
    return tuple(specs)


def activate(specs: list, activation: Activation) -> None:
    """在最后一层后面加激活；ReLU 尽量并进那一层。"""
    last = specs[-1] if specs else None
    if activation.algorithm == RELU and mergeable(last, activation.slope):
        key = "relu" if isinstance(last, Norm) else "slope"
        value = True if isinstance(last, Norm) else activation.slope
        specs[-1] = last._replace(**{key: value})
    elif not specs or isinstance(last, Residual):  # 激活是原地做的，捷径的起点不能动
        raise Unknown
    else:
        specs.append(activation)


def mergeable(last, slope: float) -> bool:
    """前一层能不能顺手做 LeakyReLU。"""
    if isinstance(last, Norm):
        return slope == 0 and not last.relu
    if isinstance(last, Convolution):
        return last.kind == "correlate" and last.slope is None
    return isinstance(last, Linear) and last.slope is None


def add(found: Described, layer: nn.Layer, *names: str) -> list[bool]:
    """记下一层的参数，返回每一个有没有。"""
    present = []
    for name in names:
        tensor = layer._parameters.get(name)
        found.slots.append((layer._parameters, name, tensor))
        present.append(tensor is not None)
        if tensor is not None:
            found.parameters.append(tensor)
        elif getattr(layer, name) is not None:  # 换成了不是参数的张量
            raise Unknown
        if tensor is not None and tensor.dtype != paddle.float32:
            raise Unknown
    return present


def linear(layer: nn.Linear, found: Described) -> list:
    _, bias = add(found, layer, "weight", "bias")
    found.ranks.add(2)
    return [Linear(tuple(layer.weight.shape), bias)]


def batch_norm(layer: nn.Layer, found: Described) -> list:
    if layer._use_global_stats or layer._data_format not in ("NCHW", "NC", "NCL"):
        raise Unknown
    first = len(found.parameters)
    if not all(add(found, layer, "weight", "bias")):
        raise Unknown
    found.ranks.add(4 if isinstance(layer, nn.BatchNorm2D) else 2)
    found.evaluating |= not layer.training
    found.buffers[first] = layer._mean, layer._variance, layer._momentum
    return [
        Norm("batch", layer.weight.shape[0], layer._epsilon, True, layer._momentum, layer.training)
    ]


def instance_norm(layer: nn.InstanceNorm2D, found: Described) -> list:
    scale, shift = add(found, layer, "scale", "bias")
    if scale != shift:
        raise Unknown
    found.ranks.add(4)
    return [Norm("instance", layer._num_features, layer._epsilon, scale)]


WEIGHTED = {
    nn.Linear: linear,
    nn.BatchNorm1D: batch_norm,
    nn.BatchNorm2D: batch_norm,
    nn.InstanceNorm2D: instance_norm,
}
ACTIVATIONS = {
    nn.ReLU: lambda layer: Activation(RELU),
    nn.LeakyReLU: lambda layer: Activation(RELU, layer._negative_slope),
    nn.Tanh: lambda layer: Activation(TANH),
    nn.Sigmoid: lambda layer: Activation(LOGISTIC),
}
