"""StackGAN：条件增强的两半、KL 的平均、配错的类别、第二级没有自己的 z、第一级固定。"""

import numpy as np
import paddle
import pytest
from helpers import same, seed_noise, tiny_batches, tiny_method, values

from paddle_gan.errors import UserError
from paddle_gan.methods.base import inference
from paddle_gan.methods.stackgan import StackGAN
from paddle_gan.networks.mlp import MLP
from paddle_gan.networks.refiner import Refiner
from paddle_gan.run.options import validate_options

K, CONDITION, Z = 3, 2, 9  # z 本身 5 维，两份 ε 各 2 维
X = np.random.default_rng(0).uniform(-1, 1, (4, 1, 4, 4)).astype(np.float32)
Y = np.array([2, 0, 1, 1])


def toy(second: bool = False, classes: int = K, **hparams) -> StackGAN:
    """六个网络都是一个全连接层；4 像素的图，第一级 2 像素。"""
    paddle.seed(0)
    h = StackGAN.Hparams(z_dim=Z, condition=CONDITION, **hparams)
    shapes = StackGAN.shapes(h, (1, 4, 4), (classes,))
    method = StackGAN({a: MLP(*shapes[a], depth=0) for a in shapes}, h, classes)
    method.R.second.set_value(paddle.full([1], float(second)))
    return method


def linear(network, x: np.ndarray) -> np.ndarray:
    w, b = (v.astype(np.float64) for v in values(network).values())
    return x.reshape(len(x), -1) @ w + b


def beside(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    maps = np.broadcast_to(y[:, :, None, None], (*y.shape, *x.shape[2:]))
    return np.concatenate([x, maps], axis=1)


def augmented(E, y: np.ndarray, epsilon: np.ndarray) -> np.ndarray:
    output = linear(E, y)
    return output[:, :CONDITION] + np.exp(output[:, CONDITION:]) * epsilon


def first(method, latent: np.ndarray) -> np.ndarray:
    """第一级的小图，手算。"""
    z, e_1, y = latent[:, :5], latent[:, 5:7], latent[:, 9:]
    return linear(method.G, np.concatenate([z, augmented(method.E_1, y, e_1)], axis=1)).reshape(
        -1, 1, 2, 2
    )


def second(method, latent: np.ndarray) -> np.ndarray:
    """第二级的大图，手算。"""
    c_2 = augmented(method.E_2, latent[:, 9:], latent[:, 7:9])
    return linear(method.R, beside(first(method, latent), c_2)).reshape(-1, 1, 4, 4)


def large(x: np.ndarray) -> np.ndarray:
    return x.repeat(2, axis=2).repeat(2, axis=3)


def logit(method, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """第一级看缩小的图，第二级看原来的。"""
    y = np.eye(K)[labels]
    if method.second():
        return linear(method.D_2, beside(x, y))
    return linear(method.D_1, beside(x.reshape(-1, 1, 2, 2, 2, 2).mean(axis=(3, 5)), y))


def drawn(method) -> np.ndarray:
    """下一步要用的潜变量，类别是这一批的。"""
    seed_noise()
    z = paddle.randn([len(Y), Z]).numpy()
    seed_noise()
    return np.concatenate([z, np.eye(K)[Y]], axis=1).astype(np.float64)


def softplus(a):
    return np.log1p(np.exp(a))


each_stage = pytest.mark.parametrize("stage", [False, True], ids=["first", "second"])


# 样本


@each_stage
def test_the_samples_are_those_of_the_stage_in_training(stage):
    method = toy(stage)
    latent = drawn(method)
    z = paddle.to_tensor(latent, "float32")
    expected = second(method, latent) if stage else large(first(method, latent))
    assert method.generate(z).numpy() == pytest.approx(expected, rel=1e-4, abs=1e-5)
    sketch = method.first_stage(z).numpy()
    assert sketch == pytest.approx(large(first(method, latent)), rel=1e-4, abs=1e-5)


def test_the_second_stage_has_no_noise_but_that_of_its_own_condition():
    method = toy(True)
    latent = drawn(method)
    with inference(method.R):
        small = paddle.to_tensor(first(method, latent), "float32")
        c = paddle.to_tensor(augmented(method.E_2, latent[:, 9:], 0 * latent[:, 7:9]), "float32")
        alone = [method.R(paddle.concat([small, c.reshape([4, 2, 1, 1]).expand([4, 2, 2, 2])], 1))]
    latent[:, 7:9] = 0  # 第二份 ε 是 0，剩下的只由小图与类别定
    assert second(method, latent) == pytest.approx(alone[0].numpy(), rel=1e-4, abs=1e-5)
    assert second(method, latent) == pytest.approx(
        method.generate(paddle.to_tensor(latent, "float32")).numpy(), rel=1e-4, abs=1e-5
    )


# 损失


@each_stage
@pytest.mark.parametrize("mismatched", [False, True])
def test_both_losses_are_the_written_ones(stage, mismatched, monkeypatch):
    method, wrong = toy(stage, mismatched=mismatched, kl=0.7), np.array([1, 2, 0, 2])
    monkeypatch.setattr(method, "wrong", lambda labels: paddle.to_tensor(wrong))
    latent = drawn(method)
    made = second(method, latent) if stage else large(first(method, latent))
    real, fake, apart = logit(method, X, Y), logit(method, made, Y), logit(method, X, wrong)
    loss, logs = method.discriminator_loss(paddle.to_tensor(X), paddle.to_tensor(Y))
    rejected = softplus(fake).mean()
    if mismatched:
        rejected = (rejected + softplus(apart).mean()) / 2
    assert loss.item() == pytest.approx(softplus(-real).mean() + rejected, rel=1e-4)
    assert ("prob/mismatched" in logs) == mismatched
    seed_noise()
    loss, logs = method.generator_loss(len(Y), paddle.to_tensor(Y))
    output = linear(method.E_2 if stage else method.E_1, np.eye(K)[Y])
    mu, sigma = output[:, :CONDITION], np.exp(output[:, CONDITION:])
    divergence = (-np.log(sigma) + (mu**2 + sigma**2 - 1) / 2).mean()
    assert logs["loss/kl_condition"].item() == pytest.approx(divergence, rel=1e-4)
    assert loss.item() == pytest.approx(softplus(-fake).mean() + 0.7 * divergence, rel=1e-4)


def test_the_divergence_is_zero_for_a_standard_normal_and_a_mean_over_dimensions():
    method = toy()
    w, b = method.E_1.parameters()
    w.set_value(paddle.zeros_like(w)), b.set_value(paddle.zeros_like(b))
    labels = paddle.to_tensor(Y)
    assert method.augmentation_kl(labels).item() == pytest.approx(0, abs=1e-7)
    b.set_value(paddle.to_tensor([2.0, 2.0, 0.0, 0.0]))  # μ = 2，σ = 1：每维 2
    assert method.augmentation_kl(labels).item() == pytest.approx(2, rel=1e-5)
    b.set_value(paddle.to_tensor([0.0, 0.0, 1.0, 1.0]))  # log σ = 1
    assert method.augmentation_kl(labels).item() == pytest.approx((np.e**2 - 1) / 2 - 1, rel=1e-5)


# 先一级，再一级


def moved(method, step: int) -> set[str]:
    """走一步，哪几个网络变了。"""
    before = {letter: values(network) for letter, network in method.networks.items()}
    method.train_step(tiny_batches("stackgan", method), step)
    return {a for a, network in method.networks.items() if not same(before[a], values(network))}


def test_the_first_stage_trains_alone_and_then_stays_as_it_is():
    method = tiny_method("stackgan", first_steps=2)
    assert moved(method, 1) == moved(method, 2) == {"E_1", "G", "D_1"}
    assert not method.second()
    assert moved(method, 3) == {"E_2", "R", "D_2"}
    assert method.second()


def test_the_stage_goes_with_the_weights():
    method, other = (tiny_method("stackgan", first_steps=1, seed=s) for s in (0, 1))
    moved(method, 2)
    other.R.set_state_dict(method.R.state_dict())
    assert other.second()


def test_the_average_follows_the_condition_too():
    assert set(tiny_method("stackgan").generators) == {"E_1", "E_2", "G", "R"}


# 说清楚


def test_one_class_and_too_small_a_latent_are_refused():
    with pytest.raises(UserError, match="只有一类.*hparams.mismatched"):
        toy(classes=1)
    assert toy(classes=1, mismatched=False).classes() == 1
    with pytest.raises(UserError, match="z_dim = 4.*2·condition = 4.*condition 改小"):
        StackGAN.shapes(StackGAN.Hparams(z_dim=4, condition=2), (1, 8, 8), (3,))
    with pytest.raises(UserError, match="noise"):
        validate_options(StackGAN.Hparams, {"noise": "uniform"}, "hparams")


def test_the_defaults_are_those_of_the_authors_code():
    h = StackGAN.Hparams()
    assert (h.z_dim - 2 * h.condition, h.condition, h.kl, h.mismatched) == (100, 128, 2, True)
    assert (h.lr_D, h.lr_G, h.beta1) == (2e-4, 2e-4, 0.5)


# 第二级的网络


@pytest.mark.parametrize(("small", "big"), [((3, 4, 6), (1, 8, 12)), ((5, 14, 14), (2, 56, 56))])
def test_the_refiner_makes_the_image_two_to_the_k_times_as_large(small, big):
    paddle.seed(0)
    refiner = Refiner(small, big, width=2, blocks=1)
    images = refiner(paddle.randn([2, *small]))
    assert images.shape == [2, *big] and float(images.abs().max()) <= 1
    with pytest.raises(UserError, match="偶数"):
        Refiner((3, 7, 8), (1, 14, 16))
