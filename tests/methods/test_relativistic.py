"""Relativistic：两种形式的两个损失（G 的也含真样本）、R₁ 与 R₂、分数平移不变。"""

import numpy as np
import paddle
import pytest
from helpers import DCGAN_D, seed_noise, tiny_batches, tiny_method, values

from paddle_gan.errors import UserError
from paddle_gan.methods.relativistic import Relativistic, averaged, paired
from paddle_gan.networks.mlp import MLP

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0]], np.float32)


def toy(**hparams) -> Relativistic:
    """G、D 都是一个全连接层，方便手算。"""
    paddle.seed(0)
    networks = {"G": MLP((3,), (2,), depth=0), "D": MLP((2,), (1,), depth=0)}
    return Relativistic(networks, Relativistic.Hparams(z_dim=3, **hparams))


def played(method) -> tuple[np.ndarray, np.ndarray]:
    """真样本与下一步要用的生成样本的分数，手算。"""

    def linear(network, x):
        w, b = (v.astype(np.float64) for v in values(network).values())
        return (x @ w + b)[:, :]

    seed_noise()
    z = method.noise(len(X)).numpy()
    seed_noise()
    return linear(method.D, X)[:, 0], linear(method.D, linear(method.G, z))[:, 0]


def minus_log_sigmoid(a) -> float:
    return np.log1p(np.exp(-np.asarray(a))).mean()


def pair(winner, loser) -> float:
    return minus_log_sigmoid(winner - loser)


def average(winner, loser) -> float:
    """½·[BCE(winner − E loser, 1) + BCE(loser − E winner, 0)]"""
    one = minus_log_sigmoid(winner - loser.mean())
    return (one + minus_log_sigmoid(-(loser - winner.mean()))) / 2


@pytest.mark.parametrize(("form", "expected"), [("pair", pair), ("average", average)])
def test_both_losses_match_the_formula_and_the_generators_exchanges_real_and_fake(form, expected):
    method = toy(form=form)
    real, fake = played(method)
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    assert loss.item() == logs["loss/D"].item() == pytest.approx(expected(real, fake), rel=1e-5)
    assert logs["score/real"].item() == pytest.approx(real.mean(), rel=1e-5)
    assert logs["score/fake"].item() == pytest.approx(fake.mean(), rel=1e-5)
    order = (1 / (1 + np.exp(fake - real))).mean()
    assert logs["prob/order"].item() == pytest.approx(order, rel=1e-5)
    seed_noise()
    loss, logs = method.generator_loss(paddle.to_tensor(X))
    assert loss.item() == logs["loss/G"].item() == pytest.approx(expected(fake, real), rel=1e-5)
    assert abs(expected(fake, real) - expected(real, fake)) > 0.1


def test_the_pair_is_one_to_one_and_the_average_is_not():
    a, b = (paddle.to_tensor(np.array(v, np.float32)) for v in ([[0.0], [4.0]], [[4.0], [0.0]]))
    assert paired(a, b).item() == pytest.approx((np.log1p(np.exp(4)) + np.log1p(np.exp(-4))) / 2)
    # 均值都是 2，四个差是 ±2
    middle = (np.log1p(np.exp(2)) + np.log1p(np.exp(-2))) / 2
    assert averaged(a, b).item() == pytest.approx(middle, rel=1e-6)


@pytest.mark.parametrize("form", ["pair", "average"])
def test_the_real_scores_also_decide_how_hard_the_generator_is_pulled(form):
    method = toy(form=form)
    pulls = []
    for shift in (0.0, 3.0):
        x = X + shift * values(method.D)["layers.0.weight"][:, 0]
        seed_noise()
        loss, _ = method.generator_loss(paddle.to_tensor(x.astype(np.float32)))
        loss.backward()
        pulls.append(np.abs(method.G.layers[0].weight.grad.numpy()).sum())
        method.optimizers["G"].clear_grad()
    assert pulls[1] > 1.05 * pulls[0]  # 真样本的分数越高，生成样本离得越远，拉得越用力


@pytest.mark.parametrize("form", ["pair", "average"])
def test_adding_a_constant_to_every_score_changes_nothing(form):
    method, moved = toy(form=form), toy(form=form)
    bias = moved.D.layers[0].bias
    bias.set_value(bias + 7.0)
    for loss in ("discriminator_loss", "generator_loss"):
        seed_noise()
        here = getattr(method, loss)(paddle.to_tensor(X))[0].item()
        seed_noise()
        there = getattr(moved, loss)(paddle.to_tensor(X))[0].item()
        assert there == pytest.approx(here, rel=1e-5)


def test_an_undecided_discriminator_costs_log_two_either_way():
    for form in ("pair", "average"):
        method = toy(form=form)
        method.D.layers[0].weight.set_value(np.zeros((2, 1), np.float32))
        losses = method.discriminator_loss, method.generator_loss
        for loss in losses:
            assert loss(paddle.to_tensor(X))[0].item() == pytest.approx(np.log(2), rel=1e-6)


@pytest.mark.parametrize(("r1", "r2"), [(0.5, 0.0), (0.0, 3.0), (0.5, 3.0)])
def test_the_penalties_are_half_the_squared_slope_on_real_and_on_fake(r1, r2):
    method = toy(gamma_r1=r1, gamma_r2=r2)
    real, fake = played(method)
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    half = (values(method.D)["layers.0.weight"].astype(np.float64) ** 2).sum() / 2
    assert loss.item() == pytest.approx(pair(real, fake) + (r1 + r2) * half, rel=1e-5)
    assert ("loss/r1" in logs, "loss/r2" in logs) == (r1 > 0, r2 > 0)


def test_each_penalty_is_taken_where_its_name_says():
    method, seen = toy(gamma_r1=1.0, gamma_r2=1.0), []

    class Watched(MLP):
        def forward(self, x):
            if not x.stop_gradient:  # 要对它求导的点
                seen.append(x.numpy().copy())
            return super().forward(x)

    method.D = Watched((2,), (1,), depth=0)
    seed_noise()
    fake = method.fakes(4).numpy()
    seed_noise()
    method.discriminator_loss(paddle.to_tensor(X))
    assert len(seen) == 2
    assert np.array_equal(seen[0], X) and seen[1] == pytest.approx(fake, abs=1e-6)


def test_the_generator_looks_at_the_reals_of_the_same_batch(monkeypatch):
    method = tiny_method("relativistic")
    seen = []
    for loss in ("discriminator_loss", "generator_loss"):
        original = getattr(method, loss)

        def record(x, original=original):
            seen.append(x.numpy())
            return original(x)

        monkeypatch.setattr(method, loss, record)
    method.train_step(tiny_batches("relativistic", method), 1)
    assert len(seen) == 2 and np.array_equal(*seen)


def test_batch_norm_is_refused_only_with_a_penalty():
    with pytest.raises(UserError, match="relativistic 的判别器不能有 BN.*norm: none"):
        tiny_method("relativistic", network={"norm": "batch"})
    method = tiny_method("relativistic", network={"norm": "batch"}, gamma_r1=0.0, gamma_r2=0.0)
    assert DCGAN_D["name"] == "dcgan_discriminator"
    assert "loss/r1" not in method.train_step(tiny_batches("relativistic", method), 1)


def test_the_defaults_are_rpgan_without_a_penalty():
    h = Relativistic.Hparams()
    assert (h.form, h.gamma_r1, h.gamma_r2, h.lr_D, h.beta1) == ("pair", 0.0, 0.0, 2e-4, 0.5)
