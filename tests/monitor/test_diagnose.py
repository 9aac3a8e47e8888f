"""诊断：每条规则在界限两侧的样子；真训练出来的病人上的命中与误报；缺曲线时说得清。"""

import dataclasses
import json
import random

import pytest

from paddle_gan.monitor.diagnose import diagnose
from paddle_gan.monitor.rules import RULES
from tests.patients import FIXTURE, PATIENTS, examine

TUNED, HELD_OUT = ("0", "1"), ("10", "11", "12")


def records(steps: int = 30, **curves) -> list[dict]:
    """每条曲线一个常数，或一个由进度 t ∈ (0, 1] 算数值的函数；名字里的 __ 是 /。"""
    made = []
    for step in range(1, steps + 1):
        t = step / steps
        values = {k.replace("__", "/"): v(t) if callable(v) else v for k, v in curves.items()}
        made.append({"step": 10 * step, **values})
    return made


def rising(t: float) -> float:
    return 0.1 + 0.8 * t


SURE = {"prob__real": 0.98, "prob__fake": 0.02}  # 判别器几乎从不出错
CASES = [
    ("正常", {"prob__real": 0.6, "prob__fake": 0.4, "diversity": 0.95}),
    ("正常", {"prob__real": 0.98, "prob__fake": 0.02, "diversity": rising}),  # 还在变好
    ("判别器过强", {"prob__real": 0.98, "prob__fake": 0.02, "diversity": 0.9}),
    ("正常", SURE | {"fd_lenet": lambda t: 2 - t}),  # 距离降了两成
    ("判别器过强", SURE | {"fd_lenet": lambda t: 1 + t}),
    ("正常", SURE | {"modes__high_quality": lambda t: 0.2 + 0.6 * t}),
    ("判别器过强", SURE | {"modes__high_quality": 0.5}),
    ("正常", {"prob__real": 0.9, "prob__fake": 0.1, "diversity": 0.9}),
    ("判别器过弱", {"prob__real": 0.7, "prob__fake": 0.6}),
    ("正常", {"prob__real": 0.6, "prob__fake": 0.5}),
    ("正常", {"prob__real": 0.5, "prob__fake": 0.3}),  # 标签平滑
    ("正常", {"prob__real": 0.5, "prob__fake": 0.5, "norm__grad_G": 1.0}),  # 学完了，不是瞎了
    (
        "判别器过弱",
        {"prob__real": 0.5, "prob__fake": 0.5, "norm__grad_G": lambda t: 1.0 if t < 0.5 else 0.01},
    ),
    ("模式崩溃", {"diversity": 0.3}),
    ("正常", {"diversity": 0.6}),
    ("正常", {"diversity": lambda t: 0.5 * t}),  # 一路变好
    ("模式崩溃", {"diversity": lambda t: 0.1 * t}),  # 变好了也还是一个样
    ("模式崩溃", {"modes__reverse_kl": 0.8}),
    ("正常", {"modes__reverse_kl": 0.6}),
    ("正常", {"modes__reverse_kl": lambda t: 2.0 - 1.2 * t}),
    ("模式崩溃", {"classes__reverse_kl": 1.5}),
    ("震荡", {"diversity": lambda t: 0.9 + 0.3 * (-1) ** round(30 * t)}),
    ("正常", {"diversity": lambda t: 0.9 + 0.005 * (-1) ** round(30 * t)}),
    ("正常", {"diversity": lambda t: 0.9 + 0.015 * (-1) ** round(30 * t)}),  # 回头路 0.29
    ("震荡", {"diversity": lambda t: 0.9 + 0.025 * (-1) ** round(30 * t)}),  # 回头路 0.48
    ("正常", {"diversity": lambda t: 1.5 * t}),  # 一路上涨，没有回头路
    ("震荡", {"prob__fake": lambda t: 0.5 + 0.4 * (-1) ** round(30 * t)}),
    ("正常", {"prob__fake": lambda t: 0.5 + 0.2 * (-1) ** round(30 * t)}),
    ("发散", {"score__real": lambda t: 10 ** (4 * t), "score__fake": 0.0}),
    ("正常", {"score__real": lambda t: 10 * t, "score__fake": 0.0}),
    ("正常", {"score__real": 0.0, "score__fake": 0.0}),
    ("判别器过强", {"loss__D_X": 0.01}),
    ("正常", {"loss__D_X": 0.2, "loss__D_Y": 0.26}),
    ("判别器过弱", {"loss__D_X": 0.2, "loss__D_Y": 0.31}),
    ("判别器过弱", {"loss__D_Y": 0.07, "loss__G": 0.09}),  # 下界 ½(1 − 0.3)² = 0.245
    ("正常", {"loss__D_Y": 0.2, "loss__G": 0.09}),
    ("正常", {"loss__D_Y": 0.1, "loss__G": 0.7}),
    ("判别器过强", {"range__outside": 0.2}),
    ("正常", {"range__outside": 0.0}),
    ("判别器过弱", {"weights__norm_scale_D": 0.01}),
    ("正常", {"weights__norm_scale_D": 0.9}),
]


@pytest.mark.parametrize("verdict, curves", CASES)
def test_each_rule_judges_both_sides_of_its_limit(verdict, curves):
    assert diagnose(records(**curves)).verdict == verdict


def test_fewer_than_three_points_in_the_last_third_are_not_judged():
    assert diagnose(records(steps=6, diversity=0.1)).verdict == ""
    assert diagnose(records(steps=9, diversity=0.1)).verdict == "模式崩溃"


@pytest.mark.parametrize(("low", "high"), [(0.05, 0.9), (0.9, 0.05)])
def test_one_spike_in_a_short_run_is_no_oscillation_but_two_are(low, high):
    def spikes(*where):
        return records(steps=21, prob__fake=lambda t: high if round(21 * t) in where else low)

    assert diagnose(spikes(18)).verdict == "正常"
    assert diagnose(spikes(16, 19)).verdict == "震荡"


def test_a_finding_names_the_curve_the_window_the_number_and_the_limit():
    found = diagnose(records(diversity=lambda t: 0.9 if t < 0.6 else 0.25)).findings[0]
    assert (found.curve, found.first_step, found.last_step) == ("diversity", 210, 300)
    assert found.value == pytest.approx(0.25) and found.limit == pytest.approx(0.5)
    for part in ("模式崩溃", "diversity", "第 210–300 步", "0.25", "0.5"):
        assert part in found.sentence()


def test_a_broken_discriminator_is_named_before_the_collapse_it_causes():
    found = diagnose(records(prob__real=0.73, prob__fake=0.5, diversity=0.1))
    assert found.verdict == "判别器过弱"
    assert [finding.verdict for finding in found.findings] == ["判别器过弱", "模式崩溃"]


@pytest.mark.parametrize("diversity", [0.9, 0.1])
def test_a_stop_because_of_nan_is_divergence_whatever_the_curves_say(diversity):
    message = "第 31 步的 loss/D 变成了 nan，训练已停止"
    found = diagnose(records(diversity=diversity), message)
    assert found.verdict == "发散" and found.sentences()[0] == message
    assert [finding.verdict for finding in found.findings] == ["模式崩溃"] * (diversity < 0.5)


def test_what_cannot_be_judged_is_said():
    critic = diagnose(records(score__real=1.0, score__fake=0.5, diversity=0.9))
    assert critic.verdict == "正常"
    assert len(critic.unjudged) == 2 and all("判断不了" in text for text in critic.unjudged)
    assert any("过强" in text for text in critic.unjudged)
    nothing = diagnose([])
    assert nothing.verdict == "" and "判断不了" in nothing.title() and len(nothing.unjudged) == 4


def test_any_subset_of_curves_and_any_pace_is_judged_without_an_error():
    rng = random.Random(0)
    tags = sorted({tag for rule in RULES for tag in rule.curves} | {"fd_lenet", "loss/G"})
    for _ in range(300):
        made, step = [], 0
        for _ in range(rng.randrange(0, 12)):
            step += rng.randrange(1, 50)
            chosen = rng.sample(tags, rng.randrange(0, len(tags)))
            made.append({"step": step, **{tag: rng.choice([0.0, rng.random()]) for tag in chosen}})
        found = diagnose(made)
        assert found.text() and json.dumps(found.to_dict(), allow_nan=False)


def judged(seeds: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """存下来的病人里，这些种子的 (病人, 种子, 诊断)。"""
    saved = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return [
        (name, seed, diagnose(run["records"], run["diverged"]).verdict)
        for name, runs in saved.items()
        for seed, run in runs.items()
        if seed in seeds
    ]


def test_every_patient_is_saved_and_the_tuning_seeds_are_all_judged_right():
    saved = json.loads(FIXTURE.read_text(encoding="utf-8"))
    assert saved.keys() == PATIENTS.keys()
    assert all(set(runs) & {*TUNED, *HELD_OUT} for runs in saved.values())
    assert [row for row in judged(TUNED) if row[2] not in PATIENTS[row[0]].expected] == []


def test_on_the_held_out_seeds_the_patients_are_found_and_the_healthy_left_alone():
    sick = [row for row in judged(HELD_OUT) if PATIENTS[row[0]].expected != ("正常",)]
    well = [row for row in judged(HELD_OUT) if PATIENTS[row[0]].expected == ("正常",)]
    missed = [row for row in sick if row[2] not in PATIENTS[row[0]].expected]
    alarms = [row for row in well if row[2] != "正常"]
    assert (missed, alarms) == ([], [])
    assert len(sick) >= 25 and len(well) >= 15
    assert {name for name, _, _ in sick + well} == PATIENTS.keys()  # 一个病人也没有漏


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ring 损失爆炸", "ring 小初始化"])
def test_a_patient_trained_here_and_now_gets_the_same_diagnosis(name):
    patient = dataclasses.replace(PATIENTS[name], steps=min(PATIENTS[name].steps, 400))
    run = examine(patient, seed=20)
    assert diagnose(run["records"], run["diverged"]).verdict in patient.expected
