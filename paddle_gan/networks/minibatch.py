"""告诉判别器，一个样本和同批其他样本有多像：小批量判别层与小批量标准差层。"""

from typing import Annotated

import paddle
from paddle import nn
from pydantic import Field

from paddle_gan.errors import UserError

Group = Annotated[int, Field(ge=2)]  # 几个样本一组算标准差；一个样本没有标准差


class MinibatchDiscrimination(nn.Layer):
    """小批量判别（Salimans 等，2016，§3.2）：(N, A) → (N, A + B)，加上 B 个“和同批有多像”。

    参数：
        features: A，输入的特征个数
        num_kernels: B，核的个数
        dim_per_kernel: C，每个核的维数

    批越大，o 越大：训练和评分要用同样大小的批。
    """

    def __init__(self, features: int, num_kernels: int = 100, dim_per_kernel: int = 5):
        super().__init__()
        self.shape = [num_kernels, dim_per_kernel]
        # T (A, B, C)，存成 (A, B·C)；N(0, 0.05²) 是作者代码的初始化
        normal = nn.initializer.Normal(mean=0.0, std=0.05)
        self.T = self.create_parameter(
            [features, num_kernels * dim_per_kernel], default_initializer=normal
        )

    def forward(self, f):
        # M_i = f(x_i)·T
        M = (f @ self.T).reshape([-1, *self.shape])  # (N, B, C)
        # ‖M_i,b − M_j,b‖₁；一维一维地加，不必存下 (N, N, B, C)
        dims = M.unbind(axis=2)  # C 个 (N, B)
        distance = sum((m.unsqueeze(1) - m.unsqueeze(0)).abs() for m in dims)  # (N, N, B)
        # o(x_i)_b = Σ_{j≠i} exp(−‖M_i,b − M_j,b‖₁)
        # 与论文不同：论文的和包含 j = i，那一项恒为 exp(0) = 1；同作者的代码，去掉它
        o = (-distance).exp().sum(axis=1) - 1.0  # (N, B)
        return paddle.concat([f, o], axis=1)


class MinibatchStd(nn.Layer):
    """小批量标准差（Karras 等，2018，§3）：(N, C, ...) → (N, C + 1, ...)，末一个是这组有多散。

    参数：
        group: 几个样本一组（作者的代码用 4）；批比它小，就整批一组

    与作者的代码不同：相邻的几个一组，不是隔开的——几个进程各算一批的一段时，分组才与一个进程的相同。
    整批都来自一处时这个数接近 0，真样本的不会，判别器就看得出崩溃。没有参数；运算都能求二阶导。
    """

    def __init__(self, group: int):
        super().__init__()
        self.group = group

    def forward(self, h):
        n, size = h.shape[0], min(self.group, h.shape[0])
        if n % size:
            raise UserError(
                f"一批 {n} 个样本不能每 {size} 个分成一组；"
                "请改 batch_size 或 network.discriminator.minibatch_std"
            )
        groups = h.reshape([-1, size, *h.shape[1:]])  # (N/size, size, C, ...)
        deviation = groups - groups.mean(axis=1, keepdim=True)
        # σ = √(E[(h − E[h])²] + 1e-8)：期望在一组之内，每个特征（每个位置）一个
        sigma = (deviation.square().mean(axis=1) + 1e-8).sqrt()  # (N/size, C, ...)
        # 一组只留全部特征、全部位置的平均
        spread = sigma.reshape([n // size, -1]).mean(axis=1)  # (N/size,)
        spread = spread.reshape([-1, *[1] * h.ndim]).expand([n // size, size, 1, *h.shape[2:]])
        return paddle.concat([h, spread.reshape([n, 1, *h.shape[2:]])], axis=1)
