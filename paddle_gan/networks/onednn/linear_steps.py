"""全连接的步骤。"""

from typing import NamedTuple

import numpy as np

from paddle_gan.networks.onednn import primitives
from paddle_gan.networks.onednn.interface import RELU
from paddle_gan.networks.onednn.steps import Step, fused, require


class Linear(NamedTuple):
    """全连接：(n, i)·(i, o) + b。"""

    weight: tuple[int, int]
    bias: bool
    slope: float | None = None

    count = property(lambda self: 1 + self.bias)
    piecewise = True

    def step(self, first: int) -> Step:
        return LinearStep(self, first)


class LinearStep(Step):
    def __init__(self, spec: Linear, first: int):
        self.spec, self.first = spec, first

    def plan(self, room, x):
        (i, o), n = self.spec.weight, x.shape[0]
        require(x.size == n * i, f"输入每个样本有 {x.size // n} 个数，这一层要 {i} 个")
        self.x, self.y = x, room.take(n, 1, 1, o)
        after = fused(self.spec.slope)
        self.kernel = primitives.product(n, i, o, False, False, self.spec.bias, *after)
        room.give(x)
        return self.y

    def plan_back(self, room, dy):
        (i, o), n = self.spec.weight, self.x.shape[0]
        self.dy, self.dx = dy, room.take(*self.x.shape)
        self.to_data = primitives.product(n, o, i, False, True, False, 0, 0.0)
        self.to_weights = primitives.product(i, n, o, True, False, False, 0, 0.0)
        self.to_bias = primitives.product(1, n, o, False, False, False, 0, 0.0)
        self.ones = np.ones(n, np.float32)
        self.one = self.ones.__array_interface__["data"][0]
        if self.spec.slope is not None:
            self.act = primitives.eltwise(self.y.size, RELU, self.spec.slope).backward
        room.give(dy)
        return self.dx

    def forward(self, run):
        a, w = run.saved, run.parameter(self.first)
        offset = (run.parameter(self.first + 1),) if self.spec.bias else ()
        self.kernel.run(a.at(self.x), w, a.at(self.y), *offset)

    def backward(self, run, wanted):
        x, y, dy = run.saved.at(self.x), run.saved.at(self.y), run.scratch.at(self.dy)
        if self.spec.slope is not None:
            self.act.run(y, dy, dy)
        if run.wanted(self.first):
            self.to_weights.run(x, dy, run.gradient(self.first))
        if self.spec.bias and run.wanted(self.first + 1):
            self.to_bias.run(self.one, dy, run.gradient(self.first + 1))
        if wanted:
            self.to_data.run(dy, run.parameter(self.first), run.scratch.at(self.dx))

    def plan_twice(self, room, v):
        (i, o), n = self.spec.weight, self.x.shape[0]
        self.v, self.u = v, room.take(*self.y.shape)
        self.without_bias = primitives.product(n, i, o, False, False, False, 0, 0.0)
        room.give(v)
        return self.u

    def twice(self, run):
        v, u, h = run.third.at(self.v), run.third.at(self.u), run.scratch.at(self.dy)
        if run.wanted(self.first):
            self.to_weights.run(v, h, run.gradient(self.first))
        self.without_bias.run(v, run.parameter(self.first), u)
        if self.spec.slope is not None:
            self.act.run(run.saved.at(self.y), u, u)
