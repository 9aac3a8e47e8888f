"""看序列的卷积网络（Kim，2014，arXiv:1408.5882）：宽 1 到 k 的窗口滑过序列，各取最响的一处。"""

from typing import Annotated, Literal

import paddle
from paddle import Tensor, nn
from paddle.nn.functional import relu
from pydantic import Field

from paddle_gan.errors import UserError
from paddle_gan.limits import Width
from paddle_gan.networks.init import INITIALIZERS


def windows(x: Tensor, k: int) -> Tensor:
    """(N, T, V) → 每个宽 k 的窗口里的向量接起来 (N, T − k + 1, k·V)。"""
    count = x.shape[1] - k + 1
    return paddle.concat([x[:, i : i + count] for i in range(k)], axis=2)


class TextCNN(nn.Layer):
    """序列 → 一个数（或几个）：(N, T, V) → (N, *out_shape)。

    参数：
        width: 每种窗口的特征数
        widest: 最宽的窗口看几个词元；宽 1 到它的都有
        init: 初始化的名字，见 networks/init.py
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 32,
        widest: Annotated[int, Field(ge=1, le=32)] = 4,
        init: Literal["normal_002", "he_normal", "glorot_uniform", "paddle_default"] = "he_normal",
    ):
        super().__init__()
        if len(in_shape) != 2 or len(out_shape) != 1:
            raise UserError(
                f"text_cnn 把序列 (T, 维数) 变成几个数，这里要的是 {in_shape} → {out_shape}；"
                "请换一个网络"
            )
        length, size = in_shape
        if widest > length:
            raise UserError(
                f"text_cnn 的 widest = {widest}，比序列还长（{length}）；请改小它，"
                "或把 data.length 改大"
            )
        self.filters = nn.LayerList(nn.Linear(k * size, width) for k in range(1, widest + 1))
        self.output = nn.Linear(widest * width, out_shape[0])
        self.apply(INITIALIZERS[init])

    def forward(self, x):
        # 每个特征在各个位置里取最大的一个
        found = [relu(f(windows(x, k))).max(axis=1) for k, f in enumerate(self.filters, start=1)]
        return self.output(paddle.concat(found, axis=1))
