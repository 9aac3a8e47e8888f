"""Parzen 窗的对数似然：与逐个样本手算的混合密度对照，σ 在验证集上挑。"""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from paddle_gan.metrics import best_sigma, parzen_log_likelihood


def test_the_window_is_the_mixture_of_one_gaussian_per_sample():
    rng = np.random.default_rng(0)
    samples, points = rng.normal(size=(5, 3)), rng.normal(size=(7, 3)) + 2
    mixture = np.mean([multivariate_normal(s, 0.4**2).pdf(points) for s in samples], axis=0)
    expected = np.log(mixture).mean()
    assert parzen_log_likelihood(samples, points, 0.4) == pytest.approx(expected, rel=1e-9)


def test_far_points_do_not_underflow():
    # 单个样本：−‖x − y‖²/2σ² − d/2·log(2πσ²)，指数远小于浮点数的下限
    found = parzen_log_likelihood(np.zeros((1, 2)), np.full((1, 2), 100.0), 0.1)
    assert found == pytest.approx(-20000 / 0.02 - np.log(2 * np.pi * 0.01), rel=1e-9)


def test_the_width_is_the_one_the_held_out_points_like_best():
    rng = np.random.default_rng(1)
    samples, validation = rng.normal(size=(400, 1)), rng.normal(size=(400, 1))
    assert best_sigma(samples, validation, (0.01, 0.3, 5.0)) == 0.3
    with pytest.raises(ValueError, match="sigma"):
        parzen_log_likelihood(samples, validation, 0.0)
