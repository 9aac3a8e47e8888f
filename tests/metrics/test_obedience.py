"""听话与类内的多样性：手算的小例子，裁判认得出可分的类。"""

import numpy as np
import pytest

from paddle_gan.metrics.obedience import LinearJudge, matched_accuracy, within_class_distance


def test_the_distance_is_averaged_within_each_class_and_then_over_classes():
    images = np.array([[0.0], [2.0], [10.0], [10.0], [16.0], [99.0]])
    labels = np.array([0, 0, 1, 1, 1, 2])  # 第三类只有一张，不算
    assert within_class_distance(images, labels) == pytest.approx((2 + (0 + 6 + 6) / 3) / 2)
    with pytest.raises(ValueError, match="只有一张"):
        within_class_distance(images[:2], np.array([0, 1]))


def test_copies_have_no_distance_and_mixed_classes_have_more():
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    images = rng.normal(size=(200, 3, 2)) + 5.0 * labels[:, None, None]
    own = within_class_distance(images, labels)
    assert within_class_distance(np.ones((6, 4)), np.arange(6) % 2) == 0
    assert within_class_distance(images, rng.permutation(labels)) > 1.5 * own


def test_the_linear_judge_knows_separable_classes_and_guesses_on_noise():
    rng = np.random.default_rng(0)
    labels = np.arange(600) % 3
    x = rng.normal(size=(600, 5)) + 3.0 * np.eye(5)[labels]
    judge = LinearJudge(x[:400], labels[:400], 3)
    assert (judge(x[400:]) == labels[400:]).mean() > 0.9
    noise = rng.normal(size=(600, 5))
    judge = LinearJudge(noise[:400], labels[:400], 3)
    assert (judge(noise[400:]) == labels[400:]).mean() < 0.45


def test_codes_are_matched_to_classes_one_to_one():
    labels = np.array([0, 0, 1, 1, 2, 2])
    assert matched_accuracy(np.array([2, 2, 0, 0, 1, 1]), labels) == 1
    assert matched_accuracy(np.array([2, 2, 0, 1, 1, 1]), labels) == pytest.approx(5 / 6)
    # 全归一个编码，只能配一类
    assert matched_accuracy(np.zeros(6, int), labels) == pytest.approx(1 / 3)
