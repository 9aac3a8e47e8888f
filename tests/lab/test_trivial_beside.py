"""什么也不做的、没有达到的得几分，台账的那一行说出来了；判据换上它们就不满足。"""

from pathlib import Path

import numpy as np
import pytest

from paddle_gan.data import Ring
from paddle_gan.lab import EXPERIMENTS, fooled, page, parzen_trap
from paddle_gan.lab.birthday import FEW
from paddle_gan.lab.experiment import values_by_arm
from paddle_gan.lab.loss_quality import steps_left
from paddle_gan.lab.measures import MEASURES
from paddle_gan.lab.rule import CLAIM
from paddle_gan.lab.runner import read_results
from paddle_gan.lab.shipped_models import DIGIT_MODELS
from paddle_gan.lab.training import rows_beside
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


def middle(name: str, arm: str, key: str) -> str:
    rows = read_results(name, "full")[arm]
    return f"{np.median([row['statistics'][key] for row in rows]):.3g}"


def test_the_common_measures_say_what_the_trivial_score_and_which_way_is_better():
    said = {measure.name: measure.line for measure in MEASURES}
    fakes = {"别的真图": "real", "照抄训练集": "memoriser", "均匀噪声": "noise"}
    keys = {"FD-LeNet": "fd", "精度": "precision", "召回": "recall", "覆盖率": "coverage"}
    for name, key in keys.items():
        for words, arm in fakes.items():
            words = words if key == "fd" else words.replace("别的", "没见过的")
            assert f"{words} {middle('quality_and_diversity', arm, key)}" in said[name]
        if key != "precision":
            assert f"每类一张图 {middle('confident_fakes', 'one_per_class', key)}" in said[name]
    assert f"一张平均图 {middle('quality_and_diversity', 'mean', 'fd')}" in said["FD-LeNet"]
    real, scattered = rows_beside(Ring()).values()
    far = [row["w1"] for row in EXPERIMENTS["wgan_parts"].references().values()]
    assert "真样本也有 {:.3g}，均匀撒点 {:.3g}".format(*far) in said["W₁"]
    share = f"{real['high_quality']:.0%}，均匀撒点 {scattered['high_quality']:.1%}"
    assert share in said["高质量"]
    assert f"撒点只有 {scattered['reverse_kl']:.3g}，" in said["反向 KL"]
    assert f"= {np.log(8):.2f}" in said["反向 KL"]
    chain = EXPERIMENTS["sequences"].references()
    for words, row in {"真序列": "真实数据", "抄到底的": "只写一条", "乱写": "均匀乱写"}.items():
        assert f"{words} {chain[row]['nll_oracle']:.3g}" in said["NLL_oracle"]
    far = [float(middle("anomaly", arm, "mean")) for arm in EXPERIMENTS["anomaly"].arms]
    assert (
        f"瞎猜 0.5；不用 GAN、只看离平均图多远，三个数字上 {min(far)} 到 {max(far)}" in said["AUC"]
    )
    assert "0.92 以上" in said["秩相关"]
    runs = read_results("loss_and_quality", "full")
    counted = [
        np.median([steps_left(row["curves"]["w1"]) for row in runs[arm]])
        for arm in ("wgan", "wgan_gp")
    ]
    assert min(counted) >= 0.935
    for name in ("FD-LeNet", "W₁", "反向 KL"):
        assert said[name].startswith(f"- **{name}**（越小越好）")
    for name in ("高质量", "精度", "召回", "覆盖率", "AUC"):
        assert said[name].startswith(f"- **{name}**（越大越好）")
    text = page.how_to_read()
    assert text.count("<details>") == text.count("</details>") == 2 and "{" not in text
    assert all(line in text for line in said.values())
    assert "## 术语对照" in (ROOT / "tutorials/README_zh.md").read_text("utf-8")
