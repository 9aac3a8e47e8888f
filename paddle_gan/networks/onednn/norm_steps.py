"""归一化与激活的步骤。"""

from typing import NamedTuple

from paddle_gan.networks.onednn import primitives
from paddle_gan.networks.onednn.interface import RELU
from paddle_gan.networks.onednn.plan import Value
from paddle_gan.networks.onednn.steps import Step, require


class Norm(NamedTuple):
    """批归一化（batch）或实例归一化（instance），可以带 ReLU。"""

    kind: str
    channels: int
    epsilon: float
    affine: bool
    momentum: float = 0.0  # 累计的统计量的动量；实例归一化没有累计的
    training: bool = True
    relu: bool = False

    count = property(lambda self: 2 * self.affine)
    piecewise = False

    def step(self, first: int) -> Step:
        return NormStep(self, first)


class NormStep(Step):
    """实例归一化是每个样本一次批归一化。"""

    def __init__(self, spec: Norm, first: int):
        self.spec, self.first = spec, first

    def plan(self, room, x):
        n, h, w, c = x.shape
        require(c == self.spec.channels, f"输入有 {c} 个通道，归一化要 {self.spec.channels} 个")
        spec, self.x, self.y = self.spec, x, room.take(*x.shape)
        self.times = n if spec.kind == "instance" else 1
        self.shape = (n // self.times, c, h, w)
        self.settings = spec.epsilon, spec.affine, spec.relu
        mode = "train" if spec.training else "eval"
        self.kernel = primitives.norm_forward(self.shape, *self.settings, mode)
        # 每一次的均值、方差与掩码各占整数个缓存行
        self.mean, self.variance = room.take(self.times, up(c)), room.take(self.times, up(c))
        self.mask = room.take(self.times, up(self.kernel.room))
        room.give(self.mask)
        room.give(x)
        return self.y

    def plan_back(self, room, dy):
        self.dy, self.dx = dy, room.take(*self.x.shape)
        self.back = primitives.norm_backward(self.shape, *self.settings)
        self.parts = room.take(2, self.times, up(self.x.shape[-1]))
        room.give(self.parts)
        room.give(dy)
        return self.dx

    def moved(self, value: Value) -> int:
        """从一次到下一次，地址加多少。"""
        return 4 * value.size // self.times

    def affine(self, run) -> tuple[int, int]:
        """缩放与平移的地址。"""
        if not self.spec.affine:
            return 0, 0
        return run.parameter(self.first), run.parameter(self.first + 1)

    def forward(self, run):
        a, spec = run.saved, self.spec
        values = self.x, self.y, self.mean, self.variance, self.mask
        x, y, mean, variance, mask = (a.at(v) for v in values)
        if not spec.training:
            mean, variance = run.statistics(self.first)
        each, statistic, masks = self.moved(self.x), self.moved(self.mean), self.moved(self.mask)
        for i in range(self.times):
            at = mean + i * statistic, variance + i * statistic, *self.affine(run)
            self.kernel.run(x + i * each, y + i * each, *at, mask + i * masks)
        if spec.training and spec.kind == "batch":
            c = self.x.shape[-1]
            run.accumulate(self.first, a.view(self.mean)[0, :c], a.view(self.variance)[0, :c])

    def backward(self, run, wanted):
        a, s = run.saved, run.scratch
        x, mean, variance, mask = (a.at(v) for v in (self.x, self.mean, self.variance, self.mask))
        dy, dx, scale = s.at(self.dy), s.at(self.dx), self.affine(run)[0]
        each, statistic, masks = self.moved(self.x), self.moved(self.mean), self.moved(self.mask)
        d_scale, d_shift = s.at(self.parts), s.at(self.parts) + self.times * statistic
        for i in range(self.times):
            j = i * statistic
            at = mean + j, variance + j, scale, d_scale + j, d_shift + j
            self.back.run(x + i * each, dy + i * each, dx + i * each, *at, mask + i * masks)
        if self.spec.affine:
            sums = s.view(self.parts)[..., : self.x.shape[-1]].sum(axis=1)
            for index in (0, 1):
                if run.wanted(self.first + index):
                    run.write(self.first + index, sums[index])


def up(size: int) -> int:
    """凑成整数个缓存行。"""
    return -(-size // 16) * 16


class Activation(NamedTuple):
    """激活，原地做。"""

    algorithm: int
    slope: float = 0.0
    count = 0

    piecewise = property(lambda self: self.algorithm == RELU)

    def step(self, first: int) -> Step:
        return ActivationStep(self)


class ActivationStep(Step):
    def __init__(self, spec: Activation):
        self.spec = spec

    def plan(self, room, x):
        self.y = x
        self.kernels = primitives.eltwise(x.size, *self.spec)
        return x

    def plan_back(self, room, dy):
        self.dy = dy
        return dy

    def forward(self, run):
        y = run.saved.at(self.y)
        self.kernels.forward.run(y, y)

    def backward(self, run, wanted):
        dy = run.scratch.at(self.dy)
        self.kernels.backward.run(run.saved.at(self.y), dy, dy)

    def plan_twice(self, room, v):
        self.v = v
        return v

    def twice(self, run):
        v = run.third.at(self.v)
        self.kernels.backward.run(run.saved.at(self.y), v, v)
