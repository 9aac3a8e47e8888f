"""改在方法里、初始化里、更新次数里的组：真的改了；任务的记录是它自己那一组、那个种子的。"""

import dataclasses
import time
from collections import Counter

import numpy as np
import paddle
import pytest
from lab_groups import SEED, built
from paddle import nn
from paddle.optimizer import Adam, RMSProp

from paddle_gan.evaluation import scorers_translation
from paddle_gan.lab import (
    EXPERIMENTS,
    cycle_parts,
    dcgan_parts,
    helvetica,
    runner,
    wgan_parts,
)
from paddle_gan.lab.experiment import Measurement
from paddle_gan.lab.loss_quality import distance_estimate
from paddle_gan.lab.runner import Job, run_job
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose


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
        momentum = {"adam": 0.9, "adam_0": 0.0}.get(arm)
        assert isinstance(optimizer, RMSProp if momentum is None else Adam)
        assert momentum is None or optimizer._beta1 == momentum
    method.discriminator_step(x)
    largest = max(weight.abs().max().item() for weight in method.D.parameters())
    assert (largest > 0.1 + 1e-6) == (arm == "no_clip")


def test_a_wgan_group_takes_the_rate_that_did_best_on_other_seeds_than_those_measured(monkeypatch):
    far = {(1e-3, 20): 0.3, (1e-3, 21): 0.1, (3e-3, 20): 0.1, (3e-3, 21): 0.4}
    runs = []

    def trained(arm, rate, seed, steps):
        runs.append((arm, rate, seed, steps))
        return None if seed == 3 else (rate, seed)  # 要量的那一次发散

    monkeypatch.setattr(wgan_parts, "trained", trained)
    monkeypatch.setattr(wgan_parts, "distance", lambda setup, seed: far.get(setup, 0.9))
    monkeypatch.setattr(wgan_parts, "tried", wgan_parts.tried.__wrapped__)
    settings = EXPERIMENTS["wgan_parts"].settings["full"] | {"steps": 7}
    measured = wgan_parts.measure("log", 3, settings)
    tries = [("log", rate, seed, 7) for rate in (1e-4, 3e-4, 1e-3, 3e-3) for seed in (20, 21)]
    assert runs == [*tries, ("log", 1e-3, 3, 7)]
    assert measured.curves["tried"][2:] == [[1e-3, 0.3, 0.1], [3e-3, 0.1, 0.4]]
    found = measured.statistics
    assert (found["rate"], found["w1"], found["diverged"]) == (1e-3, 0.9, 1.0)
    assert found["covered_1pct"] == 0.0


def test_the_distance_is_to_real_samples_and_a_diverged_run_is_all_at_the_origin(monkeypatch):
    assert wgan_parts.distance(None, 3) == pytest.approx(2.0, abs=0.01)  # 环的半径
    monkeypatch.setattr(wgan_parts, "samples_of", lambda setup, n: np.full((n, 2), 30.0))
    assert wgan_parts.distance("setup", 3) == pytest.approx(30 * np.sqrt(2), abs=2.0)
    floor = wgan_parts.references()["真实数据"]["w1"]
    assert floor == pytest.approx(0.13, abs=0.01)
    assert "真样本对真样本也有 0.13" in EXPERIMENTS["wgan_parts"].sentence
    assert wgan_parts.references()["均匀撒点"]["w1"] > 4 * floor


def test_the_initial_weights_are_as_spread_as_the_label_says(monkeypatch):
    for arm, norms in (("normal", 0), ("he", 0), ("normal_bn", 1)):
        method = built("collapse_on_demand", arm, monkeypatch)[0].method
        for network in (method.G, method.D):
            weights = [p.numpy() for p in network.parameters() if p.ndim == 4]
            near = [abs(w.std() - 0.02) < 0.002 for w in weights if w.size > 2000]
            assert near and all(near) == (arm != "he") and any(near) == (arm != "he")
            batch_norms = [n for n in network.sublayers() if isinstance(n, paddle.nn.BatchNorm2D)]
            assert bool(batch_norms) == bool(norms)


def kinds_of(arm: str, monkeypatch) -> dict[str, dict[type, int]]:
    """DCGAN 的一组：网络的字母 → {层的种类: 有几层}；顺便看形状对不对。"""
    method = built("dcgan_parts", arm, monkeypatch)[0].method
    images = method.generate(method.noise(3))
    assert images.shape == [3, 1, 28, 28] and method.D(images).shape == [3, 1]
    return {
        letter: Counter(type(layer) for layer in network.sublayers())
        for letter, network in method.networks.items()
    }


def test_the_pooling_group_resizes_by_pooling_alone_and_the_others_by_strides_alone(monkeypatch):
    kinds = kinds_of("pool", monkeypatch)
    assert kinds["D"][nn.MaxPool2D] == kinds["G"][nn.Upsample] == 2
    for network in built("dcgan_parts", "pool", monkeypatch)[0].method.networks.values():
        convolutions = [n for n in network.sublayers() if isinstance(n, (Conv2D, Conv2DTranspose))]
        assert {layer.stride for layer in convolutions} == {1}
    for arm in set(EXPERIMENTS["dcgan_parts"].arms) - {"pool"}:
        for found in kinds_of(arm, monkeypatch).values():
            assert not {nn.MaxPool2D, nn.Upsample} & set(found)


def test_only_the_connected_group_has_a_hidden_layer_between_full_connections(monkeypatch):
    for arm in EXPERIMENTS["dcgan_parts"].arms:
        found = kinds_of(arm, monkeypatch)
        hidden = [found[letter][nn.Linear] + found[letter][nn.BatchNorm1D] for letter in "GD"]
        assert hidden == ([2, 2] if arm == "fc" else [0, 0])


def test_every_dcgan_group_starts_as_narrow_and_has_the_norms_it_says(monkeypatch):
    for arm in EXPERIMENTS["dcgan_parts"].arms:
        for letter, found in kinds_of(arm, monkeypatch).items():
            norms = {"G": 2, "D": 1}[letter]
            assert found[nn.BatchNorm2D] == (0 if arm == "no_bn" else norms), arm
        for network in built("dcgan_parts", arm, monkeypatch)[0].method.networks.values():
            weights = [p.numpy() for p in network.parameters() if p.ndim > 1 and p.size > 2000]
            assert weights and all(abs(w.std() - 0.02) < 0.002 for w in weights)


def test_the_ratio_groups_update_g_as_often_as_the_others(monkeypatch):
    updates = {}
    for arm in EXPERIMENTS["dcgan_parts"].arms:
        _, facts = built("dcgan_parts", arm, monkeypatch)
        updates[arm] = [facts["steps"] * facts[f"hparams.{side}_steps"] for side in "gd"]
    assert updates.pop("g2") == [600, 300] and updates.pop("d2") == [600, 1200]
    assert all(both == [600, 600] for both in updates.values())


def test_a_dcgan_group_keeps_the_images_and_the_scores_of_its_own_run(monkeypatch):
    fakes = np.linspace(-1, 1, dcgan_parts.SCORED * 784, dtype=np.float32)
    fakes = fakes.reshape(-1, 1, 28, 28)
    monkeypatch.setattr(dcgan_parts, "samples_of", lambda setup, n: fakes)
    scores = iter((40.0, 10.0))
    report = lambda _, images: {"fd_lenet": next(scores)}  # noqa: E731
    monkeypatch.setattr(dcgan_parts.FrechetLeNet, "of_images", report)
    measured = dcgan_parts.measure("g2", 0, {"width": 2, "batch": 4, "g_updates": 8})
    assert (measured.statistics["fd"], measured.statistics["fd_half"]) == (10.0, 40.0)
    kept = np.array([dcgan_parts.as_image(text) for text in measured.curves["images"]])
    assert abs((kept + 0.5) / 8 - 1 - fakes[:8, 0]).max() < 1 / 16 + 1e-6


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


def test_the_seconds_of_a_job_are_those_it_worked_and_not_those_it_waited(monkeypatch):
    clocks = {"process_time": 3.0, "perf_counter": 5.0, "time": 7.0}
    for name in clocks:
        monkeypatch.setattr(time, name, lambda name=name: clocks[name])

    def measure(arm, seed, settings):
        clocks.update(process_time=4.5, perf_counter=99.0, time=99.0)
        return Measurement({})

    experiment = dataclasses.replace(EXPERIMENTS["stop_rotation"], measure=measure)
    monkeypatch.setattr(runner, "EXPERIMENTS", {"stop_rotation": experiment})
    assert run_job(Job("stop_rotation", "omd", 0, "full"))["seconds"] == 1.5


def test_before_training_the_small_initial_weights_already_give_one_picture():
    [(label, row)] = EXPERIMENTS["collapse_on_demand"].references().items()
    assert label == "N(0, 0.02²)，还没有训练" and 0 < row["distance_ratio"] < 0.002


def test_each_direction_of_a_translation_is_made_and_scored_from_its_own_font(monkeypatch):
    monkeypatch.setattr(scorers_translation, "StyleJudge", lambda *_, **__: None)
    hei, wenkai = cycle_parts.glyphs_shown().values()
    for route, x, y in (("xy", hei, wenkai), ("yx", wenkai, hei)):
        scorer = cycle_parts.scorer_of.__wrapped__(route)
        assert len(scorer.x) == 500
        assert np.array_equal(scorer.x[cycle_parts.SHOWN, 0], x)
        assert np.array_equal(scorer.y[cycle_parts.SHOWN, 0], y)
    method = built("cycle_parts", "full", monkeypatch)[0].method
    image = hei[:1, None]
    expected = method.translate(paddle.to_tensor(image), "y2x").numpy()
    made = cycle_parts.translations(cycle_parts.Reversed(method), image)
    assert np.array_equal(made, expected)
    assert not np.array_equal(made, cycle_parts.translations(method, image))
