"""AE、VAE、VAE-GAN：误差与 KL 都相加、下界的数值、梯度各去哪里、AE 记得编码的位置。"""

from pathlib import Path

import numpy as np
import paddle
import pytest
from helpers import same, seed_noise, tiny_batches, tiny_method, values

from paddle_gan.errors import UserError
from paddle_gan.methods.autoencoding import Drawing, gaussian_kl, pixel_cross_entropy
from paddle_gan.methods.vae import VAE
from paddle_gan.networks.chain import before_output
from paddle_gan.networks.dcgan import DCGANDiscriminator
from paddle_gan.networks.mlp import MLP
from paddle_gan.networks.unet import UNet
from paddle_gan.run.build import build_data, build_method, shapes_of
from paddle_gan.run.config import load_config

ROOT = Path(__file__).resolve().parents[2]
RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (3, 1, 2, 2)).astype(np.float32)


def sigmoid(a):
    return 1 / (1 + np.exp(-np.asarray(a, np.float64)))


# 误差


def test_the_error_is_summed_over_pixels_and_averaged_over_the_batch():
    logit = RNG.normal(size=X.shape).astype(np.float32)
    p, s = (X.astype(np.float64) + 1) / 2, sigmoid(logit)
    nats = -(p * np.log(s) + (1 - p) * np.log(1 - s))
    found = pixel_cross_entropy(paddle.to_tensor(logit), paddle.to_tensor(X)).item()
    assert found == pytest.approx(nats.sum() / len(X), rel=1e-5)
    wide = [paddle.to_tensor(np.tile(a, (1, 1, 1, 2))) for a in (logit, X)]
    assert pixel_cross_entropy(*wide).item() == pytest.approx(2 * found, rel=1e-5)


def test_a_sure_logit_costs_what_it_should_without_overflow():
    x = paddle.to_tensor([[1.0], [-1.0]])
    assert pixel_cross_entropy(paddle.to_tensor([[200.0], [-200.0]]), x).item() == 0.0
    assert pixel_cross_entropy(paddle.to_tensor([[-200.0], [200.0]]), x).item() == 200.0


def test_the_picture_is_twice_the_probability_less_one():
    decoder = MLP((2,), (1, 2, 2), width=4, depth=1)
    z = paddle.randn([5, 2])
    logit = decoder(z).numpy()
    assert Drawing(decoder)(z).numpy() == pytest.approx(2 * sigmoid(logit) - 1, abs=1e-6)


def test_the_kl_is_the_closed_form_summed_over_dimensions():
    mu, log_variance = (RNG.normal(size=(4, 3)).astype(np.float32) for _ in range(2))
    expected = 0.5 * (mu**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1).mean()
    pair = paddle.to_tensor(mu), paddle.to_tensor(log_variance)
    assert gaussian_kl(*pair).item() == pytest.approx(expected, rel=1e-5)
    twice = (paddle.concat([one, one], axis=1) for one in pair)
    assert gaussian_kl(*twice).item() == pytest.approx(2 * expected, rel=1e-5)
    assert gaussian_kl(paddle.zeros([2, 3]), paddle.zeros([2, 3])).item() == 0.0


def test_the_kl_agrees_with_a_sample_average():
    mu, sigma = 0.7, 0.4
    z = mu + sigma * RNG.normal(size=400_000)
    log_ratio = -np.log(sigma) - (z - mu) ** 2 / (2 * sigma**2) + z**2 / 2
    found = gaussian_kl(paddle.to_tensor([[mu]]), paddle.to_tensor([[2 * np.log(sigma)]])).item()
    assert found == pytest.approx(log_ratio.mean(), abs=0.01)


# VAE


def linear(network, x):
    w, b = (v.astype(np.float64) for v in values(network).values())
    return x @ w + b


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_the_bound_of_the_vae_by_hand(beta):
    h = VAE.Hparams(z_dim=2, beta=beta)
    shapes = VAE.shapes(h, (4,), None)
    paddle.seed(0)
    method = VAE({a: MLP(*ends, depth=0) for a, ends in shapes.items()}, h)
    x = X.reshape(3, 4)
    seed_noise()
    loss, logs = method.generator_loss(paddle.to_tensor(x))
    seed_noise()
    noise = method.noise(3).numpy()

    output = linear(method.Enc, x)
    mu, log_variance = output[:, :2], output[:, 2:]  # 前一半与后一半，不是同一份
    logit = linear(method.Dec, mu + np.exp(log_variance / 2) * noise)
    p = (x + 1) / 2
    nats = (np.log1p(np.exp(logit)) - p * logit).sum() / 3
    kl = 0.5 * (mu**2 + np.exp(log_variance) - 1 - log_variance).sum() / 3
    assert loss.item() == pytest.approx(nats + beta * kl, rel=1e-5)
    assert logs["elbo/reconstruction"].item() == pytest.approx(nats, rel=1e-5)
    assert logs["elbo/kl"].item() == pytest.approx(kl, rel=1e-5)


@pytest.mark.parametrize("name", ["ae", "vae"])
def test_one_step_lowers_the_loss_of_its_own_batch(name):
    method = tiny_method(name)
    x = next(tiny_batches(name, method, batch_size=8)).x
    losses = []
    for _ in range(2):
        seed_noise()
        losses.append(method.generator_step(x)["loss/G"].item())
    assert losses[1] < losses[0] - 1e-3


def test_the_vae_reconstructs_from_the_mean_without_noise():
    method = tiny_method("vae")
    x = next(tiny_batches("vae", method)).x
    first, second = method.reconstruct(x), method.reconstruct(x)
    assert (first == second).all()
    mu = method.encode(x)[0].detach()
    assert first.numpy() == pytest.approx(method.generate(mu).numpy(), abs=1e-6)


# AE


def test_the_autoencoder_generates_where_its_codes_lie():
    method = tiny_method("ae")
    method.Enc = lambda x: paddle.to_tensor([[4.0, 0.0, -2.0]]) + x.flatten(1)[:, :3]
    x = paddle.randn([4000, 1, 8, 8]) * 0.5
    for _ in range(600):
        method.follow(method.Enc(x))
    assert method.shown.mean.numpy() == pytest.approx([4.0, 0.0, -2.0], abs=0.05)
    assert method.shown.variance.numpy() == pytest.approx([0.25] * 3, rel=0.1)
    z = paddle.to_tensor([[1.0, -1.0, 0.5]])
    placed = method.shown.mean + method.shown.variance.sqrt() * z
    expected = method.shown.draw(placed).numpy()
    assert method.generate(z).numpy() == pytest.approx(expected, abs=1e-6)


def test_the_place_of_the_codes_travels_with_the_checkpoint():
    method, other = tiny_method("ae"), tiny_method("ae", seed=1)
    for step in (1, 2):
        method.train_step(tiny_batches("ae", method), step)
    other.load_state(method.state())
    for key, value in method.state().items():
        assert (other.state()[key] == value).all()
    assert not (method.state()["mean"] == 0).all()


# VAE-GAN：梯度的去处


def gradients(loss, network) -> float:
    """损失对一个网络的参数的梯度里绝对值最大的；没有连上是 0。"""
    found = paddle.grad(loss, network.parameters(), allow_unused=True)
    return max((float(g.abs().max()) for g in found if g is not None), default=0.0)


def test_each_loss_reaches_exactly_its_own_player():
    method = tiny_method("vae_gan")
    x = next(tiny_batches("vae_gan", method, batch_size=8)).x
    before = {letter: values(network) for letter, network in method.networks.items()}
    for player in ("D", "E", "G"):
        method.update(player, x)
        for letter, network in method.networks.items():
            changed = not same(before[letter], values(network))
            assert changed == (letter == player), (player, letter)
            assert all(p.grad is None for p in network.parameters())
            before[letter] = values(network)


def test_the_feature_error_would_teach_d_if_it_were_not_frozen():
    """前一条要有意义：不冻结，L_rec 对 D、L_G 对 E 都有梯度。"""
    method = tiny_method("vae_gan")
    x = next(tiny_batches("vae_gan", method, batch_size=8)).x
    assert gradients(method.encoder_loss(x)[0], method.D) > 0
    assert gradients(method.generator_loss(x)[0], method.E) > 0


@pytest.mark.parametrize(("player", "depends"), [("E", False), ("G", True)])
def test_the_weight_of_the_feature_error_acts_on_the_decoder_only(player, depends):
    after = []
    for weight in (0.0, 5.0):
        method = tiny_method("vae_gan", similarity=weight)
        x = next(tiny_batches("vae_gan", method, batch_size=8)).x
        seed_noise()
        method.update(player, x)
        after.append(values(method.networks[player]))
    assert same(*after) != depends


def test_the_losses_of_the_vae_gan_by_hand():
    method = tiny_method("vae_gan", similarity=0.3)
    x = next(tiny_batches("vae_gan", method, batch_size=8)).x
    seed_noise()
    (loss_D, logs), (loss_E, logs_E), (loss_G, _) = (
        method.discriminator_loss(x),
        method.encoder_loss(x),
        method.generator_loss(x),
    )
    seed_noise()
    z, eps, eps_E, eps_G, z_G = (method.noise(8) for _ in range(5))
    mu, log_variance = method.encode(x)
    sigma = (0.5 * log_variance).exp()

    def soft(a):
        return np.log1p(np.exp(a)).mean()

    def feature_error(eps):
        gap = method.features(x) - method.features(method.G(mu + sigma * eps))
        return 0.5 * (gap.numpy().astype(np.float64) ** 2).sum() / 8

    def logit(images):
        return method.D(images).numpy().astype(np.float64)

    prior, back = logit(method.G(z)), logit(method.G(mu + sigma * eps))
    expected = soft(-logit(x)) + (soft(prior) + soft(back)) / 2
    assert loss_D.item() == pytest.approx(expected, rel=1e-4)
    assert logs["prob/fake"].item() == pytest.approx(sigmoid(prior).mean(), rel=1e-4)
    kl = gaussian_kl(mu, log_variance).item()
    assert logs_E["elbo/kl"].item() == pytest.approx(kl, rel=1e-5)
    assert loss_E.item() == pytest.approx(kl + feature_error(eps_E), rel=1e-4)
    prior, back = logit(method.G(z_G)), logit(method.G(mu + sigma * eps_G))
    expected = (soft(-prior) + soft(-back)) / 2 + 0.3 * feature_error(eps_G)
    assert loss_G.item() == pytest.approx(expected, rel=1e-4)


# 隐层的特征


@pytest.mark.parametrize(
    "network",
    [
        DCGANDiscriminator((1, 8, 8), (1,), width=4, depth=2, norm="none"),
        MLP((1, 8, 8), (1,), width=6, depth=2),
    ],
)
def test_the_features_followed_by_the_output_layer_are_the_network(network):
    x = paddle.randn([3, 1, 8, 8])
    last = [layer for layer in network.layers if layer.parameters()][-1]
    assert last(before_output(network)(x)).flatten().numpy() == pytest.approx(
        network(x).flatten().numpy(), abs=1e-5
    )


@pytest.mark.parametrize(
    "network", [MLP((4,), (1,), depth=0), UNet((1, 8, 8), (1, 8, 8), width=4, depth=2)]
)
def test_a_network_without_hidden_features_is_refused(network):
    with pytest.raises(UserError, match="dcgan_discriminator"):
        before_output(network)


@pytest.mark.parametrize("name", ["ae", "vae"])
def test_a_decoder_that_already_draws_is_refused_with_the_lever(name):
    with pytest.raises(UserError, match="network.decoder.output: linear"):
        tiny_method(name, network={"output": "tanh"})


@pytest.mark.parametrize("name", ["ae", "vae"])
def test_pixels_that_are_not_signed_are_refused_with_the_lever(name):
    config = load_config(ROOT / "configs" / f"{name}_digits.yml", ["data.unit_range=true"])
    with pytest.raises(UserError, match="data.unit_range"):
        build_method(config, shapes_of(build_data(config, "train")))
