"""有真值的翻译：每一行参照是不是它的名字说的那样，打分译的是不是 x2y，风格看的是不是 y。"""

import functools
from statistics import harmonic_mean

import numpy as np
import paddle
import pytest

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Pair, Unpaired
from paddle_gan.evaluation import scorers_translation
from paddle_gan.evaluation.scorers_translation import TranslationScorer
from paddle_gan.metrics import StyleJudge

SHAPE = (1, 16, 20)  # 16 高 20 宽


class Mirrored(Dataset):
    """白纸上，x 的左半边有墨，y 是同一张的左右翻转；训练时两个域各取各的。

    channels 是 3 时是彩色的：墨的三个通道一样。
    """

    batch_types = (Pair, Unpaired)
    shape = y_shape = SHAPE
    value_range = (-1.0, 1.0)

    def __init__(self, count: int, seed: int, channels: int = 1):
        self.shape = self.y_shape = (channels, *SHAPE[1:])
        self.x = np.ones((count, *self.shape), np.float32)
        ink = np.random.default_rng(seed).uniform(0.2, 1.8, (count, 1, 16, 9))
        self.x[..., :9] -= ink.astype(np.float32)
        self.y = np.ascontiguousarray(self.x[..., ::-1])

    def lengths(self, kind):
        return (len(self.x),) * (2 if kind is Unpaired else 1)

    def batch(self, kind, indices, rng):
        return kind(self.x[indices[0]], self.y[indices[-1]])


class Flips:
    """x2y 左右翻转，也就是译对了；y2x 给一张灰纸。"""

    def translate(self, images, direction):
        return paddle.flip(images, axis=[3]) if direction == "x2y" else paddle.zeros_like(images)


def judge_of(train: Mirrored, test: Mirrored) -> TranslationScorer:
    with pytest.MonkeyPatch.context() as patch:
        quick = functools.partial(StyleJudge, steps=30)
        patch.setattr(scorers_translation, "StyleJudge", quick)
        return TranslationScorer(train, test, samples=10, seed=0)


@pytest.fixture(scope="module")
def judged():
    test = Mirrored(12, 1)
    scorer = judge_of(Mirrored(40, 0), test)
    return scorer, scorer.baselines(), test.x[:10], test.y[:10]


def values(row: dict) -> list[float]:
    return [row[f"translation/{key}"] for key in ("correlation", "retrieval", "style", "l1")]


def test_each_reference_row_is_what_its_name_says(judged):
    _, rows, x, y = judged
    assert list(rows) == ["不翻译", "白纸", "真值"]
    assert values(rows["真值"]) == pytest.approx([1.0, 1.0, 1.0, 0.0], abs=1e-6)
    # 白纸：没有内容，没有风格；离真值差的正是真值的墨量
    ink = float((1 - y).mean()) / 2
    assert 0.1 < ink < 0.4
    assert values(rows["白纸"]) == pytest.approx([0.0, 0.0, 0.0, ink], abs=1e-6)
    related, found, style, l1 = values(rows["不翻译"])
    assert related < 0 and found < 0.5 and style == 0.0
    assert l1 == pytest.approx(float(np.abs(x - y).mean()) / 2, rel=1e-5)


def test_the_model_is_asked_for_x2y_and_every_number_has_its_own_name(judged):
    scorer, rows, *_ = judged
    found = scorer.score(Flips())
    assert found == pytest.approx(rows["真值"], abs=1e-6)
    related, retrieval, style, _ = values(rows["真值"])
    score = rows["真值"]["translation/score"]
    assert score == pytest.approx(harmonic_mean([related, retrieval, style]))
    assert rows["不翻译"]["translation/score"] == rows["白纸"]["translation/score"] == 0.0


def test_the_judge_of_a_pair_calls_y_one_and_x_zero(judged):
    scorer, _, x, y = judged
    assert scorer.judge.probability_y(y).min() > 0.5 > scorer.judge.probability_y(x).max()


def test_colour_pictures_are_compared_with_the_average_of_the_target_instead_of_blank_paper():
    train, test = Mirrored(40, 0, channels=3), Mirrored(12, 1, channels=3)
    rows = judge_of(train, test).baselines()
    assert list(rows) == ["不翻译", "平均图", "真值"]
    mean, y = train.y.mean(axis=0), test.y[:10]
    related, found, style, l1 = values(rows["平均图"])
    by_hand = [np.corrcoef(mean.ravel(), image.ravel())[0, 1] for image in y]
    assert related == pytest.approx(np.mean(by_hand), abs=1e-5)
    assert l1 == pytest.approx(float(np.abs(mean - y).mean()) / 2, rel=1e-5)
    # 像目标域，却认不出是哪一张：只看风格会受骗，总分不会
    assert style == 1.0 and found <= 0.2 and rows["平均图"]["translation/score"] < 0.5
    assert values(rows["真值"]) == pytest.approx([1.0, 1.0, 1.0, 0.0], abs=1e-6)
