"""谱归一化（Miyato 等，2018，arXiv:1802.05957）：每层的权重除以它最大的奇异值。

除过以后 σ(W) = 1，一层不会把两个输入的距离放大；LeakyReLU 也不会，所以整个 D 是 1-利普希茨的
（卷积例外：σ 是按 (输出通道, 其余) 排成的矩阵算的，是论文的做法，不是卷积这个运算的范数）。
"""

import paddle
from paddle import Tensor, nn
from paddle.nn.functional import conv2d, linear

from paddle_gan.gradients import in_input_gradient, needs_second_order

# 造好时先迭代几次：u 是随机的，只迭代一次的 σ 太小，开头几百步 D 就不受约束
WARM_UP = 15


def unit(x: Tensor) -> Tensor:
    """x/‖x‖₂；全零的仍是零。"""
    return x / (x.norm() + 1e-12)


class SpectralNorm(nn.Layer):
    """一层全连接或卷积，用 W/σ(W) 代替 W；layer.weight 仍是要学的 W，别处看到的也是它。

    u 是左奇异向量的估计，存在缓冲区里，随检查点走；D 自己更新的那些前向，每次迭代一次。
    """

    def __init__(self, layer: nn.Linear | nn.Conv2D):
        super().__init__()
        self.layer = layer
        outputs = layer.weight.shape[1 if isinstance(layer, nn.Linear) else 0]
        self.register_buffer("u", unit(paddle.randn([outputs])))
        if layer.weight._is_initialized():  # 只搭架子、数参数时（LazyGuard）没有权重可迭代
            self.iterate(WARM_UP)

    def matrix(self) -> Tensor:
        """权重排成矩阵 W (输出数, 其余)。"""
        weight = self.layer.weight
        if isinstance(self.layer, nn.Linear):
            return weight.t()
        return weight.reshape([weight.shape[0], -1])

    @paddle.no_grad()
    def iterate(self, times: int) -> None:
        """幂迭代（算法 1）：v ← Wᵀu/‖Wᵀu‖，u ← Wv/‖Wv‖。"""
        with paddle.amp.auto_cast(enable=False):
            W, u = self.matrix(), self.u
            for _ in range(times):
                u = unit(W @ unit(W.t() @ u))
            self.u.set_value(u)

    def sigma(self) -> Tensor:
        """σ(W) 的估计，对 W 可导；u、v 当作常数。

        虚拟更新里的 W 是别的权重的函数，还要对 σ 的梯度求导，v 就不能当常数：
        值与一阶导数都不变，v = Wᵀu/‖Wᵀu‖ 时 uᵀWv = ‖Wᵀu‖。
        """
        W = self.matrix()
        if needs_second_order():
            return ((W.t() @ self.u.clone()).square().sum() + 1e-24).sqrt()
        with paddle.no_grad():
            u = self.u.clone()  # 下一次迭代就地改 u，而这里的值反向时还要用
            v = unit(W.t() @ u)
        # σ = uᵀ·W·v
        return (u * (W @ v)).sum()

    def updating(self) -> bool:
        """这次前向要不要迭代：评估、不记梯度、冻结、梯度惩罚与虚拟更新里都不要。"""
        learning = self.training and paddle.is_grad_enabled()
        inside = in_input_gradient() or needs_second_order()
        return learning and not inside and not self.layer.weight.stop_gradient

    def forward(self, x):
        if self.updating():
            self.iterate(1)
        with paddle.amp.auto_cast(enable=False):
            weight = self.layer.weight / self.sigma()
        if isinstance(self.layer, nn.Linear):
            return linear(x, weight, self.layer.bias)
        return conv2d(x, weight, self.layer.bias, self.layer.stride, self.layer.padding)


def normalise_spectra(layers: nn.Layer) -> None:
    """里面的每个全连接与卷积都做谱归一化，连最后一层；要在初始化以后。"""
    for name, layer in list(layers.named_children()):
        if isinstance(layer, (nn.Linear, nn.Conv2D)):
            layers.add_sublayer(name, SpectralNorm(layer))
        else:  # 例如自注意力层，里面还有卷积
            normalise_spectra(layer)


def unnormalised(network: nn.Layer) -> bool:
    """有没有哪个全连接或卷积没有做谱归一化。"""
    inside = [x.layer for x in network.sublayers() if isinstance(x, SpectralNorm)]
    return any(
        isinstance(x, (nn.Linear, nn.Conv2D)) and not any(x is known for known in inside)
        for x in network.sublayers(include_self=True)
    )
