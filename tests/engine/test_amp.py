"""混合精度：CPU 上明说不行；放大、还原、跳过与发散的接线，用一个算术相同的放大器检查。

真正的 float16 要 GPU，这里没有跑过。
"""

import numpy as np
import paddle
import pytest
from helpers import IDLE, same, seed_noise, step_inputs, tiny_batches, tiny_method, values
from resume_cases import config_of

from paddle_gan.engine.amp import SMALLEST_SCALE, ScaledUpdates, use_amp
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.gradients import second_order
from paddle_gan.methods import METHODS
from paddle_gan.run.checkpoint import Progress, load_checkpoint, save_checkpoint
from paddle_gan.run.finite import NonFinite


class FakeScaler:
    """与 paddle.amp.GradScaler 同样的五个方法、同样的算术；飞桨自己的在 CPU 上会把自己关掉。"""

    def __init__(self, scale: float = 1024.0):
        self.values = {"scale": np.array([scale], np.float32), "incr_count": 0, "decr_count": 0}
        self.calls: list[str] = []
        self.largest = 0.0  # unscale_ 之前见过的最大梯度
        self.overflow = False

    def scale(self, loss):
        self.calls.append("scale")
        return loss * float(self.values["scale"][0])

    def unscale_(self, optimizer):
        self.calls.append("unscale_")
        self.overflow = False
        for parameter in optimizer._parameter_list:
            if parameter.grad is not None:
                gradient = parameter.grad.numpy()
                self.largest = max(self.largest, float(np.abs(gradient).max()))
                self.overflow |= not np.isfinite(gradient).all()
                parameter.grad = paddle.to_tensor(gradient / self.values["scale"][0])

    def step(self, optimizer):
        self.calls.append("step")
        if not self.overflow:
            optimizer.step()

    def update(self):
        self.calls.append("update")
        if self.overflow:
            self.values["scale"] = self.values["scale"] * np.float32(0.5)
        self.values["incr_count"] = 0 if self.overflow else self.values["incr_count"] + 1

    def state_dict(self):
        return dict(self.values)

    def load_state_dict(self, state):
        self.values = dict(state)


def scaled(name: str, scale: float = 1024.0):
    """一个方法，两方各有一个 FakeScaler。"""
    method = tiny_method(name)
    method.updates = ScaledUpdates({player: FakeScaler(scale) for player in method.optimizers})
    return method


def test_on_cpu_amp_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(UserError, match="只能在 GPU 上用，现在的设备是 cpu.*amp=false"):
        Trainer(config_of("gan", amp=True), "cpu").run(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_on_a_gpu_each_player_gets_its_own_scaler():
    method = tiny_method("gan")
    use_amp(method, "gpu:0")
    scalers = method.updates.scalers
    assert set(scalers) == {"D", "G"} and scalers["D"] is not scalers["G"]
    assert all(isinstance(s, paddle.amp.GradScaler) for s in scalers.values())


@pytest.mark.parametrize("name", METHODS)
def test_scaling_by_a_power_of_two_changes_no_bit_of_the_training(name):
    # 乘、除 2 的幂在 float32 里没有舍入：接线若漏了放大或还原，权重就会不同
    plain, amp = tiny_method(name), scaled(name)
    for method in (plain, amp):
        batches = tiny_batches(name, method)
        for step in (1, 2):
            seed_noise(step)
            method.train_step(batches, step)
    for letter in plain.networks:
        assert same(values(plain.networks[letter]), values(amp.networks[letter]))
    for player in amp.players.keys() - IDLE.get(name, set()):
        scaler = amp.updates.scalers[player]
        assert scaler.calls[:4] == ["scale", "unscale_", "step", "update"], player
        assert scaler.largest > 0


def test_the_gradient_really_is_scaled_before_it_is_unscaled():
    method = scaled("gan")
    batch = next(tiny_batches("gan", method))
    seed_noise()
    method.discriminator_step(*step_inputs(method, batch, "D"))
    small = scaled("gan", scale=1.0)
    seed_noise()
    small.discriminator_step(*step_inputs(small, batch, "D"))
    ratio = method.updates.scalers["D"].largest / small.updates.scalers["D"].largest
    assert ratio == pytest.approx(1024.0)


def test_the_logged_loss_is_not_scaled():
    logs = []
    for method in (tiny_method("gan"), scaled("gan")):
        seed_noise()
        logs.append(method.train_step(tiny_batches("gan", method), 1)["loss/D"].item())
    assert logs[0] == logs[1]


def test_an_overflow_skips_that_update_only_and_halves_the_scale():
    method = scaled("gan")
    batch = next(tiny_batches("gan", method))
    before = values(method.D)
    method.updates.scalers["D"].values["scale"] = np.array([3e38], np.float32)
    seed_noise()
    loss, _ = method.discriminator_loss(*step_inputs(method, batch, "D"))
    method.updates.backward("D", loss * 1e6)
    method._update("D")
    assert same(before, values(method.D))
    assert method.updates.scalers["D"].values["scale"][0] == pytest.approx(1.5e38)

    generator = values(method.G)
    method.generator_step(*step_inputs(method, batch, "G"))
    assert not same(generator, values(method.G))


def test_a_scale_that_shrinks_to_nothing_is_a_divergence():
    method = scaled("gan", scale=SMALLEST_SCALE)
    batch = next(tiny_batches("gan", method))
    loss, _ = method.discriminator_loss(*step_inputs(method, batch, "D"))
    method.updates.backward("D", loss * float("nan"))
    with pytest.raises(NonFinite, match="D 的梯度一直溢出"):
        method._update("D")


def test_the_scales_are_saved_and_resumed(tmp_path):
    method = scaled("gan")
    method.train_step(tiny_batches("gan", method), 1)
    method.updates.scalers["D"].values |= {"scale": np.array([64], np.float32), "incr_count": 7}
    save_checkpoint(tmp_path / "x", method, Progress(1, 2))
    resumed = scaled("gan")
    load_checkpoint(tmp_path / "x", resumed)
    for player, scaler in resumed.updates.scalers.items():
        saved = method.updates.scalers[player].values
        assert scaler.values["scale"][0] == saved["scale"][0]
        assert scaler.values["incr_count"] == saved["incr_count"]
    assert resumed.updates.scalers["D"].values["incr_count"] == 7


def test_a_second_order_block_turns_lower_precision_off(monkeypatch):
    seen = []
    real = paddle.amp.auto_cast

    def spy(enable=True, *args, **kwargs):
        seen.append(enable)
        return real(enable, *args, **kwargs)

    monkeypatch.setattr(paddle.amp, "auto_cast", spy)
    with second_order():
        assert seen == [False]
    assert seen == [False]
