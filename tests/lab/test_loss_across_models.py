"""不同模型之间的秩相关：只换学习率、G 的宽度与步数；数、对照与图是自己那一组的。"""

import numpy as np
import pytest
from lab_groups import flat

from paddle_gan.figures import style
from paddle_gan.lab import EXPERIMENTS, loss_across_models
from paddle_gan.run.config import resolve

RATES, WIDTHS = loss_across_models.RATES, loss_across_models.WIDTHS


def models(distance, w1):
    """造的模型：distance(学习率, 宽度, 步) 是判别器给出的距离，w1 同样；G 的损失是距离取负。"""

    def looked_at(arm, rate, width, seed, looks):
        found = [(distance(rate, width, step), w1(rate, width, step), step) for step in looks]
        return [(d, -d, w, step, rate, width) for d, w, step in found]

    return looked_at


def test_the_correlation_is_over_all_models_and_the_rivals_are_beside_it(monkeypatch):
    seen = []
    made = models(lambda r, w, s: r * w / s, lambda r, w, s: 5 + r * w / s)
    monkeypatch.setattr(
        loss_across_models, "looked_at", lambda *known: seen.append(known) or made(*known)
    )
    found = loss_across_models.measure("wgan", 3, {"looks": [200, 600]}).statistics
    assert {known[1:3] for known in seen} == {(r, w) for r in RATES for w in WIDTHS}
    assert {(known[0], known[3], *known[4]) for known in seen} == {("wgan", 3, 200, 600)}
    assert found["models"] == 18
    assert found["rho_D"] == pytest.approx(1) and found["rho_G"] == pytest.approx(-1)
    assert found["rho_steps"] > 0.2 and found["rho_rate"] < -0.5 and found["rho_width"] < -0.5
    best = max(abs(found[f"rho_{name}"]) for name in ("steps", "rate", "width"))
    assert found["over"] == pytest.approx(1 - best) and 0 < found["over"] < 0.5
    worst, good = 5 + 3e-3 * 256 / 200, 5 + 3e-4 * 16 / 600
    assert found["spread"] == pytest.approx(worst / good)


def test_what_only_counts_steps_is_not_over_counting_steps(monkeypatch):
    made = models(lambda r, w, s: -s, lambda r, w, s: 1000 - s)
    monkeypatch.setattr(loss_across_models, "looked_at", made)
    found = loss_across_models.measure("wgan_gp", 3, {"looks": [200, 600]}).statistics
    assert found["rho_D"] == pytest.approx(1) and found["rho_steps"] == pytest.approx(1)
    assert found["over"] == pytest.approx(0)


def test_gan_walks_until_its_d_is_updated_as_often(monkeypatch):
    looks = []

    def looked_at(arm, rate, width, seed, steps):
        looks.append(steps)
        return [(rate + step, width, width + step, step, rate, width) for step in steps]

    monkeypatch.setattr(loss_across_models, "looked_at", looked_at)
    for arm in ("gan", "wgan"):
        loss_across_models.measure(arm, 3, {"looks": [200, 600]})
    assert looks == [[1000, 3000]] * 9 + [[200, 600]] * 9


def test_models_differ_by_the_rate_and_the_width_of_g_and_by_nothing_else():
    for arm in ("gan", "wgan", "wgan_gp"):
        raw = [loss_across_models.configured(arm, *one, 10) for one in ((3e-4, 16), (3e-3, 64))]
        keys = {"network", "hparams", "method", "batch_size", "data"}
        start, end = (flat(resolve(one).model_dump(include=keys)) for one in raw)
        rates = {"hparams.lr_D", "hparams.lr_G"} if arm == "gan" else {"hparams.lr"}
        assert {k for k in start if start[k] != end[k]} == rates | {"network.generator.width"}
        assert {start[k] for k in rates} == {3e-4} and end["network.generator.width"] == 64
        assert start["network.discriminator.width"] == 64 and start["batch_size"] == 64


def test_a_point_of_the_figure_is_a_model_and_the_title_has_both_correlations():
    records = {}
    for place, arm in enumerate(EXPERIMENTS["loss_across_models"].arms):
        statistics = {"rho_D": 0.1 + place / 10, "rho_steps": 0.5 + place / 10}
        curves = {"estimate": [place, place + 1.0], "w1": [0.5, 0.25], "steps": [200.0, 600.0]}
        records[arm] = [{"statistics": statistics, "curves": curves}]
    with style():
        axes = loss_across_models.draw(records).axes
    for axis, (arm, (row,)) in zip(axes, records.items(), strict=True):
        rho, steps = (row["statistics"][key] for key in ("rho_D", "rho_steps"))
        label = EXPERIMENTS["loss_across_models"].arms[arm]
        assert axis.get_title() == f"{label}\nρ = {rho:.2f}（只数步数 {steps:.2f}）"
        (dots,) = axis.get_lines()
        wanted = np.stack([row["curves"]["estimate"], row["curves"]["w1"]], axis=1)
        assert np.array_equal(dots.get_xydata(), wanted)


def test_within_one_rate_only_the_models_of_that_rate_are_ranked(monkeypatch):
    # 小的学习率排反，另外两个排对
    sign = dict(zip(RATES, (-1, 1, 1)))
    made = models(lambda r, w, s: sign[r] * w * s, lambda r, w, s: w * s + 1e6 * r)
    monkeypatch.setattr(loss_across_models, "looked_at", made)
    curves = loss_across_models.measure("wgan", 3, {"looks": [200, 600]}).curves
    found = loss_across_models.within_rates({"curves": curves})
    assert found == pytest.approx(dict(zip(RATES, (-1, 1, 1))))


def test_with_a_diverged_model_the_rates_cannot_be_told_apart():
    curves = {"estimate": list(range(17)), "w1": list(range(17))}
    with pytest.raises(ValueError, match="reshape"):
        loss_across_models.within_rates({"curves": curves})
