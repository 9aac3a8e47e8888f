"""网络里的一层怎样前向、怎样反向：oneDNN 的原语加上几处 NumPy。

每一种层有一份说明（Spec，能作字典的键）和一个步骤（Step，形状已定）。步骤先排内存：
plan 排前向，plan_back 反着排反向；再反复运行：forward(run)、backward(run, wanted)。
反向可以改写传给它的梯度。

分段线性（piecewise）的步骤还会求二阶导数：输入的梯度 g 是 dy 的线性函数，设 v = ∂L/∂g，
h 是各层输出处的梯度，则 ∂L/∂W 是 v 与 h 的“权重的梯度”，v 像没有偏置的前向那样一层层传下去，
在激活处乘同一个斜率，最后是 ∂L/∂dy。plan_twice 排它的内存，twice(run) 运行。
"""

from typing import NamedTuple

import numpy as np

from paddle_gan.networks.onednn.interface import RELU
from paddle_gan.networks.onednn.plan import Room, Value


class Step:
    """一步。它的参数在整串的参数里从第 first 个排起。"""

    def plan(self, room: Room, x: Value) -> Value:
        """排前向；返回输出。"""
        raise NotImplementedError

    def plan_back(self, room: Room, dy: Value) -> Value:
        """排反向；返回输入的梯度。"""
        raise NotImplementedError

    def forward(self, run) -> None:
        raise NotImplementedError

    def backward(self, run, wanted: bool) -> None:
        """wanted：输入的梯度要不要。"""
        raise NotImplementedError

    def plan_twice(self, room: Room, v: Value) -> Value:
        """排二阶导数；v 是输入的梯度的梯度，返回传到输出处的。"""
        raise NotImplementedError

    def twice(self, run) -> None:
        raise NotImplementedError


class Residual(NamedTuple):
    """x + body(x)。"""

    body: tuple

    count = property(lambda self: sum(spec.count for spec in self.body))
    piecewise = False  # 没有写它的 twice

    def step(self, first: int) -> Step:
        return ResidualStep(self.body, first)


class ResidualStep(Step):
    def __init__(self, body: tuple, first: int):
        self.steps = steps_of(body, first)

    def plan(self, room, x):
        self.x, value = x, x
        room.pinned.append(x)  # x 要留到最后
        for step in self.steps:
            value = step.plan(room, value)
        room.pinned.remove(x)
        room.give(x)
        self.y = value
        return value

    def plan_back(self, room, dy):
        self.dy, self.copy = dy, room.take(*dy.shape)
        value = self.copy
        for step in reversed(self.steps):
            value = step.plan_back(room, value)
        self.dx = value
        room.give(dy)
        return value

    def forward(self, run):
        for step in self.steps:
            step.forward(run)
        y = run.saved.view(self.y)
        np.add(y, run.saved.view(self.x), out=y)

    def backward(self, run, wanted):
        dy = run.scratch.view(self.dy)
        run.scratch.view(self.copy)[...] = dy
        for step in reversed(self.steps):
            step.backward(run, True)
        dx = run.scratch.view(self.dx)
        np.add(dx, dy, out=dx)


def require(fits: bool, sentence: str) -> None:
    """输入的形状与一层对得上；照飞桨，对不上是 ValueError。"""
    if not fits:
        raise ValueError(sentence)


def steps_of(specs: tuple, first: int = 0) -> list[Step]:
    """一串层的步骤；first 是第一个参数排第几。"""
    steps = []
    for spec in specs:
        steps.append(spec.step(first))
        first += spec.count
    return steps


def fused(slope: float | None) -> tuple[int, float]:
    """顺手做的激活：（算法，负半轴的斜率），没有是 (0, 0)。"""
    return (0, 0.0) if slope is None else (RELU, slope)
