"""LSGAN：损失的数值、默认的目标、与交叉熵的差别。"""

import numpy as np
import paddle
import pytest
from helpers import DCGAN_D, DCGAN_G, MLP, seed_noise, tiny_batches, tiny_method, values

from paddle_gan.errors import UserError
from paddle_gan.losses import least_squares, non_saturating_generator
from paddle_gan.methods.lsgan import LSGAN
from paddle_gan.networks.mlp import MLP as Network
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0]], np.float32)


def toy(**hparams) -> LSGAN:
    """G、D 都是一个全连接层，方便手算。"""
    paddle.seed(0)
    networks = {"G": Network((3,), (2,), depth=0), "D": Network((2,), (1,), depth=0)}
    return LSGAN(networks, LSGAN.Hparams(z_dim=3, **hparams))


def linear(network, x: np.ndarray) -> np.ndarray:
    w, b = (v.astype(np.float64) for v in values(network).values())
    return x @ w + b


def fake_score(method: LSGAN) -> np.ndarray:
    """把噪声拨回原处之后，下一步要用的 D(G(z))，手算。"""
    seed_noise()
    z = method.noise(len(X)).numpy()
    seed_noise()
    return linear(method.D, linear(method.G, z))


@pytest.mark.parametrize("targets", [(0.0, 1.0, 1.0), (-1.0, 1.0, 0.0)])
def test_both_losses_are_half_the_mean_squared_distance_to_their_targets(targets):
    a, b, c = targets
    method = toy(a=a, b=b, c=c)
    real, fake = linear(method.D, X), fake_score(method)
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    expected = ((real - b) ** 2).mean() / 2 + ((fake - a) ** 2).mean() / 2
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/D"].item() == loss.item()
    assert logs["score/real"].item() == pytest.approx(real.mean(), rel=1e-5)
    assert logs["score/fake"].item() == pytest.approx(fake.mean(), rel=1e-5)
    seed_noise()
    loss, logs = method.generator_loss(len(X))
    assert loss.item() == pytest.approx(((fake - c) ** 2).mean() / 2, rel=1e-5)
    assert logs["loss/G"].item() == loss.item()


def test_the_default_targets_are_zero_one_one():
    h = LSGAN.Hparams()
    assert (h.a, h.b, h.c) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("targets", [(1.0, 0.0, 1.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
def test_targets_that_send_g_away_from_the_real_side_are_refused(targets):
    with pytest.raises(UserError, match=r"hparams\.a = .* 要小于 b = .*\(−1, 1, 0\)"):
        toy(**dict(zip("abc", targets)))


def test_with_the_second_targets_g_minimises_a_pearson_divergence():
    # D 最优是 (b·p + a·q)/(p + q)；G 的目标补上真样本的一项，是 Σ(2q − (p + q))²/(p + q)（式 (8)）
    rng = np.random.default_rng(0)
    p, q = (w / w.sum() for w in rng.random((2, 40)) + 0.1)
    a, b, c = -1.0, 1.0, 0.0
    best = (b * p + a * q) / (p + q)
    goal = ((p + q) * (best - c) ** 2).sum()
    assert goal == pytest.approx(((2 * q - (p + q)) ** 2 / (p + q)).sum(), rel=1e-12)


def test_an_undecided_discriminator_costs_a_quarter():
    method = toy()
    method.D.layers[0].weight.set_value(np.zeros((2, 1), np.float32))
    method.D.layers[0].bias.set_value(np.full(1, 0.5, np.float32))
    assert method.discriminator_loss(paddle.to_tensor(X))[0].item() == pytest.approx(0.25)


def test_a_sample_far_on_the_real_side_is_pulled_back_only_by_least_squares():
    # 论文图 1：分数 10 已被认作“真”，交叉熵的斜率是 −(1 − σ(10))，最小二乘的是 10 − 1
    slopes = []
    for loss in (non_saturating_generator, lambda a: 0.5 * least_squares(a, 1.0)):
        score = paddle.to_tensor([[10.0]], stop_gradient=False)
        loss(score).backward()
        slopes.append(score.grad.item())
    assert slopes == pytest.approx([-1 / (1 + np.exp(10.0)), 9.0], rel=1e-4)


@pytest.mark.parametrize("networks", [(MLP, MLP), (DCGAN_G, DCGAN_D)], ids=["mlp", "dcgan"])
def test_it_trains_with_mlp_and_with_dcgan_networks(networks):
    raw = {
        "method": "lsgan",
        "hparams": {"z_dim": 4},
        "network": dict(zip(("generator", "discriminator"), networks)),
        "data": {"name": "ring"},
        "batch_size": 4,
        "total_steps": 20,
    }
    method = build_method(resolve(raw), Shapes((1, 8, 8)))
    logs = method.train_step(tiny_batches("lsgan", method), 1)
    assert all(np.isfinite(value.item()) for value in logs.values())


@pytest.mark.parametrize(("d_steps", "g_steps"), [(1, 1), (3, 2)])
def test_each_step_updates_d_then_g_as_often_as_asked(d_steps, g_steps, monkeypatch):
    method = tiny_method("lsgan", d_steps=d_steps, g_steps=g_steps)
    order = []
    for player in ("D", "G"):
        monkeypatch.setattr(method.optimizers[player], "step", lambda p=player: order.append(p))
    batches = tiny_batches("lsgan", method)
    method.train_step(batches, 1)
    assert "".join(order) == "D" * d_steps + "G" * g_steps
    assert batches.position == d_steps
