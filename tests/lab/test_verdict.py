"""结论的规矩：每种形式怎样判，前提与对照不算数，数一变句子与结论跟着变。"""

import re
from copy import deepcopy
from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pytest

from paddle_gan.lab import EXPERIMENTS, report
from paddle_gan.lab.experiment import standard_error, values_by_arm
from paddle_gan.lab.human import filled
from paddle_gan.lab.interval import LEVEL, TWO_LOOKS, paired_interval
from paddle_gan.lab.ledger import missing
from paddle_gan.lab.rule import CLAIM, CONTROL, PREMISE, Rule, control, level_text, premise
from paddle_gan.lab.verdict import (
    CONDITIONAL,
    FAILS,
    HOLDS,
    UNMEASURED,
    group_states,
    verdict,
)

RESULTS = report.all_results()
T975 = {1: 12.7062, 2: 4.30265, 4: 2.77645, 9: 2.26216}  # t 分布的 97.5% 分位数，查表
LABELS = {"a": "甲", "b": "乙"}


def judged(rules: list[Rule], values: dict):
    """一组判据的结论。"""
    return verdict(group_states(rules, [rule.judge(values) for rule in rules]), LABELS)


@pytest.mark.parametrize("xs", [[1.0, 4.0], [1.0, 2.0, 6.0], list(range(5)), [0.1] * 4 + [2.0] * 6])
def test_the_interval_is_the_paired_t_interval(xs):
    n = len(xs)
    half = T975[n - 1] * np.std(xs, ddof=1) / sqrt(n)
    found = paired_interval([float(x) for x in xs])
    assert found.mean == pytest.approx(np.mean(xs))
    assert found.low == pytest.approx(np.mean(xs) - half, rel=1e-4)
    assert found.high == pytest.approx(np.mean(xs) + half, rel=1e-4)


def test_looking_twice_needs_a_wider_interval_to_be_wrong_one_time_in_twenty():
    noise, wrong = np.random.default_rng(0).normal(size=(4000, 10)), {}
    for level in (LEVEL, TWO_LOOKS):  # 五个种子看一次，十个再看一次，有一次不含 0 就算误报
        looks = [[paired_interval(xs[:n], level) for n in (5, 10)] for xs in noise]
        wrong[level] = np.mean([any(i.low > 0 or i.high < 0 for i in pair) for pair in looks])
    assert wrong[LEVEL] > 0.07 and wrong[TWO_LOOKS] == pytest.approx(0.05, abs=0.01)

    values = {"a": {"x": [7.0, 0, 7, 0, 8, 0, 0, 0, 0, 7]}, "b": {"x": [0.0] * 10}}  # M15 的十个差
    once = Rule("a", "x", "≥", 0.0, versus="b").judge(values)
    twice = Rule("a", "x", "≥", 0.0, versus="b", level=TWO_LOOKS).judge(values)
    assert once.holds and "（95% 区间 0.214 到 5.59）" in once.measured
    assert not twice.holds and "（97% 区间 −0.171 到 5.97）" in twice.measured


@pytest.mark.parametrize("level", [0, 1, 1.5, -1, float("nan")])
def test_an_interval_is_wider_than_nothing_and_narrower_than_everything(level):
    with pytest.raises(ValueError, match="level 要在 0 与 1 之间"):
        Rule("a", "x", "≥", 0.0, versus="b", level=level)
    assert [level_text(level) for level in (0.9, LEVEL, TWO_LOOKS, 0.995, 0.9999)] == (
        ["90%", "95%", "97%", "99.5%", "99.99%"]
    )


@pytest.mark.parametrize(
    "mine, other", [([0.0, 1], [1.0, 1]), ([-1.0, 2], [1.0, 1]), ([1, 1], [0, 1])]
)
def test_a_ratio_of_what_is_not_positive_is_not_measured(mine, other):
    rule = Rule("a", "x", "≤", 1.0, versus="b", compare="ratio")
    outcome = rule.judge({"a": {"x": mine}, "b": {"x": other}})
    assert outcome.holds is None and "不是两个正数" in outcome.measured
    assert missing((rule,), [outcome], {"a": None}) == f"（{outcome.measured}）"


def test_the_standard_error_is_the_sample_deviation_over_root_n():
    assert standard_error([1.0, 2.0, 6.0]) == pytest.approx(sqrt(7) / sqrt(3))
    assert standard_error([4.0]) is None


def test_one_seed_has_no_interval_and_is_not_measured():
    assert paired_interval([3.0]) is None
    values = {"a": {"x": [9.0]}, "b": {"x": [1.0]}}
    rule = Rule("a", "x", "≥", 1.0, versus="b")
    outcome = rule.judge(values)
    assert outcome.holds is None and judged([rule], values).name == UNMEASURED
    assert missing((rule,), [outcome], {"a": None}) == "（只有一个种子，说不出区间）"


@pytest.mark.parametrize(
    "form, xs, value, holds",
    [
        ("通常", [1.0, 5.0, 100.0], 5.0, True),  # 居中的，不是平均
        ("通常", [1.0, 4.0, 100.0], 4.0, False),
        ("通常", [4.0, 6.0], 5.0, True),
        ("总是", [5.0, 6.0, 7.0], 5.0, True),
        ("总是", [4.9, 60.0, 70.0], 4.9, False),
        ("会", [5.0, 9.0, 9.0, 9.0, 0.0], 4, True),  # 五个里四个是八成
        ("会", [5.0, 9.0, 9.0, 0.0, 0.0], 3, False),
    ],
)
def test_each_form_reduces_the_seeds_in_its_own_way(form, xs, value, holds):
    for sign, relation in ((1, "≥"), (-1, "≤")):  # 反过来的不等式，数也反过来
        rule = Rule("a", "x", relation, sign * 5.0, form=form)
        outcome = rule.judge({"a": {"x": [sign * x for x in xs]}})
        assert outcome.holds is holds
        assert outcome.value == pytest.approx(value if form == "会" else sign * value)


def test_equal_means_within_the_tolerance_on_both_sides_of_the_target():
    rule = Rule("a", "x", "≤", 0.25, form="等于", target=1.0)
    for xs, worst, holds in (
        ([1.0, 1.25], 1.25, True),
        ([0.75, 1.0], 0.75, True),
        ([1.0, 1.26], 1.26, False),
        ([0.74, 1.0], 0.74, False),
    ):
        outcome = rule.judge({"a": {"x": xs}})
        assert (outcome.holds, outcome.value) == (holds, worst)


@pytest.mark.parametrize(
    "mine, other, bound, holds",
    [
        ([3.0, 4.0, 5.0], [1.0, 2.0, 2.9], 1.0, True),
        ([3.0, 4.0, 5.0], [1.0, 2.0, 2.9], 2.1, False),  # 平均没有过界
        ([9.0, 0.0, 3.0], [1.0, 1.0, 1.0], 1.0, False),  # 平均过了，区间含 0
        ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], 0.0, False),  # 一样不是更多
        ([1.0, 1.1, 1.2], [1.05, 1.15, 1.25], -0.1, True),  # 最多少 0.1
        ([1.0, 1.1, 1.2], [1.15, 1.25, 1.35], -0.1, False),
    ],
)
def test_more_needs_the_average_beyond_the_bound_and_an_interval_without_zero(
    mine, other, bound, holds
):
    differences = np.subtract(mine, other)
    for sign, relation in ((1, "≥"), (-1, "≤")):
        values = {"a": {"x": [sign * x for x in mine]}, "b": {"x": [sign * x for x in other]}}
        outcome = Rule("a", "x", relation, sign * bound, versus="b").judge(values)
        assert outcome.holds is holds
        assert outcome.value == pytest.approx(sign * differences.mean(), abs=1e-9)


def test_the_seeds_are_paired_so_a_shared_swing_does_not_hide_a_steady_gap():
    swing = [0.0, 50.0, 100.0]
    ahead = [x + gap for x, gap in zip(swing, (1.0, 1.1, 1.2))]
    rule = Rule("a", "x", "≥", 0.0, versus="b")
    assert rule.judge({"a": {"x": ahead}, "b": {"x": swing}}).holds is True
    assert rule.judge({"a": {"x": ahead[::-1]}, "b": {"x": swing}}).holds is False
    with pytest.raises(ValueError):
        rule.judge({"a": {"x": [1.0]}, "b": {"x": [1.0, 2.0]}})


def test_a_ratio_is_the_geometric_mean_of_the_paired_ratios():
    values = {"a": {"x": [20.0, 80.0, 45.0]}, "b": {"x": [2.0, 4.0, 3.0]}}
    logs = [log(10), log(20), log(15)]
    outcome = Rule("a", "x", "≥", 10.0, versus="b", compare="ratio").judge(values)
    assert outcome.holds and outcome.value == pytest.approx(exp(np.mean(logs)))
    assert not Rule("a", "x", "≤", 0.5, versus="b", compare="ratio").judge(values).holds
    assert Rule("b", "x", "≤", 0.5, versus="a", compare="ratio").judge(values).holds


CLAIMED = Rule("a", "x", "≥", 5.0)
MET, UNMET = {"a": {"x": [6.0]}, "b": {"x": [6.0]}}, {"a": {"x": [4.0]}, "b": {"x": [6.0]}}


def test_a_control_never_counts():
    for bound in (5.0, 7.0):  # 对照满足、不满足
        beside = control("b", "x", "≥", bound)
        assert judged([CLAIMED, beside], MET).name == HOLDS
        assert judged([CLAIMED, beside], UNMET).name == FAILS
        assert judged([beside], MET).name == UNMEASURED  # 只有对照，什么也没有量
    assert control("b", "x", "≥", 1.0).role == CONTROL and CLAIMED.role == CLAIM


def test_an_unmet_premise_means_not_measured_whatever_the_claim_says():
    lacking, given = premise("a", "x", "≥", 7.0, remark="缘故"), premise("a", "x", "≥", 3.0)
    for values in (MET, UNMET):
        found = judged([CLAIMED, lacking], values)
        assert (found.name, found.text) == (UNMEASURED, "没有量成")
    assert judged([CLAIMED, given], MET).name == HOLDS
    assert judged([CLAIMED, given], UNMET).name == FAILS
    outcomes = [rule.judge(MET) for rule in (CLAIMED, lacking)]
    assert missing((CLAIMED, lacking), outcomes, {"a": None}) == "（前提没有满足：缘故）"
    assert missing((CLAIMED, lacking), outcomes, {"a": True}) == ""


def test_a_premise_of_the_baseline_counts_for_what_is_compared_with_it_and_for_nothing_else():
    values = {"a": {"x": [6.0, 6.1]}, "b": {"x": [1.0, 1.2]}}
    compared = Rule("a", "x", "≥", 1.0, versus="b")
    lacking = premise("b", "x", "≥", 7.0)
    assert judged([compared, lacking], values).name == UNMEASURED
    assert judged([Rule("a", "x", "≥", 5.0), lacking], values).name == HOLDS


def test_the_condition_names_the_groups_where_it_held_and_where_not():
    values = {"a": {"x": [6.0]}, "b": {"x": [4.0]}}
    both = [CLAIMED, Rule("b", "x", "≥", 5.0)]
    found = judged(both, values)
    assert (found.name, found.text) == (CONDITIONAL, "对“甲”成立；对“乙”不成立")
    found = judged([*both, premise("b", "x", "≥", 5.0)], values)
    assert (found.name, found.text) == (CONDITIONAL, "对“甲”成立；“乙”没有量成")
    values["a"]["x"] = [4.0]
    found = judged([*both, premise("b", "x", "≥", 5.0)], values)
    assert (found.name, found.text) == (FAILS, "不成立；“乙”没有量成")
    more = [CLAIMED, Rule("a", "x", "≤", 5.0)]  # 一组的判据要全都满足
    assert judged(more, MET).name == FAILS


def test_a_template_takes_the_middle_seed_the_ends_and_the_count():
    values = {"a.1": {"x": [3.0, -1.0, 0.5, 9.0, 2.0]}}
    for spec, text in (
        ("", "2"),
        (":最小", "−1"),
        (":最大", "9"),
        (":个数", "5"),
        (":≤0.5", "2"),
        (":≥0.5", "4"),
        (":.0%", "200%"),
        (":最小.0%", "−100%"),
        (":最大.1%", "900.0%"),
    ):
        assert filled("{v[a.1][x]" + spec + "}", values) == text
    for spec in (".3f", "最小.3f", "中间"):
        with pytest.raises(ValueError, match="不认得的格式"):
            filled("{v[a.1][x]:" + spec + "}", values)


@pytest.mark.parametrize(
    "conditions, count",
    [("x≥2 y≥2", 1), ("x≥2", 2), ("y≥2", 2), ("x≤1 y≤2", 1), ("x≥3 y≤1", 1), ("x≥3 y≥2", 0)],
)
def test_a_seed_counts_only_when_it_meets_every_condition(conditions, count):
    values = {"a": {"x": [1.0, 2.0, 3.0], "y": [2.0, 3.0, 1.0]}, "b": {"x": [9.0], "y": [9.0]}}
    assert filled("{v[a]:" + conditions + "}", values) == str(count)


def test_a_template_says_which_of_the_claims_hold_and_how_many():
    said = "{rule[1]}，{rule[2]}，{rule:成立}/{rule:个数}，{rule:不成立}"
    rules = [control("b", "x", "≥", 9.0), CLAIMED, Rule("b", "x", "≤", 5.0)]
    assert filled(said, MET, rules) == "成立，不成立，1/2，1"
    assert filled(said, UNMET, rules) == "不成立，不成立，0/2，2"
    lacking = premise("a", "x", "≥", 7.0)
    assert filled(said, MET, [*rules, lacking]) == "没有量成，不成立，0/2，1"
    compared = [Rule("a", "x", "≥", 1.0, versus="b"), premise("b", "x", "≥", 7.0)]
    assert filled("{rule[1]}", MET, compared) == "没有量成"  # 种子太少，前提也没有满足


def recorded(name: str) -> dict:
    """{组: {量: [各种子的值]}}，完整档；还没有跑全的实验用两个编的种子。"""
    experiment, rows = EXPERIMENTS[name], RESULTS[name]["full"]
    if all(len(found) == experiment.seeds["full"] for found in rows.values()):
        return values_by_arm(rows)
    return {arm: {key: [0.5, 0.6] for key in experiment.statistics} for arm in experiment.arms}


def turned(name: str, values: dict, good: set, premises: bool = True) -> dict:
    """把数改成：good 里的组的判据全都满足，别的组的都不满足；前提照 premises。"""
    values = deepcopy(values)
    for rule in EXPERIMENTS[name].rules:
        if rule.role == CONTROL:
            continue
        column = values[rule.arm][rule.statistic]
        met = premises if rule.role == PREMISE else rule.arm in good
        far = 1e6 if (rule.relation == "≥") == met else (1e-6 if rule.compare == "ratio" else -1e6)
        if rule.kind == "等于":
            far = rule.target if met else rule.target + 10 * rule.bound + 1
        column[:] = [far] * len(column)
    return values


def conclude(name: str, values: dict):
    experiment = EXPERIMENTS[name]
    outcomes = [rule.judge(values) for rule in experiment.rules]
    states = group_states(experiment.rules, outcomes)
    return verdict(states, {arm: experiment.label(arm) for arm in states})


def groups(name: str) -> list[str]:
    """判据说的那些组。"""
    rules = EXPERIMENTS[name].rules
    return list(dict.fromkeys(rule.arm for rule in rules if rule.role == CLAIM))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_turning_the_numbers_turns_the_sentence_and_the_verdict(name):
    experiment, arms, start = EXPERIMENTS[name], groups(name), recorded(name)
    good, bad = (turned(name, start, chosen) for chosen in (set(arms), set()))
    assert conclude(name, good).text == HOLDS and conclude(name, bad).text == FAILS
    assert experiment.said(good) != experiment.said(bad)
    claims = [rule for rule in experiment.rules if rule.role == CLAIM]
    for arm in arms if len(arms) > 1 else ():
        found = conclude(name, turned(name, start, set(arms) - {arm}))
        if found.text == FAILS:  # 别的组都拿它当对照，一起不成立
            assert {a for a in arms if a != arm} <= {r.arm for r in claims if r.versus == arm}
            continue
        assert found.name == CONDITIONAL
        held, failed = found.text.split("；")
        assert f"“{experiment.label(arm)}”" in failed and failed.endswith("不成立")
        # 拿这一组当对照的，数跟着变，可能一起不成立；别的组都还成立
        leaning = {rule.arm for rule in claims if rule.versus == arm} | {arm}
        assert all(f"“{experiment.label(a)}”" in held for a in arms if a not in leaning)
        assert all(f"“{experiment.label(a)}”" not in failed for a in arms if a not in leaning)
    premises = [rule for rule in experiment.rules if rule.role == PREMISE]
    if premises:
        assert all(rule.remark for rule in premises)
        assert UNMEASURED in conclude(name, turned(name, start, set(arms), premises=False)).text


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_sentence_has_a_number_and_no_name_from_the_code(name):
    experiment = EXPERIMENTS[name]
    said = experiment.said(recorded(name))
    assert re.search(r"\d", said) and "{" not in said and not said.endswith("。")
    words = {key for key in (*experiment.statistics, *experiment.arms) if "_" in key}
    assert [word for word in words if word in said] == []


def test_an_experiment_without_a_sentence_of_its_own_reads_its_first_claim():
    bare = replace(EXPERIMENTS["packing"], sentence="")
    values = turned("packing", recorded("packing"), set())
    first = bare.rules[0]
    assert bare.said(values) == f"{first.judge(values).measured}——{bare.rule_text(first)}"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_premise_and_control_touches_a_group_of_the_experiment(name):
    experiment = EXPERIMENTS[name]
    claims = [rule for rule in experiment.rules if rule.role == CLAIM]
    used = {arm for rule in claims for arm in (rule.arm, rule.versus)}
    assert claims
    for rule in experiment.rules:
        assert rule.arm in (used if rule.role == PREMISE else experiment.arms)
