"""GAN 与 DCGAN：损失的数值、更新的次数与次序。"""

import dataclasses

import numpy as np
import paddle
import pytest
from helpers import seed_noise, tiny_batches, tiny_method, values

from paddle_gan.methods.dcgan import DCGAN
from paddle_gan.methods.gan import GAN
from paddle_gan.networks.mlp import MLP


def log_sigmoid(a: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0.0, -a)


def toy(cls, **hparams):
    """G、D 都是一个全连接层的方法，方便手算。"""
    h = cls.Hparams(z_dim=3, **hparams)
    paddle.seed(0)
    networks = {"G": MLP((3,), (2,), depth=0), "D": MLP((2,), (1,), depth=0)}
    return cls(networks, h)


def linear(network, x: np.ndarray) -> np.ndarray:
    w, b = values(network).values()
    return x @ w.astype(np.float64) + b


X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0]])


def play(method):
    """一批真样本、手算的生成样本，以及各自的 logit。"""
    seed_noise()
    z = method.noise(len(X)).numpy()
    seed_noise()
    fake = linear(method.G, z)
    return paddle.to_tensor(X.astype(np.float32)), linear(method.D, X), linear(method.D, fake)


@pytest.mark.parametrize("cls", [GAN, DCGAN])
def test_the_discriminator_loss_and_probabilities_match_the_formula(cls):
    method = toy(cls)
    x, real, fake = play(method)
    loss, logs = method.discriminator_loss(x)
    expected = -log_sigmoid(real).mean() - log_sigmoid(-fake).mean()
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/D"].item() == pytest.approx(expected, rel=1e-5)
    assert logs["prob/real"].item() == pytest.approx((1 / (1 + np.exp(-real))).mean(), rel=1e-5)
    assert logs["prob/fake"].item() == pytest.approx((1 / (1 + np.exp(-fake))).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("cls", "hparams", "expected"),
    [
        (DCGAN, {}, lambda a: -log_sigmoid(a).mean()),
        (GAN, {}, lambda a: -log_sigmoid(a).mean()),
        # log(1 − σ(a)) = log σ(−a)
        (GAN, {"generator_loss": "saturating"}, lambda a: log_sigmoid(-a).mean()),
    ],
    ids=["dcgan", "gan", "saturating"],
)
def test_the_generator_loss_matches_the_formula(cls, hparams, expected):
    method = toy(cls, **hparams)
    _, _, fake = play(method)
    loss, logs = method.generator_loss(len(X))
    assert loss.item() == pytest.approx(expected(fake), rel=1e-5)
    assert logs["loss/G"].item() == pytest.approx(expected(fake), rel=1e-5)


def test_the_default_generator_loss_is_the_non_saturating_one():
    assert GAN.Hparams().generator_loss == "non_saturating"


@pytest.mark.parametrize("name", ["gan", "dcgan"])
@pytest.mark.parametrize(("d_steps", "g_steps"), [(1, 1), (3, 1), (1, 2), (2, 3)])
def test_each_step_updates_d_then_g_as_often_as_asked_with_a_fresh_batch_per_d_update(
    name, d_steps, g_steps, monkeypatch
):
    method = tiny_method(name, d_steps=d_steps, g_steps=g_steps)
    order, seen = [], []
    discriminator_loss, generator_loss = method.discriminator_loss, method.generator_loss

    def record_d(x):
        order.append("D")
        seen.append(x.numpy().tobytes())
        return discriminator_loss(x)

    def record_g(n):
        order.append("G")
        assert n == 4
        return generator_loss(n)

    monkeypatch.setattr(method, "discriminator_loss", record_d)
    monkeypatch.setattr(method, "generator_loss", record_g)
    batches = tiny_batches(name, method)
    method.train_step(batches, 1)

    assert order == ["D"] * d_steps + ["G"] * g_steps
    assert batches.position == d_steps
    fresh = tiny_batches(name, method)
    assert seen == [next(fresh).x.numpy().tobytes() for _ in range(d_steps)]
    assert len(set(seen)) == d_steps


@pytest.mark.parametrize("name", ["gan", "dcgan"])
def test_every_d_update_and_every_g_update_draws_new_noise(name, monkeypatch):
    method = tiny_method(name, d_steps=2, g_steps=2)
    noise, drawn = method.noise, []

    def record(n):
        z = noise(n)
        drawn.append(z.numpy().tobytes())
        return z

    monkeypatch.setattr(method, "noise", record)
    method.train_step(tiny_batches(name, method), 1)
    assert len(drawn) == len(set(drawn)) == 4


def test_the_dcgan_defaults_are_the_papers():
    defaults = dataclasses.asdict(DCGAN.Hparams())
    assert defaults == {
        "z_dim": 100,
        "noise": "uniform",
        "d_steps": 1,
        "g_steps": 1,
        "lr_D": 2e-4,
        "lr_G": 2e-4,
        "beta1": 0.5,
        "beta2": 0.999,
    }


@pytest.mark.parametrize("cls", [GAN, DCGAN])
def test_one_adam_step_moves_d_by_its_own_rate_along_the_hand_computed_gradient(cls):
    method = toy(cls, lr_D=0.01, lr_G=0.5, beta1=0.6, beta2=0.9)
    x, real, fake = play(method)
    seed_noise()
    z = method.noise(len(X)).numpy()
    generated = linear(method.G, z)
    w, b = (v.astype(np.float64) for v in values(method.D).values())

    # ∂L/∂logit：真样本 −(1 − σ)/N，生成样本 σ/N
    d_real = -(1 - 1 / (1 + np.exp(-real))) / len(X)
    d_fake = 1 / (1 + np.exp(-fake)) / len(X)
    grad_w = X.T @ d_real + generated.T @ d_fake
    grad_b = (d_real + d_fake).sum(axis=0)

    seed_noise()
    method.discriminator_step(x)
    moved = values(method.D)
    for before, after, grad in zip((w, b), moved.values(), (grad_w, grad_b)):
        # 第一步：m̂ = g，v̂ = g²，Δ = −lr·g/(|g| + ε)
        expected = before - 0.01 * grad / (np.abs(grad) + 1e-8)
        assert after == pytest.approx(expected, abs=1e-6)
    moments = [
        v.numpy()
        for k, v in method.optimizers["D"].state_dict().items()
        if "moment1" in k and v.numpy().size == 2
    ]
    assert moments[0] == pytest.approx(0.4 * grad_w, rel=1e-4)  # (1 − β₁)·g
