"""循环网络 GRU（Cho 等，2014，arXiv:1406.1078）：一个词元一个词元地读，每读一个就说下一个是什么。

由全连接层搭成，一步就是四行式子；输入是独热（或软的独热）向量，所以第一层就是词元的嵌入。
"""

from typing import Literal

import paddle
from paddle import Tensor, nn
from paddle.nn.functional import sigmoid, tanh

from paddle_gan.errors import UserError
from paddle_gan.limits import Width
from paddle_gan.networks.init import INITIALIZERS


class GRU(nn.Layer):
    """序列 → 序列：(N, T, 输入维) → (N, T, 输出维)；第 t 个输出只看前 t 个输入。

    参数：
        width: 隐状态 h 的维数
        init: 初始化的名字，见 networks/init.py
    """

    def __init__(
        self,
        in_shape: tuple[int, ...],
        out_shape: tuple[int, ...],
        *,
        width: Width = 32,
        init: Literal["normal_002", "he_normal", "glorot_uniform", "paddle_default"] = (
            "glorot_uniform"
        ),
    ):
        super().__init__()
        if len(in_shape) != 2 or len(out_shape) != 2 or in_shape[0] != out_shape[0]:
            raise UserError(
                f"gru 把序列变成同样长的序列 (T, 维数)，这里要的是 {in_shape} → {out_shape}；"
                "请换一个网络，或把 method 换成写序列的（seq_gan、gumbel_gan）"
            )
        (self.length, self.size), self.width = in_shape, width
        self.input = nn.Linear(self.size, 3 * width)
        self.hidden = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, out_shape[1])
        self.apply(INITIALIZERS[init])

    def start(self, n: int) -> Tensor:
        """什么也没读过的 h_0 = 0，(n, width)。"""
        return paddle.zeros([n, self.width])

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """读一个：x (N, 输入维)、h (N, width) → 输出 (N, 输出维) 与新的 h。"""
        read_r, read_z, read_c = self.input(x).chunk(3, axis=1)
        kept_r, kept_z, kept_c = self.hidden(h).chunk(3, axis=1)
        # r = σ(W_r·x + U_r·h)，z = σ(W_z·x + U_z·h)，h̃ = tanh(W·x + r ⊙ (U·h))
        r, z = sigmoid(read_r + kept_r), sigmoid(read_z + kept_z)
        candidate = tanh(read_c + r * kept_c)
        # h ← z ⊙ h + (1 − z) ⊙ h̃
        h = z * h + (1.0 - z) * candidate
        return self.output(h), h

    def forward(self, x):
        h, outputs = self.start(x.shape[0]), []
        for t in range(x.shape[1]):
            output, h = self.step(x[:, t], h)
            outputs.append(output)
        return paddle.stack(outputs, axis=1)
