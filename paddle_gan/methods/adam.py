"""Adam（Kingma 与 Ba，2015）：算的与飞桨的逐位相同，每一步少花准备的时间。

飞桨的 step() 为每个参数查一遍各种少见的设定，小网络上比更新本身还久（六个参数的 MLP：155 微秒里
占 120）。这里没有那些设定（权重衰减、梯度裁剪、逐个参数的学习率、混合精度的主权重），直接调用它的
更新运算；运算的参数次序随飞桨的版本变，认不出来时就用飞桨的 step()。
"""

import inspect
from typing import NamedTuple

import paddle
from paddle import Tensor, _C_ops, optimizer

NAMES = inspect.signature(optimizer.Adam.__init__).parameters
KNOWN = {"beta1", "beta2", "epsilon", "lazy_mode", "multi_precision", "use_multi_tensor"}
# 没有 amsgrad 的版本（2.6）少一个累加器 moment2_max 与最后的开关
BETWEEN, LAST = ((None,), (False,)) if "amsgrad" in NAMES else ((), ())
STATES = "moment1", "moment2", "beta1_pow_acc", "beta2_pow_acc"


class Ahead(NamedTuple):
    """几个参数往前走时 Adam 记着的，各连成一个向量：两个矩，下一步要用的 β₁ᵗ、β₂ᵗ。"""

    moment1: Tensor
    moment2: Tensor
    power1: Tensor
    power2: Tensor


class Adam(optimizer.Adam):
    """飞桨的 Adam；只接受学习率、β₁、β₂ 与参数。"""

    def __init__(self, rate: float, beta1: float, beta2: float, parameters: list):
        super().__init__(rate, beta1, beta2, parameters=parameters)
        self.betas = beta1, beta2

    def _create_accumulators(self, block, parameters):
        """一个参数要更新了，就给全部参数造好：还没有轮到的（ProGAN 没长到的那一级）也存得下。"""
        super()._create_accumulators(block, [p for p in self._parameter_list if p.trainable])

    @paddle.no_grad()
    def set_state_dict(self, state):
        """装回存下的状态，当场造好累加器，不等下一步。

        一个网络归几方时（SeqGAN 的 G：最大似然、对抗各一个优化器），飞桨照先后给累加器编号，编号在
        键的末尾。接着训练时先后可以不同，有一方也许再也轮不到：都照参数认，不看编号，也不丢。
        """
        if not state:  # 还一步也没有走过
            return
        block = paddle.static.default_main_program().global_block()
        self._create_accumulators(block, self._parameter_list)
        saved = {key.rpartition("_")[0]: value for key, value in state.items()}
        for name in STATES:
            for parameter, accumulator in self._accumulators[name].items():
                accumulator.set_value(saved[f"{parameter}_{name}"])

    @paddle.no_grad()
    def restart(self):
        """从头开始：两个矩归零，步数归零，与刚造好的一样。"""
        for name, start in zip(STATES, (0.0, 0.0, *self.betas)):
            for state in self._accumulators.get(name, {}).values():
                state.fill_(start)

    @paddle.no_grad()
    def step(self):
        """用已有的梯度更新参数；第一步由飞桨造好累加器。"""
        moving = [p for p in self._parameter_list if not p.stop_gradient and p.grad is not None]
        states = [self._accumulators.get(name, {}) for name in STATES]
        rate = self._global_learning_rate()  # 第一步之前是 None
        ready = rate is not None and all(p.name in states[0] for p in moving)
        if not NAMES.keys() >= KNOWN or not ready:
            super().step()
            return
        settings = *self.betas, self._epsilon, False, 1000, False, False, *LAST
        for p in moving:
            m, v, power1, power2 = (state[p.name] for state in states)
            _C_ops.adam_(p, p.grad, rate, m, v, *BETWEEN, power1, power2, None, None, *settings)

    @paddle.no_grad()
    def ahead(self, parameters: list) -> Ahead:
        """从此刻起往前走，这几个参数的状态；还一步也没有走过的，是刚开始的。"""
        states, dtype = [], parameters[0].dtype
        for name, start in zip(STATES, (0.0, 0.0, *self.betas)):
            known, new = self._accumulators.get(name, {}), paddle.full([1], start, dtype)
            states += [flattened([known.get(p.name, new).expand(p.shape) for p in parameters])]
        return Ahead(*states)

    def virtual_step(self, weights: Tensor, g: Tensor, state: Ahead) -> tuple[Tensor, Ahead]:
        """连成一个向量的权重用梯度 g 走一步：新的权重与状态，都还能求导；参数与累加器不动。

        算的与 step() 相同。连成一个向量，是因为小网络上每个运算的准备比运算本身久。
        """
        (beta1, beta2), (m, v, power1, power2) = self.betas, state
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        # θ ← θ − lr·m̂ / (√v̂ + ε)；0 处的根号导数无穷大，垫上 ε²
        spread = (v / (1 - power2) + self._epsilon**2).sqrt() + self._epsilon
        moved = weights - self.get_lr() / (1 - power1) * m / spread
        return moved, Ahead(m, v, power1 * beta1, power2 * beta2)


def flattened(tensors) -> Tensor:
    """几个张量依次连成一个向量。"""
    return paddle.concat([one.reshape([-1]) for one in tensors])
