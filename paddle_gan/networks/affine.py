"""只有一层的网络 y = W·x + b：一维的生成器只有均值与标准差两个数可学，学到的可以与算出来的比。"""

import math
from typing import Literal

from paddle import nn

from paddle_gan.networks.init import INITIALIZERS


class Affine(nn.Layer):
    """(N, *in_shape) → (N, *out_shape)，没有隐层，也没有激活。

    参数：
        in_shape, out_shape: 单个样本的输入、输出形状
        init: 初始化的名字，见 networks/init.py
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        init: Literal["normal_002", "he_normal", "glorot_uniform", "paddle_default"] = (
            "glorot_uniform"
        ),
    ):
        super().__init__()
        self.in_features, self.out_shape = math.prod(in_shape), list(out_shape)
        self.layer = nn.Linear(self.in_features, math.prod(out_shape))
        self.apply(INITIALIZERS[init])

    def forward(self, x):
        # 飞桨的 flatten 没有二阶导，罚梯度的方法要；reshape 有
        return self.layer(x.reshape([0, self.in_features])).reshape([-1, *self.out_shape])
