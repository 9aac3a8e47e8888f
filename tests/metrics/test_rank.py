"""秩相关与手算的、与 scipy 的一致；并列的取平均的秩。"""

import math

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from paddle_gan.metrics.rank import mean_ranks, spearman


def test_ties_take_the_mean_rank():
    # 秩是 1.5、1.5、3、4 与 1、2、3、4：Σ 是 4.5，两边的平方和是 4.5 与 5
    assert spearman([1, 1, 2, 3], [1, 2, 3, 4]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)
    values = [3.0, 1.0, 3.0, 2.0, 3.0, 1.0]
    assert mean_ranks(values).tolist() == rankdata(values).tolist() == [5, 1.5, 5, 3, 5, 1.5]


def test_the_order_of_tied_entries_does_not_matter():
    a, b = [1, 1, 1, 2, 2, 3], [4, 5, 6, 1, 2, 3]
    swapped = [2, 0, 1, 4, 3, 5]
    again = spearman([a[i] for i in swapped], [b[i] for i in swapped])
    assert spearman(a, b) == pytest.approx(again) == pytest.approx(spearmanr(a, b).statistic)


def test_a_constant_column_has_no_rank_correlation():
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3])) and math.isnan(spearman([1, 2], [0, 0]))
    assert math.isnan(spearman([1, math.nan, 3], [1, 2, 3]))  # 发散了的损失


@pytest.mark.parametrize("levels", [3, 1000])
def test_it_agrees_with_scipy_with_and_without_many_ties(levels):
    a, b = np.random.default_rng(levels).integers(0, levels, size=(2, 30))
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
