"""卷积、转置卷积与反射填充的步骤。"""

from typing import NamedTuple

import numpy as np

from paddle_gan.networks.conv_kernels import Geometry
from paddle_gan.networks.onednn import conv_primitives, primitives
from paddle_gan.networks.onednn.interface import RELU
from paddle_gan.networks.onednn.steps import Step, fused, require


class Convolution(NamedTuple):
    """卷积（correlate）或转置卷积（scatter）。extra 是 output_padding。"""

    kind: str
    weight: tuple[int, ...]  # 飞桨的权重的形状
    stride: int
    padding: int
    extra: int
    bias: bool
    slope: float | None = None  # 顺手做的 LeakyReLU

    count = property(lambda self: 1 + self.bias)
    piecewise = True

    def geometry(self, shape) -> Geometry:
        n, h, w, _ = shape
        m, c, kh, kw = self.weight
        if self.kind == "scatter":
            shrink = 2 * self.padding - self.extra
            h, w = (h - 1) * self.stride + kh - shrink, (w - 1) * self.stride + kw - shrink
        return Geometry(n, c, h, w, m, kh, kw, self.stride, self.padding)

    def step(self, first: int) -> Step:
        return ConvolutionStep(self, first)


class ConvolutionStep(Step):
    def __init__(self, spec: Convolution, first: int):
        self.spec, self.first = spec, first

    def plan(self, room, x):
        spec = self.spec
        given, taken = x.shape[-1], spec.weight[spec.kind == "correlate"]
        require(given == taken, f"输入有 {given} 个通道，这一层要 {taken} 个")
        g = self.g = spec.geometry(x.shape)
        require(min(g.h, g.w, g.oh, g.ow) > 0, f"{x.shape[1]}×{x.shape[2]} 的图放不下这一层的核")
        image, maps = (g.n, g.h, g.w, g.c), (g.n, g.oh, g.ow, g.m)
        self.kernel = conv_primitives.convolution_forward(
            g, spec.kind, spec.bias, *fused(spec.slope)
        )
        self.x = x
        self.y = room.take(*(maps if spec.kind == "correlate" else image))
        self.moved = room.take(self.kernel.weights.room)
        room.give(self.moved)
        room.give(x)
        return self.y

    def plan_back(self, room, dy):
        spec, self.dy = self.spec, dy
        self.to_data = conv_primitives.convolution_backward_data(self.g, spec.kind)
        self.to_weights = conv_primitives.convolution_backward_weights(self.g, spec.kind, spec.bias)
        self.dx = room.take(*self.x.shape)
        self.back = room.take(max(self.to_data.weights.room, self.to_weights.weights.room))
        room.give(self.back)
        room.give(dy)
        if spec.slope is not None:
            self.act = primitives.eltwise(self.y.size, RELU, spec.slope).backward
        return self.dx

    def forward(self, run):
        w, b, a = run.parameter(self.first), 0, run.saved
        if self.spec.bias:
            b = run.parameter(self.first + 1)
        stamp = run.stamp(self.first)
        self.kernel.run(a.at(self.x), w, b, a.at(self.y), a.at(self.moved), stamp)

    def backward(self, run, wanted):
        a, s = run.saved, run.scratch
        dy = s.at(self.dy)
        if self.spec.slope is not None:
            self.act.run(a.at(self.y), dy, dy)
        if run.wanted(self.first) or (self.spec.bias and run.wanted(self.first + 1)):
            dw, db = run.gradient(self.first), 0
            if self.spec.bias:
                db = run.gradient(self.first + 1)
            self.to_weights.run(a.at(self.x), dy, dw, db, s.at(self.back))
        if wanted:
            w, stamp = run.parameter(self.first), run.stamp(self.first)
            self.to_data.run(dy, w, s.at(self.dx), s.at(self.back), stamp)

    def plan_twice(self, room, v):
        self.v, self.u = v, room.take(*self.y.shape)
        self.without_bias = conv_primitives.convolution_forward(
            self.g, self.spec.kind, False, 0, 0.0
        )
        self.outer = conv_primitives.convolution_backward_weights(self.g, self.spec.kind, False)
        need = max(self.without_bias.weights.room, self.outer.weights.room)
        self.again = room.take(need)
        room.give(self.again)
        room.give(v)
        return self.u

    def twice(self, run):
        t, u = run.third, run.third.at(self.u)
        v, h, again = t.at(self.v), run.scratch.at(self.dy), t.at(self.again)
        if run.wanted(self.first):
            self.outer.run(v, h, run.gradient(self.first), 0, again)
        w, stamp = run.parameter(self.first), run.stamp(self.first)
        self.without_bias.run(v, w, 0, u, again, stamp)
        if self.spec.slope is not None:
            self.act.run(run.saved.at(self.y), u, u)


class Reflect(NamedTuple):
    """反射填充：以边上的像素为镜子，边本身不重复。"""

    border: int
    count = 0
    piecewise = True

    def step(self, first: int) -> Step:
        return ReflectStep(self.border)


class ReflectStep(Step):
    def __init__(self, border: int):
        self.border = border

    def plan(self, room, x):
        n, h, w, c = x.shape
        fits = self.border < min(h, w)
        require(fits, f"{h}×{w} 的图不够反射填充 {self.border} 个像素")
        self.x, self.y = x, room.take(n, h + 2 * self.border, w + 2 * self.border, c)
        room.give(x)
        return self.y

    def plan_back(self, room, dy):
        self.dy, self.dx = dy, room.take(*self.x.shape)
        room.give(dy)
        return self.dx

    def forward(self, run):
        self.reflect(run.saved.view(self.x), run.saved.view(self.y))

    def plan_twice(self, room, v):
        self.v, self.u = v, room.take(*self.y.shape)
        room.give(v)
        return self.u

    def twice(self, run):
        self.reflect(run.third.view(self.v), run.third.view(self.u))

    def reflect(self, x: np.ndarray, y: np.ndarray) -> None:
        """x 填充成 y。"""
        p, h = self.border, x.shape[1]
        y[:, p:-p, p:-p] = x
        y[:, p:-p, :p] = x[:, :, p:0:-1]
        y[:, p:-p, -p:] = x[:, :, -2 : -p - 2 : -1]
        y[:, :p] = y[:, 2 * p : p : -1]
        y[:, -p:] = y[:, h + p - 2 : h - 2 : -1]

    def backward(self, run, wanted):
        if not wanted:
            return
        p, dy, dx = self.border, run.scratch.view(self.dy), run.scratch.view(self.dx)
        h = dx.shape[1]
        dy[:, 2 * p : p : -1] += dy[:, :p]
        dy[:, h + p - 2 : h - 2 : -1] += dy[:, -p:]
        dx[...] = dy[:, p:-p, p:-p]
        dx[:, :, p:0:-1] += dy[:, p:-p, :p]
        dx[:, :, -2 : -p - 2 : -1] += dy[:, p:-p, -p:]
