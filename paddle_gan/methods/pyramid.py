"""拉普拉斯金字塔：图像由粗到细的各层，各层的生成器连成的一个网络。

Burt 与 Adelson（1983）；LAPGAN 的用法见 Denton 等（2015）§2.2。
"""

import paddle
from paddle import Tensor, nn
from paddle.nn.functional import avg_pool2d, pad

from paddle_gan.methods.base import inference


def down(x: Tensor) -> Tensor:
    """边长减半：2×2 的平均。"""
    return avg_pool2d(x, kernel_size=2, stride=2)


def between(before: Tensor, middle: Tensor, after: Tensor, axis: int) -> Tensor:
    """一个方向上每个像素变成两个：前、后各 1/4 处，与近的一邻按 1 : 3 线性混合。"""
    pair = [(before + 3 * middle) / 4, (3 * middle + after) / 4]
    return paddle.stack(pair, axis=axis + 1).flatten(axis, axis + 1)


def up(x: Tensor) -> Tensor:
    """边长翻倍：双线性，边上取边；训练与取样用同一个。

    不用 paddle.nn.functional.interpolate：数值相同，可是 paddle2onnx 换不了它。
    """
    x = pad(x, [1, 1, 1, 1], mode="replicate")
    x = between(x[:, :, :-2], x[:, :, 1:-1], x[:, :, 2:], axis=2)  # (N, C, 2H, W + 2)
    return between(x[..., :-2], x[..., 1:-1], x[..., 2:], axis=3)  # (N, C, 2H, 2W)


def pyramid(x: Tensor, levels: int) -> list[Tensor]:
    """x (N, C, H, W) 由粗到细的 levels 层；最后一层是 x 自己。"""
    images = [x]
    for _ in range(levels - 1):
        images.insert(0, down(images[0]))
    return images


def beside_noise(c: Tensor, z: Tensor) -> Tensor:
    """残差生成器的输入：粗图 c (N, C, H, W) 后面接一个通道的噪声 z (N, 1, H, W)。"""
    return paddle.concat([c, z], axis=1)


class Pyramid(nn.Layer):
    """各层的生成器连成一个网络：z (N, z_dim + Σ H_k·W_k) → 图像。"""

    def __init__(self, G: nn.Layer, refiners: list[nn.Layer], z_dim: int):
        super().__init__()
        self.G, self.refiners, self.z_dim = G, nn.LayerList(refiners), z_dim
        with inference(G):
            height, width = G(paddle.zeros([1, z_dim])).shape[2:]
        self.sides = [(height << k, width << k) for k in range(1, len(refiners) + 1)]
        self.size = z_dim + sum(h * w for h, w in self.sides)

    def maps(self, z: Tensor) -> list[Tensor]:
        """潜变量里第 1 层起的噪声图，各 (N, 1, H_k, W_k)。"""
        found, start = [], self.z_dim
        for h, w in self.sides:
            found.append(z[:, start : start + h * w].reshape([-1, 1, h, w]))
            start += h * w
        return found

    def stages(self, z: Tensor) -> list[Tensor]:
        """从粗到细每一层画到的图。"""
        images = [self.G(z[:, : self.z_dim])]
        for R, z_k in zip(self.refiners, self.maps(z)):
            c = up(images[-1])
            images.append(c + R(beside_noise(c, z_k)))  # x̂_k = up(x̂_{k−1}) + r̂_k
        return images

    def forward(self, z):
        return self.stages(z)[-1]
