"""一个高斯去像混合高斯：极小点与先前用别的程序积分出来的表相同，有几个时一个不漏。"""

import numpy as np
import pytest

from paddle_gan.data.toy import MIXTURES
from paddle_gan.metrics.f_divergences import TABLE
from paddle_gan.metrics.gaussian_fit import (
    best_gaussians,
    divergences_to,
    gaussian_minima,
    log_mixture,
)

KEY = {  # 混合 → 散度 → 最深的极小点 (μ, σ)
    "C": {
        "kl": (-0.120, 1.304),
        "pearson": (-0.187, 1.349),
        "hellinger": (-0.070, 1.268),
        "js": (-0.084, 1.285),
        "gan": (-0.084, 1.285),
        "reverse_kl": (-0.008, 1.209),
        "neyman": (-0.661, 0.799),
    },
    "A": {
        "kl": (0, 2.062),
        "pearson": (0, 2.090),
        "hellinger": (0, 2.007),
        "js": (0, 2.042),
        "reverse_kl": (2, 0.500),
        "neyman": (2, 0.500),
    },
    "B": {
        "kl": (-0.600, 1.463),
        "pearson": (-0.600, 1.500),
        "hellinger": (-0.602, 1.402),
        "js": (-1.492, 0.512),
        "reverse_kl": (-1.495, 0.507),
        "neyman": (-1.498, 0.503),
    },
}
VALUES = {"kl": 0.1095, "pearson": 0.1991, "hellinger": 0.0604, "js": 0.0580}
VALUES |= {"reverse_kl": 0.1410, "neyman": 0.3961}


@pytest.mark.parametrize("mixture", KEY)
def test_the_deepest_minima_are_those_of_the_table(mixture):
    for name, (mean, std) in KEY[mixture].items():
        best = best_gaussians(name, *MIXTURES[mixture])
        two = mixture == "A" and name in ("reverse_kl", "neyman")  # 左右各一个，一样深
        assert len(best) == (2 if two else 1), name
        assert best[-1].std == pytest.approx(std, abs=2e-3)
        assert max(one.mean for one in best) == pytest.approx(mean, abs=2e-3), name
        assert not two or min(one.mean for one in best) == pytest.approx(-mean, abs=2e-3)
        if mixture == "C" and name in VALUES:
            assert best[0].value == pytest.approx(VALUES[name], abs=1e-4)


def test_on_the_uneven_mixture_js_sits_on_one_mode_and_its_wide_minimum_is_shallower():
    deep, wide = gaussian_minima("js", *MIXTURES["B"])
    assert deep.std < 0.6 < 1.3 < wide.std and deep.value < wide.value - 0.02
    assert len(gaussian_minima("kl", *MIXTURES["B"])) == 1


def test_a_minimum_is_lower_than_everything_near_it():
    x = np.linspace(-12, 12, 2001)
    log_p = log_mixture(x, *MIXTURES["C"])
    for name, row in TABLE.items():
        (one,) = gaussian_minima(name, *MIXTURES["C"])
        angles = np.linspace(0, 2 * np.pi, 16)
        means, stds = one.mean + 0.02 * np.cos(angles), one.std + 0.02 * np.sin(angles)
        around = divergences_to(row, x, log_p, means, stds)
        here = divergences_to(row, x, log_p, *(np.array([v]) for v in one[:2]))
        assert here == pytest.approx([one.value], abs=1e-6) and (around > here).all(), name


@pytest.mark.parametrize("name", TABLE)
def test_a_single_gaussian_is_its_own_answer(name):
    (one,) = best_gaussians(name, (1.0,), (0.7,), (1.3,))
    zero = -2 * np.log(2) if name == "gan" else 0.0
    assert one == pytest.approx((0.7, 1.3, zero), abs=1e-4)


def test_the_mixture_is_a_density_with_the_moments_of_its_parts():
    weights, means, stds = MIXTURES["C"]
    x, step = np.linspace(-12, 12, 4001, retstep=True)
    p = np.exp(log_mixture(x, weights, means, stds))
    assert p.sum() * step == pytest.approx(1, abs=1e-9)
    assert (p * x).sum() * step == pytest.approx(-0.12, abs=1e-9)
