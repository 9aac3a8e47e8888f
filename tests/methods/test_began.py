"""BEGAN：能量、k 的走法与界、M 的数值；k 随检查点走；M 看不见崩溃。"""

import numpy as np
import paddle
import pytest
from helpers import gradient_left, seed_noise, tiny_batches, tiny_method, values

from paddle_gan.errors import UserError
from paddle_gan.methods.began import BEGAN
from paddle_gan.networks.mlp import MLP
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve
from paddle_gan.run.options import validate_options

# 奇数个：绝对值的导数是 ±1，偶数个可能正好抵消
X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0], [0.5, -0.5]], np.float32)


def toy(depth: int = 0, **hparams) -> BEGAN:
    """每个网络都是一个全连接层（depth = 0），方便手算。"""
    paddle.seed(0)
    h = BEGAN.Hparams(z_dim=3, code=3, **hparams)
    shapes = BEGAN.shapes(h, (2,), None)
    return BEGAN({letter: MLP(*ends, depth=depth) for letter, ends in shapes.items()}, h)


def linear(network, x: np.ndarray) -> np.ndarray:
    w, b = (v.astype(np.float64) for v in values(network).values())
    return x @ w + b


def energy(method: BEGAN, x: np.ndarray) -> float:
    """L(x)：逐个数加起来，除以个数。"""
    back = linear(method.Dec, linear(method.Enc, x))
    return sum(abs(a - b) for a, b in zip(back.flat, x.flat)) / x.size


def made(method: BEGAN) -> np.ndarray:
    """把噪声拨回原处之后，下一步要用的 G(z)，手算。"""
    seed_noise()
    z = method.noise(len(X)).numpy()
    seed_noise()
    return linear(method.G, z)


# 数值


def test_the_energy_is_the_mean_absolute_error_per_pixel():
    method = toy()
    assert method.energy(paddle.to_tensor(X)).item() == pytest.approx(energy(method, X), rel=1e-5)
    images = tiny_method("began")
    images.Enc, images.Dec = (lambda x: x), (lambda h: h + 2.0)
    # 每个像素差 2，与图有多大、一批几张无关：不是相加，不是平方
    for shape in ([2, 1, 3, 4], [5, 3, 8, 8]):
        assert images.energy(paddle.zeros(shape)).item() == pytest.approx(2.0)


@pytest.mark.parametrize("k", [0.0, 0.3, 1.0])
def test_d_lowers_real_energy_and_lifts_fake_energy_by_k(k):
    method = toy(k_start=k)
    real, fake = energy(method, X), energy(method, made(method))
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    assert loss.item() == pytest.approx(real - k * fake, rel=1e-5)
    assert logs["loss/D"].item() == loss.item()
    assert logs["energy/real"].item() == pytest.approx(real, rel=1e-5)


def test_g_lowers_the_energy_of_what_it_makes_and_k_does_not_enter():
    for k in (0.0, 0.7):
        method = toy(k_start=k)
        expected = energy(method, made(method))
        loss, logs = method.generator_loss(len(X))
        assert loss.item() == pytest.approx(expected, rel=1e-5)
        assert logs["loss/G"].item() == logs["energy/fake"].item() == loss.item()


@pytest.mark.parametrize(
    ("real", "fake", "k", "after"),
    [
        (1.0, 0.2, 0.5, 0.53),  # 太容易还原：0.5 + 0.1·(0.5·1 − 0.2)
        (1.0, 0.9, 0.5, 0.46),  # 太难还原
        (1.0, 0.5, 0.5, 0.5),  # 正好平衡
        (1.0, 0.9, 0.01, 0.0),  # 裁在 0
        (9.0, 0.5, 0.9, 1.0),  # 裁在 1
    ],
)
def test_k_follows_the_balance_and_stays_between_zero_and_one(real, fake, k, after):
    method = toy(k_start=k, gamma=0.5, lambda_k=0.1)
    logs = method.balance(paddle.to_tensor(real), paddle.to_tensor(fake))
    assert method.k.item() == logs["balance/k"].item() == pytest.approx(after, abs=1e-6)
    # M = L(x) + |γ·L(x) − L(G(z))|
    assert logs["balance/M"].item() == pytest.approx(real + abs(0.5 * real - fake), rel=1e-6)


def test_a_step_uses_the_old_k_and_leaves_the_new_one():
    method = tiny_method("began", k_start=0.4, d_steps=1)
    logs = method.train_step(tiny_batches("began", method), 1)
    # 记下的 k 是更新之后的：k + λ_k·(γ·L(x) − L(G(z_G)))，用的正是记下的两个能量
    moved = 0.1 * (0.5 * logs["energy/real"].item() - logs["energy/fake"].item())
    assert logs["balance/k"].item() == pytest.approx(0.4 + moved, rel=1e-5)
    assert method.k.item() == logs["balance/k"].item() and method.k.stop_gradient


def test_without_lambda_k_stays():
    method = tiny_method("began", lambda_k=0.0, k_start=0.25)
    batches = tiny_batches("began", method)
    for step in (1, 2, 3):
        method.train_step(batches, step)
    assert method.k.item() == 0.25


def test_the_defaults_are_those_of_the_paper():
    h = BEGAN.Hparams()
    assert (h.gamma, h.lambda_k, h.k_start, h.noise) == (0.5, 1e-3, 0.0, "uniform")
    with pytest.raises(UserError, match="hparams.gamma 要不大于 1，现在是 2"):
        validate_options(BEGAN.Hparams, {"gamma": 2}, "hparams")


# k 是训练的状态


def test_k_travels_with_the_state():
    method, other = tiny_method("began", k_start=0.4), tiny_method("began")
    other.load_state(method.state())
    assert other.k.item() == pytest.approx(0.4)
    other.balance(paddle.to_tensor(1.0), paddle.to_tensor(0.0))
    assert method.k.item() == pytest.approx(0.4) and other.k.item() > 0.4  # 各有各的


# 梯度


def test_g_gets_the_whole_gradient_through_the_reconstruction_and_the_sample():
    method = toy()
    made(method)
    method.generator_loss(len(X))[0].backward()
    gradient = method.G.layers[0].bias.grad.numpy()
    bias, step = method.G.layers[0].bias.numpy(), 1e-4
    for i in range(2):
        ends = []
        for sign in (1, -1):
            method.G.layers[0].bias.set_value(bias + sign * step * np.eye(2, dtype="float32")[i])
            ends.append(energy(method, made(method)))
        assert gradient[i] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-2, abs=1e-3)


def test_d_sees_fakes_only_when_k_is_not_zero_and_g_feels_nothing_of_it():
    gradients = []
    for k in (0.0, 1.0):
        method = toy(k_start=k)
        made(method)
        method.discriminator_loss(paddle.to_tensor(X))[0].backward()
        gradients.append(method.Dec.layers[0].weight.grad.numpy())
        assert gradient_left(method.G) == 0
    assert np.abs(gradients[0] - gradients[1]).max() > 0.1


# 崩溃了 M 照样低：它只看还原


def test_the_measure_is_the_same_for_one_sample_and_for_many():
    method = toy(gamma=1.0)
    for network, eye in ((method.Enc, np.eye(2, 3)), (method.Dec, np.eye(3, 2))):
        network.layers[0].weight.set_value(eye.astype(np.float32))
        network.layers[0].bias.set_value(np.zeros(eye.shape[1], np.float32))
    one = paddle.to_tensor(np.repeat(X[:1], len(X), axis=0))
    collapsed, varied = (
        method.balance(method.energy(paddle.to_tensor(X)), method.energy(fake))["balance/M"].item()
        for fake in (one, paddle.to_tensor(X))
    )
    assert collapsed == pytest.approx(varied, abs=1e-6)


# 谁在走、推理、卷积


def test_the_encoder_and_the_decoder_are_d():
    method = tiny_method("began")
    assert method.players == {"D": ("Enc", "Dec"), "G": ("G",)}
    assert method.discriminators == ("Enc", "Dec") and method.generators == ("G",)


def test_a_reconstruction_has_no_gradient_and_returns_to_training_mode():
    method = tiny_method("began", network={"batch_norm": True})
    x = next(tiny_batches("began", method)).x
    back = method.reconstruct(x)
    assert back.shape == x.shape and back.stop_gradient
    assert method.reconstruct(x[:1]).numpy() == pytest.approx(back[:1].numpy(), abs=1e-5)
    assert method.Enc.training and method.Dec.training


def test_it_trains_on_images_with_convolutions():
    dcgan = {"width": 4, "depth": 2}
    network = {
        "generator": {"name": "dcgan_generator", **dcgan},
        "encoder": {"name": "dcgan_discriminator", **dcgan},
        "decoder": {"name": "dcgan_generator", **dcgan},
    }
    raw = {"method": "began", "network": network, "data": {"name": "ring"}}
    config = resolve(raw | {"batch_size": 4, "total_steps": 20})
    method = build_method(config, Shapes((1, 8, 8)))
    logs = method.discriminator_step(paddle.rand([4, 1, 8, 8])) | method.generator_step(4)
    assert all(np.isfinite(value.item()) for value in logs.values())
