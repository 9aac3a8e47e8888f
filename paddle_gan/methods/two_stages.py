"""StackGAN 的两级合起来的生成器：取样、导出都用它。"""

import paddle
from paddle import Tensor, nn

from paddle_gan.methods.by_class import beside
from paddle_gan.networks.resize import up


class Stack(nn.Layer):
    """潜变量 [z, ε₁, ε₂, y] → 样本；c 是条件的维数，ε₁、ε₂ 各 c 维，给两级的条件增强。"""

    def __init__(self, networks: dict[str, nn.Layer], z_dim: int, c: int, second: bool):
        super().__init__()
        self.E_1, self.E_2, self.G, self.R = (networks[a] for a in ("E_1", "E_2", "G", "R"))
        self.z_dim, self.c, self.second = z_dim, c, second

    def augmented(self, E: nn.Layer, y: Tensor, epsilon: Tensor) -> Tensor:
        """条件增强：c = μ + σ·ε，前一半是 μ，后一半是 log σ。"""
        output = E(y)
        return output[:, : self.c] + output[:, self.c :].exp() * epsilon

    def forward(self, latent):
        start, y = self.z_dim - 2 * self.c, latent[:, self.z_dim :]
        z, epsilon = latent[:, :start], latent[:, start : self.z_dim]
        c_1 = self.augmented(self.E_1, y, epsilon[:, : self.c])
        small = self.G(paddle.concat([z, c_1], axis=1))
        if not self.second:
            return up(small)
        # 第二级没有自己的 z；第一级是固定的，不给它梯度
        c_2 = self.augmented(self.E_2, y, epsilon[:, self.c :])
        return self.R(beside(small.detach(), c_2))
