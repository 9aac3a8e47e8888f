"""ProGAN：损失的数值、长大的时刻表、真样本也淡入、Adam 归零、淡入到一半时恢复。"""

import math

import numpy as np
import paddle
import pytest
from helpers import TINY, TinyData, seed_noise, tiny_batches, tiny_method, values
from resume_cases import config_of, contents

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.methods.progan import grown_at
from paddle_gan.networks.resize import down, up
from paddle_gan.run.ema import Ema
from paddle_gan.run.run import Run


def at(grown: float, **hparams):
    """长到 grown 的方法（两级：4 像素与 8 像素）。"""
    method = tiny_method("progan", **hparams)
    for network in method.networks.values():
        network.grow(grown)
    return method


def pooled(x: np.ndarray) -> np.ndarray:
    """每 2×2 平均成一个。"""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).mean(axis=(3, 5))


# 时刻表


def test_every_level_is_stable_then_fades_for_as_long_as_asked_and_the_last_one_stays():
    found = [grown_at(step, stable=2, fade=4, levels=3) for step in range(1, 17)]
    first = [0, 0, 0.25, 0.5, 0.75, 1]
    assert found == pytest.approx([*first, *(1 + g for g in first), 2, 2, 2, 2])


def test_the_position_is_a_whole_level_or_a_level_being_faded_in():
    G = tiny_method("progan").G
    for grown, expected in ((0.0, (0, 1.0)), (0.25, (1, 0.25)), (1.0, (1, 1.0))):
        G.grow(grown)
        assert G.position() == pytest.approx(expected)


def test_a_train_step_grows_both_networks_and_says_so():
    method = tiny_method("progan", stable=1, fade=2)
    batches, said = tiny_batches("progan", method), []
    for step in (1, 2, 3):
        logs = method.train_step(batches, step)
        said.append((logs["grow/size"].item(), logs["grow/alpha"].item()))
        assert method.G.grown.item() == method.D.grown.item()
    assert said == [(4, 1), (8, 0.5), (8, 1)]


def test_without_growing_the_largest_images_come_from_the_start():
    method = tiny_method("progan", grow=False)
    logs = method.train_step(tiny_batches("progan", method), 1)
    assert (logs["grow/size"].item(), logs["grow/alpha"].item()) == (8, 1)


# 损失


@pytest.mark.parametrize("grown", [0.0, 0.25, 1.0])
def test_the_discriminator_loss_is_that_of_wgan_gp_plus_the_drift(grown):
    method = at(grown, drift=0.5, gp_weight=3.0)
    x = paddle.to_tensor(TinyData((1, 8, 8)).x[:4])
    seed_noise()
    fake = method.fakes(4)
    seed_noise()
    loss, logs = method.discriminator_loss(x)
    with paddle.no_grad():
        real = method.D(method.reals(x)).numpy().astype(np.float64)
        made = method.D(fake).numpy().astype(np.float64)
    expected = made.mean() - real.mean() + 3 * logs["loss/gp"].item() + 0.5 * (real**2).mean()
    assert loss.item() == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert logs["score/real"].item() == pytest.approx(real.mean(), rel=1e-4, abs=1e-6)
    seed_noise()
    assert method.generator_loss(4)[0].item() == pytest.approx(-made.mean(), rel=1e-4, abs=1e-6)


def test_the_penalty_mixes_each_pair_by_its_own_epsilon(monkeypatch):
    method, seen = at(0.5), []
    monkeypatch.setattr(method, "reals", lambda x: paddle.ones([4, 1, 8, 8]))
    monkeypatch.setattr(method, "fakes", lambda n: paddle.zeros([4, 1, 8, 8]))
    method.D.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0].numpy()))
    method.discriminator_loss(paddle.zeros([4, 1, 8, 8]))
    flat = seen[-1].reshape(4, -1)  # 真的处处是 1，假的处处是 0：混出来的就是 ε
    assert (flat == flat[:, :1]).all() and len(np.unique(flat[:, 0])) == 4
    assert ((flat >= 0) & (flat < 1)).all()


def test_the_defaults_are_those_of_the_paper():
    h = type(tiny_method("progan")).Hparams()
    assert (h.gp_weight, h.drift, h.lr_D, h.lr_G) == (10, 1e-3, 1e-3, 1e-3)
    assert (h.beta1, h.beta2, h.d_steps, h.z_dim) == (0, 0.99, 1, 512)
    assert h.stable * 16 == h.fade * 16 == 600_000


# 真样本也淡入


def test_reals_shrink_to_the_level_and_fade_like_the_images():
    x = TinyData((1, 8, 8)).x[:3]
    small, given = pooled(x.astype(np.float64)), paddle.to_tensor(x)
    assert at(0.0).reals(given).numpy() == pytest.approx(small, abs=1e-6)
    assert np.array_equal(at(1.0).reals(given).numpy(), x)
    blurred = small.repeat(2, axis=2).repeat(2, axis=3)
    faded = 0.75 * blurred + 0.25 * x
    assert at(0.25).reals(given).numpy() == pytest.approx(faded, abs=1e-6)


def test_samples_always_have_the_size_of_the_data_and_follow_the_level():
    method = at(0.0)
    z = method.noise(3)
    images = method.generate(z)
    assert images.shape == [3, 1, 8, 8]
    assert np.array_equal(up(down(images)).numpy(), images.numpy())  # 放大的 4 像素的图
    method.G.grow(0.5)
    assert not np.array_equal(method.generate(z).numpy(), images.numpy())
    assert method.generate(z).numpy() == pytest.approx(method.G(z).numpy(), abs=1e-6)


# Adam


def moments(method) -> float:
    """两个优化器里最大的矩。"""
    states = [
        state
        for optimizer in method.optimizers.values()
        for name in ("moment1", "moment2")
        for state in optimizer._accumulators[name].values()
    ]
    return max(float(state.abs().max()) for state in states)


@pytest.mark.parametrize(
    ("step", "restarts"), [(2, False), (3, True), (4, False), (5, True), (6, False), (9, False)]
)
def test_adam_starts_again_when_a_level_begins_to_fade_in_and_when_it_is_in(step, restarts):
    method = tiny_method("progan", stable=2, fade=3)  # 淡入是第 3、4、5 步
    method.train_step(tiny_batches("progan", method), 1)
    assert moments(method) > 0
    method.grow(step)
    assert (moments(method) == 0) == restarts


def test_after_a_restart_adam_takes_the_step_of_a_new_one():
    old, new = tiny_method("progan"), tiny_method("progan")
    batch = next(tiny_batches("progan", old))
    old.update("D", *batch)
    for letter in "GD":
        new.networks[letter].set_state_dict(old.networks[letter].state_dict())
    old.optimizers["D"].restart()
    for method in (old, new):
        seed_noise()
        method.update("D", *batch)
    for name, value in values(new.D).items():
        assert np.array_equal(values(old.D)[name], value), name


# 存盘与恢复


def test_a_run_stopped_at_the_first_level_and_in_the_middle_of_a_fade_goes_on_bit_for_bit(tmp_path):
    hparams = TINY["progan"].hparams | {"stable": 2, "fade": 4}
    options = {"hparams": hparams, "ema": 0.9, "checkpoint_every": 2, "sample_every": 2}
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    Trainer(config_of("progan", total_steps=6, **options), "cpu").run(whole)
    for total, position in ((2, (0, 1)), (4, (1, 0.5)), (6, (1, 1))):
        config = config_of("progan", total_steps=total, **options)
        Trainer(config, "cpu").run(parts, resume=total > 2)
        assert Run(parts).load("last")[1].G.position() == position
    assert contents(parts) == contents(whole)


def test_the_average_of_the_generator_stands_where_the_generator_stands():
    method = tiny_method("progan")
    ema = Ema(method, 0.9)
    method.grow(2)
    ema(2, {}, {})
    assert ema.average["G/grown"].item() == method.G.grown.item() == 0.5


def test_the_sampler_keeps_its_place_when_the_generator_grows_on():
    method = at(0.5)
    z, sampler = method.noise(2), method.sampler()
    before = sampler(z).numpy()
    method.G.grow(1.0)
    assert np.array_equal(sampler(z).numpy(), before)


# 说清楚


def test_networks_that_cannot_grow_are_refused():
    method = tiny_method("dcgan")
    with pytest.raises(UserError, match="progressive_generator.*progressive_discriminator"):
        type(tiny_method("progan"))(method.networks, method.hparams)


def test_networks_of_different_levels_are_refused():
    one = tiny_method("progan")
    two = tiny_method("progan", network={"levels": 3})
    with pytest.raises(UserError, match="G 有 2 级，D 有 3 级.*levels"):
        type(one)({"G": one.G, "D": two.D}, one.hparams)
    assert math.isclose(two.G.grown.item(), 2)
