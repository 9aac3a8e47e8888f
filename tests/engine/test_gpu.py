"""显卡体检的每一项：同样的代码在 CPU 上跑，CPU 与 CPU 逐位相同；放进一个毛病，就要说出来。"""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import paddle
import pytest
from tool_helpers import ROOT, load_tool

from paddle_gan.engine.gpu import cards, losses, penalties, resume, small
from paddle_gan.engine.gpu.speed import Noise
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.run.checkpoint import load_checkpoint
from paddle_gan.run.config import load_config
from paddle_gan.run.ema import Ema


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """通道再少一些，测试才快。"""
    monkeypatch.setattr(small, "NETWORK", {"width": 4, "blocks": 1})


def of(config: str, steps: int = 2) -> small.Small:
    """缩小一个配置；图像换成更小的噪声。"""
    wanted = small.small(load_config(ROOT / f"configs/{config}.yml"), steps)
    alike = wanted.data.y_shape in (None, wanted.data.shape)  # 放大、补洞的一对图不一样大
    noisy = len(wanted.data.shape) == 3 and alike and not wanted.config.labels
    return replace(wanted, data=Noise(32)) if noisy else wanted


def right(result: small.Result) -> bool:
    """✓ 还是 ✗。"""
    return not result.finding.advice


def with_loss(change):
    """建好的方法，判别器（没有时是生成器）的损失与记录经过 change。"""

    def build(wanted, device):
        method = small.build_on(wanted, device)
        name = "discriminator_loss" if method.discriminators else "generator_loss"
        honest = getattr(method, name)
        setattr(method, name, lambda *inputs: change(*honest(*inputs)))
        return method

    return build


def doubled(loss, logs):
    return 2 * loss, {name: 2 * value for name, value in logs.items()}


# 缩小


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_a_config_of_its_own_to_shrink(name):
    chosen = load_tool("_gpu").chosen(name)
    assert load_config(ROOT / f"configs/{chosen}.yml").method == name
    assert 0 < losses.limit_of(name, "gpu:0") <= 0.02


def test_shrinking_keeps_the_kind_of_network_and_makes_everything_small():
    wanted = of("stesha_02", steps=7).config
    assert wanted.network["generator"]["name"] == "dcgan_generator"
    assert wanted.network["generator"]["channels"] == [small.WIDTH] * 4
    assert (wanted.batch_size, wanted.total_steps, wanted.metrics.names) == (4, 7, [])
    assert of("wgan_digits").config.hparams["n_critic"] == 2
    assert of("wgan_digits").config.hparams["clip"] == 0.01  # 别的照旧


# 头几步的损失


@pytest.mark.parametrize("name", METHODS)
def test_the_same_device_agrees_to_the_bit_and_a_wrong_loss_passes_no_tolerance(name):
    wanted = of(load_tool("_gpu").chosen(name))
    good = losses.same_as_cpu(wanted, "cpu")
    assert right(good) and good.numbers == {"apart": 0.0, "limit": 0.0}
    bad = losses.same_as_cpu(wanted, "cpu", build=with_loss(doubled))
    assert not right(bad) and bad.numbers["apart"] > losses.limit_of(name, "gpu:0")


def test_a_loss_that_is_logged_right_but_trained_wrong_shows_from_the_second_step():
    only_trained = with_loss(lambda loss, logs: (-loss, logs))
    assert not right(losses.same_as_cpu(of("gan_ring"), "cpu", build=only_trained))


def test_on_a_gpu_the_limit_is_the_tolerance_of_the_method():
    assert losses.limit_of("dcgan", "gpu:0") == losses.DCGAN_TOLERANCE > 0
    assert losses.limit_of("dcgan", "cpu") == 0.0


def test_the_pool_draws_no_lots_when_two_devices_are_compared():
    wanted = of("cyclegan")
    assert wanted.config.hparams["pool_size"] == small.HPARAMS["pool_size"] > 0
    assert losses.without_pool(wanted).config.hparams["pool_size"] == 0
    assert losses.without_pool(of("gan_ring")).config == of("gan_ring").config


def test_losses_with_other_names_or_another_number_of_steps_are_infinitely_far():
    logged = [{"loss/D": 4.0}, {"loss/D": 0.5}]
    assert small.furthest(logged, logged) == 0
    assert small.furthest(logged, logged[:1]) == np.inf
    assert small.furthest(logged, [{"loss/D": 4.0}, {"loss/G": 0.5}]) == np.inf
    # 大的按相对误差，小的按绝对误差
    assert small.furthest(logged, [{"loss/D": 5.0}, {"loss/D": 0.5}]) == pytest.approx(0.25)
    assert small.furthest(logged, [{"loss/D": 4.0}, {"loss/D": 0.6}]) == pytest.approx(0.1)
    assert np.isnan(small.furthest(logged, [{"loss/D": 4.0}, {"loss/D": float("nan")}]))


def test_exact_arithmetic_is_switched_on_for_a_gpu_only_and_back_off(monkeypatch):
    flags, switches = {"FLAGS_cudnn_deterministic": False}, {"cublas": True, "cudnn": True}
    core = SimpleNamespace(
        get_cublas_switch=lambda: switches["cublas"],
        get_cudnn_switch=lambda: switches["cudnn"],
        set_cublas_switch=lambda on: switches.update(cublas=on),
        set_cudnn_switch=lambda on: switches.update(cudnn=on),
    )
    monkeypatch.setattr(small, "core", core)
    monkeypatch.setattr(paddle, "get_flags", lambda names: {n: flags[n] for n in names})
    monkeypatch.setattr(paddle, "set_flags", flags.update)
    for device, inside in (("cpu", False), ("gpu:0", True)):
        with small.exact(device):
            assert flags == {"FLAGS_cudnn_deterministic": inside}
            assert switches == {"cublas": not inside, "cudnn": not inside}
        assert flags == {"FLAGS_cudnn_deterministic": False}
        assert switches == {"cublas": True, "cudnn": True}


@pytest.mark.parametrize("wanted", [False, True])
def test_a_run_asks_for_repeatable_convolutions_only_when_its_config_does(wanted, monkeypatch):
    asked = []
    monkeypatch.setattr("paddle_gan.run.runtime.be_deterministic", asked.append)
    config = load_config(ROOT / "configs/gan_ring.yml", [f"deterministic={str(wanted).lower()}"])
    Trainer(config, "cpu")
    assert asked == ["cpu"] * wanted


# 混合精度


def test_mixed_precision_must_start_near_float32_and_update_every_network():
    wanted = of("gan_ring")
    assert right(losses.mixed_precision(wanted, "cpu", switch=resume.plain))

    def far(method, device):
        honest = method.discriminator_loss
        method.discriminator_loss = lambda *inputs: doubled(*honest(*inputs))

    def never(method, device):
        method.updates.step = lambda player, optimizer: None

    assert not right(losses.mixed_precision(wanted, "cpu", switch=far))
    still = losses.mixed_precision(wanted, "cpu", switch=never)
    assert not right(still) and "G、D 没有更新过" in still.finding.text


# 二阶导数


@pytest.mark.parametrize("config", ["wgan_gp_ring", "r1_ring"])
def test_the_penalty_and_its_derivative_are_those_of_the_differences(config):
    wanted = of(config)
    key = penalties.PENALTIES[wanted.config.method][0]
    assert right(penalties.right_penalty(wanted, "cpu"))

    def half(loss, logs):  # 值对，导数少一半
        return loss, logs | {key: 0.5 * logs[key] + (0.5 * logs[key]).detach()}

    wrong = penalties.right_penalty(wanted, "cpu", build=with_loss(half))
    assert not right(wrong)
    assert wrong.numbers["value"] == pytest.approx(wrong.numbers["true_value"], rel=1e-3)
    assert wrong.numbers["slope"] == pytest.approx(0.5 * wrong.numbers["true_slope"], rel=1e-2)
    assert not right(penalties.right_penalty(wanted, "cpu", build=with_loss(doubled)))


# 接着训练与 EMA


def test_a_resumed_run_is_the_same_to_the_bit_and_what_is_lost_is_noticed(tmp_path):
    wanted = of("gan_ring", steps=4)
    check = partial(resume.resumed, wanted, "cpu", tmp_path)
    good = check()
    assert right(good) and good.numbers == {"apart": 0.0, "limit": 0.0, "spread": 0.0}

    def without_optimizer(path, method, ema):
        return load_checkpoint(path, method, weights_only=True, ema=ema)

    def other_batches(path, method, ema):
        return replace(load_checkpoint(path, method, ema=ema), position=0)

    def without_ema(path, method, ema):
        return load_checkpoint(path, method)

    for load in (without_optimizer, other_batches, without_ema):
        assert not right(check(load=load)), load


def test_the_image_pool_is_resumed_too(tmp_path):
    assert right(resume.resumed(of("cyclegan", steps=2), "cpu", tmp_path))


def test_where_two_whole_runs_differ_a_resumed_one_may_differ_a_little_more(tmp_path):
    noise = np.random.default_rng(0)

    def unsteady(method, device):
        honest = method.train_step

        def train_step(batches, step):
            logs = honest(batches, step)
            weight = method.G.parameters()[0]
            weight.set_value(weight * float(1 + 1e-6 * noise.standard_normal()))
            return logs

        method.train_step = train_step

    wanted = of("gan_ring", steps=4)
    check = partial(resume.resumed, wanted, "cpu", tmp_path, switch=unsteady)
    good = check()
    assert right(good) and 0 < good.numbers["spread"] <= good.numbers["limit"] < 1e-3
    lost = check(load=lambda path, m, ema: load_checkpoint(path, m, weights_only=True, ema=ema))
    assert not right(lost)


def test_the_average_is_that_of_the_formula():
    wanted = of("dcgan_digits", steps=4)  # 有 BN 的统计量
    assert right(resume.averaged(wanted, "cpu"))
    assert not right(resume.averaged(wanted, "cpu", make=lambda method, decay: Ema(method, 0.9)))


# 同步的 BN


def test_a_synchronised_norm_of_one_process_is_an_ordinary_one():
    wanted = of("dcgan_digits")

    def spoil(network):
        for layer in network.sublayers():
            if isinstance(layer, paddle.nn.BatchNorm2D):
                layer._epsilon = 0.5

    assert right(cards.synchronised(wanted, "cpu", convert=lambda network: network))
    assert not right(cards.synchronised(wanted, "cpu", convert=spoil))
    with pytest.raises(UserError, match="没有 BN"):
        cards.synchronised(of("gan_ring"), "cpu")
