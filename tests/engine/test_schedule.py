"""学习率怎样走：倍数与手算的一致，每个方法都能用，默认是方法自己的；记下、画出、说明。"""

import math
from inspect import signature

import pytest
from helpers import CLASSES, tiny_method
from resume_cases import config_of

from paddle_gan.engine.schedule import RateHook, decay, rate_jumps, rate_setter, rates_after
from paddle_gan.engine.train import Trainer
from paddle_gan.lab.training import build, train
from paddle_gan.methods import METHODS
from paddle_gan.monitor.explain import curve_of, explain
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.report import build_report
from paddle_gan.monitor.run_view import load_run


def factors(schedule, start=None, steps=8) -> list[float]:
    """训练 steps 步，每一步的倍数。"""
    config = config_of("gan", lr_schedule=schedule, decay_from=start)
    return [decay(config, step / steps) for step in range(steps)]


def test_the_factors_are_those_computed_by_hand():
    assert factors("constant") == [1] * 8
    assert factors("linear", 0.0) == pytest.approx(
        [1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8]
    )
    assert factors("linear") == pytest.approx([1, 1, 1, 1, 1, 3 / 4, 2 / 4, 1 / 4])
    assert factors("linear", 1.0) == factors("cosine", 1.0) == [1] * 8
    half = math.sqrt(0.5)  # cos(π/4)
    assert factors("cosine") == pytest.approx([1] * 5 + [(1 + half) / 2, 0.5, (1 - half) / 2])
    assert factors("cosine", 0.75) == pytest.approx([1] * 7 + [0.5])


def test_linear_from_the_half_is_what_cyclegan_does_by_itself():
    method = tiny_method("cyclegan")
    progress = [k / 16 for k in range(16)]
    config = config_of("cyclegan", lr_schedule="linear")
    assert [decay(config, p) for p in progress] == pytest.approx(
        [method.learning_rate_factor(p) for p in progress], rel=1e-12
    )


@pytest.mark.parametrize("name", METHODS)
def test_every_method_can_decay_and_by_default_keeps_its_own(name):
    method = tiny_method(name)
    own = rate_setter(config_of(name), method)
    assert own == method.set_progress
    set_rates = rate_setter(config_of(name, lr_schedule="linear", decay_from=0.0), method)
    for _ in range(2):  # 不会叠加
        set_rates(0.25)
        for player, optimizer in method.optimizers.items():
            assert optimizer.get_lr() == pytest.approx(0.75 * method.base_rates[player])
    set_rates(0.0)
    for player, optimizer in method.optimizers.items():
        assert optimizer.get_lr() == method.base_rates[player]


@pytest.mark.parametrize("name", METHODS)
def test_the_rates_told_from_the_settings_are_those_of_the_optimizers(name):
    method = tiny_method(name)
    config = config_of(name)
    known = {"classes": "K", "vocabulary": "V"}  # 由数据定的，方法也要知道
    given = vars(method) | {"K": len(CLASSES)}
    extra = [given[known[n]] for n in signature(type(method)).parameters if n in known]
    method = type(method)(method.networks, type(method).Hparams(**config.hparams), *extra)
    assert rates_after(config, method, 0) == method.base_rates
    faster = {k: 3 * v for k, v in config.hparams.items() if k == "lr" or k.startswith("lr_")}
    new = config.model_copy(update={"hparams": config.hparams | faster})
    expected = {player: pytest.approx(3 * rate) for player, rate in method.base_rates.items()}
    assert rates_after(new, method, 0) == expected
    assert len(rate_jumps(config, new, method, 0)) == len(method.optimizers)
    assert rate_jumps(config, config, method, 0) == []


def test_the_rates_told_are_those_of_the_next_step_and_at_the_end_of_the_last():
    method = tiny_method("gan")
    config = config_of("gan", total_steps=8, lr_schedule="linear", decay_from=0.0)
    for step, factor in ((0, 1), (1, 7 / 8), (6, 2 / 8), (7, 1 / 8), (8, 1 / 8), (99, 1 / 8)):
        rates = rates_after(config, method, step)
        assert rates == pytest.approx({p: 2e-4 * factor for p in method.base_rates}), step
    flat = config_of("gan", total_steps=8, lr_schedule="constant")
    assert rate_jumps(config, flat, method, 6) == ["D 5e-05 → 0.0002", "G 5e-05 → 0.0002"]
    assert rate_jumps(flat, config, method, 6) == ["D 0.0002 → 5e-05", "G 0.0002 → 5e-05"]


def test_a_training_uses_and_records_the_rate_of_every_step(tmp_path):
    config = config_of("gan", total_steps=8, lr_schedule="linear", log_every=1, metrics={})
    Trainer(config, "cpu").run(tmp_path / "run")
    rates = [r["lr/G"] for r in read_records(tmp_path / "run/metrics.jsonl")]
    assert rates == pytest.approx([2e-4 * f for f in (1, 1, 1, 1, 1, 0.75, 0.5, 0.25)])


def test_the_experiments_of_the_course_decay_too():
    raw = config_of("gan", total_steps=4, lr_schedule="linear").model_dump(mode="json")
    setup, rates = build(raw, 0), []
    train(setup, 4, hooks=[lambda *_: rates.append(setup.method.optimizers["G"].get_lr())])
    assert rates == pytest.approx([2e-4, 2e-4, 2e-4, 1e-4])


def test_only_the_logged_steps_record_the_rates_one_per_player():
    method, record = tiny_method("gan"), {}
    hook = RateHook(method, 3)
    hook(2, {}, record)
    assert record == {}
    method.optimizers["D"].set_lr(0.5)
    hook(3, {}, record)
    assert record == {"lr/D": 0.5, "lr/G": method.base_rates["G"]}


def test_the_rate_is_explained_and_drawn_in_its_own_section(tmp_path):
    curve = curve_of("lr/G")
    assert curve is curve_of("lr/D_任何一方") and curve.name == "学习率"
    assert "水平线" in curve.healthy and "跳高" in curve.danger
    assert "健康：照你写的走" in explain("lr/D")
    config = config_of("gan", total_steps=3, log_every=1, metrics={})
    Trainer(config, "cpu").run(tmp_path / "run")
    page = build_report([load_run("跑", tmp_path / "run", 0)])
    section = page[page.index("<h2>学习率</h2>") :]
    assert "<code>lr/D</code>" in section and "<code>lr/G</code>" in section
    assert "<code>lr/" not in page[: page.index("<h2>学习率</h2>")]


@pytest.mark.parametrize("method", ["gan", "wgan_gp"])
def test_a_decaying_training_resumed_is_exact_to_the_byte(method, tmp_path):
    config = config_of(method, total_steps=12, lr_schedule="cosine", checkpoint_every=6, metrics={})
    Trainer(config, "cpu").run(tmp_path / "whole")

    def leave(step, logs, record):
        if step == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Trainer(config, "cpu").run(tmp_path / "broken", watch=(leave,))
    Trainer(config, "cpu").run(tmp_path / "broken", resume=True)
    last = "checkpoints/last.safetensors"
    assert (tmp_path / "whole" / last).read_bytes() == (tmp_path / "broken" / last).read_bytes()
