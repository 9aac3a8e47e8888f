"""CGAN：两个损失的数值、配错的类别，与 ByClass 的潜变量（类别接在 z 后面）。"""

import numpy as np
import paddle
import pytest
from helpers import seed_noise, tiny_batches, tiny_method, values

from paddle_gan.errors import UserError
from paddle_gan.methods.by_class import beside
from paddle_gan.methods.cgan import CGAN
from paddle_gan.networks.mlp import MLP
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve

K = 3
X = np.array([[0.2, 0.4], [-3.0, 1.5], [0.25, -4.0], [9.0, 1.0]], np.float32)
Y = np.array([2, 0, 1, 1])


def toy(**hparams) -> CGAN:
    """G、D 都是一个全连接层，三类，二维点。"""
    paddle.seed(0)
    h = CGAN.Hparams(z_dim=4, **hparams)
    shapes = CGAN.shapes(h, (2,), (K,))
    return CGAN({a: MLP(*shapes[a], depth=0) for a in "GD"}, h, K)


def logit(method: CGAN, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """D(x, y)，手算：[x, 独热]·w + b。"""
    w, b = (v.astype(np.float64) for v in values(method.D).values())
    return np.concatenate([x, np.eye(K)[labels]], axis=1) @ w + b


def generated(method: CGAN) -> np.ndarray:
    """把噪声拨回原处之后，下一步要用的 G(z, y)，手算。"""
    seed_noise()
    z = paddle.randn([len(Y), 4]).numpy()
    w, b = (v.astype(np.float64) for v in values(method.G).values())
    seed_noise()
    return np.concatenate([z, np.eye(K)[Y]], axis=1) @ w + b


def softplus(a: np.ndarray) -> np.ndarray:
    return np.log1p(np.exp(a))


def losses(method: CGAN):
    fake = logit(method, generated(method), Y)
    D, logs = method.discriminator_loss(paddle.to_tensor(X), paddle.to_tensor(Y))
    seed_noise()
    G, _ = method.generator_loss(len(Y), paddle.to_tensor(Y))
    return fake, D.item(), G.item(), logs


def test_both_losses_are_those_of_gan_with_the_class_beside_the_input():
    method = toy()
    real = logit(method, X, Y)
    fake, D, G, logs = losses(method)
    assert pytest.approx(softplus(-real).mean() + softplus(fake).mean(), rel=1e-5) == D
    assert pytest.approx(softplus(-fake).mean(), rel=1e-5) == G
    assert logs["prob/real"].item() == pytest.approx((1 / (1 + np.exp(-real))).mean(), rel=1e-5)
    assert "prob/mismatched" not in logs


def test_a_mismatched_pair_takes_half_of_the_rejected_term(monkeypatch):
    method, wrong = toy(mismatched=True), np.array([1, 2, 0, 2])
    monkeypatch.setattr(method, "wrong", lambda labels: paddle.to_tensor(wrong))
    real, apart = logit(method, X, Y), logit(method, X, wrong)
    fake, D, G, logs = losses(method)
    rejected = (softplus(fake).mean() + softplus(apart).mean()) / 2
    assert pytest.approx(softplus(-real).mean() + rejected, rel=1e-5) == D
    assert pytest.approx(softplus(-fake).mean(), rel=1e-5) == G
    assert logs["prob/mismatched"].item() == pytest.approx(
        (1 / (1 + np.exp(-apart))).mean(), rel=1e-5
    )


def test_a_wrong_class_is_never_the_right_one_and_is_uniform_over_the_others():
    method = toy(mismatched=True)
    labels = paddle.to_tensor(np.arange(6000) % K)
    wrong = method.wrong(labels).numpy()
    table = np.zeros((K, K))
    np.add.at(table, (labels.numpy(), wrong), 1)
    assert np.trace(table) == 0
    assert table[~np.eye(K, dtype=bool)] == pytest.approx(1000, rel=0.1)


def test_one_class_alone_has_no_mismatched_pairs():
    h = CGAN.Hparams(z_dim=4, mismatched=True)
    shapes = CGAN.shapes(h, (2,), (1,))
    with pytest.raises(UserError, match="只有一类.*hparams.mismatched"):
        CGAN({a: MLP(*shapes[a], depth=0) for a in "GD"}, h, 1)


def test_every_pixel_of_an_image_is_beside_the_same_class():
    x = paddle.arange(2 * 1 * 2 * 3).reshape([2, 1, 2, 3]).astype("float32")
    y = paddle.to_tensor([[0.0, 1.0], [1.0, 0.0]])
    joined = beside(x, y).numpy()
    assert joined.shape == (2, 3, 2, 3)
    assert np.array_equal(joined[:, :1], x.numpy())
    assert (joined[0, 1] == 0).all() and (joined[0, 2] == 1).all()
    assert (joined[1, 1] == 1).all() and (joined[1, 2] == 0).all()


# 潜变量


def test_noise_carries_a_uniform_class_and_another_class_leaves_z_alone():
    method = toy()
    z = method.noise(3000)
    assert z.shape == [3000, 4 + K] and method.classes() == K
    labels = method.class_of(z).numpy()
    assert np.array_equal(z.numpy()[:, 4:], np.eye(K, dtype=np.float32)[labels])
    assert np.bincount(labels) == pytest.approx(1000, rel=0.1)
    ones = method.of_class(z, paddle.ones([3000], "int64"))
    assert np.array_equal(ones.numpy()[:, :4], z.numpy()[:, :4])
    assert (method.class_of(ones).numpy() == 1).all()


def test_d_and_g_see_the_classes_of_the_batch_not_classes_of_their_own(monkeypatch):
    method, seen = tiny_method("cgan", mismatched=False), []
    original = method.judge
    monkeypatch.setattr(
        method, "judge", lambda x, labels: seen.append(labels.tolist()) or original(x, labels)
    )
    batches = tiny_batches("cgan", method)
    labels = next(tiny_batches("cgan", method)).labels.tolist()
    method.train_step(batches, 1)
    assert seen == [labels] * 3


def test_a_preview_has_one_class_to_a_column_and_one_z_to_a_row():
    method = tiny_method("cgan")
    batch = next(tiny_batches("cgan", method, batch_size=23))
    seen = []
    hook = method.G.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0]))
    images, columns = method.preview(batch)
    hook.remove()
    z = seen[0].numpy().reshape(2, 10, 14)
    assert columns == 10 and images.shape[0] == 20
    assert (z[..., :4] == z[:, :1, :4]).all() and not np.array_equal(z[0, 0, :4], z[1, 0, :4])
    assert (z[..., 4:].argmax(axis=-1) == np.arange(10)).all()


def test_the_number_of_classes_comes_from_the_data():
    mlp = {"name": "mlp", "width": 4, "depth": 1}
    raw = {
        "method": "cgan",
        "hparams": {"z_dim": 2},
        "network": {"generator": mlp, "discriminator": mlp},
        "data": {"name": "ring"},
        "batch_size": 4,
        "total_steps": 2,
    }
    method = build_method(resolve(raw), Shapes((2,), classes=("甲", "乙", "丙")))
    assert method.classes() == 3 and method.noise(5).shape == [5, 5]
    assert method.G.in_features == 5 and method.D.in_features == 5
