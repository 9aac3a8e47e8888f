"""改在方法里、初始化里、更新次数里的组：真的改了；任务的记录是它自己那一组、那个种子的。"""

import dataclasses

import numpy as np
import paddle
import pytest
from lab_groups import SEED, built
from paddle.optimizer import Adam, RMSProp

from paddle_gan.evaluation import scorers_translation
from paddle_gan.lab import EXPERIMENTS, cycle_parts, helvetica, runner, wgan_parts
from paddle_gan.lab.experiment import Measurement
from paddle_gan.lab.loss_quality import distance_estimate
from paddle_gan.lab.runner import Job, run_job


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
