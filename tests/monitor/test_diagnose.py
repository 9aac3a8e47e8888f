"""诊断：每条规则在界限两侧的结论；太短、太稀、没学会的不下病的结论；缺曲线时说得清。"""

import json
import random

import pytest
from made_curves import MODES, RING, flicker, records, then

from paddle_gan.monitor.curves import Setting
from paddle_gan.monitor.diagnose import diagnose
from paddle_gan.monitor.rules import RULES

SHORT, OPEN, UNLEARNED = "步数太少，还不能判断", "还不能判断", "还没学会"


def rising(t: float) -> float:
    return 0.1 + 0.8 * t


SURE = {"prob__real": 0.98, "prob__fake": 0.02}  # 判别器几乎从不出错
GROWN = {"score__real": lambda t: 10 ** (4 * t), "score__fake": 0.0}
CASES = [
    ("正常", {"prob__real": 0.6, "prob__fake": 0.4, "diversity": 0.95}),
    ("正常", SURE | {"diversity": rising}),  # 还在变好
    ("判别器过强", SURE | {"diversity": 0.9}),
    ("正常", SURE | {"fd_lenet": lambda t: 2 - t}),  # 距离降了两成
    ("判别器过强", SURE | {"fd_lenet": lambda t: 1 + t}),
    ("正常", SURE | {"modes__high_quality": lambda t: 0.2 + 0.6 * t}),
    ("判别器过强", SURE | {"modes__high_quality": 0.5}),
    ("正常", {"prob__real": 0.9, "prob__fake": 0.1, "diversity": 0.9}),
    ("判别器过弱", {"prob__real": 0.7, "prob__fake": 0.6}),
    ("正常", {"prob__real": 0.6, "prob__fake": 0.5}),
    ("正常", {"prob__real": 0.5, "prob__fake": 0.3}),  # 标签平滑
    ("正常", {"prob__real": 0.6, "prob__fake": 0.64, "prob__mismatched": 0.2}),  # CGAN 的打乱配对
    ("判别器过弱", {"prob__real": 0.7, "prob__fake": 0.7, "prob__mismatched": 0.5}),
    ("正常", {"prob__real": then(0.6, 0.8, 0.7), "prob__fake": 0.4}),  # 只有最后一阵偏大
    ("判别器过弱", {"prob__real": then(0.6, 0.8, 0.6), "prob__fake": 0.5}),  # 假的从不低于 ½
    ("正常", {"prob__real": then(0.6, 0.8, 0.7), "prob__fake": then(0.49, 0.5, 0.1)}),
    ("正常", {"prob__real": 0.5, "prob__fake": 0.5, "norm__grad_G": 1.0}),  # 学完了，不是瞎了
    ("判别器过弱", {"prob__real": 0.5, "prob__fake": 0.49, "norm__grad_G": then(1.0, 0.01)}),
    ("正常", {"prob__real": 0.3, "prob__fake": 0.49, "norm__grad_G": then(1.0, 0.01)}),  # 判反了
    ("模式崩溃", {"diversity": then(0.9, 0.3)}),
    ("正常", {"diversity": then(0.9, 0.6)}),
    (OPEN, {"diversity": lambda t: 0.5 * t}),  # 一路变好
    ("模式崩溃", {"diversity": lambda t: 0.1 * t}),  # 变好了也还是一个样
    (OPEN, {"diversity": 0.3}),  # 从头到尾没有动
    ("模式崩溃", {"diversity": then(0.3, 0.28)}),
    ("模式崩溃", {"modes__reverse_kl": 0.8}),
    ("正常", {"modes__reverse_kl": 0.6}),
    (OPEN, {"modes__reverse_kl": lambda t: 2.0 - 1.2 * t}),
    ("模式崩溃", {"classes__reverse_kl": 1.5}),
    ("正常", {"classes__reverse_kl": 0.6}),
    ("震荡", {"diversity": flicker(0.9, 0.3)}),
    ("正常", {"diversity": flicker(0.9, 0.005)}),
    ("正常", {"diversity": flicker(0.9, 0.015)}),  # 回头路 0.29
    ("震荡", {"diversity": flicker(0.9, 0.025)}),  # 回头路 0.48
    ("正常", {"diversity": lambda t: 1.5 * t}),  # 一路上涨，没有回头路
    ("震荡", {"prob__fake": flicker(0.5, 0.4)}),
    ("正常", {"prob__fake": flicker(0.5, 0.2)}),
    ("发散", GROWN),
    ("正常", GROWN | {"grow__size": then(8.0, 64.0)}),  # 大图与小图的差比不了
    ("发散", GROWN | {"grow__size": 64.0}),
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
    ("正常", MODES["good"]),
    ("模式崩溃", MODES["one"]),
    (UNLEARNED, MODES["none"]),
    (UNLEARNED, {"modes__high_quality": 0.123}),  # 0.0279 + 0.1·(0.989 − 0.0279) = 0.1240
    ("正常", {"modes__high_quality": 0.125, "diversity": 0.9}),
    (UNLEARNED, {"modes__high_quality": 0.0, "diversity": 1.5}),  # 散开了，一个也不在模式上
    ("模式崩溃", {"modes__high_quality": 0.0, "diversity": then(0.9, 0.05)}),
]


@pytest.mark.parametrize("verdict, curves", CASES)
def test_each_rule_judges_both_sides_of_its_limit(verdict, curves):
    found = diagnose(records(**curves), setting=RING)
    assert found.verdict == verdict
    assert found.ill() is (verdict not in ("正常", OPEN, UNLEARNED))


HEALTHY = MODES["good"] | {"prob__real": 0.6, "prob__fake": 0.4}
ILL = {"diversity": then(0.4, 0.1), "prob__real": 0.9, "prob__fake": 0.8, "loss__D_X": 0.5}


@pytest.mark.parametrize(
    "steps, verdict", [(20, SHORT), (99, SHORT), (100, "判别器过弱"), (200, "判别器过弱")]
)
def test_a_run_of_a_few_steps_is_never_called_ill(steps, verdict):
    made = records(count=steps, pace=1, **ILL)
    assert diagnose(made, setting=Setting(total_steps=steps)).verdict == verdict


@pytest.mark.parametrize("curves", [HEALTHY, MODES["one"], {"diversity": then(0.4, 0.1)}])
@pytest.mark.parametrize(("steps", "long"), [(20, False), (199, False), (201, True)])
def test_samples_are_judged_from_the_two_hundredth_step_on(curves, steps, long):
    found = diagnose(records(count=steps, pace=1, **curves), setting=Setting(samples=2500))
    assert (found.verdict != SHORT) is long


@pytest.mark.parametrize(
    ("step", "planned", "verdict"),
    [(500, 6000, SHORT), (600, 6000, "模式崩溃"), (500, 5000, "模式崩溃"), (500, 0, "模式崩溃")],
)
def test_a_run_stopped_before_a_tenth_of_its_plan_is_not_judged(step, planned, verdict):
    made = records(count=20, pace=step // 20, **MODES["one"])
    setting = Setting(planned, samples=2500, modes=8, scatter=0.0279)
    assert diagnose(made, setting=setting).verdict == verdict


def test_what_does_not_depend_on_time_is_said_from_the_first_steps_on():
    for curves, verdict in (
        ({"weights__norm_scale_D": 0.01}, "判别器过弱"),
        ({"range__outside": 0.3}, "判别器过强"),
    ):
        assert diagnose(records(count=10, pace=1, **curves)).verdict == verdict
    fine = {"weights__norm_scale_D": 1.0, "range__outside": 0.0}
    assert diagnose(records(count=10, pace=1, **fine)).verdict == SHORT


FALL = {"diversity": then(1.1, 0.2), "modes__covered_1pct": then(5.0, 1.0)}


@pytest.mark.parametrize(
    ("verdict", "changes", "samples"),
    [
        ("模式崩溃", {}, 2500),
        (SHORT, {}, 200),  # 数模式的样本不够
        (SHORT, {"modes__covered_1pct": 3.0}, 2500),  # 还剩三个模式，不到四分之一才算
        ("模式崩溃", {"modes__covered_1pct": 2.0}, 2500),
        (SHORT, {"diversity": then(0.7, 0.2)}, 2500),  # 没有散开过，可能还没开始
        (SHORT, {"diversity": then(0.2, 1.1)}, 2500),  # 反过来：先挤着，后散开
        (SHORT, {"diversity": then(1.1, 0.6)}, 2500),
    ],
)
def test_a_sudden_collapse_in_a_short_run_needs_a_fall_and_counted_modes(verdict, changes, samples):
    made = records(count=30, pace=5, **FALL | changes)
    setting = Setting(total_steps=150, samples=samples, modes=8, scatter=0.0279)
    assert diagnose(made, setting=setting).verdict == verdict


def test_without_counted_modes_a_few_hundred_steps_of_like_samples_are_left_open():
    alike = {"diversity": then(0.4, 0.3)}
    for pace, more, verdict in (
        (30, {}, OPEN),
        (30, {"modes__covered_1pct": 1.0}, "模式崩溃"),
        (30, {"modes__covered_1pct": 5.0}, OPEN),
        (34, {}, "模式崩溃"),  # 一千步以上
    ):
        assert diagnose(records(pace=pace, **alike | more), setting=RING).verdict == verdict


def test_few_good_samples_do_not_make_a_lost_mode():
    lost = {"modes__reverse_kl": 2.08, "diversity": 0.9}
    for quality, samples, verdict in (
        (0.15, 2500, "模式崩溃"),
        (0.15, 200, OPEN),  # 一共 200 个，数不准
        (0.08, 2500, UNLEARNED),
    ):
        made = records(**lost, modes__high_quality=quality)
        setting = Setting(3000, samples, 8, 0.0279)
        assert diagnose(made, setting=setting).verdict == verdict


def test_one_class_is_a_collapse_only_after_more_classes_or_after_a_long_time():
    one = {"classes__reverse_kl": 2.3, "diversity": 0.7}
    fell = {"classes__reverse_kl": then(0.9, 2.3), "diversity": 0.7}
    nearer = one | {"fd_lenet": lambda t: 300 - 200 * t}
    for curves, pace, verdict in (
        (one, 33, OPEN),  # 990 步：图像还认不出，都被认作同一类
        (fell, 33, "模式崩溃"),
        (one, 100, "模式崩溃"),
        (nearer, 100, OPEN),
    ):
        assert diagnose(records(pace=pace, **curves)).verdict == verdict


def test_fewer_than_three_points_in_the_last_third_are_not_judged():
    for count, verdict in ((6, "记录太少，还不能判断"), (9, "模式崩溃")):
        made = records(count=count, pace=300, diversity=then(0.2, 0.1))
        assert diagnose(made).verdict == verdict


@pytest.mark.parametrize(("low", "high"), [(0.05, 0.9), (0.9, 0.05)])
def test_one_spike_in_a_short_run_is_no_oscillation_but_two_are(low, high):
    def spikes(*where):
        return records(count=21, prob__fake=lambda t: high if round(21 * t) in where else low)

    assert diagnose(spikes(18)).verdict == "正常"
    assert diagnose(spikes(16, 19)).verdict == "震荡"


def test_a_broken_discriminator_is_named_before_the_collapse_it_causes():
    found = diagnose(records(prob__real=0.73, prob__fake=0.5, diversity=then(0.2, 0.1)))
    assert found.verdict == "判别器过弱"
    assert [finding.verdict for finding in found.findings] == ["判别器过弱", "模式崩溃"]


@pytest.mark.parametrize("diversity", [0.9, then(0.2, 0.1)])
def test_a_stop_because_of_nan_is_divergence_whatever_the_curves_say(diversity):
    message = "第 31 步的 loss/D 变成了 nan，训练已停止"
    found = diagnose(records(diversity=diversity), message)
    assert found.verdict == "发散" and found.ill() and found.sentences()[0] == message
    assert [finding.verdict for finding in found.findings] == ["模式崩溃"] * callable(diversity)


def test_any_subset_of_curves_and_any_pace_is_judged_without_an_error():
    rng = random.Random(0)
    tags = sorted({tag for rule in RULES for tag in rule.curves} | {"fd_lenet", "loss/G"})
    tags += ["modes/high_quality", "modes/covered_1pct", "classes/covered_1pct", "fd_pca64"]
    for _ in range(300):
        made, step = [], 0
        for _ in range(rng.randrange(0, 12)):
            step += rng.randrange(1, 500)
            chosen = rng.sample(tags, rng.randrange(0, len(tags)))
            values = (0.0, rng.random(), -1e299, 1e299)
            made.append({"step": step, **{tag: rng.choice(values) for tag in chosen}})
        found = diagnose(made, setting=rng.choice([Setting(), RING]))
        assert found.text() and json.dumps(found.to_dict(), allow_nan=False)
