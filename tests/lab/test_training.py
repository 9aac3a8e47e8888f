"""训练类的实验：每一组都能跑几步，量到的都是登记过的量，图画得出来、没有缺字。"""

import math

import pytest

from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, cycle_parts
from paddle_gan.lab.experiment import values_by_arm

SHOWCASE = (
    "unrolled",
    "packing",
    "minibatch_discrimination",
    "more_networks",
    "gradient_penalties",
)
TINY = {
    "optimal_discriminator": {"shifts": [0.5, 1, 2], "batch": 16, "steps": 2},
    "js_identity": {"thetas": [0.5, 1.0], "batch": 16, "steps": 2},
    "vanishing_js": {"shifts": [2, 8, 10], "batch": 16, "steps": 2},
    "saturating_gradient": {"d_steps": 2, "probes": [0, 1, 2]},
    "loss_and_quality": {"steps": 4, "every": 2},
    "loss_across_models": {"looks": [1, 2]},
    "weights_at_the_clip": {"width": 8, "batch": 8, "steps": 2},
    "wgan_parts": {"steps": 2, "rates": [1e-4, 1e-3], "tuned_on": [20]},
    "collapse_and_hops": {"steps": 300},  # 展台上的一组走三分之一
    "helvetica": {"warm_up": 1, "steps": 50, "g_updates": 20},
    "collapse_on_demand": {"width": 2, "steps": 1},
    "dcgan_parts": {"width": 2, "batch": 4, "g_updates": 8},
    "update_ratio": {"width": 2, "batch": 4, "g_updates": 10},
    "grid25": {"steps": 2},
    **dict.fromkeys(SHOWCASE, {"steps": 10}),
    "cycle_parts": {"steps": 1},
    "shared_glyphs": {"steps": 1},
    "turned_digits": {"steps": 1},
    "super_resolution": {"steps": 1},
    "fill_hole": {"steps": 1},
    "f_gan_fit": {"steps": 10, "batch": 8},
    "truncation": {"samples": 40},
    "birthday": {"images": 60, "draws": 200, "trials": 5},
    "quality_and_diversity": {"samples": 40},
    "parzen_trap": {"samples": 20},
    "stacked_digits": {
        "steps": dict.fromkeys(("dcgan", "dcgan_128", "pac_2", "r3gan"), 1),
        "scored": 20,
    },
}


@pytest.fixture
def short_warm_up(monkeypatch):
    """T4 的各组先要训练几百到两千步，这里只训练一步。"""
    from paddle_gan.lab import vanishing

    monkeypatch.setattr(vanishing, "WARM_UP", dict.fromkeys(vanishing.WARM_UP, 1))


@pytest.mark.slow
@pytest.mark.parametrize("name", TINY)
def test_every_arm_measures_what_is_declared_and_the_figure_is_drawn(name, short_warm_up):
    experiment = EXPERIMENTS[name]
    records = {}
    for arm in experiment.arms:
        measured = experiment.measure(arm, 0, TINY[name])
        assert set(measured.statistics) <= set(experiment.statistics)
        assert all(math.isfinite(value) for value in measured.statistics.values()), arm
        record = {"arm": arm, "seed": 0, "curves": measured.curves}
        record["statistics"] = measured.statistics
        records[arm] = [experiment.completed(record) | {"seconds": 1.0}]
        assert set(records[arm][0]["statistics"]) <= set(experiment.statistics)

    values = values_by_arm(records)
    assert all(math.isfinite(x) for rule in experiment.rules for x in rule.column(values))
    with style():
        assert missing_glyphs(experiment.draw(records)) == set()
    if name == "cycle_parts":  # 裁判刚才练好了，顺便核对代码里记着的数
        untranslated_glyphs_have_the_style_written_down()


def untranslated_glyphs_have_the_style_written_down() -> None:
    for route in cycle_parts.ROUTES:
        scorer = cycle_parts.scorer_of(route)
        found = scorer.judge.fraction_y(scorer.x)
        assert found == pytest.approx(cycle_parts.UNTRANSLATED[f"style_{route}"], abs=0.011)
