"""梯度惩罚与 R₁：惩罚的值、它对 D 的权重的导数，与只用前向算出来的差商比。

差商在 CPU 上用双精度算，完全不用自动求导；被查的在 device 上用训练时的 float32 算。
"""

import copy
from collections.abc import Callable

import numpy as np
import paddle
from paddle import nn

from paddle_gan.draws import drawing_with
from paddle_gan.engine.gpu.small import (
    Result,
    Small,
    build_on,
    drawn_on_cpu,
    exact,
    put_weights,
    verdict,
    weights_of,
)
from paddle_gan.methods.base import Method
from paddle_gan.run import runtime
from paddle_gan.run.build import training_batches

# 差商的步长：前者对样本，后者沿一个方向对权重。后者再大，就有激活越过 LeakyReLU 的折点：D 的梯度
# 在那里跳一下，差商算上了它，导数里没有
INPUT_STEP, WEIGHT_STEP = 1e-5, 1e-7
# float32 有 7 位，二阶导数把每一层经过三次，剩 4 位左右；在 CPU 上实测差商自己的误差约 1e-5
TOLERANCE = 1e-3
# 方法 → 惩罚在记录里的名字、由每个样本的 ‖∇D‖₂ (N,) 到惩罚
PENALTIES = {
    "wgan_gp": ("loss/gp", lambda norms: ((norms - 1) ** 2).mean()),
    "r1": ("loss/r1", lambda norms: 0.5 * (norms**2).mean()),
}


def right_penalty(
    small: Small, device: str, build: Callable[[Small, str], Method] = build_on
) -> Result:
    """惩罚与它对权重的导数都对。"""
    name = small.config.method
    key, penalty = PENALTIES[name]
    reference = build_on(small, "cpu")
    batch = next(training_batches(small.config, small.data)).x.numpy()
    with exact(device):
        method = build(small, device)
        put_weights(method, weights_of(reference))
        value, gradients, draws = analytic(method, device, key, batch)
    runtime.set_device("cpu")
    points = penalised(reference, batch, draws)
    rng = np.random.default_rng(0)
    direction = {weight: rng.standard_normal(g.shape) for weight, g in gradients.items()}
    slope = sum(float((gradients[weight] * v).sum()) for weight, v in direction.items())
    critic = copy.deepcopy(reference.D).to(dtype="float64")
    at = [
        penalty(gradient_norms(shifted(critic, direction, step), points))
        for step in (0.0, WEIGHT_STEP, -WEIGHT_STEP)
    ]
    true_slope = (at[1] - at[2]) / (2 * WEIGHT_STEP)
    off, off_slope = abs(value / at[0] - 1), abs(slope / true_slope - 1)
    text = f"{name}：梯度惩罚与差商的相对误差 {off:.1g}，它对权重的导数 {off_slope:.1g}"
    text += f"（容差 {TOLERANCE:g}）"
    numbers = {"value": value, "true_value": float(at[0])}
    numbers |= {"slope": slope, "true_slope": float(true_slope), "limit": TOLERANCE}
    advice = f"{device} 上的二阶导数不对；请附上这一页，并先用 --device cpu 训练 {name}"
    return verdict(text, advice, numbers, max(off, off_slope) <= TOLERANCE)


def analytic(method: Method, device: str, key: str, batch: np.ndarray):
    """device 上训练时的算法：惩罚的值、对 D 的每个权重的梯度、抽到的随机数。"""
    draws: list[np.ndarray] = []

    def record(draw, shape):
        drawn = drawn_on_cpu(device, draw, shape)
        draws.append(drawn.numpy())
        return drawn

    runtime.set_device(device)
    runtime.seed_stream(0, runtime.TRAIN, 1)
    with drawing_with(record):
        _, logs = method.discriminator_loss(paddle.to_tensor(batch))
    logs[key].backward()
    gradients = {
        name: np.zeros(p.shape) if p.grad is None else p.grad.numpy().astype(np.float64)
        for name, p in method.D.named_parameters()
        if p.trainable
    }
    return logs[key].item(), gradients, draws


def penalised(method: Method, batch: np.ndarray, draws: list[np.ndarray]) -> np.ndarray:
    """罚在哪些点上：两次抽取（z、ε）的是真假样本的连线，否则就是真样本。双精度。"""
    if len(draws) == 1:
        return batch.astype(np.float64)
    z, epsilon = draws
    with paddle.no_grad():
        fake = method.G(paddle.to_tensor(z)).numpy().astype(np.float64)
    return epsilon * batch.astype(np.float64) + (1 - epsilon) * fake


def shifted(critic: nn.Layer, direction: dict[str, np.ndarray], step: float):
    """权重沿 direction 走 step 以后的 D：样本 → 分数。"""

    def scores(points: np.ndarray) -> np.ndarray:
        weights = dict(critic.named_parameters())
        before = {name: weights[name].numpy().copy() for name in direction}
        for name, v in direction.items():
            weights[name].set_value(before[name] + step * v)
        with paddle.no_grad():
            made = critic(paddle.to_tensor(points)).numpy().reshape(len(points), -1).sum(axis=1)
        for name, value in before.items():
            weights[name].set_value(value)
        return made

    return scores


def gradient_norms(scores: Callable[[np.ndarray], np.ndarray], points: np.ndarray) -> np.ndarray:
    """每个样本的 ‖∇_x D(x)‖₂ (N,)，每一维用中心差商。"""
    size = points[0].size
    steps = INPUT_STEP * np.eye(size).reshape(size, *points.shape[1:])
    norms = [
        np.linalg.norm((scores(x + steps) - scores(x - steps)) / (2 * INPUT_STEP)) for x in points
    ]
    return np.array(norms)
