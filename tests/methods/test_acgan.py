"""ACGAN：损失的数值；类别的 logit 不先做 softmax；生成样本没有另外一类。"""

import numpy as np
import paddle
import pytest
from helpers import seed_noise, values

from paddle_gan.methods.acgan import ACGAN
from paddle_gan.networks.mlp import MLP

K = 3
X = np.array([[0.2, 0.4], [-3.0, 1.5], [0.25, -4.0], [2.0, 1.0]], np.float32)
Y = np.array([2, 0, 1, 1])


def toy(**hparams) -> ACGAN:
    paddle.seed(0)
    h = ACGAN.Hparams(z_dim=4, **hparams)
    shapes = ACGAN.shapes(h, (2,), (K,))
    return ACGAN({a: MLP(*shapes[a], depth=0) for a in "GD"}, h, K)


def heads(method: ACGAN, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    w, b = (v.astype(np.float64) for v in values(method.D).values())
    output = x @ w + b
    assert output.shape[1] == 1 + K  # 没有“假”这一类
    return output[:, 0], output[:, 1:]


def generated(method: ACGAN) -> np.ndarray:
    seed_noise()
    z = paddle.randn([len(Y), 4]).numpy()
    w, b = (v.astype(np.float64) for v in values(method.G).values())
    seed_noise()
    return np.concatenate([z, np.eye(K)[Y]], axis=1) @ w + b


def softplus(a):
    return np.log1p(np.exp(a))


def named(logits: np.ndarray) -> float:
    """−E[log P(y | x)]，手算。"""
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(Y)), Y]).mean()


@pytest.mark.parametrize("classify_fakes", [True, False])
def test_both_losses_are_those_of_the_paper(classify_fakes):
    method = toy(class_weight=0.5, classify_fakes=classify_fakes)
    (real, real_class), (fake, fake_class) = heads(method, X), heads(method, generated(method))
    loss, logs = method.discriminator_loss(paddle.to_tensor(X), paddle.to_tensor(Y))
    expected = named(real_class) + (named(fake_class) if classify_fakes else 0)
    source = softplus(-real).mean() + softplus(fake).mean()
    assert loss.item() == pytest.approx(source + 0.5 * expected, rel=1e-5)
    assert logs["loss/class_real"].item() == pytest.approx(named(real_class), rel=1e-5)
    assert logs["loss/class_fake"].item() == pytest.approx(named(fake_class), rel=1e-5)
    seed_noise()
    loss, _ = method.generator_loss(len(Y), paddle.to_tensor(Y))
    assert loss.item() == pytest.approx(softplus(-fake).mean() + 0.5 * named(fake_class), rel=1e-5)


def test_sure_logits_cost_nothing_so_no_softmax_comes_before_the_cross_entropy():
    """先做一次 softmax，logit 只在 [0, 1] 里，损失再小也有 log(1 + (K − 1)/e)。"""
    method = toy()
    sure = paddle.to_tensor(np.concatenate([np.zeros((4, 1)), 50.0 * np.eye(K)[Y]], 1), "float32")
    method.D.forward = lambda x: sure
    _, logs = method.discriminator_loss(paddle.to_tensor(X), paddle.to_tensor(Y))
    assert logs["loss/class_real"].item() < 1e-6 < np.log(1 + (K - 1) / np.e)


def test_the_true_or_false_head_is_the_first_and_does_not_look_at_the_label():
    method = toy()
    x = paddle.to_tensor(X)
    one, other = (method.judge(x, paddle.full([4], label, "int64")).numpy() for label in (0, 1))
    assert np.array_equal(one, other)
    assert one[:, 0] == pytest.approx(heads(method, X)[0], rel=1e-5)
