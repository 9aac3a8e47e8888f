"""小批量判别层（Salimans 等，2016，§3.2）：告诉判别器，每个样本和同批其他样本有多像。"""

import paddle
from paddle import nn


class MinibatchDiscrimination(nn.Layer):
    """特征 (N, A) → (N, A + B)：原来的 A 个特征，加上 B 个“和同批有多像”。

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
