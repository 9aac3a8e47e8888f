"""MRGAN：两项正则的数值与符号，E 与 G 一起走，重建。"""

import numpy as np
import paddle
import pytest
from helpers import same, seed_noise, tiny_batches, tiny_method, values

from paddle_gan.data import Images
from paddle_gan.methods.gan import GAN
from paddle_gan.methods.mr_gan import MRGAN
from paddle_gan.networks.mlp import MLP

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0]], np.float32)


def toy(cls=MRGAN, depth: int = 0, **hparams):
    """每个网络都是一个全连接层（depth = 0），方便手算。"""
    h = cls.Hparams(z_dim=3, **hparams)
    shapes = cls.shapes(h, (2,), None)
    return cls({letter: MLP(*ends, depth=depth) for letter, ends in shapes.items()}, h)


def linear(network, x: np.ndarray) -> np.ndarray:
    w, b = (v.astype(np.float64) for v in values(network).values())
    return x @ w + b


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


@pytest.mark.parametrize(("distance", "mode"), [(0.2, 0.4), (3.0, 0.0), (0.0, 5.0)])
def test_the_loss_of_g_is_the_gans_plus_the_two_regularisers(distance, mode):
    method = toy(distance=distance, mode=mode)
    back = linear(method.G, linear(method.E, X))
    seed_noise()
    fake_logit = linear(method.D, linear(method.G, method.noise(len(X)).numpy()))
    seed_noise()
    # 平方误差：各维加起来，再对样本平均；−log D(a) = log(1 + e^(−a))
    error = ((X - back) ** 2).sum(axis=1).mean()
    like_real = np.logaddexp(0, -linear(method.D, back)).mean()
    loss, logs = method.generator_loss(paddle.to_tensor(X))
    expected = np.logaddexp(0, -fake_logit).mean() + distance * error + mode * like_real
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/G"].item() == loss.item()
    assert logs["loss/reconstruction"].item() == pytest.approx(error, rel=1e-5)
    assert logs["prob/reconstruction"].item() == pytest.approx(
        sigmoid(linear(method.D, back)).mean(), rel=1e-5
    )


def test_d_is_the_plain_gans_and_never_sees_a_reconstruction():
    method = toy()
    seed_noise()
    fake = linear(method.D, linear(method.G, method.noise(len(X)).numpy()))
    real = linear(method.D, X)
    seed_noise()
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    expected = np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean()
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert set(logs) == {"loss/D", "prob/real", "prob/fake"}


def score_of_reconstructions(method) -> float:
    with paddle.no_grad():
        return method.D(method.G(method.E(paddle.to_tensor(X)))).mean().item()


def encoder_step(method, sign: float) -> float:
    """只让 E 沿 sign·L_E 的负梯度走一小步，重建的分数变了多少。"""
    before = score_of_reconstructions(method)
    (sign * method.encoder_loss(paddle.to_tensor(X))[0]).backward()
    for p in method.E.parameters():
        p.set_value(p - 1e-3 * p.grad)
    return score_of_reconstructions(method) - before


def test_one_step_on_the_encoder_loss_makes_reconstructions_look_more_real():
    # 同类仓库的真实错误：写成 +λ₂·log D，重建被推向像假
    right = encoder_step(toy(depth=1, distance=0.0, mode=1.0), sign=1.0)
    wrong = encoder_step(toy(depth=1, distance=0.0, mode=1.0), sign=-1.0)
    assert right > 1e-5 and wrong < -1e-5


def test_one_step_on_the_distance_brings_reconstructions_closer():
    method = toy(depth=1, distance=1.0, mode=0.0, lr_G=1e-3)
    errors = []
    for _ in range(2):
        seed_noise()
        errors.append(method.generator_step(paddle.to_tensor(X))["loss/reconstruction"].item())
    assert errors[1] < errors[0] - 1e-4


def test_the_encoder_moves_with_the_generator_by_exactly_the_regularisers_gradient():
    method = toy(depth=1)
    method.encoder_loss(paddle.to_tensor(X))[0].backward()
    expected = {k: p.grad.numpy().copy() for k, p in method.E.named_parameters()}
    for p in method.parameters("GED"):
        p.clear_gradient()
    found = {}
    method.watch = lambda player: found.update(
        {k: p.grad.numpy().copy() for k, p in method.E.named_parameters()}
    )
    method.generator_step(paddle.to_tensor(X))
    for key, gradient in expected.items():
        assert found[key] == pytest.approx(gradient, rel=1e-4, abs=1e-7), key
    assert max(np.abs(g).max() for g in found.values()) > 1e-3


def steps(method, n: int = 3) -> dict:
    batches = iter([Images(paddle.to_tensor(X + i)) for i in range(n)])
    for step in range(1, n + 1):
        seed_noise(step)
        method.train_step(batches, step)
    return {f"{a}/{k}": v for a in "GD" for k, v in values(method.networks[a]).items()}


def test_without_regularisers_it_is_the_plain_gan_bit_by_bit():
    paddle.seed(0)
    plain = steps(toy(GAN))
    paddle.seed(0)
    assert same(steps(toy(distance=0.0, mode=0.0)), plain)
    paddle.seed(0)
    assert not same(steps(toy()), plain)


def test_a_reconstruction_is_g_of_e_without_gradient_and_back_in_training_mode():
    method = tiny_method("mr_gan", network={"batch_norm": True})
    x = next(tiny_batches("mr_gan", method)).x
    back = method.reconstruct(x)
    assert back.shape == x.shape and back.stop_gradient
    alone = method.reconstruct(x[:1])
    assert alone.numpy() == pytest.approx(back[:1].numpy(), abs=1e-5)  # BN 用累计的统计量
    assert method.G.training and method.E.training
