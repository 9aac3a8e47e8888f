"""诗的打分器：数出来的模型与手算的一致；真诗的数在两边之间；每种取巧都有一个数露馅。"""

import numpy as np
import paddle
import pytest

from paddle_gan.data.poems import Poems
from paddle_gan.evaluation.scorers import SCORERS
from paddle_gan.evaluation.scorers_poems import PoemScorer, counted_writing, swapped
from paddle_gan.methods import METHODS
from paddle_gan.metrics import verses
from paddle_gan.metrics.verses import bigram, seen, surface, unigram, with_repeats

TRAIN, TEST = Poems(vocabulary=400), Poems(vocabulary=400, split="test")
SCORER = PoemScorer(TRAIN, TEST, samples=5000, seed=0)
ROWS = SCORER.baselines()
# 两联，四个字：0 到 3
SMALL = np.array([[0, 1, 2, 3, 0, 1, 1, 2, 2, 3], [0, 1, 0, 1, 0, 2, 3, 2, 3, 2]])


class Writer:
    """数出来的模型当作方法；one 时总写同一联。"""

    def __init__(self, model, one=None):
        self.model, self.one, self.rng = model, one, np.random.default_rng(3)

    def write(self, n):
        if self.one is not None:
            return paddle.to_tensor(np.tile(self.one, (n, 1)))
        return paddle.to_tensor(counted_writing(self.model, n, self.rng))

    def log_likelihood(self, tokens):
        return paddle.to_tensor(self.model.log_likelihood(tokens.numpy()))


def test_the_unigram_is_counted_with_one_added():
    model = unigram(SMALL, 5)
    counts = np.array([5, 5, 6, 4, 0])
    expected = (counts + 1) / 25
    for t in (0, 3, 5):
        assert model.probabilities(t, np.array([2, 0])) == pytest.approx(np.stack([expected] * 2))
    by_hand = np.log(expected)[SMALL].sum(axis=1)
    assert model.log_likelihood(SMALL) == pytest.approx(by_hand)


def test_the_bigram_looks_at_the_place_and_inside_a_line_at_the_character_before(monkeypatch):
    monkeypatch.setattr(verses, "PLACE_WEIGHT", 3)
    monkeypatch.setattr(verses, "PAIR_WEIGHT", 2)
    model, frequency = bigram(SMALL, 4), np.array([6, 6, 7, 5]) / 24
    # 第 5 处（下句的开头）：一联写 1，一联写 2；前一个字 0 不看
    start = (np.array([0, 1, 1, 0]) + 3 * frequency) / (2 + 3)
    assert model.probabilities(5, np.array([0])) == pytest.approx(start[None])
    # 第 1 处：两联都写 1；句里 0 后面跟 1 三次，没有别的（句末的 0 后面没有）
    place = (np.array([0, 2, 0, 0]) + 3 * frequency) / (2 + 3)
    after = (np.array([0, 3, 0, 0]) + 2 * place) / (3 + 2)
    assert model.probabilities(1, np.array([0])) == pytest.approx(after[None])
    total = sum(np.log(model.probabilities(t, SMALL[:1, t - 1])[0, SMALL[0, t]]) for t in range(10))
    assert model.log_likelihood(SMALL)[0] == pytest.approx(total)
    assert model.probabilities(7, np.arange(4)).sum(axis=1) == pytest.approx(np.ones(4))


def test_what_a_counted_model_writes_has_its_frequencies():
    model = bigram(TRAIN.tokens, 400)
    drawn = counted_writing(model, 4000, np.random.default_rng(0))
    first = np.bincount(drawn[:, 0], minlength=400) / 4000
    assert np.abs(first - model.places[0]).max() < 0.012
    before = np.bincount(drawn[:, 5]).argmax()
    after = np.bincount(drawn[drawn[:, 5] == before, 6], minlength=400)
    expected = model.probabilities(6, np.array([before]))[0]
    assert after.argmax() in np.argsort(-expected)[:5]


def test_the_measures_of_the_surface_by_hand():
    a = np.array([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]])
    b = np.array([[1, 2, 3, 9, 9, 4, 5, 6, 7, 0], [0, 1, 9, 9, 2, 3, 4, 8, 9, 9]])
    # b 的两字：12 23 39 99 | 45 56 67 70 | 01 19 99 92 | 34 48 89 99；a 里有 12 23 56 67 01 34 89
    assert seen(b, a, 2) == pytest.approx(7 / 16)  # 45 跨过了 a 的两句，不算
    assert seen(b, a, 3) == pytest.approx(2 / 12)  # 123、567
    assert with_repeats(np.array([[1, 2, 3, 1], [1, 2, 3, 4], [5, 5, 6, 7]])) == pytest.approx(
        2 / 3
    )
    found = surface(b, a, b[:1])
    assert found["distinct2"] == pytest.approx(14 / 16)  # 99 出现三次
    assert found["copied3"] == pytest.approx(2 / 12) and found["repeats"] == 1.0
    assert found["found2"] == pytest.approx(10 / 16)  # 前一联八个全中，后一联中了两次 99


def test_large_numbers_do_not_run_into_their_neighbours():
    # 只给一个字留 8 位，（256，0）就与（0，1）一样
    one, other = np.zeros((2, 1, 10), int)
    one[0, 0], other[0, 1] = 256, 1
    assert seen(one, other, 2) == pytest.approx(7 / 8)


def test_the_held_out_half_is_not_the_reference_and_all_rows_have_as_many_couplets():
    assert len(SCORER.reference) + len(SCORER.other) == len(TEST.tokens)
    both = np.concatenate([SCORER.reference, SCORER.other])
    assert sorted(map(tuple, both.tolist())) == sorted(map(tuple, TEST.tokens.tolist()))
    assert SCORER.samples == len(SCORER.other) < 5000
    assert PoemScorer(TRAIN, TEST, samples=7, seed=0).samples == 7


def test_a_method_is_scored_like_the_row_of_the_same_model_beside_it():
    model, row = bigram(TRAIN.tokens, 400), ROWS["只看前一个字（二元）"]
    found = SCORER.score(Writer(model))
    assert set(found) == set(SCORER.keys) == set(row)
    own = -np.concatenate([model.log_likelihood(TEST.tokens)]).mean() / 10
    assert found["poems/nll_test"] == pytest.approx(own) == row["poems/nll_test"]
    assert found["poems/pairing"] == pytest.approx(0, abs=1e-9)  # 句首不看上句
    for key in ("found2", "distinct2", "copied3", "repeats"):
        assert found[f"poems/{key}"] == pytest.approx(row[f"poems/{key}"], abs=0.06), key
    assert own < ROWS["只看字频（一元）"]["poems/nll_test"] - 0.3 < np.log(400) - 0.3


def test_each_way_to_cheat_is_given_away_by_one_of_its_numbers():
    real, copied = ROWS["真实数据"], ROWS["照抄训练集"]
    mixed, one = ROWS["真诗的字打乱"], ROWS["一联写到底"]
    assert copied["poems/copied3"] == 1.0 > 5 * real["poems/copied3"] > 0
    assert copied["poems/found2"] == pytest.approx(real["poems/found2"], rel=0.35)
    assert mixed["poems/repeats"] == real["poems/repeats"]
    assert mixed["poems/found2"] < real["poems/found2"] / 2
    assert one["poems/found2"] > 2 * real["poems/found2"] and one["poems/distinct2"] < 0.05
    assert all("poems/nll_test" not in row for row in (real, copied, mixed, one))


def test_the_lower_line_comes_from_a_couplet_far_away():
    tokens = np.arange(40).reshape(4, 10)
    assert swapped(tokens)[0].tolist() == [0, 1, 2, 3, 4, 25, 26, 27, 28, 29]
    assert swapped(tokens)[3].tolist() == [30, 31, 32, 33, 34, 15, 16, 17, 18, 19]


class Rhyming(Writer):
    """下句的头一个字必是上句的头一个字，别的照原样：上句管下句，管得准不准看诗。"""

    def log_likelihood(self, tokens):
        same = tokens[:, 0] == tokens[:, 5]
        return paddle.where(same, paddle.to_tensor(-1.0), paddle.to_tensor(-9.0))


def test_the_pairing_is_what_the_wrong_lower_line_costs():
    scorer = PoemScorer(TRAIN, TEST, samples=5, seed=0)
    scorer.test = np.tile(np.arange(20).repeat(10).reshape(20, 10), (1, 1))
    found = scorer.score(Rhyming(unigram(TRAIN.tokens, 400)))
    assert found["poems/pairing"] == pytest.approx(8.0)  # 自己的 −1，换了的 −9
    assert found["poems/nll_test"] == pytest.approx(0.1)


def test_only_methods_that_write_and_only_poems():
    assert SCORERS["poems"].fits(METHODS["gumbel_gan"], TRAIN, TEST)
    assert not SCORERS["poems"].fits(METHODS["gan"], TRAIN, TEST)
    assert not SCORERS["poems"].fits(METHODS["seq_gan"], object(), TEST)
    assert not SCORERS["sequences"].fits(METHODS["seq_gan"], TRAIN, TEST)
