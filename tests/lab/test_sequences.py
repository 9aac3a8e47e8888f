"""第 13 章的两个实验：各组只差说的那一处，从同一个 G 开始，同样的熵找得对，真的梯度是枚举的。"""

import numpy as np
import paddle
import pytest
from lab_groups import built
from paddle.nn.functional import one_hot, sigmoid

from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, policy_gradient, sequences
from paddle_gan.lab.experiment import values_by_arm
from paddle_gan.lab.runner import read_results
from paddle_gan.lab.training import build
from paddle_gan.run.config import resolve


def test_the_adversarial_groups_differ_only_in_how_the_gradient_is_estimated():
    found = {arm: resolve(sequences.configured(arm, 9)) for arm in EXPERIMENTS["sequences"].arms}
    plain, baseline, gumbel, long = (found[arm] for arm in sequences.CASES)
    assert long.hparams == baseline.hparams and long.total_steps == sequences.PRETRAIN + 4 * 9
    assert baseline.hparams == plain.hparams | {"baseline": True} and not plain.hparams["baseline"]
    assert (plain.method, gumbel.method) == ("seq_gan", "gumbel_gan")
    for key in ("lr_G", "lr_D", "lr_MLE", "d_steps", "pretrain_steps", "pretrain_D"):
        assert gumbel.hparams[key] == plain.hparams[key], key
    for arm, config in found.items():
        assert (config.network, config.data) == (plain.network, plain.data), arm
        assert config.hparams["pretrain_steps"] == sequences.PRETRAIN
        if arm != "long":
            pure = arm in sequences.TEMPERATURES
            assert config.total_steps == sequences.PRETRAIN + (0 if pure else 9)
    assert found["mle"].hparams["lr_MLE"] == plain.hparams["lr_MLE"]


@pytest.mark.parametrize("arm", ["mle", "mle_06", "baseline"])
def test_every_group_starts_with_the_same_maximum_likelihood(arm, monkeypatch):
    setup, facts = built("sequences", arm, monkeypatch)
    assert facts["steps"] == sequences.PRETRAIN == setup.method.hparams.pretrain_steps


def test_the_temperature_of_the_same_entropy_is_found():
    assert sequences.same_entropy(lambda tau: 3 * tau, 2.4) == pytest.approx(0.8, abs=1e-3)
    setup = build(sequences.configured("mle", 0), 0)
    entropies = [sequences.entropy_at(setup.method, tau, 300, 0) for tau in (0.3, 1.0)]
    assert entropies[0] < entropies[1] <= 8 * np.log(10) + 1e-3
    assert setup.method.hparams.temperature == 1.0


def test_a_short_run_measures_everything_and_compares_at_the_same_entropy(monkeypatch):
    monkeypatch.setattr(sequences, "PRETRAIN", 3)
    found = sequences.measure("baseline", 0, {"steps": 2, "scored": 300})
    s = found.statistics
    assert set(s) == set(EXPERIMENTS["sequences"].statistics)
    assert s["kl"] == pytest.approx(s["nll_oracle"] - s["entropy"])
    assert s["over_tuned"] == pytest.approx(s["nll_oracle"] - s["tuned"]) and 0.1 < s["tau"] < 2
    plain = sequences.measure("mle_06", 0, {"steps": 2, "scored": 300}).statistics
    assert set(plain) == {"nll_oracle", "entropy", "kl", "nll_test", "distinct4"}
    assert (
        plain["entropy"]
        < sequences.measure("mle", 0, {"scored": 300, "steps": 2}).statistics["entropy"]
    )


def test_the_rows_beside_give_the_cheats_away():
    rows = sequences.rows_beside()
    assert (
        rows["只写一条"]["nll_oracle"]
        < rows["真实数据"]["nll_oracle"]
        < rows["均匀乱写"]["nll_oracle"]
    )
    assert (
        rows["只写一条"]["distinct4"]
        < rows["真实数据"]["distinct4"]
        < rows["均匀乱写"]["distinct4"]
    )


def test_the_exact_gradient_is_the_slope_of_the_enumerated_reward():
    method = policy_gradient.game("plain", 0, 5).method
    true = policy_gradient.exact(method)
    x = one_hot(paddle.to_tensor(policy_gradient.all_sequences(3, 3)), 3)
    reward = sigmoid(method.D(x)).numpy()[:, 0].astype(np.float64)

    def J() -> float:
        tokens = paddle.to_tensor(policy_gradient.all_sequences(3, 3))
        return float(np.exp(method.log_likelihood(tokens).numpy().astype(np.float64)) @ reward)

    bias = method.G.output.bias  # 末一个参数，三个数
    start, slopes = bias.numpy().copy(), []
    for i in range(3):
        ends = []
        for sign in (1, -1):
            bias.set_value(start + sign * 1e-2 * np.eye(3, dtype=np.float32)[i])
            ends.append(J())
        slopes.append((ends[0] - ends[1]) / 2e-2)
    assert true[-3:] == pytest.approx(slopes, rel=0.02, abs=1e-5)


def test_the_groups_of_the_small_game_share_the_game_and_argmax_gets_exactly_nothing():
    plain, based = (policy_gradient.game(arm, 1, 3) for arm in ("plain", "baseline"))
    assert np.array_equal(*(policy_gradient.exact(setup.method) for setup in (plain, based)))
    assert based.method.hparams.baseline and not plain.method.hparams.baseline
    settings = {"d_steps": 3, "samples": 2000, "repeats": 3}
    assert policy_gradient.measure("argmax", 1, settings).statistics == {"length": 0.0}
    for arm in ("baseline", "gumbel_1"):
        found = policy_gradient.measure(arm, 1, settings).statistics
        assert found["cosine"] > 0.5 and found["variance"] > 0 and found["bias"] > 0


def made_up(name: str) -> dict[str, list[dict]]:
    records, number = {}, 1.0
    for arm in EXPERIMENTS[name].arms:
        records[arm] = []
        for seed in (0, 1):
            number += 1
            statistics = {k: number + i / 10 for i, k in enumerate(EXPERIMENTS[name].statistics)}
            curves = {"nll_oracle": [number, number + 1], "distinct4": [number, number + 2]}
            row = {"seed": seed, "statistics": statistics, "curves": curves, "seconds": 1.0}
            records[arm].append(row)
    return records


@pytest.mark.parametrize("name", ["sequences", "policy_gradient"])
def test_every_group_is_in_its_figure_with_its_own_numbers(name):
    records = made_up(name)
    with style():
        figure = EXPERIMENTS[name].draw(records)
        assert missing_glyphs(figure) == set()
    axes = figure.axes
    if name == "policy_gradient":
        for axis, key in zip(axes, ("bias", "variance")):
            lines = [list(line.get_xdata()) for line in axis.get_lines()]
            arms = [arm for arm in records if arm != "argmax"][::-1]
            assert lines[: len(arms)] == [[r["statistics"][key] for r in records[a]] for a in arms]
        nothing = list(axes[0].get_lines()[len(arms)].get_xdata())  # 一点梯度也没有的：差就是全部
        assert nothing == [1 - row["statistics"]["length"] for row in records["argmax"]]
        names = [label.get_text() for label in axes[0].get_yticklabels()]
        assert names == [EXPERIMENTS[name].label(arm) for arm in reversed(records)]
        return
    short = [arm for arm in sequences.CASES if arm != "long"]
    shown = (("nll_oracle", short), ("distinct4", short), ("nll_oracle", ["long"]))
    for axis, (key, arms) in zip(axes, shown):
        wanted = []  # 每组：一个种子一条，再加中位数
        for arm in arms:
            own = [row["curves"][key] for row in records[arm]]
            wanted += [*own, np.median(own, axis=0).tolist()]
        assert [list(line.get_ydata()) for line in axis.get_lines()] == wanted
    dots = [line for line in axes[3].get_lines() if line.get_marker() == "o"]
    wanted = [[row["statistics"]["nll_oracle"] for row in records[arm]] for arm in sequences.CASES]
    assert [list(line.get_ydata()) for line in dots] == wanted
    handles = dict(zip(figure.legends[0].get_texts(), figure.legends[0].legend_handles))
    colors = {text.get_text(): handle.get_color() for text, handle in handles.items()}
    named = [EXPERIMENTS[name].label(arm) for arm in sequences.CASES]
    assert [colors[label] for label in named] == [line.get_color() for line in dots]
    assert len(colors) == len(named) + 1  # 还有灰的：只调温度的


def test_a_biased_estimator_cannot_pass_for_the_true_gradient():
    experiment = EXPERIMENTS["policy_gradient"]
    values = values_by_arm(read_results("policy_gradient", "full"))
    values["plain"] = values["baseline"] = values["gumbel_1"]  # 有偏差的冒充没有偏差的
    judged = {(r.arm, r.statistic): r.judge(values).holds for r in experiment.rules}
    assert judged["plain", "bias"] is judged["baseline", "bias"] is False
    assert judged["gumbel_1", "bias"] and judged["argmax", "length"]
    # 剩下的差正是还没有平均完的：方差除以批数，再开方
    for arm in ("plain", "baseline"):
        own = values_by_arm(read_results("policy_gradient", "full"))[arm]
        expected = np.sqrt(np.median(own["variance"]) / (10_000 / 16))
        assert np.median(own["bias"]) == pytest.approx(expected, rel=0.5)
