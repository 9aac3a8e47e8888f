"""Gumbel-softmax：抽样的频率、直通的前向与反向、U = 0、τ 的退火；τ 小，偏差小、方差大。"""

import numpy as np
import paddle
import pytest
from helpers import gradient_left, seed_noise, tiny_batches, tiny_method

from paddle_gan.draws import drawing_with
from paddle_gan.methods.gumbel_gan import GumbelGAN, gumbel_softmax
from paddle_gan.methods.policy import gumbel

LOGIT = np.array([1.0, 0.0, -2.0], np.float32)
WORTH = np.array([0.0, 1.0, 3.0], np.float32)  # 每个词元的好坏
P = np.exp(LOGIT) / np.exp(LOGIT).sum()


def many(n: int):
    """同一组 logit 重复 n 行。"""
    return paddle.to_tensor(np.tile(LOGIT, (n, 1)), stop_gradient=False)


def gradients(tau: float, hard: bool, n: int = 20_000) -> np.ndarray:
    """E[y·WORTH] 对 logit 的梯度，一行是一次抽样的估计 (n, 3)。"""
    seed_noise()
    logit = many(n)
    (gumbel_softmax(logit, tau, hard) @ paddle.to_tensor(WORTH)).sum().backward()
    return logit.grad.numpy().astype(np.float64)


def test_the_largest_is_drawn_as_often_as_the_softmax_says_at_any_temperature():
    for tau in (2.0, 0.3):
        seed_noise()
        y = gumbel_softmax(many(30_000), tau).numpy()
        error = np.sqrt(P * (1 - P) / 30_000)
        assert (np.abs(y.mean(axis=0) - P) < 3 * error).all()


def test_the_noise_has_the_mean_of_a_gumbel_and_a_uniform_zero_is_no_infinity():
    seed_noise()
    noise = gumbel([40_000]).numpy()
    assert noise.mean() == pytest.approx(np.euler_gamma, abs=0.03)
    assert noise.std() == pytest.approx(np.pi / np.sqrt(6), abs=0.03)
    with drawing_with(lambda draw, shape: paddle.zeros(shape)):
        assert gumbel([2]).numpy() == pytest.approx(np.full(2, -np.log(20 * np.log(10))), rel=1e-5)


def test_straight_through_is_one_hot_forward_and_soft_backward():
    seed_noise()
    hard = gumbel_softmax(many(50), 0.7).numpy()
    seed_noise()
    soft = gumbel_softmax(many(50), 0.7, hard=False).numpy()
    assert hard == pytest.approx(np.eye(3)[soft.argmax(axis=1)], abs=1e-6)
    assert 0.01 < soft.max(axis=1).min() < 0.99 and soft.sum(axis=1) == pytest.approx(np.ones(50))
    assert gradients(0.7, True, 50) == pytest.approx(gradients(0.7, False, 50), abs=1e-6)


def test_a_lower_temperature_has_less_bias_and_more_variance():
    exact = P * (WORTH - P @ WORTH)  # ∂/∂logit_i E[w] = p_i·(w_i − E[w])
    bias, variance = [], []
    for tau in (3.0, 1.0, 0.3):
        rows = gradients(tau, True)
        bias.append(np.linalg.norm(rows.mean(axis=0) - exact))
        variance.append(rows.var(axis=0).sum())
    assert bias[0] > 1.3 * bias[1] > 1.69 * bias[2]
    assert 1.69 * variance[0] < 1.3 * variance[1] < variance[2]
    assert bias[2] < 0.1 * np.linalg.norm(exact)


def test_the_temperature_falls_on_a_line_from_where_the_adversarial_part_starts():
    method = tiny_method("gumbel_gan", pretrain_steps=10, anneal_steps=4, tau=1.0, tau_end=0.2)
    steps = (1, 10, 11, 13, 15, 99)
    assert [method.anneal(step) for step in steps] == pytest.approx([1, 1, 1, 0.6, 0.2, 0.2])
    assert tiny_method("gumbel_gan", anneal_steps=0, tau_end=0.25).anneal(1) == 0.25
    batches = tiny_batches("gumbel_gan", method)
    assert method.train_step(batches, 13)["gumbel/tau"].item() == pytest.approx(0.6)
    assert method.tau == pytest.approx(0.6)


def test_the_opinion_of_d_reaches_g_through_the_drawn_tokens():
    method = tiny_method("gumbel_gan")
    method.generator_loss(8)[0].backward()
    assert gradient_left(method.G) > 1e-5


def test_d_sees_what_g_hands_over_hard_or_soft():
    hard, soft = tiny_method("gumbel_gan"), tiny_method("gumbel_gan", straight_through=False)
    for method, sharp in ((hard, True), (soft, False)):
        y = method.fakes(16).numpy()
        assert y.sum(axis=2) == pytest.approx(np.ones(y.shape[:2]), abs=1e-5)
        assert (np.abs(y.max(axis=2) - 1) < 1e-5).all() == sharp


def test_the_loss_is_the_non_saturating_one():
    method = tiny_method("gumbel_gan")
    seed_noise()
    loss, _ = method.generator_loss(6)
    seed_noise()
    logit = method.D(method.fakes(6)).numpy().astype(np.float64)
    assert loss.item() == pytest.approx(np.log1p(np.exp(-logit)).mean(), rel=1e-5)


def test_the_defaults():
    h = GumbelGAN.Hparams()
    assert (h.tau, h.tau_end, h.straight_through) == (1.0, 0.5, True)
