"""唐诗的实验：各组从同一个最大似然出发，只差对抗怎样传梯度；花样相同时才比像不像。"""

import numpy as np
import pytest
from lab_groups import built
from tool_helpers import ROOT

from paddle_gan.data.poems import Poems
from paddle_gan.evaluation.scorers_poems import PoemScorer
from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, verses
from paddle_gan.lab.training import build
from paddle_gan.run.config import load_config, resolve

FULL, TINY = EXPERIMENTS["verses"].settings["full"], {"pretrain": 1, "steps": 1, "scored": 40}


@pytest.fixture
def quick(monkeypatch):
    """没见过的诗只留几十联：似然算得快。"""

    def small(samples):
        test = Poems(split="test")
        test.tokens = test.tokens[:60]
        return PoemScorer(Poems(), test, samples, seed=0)

    monkeypatch.setattr(verses, "scorer_of", small)
    return small(40)


def test_the_groups_share_everything_but_how_the_gradient_gets_to_g():
    mle, seq, gumbel = (resolve(verses.configured(arm, FULL)) for arm in ("mle", *verses.CASES))
    assert (seq.method, gumbel.method) == ("seq_gan", "gumbel_gan") and seq.hparams["baseline"]
    for key in ("lr_G", "lr_D", "lr_MLE", "d_steps", "pretrain_steps", "pretrain_D"):
        assert gumbel.hparams[key] == seq.hparams[key], key
    for config in (seq, gumbel):
        assert (config.network, config.data) == (mle.network, mle.data)
        assert config.total_steps == FULL["pretrain"] + FULL["steps"]
        assert config.hparams["lr_MLE"] == mle.hparams["lr_MLE"]
    assert mle.total_steps == mle.hparams["pretrain_steps"] == FULL["pretrain"]


def test_the_shipped_configs_are_the_groups_of_the_experiment():
    mle, seq = (load_config(ROOT / f"configs/{name}_poems.yml") for name in ("mle", "seq_gan"))
    for shipped, arm in ((mle, "mle"), (seq, "seq_gan")):
        own = resolve(verses.configured(arm, FULL))
        assert (shipped.network, shipped.data) == (own.network, own.data)
        assert shipped.batch_size == own.batch_size
        for key in (
            ("lr_MLE", "lr_G", "lr_D", "rollouts", "baseline") if arm != "mle" else ["lr_MLE"]
        ):
            assert shipped.hparams[key] == own.hparams[key], key


def test_the_first_training_stops_where_the_adversary_begins(monkeypatch):
    setup, facts = built("verses", "gumbel", monkeypatch)
    assert facts["steps"] == FULL["pretrain"] == setup.method.hparams.pretrain_steps


def test_a_short_run_measures_everything_and_compares_at_the_same_variety(quick):
    found = verses.measure("seq_gan", 3, TINY)
    s = found.statistics
    assert set(s) == set(EXPERIMENTS["verses"].statistics)
    assert s["over_tuned"] == pytest.approx(s["found2"] - s["tuned"]) and 0.1 < s["tau"] <= 2
    assert len(found.curves["path_nll_test"]) == 2  # 对抗之前与之后
    assert len(found.curves["verses"]) == 12 * 10 and max(found.curves["verses"]) < 800
    mle = verses.measure("mle", 3, TINY)
    assert set(mle.statistics) == set(verses.NAMES)
    assert found.curves["path_nll_test"][0] == pytest.approx(mle.statistics["nll_test"], rel=1e-3)
    assert len(mle.curves["found2"]) == len(verses.TEMPERATURES)
    assert mle.curves["distinct2"][0] == pytest.approx(mle.statistics["distinct2"], rel=1e-3)


def test_the_tuned_one_is_the_generator_before_the_adversary_at_the_variety_after_it(monkeypatch):
    biases = []

    def train(setup, until, start=0, hooks=()):
        setup.method.G.output.bias.set_value(setup.method.G.output.bias + 1.0)  # 每段动一动

    def surface_at(scorer, method, tau, seed):
        biases.append(method.G.output.bias.numpy()[0])
        return {"found2": 1.0 - tau, "distinct2": tau}

    found = {"found2": 0.3, "distinct2": 0.8} | dict.fromkeys(("nll_test", "pairing"), 5.0)
    monkeypatch.setattr(verses, "train", train)
    monkeypatch.setattr(verses, "scores", lambda scorer, method, seed: dict(found))
    monkeypatch.setattr(verses, "surface_at", surface_at)
    s = verses.measure("gumbel", 0, TINY).statistics
    assert s["tau"] == pytest.approx(0.8, abs=1e-3) and s["tuned"] == pytest.approx(0.2, abs=1e-3)
    assert s["over_tuned"] == pytest.approx(0.1, abs=1e-3)
    assert set(biases) == {np.float32(1.0)}  # 只走过最大似然的一段


def test_the_temperature_of_the_same_variety_is_found_and_cooling_leaves_the_method_as_it_was(
    quick,
):
    method = build(verses.configured("mle", TINY), 0).method
    method.G.output.bias.set_value(-0.1 * np.arange(800, dtype=np.float32))  # 前几个字常写
    curve = verses.each_temperature(quick, method, 0)["distinct2"]
    assert method.hparams.temperature == 1.0 and curve[0] > curve[-1]
    wanted = (curve[0] + curve[-1]) / 2
    found = verses.as_varied(quick, method, wanted, 0)
    assert found["distinct2"] == pytest.approx(wanted, abs=0.03) and 0.5 < found["tau"] < 1


def test_the_counted_model_needs_no_training_and_writes_anew_with_each_seed(quick):
    first, again, other = (verses.measure("bigram", seed, TINY) for seed in (0, 0, 1))
    assert first == again and first.curves != other.curves
    assert first.statistics["nll_test"] == other.statistics["nll_test"] < np.log(800)
    assert first.statistics["pairing"] == pytest.approx(0, abs=1e-9)


def test_the_rows_beside_give_the_cheats_away():
    rows = verses.rows_beside()
    assert "只看前一个字（二元）" not in rows
    assert rows["照抄训练集"]["copied3"] == 1 > rows["真实数据"]["copied3"]
    assert rows["一联写到底"]["distinct2"] < 0.01 < rows["真实数据"]["distinct2"]


def test_every_group_is_in_the_figure_with_its_own_numbers():
    records, number = {}, 0.0
    for arm in EXPERIMENTS["verses"].arms:
        records[arm] = []
        for seed in (0, 1):
            number += 0.01
            s = {k: number + i / 100 for i, k in enumerate(EXPERIMENTS["verses"].statistics)}
            curves = {"found2": [number, 0.3], "distinct2": [0.9, number]}
            curves["path_nll_test"] = [5 + number, 6 + number]
            row = {"seed": seed, "statistics": s, "curves": curves, "seconds": 1.0}
            records[arm].append(row)
    with style():
        figure = EXPERIMENTS["verses"].draw(records)
        assert missing_glyphs(figure) == set()
    plane, path = figure.axes
    gray, dots = plane.get_lines()[:2], plane.get_lines()[2:5]
    assert [list(line.get_ydata()) for line in gray] == [
        r["curves"]["found2"] for r in records["mle"]
    ]
    for line, arm in zip(dots, ("bigram", *verses.CASES)):
        assert list(line.get_ydata()) == [r["statistics"]["found2"] for r in records[arm]]
        assert list(line.get_xdata()) == [r["statistics"]["distinct2"] for r in records[arm]]
    shown = [list(line.get_ydata()) for line in path.get_lines()[:4]]
    assert shown == [r["curves"]["path_nll_test"] for arm in verses.CASES for r in records[arm]]
