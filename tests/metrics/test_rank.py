"""有并列的秩相关与手算的一致。"""

import pytest

from paddle_gan.metrics.rank import spearman, spearman_tied


def test_ties_take_the_mean_rank():
    # 秩是 1.5、1.5、3、4 与 1、2、3、4：Σ 是 4.5，两边的平方和是 4.5 与 5
    assert spearman_tied([1, 1, 2, 3], [1, 2, 3, 4]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)


def test_without_ties_the_two_agree():
    a, b = [0.3, -1.0, 2.0, 5.0, 0.0], [1.0, 4.0, 3.0, 2.0, 0.0]
    assert spearman_tied(a, b) == pytest.approx(spearman(a, b))
