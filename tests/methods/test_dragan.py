"""DRAGAN：罚在哪些点上、常数、损失的数值、不要 BN。"""

import numpy as np
import paddle
import pytest
from helpers import seed_noise, tiny_method, values

from paddle_gan.draws import drawing_with
from paddle_gan.errors import UserError
from paddle_gan.methods.dragan import DRAGAN
from paddle_gan.networks.mlp import MLP

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0]], np.float32)


def toy(**hparams) -> DRAGAN:
    """G、D 都是一个全连接层，方便手算。"""
    paddle.seed(0)
    networks = {"G": MLP((3,), (2,), depth=0), "D": MLP((2,), (1,), depth=0)}
    return DRAGAN(networks, DRAGAN.Hparams(z_dim=3, **hparams))


def linear(network, x: np.ndarray) -> np.ndarray:
    w, b = (v.astype(np.float64) for v in values(network).values())
    return x @ w + b


@pytest.mark.parametrize("weight", [10.0, 0.5])
def test_the_losses_are_those_of_the_gan_plus_the_penalty_of_the_slope(weight):
    method = toy(gp_weight=weight)
    seed_noise()
    fake = linear(method.G, method.noise(len(X)).numpy())
    real, fake = linear(method.D, X), linear(method.D, fake)
    slope = np.linalg.norm(values(method.D)["layers.0.weight"].astype(np.float64))
    seed_noise()
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    entropy = np.log1p(np.exp(-real)).mean() + np.log1p(np.exp(fake)).mean()
    assert logs["loss/gp"].item() == pytest.approx((slope - 1) ** 2, rel=1e-4)
    assert loss.item() == pytest.approx(entropy + weight * (slope - 1) ** 2, rel=1e-5)
    assert (slope - 1) ** 2 > 0.01
    assert logs["prob/real"].item() == pytest.approx((1 / (1 + np.exp(-real))).mean(), rel=1e-5)
    seed_noise()
    loss, _ = method.generator_loss(len(X))
    assert loss.item() == pytest.approx(np.log1p(np.exp(-fake)).mean(), rel=1e-5)


@pytest.mark.parametrize("shape", [(64, 2), (64, 3, 4, 5)])
def test_the_points_are_the_reals_moved_up_by_at_most_half_their_deviation(shape):
    method = toy()
    x = np.random.default_rng(0).normal(1.0, 2.0, shape).astype(np.float32)
    moved = method.nearby(paddle.to_tensor(x)).numpy() - x
    top = 0.5 * x.astype(np.float64).std()  # 标准差，不是方差：2 与 4 分得清
    assert moved.min() >= 0 and 0.7 * top < moved.max() <= top * 1.01
    assert moved.mean() == pytest.approx(top / 4, rel=0.2)  # E[α]·E[U] = ¼
    flat = moved.reshape(len(x), -1)
    assert flat.std(axis=1).min() > 0  # 逐像素不同


def test_alpha_is_one_number_per_sample_and_delta_one_per_pixel():
    drawn = []

    def record(draw, shape):
        drawn.append(shape)
        return paddle.full(shape, 0.5 if shape[1:] == [1, 1, 1] else 0.8)

    x = np.random.default_rng(0).normal(size=(6, 1, 3, 4)).astype(np.float32)
    with drawing_with(record):
        moved = toy(perturbation=0.25).nearby(paddle.to_tensor(x)).numpy() - x
    assert sorted(drawn) == [[6, 1, 1, 1], [6, 1, 3, 4]]
    # c·std·U·α = 0.25·std·0.8·0.5
    assert moved == pytest.approx(
        np.full(x.shape, 0.1 * x.astype(np.float64).std(ddof=1)), rel=1e-3
    )


def test_the_penalty_is_taken_at_those_points_and_nowhere_else():
    method, seen = toy(), []

    class Watched(MLP):
        def forward(self, x):
            if not x.stop_gradient:
                seen.append(x.numpy().copy())
            return super().forward(x)

    method.D = Watched((2,), (1,), depth=0)
    method.discriminator_loss(paddle.to_tensor(X))
    assert len(seen) == 1
    moved = seen[0] - X
    assert moved.min() >= 0 and 0 < moved.max() <= 0.5 * X.std() * 1.2


def test_a_discriminator_with_batch_norm_is_refused_with_the_lever():
    with pytest.raises(UserError, match="dragan 的判别器不能有 BN.*norm: none"):
        tiny_method("dragan", network={"norm": "batch"})


def test_the_defaults_are_those_of_the_authors():
    h = DRAGAN.Hparams()
    assert (h.gp_weight, h.perturbation, h.lr_D, h.lr_G) == (10.0, 0.5, 1e-4, 1e-4)
    assert (h.beta1, h.beta2, h.d_steps) == (0.5, 0.9, 1)
