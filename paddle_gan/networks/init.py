"""权重初始化：论文写明的几种，按名字选。"""

from paddle import nn

CONVOLUTIONS = (nn.Conv2D, nn.Conv2DTranspose)
NORMS = (nn.BatchNorm2D, nn.BatchNorm1D, nn.InstanceNorm2D)


def normal_002(layer: nn.Layer) -> None:
    """DCGAN §3：权重 ~ N(0, 0.02²)，归一化层的缩放 ~ N(1, 0.02²)，偏置为 0。"""
    if isinstance(layer, (*CONVOLUTIONS, nn.Linear)):
        _fill(layer.weight, nn.initializer.Normal(mean=0.0, std=0.02))
        _fill(layer.bias, nn.initializer.Constant(0.0))
    elif isinstance(layer, NORMS):
        # 归一化层没有 weight 或 bias 时（weight_attr=False），对应属性是 None
        _fill(layer.scale if isinstance(layer, nn.InstanceNorm2D) else layer.weight, _AROUND_ONE)
        _fill(layer.bias, nn.initializer.Constant(0.0))


def he_normal(layer: nn.Layer) -> None:
    """He 等（2015）：权重 ~ N(0, 2/输入数)，偏置为 0。"""
    _fill_weights(layer, nn.initializer.KaimingNormal())


def glorot_uniform(layer: nn.Layer) -> None:
    """Glorot 与 Bengio（2010），TensorFlow 的默认值：U(−a, a)，a = √(6/(输入数+输出数))。"""
    _fill_weights(layer, nn.initializer.XavierUniform())


def paddle_default(layer: nn.Layer) -> None:
    """保留飞桨自己的默认初始化。"""


INITIALIZERS = {
    "normal_002": normal_002,
    "he_normal": he_normal,
    "glorot_uniform": glorot_uniform,
    "paddle_default": paddle_default,
}

_AROUND_ONE = nn.initializer.Normal(mean=1.0, std=0.02)


def _fill_weights(layer: nn.Layer, initializer: nn.initializer.Initializer) -> None:
    if isinstance(layer, (*CONVOLUTIONS, nn.Linear)):
        _fill(layer.weight, initializer)
        _fill(layer.bias, nn.initializer.Constant(0.0))


def _fill(parameter, initializer: nn.initializer.Initializer) -> None:
    if parameter is not None:
        initializer(parameter)
