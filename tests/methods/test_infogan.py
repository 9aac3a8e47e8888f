"""InfoGAN：L_I 的数值与符号、两方都加、连续编码不过 softmax；编码的位置。"""

import math

import numpy as np
import paddle
import pytest
from helpers import seed_noise, tiny_method, values

from paddle_gan.errors import UserError
from paddle_gan.methods.infogan import InfoGAN
from paddle_gan.networks.mlp import MLP
from paddle_gan.run.options import validate_options

K, C, Z = 3, 2, 5
X = np.array([[0.2, 0.4], [-3.0, 1.5], [0.25, -4.0], [2.0, 1.0]], np.float32)


def toy(**hparams) -> InfoGAN:
    paddle.seed(0)
    h = InfoGAN.Hparams(z_dim=Z, categories=K, continuous=C, **hparams)
    shapes = InfoGAN.shapes(h, (2,), None)
    return InfoGAN({a: MLP(*shapes[a], depth=0) for a in "GD"}, h)


def test_a_code_of_one_category_is_no_code():
    with pytest.raises(UserError, match="hparams.categories 要不小于 2，现在是 1"):
        validate_options(InfoGAN.Hparams, {"categories": 1}, "hparams")
    assert validate_options(InfoGAN.Hparams, {"categories": 2}, "hparams")["categories"] == 2


def linear(network, x: np.ndarray) -> np.ndarray:
    w, b = (v.astype(np.float64) for v in values(network).values())
    return x @ w + b


def drawn(method: InfoGAN) -> np.ndarray:
    """下一步要用的潜变量 [z, c, 独热]。"""
    seed_noise()
    z = method.noise(len(X)).numpy()
    seed_noise()
    return z


def information(output: np.ndarray, z: np.ndarray) -> tuple[float, float]:
    """手算：log K + E[log Q(c)] 与 ½·E[Σ(c − μ)²]。"""
    logits, mu = output[:, 1 : 1 + K], output[:, 1 + K :]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    q = p[np.arange(len(z)), z[:, Z:].argmax(axis=1)]
    missed = 0.5 * ((z[:, Z - C : Z] - mu) ** 2).sum(axis=1).mean()
    return math.log(K) + np.log(q).mean(), missed


def softplus(a):
    return np.log1p(np.exp(a))


def test_both_losses_subtract_the_same_information():
    method = toy(info=0.7)
    z = drawn(method)
    real, output = linear(method.D, X)[:, 0], linear(method.D, linear(method.G, z))
    categorical, missed = information(output, z)
    gained = 0.7 * (categorical - missed)
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    source = softplus(-real).mean() + softplus(output[:, 0]).mean()
    assert loss.item() == pytest.approx(source - gained, rel=1e-4)
    assert logs["info/categorical"].item() == pytest.approx(categorical, rel=1e-4)
    assert logs["loss/code"].item() == pytest.approx(missed, rel=1e-4)
    seed_noise()
    loss, _ = method.generator_loss(len(X))
    assert loss.item() == pytest.approx(softplus(-output[:, 0]).mean() - gained, rel=1e-4)


def test_perfect_codes_reach_the_ceiling_and_ignored_ones_are_at_zero():
    method = toy()
    z = method.noise(600)
    labels, c = method.class_of(z).numpy(), z.numpy()[:, Z - C : Z]
    sure = np.concatenate([np.zeros((600, 1)), 50.0 * np.eye(K)[labels], c], axis=1)
    _, logs = method.information(paddle.to_tensor(sure, "float32"), z)
    assert logs["info/categorical"].item() == pytest.approx(math.log(K), abs=1e-5)
    assert logs["loss/code"].item() == pytest.approx(0, abs=1e-8)
    _, logs = method.information(paddle.zeros([600, 1 + K + C]), z)
    assert logs["info/categorical"].item() == pytest.approx(0, abs=1e-5)
    assert logs["loss/code"].item() == pytest.approx(C / 6, rel=0.1)  # c ~ U(−1, 1)


def test_a_mean_beyond_one_is_possible_so_no_squashing_is_applied():
    method = toy()
    z = method.noise(8)
    far = paddle.full([8, 1 + K + C], 3.0)
    _, logs = method.information(far, z)
    expected = 0.5 * ((z.numpy()[:, Z - C : Z] - 3.0) ** 2).sum(axis=1).mean()
    assert logs["loss/code"].item() == pytest.approx(expected, rel=1e-5)


def test_one_step_of_either_player_raises_the_information_on_the_same_noise():
    for player in "DG":
        method = tiny_method("infogan", lr_D=2e-3, lr_G=2e-3, info=100.0)
        x = paddle.zeros([16, 1, 8, 8])

        def gained(method=method, x=x):
            seed_noise()
            _, logs = method.discriminator_loss(x)
            return logs["info/categorical"].item() - logs["loss/code"].item()

        before = gained()
        seed_noise()
        method.update(player, x if player == "D" else 16)
        assert gained() > before + 1e-4, player


def test_the_codes_are_the_end_of_the_latent_and_more_codes_than_z_is_refused():
    method = toy()
    assert method.noise(4).shape == [4, Z + K] and method.classes() == K
    with pytest.raises(UserError, match="hparams.continuous 是 9"):
        InfoGAN.shapes(InfoGAN.Hparams(z_dim=4, continuous=9), (2,), None)


def test_the_defaults_are_those_of_the_authors_code():
    h = InfoGAN.Hparams()
    assert (h.z_dim - h.continuous, h.categories, h.continuous, h.info) == (62, 10, 2, 1)
    assert (h.lr_D, h.lr_G, h.beta1, h.noise) == (2e-4, 1e-3, 0.5, "uniform")
