"""听话的打分器：参照里有取巧的办法，各项的方向对；只给按类别生成的方法。"""

import numpy as np
import paddle
import pytest

from paddle_gan.data import DATASETS
from paddle_gan.evaluation.scorers import SCORERS, shortage
from paddle_gan.evaluation.scorers_classes import (
    HELD_OUT,
    SHUFFLED,
    CodeScorer,
    ObedienceScorer,
    generate_evenly,
)
from paddle_gan.methods import METHODS
from paddle_gan.methods.abilities import Conditional


class Copier:
    """按要的类别，抄一张真实图像；lazy 时每类总是同一张，deaf 时不看类别。"""

    def __init__(self, data, lazy=False, deaf=False):
        self.images, self.labels = data.batch(METHODS["cgan"].batch_type, (ALL,), None)
        self.lazy, self.deaf, self.rng = lazy, deaf, np.random.default_rng(0)

    def classes(self):
        return 10

    def noise(self, n):
        return paddle.zeros([n, 1])

    def of_class(self, z, labels):
        return labels

    def class_of(self, z):
        return z

    def sampler(self):
        raise NotImplementedError

    def generate(self, z):
        wanted = self.rng.permutation(z.numpy()) if self.deaf else z.numpy()
        rows = [np.flatnonzero(self.labels == label) for label in wanted]
        picked = [row[0] if self.lazy else self.rng.choice(row) for row in rows]
        return paddle.to_tensor(self.images[picked])


ALL = np.arange(1000)


@pytest.fixture(scope="module")
def digits():
    return DATASETS["digits"](split="train"), DATASETS["digits"](split="test")


def test_obedience_and_spread_tell_four_ways_apart(digits):
    scorer = ObedienceScorer(*digits, samples=600, seed=0)
    honest = scorer.score(Copier(digits[1]))
    lazy = scorer.score(Copier(digits[1], lazy=True))
    deaf = scorer.score(Copier(digits[1], deaf=True))
    assert honest["obedience/accuracy"] > 0.95 and honest["obedience/spread"] == pytest.approx(
        1, abs=0.05
    )
    assert lazy["obedience/accuracy"] > 0.85 and lazy["obedience/spread"] == 0
    assert deaf["obedience/accuracy"] < 0.2 and deaf["obedience/spread"] > 1.05
    rows = scorer.baselines()
    assert rows[HELD_OUT]["obedience/accuracy"] > 0.97
    assert rows[HELD_OUT]["obedience/spread"] == pytest.approx(1)
    assert rows[SHUFFLED]["obedience/accuracy"] < 0.15
    assert rows["每类只画一张"]["obedience/spread"] == 0


def test_codes_in_another_order_are_as_good_and_codes_without_meaning_are_not(digits):
    scorer = CodeScorer(*digits, samples=600, seed=0)
    copier = Copier(digits[1])
    copier.of_class = lambda z, labels: (labels + 3) % 10
    assert scorer.score(copier)["codes/accuracy"] > 0.95
    deaf = scorer.score(Copier(digits[1], deaf=True))["codes/accuracy"]
    floor = scorer.baselines()["编码什么也不管"]["codes/accuracy"]
    assert 0.1 < floor < 0.25 and deaf == pytest.approx(floor, abs=0.06)


def test_every_class_is_asked_for_equally_often(digits):
    images, wanted = generate_evenly(Copier(digits[1]), 605)
    assert images.shape == (605, 1, 28, 28)
    assert np.bincount(wanted).tolist() == [61] * 5 + [60] * 5


def test_only_methods_that_know_classes_are_scored(digits):
    for name, method in METHODS.items():
        by_label = issubclass(method, Conditional) and method.batch_type.__name__ == "Labeled"
        assert SCORERS["obedience"].fits(method, *digits) == by_label, name
    stacked = DATASETS["stacked_digits"](split="test")
    assert not SCORERS["obedience"].fits(METHODS["cgan"], stacked, stacked)
    ring = DATASETS["ring"](split="test")
    assert not SCORERS["obedience"].fits(METHODS["cgan"], ring, ring)


def test_too_few_test_images_for_a_distance_within_a_class_are_said(digits, monkeypatch):
    assert shortage("obedience", *digits) == ""
    monkeypatch.setattr(digits[1], "lengths", lambda kind: (19,))
    assert "10 类的测试图像只有 19 张" in shortage("obedience", *digits)


def test_every_class_gets_two_samples_even_when_few_are_asked_for(digits):
    score = ObedienceScorer(*digits, samples=3, seed=0).score(Copier(digits[1]))
    assert 0 < score["obedience/spread"] < 3


def test_colour_of_the_hair_is_judged_by_a_ruler_that_is_right_on_real_avatars():
    avatars = [DATASETS["avatars"](size=16, split=split) for split in ("train", "test")]
    rows = ObedienceScorer(*avatars, samples=100, seed=0).baselines()
    assert rows[HELD_OUT]["obedience/accuracy"] > 0.99
    assert rows[SHUFFLED]["obedience/accuracy"] < 0.3
