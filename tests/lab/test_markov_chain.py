"""A12：RBM 的条件概率与梯度照公式；链走到哪里打分，快慢怎样数；图里各是各的。"""

import itertools

import numpy as np
import pytest

from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, boltzmann, markov_chain
from paddle_gan.lab.dcgan_parts import as_text
from paddle_gan.run.config import resolve

A12 = EXPERIMENTS["markov_chain"]
RNG = np.random.default_rng(0)
RBM = boltzmann.RBM(*(RNG.normal(size=shape) for shape in ((3, 2), (3,), (2,))))


def joint() -> dict[tuple, float]:
    """p(v, h)，把 2⁵ 种情形逐个算出来。"""
    states = itertools.product((0.0, 1.0), repeat=5)
    weight = {
        s: np.exp(np.array(s[:3]) @ RBM.W @ s[3:] + RBM.b @ s[:3] + RBM.c @ s[3:]) for s in states
    }
    total = sum(weight.values())
    return {state: value / total for state, value in weight.items()}


def test_the_conditionals_are_those_of_the_joint():
    p = joint()
    for v in itertools.product((0.0, 1.0), repeat=3):
        both = sum(value for s, value in p.items() if s[:3] == v)
        on = sum(value for s, value in p.items() if s[:3] == v and s[3] == 1)
        assert RBM.hidden(np.array([v]))[0, 0] == pytest.approx(on / both)
    for h in itertools.product((0.0, 1.0), repeat=2):
        both = sum(value for s, value in p.items() if s[3:] == h)
        on = sum(value for s, value in p.items() if s[3:] == h and s[1] == 1)
        assert RBM.visible(np.array([h]))[0, 1] == pytest.approx(on / both)


def test_a_long_chain_reaches_the_distribution_itself():
    v = boltzmann.noise(20_000, 3, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    for _ in range(30):
        v, _ = RBM.walk(v, rng)
    p = joint()
    for one in itertools.product((0.0, 1.0), repeat=3):
        wanted = sum(value for s, value in p.items() if s[:3] == one)
        assert (v == one).all(axis=1).mean() == pytest.approx(wanted, abs=0.012)


def log_likelihood(rbm: boltzmann.RBM, x: np.ndarray) -> float:
    """平均的 log p(x)，配分函数逐个加出来。"""

    def free(v):  # log Σ_h exp(…)
        return v @ rbm.b + np.log1p(np.exp(v @ rbm.W + rbm.c)).sum(axis=-1)

    every = np.array(list(itertools.product((0.0, 1.0), repeat=len(rbm.b))))
    return float(free(x).mean() - np.log(np.exp(free(every)).sum()))


def test_a_step_goes_up_the_gradient_of_the_likelihood(monkeypatch):
    monkeypatch.setattr(boltzmann, "WEIGHT_DECAY", 0.0)
    rbm = boltzmann.RBM(*(part.copy() for part in RBM))
    x = np.array([[1.0, 0, 1], [1, 1, 1], [0, 0, 1], [1, 0, 0]])
    every = np.array(list(itertools.product((0.0, 1.0), repeat=3)))
    p = joint()
    shares = [sum(value for s, value in p.items() if s[:3] == tuple(v)) for v in every]
    model = np.repeat(every, np.round(100_000 * np.array(shares)).astype(int), axis=0)
    before, rate = [part.copy() for part in rbm], 1e-6
    boltzmann.ascend(rbm, x, model, rate)
    for part, old, place in zip(rbm, before, ((1, 0), (2,), (1,))):
        moved = (part[place] - old[place]) / rate
        shifted = [one.copy() for one in before]
        shifted[[part is one for one in rbm].index(True)][place] += 1e-5
        change = log_likelihood(boltzmann.RBM(*shifted), x)
        change -= log_likelihood(boltzmann.RBM(*before), x)
        assert moved == pytest.approx(change / 1e-5, abs=2e-3)


def test_training_makes_the_data_more_likely_than_independent_pixels():
    patterns = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], np.float32)
    x = patterns[RNG.integers(2, size=200)]
    rbm = boltzmann.fit(x, 4, 1500, 0.1, np.random.default_rng(0))
    started = boltzmann.started(x, 4, np.random.default_rng(0))
    assert log_likelihood(started, x) == pytest.approx(6 * np.log(0.5), abs=0.1)
    assert log_likelihood(rbm, x) > -1.5  # 最好是 −log 2 = −0.69


def test_the_chain_is_long_enough_where_its_score_is_within_a_tenth_of_the_last():
    assert markov_chain.enough({1: 90.0, 10: 56.0, 100: 54.9, 300: 48.0, 1000: 50.0}) == 100
    assert markov_chain.enough({1: 50.0, 1000: 50.0}) == 1
    picture = markov_chain.as_images(np.array([[0.0] * 783 + [1.0]], np.float32))
    assert picture.shape == (1, 1, 28, 28) and picture[0, 0, -1, -1] == 1 == -picture.min()


def test_the_speed_counts_every_sample_in_the_seconds_of_the_processor(monkeypatch):
    clock = iter(np.arange(100) * 0.2)
    monkeypatch.setattr(markov_chain.time, "process_time", lambda: next(clock))
    made = []
    rate = markov_chain.per_second(lambda: made.append(1), 50)
    # 0.2、0.4 秒时都不到 0.5 秒，各取一次；看的时候是第 0.8 秒；头一次不算
    assert len(made) == 3 and rate == pytest.approx(2 * 50 / 0.8)


def test_each_group_is_trained_or_not_as_its_name_says(monkeypatch):
    trained, small = [], {"samples": 20, "gan_steps": 7, "rbm_steps": 2, "longest": 10}
    monkeypatch.setattr(markov_chain, "train", lambda setup, steps: trained.append((setup, steps)))
    monkeypatch.setattr(markov_chain, "TIMED", 0.001)
    markov_chain.measure("untrained", 3, small)
    assert trained == []
    found = markov_chain.measure("gan", 3, small)
    [(setup, steps)] = trained
    assert steps == 7 and setup.config.seed == 3 and not found.curves
    shipped = resolve(markov_chain.digits(7))
    assert setup.config.network == shipped.network and setup.config.method == "gan"
    found = markov_chain.measure("rbm", 0, small)
    assert found.curves["k"] == [1, 3, 10] and len(trained) == 1
    s = found.statistics
    assert s["rate_enough"] * s["enough"] == pytest.approx(s["rate"] * 10)
    assert s["gain"] == pytest.approx(1) and s["fd_10"] == s["fd"] == found.curves["fd"][-1]


def test_the_rows_beside_are_the_real_digits_and_their_coin_tosses():
    real, binary = markov_chain.floor().values()
    assert real["fd"] < 3 < binary["fd"] < 60


def test_every_picture_and_point_carries_its_own_name():
    def text(level):
        return [as_text(np.full((1, 28, 28), level))] * markov_chain.SHOWN

    def row(rate, score, **curves):
        return {"seed": 0, "statistics": {"rate": rate, "fd": score}, "curves": curves}

    chain = {"k": [1, 10, 1000], "fd": [200.0, 90.0, 50.0]}
    first = row(2.0, 50.0, **chain, images_10=text(0.4), images_1000=text(0.8))
    records = {
        "gan": [row(3e4, 70.0, images=text(-0.5)), row(4e4, 80.0)],
        "untrained": [row(3e4, 500.0, images=text(0.0)), row(3e4, 510.0)],
        "rbm": [first, row(3.0, 40.0, **chain)],
    }
    with style():
        figure = A12.draw(records)
        assert missing_glyphs(figure) == set()
    named = [axis for axis in figure.axes if axis.get_images() and axis.get_ylabel()]
    shown = {axis.get_ylabel(): axis.get_images()[0].get_array().max() for axis in named}
    assert list(shown) == [A12.arms["gan"], A12.arms["untrained"], "RBM，链走 10 步"] + [
        "RBM，链走 1,000 步"
    ]
    assert list(shown.values()) == sorted(set(shown.values()))
    right = figure.axes[-1]
    lines = {line.get_label(): line.get_xydata().tolist() for line in right.get_lines()}
    assert lines[A12.arms["gan"]] == [[3e4, 70], [4e4, 80]]
    assert lines[A12.arms["untrained"]] == [[3e4, 500], [3e4, 510]]
    assert lines[A12.arms["rbm"]] == [[2000, 200], [200, 90], [2, 50]]
    said = {text.get_text(): text.xy for text in right.texts}
    assert said["10 步"][0] == pytest.approx(200) and said["1,000 步"][1] == 50
