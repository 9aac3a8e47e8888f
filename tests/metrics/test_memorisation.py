"""记忆与支撑集：照抄、分得开、分不开三种情形，以及支撑集已知时的生日检验。"""

import math

import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from paddle_gan.errors import UserError
from paddle_gan.metrics import (
    birthday_test,
    collision_batch_size,
    nearest_ratio,
    one_nn_accuracy,
    support_size,
)


def normal(n: int, seed: int, d: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


def test_the_ratio_matches_sklearn_neighbours():
    fake, train, held_out = 1.3 * normal(80, 0), normal(300, 1), normal(120, 2)
    tree = NearestNeighbors(n_neighbors=1).fit(train)
    expected = tree.kneighbors(fake)[0].mean() / tree.kneighbors(held_out)[0].mean()
    assert nearest_ratio(fake, train, held_out) == pytest.approx(expected, rel=1e-9)


def test_a_fresh_sample_has_ratio_one_and_copying_lowers_it_in_proportion():
    train, held_out, fresh = normal(1500, 3), normal(1000, 4), normal(1000, 5)
    assert nearest_ratio(fresh, train, held_out) == pytest.approx(1.0, abs=0.04)
    assert nearest_ratio(train, train, held_out) == pytest.approx(0.0, abs=1e-6)
    partly = np.vstack([train[:300], fresh[:700]])
    assert nearest_ratio(partly, train, held_out) == pytest.approx(0.7, abs=0.04)
    far = nearest_ratio(fresh + 5, train, held_out)
    assert far > 3


def test_a_held_out_set_made_of_training_images_is_refused():
    train = normal(50, 6)
    with pytest.raises(ValueError, match="两个划分要不相交"):
        nearest_ratio(normal(20, 7), train, train[:10])


def test_one_nn_is_the_leave_one_out_accuracy_of_sklearn():
    fake, real = normal(60, 8) + 0.4, normal(60, 9)
    x, y = np.vstack([fake, real]), np.repeat([1, 0], 60)
    expected = cross_val_score(KNeighborsClassifier(1), x, y, cv=LeaveOneOut()).mean()
    assert one_nn_accuracy(fake, real) == pytest.approx(expected, abs=1e-12)


def test_one_nn_is_half_when_matched_one_when_separable_and_zero_for_copies():
    real = normal(1200, 10)
    assert one_nn_accuracy(normal(1200, 11), real) == pytest.approx(0.5, abs=0.04)
    assert one_nn_accuracy(normal(1200, 12) + 9, real) == 1.0
    assert one_nn_accuracy(real[::-1], real) == 0.0


def test_ties_count_half_so_two_collapsed_groups_cannot_be_told_apart():
    point = np.ones((30, 4))
    assert one_nn_accuracy(point, point) == 0.5
    assert one_nn_accuracy(point, point + 1) == 1.0


def test_one_nn_needs_equal_numbers():
    with pytest.raises(ValueError, match="一样多"):
        one_nn_accuracy(normal(5, 0), normal(6, 0))
    with pytest.raises(UserError, match="至少为 2"):
        one_nn_accuracy(normal(1, 0), normal(1, 1))


@pytest.mark.parametrize(
    ("support", "batch", "digit"),
    [(10, 4.3, 0.1), (100, 12.3, 0.1), (1000, 37.7, 0.1), (10_000, 118, 1), (60_000, 289, 1)],
)
def test_the_birthday_formula_gives_its_published_table_and_inverts(support, batch, digit):
    assert collision_batch_size(support) == pytest.approx(batch, abs=digit / 2)  # 表里的末位
    assert support_size(collision_batch_size(support)) == pytest.approx(support, rel=1e-9)


def test_the_birthday_formula_is_where_the_exact_probability_crosses_one_half():
    def collision(support, s):
        return 1 - math.prod(1 - i / support for i in range(s))

    for support in (100, 1000, 10_000):
        s = collision_batch_size(support)
        assert collision(support, math.floor(s) - 1) < 0.5 < collision(support, math.ceil(s) + 1)


@pytest.mark.parametrize("support", [30, 200, 1000])
def test_a_known_support_is_recovered(support):
    rng = np.random.default_rng(support)
    bank = 10 * rng.standard_normal((support, 3))
    noise = 1e-3 * rng.standard_normal((4000, 3))
    samples = bank[rng.integers(0, support, 4000)] + noise
    batch, found = birthday_test(samples, threshold=0.02)
    assert batch == pytest.approx(collision_batch_size(support), rel=0.10)
    assert found == pytest.approx(support, rel=0.20)


def test_unequal_probabilities_look_like_a_smaller_support():
    rng = np.random.default_rng(1)
    weights = np.r_[np.full(20, 0.9 / 20), np.full(980, 0.1 / 980)]  # 九成落在 20 个上
    samples = rng.choice(1000, 3000, p=weights)[:, None].astype(float)
    _, found = birthday_test(samples, threshold=0.5)
    assert found == pytest.approx(1 / (weights**2).sum(), rel=0.25)


def test_a_collapsed_generator_repeats_at_once_and_a_continuous_one_never():
    assert birthday_test(np.zeros((50, 2)), threshold=0.1)[0] == pytest.approx(2, abs=1)
    assert birthday_test(normal(200, 2), threshold=1e-9) == (math.inf, math.inf)
    with pytest.raises(ValueError, match="threshold"):
        birthday_test(normal(20, 3), threshold=0.0)
