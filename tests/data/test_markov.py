"""马尔可夫链：似然与熵用穷举核对，抽样的频率就是转移概率，两个划分互不相同。"""

from itertools import product

import numpy as np
import pytest

from paddle_gan.data import Batches, Sequences
from paddle_gan.data.markov import Markov, entropy_of, pick
from paddle_gan.viz import token_rows

SMALL = {"vocabulary": 3, "length": 4, "size": 50}


def every_sequence(chain: Markov) -> np.ndarray:
    return np.array(list(product(range(chain.vocabulary), repeat=chain.shape[0])))


def test_the_probabilities_of_all_sequences_sum_to_one_and_their_entropy_is_the_stated_one():
    chain = Markov(**SMALL)
    logs = chain.log_likelihood(every_sequence(chain))
    assert np.exp(logs).sum() == pytest.approx(1, abs=1e-12)
    assert -(np.exp(logs) * logs).sum() == pytest.approx(chain.entropy(), rel=1e-12)


def test_the_likelihood_is_the_product_along_the_sequence():
    chain = Markov(**SMALL)
    P, pi = chain.transition, chain.initial
    by_hand = pi[2] * P[2, 0] * P[0, 0] * P[0, 1]
    assert np.exp(chain.log_likelihood(np.array([[2, 0, 0, 1]]))) == pytest.approx([by_hand])


def test_a_step_the_chain_never_takes_has_no_likelihood():
    chain = Markov(**SMALL)
    chain.transition = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
    logs = chain.log_likelihood(np.array([[0, 1, 2, 0], [0, 0, 1, 2]]))
    assert logs[0] == pytest.approx(np.log(chain.initial[0])) and logs[1] == -np.inf


def test_the_sampled_frequencies_are_the_transition_probabilities_row_by_row():
    chain = Markov(**SMALL)
    tokens = chain.sample(40_000, np.random.default_rng(0))
    assert tokens.dtype == np.int64 and tokens.min() == 0 and tokens.max() == 2
    first = np.bincount(tokens[:, 0], minlength=3) / len(tokens)
    assert first == pytest.approx(chain.initial, abs=0.01)
    for state in range(3):
        after = tokens[:, 1:][tokens[:, :-1] == state]
        found = np.bincount(after, minlength=3) / len(after)
        error = 4 * np.sqrt(0.25 / len(after))  # 四个标准误
        assert found == pytest.approx(chain.transition[state], abs=error) and error < 0.15


def test_the_chain_is_the_same_for_everyone_and_the_splits_are_not_the_same_sequences():
    train, test, again = Markov(), Markov(split="test"), Markov()
    assert np.array_equal(train.transition, test.transition)
    assert np.array_equal(train.tokens, again.tokens)
    assert train.tokens.shape == test.tokens.shape == (5000, 8)
    assert (train.tokens != test.tokens).any(axis=1).mean() > 0.9
    assert train.transition.sum(axis=1) == pytest.approx(np.ones(10))


def test_a_batch_is_the_sequences_at_the_indices():
    chain = Markov()
    batch = next(Batches(chain, Sequences, 6, seed=0))
    rows = chain.tokens.tolist()
    assert str(batch.x.dtype) == "paddle.int64" and batch.x.shape == [6, 8]
    assert all(row in rows for row in batch.x.numpy().tolist())


def test_picking_never_leaves_the_row_and_a_certain_choice_is_certain():
    probabilities = np.tile([0.1, 0.2, 0.7 - 1e-16], (1000, 1))
    assert set(pick(probabilities, np.random.default_rng(0))) == {0, 1, 2}
    certain = np.tile([0.0, 1.0, 0.0], (1000, 1))
    assert set(pick(certain, np.random.default_rng(0))) == {1}


def test_the_entropy_of_a_row():
    found = entropy_of(np.array([[1.0, 0, 0, 0], [0.25] * 4]))
    assert found == pytest.approx([0, np.log(4)])


def test_a_picture_of_sequences_has_a_row_each_and_a_colour_for_each_token():
    image = token_rows(np.array([[0, 1, 2], [2, 2, 0]]), 3, cell=16)
    assert image.shape == (32, 48, 3) and image.dtype == np.uint8
    corner = {(r, c): tuple(image[16 * r, 16 * c]) for r in range(2) for c in range(3)}
    assert corner[0, 0] == corner[1, 2] and corner[0, 2] == corner[1, 0] == corner[1, 1]
    assert len({corner[0, 0], corner[0, 1], corner[0, 2]}) == 3
    red, green, blue = corner[0, 0]  # 编号 0 的色相是 0：红
    assert red > green == blue
