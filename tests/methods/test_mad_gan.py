"""MAD-GAN：标签各在各的一边，k 个生成器各用各的 z，分工量得出来。"""

import math

import numpy as np
import paddle
import pytest
from helpers import TINY, same, seed_noise, tiny_batches, tiny_method, values

from paddle_gan.data import Ring, SwissRoll
from paddle_gan.errors import UserError
from paddle_gan.evaluation.export import describe_generator, save_network
from paddle_gan.evaluation.scorers import GeneratorsScorer
from paddle_gan.methods import METHODS
from paddle_gan.methods.mad_gan import MADGAN
from paddle_gan.metrics.modes import purity_report
from paddle_gan.networks.mlp import MLP
from paddle_gan.run.build import Shapes

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0], [-0.5, -0.5]], np.float32)


def toy(k: int = 3, **hparams) -> MADGAN:
    """每个网络都是一个全连接层，方便手算。"""
    h = MADGAN.Hparams(z_dim=3, k=k, **hparams)
    shapes = MADGAN.shapes(h, (2,), None)
    return MADGAN({letter: MLP(*ends, depth=0) for letter, ends in shapes.items()}, h)


def linear(network, x: np.ndarray) -> np.ndarray:
    w, b = (v.astype(np.float64) for v in values(network).values())
    return x @ w + b


def drawn(method, n: int = len(X)) -> tuple[np.ndarray, np.ndarray]:
    """把噪声拨回原处之后，下一步要用的样本与各由谁生成，手算：轮流，第一维不用。"""
    seed_noise()
    z = method.noise(n).numpy().astype(np.float64)
    seed_noise()
    owners = np.arange(n) % method.hparams.k
    made = [linear(method.networks[f"G_{i + 1}"], row[1:]) for i, row in zip(owners, z)]
    return np.stack(made), owners


def log_softmax(logit: np.ndarray) -> np.ndarray:
    return logit - np.log(np.exp(logit).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("identity", [True, False])
def test_d_names_the_generator_of_each_sample_and_the_last_class_is_real(identity):
    method = toy(identity=identity)
    fake, owners = drawn(method, len(X))
    assert len(set(owners)) > 1
    real, made = log_softmax(linear(method.D, X)), log_softmax(linear(method.D, fake))
    # −E[log D_{k+1}(x)] − Σ_i E[log D_i(G_i(z))]，i 均匀，所以 Σ_i 是 k 倍的平均
    named = made[np.arange(len(X)), owners]
    hidden = np.log1p(-np.exp(made[:, 3]))  # log(1 − D_{k+1})
    expected = -real[:, 3].mean() - 3 * (named if identity else hidden).mean()
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/D"].item() == loss.item()
    assert logs["prob/real"].item() == pytest.approx(np.exp(real[:, 3]).mean(), rel=1e-5)
    assert logs["prob/fake"].item() == pytest.approx(np.exp(made[:, 3]).mean(), rel=1e-5)
    assert logs["prob/owner"].item() == pytest.approx(np.exp(named).mean(), rel=1e-5)


def test_every_generator_wants_the_last_class_for_its_samples():
    method = toy()
    fake, _ = drawn(method)
    loss, logs = method.generator_loss(len(X))
    expected = -log_softmax(linear(method.D, fake))[:, 3].mean()
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/G"].item() == loss.item()


def test_a_blind_discriminator_costs_what_the_paper_says_when_the_mixture_is_the_data():
    # 混合与数据相同、又认不出是谁：D_i = 1/(k + 1)，L_D = (k + 1)·log(k + 1)
    method = toy(k=4)
    for p in method.D.parameters():
        p.set_value(paddle.zeros_like(p))
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    assert loss.item() == pytest.approx(5 * math.log(5), rel=1e-6)
    assert logs["prob/owner"].item() == pytest.approx(0.2, rel=1e-6)
    assert method.generator_loss(5)[0].item() == pytest.approx(math.log(5), rel=1e-6)


def test_one_discriminator_step_makes_the_owners_easier_to_tell():
    method = toy(lr_D=1e-2)
    named = []
    for _ in range(2):
        seed_noise()
        named.append(method.discriminator_step(paddle.to_tensor(X))["prob/owner"].item())
    assert named[1] > named[0] + 1e-4


# z 的第一维挑生成器


@pytest.mark.parametrize(("noise", "edges"), [("normal", [-0.6745, 0, 0.6745]), ("uniform", None)])
def test_the_first_coordinate_cuts_the_noise_into_k_equal_parts_in_order(noise, edges):
    edges = edges or [-0.5, 0.0, 0.5]
    method = toy(k=4, noise=noise)
    z = np.full((8, 3), 9.0, np.float32)
    z[:, 0] = [e + d for e in edges for d in (-1e-3, 1e-3)] + [-1.0, 1.0]
    assert method.owners(paddle.to_tensor(z)).tolist() == [0, 1, 1, 2, 2, 3, 0, 3]
    seed_noise()
    shares = np.bincount(method.owners(method.noise(4000)).numpy()) / 4000
    assert shares == pytest.approx(np.full(4, 0.25), abs=0.03)


def test_a_z_gives_the_same_sample_wherever_it_stands_in_the_batch():
    method = toy()
    z = method.noise(7)
    whole = method.generate(z).numpy()
    for i in (6, 0, 3):
        assert method.generate(z[i : i + 1]).numpy()[0] == pytest.approx(whole[i], rel=1e-5)
    assert method.generate(z.flip(0)).numpy() == pytest.approx(whole[::-1], rel=1e-5)


def test_the_samples_of_a_training_step_come_evenly_from_all_the_generators():
    method = toy(k=3)
    fake, owners = drawn(method, 8)
    samples, labels = (t.numpy() for t in method.made(8))
    order = np.argsort(owners, kind="stable")
    assert labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2] == owners[order].tolist()
    assert samples == pytest.approx(fake[order], rel=1e-5)


def test_sampling_uses_the_generator_that_the_first_coordinate_names():
    method = toy(k=3)
    z = method.noise(9).numpy()
    z[:, 0] = np.tile([-1.0, 0.0, 1.0], 3)  # Φ 是 0.16、0.5、0.84
    made = [linear(method.networks[f"G_{i % 3 + 1}"], row[1:]) for i, row in enumerate(z)]
    samples = method.generate(paddle.to_tensor(z)).numpy()
    assert samples == pytest.approx(np.stack(made), rel=1e-5)


def test_a_batch_too_small_to_share_is_refused_in_one_sentence():
    with pytest.raises(UserError, match="一批 2 个样本不够 hparams.k = 3 .*batch_size 改大"):
        toy(k=3).generator_step(2)


def test_every_generator_learns_in_every_step():
    method = toy(k=3)
    before = [values(method.networks[a]) for a in method.generators]
    method.generator_step(3)
    assert not any(same(b, values(method.networks[a])) for a, b in zip(method.generators, before))


def test_the_generators_start_apart_and_there_are_exactly_k():
    method = tiny_method("mad_gan", k=3)
    assert method.generators == ("G_1", "G_2", "G_3") and method.discriminators == ("D",)
    first, second = (values(method.networks[a]) for a in ("G_1", "G_2"))
    assert not same(first, second)
    assert method.networks["D"](paddle.to_tensor(X)).shape == [5, 4]


def test_a_z_without_room_for_the_generators_is_refused_in_one_sentence():
    with pytest.raises(UserError, match="hparams.z_dim 至少要 2，现在是 1"):
        tiny_method("mad_gan", z_dim=1)


def test_a_single_generator_is_the_plain_gan_up_to_the_names():
    # k = 1：两类的 softmax 就是 logit 之差的 sigmoid
    method = toy(k=1)
    fake, _ = drawn(method)
    real_gap, fake_gap = (np.diff(linear(method.D, points))[:, 0] for points in (X, fake))
    expected = np.logaddexp(0, -real_gap).mean() + np.logaddexp(0, fake_gap).mean()
    assert method.discriminator_loss(paddle.to_tensor(X))[0].item() == pytest.approx(
        expected, rel=1e-5
    )


# 分工


MODES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


def test_purity_is_the_share_of_the_main_mode_and_the_main_modes_are_counted_once():
    samples = MODES[[0, 0, 0, 1, 0, 0, 2, 2]] + 0.1
    owners = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    # 第 0 个：3/4 在模式 0；第 1 个：全在模式 0；第 2 个：全在模式 2
    report = purity_report(samples, owners, MODES)
    assert report == {
        "generators/purity": pytest.approx((0.75 + 1 + 1) / 3),
        "generators/modes": 2.0,
    }
    mixed = purity_report(MODES[[0, 1, 2, 0, 1, 2]], np.array([0, 0, 0, 1, 1, 1]), MODES)
    assert mixed["generators/purity"] == pytest.approx(1 / 3)


class Divided:
    """第 i 个生成器只画环上的第 i 个模式。"""

    def noise(self, n):
        return paddle.arange(n).reshape([n, 1]).astype("float32")

    def owners(self, z):
        return (z[:, 0] % 8).astype("int64")

    def generate(self, z):
        return paddle.to_tensor(Ring().modes[self.owners(z).numpy()].astype(np.float32))


def test_the_score_of_a_perfect_division_is_one_and_all_eight():
    scorer = GeneratorsScorer(Ring(), Ring(), 160, 0)
    assert scorer.score(Divided()) == {"generators/purity": 1.0, "generators/modes": 8.0}
    everyone = Divided()
    everyone.owners = lambda z: (z[:, 0] // 8 % 2).astype("int64")
    everyone.generate = Divided().generate
    assert scorer.score(everyone)["generators/purity"] == pytest.approx(1 / 8)


def test_only_a_method_with_several_generators_on_known_modes_has_this_score():
    ring = Ring()
    assert GeneratorsScorer.fits(METHODS["mad_gan"], ring, ring)
    assert not GeneratorsScorer.fits(METHODS["gan"], ring, ring)
    roll = SwissRoll()
    assert not GeneratorsScorer.fits(METHODS["mad_gan"], roll, roll)


def test_a_train_step_draws_as_many_samples_as_the_batch_for_each_update(monkeypatch):
    method = tiny_method("mad_gan")
    asked, noise = [], method.noise
    monkeypatch.setattr(method, "noise", lambda n: asked.append(n) or noise(n))
    method.train_step(tiny_batches("mad_gan", method), 1)
    assert asked == [4] * (TINY["mad_gan"].batches + 1)


def test_the_exported_mixture_gives_the_same_samples_without_the_toolkit(tmp_path):
    method = tiny_method("mad_gan", k=3)
    z = method.noise(5)
    network, description = describe_generator(method, Shapes((2,)))
    assert description["input"]["shape"] == [None, 4] == [None, z.shape[1]]
    save_network(network, tmp_path / "model", description["input"]["shape"])
    again = paddle.jit.load(str(tmp_path / "model"))(z).numpy()
    assert again == pytest.approx(method.generate(z).numpy(), abs=1e-5)
    assert all(G.training for G in method.layers(method.generators))
