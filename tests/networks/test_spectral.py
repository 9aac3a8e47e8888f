"""谱归一化：除的是最大的奇异值；u 什么时候动、什么时候不动；整串的层、二阶导与存盘都照样对。"""

import numpy as np
import paddle
import pytest
from helpers import same, seed_noise, tiny_batches, tiny_method
from paddle import nn

from paddle_gan.gradients import input_gradient, loss_backward, second_order
from paddle_gan.losses import squared_gradient_norm
from paddle_gan.methods.base import frozen, inference
from paddle_gan.networks.convolution import Conv2D
from paddle_gan.networks.dcgan import DCGANDiscriminator
from paddle_gan.networks.mlp import MLP
from paddle_gan.networks.patchgan import PatchGAN
from paddle_gan.networks.spectral import SpectralNorm, unnormalised
from paddle_gan.run.build_network import require_room

IMAGE = {"width": 4, "norm": "none", "spectral_norm": True}
NETWORKS = {
    "mlp": lambda: MLP((3,), (1,), width=8, activation="leaky_relu", spectral_norm=True),
    "dcgan": lambda: DCGANDiscriminator((1, 8, 8), (1,), depth=2, **IMAGE),
    "patchgan": lambda: PatchGAN((1, 8, 8), (1,), layers=1, **IMAGE),
}
each_network = pytest.mark.parametrize("name", NETWORKS)


def build(name: str) -> nn.Layer:
    paddle.seed(0)
    return NETWORKS[name]()


def wrapped(network: nn.Layer) -> list[SpectralNorm]:
    return [layer for layer in network.sublayers() if isinstance(layer, SpectralNorm)]


def states(network: nn.Layer) -> dict:
    return {name: u.numpy().copy() for name, u in network.named_buffers()}


def as_matrix(layer: nn.Layer) -> np.ndarray:
    """(输出数, 其余)；飞桨的全连接存成 (输入, 输出)。"""
    w = layer.weight.numpy().astype(np.float64)
    return w.T if isinstance(layer, nn.Linear) else w.reshape(len(w), -1)


def largest(layer: nn.Layer) -> float:
    return np.linalg.svd(as_matrix(layer), compute_uv=False)[0]


def batch_for(name: str) -> paddle.Tensor:
    shape = (5, 3) if name == "mlp" else (5, 1, 8, 8)
    return paddle.to_tensor(np.random.default_rng(1).normal(size=shape).astype(np.float32))


@each_network
def test_every_layer_even_the_last_is_normalised_and_only_when_asked(name):
    network = build(name)
    weights = [p for p in network.parameters() if p.ndim > 1]
    assert len(wrapped(network)) == len(weights) == 3
    assert not unnormalised(network)
    assert unnormalised(MLP((3,), (1,))) and unnormalised(nn.Linear(2, 1))


def well_separated(layer: nn.Layer) -> SpectralNorm:
    """权重的奇异值是 3、1、0.5…，幂迭代一次就收敛得差不多。"""
    rng = np.random.default_rng(0)
    shape = as_matrix(layer).shape
    U, _, V = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
    W = U * np.array([3.0, 1.0, 0.5, 0.2][: U.shape[1]]) @ V
    W = W.T if isinstance(layer, nn.Linear) else W.reshape(layer.weight.shape)
    layer.weight.set_value(W.astype(np.float32))
    return SpectralNorm(layer)


@pytest.mark.parametrize("kind", ["linear", "conv"])
def test_the_layer_computes_with_the_weight_over_its_largest_singular_value(kind):
    paddle.seed(0)
    layer = nn.Linear(6, 4) if kind == "linear" else Conv2D(2, 4, 4, stride=2, padding=1)
    layer.bias.set_value(np.arange(4, dtype=np.float32))
    normalised = well_separated(layer)
    shape = [5, 6] if kind == "linear" else [5, 2, 8, 6]
    x = paddle.randn(shape)
    with paddle.no_grad():
        before_bias = layer(x) - layer.bias.reshape([4] + [1] * (len(shape) - 2))
        expected = before_bias / 3.0 + layer.bias.reshape([4] + [1] * (len(shape) - 2))
        assert normalised(x).numpy() == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-5)
    assert largest(layer) == pytest.approx(3.0, rel=1e-5)  # W 自己没有变


@each_network
def test_sigma_is_known_from_the_start(name):
    for layer in wrapped(build(name)):
        assert layer.sigma().item() == pytest.approx(largest(layer.layer), rel=0.07)


def test_fifteen_iterations_warm_u_up():
    layer = nn.Linear(40, 30)
    paddle.seed(5)
    warm = SpectralNorm(layer).u.numpy()
    paddle.seed(5)
    W, u = as_matrix(layer), paddle.randn([30]).numpy().astype(np.float64)
    seen = []
    for _ in range(16):
        u = W @ (W.T @ u)
        u /= np.linalg.norm(u)
        seen.append(u)
    assert warm == pytest.approx(seen[14], abs=1e-4)
    assert np.abs(seen[14] - seen[13]).max() > 1e-3 < np.abs(seen[15] - seen[14]).max()


def test_the_gradient_is_that_of_the_weight_over_sigma():
    # ∂(w/‖w‖)/∂w：一行的矩阵，σ = ‖w‖，缩放 w 不改变输出，所以梯度与 w 正交
    layer = nn.Linear(3, 1)
    w = np.array([[1.0], [2.0], [-2.0]], np.float32)
    layer.weight.set_value(w)
    normalised = SpectralNorm(layer)
    x = np.array([[0.5, -1.0, 2.0]], np.float32)
    normalised(paddle.to_tensor(x)).sum().backward()
    # (x − (x·ŵ)·ŵ)/‖w‖，‖w‖ = 3
    hat = w[:, 0] / 3
    expected = (x[0] - (x[0] @ hat) * hat) / 3
    assert layer.weight.grad.numpy()[:, 0] == pytest.approx(expected, rel=1e-5)
    assert np.abs(expected).min() > 0.05


@each_network
def test_a_learning_forward_moves_u_and_every_other_forward_leaves_it(name):
    network, x = build(name), batch_for(name)
    before = states(network)
    with inference(network):
        network(x)
    network.eval()
    network(x)  # 评估模式，照样记梯度
    network.train()
    with paddle.no_grad():
        network(x)
    with frozen(network):
        network(x)
    with second_order():
        network(x)
    with input_gradient():
        network(x)
    squared_gradient_norm(network, x).mean().backward()
    assert same(before, states(network))
    network(x)
    after = states(network)
    # 一行的矩阵，u 只能是 ±1
    moved = [key for key in before if not np.array_equal(before[key], after[key])]
    assert len(moved) >= 2 and set(moved) <= set(before)


@each_network
def test_one_forward_is_one_power_iteration(name):
    network = build(name)
    layer = wrapped(network)[0]
    W, u = as_matrix(layer.layer), layer.u.numpy().astype(np.float64)
    v = W.T @ u
    u = W @ (v / np.linalg.norm(v))
    network(batch_for(name))
    assert layer.u.numpy() == pytest.approx(u / np.linalg.norm(u), abs=1e-5)


@each_network
def test_two_forwards_before_one_backward_give_the_right_gradients(name):
    # 第二次前向就地改 u；第一次的反向要用的是改之前的
    x, y = batch_for(name), batch_for(name) * 0.5
    together, apart = build(name), build(name)
    with loss_backward():
        loss = together(x).sum() - 3.0 * together(y).sum()
        loss.backward()
        apart(x).sum().backward()
        (-3.0 * apart(y).sum()).backward()
    for p, q in zip(together.parameters(), apart.parameters()):
        assert p.grad.numpy() == pytest.approx(q.grad.numpy(), rel=1e-3, abs=1e-5)
        assert np.abs(p.grad.numpy()).max() > 1e-3


@each_network
def test_the_chain_gives_the_same_numbers_as_layer_by_layer(name):
    network, x = build(name), batch_for(name)
    network.eval()
    with paddle.no_grad():
        whole, h = network(x), x
        for layer in network.layers:
            h = layer(h)
    assert whole.numpy().ravel() == pytest.approx(h.numpy().ravel(), abs=1e-6)


def test_the_penalty_can_be_differentiated_through_sigma():
    network, x = build("mlp"), batch_for("mlp")
    layer = wrapped(network)[1].layer
    penalty = squared_gradient_norm(network, x).mean()
    penalty.backward()
    direction = np.random.default_rng(0).normal(size=layer.weight.shape).astype(np.float32)
    slope, w = float((layer.weight.grad.numpy() * direction).sum()), layer.weight.numpy().copy()
    at = []
    for step in (1e-2, -1e-2):
        layer.weight.set_value(w + step * direction)
        at.append(squared_gradient_norm(network, x).mean().item())
    # σ 里的 v 当作常数，它的变化是二阶的小量
    assert slope == pytest.approx((at[0] - at[1]) / 2e-2, rel=0.05)
    assert abs(slope) > 1e-3


def trained(steps: int):
    method = tiny_method("sngan", d_steps=1)
    batches = tiny_batches("sngan", method)
    for step in range(1, steps + 1):
        seed_noise(step)
        method.train_step(batches, step)
    return method


def test_after_200_steps_the_largest_singular_values_are_one():
    before = [layer.layer.weight.numpy() for layer in wrapped(trained(0).D)]
    layers = wrapped(trained(200).D)
    for layer, start in zip(layers, before):
        assert 0.97 <= largest(layer.layer) / layer.sigma().item() <= 1.05
        assert np.abs(layer.layer.weight.numpy() - start).max() > 0.01  # 权重真的动了


def test_the_score_climbs_at_most_one_per_unit():
    network = build("mlp")
    network.eval()
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=(500, 3)).astype(np.float32) for _ in range(2))
    with paddle.no_grad():
        rise = network(paddle.to_tensor(a)) - network(paddle.to_tensor(b))
    slopes = np.abs(rise.numpy()[:, 0]) / np.linalg.norm(a - b, axis=1)
    assert 0.05 < slopes.max() <= 1.05


def test_counting_the_parameters_needs_no_weights():
    options = {"name": "mlp", "spectral_norm": True}
    require_room(options, "discriminator", (2,), (1,))
