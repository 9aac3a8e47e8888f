"""由记录算得的量：另算一遍；没有训练的网络、什么也没有学的样本，判据不许判它成立。"""

from math import sqrt

import numpy as np
import pytest
from scipy.stats import spearmanr

from paddle_gan.lab import EXPERIMENTS, clipping
from paddle_gan.lab.experiment import nothing_more
from paddle_gan.lab.human import filled
from paddle_gan.lab.runner import read_results
from paddle_gan.lab.verdict import CONDITIONAL, FAILS, HOLDS, group_states, verdict

W1 = [0.9, 0.7, 0.8, 0.5, 0.4]


def concluded(name: str, changes: dict[str, dict[str, float]]):
    """结论：每一组每一个量都是完整档里的，changes 里写明的换掉。"""
    experiment, values = EXPERIMENTS[name], {}
    for arm, rows in read_results(name, "full").items():
        values[arm] = {key: [r["statistics"][key] for r in rows] for key in rows[0]["statistics"]}
        for key, value in changes.get(arm, {}).items():
            values[arm][key] = [value] * len(rows)
    outcomes = [rule.judge(values) for rule in experiment.rules]
    states = group_states(experiment.rules, outcomes)
    return verdict(states, {arm: arm for arm in states})


def test_what_is_derived_is_added_and_the_record_itself_stays():
    statistics = {"edge_share": 0.02, "factor_per_layer": 1.0}
    record = {"arm": "clip_d4_0.1", "statistics": statistics, "curves": {}}
    found = EXPERIMENTS["weights_at_the_clip"].completed(record)
    assert found["statistics"] == statistics | {"moved": pytest.approx(0.03)}
    assert record["statistics"] == {"edge_share": 0.02, "factor_per_layer": 1.0}
    assert EXPERIMENTS["packing"].completed(record) == record


DERIVED = [n for n, e in EXPERIMENTS.items() if e.derived is not nothing_more]


@pytest.mark.parametrize("name", DERIVED)
def test_what_is_read_has_the_derived_numbers(name):
    rows = [row for arm in read_results(name, "full").values() for row in arm]
    assert rows and all(
        set(EXPERIMENTS[name].derived(row)) <= set(row["statistics"]) for row in rows
    )


def test_the_loss_is_put_beside_counting_the_steps_that_are_left():
    record = {"statistics": {"rho_D": 0.95}, "curves": {"w1": W1}}
    found = EXPERIMENTS["loss_and_quality"].derived(record)
    counted = spearmanr([5, 4, 3, 2, 1], W1).statistic
    assert found == pytest.approx({"counted": counted, "ahead": 0.95 - counted})


def test_scaling_the_gradient_is_not_less_steady_and_turning_it_is():
    derived = EXPERIMENTS["saturating_gradient"].derived
    scaled = {"variance": [2.0, 9.0, 50.0], "non_saturating": [3.0, 4.0, 15.0]}  # 损失乘上 5
    assert derived({"curves": scaled}) == {"relative_growth": pytest.approx(1.0)}
    turned = {"variance": [2.0, 9.0, 8.0], "non_saturating": [3.0, 4.0, 3.0]}
    assert derived({"curves": turned}) == {"relative_growth": pytest.approx(4.0)}
    bigger = {"digits": {"relative_growth": 1.0, "ns_variance_growth": 25.0}}
    assert concluded("saturating_gradient", bigger).name == FAILS
    assert concluded("saturating_gradient", {"digits": {"relative_growth": 4.0}}).name == HOLDS


def test_the_width_that_is_left_is_one_over_the_drop():
    derived = EXPERIMENTS["helvetica"].derived
    assert derived({"statistics": {"std_drop": 4.0}}) == {"std_left": 0.25}
    assert derived({"statistics": {"covered": 8.0}}) == {}


def test_an_untrained_critic_has_the_factor_of_its_initial_weights():
    beside = EXPERIMENTS["weights_at_the_clip"].references()
    for c, row in zip((0.1, 0.01), beside.values(), strict=True):
        # U(−c, c) 的方差是 c²/3，ReLU 留下一半，宽 512
        assert row["factor_per_layer"] == pytest.approx(c * sqrt(512 / 6), rel=0.03)
        assert row["edge_share"] == pytest.approx(0.05, abs=1e-3)
    assert "没有训练的也乘 0.092；" in EXPERIMENTS["weights_at_the_clip"].sentence
    assert f"{beside['没有训练的：裁剪，12 层，c = 0.01']['factor_per_layer']:.3f}" == "0.092"


def test_weights_that_did_not_move_are_not_measured_whatever_they_look_like():
    still = {"moved": 0.004, "edge_share": 0.9, "factor_per_layer": 0.1}
    found = concluded("weights_at_the_clip", {"clip_d12_0.01": still})
    assert found.text.endswith("“clip_d12_0.01”“clip_d12_0.001”没有量成")
    walked = concluded("weights_at_the_clip", {"clip_d12_0.01": still | {"moved": 0.006}})
    assert "“clip_d12_0.01”成立" in walked.text
    for edge in (0.04, 0.06):  # 变多变少都是动过
        record = {"arm": "gp_d4", "statistics": {"edge_share": edge}}
        assert clipping.moved(record) == {}
        assert clipping.moved(record | {"arm": "clip_d4_0.1"})["moved"] == pytest.approx(0.01)


@pytest.mark.parametrize("arm", ["naive", "mlp", "conv"])
def test_a_collapsed_began_or_one_no_better_than_counting_is_not_a_success(arm):
    fine = {"rho": 0.9, "ahead": 0.2, "spread": 0.9}
    all_fine = dict.fromkeys(("naive", "mlp", "conv"), fine)
    assert concluded("began_balance", all_fine).name == HOLDS
    for fault in ({"spread": 0.001}, {"ahead": 0.05}):
        found = concluded("began_balance", all_fine | {arm: fine | fault})
        assert found.name == CONDITIONAL and found.text.endswith(f"对“{arm}”不成立")
    assert concluded("began_balance", {}).name == FAILS


def test_the_average_picture_stands_beside_began():
    [(_, row)] = EXPERIMENTS["began_balance"].references().items()
    assert row["spread"] == 0.0 and f"{row['fd']:.0f}" == "209"
    assert "一律画平均的图是 209" in EXPERIMENTS["began_balance"].sentence


def test_a_critic_no_better_than_counting_is_not_a_success_and_one_that_is_better_is():
    better = dict.fromkeys(("wgan", "wgan_gp"), {"rho_D": 0.95, "ahead": 0.2})
    assert concluded("loss_and_quality", better).name == HOLDS
    no_better = better | {"wgan_gp": {"rho_D": 0.99, "ahead": 0.05}}
    assert concluded("loss_and_quality", no_better).text.endswith("对“wgan_gp”不成立")


def test_across_models_the_verdict_is_that_of_wgan_and_never_of_gan():
    better = dict.fromkeys(("wgan", "wgan_gp"), {"rho_D": 0.95, "over": 0.2})
    for gan in (-1.0, 0.0, 1.0):
        gans = {"gan": {"rho_D": gan, "rho_G": gan}}
        assert concluded("loss_across_models", gans).name == FAILS
        assert concluded("loss_across_models", gans | better).name == HOLDS


def test_a_difference_is_said_as_higher_or_lower():
    values = {"a": {"x": [-0.5, -0.03, 0.2], "y": [0.1, 0.0204, 0.02]}}
    assert filled("甲{v[a][x]:高低}、{v[a][y]:高低}", values) == "甲低 0.03、高 0.0204"
    assert filled("{v[a][y]:最大.1%} {v[a][x]:最小.0%}", values) == "10.0% −50%"
    assert np.isclose(float(filled("{v[a][y]:最小}", values)), 0.02)
