"""Unrolled GAN（展开的 GAN；Metz 等，2017，arXiv:1611.02163）。

动机：G 只对付眼前的 D，就会全挤到 D 此刻最弱的地方；让 G 对付“再学 k 步之后的 D”。
目标：min_G f(θ_G, θ_D^k)，f = E[log D(x)] + E[log(1 − D(G(z)))]。虚拟的 D 怎样走一步，有两种：
论文的式子是梯度上升，θ_D^{i+1} = θ_D^i + η·∂f/∂θ_D^i；作者的代码是 Adam，接着 D 自己的两个矩走。
与 GAN 的差别：G 的损失用虚拟的 θ_D^k，梯度穿过这 k 步（要二阶导）；真正的 D 照常更新，不受影响。
D 越大，越像真。教程：09。
"""

import copy
from dataclasses import dataclass
from typing import Annotated

import paddle
from paddle import Tensor
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from paddle_gan.gradients import require_second_derivative, second_order
from paddle_gan.losses import discriminator_cross_entropy
from paddle_gan.methods.adam import Ahead, flattened
from paddle_gan.methods.from_noise import FromNoise, probabilities


class Unrolled(FromNoise):
    """G 向前看 k 步的 GAN；要穿过虚拟的 D 求二阶导，一步的用时至少随 k 成正比地涨，内存也是。"""

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        z_dim: PositiveInt = 256  # 潜变量 z 的维数
        unroll: Annotated[int, Field(ge=0, le=100)] = 5  # k：虚拟的 D 走几步；0 是极小极大的 GAN
        unroll_lr: NonNegativeFloat = 0.0  # η：虚拟的一步是步长 η 的梯度下降；0 是接着 D 的 Adam 走
        through_updates: bool = True  # 梯度穿过虚拟更新；false 只把 θ_D^k 当常数（一阶近似）
        lr_D: PositiveFloat = 1e-4  # D 的学习率
        lr_G: PositiveFloat = 1e-3  # G 的学习率

    def __init__(self, networks, hparams):
        super().__init__(networks, hparams)
        require_second_derivative(self.D, "unrolled")
        self.real_weights = {name: p for name, p in self.D.named_parameters() if p.trainable}
        self.virtual_D = copy.deepcopy(self.D)  # 虚拟更新只动这份副本，D 一个字节也不变

    def discriminator_loss(self, x):
        fake = self.fakes(x.shape[0])
        real_logit, fake_logit = self.D(x), self.D(fake)

        # L_D = −E[log D(x)] − E[log(1 − D(G(z)))]
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, x):
        D, fake = self.virtual_D, self.G(self.noise(x.shape[0]))
        mine = dict(D.named_buffers())  # 换上去的权重飞桨也算在内，所以照名字认
        for name, real in self.D.named_buffers():  # 谱归一化的 u 也照 D 的（BN 在训练时不看累计的）
            mine[name].set_value(real)
        weights, state = self.weights_now(), self.state_now()  # θ_D^0
        self.substitute(weights)
        with second_order():
            for _ in range(self.hparams.unroll):
                weights, state = self.virtual_step(x, fake, weights, state)
                self.substitute(weights)
            # L_G = f(θ_G, θ_D^k) = −L_D(θ_D^k)；真样本那一项也经 θ_D^k 依赖 G
            loss = -discriminator_cross_entropy(D(x), D(fake))
        return loss, {"loss/G": loss}

    def weights_now(self) -> Tensor:
        """D 此刻的权重，拷贝成要求导的叶子，连成一个向量。"""
        weights = flattened(self.real_weights.values()).detach()
        weights.stop_gradient = False
        return weights

    def state_now(self) -> Ahead | None:
        """D 的 Adam 此刻记着的；梯度下降什么也不记。"""
        if self.hparams.unroll_lr:
            return None
        return self.optimizers["D"].ahead(list(self.real_weights.values()))

    def virtual_step(self, x: Tensor, fake: Tensor, weights: Tensor, state: Ahead | None):
        """虚拟的一步之后的权重与状态；through_updates 时它们仍是 θ_G 的函数。"""
        x, fake = x.detach(), fake.clone()
        x.stop_gradient = False
        loss_D = discriminator_cross_entropy(self.virtual_D(x), self.virtual_D(fake))
        # 飞桨 3.3.1 的卷积，只对卷积核求梯度时二阶导会算错；样本的梯度也一起求就对了
        wanted, through = [weights, x, fake], self.hparams.through_updates
        g, *_ = paddle.grad(loss_D, wanted, create_graph=through, retain_graph=True)
        if state is None:
            return weights - self.hparams.unroll_lr * g, None  # θ_D^{i+1} = θ_D^i − η·∂L_D/∂θ_D^i
        return self.optimizers["D"].virtual_step(weights, g, state)

    def substitute(self, weights: Tensor) -> None:
        """把虚拟的 D 的参数换成 weights 里的几段；它们不是叶子，前向因此对它们的来历可导。"""
        layers = dict(self.virtual_D.named_sublayers(include_self=True))
        sizes = [p.size for p in self.real_weights.values()]
        for (path, real), one in zip(self.real_weights.items(), weights.split(sizes)):
            prefix, _, name = path.rpartition(".")
            if name in dict(layers[prefix].named_parameters(include_sublayers=False)):
                delattr(layers[prefix], name)  # Layer 不许拿普通张量直接盖掉 Parameter
            setattr(layers[prefix], name, one.reshape(real.shape))

    def generator_inputs(self, batch):
        return (batch.x,)  # 虚拟的 D 也要看真样本
