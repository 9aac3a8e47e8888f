"""什么也不做的、没有达到的得几分，台账的那一行说出来了；判据换上它们就不满足。"""

from pathlib import Path

import numpy as np
import pytest

from paddle_gan.lab import EXPERIMENTS, fooled, parzen_trap
from paddle_gan.lab.birthday import FEW
from paddle_gan.lab.experiment import values_by_arm
from paddle_gan.lab.rule import CLAIM
from paddle_gan.lab.runner import read_results
from paddle_gan.lab.shipped_models import DIGIT_MODELS
from paddle_gan.lab.verdict import group_states

ROOT = Path(__file__).resolve().parents[2]


def test_all_the_real_images_and_their_mean_stand_beside_the_centroids_at_their_own_sigma():
    rows, experiment = parzen_trap.rows_beside(), EXPERIMENTS["parzen_trap"]
    train = np.random.default_rng(0).permutation(parzen_trap.unit(fooled.digits("train")[0]))
    given = {"真图 3,000 张": train[1000:], "一张平均图": train[1000:].mean(axis=0, keepdims=True)}
    for name, samples in given.items():
        row, grid = rows[name], np.array(parzen_trap.SIGMAS)
        at = int(np.argmin(abs(grid - row["sigma"])))
        near = parzen_trap.best_sigma(samples, train[:1000], grid[at - 1 : at + 2])
        assert near == row["sigma"]  # 左右两格都不如它
        said = f"{row['likelihood']:.3g}".replace("-", "−")
        assert said in experiment.sentence
    chapter = next((ROOT / "tutorials/src").glob("10_*.py")).read_text("utf-8")
    assert f"全给，是 {rows['真图 3,000 张']['likelihood']:.0f}" in chapter
    assert f"（{rows['一张平均图']['likelihood']:.1f}）".replace("-", "−") in chapter
    centers = read_results("parzen_trap", "full")["centroids"]
    assert all(
        row["statistics"]["likelihood"] > rows["真图 3,000 张"]["likelihood"] for row in centers
    )


@pytest.mark.parametrize("name", ["sequences", "verses"])
def test_an_adversary_that_does_nothing_it_says_fails_whatever_the_others_do(name):
    experiment = EXPERIMENTS[name]
    values = values_by_arm(read_results(name, "full"))
    for arm in ("baseline", "plain", "seq_gan"):
        if arm in values:  # 对抗了等于没有对抗
            values[arm] = values[arm] | values["mle"]
    states = group_states(experiment.rules, [rule.judge(values) for rule in experiment.rules])
    assert set(states.values()) == {False}


def test_the_sentences_of_the_sequences_say_what_the_cheats_score():
    rows = EXPERIMENTS["sequences"].references()
    said = EXPERIMENTS["sequences"].sentence
    assert f"一条抄到底的只有 {rows['只写一条']['nll_oracle']:.3g}" in said
    assert f"真序列是 {rows['真实数据']['nll_oracle']:.3g}" in said
    rows, said = EXPERIMENTS["verses"].references(), EXPERIMENTS["verses"].sentence
    names = {"真实数据": "没见过的真诗", "真诗的字打乱": "字打乱", "一联写到底": "一联写到底"}
    for name, short in names.items():
        assert f"{short} {rows[name]['found2']:.3g}" in said


def test_no_repeats_is_not_taken_for_diversity():
    experiment = EXPERIMENTS["birthday"]
    values = values_by_arm(read_results("birthday", "full"))
    for rule in experiment.rules:  # 与真图一样多样、重复一样多的，判据不满足
        if rule.versus == "real" and rule.role == CLAIM:
            assert rule.judge(values).holds
            assert not rule.judge(values | {rule.arm: values["real"]}).holds
    share = {arm: np.median(values[arm]["ones"]) / np.median(values["real"]["ones"]) for arm in FEW}
    models = [share[arm] for arm in FEW if arm != "noise"]
    assert 0.25 <= min(models) < 0.35 and 0.55 <= max(models) < 0.65 and share["noise"] == 0
    chapter = next((ROOT / "tutorials/src").glob("10_*.py")).read_text("utf-8")
    assert "只画了真图的三成到六成" in chapter


def test_the_most_precise_model_is_compared_with_every_other_one_and_copying_does_not_count():
    experiment = EXPERIMENTS["quality_and_diversity"]
    claims = [rule for rule in experiment.rules if rule.role == CLAIM]
    compared = {(rule.statistic, rule.versus) for rule in claims}
    others = [arm for arm in DIGIT_MODELS if arm != "gan_digits"]
    assert {(key, arm) for key in ("precision", "recall") for arm in others} <= compared
    assert {rule.arm for rule in claims} == {"gan_digits"}


def test_precision_that_sees_the_repeats_is_not_called_blind():
    experiment = EXPERIMENTS["dropped_classes"]
    values = values_by_arm(read_results("dropped_classes", "full"))
    states = group_states(experiment.rules, [rule.judge(values) for rule in experiment.rules])
    assert states == {"drop": True, "repeat": False}
    chapter = next((ROOT / "tutorials/src").glob("10_*.py")).read_text("utf-8")
    drops = values["repeat"]["precision_drop"]
    assert f"精度也掉了 {np.median(drops):.2f}（五个种子里最多 {max(drops):.2f}）" in chapter


def test_noise_that_nobody_tuned_stands_beside_the_tuned_one():
    [(name, row)] = EXPERIMENTS["confident_fakes"].references().items()
    said = f"把握 {row['confidence']:.1%}，IS 只有 {row['is']:.0f}"
    assert name == "没有调过的均匀噪声" and said in EXPERIMENTS["confident_fakes"].sentence
    assert row["coverage"] < 0.01 and row["is"] < 1.01
    chapter = next((ROOT / "tutorials/src").glob("10_*.py")).read_text("utf-8")
    assert f"均匀噪声 LeNet 全认作同一类，把握 {row['confidence']:.1%}" in chapter
