"""对付模式崩溃的方法：小批量判别、PacGAN、R1/R2；Unrolled 在 methods/test_unrolled.py。"""

import numpy as np
import paddle
import pytest
from helpers import same, seed_noise, tiny_batches, tiny_method, values
from paddle import nn

from paddle_gan.data import Images
from paddle_gan.errors import UserError
from paddle_gan.losses import zero_centered_penalty
from paddle_gan.methods.gan import GAN
from paddle_gan.methods.minibatch_disc import MinibatchDisc
from paddle_gan.methods.pac_gan import PacGAN
from paddle_gan.methods.r1 import R1
from paddle_gan.networks.dcgan import DCGANDiscriminator
from paddle_gan.networks.minibatch import MinibatchDiscrimination
from paddle_gan.networks.mlp import MLP

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0]], np.float32)


def toy(cls, D=None, **hparams):
    """G、D 都是一个全连接层（D 也可以另给）。"""
    h = cls.Hparams(z_dim=3, **hparams)
    paddle.seed(0)
    shapes = cls.shapes(h, (2,), None)
    networks = {letter: MLP(*shapes[letter], depth=0) for letter in ("G", "D")}
    return cls(networks | ({"D": D} if D else {}), h)


def generated(method, n: int = len(X)) -> np.ndarray:
    """把噪声拨回原处之后，下一步要用的 G(z)，手算。"""
    seed_noise()
    z = method.noise(n).numpy().astype(np.float64)
    w, b = values(method.G).values()
    seed_noise()
    return z @ w + b


def cross_entropy(real: np.ndarray, fake: np.ndarray) -> float:
    return np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean()


def steps(method, n: int = 3) -> dict:
    """训练 n 步之后两个网络的参数；批与噪声都固定。"""
    batches = iter([Images(paddle.to_tensor(X + i)) for i in range(9)])
    for step in range(1, n + 1):
        seed_noise(step)
        method.train_step(batches, step)
    return {f"{a}/{k}": v for a in "GD" for k, v in values(method.networks[a]).items()}


# 小批量判别


def closeness(f: np.ndarray, T: np.ndarray) -> np.ndarray:
    """o(x_i)_b = Σ_{j≠i} exp(−‖M_i,b − M_j,b‖₁)，老老实实写三重循环。"""
    M = np.einsum("na,abc->nbc", f.astype(np.float64), T)
    o = np.zeros(M.shape[:2])
    for i in range(len(f)):
        for j in range(len(f)):
            for b in range(T.shape[1]):
                if j != i:
                    o[i, b] += np.exp(-np.abs(M[i, b] - M[j, b]).sum())
    return o


def test_the_minibatch_layer_appends_the_closeness_to_the_other_samples(float64):
    paddle.seed(0)
    layer = MinibatchDiscrimination(4, num_kernels=3, dim_per_kernel=5)
    layer.T.set_value(np.random.default_rng(0).normal(size=(4, 15)) * 0.3)
    f = np.random.default_rng(1).normal(size=(6, 4))
    out = layer(paddle.to_tensor(f)).numpy()
    expected = closeness(f, layer.T.numpy().reshape(4, 3, 5))
    assert out.shape == (6, 7)
    assert out[:, :4].tobytes() == f.tobytes()
    assert out[:, 4:] == pytest.approx(expected, rel=1e-9)
    assert expected.min() > 0.1 and expected.max() < 4.9  # 不是全部饱和在 0 或 N − 1


def test_a_batch_of_copies_is_as_close_as_possible_and_strangers_are_not_close_at_all():
    layer = MinibatchDiscrimination(2)
    layer.T.set_value(np.ones((2, 500), np.float32))
    copies = layer(paddle.to_tensor(np.tile(X[:1], (5, 1)))).numpy()[:, 2:]
    assert copies == pytest.approx(np.full((5, 100), 4.0))  # N − 1，不含自己
    strangers = layer(paddle.to_tensor(100 * X)).numpy()[:, 2:]
    assert strangers == pytest.approx(np.zeros((4, 100)), abs=1e-6)
    assert layer(paddle.to_tensor(X[:1])).numpy()[0, 2:] == pytest.approx(np.zeros(100), abs=1e-6)


def test_the_papers_layer_has_100_kernels_of_5_dimensions():
    assert MinibatchDiscrimination(7).T.shape == [7, 500]
    assert (MinibatchDisc.Hparams().num_kernels, MinibatchDisc.Hparams().dim_per_kernel) == (100, 5)


def test_real_and_generated_samples_are_compared_only_within_their_own_batch():
    method = toy(MinibatchDisc, features=4, num_kernels=3, dim_per_kernel=2)
    (w, b), T = (v for k, v in values(method.D).items() if k.startswith("0.")), method.D[2].T
    v, c = (p.numpy().astype(np.float64) for p in method.D[3].parameters())

    def logit(x):
        f = x @ w.astype(np.float64) + b
        f = np.where(f > 0, f, 0.2 * f)
        return np.hstack([f, closeness(f, T.numpy().reshape(4, 3, 2))]) @ v + c

    real, fake = logit(X), logit(generated(method))
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    assert loss.item() == pytest.approx(cross_entropy(real, fake), rel=1e-5)
    assert logs["prob/fake"].item() == pytest.approx((1 / (1 + np.exp(-fake))).mean(), rel=1e-5)
    seed_noise()
    assert method.generator_loss(len(X))[0].item() == pytest.approx(
        np.logaddexp(0, -fake).mean(), rel=1e-5
    )
    together = logit(np.vstack([X, generated(method)]))
    assert abs(cross_entropy(together[:4], together[4:]) - loss.item()) > 1e-3


# PacGAN


@pytest.mark.parametrize(("shape", "packed"), [((2,), (3, 6)), ((1, 4, 4), (3, 3, 4, 4))])
def test_a_pack_holds_neighbouring_samples_side_by_side(shape, packed):
    method = toy(PacGAN, packing=3)
    x = np.arange(9 * np.prod(shape), dtype=np.float32).reshape(9, *shape)
    packs = method.pack(paddle.to_tensor(x)).numpy()
    assert packs.shape == packed
    for i in range(3):
        assert np.array_equal(packs[i], np.concatenate([x[3 * i], x[3 * i + 1], x[3 * i + 2]]))


def test_the_pac_gan_losses_judge_whole_packs():
    method = toy(PacGAN, packing=2)
    w, b = (v.astype(np.float64) for v in values(method.D).values())
    assert w.shape == (4, 1)
    real = X.reshape(2, 4) @ w + b
    fake = generated(method).reshape(2, 4) @ w + b
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    assert loss.item() == pytest.approx(cross_entropy(real, fake), rel=1e-5)
    assert logs["prob/real"].item() == pytest.approx((1 / (1 + np.exp(-real))).mean(), rel=1e-5)
    seed_noise()
    assert method.generator_loss(len(X))[0].item() == pytest.approx(
        np.logaddexp(0, -fake).mean(), rel=1e-5
    )


def test_only_the_first_layer_of_d_is_wider_with_packing():
    def sizes(packing: int) -> dict:
        method = tiny_method("pac_gan", packing=packing)
        return {f"{a}/{k}": v.shape for a in "GD" for k, v in values(method.networks[a]).items()}

    one, three = sizes(1), sizes(3)
    changed = {key: (one[key], three[key]) for key in one if one[key] != three[key]}
    assert changed == {"D/layers.0.weight": ((4, 1, 4, 4), (4, 3, 4, 4))}


def test_each_d_update_takes_m_batches_and_the_generator_makes_as_many_samples(monkeypatch):
    method = tiny_method("pac_gan", packing=3, d_steps=2)
    seen, asked = [], []
    discriminator_loss, generator_loss = method.discriminator_loss, method.generator_loss
    monkeypatch.setattr(
        method, "discriminator_loss", lambda x: seen.append(x.numpy()) or discriminator_loss(x)
    )
    monkeypatch.setattr(method, "generator_loss", lambda n: asked.append(n) or generator_loss(n))
    batches = tiny_batches("pac_gan", method)
    method.train_step(batches, 1)
    fresh = tiny_batches("pac_gan", method)
    expected = [np.concatenate([next(fresh).x.numpy() for _ in range(3)]) for _ in range(2)]
    assert batches.position == 6 and asked == [12]
    assert [x.tobytes() for x in seen] == [x.tobytes() for x in expected]


def test_a_pack_of_one_is_the_plain_gan_bit_by_bit():
    assert same(steps(toy(PacGAN, packing=1)), steps(toy(GAN)))
    assert not same(steps(toy(GAN)), steps(toy(GAN, lr_D=1e-3)))


# R1 与 R2


class Quadratic(nn.Layer):
    """D(x) = ½a‖x‖²，梯度是 a·x。"""

    def __init__(self, a: float):
        super().__init__()
        constant = nn.initializer.Constant(a)
        self.a = self.create_parameter([1], default_initializer=constant)

    def forward(self, x):
        return 0.5 * self.a * x.square().reshape([x.shape[0], -1]).sum(axis=1, keepdim=True)


@pytest.mark.parametrize("shape", [(2,), (3, 4, 4)])
def test_the_penalty_is_half_the_mean_squared_norm_of_the_whole_gradient(float64, shape):
    x = np.random.default_rng(0).normal(size=(5, *shape))
    penalty = zero_centered_penalty(Quadratic(3.0), paddle.to_tensor(x))
    expected = 0.5 * (9 * x.reshape(5, -1) ** 2).sum(axis=1).mean()
    assert penalty.item() == pytest.approx(expected, rel=1e-9)
    assert penalty.shape == []


def test_the_penalty_can_be_differentiated_and_leaves_the_points_alone(float64):
    critic, x = Quadratic(3.0), paddle.to_tensor(X.astype(np.float64))
    zero_centered_penalty(critic, x).backward()
    # ∂/∂a ½·a²·E‖x‖² = a·E‖x‖²
    expected = 3 * (X.astype(np.float64) ** 2).sum(axis=1).mean()
    assert critic.a.grad.item() == pytest.approx(expected, rel=1e-9)
    assert x.stop_gradient and x.grad is None


@pytest.mark.parametrize(("gamma_r1", "gamma_r2"), [(0.0, 0.0), (2.0, 0.0), (0.0, 3.0), (2.0, 3.0)])
def test_r1_is_taken_on_real_and_r2_on_generated_samples(gamma_r1, gamma_r2):
    method = toy(R1, Quadratic(0.3), gamma_r1=gamma_r1, gamma_r2=gamma_r2)
    fake = generated(method)
    r1, r2 = (0.5 * 0.09 * (x**2).sum(axis=1).mean() for x in (X.astype(np.float64), fake))
    real_logit, fake_logit = (0.15 * (x**2).sum(axis=1) for x in (X.astype(np.float64), fake))
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    expected = cross_entropy(real_logit, fake_logit) + gamma_r1 * r1 + gamma_r2 * r2
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert abs(r1 - r2) > 0.01
    found = {key: logs[key].item() for key in ("loss/r1", "loss/r2") if key in logs}
    wanted = {"loss/r1": (gamma_r1, r1), "loss/r2": (gamma_r2, r2)}
    assert found == pytest.approx({k: r for k, (weight, r) in wanted.items() if weight}, rel=1e-5)
    seed_noise()
    assert method.generator_loss(len(X))[0].item() == pytest.approx(
        np.logaddexp(0, -fake_logit).mean(), rel=1e-5
    )


def test_without_penalties_it_is_the_plain_gan_bit_by_bit():
    adam = {"lr_D": 1e-3, "lr_G": 2e-3, "beta1": 0.5, "beta2": 0.9}
    assert same(steps(toy(R1, gamma_r1=0.0, gamma_r2=0.0, **adam)), steps(toy(GAN, **adam)))
    assert not same(steps(toy(R1, **adam)), steps(toy(GAN, **adam)))


def test_one_adam_step_moves_d_along_the_hand_computed_penalised_gradient():
    method = toy(R1, Quadratic(0.3), gamma_r1=2.0, gamma_r2=3.0, lr_D=0.01)
    fake = generated(method)
    norms = [(x**2).sum(axis=1) for x in (X.astype(np.float64), fake)]
    sigma_real, sigma_fake = (1 / (1 + np.exp(-0.15 * norm)) for norm in norms)
    # ∂L_D/∂a：交叉熵的两项，加上 γ·a·E‖·‖²
    gradient = (-(1 - sigma_real) * norms[0] / 2).mean() + (sigma_fake * norms[1] / 2).mean()
    gradient += 0.3 * (2 * norms[0].mean() + 3 * norms[1].mean())
    method.discriminator_step(paddle.to_tensor(X))
    assert method.D.a.item() == pytest.approx(0.3 - 0.01 * np.sign(gradient), abs=1e-6)
    moment = [v for k, v in method.optimizers["D"].state_dict().items() if "moment2" in k]
    # 二阶矩 v = (1 − β₂)·g²
    assert moment[0].item() == pytest.approx(0.01 * gradient**2, rel=1e-4)


@pytest.mark.parametrize(
    "D",
    [
        lambda: MLP((2,), (1,), width=4, batch_norm=True),
        lambda: DCGANDiscriminator((1, 8, 8), (1,), width=2, depth=2),
    ],
    ids=["mlp", "dcgan"],
)
def test_an_r1_discriminator_with_batch_norm_is_refused_in_chinese(D):
    with pytest.raises(UserError, match="r1 的判别器不能有 BN.*norm: none.*batch_norm: false"):
        toy(R1, D())
