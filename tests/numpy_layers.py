"""只用 NumPy 写的层，反向传播是手推的：两个逐步对照的测试拿它当另一份独立的实现。

每一层都是函数：forward(x) → (y, backward)，backward(dy) → (dx, {参数名: 梯度})。
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

EPSILON = 1e-5  # BN 与实例归一化的 ε


def convolution(x, w, b, stride, padding):
    """w (C_out, C_in, k, k)，b 可以是 None。"""
    k = w.shape[2]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    y = np.einsum("nchwij,ocij->nohw", windows, w)
    y = y if b is None else y + b.reshape(1, -1, 1, 1)

    def backward(dy):
        dpadded = np.zeros_like(padded)
        height, width = dy.shape[2:]
        for i in range(k):
            for j in range(k):
                rows = slice(i, i + stride * height, stride)
                columns = slice(j, j + stride * width, stride)
                dpadded[:, :, rows, columns] += np.einsum("nohw,oc->nchw", dy, w[:, :, i, j])
        dx = dpadded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        grads = {"weight": np.einsum("nohw,nchwij->ocij", dy, windows)}
        return dx, grads if b is None else grads | {"bias": dy.sum(axis=(0, 2, 3))}

    return y, backward


def transposed_convolution(x, w, b, stride, padding, output_padding=0):
    """w (C_in, C_out, k, k)；卷积对输入求导的那个线性映射，反过来用。"""
    k, (height, width) = w.shape[2], x.shape[2:]
    full = [stride * (n - 1) + k + output_padding for n in (height, width)]
    y = np.zeros((x.shape[0], w.shape[1], *full))
    places = [
        (i, j, slice(i, i + stride * height, stride), slice(j, j + stride * width, stride))
        for i in range(k)
        for j in range(k)
    ]
    for i, j, rows, columns in places:
        y[:, :, rows, columns] += np.einsum("nchw,co->nohw", x, w[:, :, i, j])
    crop = [slice(padding, n - padding) for n in full]
    y = y[:, :, crop[0], crop[1]]
    y = y if b is None else y + b.reshape(1, -1, 1, 1)

    def backward(dy):
        dfull = np.zeros((x.shape[0], w.shape[1], *full))
        dfull[:, :, crop[0], crop[1]] = dy
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for i, j, rows, columns in places:
            part = dfull[:, :, rows, columns]
            dx += np.einsum("nohw,co->nchw", part, w[:, :, i, j])
            dw[:, :, i, j] = np.einsum("nchw,nohw->co", x, part)
        grads = {"weight": dw}
        return dx, grads if b is None else grads | {"bias": dy.sum(axis=(0, 2, 3))}

    return y, backward


def standardise(x, axes):
    """x̂ = (x − μ)/√(σ² + ε)，μ、σ² 在 axes 上算；BN 与实例归一化共用。"""
    mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    scale = 1 / np.sqrt(variance + EPSILON)
    normal = (x - mean) * scale

    def backward(d):
        through_mean = d.mean(axis=axes, keepdims=True)
        through_variance = normal * (d * normal).mean(axis=axes, keepdims=True)
        return scale * (d - through_mean - through_variance), {}

    return normal, backward


def instance_norm(x):
    return standardise(x, (2, 3))


def batch_norm(x, gamma, beta):
    """训练模式的 BN：统计量取自这一批。"""
    normal, undo = standardise(x, (0, 2, 3))
    y = gamma.reshape(1, -1, 1, 1) * normal + beta.reshape(1, -1, 1, 1)

    def backward(dy):
        dx, _ = undo(dy * gamma.reshape(1, -1, 1, 1))
        grads = {"weight": (dy * normal).sum(axis=(0, 2, 3)), "bias": dy.sum(axis=(0, 2, 3))}
        return dx, grads

    return y, backward


def leaky_relu(x, slope=0.0):
    """slope = 0 就是 ReLU。"""
    factor = np.where(x > 0, 1.0, slope)
    return x * factor, lambda dy: (dy * factor, {})


def tanh(x):
    y = np.tanh(x)
    return y, lambda dy: (dy * (1 - y**2), {})


def reflection_pad(x, p):
    rows, columns = (np.pad(np.arange(n), p, mode="reflect") for n in x.shape[2:])

    def backward(dy):
        tall = np.zeros((*x.shape[:2], x.shape[2], dy.shape[3]))
        np.add.at(tall, (slice(None), slice(None), rows), dy)
        dx = np.zeros_like(x)
        np.add.at(dx, (slice(None), slice(None), slice(None), columns), tall)
        return dx, {}

    return x[:, :, rows][:, :, :, columns], backward


def residual(body):
    """y = x + body(x)；body 是一个 layer(x) → (y, backward)。"""

    def layer(x):
        y, undo = body(x)

        def backward(dy):
            dx, grads = undo(dy)
            return dy + dx, grads

        return x + y, backward

    return layer


def chain(*layers):
    """把 (名字, layer) 串起来；反向时给每一层的梯度加上自己的名字，名字是空的就原样传上去。"""

    def forward(x):
        undo = []
        for name, layer in layers:
            x, backward = layer(x)
            undo.append((name, backward))

        def backward(dy):
            grads = {}
            for name, back in reversed(undo):
                dy, own = back(dy)
                grads |= {f"{name}.{key}" if name else key: g for key, g in own.items()}
            return dy, grads

        return x, backward

    return forward


class Adam:
    """一组参数的 Adam；step 之后参数已就地更新。"""

    def __init__(self, parameters: dict, lr: float, beta1: float, beta2: float):
        self.parameters, self.lr, self.beta1, self.beta2 = parameters, lr, beta1, beta2
        self.m = {name: np.zeros_like(p) for name, p in parameters.items()}
        self.v = {name: np.zeros_like(p) for name, p in parameters.items()}
        self.t = 0

    def step(self, grads: dict) -> None:
        self.t += 1
        for name, p in self.parameters.items():
            g = grads[name]
            self.m[name] = self.beta1 * self.m[name] + (1 - self.beta1) * g
            self.v[name] = self.beta2 * self.v[name] + (1 - self.beta2) * g**2
            m = self.m[name] / (1 - self.beta1**self.t)
            v = self.v[name] / (1 - self.beta2**self.t)
            p -= self.lr * m / (np.sqrt(v) + 1e-8)


def add(*gradients: dict) -> dict:
    """同名的梯度相加。"""
    return {name: sum(g[name] for g in gradients) for name in gradients[0]}


def relative_error(found: dict, expected: dict) -> float:
    """逐个张量的 ‖差‖/‖期望‖，取最大的一个。"""
    assert found.keys() == expected.keys()
    return max(
        float(np.linalg.norm(found[k] - expected[k]) / np.linalg.norm(expected[k])) for k in found
    )
