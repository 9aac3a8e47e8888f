"""Unrolled GAN：虚拟更新的数值、穿过更新的梯度、D 原样不动。"""

from dataclasses import replace

import numpy as np
import paddle
import pytest
from helpers import seed_noise, tiny_method, values

from paddle_gan.data import Images, Ring
from paddle_gan.losses import discriminator_cross_entropy
from paddle_gan.methods.unrolled import Unrolled
from paddle_gan.networks.dcgan import DCGANDiscriminator
from paddle_gan.networks.mlp import MLP

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0]])
RATE = 0.7


def toy(D=None, x_shape=(2,), **hparams) -> Unrolled:
    """G、D 都是一个全连接层（D 也可以另给）。"""
    paddle.seed(0)
    networks = {"G": MLP((3,), x_shape, depth=0), "D": D or MLP(x_shape, (1,), depth=0)}
    return Unrolled(networks, Unrolled.Hparams(**{"z_dim": 3, "unroll_lr": RATE} | hparams))


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def walk(w: np.ndarray, b: np.ndarray, fake: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """线性的 D 在 L_D 上走 k 步梯度下降，手算。"""
    for _ in range(k):
        d_real = -(1 - sigmoid(X @ w + b)) / len(X)  # ∂L_D/∂logit
        d_fake = sigmoid(fake @ w + b) / len(X)
        gradient = X.T @ d_real + fake.T @ d_fake
        w, b = w - RATE * gradient, b - RATE * (d_real + d_fake).sum(axis=0)
    return w, b


def surrogate(w, b, fake) -> float:
    """f = E[log D(x)] + E[log(1 − D(G(z)))]"""
    return float(-np.logaddexp(0, -(X @ w + b)).mean() - np.logaddexp(0, fake @ w + b).mean())


def parts(method):
    """z 与 G、D 的参数；噪声随后拨回原处。"""
    seed_noise()
    z = method.noise(len(X)).numpy()
    seed_noise()
    return z, *values(method.G).values(), *values(method.D).values()


@pytest.mark.parametrize("k", [0, 1, 3])
def test_the_generator_loss_is_the_value_against_a_discriminator_k_steps_ahead(float64, k):
    method = toy(unroll=k)
    z, W, c, w, b = parts(method)
    fake = z @ W + c
    loss, logs = method.generator_loss(paddle.to_tensor(X))
    assert loss.item() == pytest.approx(surrogate(*walk(w, b, fake, k), fake), rel=1e-9)
    assert logs["loss/G"].item() == loss.item()
    if k:
        assert abs(loss.item() - surrogate(w, b, fake)) > 0.05  # 不展开就是另一个数


def slope(value, W: np.ndarray) -> np.ndarray:
    """value(W) 的中心差分。"""
    numeric, h = np.zeros_like(W), 1e-6
    for index in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[index] = h
        numeric[index] = (value(W + step) - value(W - step)) / (2 * h)
    return numeric


@pytest.mark.parametrize("k", [1, 3])
def test_the_gradient_passes_through_the_virtual_updates(float64, k):
    method = toy(unroll=k)
    z, W, c, w, b = parts(method)
    full = slope(lambda W: surrogate(*walk(w, b, z @ W + c, k), z @ W + c), W)
    ahead = walk(w, b, z @ W + c, k)  # 当作常数的 θ_D^k
    first_order = slope(lambda W: surrogate(*ahead, z @ W + c), W)

    method.generator_loss(paddle.to_tensor(X))[0].backward()
    assert method.G.layers[0].weight.grad.numpy() == pytest.approx(full, rel=1e-6, abs=1e-8)
    assert np.linalg.norm(full - first_order) > 0.1 * np.linalg.norm(full)

    method = toy(unroll=k, through_updates=False)
    parts(method)
    method.generator_loss(paddle.to_tensor(X))[0].backward()
    grad = method.G.layers[0].weight.grad.numpy()
    assert grad == pytest.approx(first_order, rel=1e-6, abs=1e-8)


def conv_D(**more):
    init = {"norm": "none", "init": "he_normal"}
    return DCGANDiscriminator((1, 8, 8), (1,), width=2, depth=2, **init | more)


@pytest.mark.parametrize("rate", [RATE, 0.0], ids=["descent", "adam"])
@pytest.mark.parametrize(
    ("D", "shape"),
    [
        (lambda: MLP((2,), (1,), width=8, activation="leaky_relu"), (2,)),
        (lambda: MLP((2,), (1,), width=8, activation="tanh", batch_norm=True), (2,)),
        (conv_D, (1, 8, 8)),
        (lambda: MLP((2,), (1,), width=8, activation="tanh", spectral_norm=True), (2,)),
        (lambda: conv_D(spectral_norm=True), (1, 8, 8)),
    ],
    ids=["mlp", "batch_norm", "conv", "spectral_norm", "spectral_conv"],
)
def test_the_gradient_agrees_with_finite_differences_for_real_networks(float64, D, shape, rate):
    paddle.seed(3)
    # 三步：第二步起，权重是 G 的函数，谱归一化的 v 也就是
    method = toy(D(), shape, unroll=3, unroll_lr=rate, lr_D=0.05)
    x = paddle.to_tensor(np.random.default_rng(0).normal(size=(4, *shape)))
    for _ in range(2):  # Adam 的两个矩不是 0
        method.discriminator_step(x)
    weight = method.G.layers[0].weight
    start = weight.numpy()

    def loss(first_row: np.ndarray) -> float:
        weight.set_value(np.concatenate([first_row, start[1:]]))
        seed_noise()
        return method.generator_loss(x)[0].item()

    numeric = slope(loss, start[:1])
    loss(start[:1])
    seed_noise()
    method.generator_loss(x)[0].backward()
    assert np.linalg.norm(numeric) > 1e-3
    assert weight.grad.numpy()[:1] == pytest.approx(numeric, rel=1e-4, abs=1e-8)


def everything(network) -> bytes:
    """权重与 BN 的累计统计量的全部字节。"""
    return b"".join(v.numpy().tobytes() for v in network.state_dict().values())


def test_the_virtual_discriminator_scores_as_d_does_whatever_d_keeps_beside_its_weights():
    paddle.seed(1)
    method = toy(MLP((2,), (1,), width=8, spectral_norm=True), unroll=0)
    x = paddle.to_tensor(X.astype(np.float32))
    for _ in range(30):  # 谱归一化的 u 跟着权重走
        method.discriminator_step(x)
    seed_noise()
    loss = method.generator_loss(x)[0].item()
    seed_noise()
    method.D.eval()
    real, fake = method.D(x), method.D(method.G(method.noise(len(X))))
    assert loss == pytest.approx(-discriminator_cross_entropy(real, fake).item(), rel=1e-5)


@pytest.mark.parametrize("unroll", [0, 2])
def test_what_d_keeps_is_copied_at_every_step_not_only_at_the_first(unroll):
    paddle.seed(1)
    method = toy(MLP((2,), (1,), width=8, spectral_norm=True), unroll=unroll, unroll_lr=0)
    x = paddle.to_tensor(X.astype(np.float32))
    kept = [(name, v.shape) for name, v in method.D.named_buffers()]
    assert kept and len({tuple(shape) for _, shape in kept}) > 1
    for _ in range(3):  # 第一步换上去的权重，飞桨也登记成 buffer
        method.discriminator_step(x)
        seed_noise()
        loss = method.generator_step(x)["loss/G"].item()
    assert [(name, v.shape) for name, v in method.D.named_buffers()] == kept
    method.virtual_D.eval()  # u 不再变
    method.discriminator_step(x)
    method.generator_step(x)
    virtual = dict(method.virtual_D.named_buffers())
    assert all((virtual[name] == v).all() for name, v in method.D.named_buffers())
    assert np.isfinite(loss)


def remembered(method) -> list[bytes]:
    """D 的 Adam 记着的全部字节。"""
    return [v.numpy().tobytes() for v in method.optimizers["D"].state_dict().values()]


@pytest.mark.parametrize("rate", [RATE, 0.0], ids=["descent", "adam"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_a_generator_step_leaves_every_byte_of_d_as_it_was(batch_norm, rate):
    D = MLP((2,), (1,), width=8, batch_norm=batch_norm)
    method = toy(D, unroll=3, lr_G=0.1, unroll_lr=rate)
    method.discriminator_step(paddle.to_tensor(X.astype(np.float32)))
    before, g_before, moments = everything(method.D), everything(method.G), remembered(method)
    parameters = [(p.name, p.stop_gradient) for p in method.D.parameters()]
    method.generator_step(paddle.to_tensor(X.astype(np.float32)))
    assert everything(method.D) == before and remembered(method) == moments != []
    assert everything(method.G) != g_before
    assert [(p.name, p.stop_gradient) for p in method.D.parameters()] == parameters


def test_the_virtual_steps_start_from_d_as_it_is_now():
    method = toy(unroll=1)
    x = paddle.to_tensor(X.astype(np.float32))
    for _ in range(3):  # 上一次的虚拟权重不许留下痕迹
        method.discriminator_step(x)
        z, W, c, w, b = (v.astype(np.float64) for v in parts(method))
        fake = z @ W + c
        expected = surrogate(*walk(w, b, fake, 1), fake)
        assert method.generator_step(x)["loss/G"].item() == pytest.approx(expected, rel=1e-5)


def losses_of_the_virtual_steps(method, x, fake, k: int) -> list[float]:
    """虚拟的 D 走 0、1、…、k 步之后的 L_D。"""
    D, weights, state, losses = method.virtual_D, method.weights_now(), method.state_now(), []
    for _ in range(k + 1):
        method.substitute(weights)
        losses.append(discriminator_cross_entropy(D(x), D(fake)).item())
        weights, state = method.virtual_step(x, fake, weights, state)
    return losses


@pytest.mark.parametrize("seed", range(3))
def test_every_virtual_step_of_a_short_length_makes_d_better(seed):
    paddle.seed(seed)
    D = MLP((2,), (1,), width=128, depth=2, activation="tanh")  # 作者的演示代码的 D
    method = Unrolled({"G": MLP((3,), (2,)), "D": D}, Unrolled.Hparams(z_dim=3, unroll_lr=0.01))
    rng = np.random.default_rng(seed)
    x, fake = (paddle.to_tensor(Ring().sample(64, rng), stop_gradient=False) for _ in range(2))
    losses = losses_of_the_virtual_steps(method, x, fake, 5)
    assert all(np.diff(losses) < 0)

    method.hparams = replace(method.hparams, unroll_lr=0.1)  # 步子大了，头一步就走过了头
    losses = losses_of_the_virtual_steps(method, x, fake, 1)
    assert losses[1] > losses[0]


def test_one_generator_step_lowers_the_unrolled_value_of_the_same_noise():
    method = tiny_method("unrolled", unroll=5, lr_G=2e-3)
    x = paddle.to_tensor(X.astype(np.float32))
    for _ in range(20):  # 先让 D 有主见
        method.discriminator_step(x)
    seed_noise()
    before = method.generator_step(x)["loss/G"].item()
    seed_noise()
    assert method.generator_loss(x)[0].item() < before - 1e-4


@pytest.mark.parametrize("k", [0, 1, 5])
def test_each_generator_step_runs_the_virtual_discriminator_k_plus_one_times(k, monkeypatch):
    method = tiny_method("unrolled", unroll=k)
    calls, forward = [], method.virtual_D.forward
    monkeypatch.setattr(method.virtual_D, "forward", lambda x: calls.append(1) or forward(x))
    method.generator_step(paddle.to_tensor(X.astype(np.float32)))
    assert len(calls) == 2 * (k + 1)  # 真、假各一次


def test_the_real_batch_of_the_d_update_is_reused_for_the_virtual_updates(monkeypatch):
    method, seen = tiny_method("unrolled"), []
    for player in ("discriminator_loss", "generator_loss"):
        original = getattr(method, player)
        monkeypatch.setattr(
            method, player, lambda x, f=original: seen.append(x.numpy().tobytes()) or f(x)
        )
    batch = Images(paddle.to_tensor(X.astype(np.float32)))
    method.train_step(iter([batch]), 1)
    assert len(seen) == 2 and seen[0] == seen[1]


def test_the_defaults_are_those_of_the_authors_demo():
    h = Unrolled.Hparams()
    assert (h.unroll, h.lr_D, h.lr_G, h.beta1, h.z_dim) == (5, 1e-4, 1e-3, 0.5, 256)
    assert h.through_updates and h.unroll_lr == 0  # 虚拟的一步走 Adam


def adam_walk(weights: list, gradient, states: list, steps: int, rate: float) -> list:
    """几个数组照 Adam 走几步，手算（β₁ = 0.5，β₂ = 0.999，ε = 1e-8）；states 是（m, v, t）。"""
    for _ in range(steps):
        gradients = gradient(*weights)
        for i, (g, (m, v, t)) in enumerate(zip(gradients, states)):
            m, v, t = 0.5 * m + 0.5 * g, 0.999 * v + 0.001 * g * g, t + 1
            states[i] = m, v, t
            m_hat, v_hat = m / (1 - 0.5**t), v / (1 - 0.999**t)
            weights[i] = weights[i] - rate * m_hat / (np.sqrt(v_hat) + 1e-8)
    return weights


@pytest.mark.parametrize("taken", [0, 3])
def test_a_virtual_adam_goes_on_from_the_moments_of_d_at_its_rate(float64, taken):
    method = toy(unroll=3, unroll_lr=0, lr_D=0.05)
    z, W, c, w, b = parts(method)
    fake, x = z @ W + c, paddle.to_tensor(X)

    def gradient(w, b):
        d_real = -(1 - sigmoid(X @ w + b)) / len(X)
        d_fake = sigmoid(fake @ w + b) / len(X)
        return X.T @ d_real + fake.T @ d_fake, (d_real + d_fake).sum(axis=0)

    states = [(np.zeros_like(one), np.zeros_like(one), 0) for one in (w, b)]
    for _ in range(taken):  # 真的 D 用同样的样本走几步
        seed_noise()
        method.discriminator_step(x)
    w, b = adam_walk([w, b], gradient, states, taken, 0.05)
    assert values(method.D)["layers.0.weight"] == pytest.approx(w, rel=1e-6)
    method.optimizers["D"].set_lr(0.02)  # 学习率降下来，虚拟的也跟着降
    ahead = adam_walk([w, b], gradient, states, 3, 0.02)
    seed_noise()
    loss = method.generator_loss(x)[0].item()
    assert loss == pytest.approx(surrogate(*ahead, fake), rel=1e-6)
    assert abs(loss - surrogate(w, b, fake)) > 1e-3
