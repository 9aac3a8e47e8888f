"""序列的打分器：链自己得熵，取巧的各有一样露馅；写不出的封顶、另记；度量与手算的一致。"""

import numpy as np
import paddle
import pytest

from paddle_gan.data.markov import Markov
from paddle_gan.evaluation.scorers import SCORERS
from paddle_gan.evaluation.scorers_sequences import SequenceScorer, most_likely
from paddle_gan.methods import METHODS
from paddle_gan.metrics.sequences import (
    all_sequences,
    distinct_ngrams,
    kl_divergence,
    transition_frequencies,
)
from paddle_gan.viz import FAKE, transition_maps

CHAIN, TEST = Markov(), Markov(split="test")


class Itself:
    """链自己当作方法；flat 时均匀乱写。"""

    def __init__(self, chain, flat=False):
        self.chain, self.flat, self.rng = chain, flat, np.random.default_rng(0)

    def write(self, n):
        V, (T,) = self.chain.vocabulary, self.chain.shape
        tokens = self.rng.integers(V, size=(n, T)) if self.flat else self.chain.sample(n, self.rng)
        return paddle.to_tensor(tokens)

    def log_likelihood(self, tokens):
        if self.flat:
            return paddle.full([tokens.shape[0]], -self.chain.shape[0] * np.log(10), "float64")
        return paddle.to_tensor(self.chain.log_likelihood(tokens.numpy()))


def test_the_chain_itself_gets_its_entropy_and_noise_is_told_from_it():
    scorer = SequenceScorer(CHAIN, TEST, samples=4000, seed=0)
    found, H = scorer.score(Itself(CHAIN)), CHAIN.entropy()
    for key in ("nll_oracle", "entropy", "nll_test"):
        assert found[f"sequences/{key}"] == pytest.approx(H, rel=0.02), key
    assert found["sequences/impossible"] == 0
    unseen = -CHAIN.log_likelihood(TEST.tokens).mean()  # 测试集，不是训练集
    assert found["sequences/nll_test"] == pytest.approx(unseen, rel=1e-9)
    assert abs(unseen + CHAIN.log_likelihood(CHAIN.tokens).mean()) > 1e-3
    noise = scorer.score(Itself(CHAIN, flat=True))
    assert (
        noise["sequences/nll_test"] == noise["sequences/entropy"] == pytest.approx(8 * np.log(10))
    )
    assert noise["sequences/nll_oracle"] > 2 * H
    assert noise["sequences/distinct4"] > 1.5 * found["sequences/distinct4"]
    assert set(found) == set(scorer.keys)


def test_each_way_to_cheat_is_beside_and_one_of_its_numbers_gives_it_away():
    rows = SequenceScorer(CHAIN, TEST, samples=2000, seed=0).baselines()
    true, H = rows["真实数据"], CHAIN.entropy()
    assert true["sequences/entropy"] == pytest.approx(H)
    assert rows["只写一条"]["sequences/nll_oracle"] < H / 2
    assert rows["只写一条"]["sequences/distinct4"] <= 5 / 10_000  # 一条里只有五个 4 元组
    assert rows["均匀乱写"]["sequences/nll_oracle"] > 2 * H
    assert rows["照抄训练集"]["sequences/nll_oracle"] == pytest.approx(H, rel=0.05)
    assert "sequences/nll_test" not in rows["照抄训练集"]  # 没有抄到的，概率是 0


def test_what_the_chain_never_writes_is_counted_and_capped():
    chain = Markov(vocabulary=3, length=3, size=10)
    chain.transition = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
    scorer = SequenceScorer(chain, chain, samples=4, seed=0)
    report = scorer._report(np.array([[0, 1, 2], [0, 0, 1]]))
    certain = -np.log(chain.initial[0])
    assert report["sequences/impossible"] == 0.5
    assert report["sequences/nll_oracle"] == pytest.approx((certain + 3 * 12 * np.log(10)) / 2)


def test_the_most_likely_sequence_is_the_one_found_by_trying_all():
    for size in (2, 3, 4):
        chain = Markov(vocabulary=size, length=5, size=2)
        every = all_sequences(size, 5)
        assert every.shape == (size**5, 5)
        assert most_likely(chain).tolist() == every[chain.log_likelihood(every).argmax()].tolist()


def test_distinct_ngrams_by_hand():
    assert distinct_ngrams(np.array([[0, 1, 0, 1, 0]]), n=2) == pytest.approx(2 / 4)
    assert distinct_ngrams(np.array([[0, 1, 2, 3, 4], [0, 1, 2, 3, 0]])) == pytest.approx(3 / 4)
    assert distinct_ngrams(np.array([[0, 1], [0, 1], [1, 1]])) == pytest.approx(2 / 3)


def test_transition_frequencies_by_hand():
    found = transition_frequencies(np.array([[0, 1, 0], [0, 0, 1]]), 3)
    assert found == pytest.approx(np.array([[1 / 3, 2 / 3, 0], [1, 0, 0], [0, 0, 0]]))


def test_the_divergence_is_zero_to_itself_and_infinite_where_the_other_cannot_write():
    p, q = np.log([0.5, 0.5, 1e-300]), np.log([0.25, 0.75, 1e-300])
    expected = 0.5 * np.log(2) + 0.5 * np.log(2 / 3)
    assert kl_divergence(p, q) == pytest.approx(expected) and kl_divergence(p, p) == 0
    never = np.array([np.log(0.5), -np.inf, np.log(0.5)])
    assert kl_divergence(p, never) == np.inf and np.isfinite(kl_divergence(never, p))


def test_only_methods_that_write_and_only_the_chain():
    assert SCORERS["sequences"].fits(METHODS["seq_gan"], CHAIN, TEST)
    assert not SCORERS["sequences"].fits(METHODS["gan"], CHAIN, TEST)
    assert not SCORERS["sequences"].fits(METHODS["seq_gan"], object(), TEST)


def test_the_picture_of_two_matrices_is_white_at_zero_and_blue_at_one():
    image = transition_maps(np.eye(2), np.zeros((2, 2)), side=20)
    assert image.shape == (22 + 28, 44, 3)
    assert tuple(image[5, 5]) == FAKE == tuple(image[16, 16])
    assert tuple(image[5, 16]) == tuple(image[5, 22 + 5]) == (255, 255, 255)
