"""WGAN 与 WGAN-GP：裁剪、n_critic、RMSProp 与 Adam 的数值、惩罚项。"""

import dataclasses

import numpy as np
import paddle
import pytest
from helpers import DCGAN_D, DCGAN_G, seed_noise, tiny_batches, tiny_method, values
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.losses import gradient_penalty
from paddle_gan.methods import wgan_gp
from paddle_gan.methods.adam import Adam
from paddle_gan.methods.wgan import WGAN
from paddle_gan.methods.wgan_gp import WGANGP
from paddle_gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from paddle_gan.networks.mlp import MLP

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0]], np.float32)


def toy(cls, **hparams):
    """G、D 都是一个全连接层的方法，方便手算。"""
    paddle.seed(0)
    networks = {"G": MLP((3,), (2,), depth=0), "D": MLP((2,), (1,), depth=0)}
    return cls(networks, cls.Hparams(z_dim=3, **hparams))


def generated(method) -> np.ndarray:
    """把噪声拨回原处之后，下一步要用的 G(z)，手算。"""
    seed_noise()
    z = method.noise(len(X)).numpy().astype(np.float64)
    w, b = values(method.G).values()
    seed_noise()
    return z @ w + b


def critic(method, x: np.ndarray) -> np.ndarray:
    w, b = (v.astype(np.float64) for v in values(method.D).values())
    return x @ w + b


# 损失


def test_the_wgan_losses_are_differences_of_plain_means():
    method = toy(WGAN)
    fake = generated(method)
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    real_score, fake_score = critic(method, X).mean(), critic(method, fake).mean()
    assert loss.item() == pytest.approx(fake_score - real_score, rel=1e-5)
    assert logs["score/real"].item() == pytest.approx(real_score, rel=1e-5)
    assert logs["score/fake"].item() == pytest.approx(fake_score, rel=1e-5)
    seed_noise()
    assert method.generator_loss(len(X))[0].item() == pytest.approx(-fake_score, rel=1e-5)


@pytest.mark.parametrize("gp_weight", [0.0, 0.1, 10.0])
def test_the_wgan_gp_loss_is_fake_minus_real_plus_lambda_times_the_penalty(gp_weight):
    method = toy(WGANGP, gp_weight=gp_weight)
    fake = generated(method)
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    # 线性评论器的梯度处处是 w
    penalty = (np.linalg.norm(values(method.D)["layers.0.weight"]) - 1) ** 2
    difference = critic(method, fake).mean() - critic(method, X).mean()
    assert penalty > 1e-3
    assert logs["loss/gp"].item() == pytest.approx(penalty, rel=1e-4)
    assert loss.item() == pytest.approx(difference + gp_weight * penalty, rel=1e-5)
    assert logs["loss/D"].item() == loss.item()
    seed_noise()
    assert method.generator_loss(len(X))[0].item() == pytest.approx(
        -critic(method, fake).mean(), rel=1e-5
    )


def test_the_wgan_gp_penalty_is_taken_between_this_batch_and_the_generated_one(monkeypatch):
    method = toy(WGANGP)
    fake, given = generated(method), []

    def penalty(critic, *samples):
        given.extend(sample.numpy() for sample in samples)
        return gradient_penalty(critic, *samples)

    monkeypatch.setattr(wgan_gp, "gradient_penalty", penalty)
    method.discriminator_loss(paddle.to_tensor(X))
    real_given, fake_given = given
    assert np.array_equal(real_given, X)
    assert fake_given == pytest.approx(fake, rel=1e-5, abs=1e-6)


# 裁剪


def weights_and_rest(network) -> tuple[dict, dict]:
    """卷积与全连接的权重；其余参数（偏置、归一化的缩放与平移）。"""
    layers = [
        n for n, layer in network.named_sublayers() if isinstance(layer, (nn.Conv2D, nn.Linear))
    ]
    everything = values(network)
    clipped = {f"{name}.weight": everything[f"{name}.weight"] for name in layers}
    return clipped, {k: v for k, v in everything.items() if k not in clipped}


@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
def test_after_every_critic_update_each_weight_is_within_c_and_nothing_else_is_touched(norm):
    # 学习率大到一步就会冲出去：裁剪若放在更新之前，这里就会超过 c
    paddle.seed(0)
    shape = (1, 8, 8)
    networks = {
        "G": DCGANGenerator((4,), shape, width=4, depth=2),
        "D": DCGANDiscriminator(shape, (1,), width=4, depth=2, norm=norm),
    }
    method = WGAN(networks, WGAN.Hparams(z_dim=4, clip=0.03, lr=0.5))
    batches = tiny_batches("wgan", method)
    for _ in range(3):
        method.discriminator_step(next(batches).x)
        clipped, rest = weights_and_rest(method.D)
        assert len(clipped) == 3
        for weight in clipped.values():
            assert np.abs(weight).max() <= np.float32(0.03)
        largest = {name: np.abs(value).max() for name, value in rest.items()}
        scales = [v for k, v in largest.items() if k.endswith(("weight", "scale"))]
        assert all(value > 0.5 for value in scales) and bool(scales) == (norm != "none")
        assert max(v for k, v in largest.items() if k.endswith("bias")) > 0.1


def test_clipping_moves_outliers_to_the_bound_and_leaves_the_others_alone():
    method = toy(WGAN, clip=0.25)
    method.D.layers[0].weight.set_value(np.array([[0.9], [-0.125]], np.float32))
    method.D.layers[0].bias.set_value(np.array([7.0], np.float32))
    method.clip_weights()
    assert method.D.layers[0].weight.numpy().ravel().tolist() == [0.25, -0.125]
    assert method.D.layers[0].bias.item() == 7.0
    assert not method.D.layers[0].weight.stop_gradient


def test_a_generator_update_is_never_clipped():
    method = tiny_method("wgan", clip=0.001, lr=0.5)
    method.train_step(tiny_batches("wgan", method), 1)
    assert max(np.abs(v).max() for v in values(method.G).values()) > 0.1


def test_a_critic_with_batch_norm_keeps_a_usable_gradient_after_clipping():
    # PaddleGAN 连归一化的缩放也裁到 0.01，|∇D| 弱了约五千倍
    method = tiny_method("wgan", clip=0.01)
    method.discriminator_step(next(tiny_batches("wgan", method)).x)
    scales = [bn.weight.numpy() for bn in method.D.sublayers() if isinstance(bn, nn.BatchNorm2D)]
    assert scales and np.concatenate(scales) == pytest.approx(1.0, abs=0.1)


# n_critic


@pytest.mark.parametrize("name", ["wgan", "wgan_gp"])
def test_each_critic_update_gets_its_own_real_batch_and_noise(name, monkeypatch):
    method = tiny_method(name, n_critic=4)
    seen, drawn = [], []
    discriminator_loss, noise = method.discriminator_loss, method.noise

    def record_x(x):
        seen.append(x.numpy().tobytes())
        return discriminator_loss(x)

    def record_z(n):
        z = noise(n)
        drawn.append(z.numpy().tobytes())
        return z

    monkeypatch.setattr(method, "discriminator_loss", record_x)
    monkeypatch.setattr(method, "noise", record_z)
    method.train_step(tiny_batches(name, method), 30)

    fresh = tiny_batches(name, method)
    assert seen == [next(fresh).x.numpy().tobytes() for _ in range(4)]
    assert len(set(seen)) == 4
    assert len(drawn) == len(set(drawn)) == 5  # 四次给 D，一次给 G


@pytest.mark.parametrize("name", ["wgan", "wgan_gp"])
@pytest.mark.parametrize(
    ("step", "updates"),
    [(1, 7), (25, 7), (26, 2), (499, 2), (500, 7), (501, 2), (1000, 7)],
)
def test_the_boost_applies_to_the_first_25_steps_and_every_500th(name, step, updates):
    method = tiny_method(name, n_critic=2, n_critic_boost=7)
    batches = tiny_batches(name, method)
    method.train_step(batches, step)
    assert batches.position == updates


@pytest.mark.parametrize("name", ["wgan", "wgan_gp"])
@pytest.mark.parametrize("step", [1, 500])
def test_without_a_boost_every_step_uses_n_critic(name, step):
    method = tiny_method(name, n_critic=2, n_critic_boost=0)
    batches = tiny_batches(name, method)
    method.train_step(batches, step)
    assert batches.position == 2


@pytest.mark.parametrize(
    ("name", "changed", "expected"),
    [
        ("wgan", {"n_critic": 3}, "dddg"),
        ("wgan_gp", {"n_critic": 3}, "dddg"),
        ("wgan_gp", {"n_critic": 2, "g_steps": 3}, "ddggg"),
    ],
)
def test_the_generator_is_updated_after_the_critic_and_once_unless_told(
    name, changed, expected, monkeypatch
):
    method = tiny_method(name, **changed)
    order = []
    for player in ("discriminator_step", "generator_step"):
        original = getattr(method, player)

        def record(*inputs, player=player, original=original):
            order.append(player[0])
            return original(*inputs)

        monkeypatch.setattr(method, player, record)
    method.train_step(tiny_batches(name, method), 1)
    assert "".join(order) == expected


# 优化器


def test_two_rmsprop_steps_match_numpy():
    # r ← ρ·r + (1 − ρ)·g²，w ← w − lr·g/√r
    lr, rho = 0.01, 0.99
    method = toy(WGAN, clip=1e6, lr=lr)
    w = values(method.D)["layers.0.weight"].astype(np.float64)
    r = np.zeros_like(w)
    for _ in range(2):
        # L_D = mean(w·G(z)) − mean(w·x)，对 w 的梯度与 w 无关
        gradient = (generated(method).mean(axis=0) - X.mean(axis=0)).reshape(2, 1)
        r = rho * r + (1 - rho) * gradient**2
        w = w - lr * gradient / np.sqrt(r)
        method.discriminator_step(paddle.to_tensor(X))
        assert values(method.D)["layers.0.weight"] == pytest.approx(w, abs=2e-6)
    assert values(method.D)["layers.0.bias"] == pytest.approx([0.0], abs=1e-7)


@pytest.mark.parametrize("scale", [1e-1, 1e-3, 1e-5])
def test_the_first_rmsprop_step_does_not_depend_on_the_size_of_the_gradient(scale):
    # w ← w − lr·g/√(0.01·g²) = w − 10·lr·sign(g)；飞桨默认的 √(r + 1e-6) 在最小的梯度上小一千倍
    method = toy(WGAN, clip=1e6, lr=0.01)
    before = values(method.D)["layers.0.weight"].astype(np.float64)
    gradient = scale * np.array([[1.0], [-2.0]], np.float32)
    loss = (method.D.layers[0].weight * paddle.to_tensor(gradient)).sum()
    loss.backward()
    method.optimizers["D"].step()
    after = values(method.D)["layers.0.weight"]
    assert after - before == pytest.approx(np.array([[-0.1], [0.1]]), rel=1e-2)


def test_wgan_uses_rmsprop_and_wgan_gp_uses_adam_with_the_papers_defaults():
    wgan, gp = WGAN.Hparams(), WGANGP.Hparams()
    assert (wgan.n_critic, wgan.n_critic_boost, wgan.clip, wgan.lr) == (5, 0, 0.01, 5e-5)
    assert dataclasses.asdict(gp) == {
        "z_dim": 128,
        "noise": "normal",
        "n_critic": 5,
        "n_critic_boost": 0,
        "g_steps": 1,
        "gp_weight": 10.0,
        "lr": 1e-4,
        "beta1": 0.0,
        "beta2": 0.9,
    }
    assert all(type(o) is paddle.optimizer.RMSProp for o in toy(WGAN).optimizers.values())
    assert all(type(o) is Adam for o in toy(WGANGP).optimizers.values())


def test_two_wgan_gp_adam_steps_match_numpy():
    lr, beta1, beta2, weight = 0.01, 0.3, 0.9, 10.0
    method = toy(WGANGP, lr=lr, beta1=beta1, beta2=beta2)
    w = values(method.D)["layers.0.weight"].astype(np.float64)
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t in (1, 2):
        norm = np.linalg.norm(w)
        # ∂/∂w λ(‖w‖ − 1)² = 2λ(‖w‖ − 1)·w/‖w‖
        penalty = 2 * weight * (norm - 1) * w / norm
        gradient = (generated(method).mean(axis=0) - X.mean(axis=0)).reshape(2, 1) + penalty
        m, v = beta1 * m + (1 - beta1) * gradient, beta2 * v + (1 - beta2) * gradient**2
        w = w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + 1e-8)
        method.discriminator_step(paddle.to_tensor(X))
        assert values(method.D)["layers.0.weight"] == pytest.approx(w, abs=2e-6)


# WGAN-GP 不许有 BN


@pytest.mark.parametrize(
    "D",
    [
        lambda: DCGANDiscriminator((1, 8, 8), (1,), width=2, depth=2),
        lambda: MLP((1, 8, 8), (1,), width=2, batch_norm=True),
        lambda: nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(64, 2), nn.BatchNorm1D(2))),
    ],
    ids=["dcgan", "mlp", "nested"],
)
def test_a_wgan_gp_critic_with_batch_norm_is_refused_in_chinese(D):
    networks = {"G": DCGANGenerator((4,), (1, 8, 8), width=2, depth=2), "D": D()}
    with pytest.raises(UserError, match="不能有 BN.*norm: none.*batch_norm: false"):
        WGANGP(networks, WGANGP.Hparams(z_dim=4))


@pytest.mark.parametrize("norm", ["none", "instance"])
def test_a_wgan_gp_critic_without_batch_norm_is_accepted_though_g_keeps_its_own(norm):
    method = tiny_method("wgan_gp")
    assert any(isinstance(layer, nn.BatchNorm2D) for layer in method.G.sublayers())
    options = {k: v for k, v in DCGAN_D.items() if k != "name"} | {"norm": norm}
    generator = {k: v for k, v in DCGAN_G.items() if k != "name"}
    shape = (1, 8, 8)
    networks = {
        "G": DCGANGenerator((4,), shape, **generator),
        "D": DCGANDiscriminator(shape, (1,), **options),
    }
    method = WGANGP(networks, WGANGP.Hparams(z_dim=4))
    logs = method.train_step(tiny_batches("wgan_gp", method), 1)
    assert logs["loss/gp"].item() > 0


def test_the_score_of_one_sample_does_not_depend_on_the_rest_of_the_batch():
    method = tiny_method("wgan_gp")
    x = next(tiny_batches("wgan_gp", method)).x
    together, alone = method.D(x).numpy()[:1], method.D(x[:1]).numpy()
    assert alone == pytest.approx(together, abs=1e-6)


def test_training_drives_the_gradient_norm_towards_one():
    method = toy(WGANGP, lr=0.01, gp_weight=10.0)
    method.D.layers[0].weight.set_value(np.array([[3.0], [1.0]], np.float32))
    for _ in range(600):
        seed_noise()
        method.discriminator_step(paddle.to_tensor(X))
    w = values(method.D)["layers.0.weight"].ravel()
    # 最优点：w 沿 x̄ − G(z)̄，长度 1 + |差|/(2λ)
    difference = X.mean(axis=0) - generated(method).mean(axis=0)
    gap = np.linalg.norm(difference)
    assert w == pytest.approx(difference / gap * (1 + gap / 20), rel=0.02)
