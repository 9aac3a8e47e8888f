"""每一组真的做了它的名字说的那一处改动，而且只改了那一处：不训练，只看搭出来的方法与数据。"""

import dataclasses
import re
import sys

import numpy as np
import paddle
import pytest
from paddle.optimizer import Adam, RMSProp

from paddle_gan.lab import EXPERIMENTS, helvetica, runner, vanishing, wgan_parts
from paddle_gan.lab.collapse import COLLAPSING
from paddle_gan.lab.experiment import Measurement
from paddle_gan.lab.loss_quality import distance_estimate
from paddle_gan.lab.runner import Job, read_results, run_job
from paddle_gan.lab.training import Setup, ring

SEED = 3


class BuiltError(Exception):
    """搭好了、正要训练：带着搭好的一切，和要训练到第几步。"""


def flat(values: dict, prefix: str = "") -> dict:
    found = {}
    for key, value in values.items():
        inner = flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        found |= inner
    return found


def built(name: str, arm: str, monkeypatch) -> tuple[Setup, dict]:
    """一组搭好的一切，与它的全部设定 {"hparams.z_dim": 2, …}。"""

    def stop(setup, until, start=0, hooks=()):
        raise BuiltError(setup, until)

    experiment = EXPERIMENTS[name]
    monkeypatch.setattr(sys.modules[experiment.measure.__module__], "train", stop)
    with pytest.raises(BuiltError) as caught:
        experiment.measure(arm, SEED, experiment.settings["full"])
    setup, until = caught.value.args
    raw = setup.config.model_dump(include={"network", "data", "batch_size", "seed", "method"})
    hparams = dataclasses.asdict(setup.method.hparams)
    return setup, flat(raw | {"hparams": hparams, "steps": until})


def both(key: str, value) -> dict:
    """两个网络都改。"""
    return {f"network.{side}.{key}": value for side in ("generator", "discriminator")}


DEMO = {"hparams.z_dim": 256, "hparams.lr_D": 1e-4, "hparams.lr_G": 1e-3}
DISEASE = {f"hparams.{key}": value for key, value in COLLAPSING.items()} | {"batch_size": 64}
ON_GRID = {"data.name": "grid", "data.spacing": 2.0}
ON_DIGITS = {"data.name": "digits", "batch_size": 64, "network.generator.output": "tanh"}
ON_DIGITS |= {"hparams.z_dim": 100, "hparams.lr_D": 2e-4, "hparams.lr_G": 2e-4} | both("width", 256)
CRITIC = {"hparams.clip": 0.1, "method": "wgan"}
TOY_GP = {"hparams.gp_weight": 0.1, "method": "wgan_gp", "hparams.lr": 3e-4, "hparams.beta2": 0.9}
CLIPPED = {**CRITIC, "hparams.lr": 2e-4, "hparams.n_critic": 10, "hparams.n_critic_boost": 100}
GP = {"method": "wgan_gp", "hparams.gp_weight": 1.0, "hparams.n_critic": 10}
GP |= {"hparams.n_critic_boost": 100, "hparams.beta1": 0.0, "hparams.beta2": 0.9}
SPARSE = ON_GRID | {"data.spacing": 1.5, "data.std": 0.1}
# 实验 → [（对照，这一组，两组都有的设定里不同的全部，加上只有这一组才有的要紧的几项）]
CHANGED = {
    "collapse_and_hops": [
        (
            *("tuned", "demo"),
            {**DEMO, "hparams.generator_loss": "saturating", **both("activation", "tanh")},
        ),
        ("demo", "demo_data", {"data.radius": 1.0, "data.std": 0.01, "batch_size": 512}),
        ("tuned", "momentum", {**DISEASE, "network.generator.activation": "leaky_relu"}),
    ],
    "collapse_on_demand": [
        ("normal", "he", both("init", "he_normal")),
        ("normal", "normal_bn", both("norm", "batch")),
    ],
    "helvetica": [
        ("frozen", "both", {}),
        ("g1d1", "g5d1", {"hparams.g_steps": 5, "steps": 1200}),
        ("g1d1", "g20d1", {"hparams.g_steps": 20, "steps": 300}),  # G 一共更新 6,000 次
        ("g1d1", "g1d5", {"hparams.d_steps": 5}),
    ],
    "loss_and_quality": [
        ("gan", "gan_collapsed", {**DISEASE, "network.generator.activation": "leaky_relu"}),
        ("gan", "wgan", CLIPPED),
        ("gan", "wgan_gp", GP),
    ],
    "saturating_gradient": [
        ("g0", "g500", {"steps": 500}),
        ("g0", "g2000", {"steps": 2000}),
        ("g500", "digits", ON_DIGITS),
    ],
    "truncation": [
        ("ring_gan", "ring_wgan_gp", {**TOY_GP, "steps": 4000}),
        ("ring_gan", "digits_gan", {**ON_DIGITS, "steps": 15000}),
    ],
    "wgan_coverage": [
        ("ring_gan", "ring_wgan", CRITIC),
        ("ring_gan", "ring_wgan_gp", TOY_GP),
        *((f"ring_{one}", f"grid_{one}", ON_GRID) for one in ("gan", "wgan", "wgan_gp")),
    ],
    "unrolled": [("unroll_0", "unroll_5", {"hparams.unroll": 5})],
    "packing": [
        *(("ring_1", f"ring_{m}", {"method": "pac_gan", "hparams.packing": m}) for m in (2, 3, 4)),
        *((f"ring_{m}", f"grid_{m}", SPARSE) for m in (1, 2, 3, 4)),
    ],
    "minibatch_discrimination": [
        ("gan", "minibatch_disc", {"method": "minibatch_disc", "hparams.num_kernels": 16})
    ],
    "gradient_penalties": [
        (
            *("gan", "r1"),
            {"method": "r1", "hparams.gamma_r1": 1.0, "hparams.gamma_r2": 1.0}
            | {"hparams.beta2": 0.99},
        )
    ],
    "wgan_parts": [("wgan", arm, {}) for arm in ("sigmoid", "log", "no_clip", "adam")],  # 见下面
}
# 不经过 training.train 的，在 test_group_inputs.py
ELSEWHERE = {"weights_at_the_clip", "dropped_classes", "confident_fakes", "js_identity"}
ELSEWHERE |= {"optimal_discriminator", "vanishing_js", "stop_rotation", "memoriser"}
ELSEWHERE |= {"no_convergence"}  # test_games.py


def test_the_groups_of_every_experiment_are_looked_at():
    assert ELSEWHERE | set(CHANGED) == set(EXPERIMENTS)


@pytest.mark.parametrize("name", CHANGED)
def test_a_group_differs_from_its_control_by_its_own_change_and_by_nothing_else(name, monkeypatch):
    facts = {arm: built(name, arm, monkeypatch)[1] for arm in EXPERIMENTS[name].arms}
    assert {arm for pair in CHANGED[name] for arm in pair[:2]} == set(facts)
    for control, arm, changed in CHANGED[name]:
        first, second = facts[control], facts[arm]
        differ = {k: second[k] for k in first.keys() & second.keys() if first[k] != second[k]}
        shared = {key: value for key, value in changed.items() if key in first}
        assert differ == shared, arm
        assert {key: second.get(key) for key in changed} == changed, arm
        assert second["seed"] == first["seed"] == SEED


# 组的名字里写着的：数、数据、方法 → 设定
NUMBERS = {
    r"PacGAN(\d+)": ("hparams.packing",),
    r"展开 (\d+) 步": ("hparams.unroll",),
    r"G (\d+) 次 : D (\d+) 次": ("hparams.g_steps", "hparams.d_steps"),
    r"训练 ([\d,]+) 步": ("steps",),
    r"动量 ([\d.]+)": ("hparams.beta1",),
    r"批 (\d+)": ("batch_size",),
    r"半径 (\d+)，σ = ([\d.]+)": ("data.radius", "data.std"),
}
WORDS = {
    "环上": {"data.name": "ring"},
    "格上": {"data.name": "grid"},
    "数字上": {"data.name": "digits"},
    "没训练过": {"steps": 0},
    "不饱和损失": {"hparams.generator_loss": "non_saturating"},
    "He 初始化": both("init", "he_normal"),
    "N(0, 0.02²)": both("init", "normal_002"),
    "加 BN": both("norm", "batch"),
    "上的 GAN": {"method": "gan"},
    "上的 WGAN-GP": {"method": "wgan_gp"},
    "R1 + R2": {"method": "r1"},
    "小批量判别": {"method": "minibatch_disc"},
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_the_label_of_a_group_says_is_what_the_group_has(name, monkeypatch):
    for arm in EXPERIMENTS[name].arms:
        label, (_, facts) = EXPERIMENTS[name].label(arm), built(name, arm, monkeypatch)
        for pattern, keys in NUMBERS.items():
            for numbers in re.findall(pattern, label):
                numbers = (numbers,) if isinstance(numbers, str) else numbers
                for key, number in zip(keys, numbers):
                    assert facts[key] == float(number.replace(",", "")), label
        for word, wanted in WORDS.items():
            if word in label:
                assert {key: facts[key] for key in wanted} == wanted, label


def test_each_word_of_a_label_that_is_checked_is_in_some_label():
    labels = [EXPERIMENTS[name].label(arm) for name in CHANGED for arm in EXPERIMENTS[name].arms]
    assert all(any(re.search(pattern, label) for label in labels) for pattern in NUMBERS)
    assert all(any(word in label for label in labels) for word in WORDS)


def wgan_part(arm: str, monkeypatch, scale: float):
    """WGAN 改了一处之后的方法；D 的权重都乘 scale。"""
    setup, _ = built("wgan_parts", arm, monkeypatch)
    assert type(setup.method) is wgan_parts.PARTS[arm]
    for weight in setup.method.D.parameters():
        weight.set_value(weight * scale)
    return setup.method, next(setup.batches).x


@pytest.mark.parametrize("arm", wgan_parts.PARTS)
def test_each_wgan_group_has_lost_its_own_part_and_kept_the_others(arm, monkeypatch):
    method, x = wgan_part(arm, monkeypatch, 0.0)  # D 恒为 0
    losses = method.discriminator_loss(x)[0].item(), method.generator_loss(8)[0].item()
    halves = {"log": (2 * np.log(2), np.log(2)), "sigmoid": (0.0, -0.5)}
    assert losses == pytest.approx(halves.get(arm, (0.0, 0.0)), abs=1e-6)
    method, x = wgan_part(arm, monkeypatch, 100.0)  # 分数很大
    bounded = abs(method.discriminator_loss(x)[0].item()) <= 1
    assert bounded == (arm == "sigmoid")
    for optimizer in method.optimizers.values():
        assert isinstance(optimizer, Adam if arm == "adam" else RMSProp)
        assert arm != "adam" or optimizer._beta1 == 0.9
    method.discriminator_step(x)
    largest = max(weight.abs().max().item() for weight in method.D.parameters())
    assert (largest > 0.1 + 1e-6) == (arm == "no_clip")


def test_the_initial_weights_are_as_spread_as_the_label_says(monkeypatch):
    for arm, norms in (("normal", 0), ("he", 0), ("normal_bn", 1)):
        method = built("collapse_on_demand", arm, monkeypatch)[0].method
        for network in (method.G, method.D):
            weights = [p.numpy() for p in network.parameters() if p.ndim == 4]
            near = [abs(w.std() - 0.02) < 0.002 for w in weights if w.size > 2000]
            assert near and all(near) == (arm != "he") and any(near) == (arm != "he")
            batch_norms = [n for n in network.sublayers() if isinstance(n, paddle.nn.BatchNorm2D)]
            assert bool(batch_norms) == bool(norms)


@pytest.mark.parametrize("arm", ["frozen", "both"])
def test_only_the_frozen_group_leaves_d_as_it_was(arm, monkeypatch):
    kept = []
    made = helvetica.build

    def build(raw, seed):
        raw["batch_size"] = 8
        kept.append(made(raw, seed))
        kept.append([p.numpy().copy() for p in kept[0].method.D.parameters()])
        return kept[0]

    monkeypatch.setattr(helvetica, "build", build)
    monkeypatch.setattr(helvetica, "train", lambda *_: None)
    monkeypatch.setattr(helvetica, "spread", lambda _: dict(std=1.0, volume=1.0, modes=1.0))
    helvetica.measure_m2(arm, 0, {"warm_up": 1, "steps": 1})
    same = [np.array_equal(a, b.numpy()) for a, b in zip(kept[1], kept[0].method.D.parameters())]
    assert all(same) == (arm == "frozen") and any(same) == (arm == "frozen")


def test_the_distance_is_from_fake_up_to_real_and_minus_the_loss_without_scores():
    assert distance_estimate({"score/real": 2.0, "score/fake": -1.0, "loss/D": 9.0}) == 3.0
    assert distance_estimate({"loss/D": 1.4}) == -1.4


def test_a_job_is_measured_with_its_own_group_seed_and_settings(monkeypatch):
    calls = []

    def measure(arm, seed, settings):
        calls.append((arm, seed, settings))
        return Measurement({"factor_error": float(seed)})

    experiment = dataclasses.replace(EXPERIMENTS["stop_rotation"], measure=measure)
    monkeypatch.setattr(runner, "EXPERIMENTS", {"stop_rotation": experiment})
    record = run_job(Job("stop_rotation", "omd", SEED, "full"))
    assert calls == [("omd", SEED, experiment.settings["full"])]
    assert (record["arm"], record["seed"], record["statistics"]) == (
        *("omd", SEED),
        {"factor_error": float(SEED)},
    )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_two_groups_recorded_the_same_numbers(name):
    """丢了自己那一处改动的组，记下的数与对照一模一样。"""
    for tier in ("quick", "full"):
        seen = {}
        for arm, rows in read_results(name, tier).items():
            for row in rows:
                key = row["seed"], str(sorted(row["statistics"].items())), str(row["curves"])
                assert key not in seen, f"{arm} 与 {seen.get(key)}"
                seen[key] = arm


def test_the_ring_everyone_starts_from_is_the_one_of_the_configs():
    raw = ring("gan", 10, {"z_dim": 2})
    assert (raw["data"], raw["batch_size"], raw["total_steps"]) == ({"name": "ring"}, 256, 10)
    assert set(vanishing.WARM_UP) == set(EXPERIMENTS["saturating_gradient"].arms)
