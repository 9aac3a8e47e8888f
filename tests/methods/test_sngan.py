"""SNGAN：合页损失的数值、没有谱归一化的判别器、u 随检查点走。"""

import numpy as np
import paddle
import pytest
from helpers import MLP as MLP_OPTIONS
from helpers import seed_noise, tiny_batches, tiny_method

from paddle_gan.errors import UserError
from paddle_gan.methods.sngan import SNGAN
from paddle_gan.networks.mlp import MLP
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.checkpoint import Progress, load_checkpoint, save_checkpoint
from paddle_gan.run.config import resolve

X = np.array([[0.2, 0.4], [-3.0, 1.5], [0.25, -4.0], [9.0, 1.0]], np.float32)


def toy() -> SNGAN:
    """D 的权重是 (3, 4)，σ = 5，所以 D(x) = (0.6, 0.8)·x + 0.25。"""
    paddle.seed(0)
    networks = {"G": MLP((3,), (2,), depth=0), "D": MLP((2,), (1,), depth=0, spectral_norm=True)}
    layer = networks["D"].layers[0].layer
    layer.weight.set_value(np.array([[3.0], [4.0]], np.float32))
    layer.bias.set_value(np.array([0.25], np.float32))
    return SNGAN(networks, SNGAN.Hparams(z_dim=3))


def score(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float64) @ [0.6, 0.8] + 0.25


def generated(method) -> np.ndarray:
    seed_noise()
    with paddle.no_grad():
        fake = method.G(method.noise(len(X))).numpy()
    seed_noise()
    return fake


def test_both_losses_are_the_hinge_of_the_normalised_score():
    method = toy()
    real, fake = score(X), score(generated(method))
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    expected = np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean()
    assert loss.item() == pytest.approx(expected, rel=1e-4)
    assert logs["score/real"].item() == pytest.approx(real.mean(), rel=1e-4)
    assert logs["score/fake"].item() == pytest.approx(fake.mean(), rel=1e-4)
    assert (real > 1).any() and (real < 1).any()  # 两边都有：夹住的与没有夹住的
    seed_noise()
    loss, logs = method.generator_loss(len(X))
    assert loss.item() == logs["loss/G"].item() == pytest.approx(-fake.mean(), rel=1e-4)


def test_a_sample_past_the_margin_pulls_no_more(monkeypatch):
    method = toy()
    layer = method.D.layers[0].layer
    far = paddle.to_tensor(np.full((4, 2), 50.0, np.float32))
    monkeypatch.setattr(method, "fakes", lambda n: paddle.full([n, 2], -50.0))
    loss, _ = method.discriminator_loss(far)
    loss.backward()
    assert loss.item() == 0 and np.abs(layer.weight.grad.numpy()).max() == 0


def test_a_discriminator_without_spectral_normalisation_is_refused_with_the_lever():
    with pytest.raises(UserError, match="network.discriminator.spectral_norm: true"):
        SNGAN({"G": MLP((3,), (2,)), "D": MLP((2,), (1,))}, SNGAN.Hparams(z_dim=3))


def test_the_defaults_are_those_of_the_paper():
    h = SNGAN.Hparams()
    assert (h.d_steps, h.beta1, h.beta2, h.lr_D, h.lr_G) == (5, 0.0, 0.9, 2e-4, 2e-4)


def test_the_generator_step_does_not_iterate():
    method = tiny_method("sngan")
    before = {k: u.numpy().copy() for k, u in method.D.named_buffers()}
    method.generator_step(4)
    assert all(np.array_equal(u, dict(method.D.named_buffers())[k]) for k, u in before.items())
    method.discriminator_step(*next(tiny_batches("sngan", method)))
    moved = [k for k, u in method.D.named_buffers() if not np.array_equal(u, before[k])]
    assert len(moved) >= 2


def test_u_travels_with_the_checkpoint(tmp_path):
    method, other = tiny_method("sngan"), tiny_method("sngan", seed=1)
    for step in (1, 2):
        method.train_step(tiny_batches("sngan", method), step)
    save_checkpoint(tmp_path / "a.safetensors", method, Progress(2))
    load_checkpoint(tmp_path / "a.safetensors", other)
    saved, loaded = dict(method.D.named_buffers()), dict(other.D.named_buffers())
    assert len(saved) == 3
    assert all(np.array_equal(saved[k].numpy(), loaded[k].numpy()) for k in saved)


def test_it_trains_with_an_mlp_too():
    raw = {
        "method": "sngan",
        "network": {
            "generator": MLP_OPTIONS,
            "discriminator": MLP_OPTIONS | {"spectral_norm": True},
        },
        "data": {"name": "ring"},
        "batch_size": 4,
        "total_steps": 20,
    }
    method = build_method(resolve(raw), Shapes((2,), None))
    assert len(dict(method.D.named_buffers())) == 2
