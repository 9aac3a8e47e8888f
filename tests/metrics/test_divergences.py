"""散度：手算、scipy 与高斯的闭式；N(0, 1) 对 N(d, 1) 的整张表。"""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, multivariate_normal, norm

from paddle_gan.errors import UserError
from paddle_gan.metrics import divergences as div
from paddle_gan.metrics import gaussians, wasserstein_grid

LOG2 = np.log(2)
P, Q = np.array([0.5, 0.25, 0.25, 0.0]), np.array([0.25, 0.25, 0.0, 0.5])
A, B = np.array([0.6, 0.3, 0.1]), np.array([0.2, 0.5, 0.3])


def grid_gaussian(mean: float, std: float, x: np.ndarray) -> np.ndarray:
    return div.normalize(norm.pdf(x, mean, std))


def test_every_divergence_of_a_small_table_is_the_hand_computed_one():
    report = div.divergence_report(A, B)
    expected = {
        "kl": 0.6 * np.log(3) + 0.3 * np.log(0.6) + 0.1 * np.log(1 / 3),
        "reverse_kl": 0.2 * np.log(1 / 3) + 0.5 * np.log(5 / 3) + 0.3 * np.log(3),
        "tv": 0.4,
        "chi_square": 0.16 / 0.2 + 0.04 / 0.5 + 0.04 / 0.3,
        "reverse_chi_square": 0.16 / 0.6 + 0.04 / 0.3 + 0.04 / 0.1,
        "hellinger": np.sqrt(1 - np.sqrt(0.12) - np.sqrt(0.15) - np.sqrt(0.03)),
    }
    assert report.pop("js") == pytest.approx(jensenshannon(A, B) ** 2, rel=1e-12)
    assert report == pytest.approx(expected, rel=1e-12)
    assert report["kl"] == pytest.approx(entropy(A, B), rel=1e-12)


def test_an_empty_cell_makes_kl_infinite_and_js_does_not_mind():
    assert div.kl_divergence(P, Q) == div.kl_divergence(Q, P) == np.inf
    assert div.chi_square(P, Q) == div.chi_square(Q, P) == np.inf
    assert div.js_divergence(P, Q) == pytest.approx(jensenshannon(P, Q) ** 2, rel=1e-12)
    assert div.total_variation(P, Q) == pytest.approx(0.5)
    narrow, wide = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    assert div.kl_divergence(narrow, wide) == pytest.approx(LOG2)
    assert div.kl_divergence(wide, narrow) == np.inf


def test_disjoint_supports_have_the_same_js_however_far_apart_and_w1_tells():
    for gap in (1, 3, 8):
        p, q = np.zeros(10), np.zeros(10)
        p[0], q[gap] = 1, 1
        assert div.js_divergence(p, q) == pytest.approx(LOG2, rel=1e-12)
        assert div.optimal_value(p, q) == pytest.approx(0.0, abs=1e-12)
        assert div.total_variation(p, q) == div.hellinger(p, q) == 1.0
        assert div.triangular(p, q) == 2.0
        assert wasserstein_grid(p, q, spacing=0.5) == pytest.approx(0.5 * gap)


def test_the_optimal_discriminator_beats_every_other_and_its_value_is_2js_minus_2log2():
    def value(d):
        return (A * np.log(d)).sum() + (B * np.log(1 - d)).sum()

    best = div.optimal_discriminator(A, B)
    assert best == pytest.approx([0.75, 0.375, 0.25])
    assert value(best) == pytest.approx(div.optimal_value(A, B), rel=1e-12)
    for change in 0.05 * np.random.default_rng(0).standard_normal((20, 3)):
        assert value(best + change) < value(best)
    assert div.optimal_discriminator(np.zeros(2), np.array([0.0, 1.0])).tolist() == [0.5, 0.0]


def test_the_least_squares_discriminator_measures_the_triangular_divergence():
    best = div.optimal_discriminator(A, B)
    loss = (A * (best - 1) ** 2).sum() + (B * best**2).sum()
    assert loss == pytest.approx(0.5 - div.triangular(A, B) / 4, rel=1e-12)


def test_the_hinge_discriminator_measures_the_total_variation():
    best = np.sign(A - B)  # hinge 的最优判别器
    loss = (A * np.maximum(0, 1 - best)).sum() + (B * np.maximum(0, 1 + best)).sum()
    assert loss == pytest.approx(2 - 2 * div.total_variation(A, B), rel=1e-12)


def test_masses_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValueError, match="normalize"):
        div.js_divergence(A, 2 * B)
    with pytest.raises(ValueError, match="形状不同"):
        div.js_divergence(A, B[:2])
    with pytest.raises(ValueError, match="normalize"):
        div.kl_divergence(A, np.array([np.nan, 0.5, 0.5]))
    for weights in ([0.0, 0.0], [1.0, -1.0], [1.0, np.nan]):
        with pytest.raises(ValueError, match="权重"):
            div.normalize(np.array(weights))


# d、JS/log 2、V*、dJS/dd，解析推导的四位（导数两位）
SHIFT_TABLE = [
    (0, 0, -1.3863, 0),
    (0.5, 0.0437, -1.3257, 0.118),
    (1, 0.1608, -1.1635, 0.199),
    (2, 0.4859, -0.7126, 0.225),
    (3, 0.7600, -0.3327, 0.148),
    (4, 0.9128, -0.1209, 6.9e-2),
    (5, 0.9752, -0.0344, 2.4e-2),
    (6, 0.9944, -0.0077, 6.2e-3),
    (7, 0.9990, -0.0014, 1.3e-3),
    (8, 0.99987, -0.0002, 2.0e-4),
    (10, 1.0000, 0, 2.2e-6),
]


@pytest.mark.parametrize(("d", "js", "value", "slope"), SHIFT_TABLE)
def test_the_table_of_two_shifted_gaussians_is_reproduced(d, js, value, slope):
    row = gaussians.shifted_gaussians(d)
    assert row["js"] / LOG2 == pytest.approx(js, abs=6e-5)
    assert row["value"] == pytest.approx(value, abs=6e-5)
    assert row["js_slope"] == pytest.approx(slope, rel=0.035, abs=1e-12)  # 表里只有两位
    assert row["w1"] == d


@pytest.mark.parametrize("d", [0.5, 2.0, 6.0])
def test_the_shifted_gaussians_agree_with_quadrature_and_with_the_grid(d):
    def integrand(x):
        p, q = norm.pdf(x), norm.pdf(x, d)
        return p * np.log(2 * p / (p + q)) / 2 + q * np.log(2 * q / (p + q)) / 2

    js = quad(integrand, -12, d + 12, limit=200)[0]
    row = gaussians.shifted_gaussians(d)
    assert row["js"] == pytest.approx(js, rel=1e-7)
    assert gaussians.gaussian_js(0, 1, d, 1) == pytest.approx(js, rel=1e-7)
    steps = [gaussians.shifted_gaussians(d + h)["js"] for h in (-1e-4, 1e-4)]
    assert row["js_slope"] == pytest.approx((steps[1] - steps[0]) / 2e-4, rel=1e-5)


def test_the_js_signal_loses_five_orders_of_magnitude_between_2_and_10():
    near, far = (gaussians.shifted_gaussians(d)["js_slope"] for d in (2, 10))
    assert near / far == pytest.approx(1.0e5, rel=0.05)


def test_divergences_on_a_grid_match_the_closed_forms_of_gaussians():
    x = np.linspace(-30, 30, 6001)
    p, q = grid_gaussian(0.5, 1.0, x), grid_gaussian(-1.0, 2.0, x)
    one, other = (0.5, 1.0, -1.0, 4.0), (-1.0, 4.0, 0.5, 1.0)  # 方差
    assert div.kl_divergence(p, q) == pytest.approx(gaussians.gaussian_kl(*one), rel=1e-6)
    assert div.kl_divergence(q, p) == pytest.approx(gaussians.gaussian_kl(*other), rel=1e-6)
    assert gaussians.gaussian_kl(*one) == pytest.approx(LOG2 + (1 + 2.25) / 8 - 0.5)
    expected = np.sqrt(1 - np.sqrt(4 / 5) * np.exp(-2.25 / 20))
    assert gaussians.gaussian_hellinger(*one) == pytest.approx(expected, rel=1e-12)
    assert div.hellinger(p, q) == pytest.approx(expected, rel=1e-6)
    tv = gaussians.gaussian_tv(0.5, 1.0, -1.0, 2.0)
    assert div.total_variation(p, q) == pytest.approx(tv, rel=1e-4)


def test_total_variation_of_gaussians_has_its_textbook_values():
    assert gaussians.gaussian_tv(0, 1, 2, 1) == pytest.approx(2 * norm.cdf(1) - 1)
    assert gaussians.gaussian_tv(3, 0.7, 3, 0.7) == pytest.approx(0.0, abs=1e-12)
    cut = np.sqrt(8 * LOG2 / 3)  # 同均值，标准差 1 与 2：密度在 ±cut 处相等
    expected = 2 * (norm.cdf(cut) - norm.cdf(cut, scale=2))
    assert gaussians.gaussian_tv(0, 1, 0, 2) == pytest.approx(expected, rel=1e-9)


def test_correlated_gaussians_match_monte_carlo_and_the_scalar_formula():
    mean, cov = np.array([1.0, -0.5]), np.array([[1.0, 0.6], [0.6, 2.0]])
    p, q = multivariate_normal(mean, cov), multivariate_normal(np.zeros(2), np.eye(2))
    x = p.rvs(200_000, random_state=0)
    ratio = p.logpdf(x) - q.logpdf(x)
    kl = gaussians.gaussian_kl(mean, cov, np.zeros(2), np.eye(2))
    assert kl == pytest.approx(ratio.mean(), abs=4 * ratio.std() / np.sqrt(len(x)))
    overlap = np.exp(-ratio / 2)  # E_p √(q / p) = 1 − H²
    h2 = gaussians.gaussian_hellinger(mean, cov, np.zeros(2), np.eye(2)) ** 2
    assert h2 == pytest.approx(1 - overlap.mean(), abs=4 * overlap.std() / np.sqrt(len(x)))
    assert gaussians.gaussian_w2(1.0, 4.0, -2.0, 9.0) == pytest.approx(np.sqrt(9 + 1))
    with pytest.raises(ValueError, match="维数相同"):
        gaussians.gaussian_kl(np.zeros(2), np.eye(3), np.zeros(2), np.eye(2))


def test_histograms_of_samples_approach_the_true_divergence():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal(200_000), rng.standard_normal(100_000) + 2
    p, q = div.shared_histogram(x, y, bins=60)
    assert div.js_divergence(p, q) == pytest.approx(0.4859 * LOG2, abs=0.004)
    pairs = [rng.integers(0, 4, (4000, 2)) for _ in range(2)]
    p, q = div.shared_histogram(*pairs, bins=4)
    counts = np.unique(pairs[0] @ [4, 1], return_counts=True)[1]
    assert p.ravel() * 4000 == pytest.approx(counts)
    assert q.shape == (4, 4)


def test_the_grid_of_a_histogram_covers_both_samples_whichever_is_wider():
    near, far = np.array([0.0, 1.0]), np.array([0.0, 3.0])
    expected = [[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]]
    assert [mass.tolist() for mass in div.shared_histogram(near, far, bins=3)] == expected
    assert [mass.tolist() for mass in div.shared_histogram(far, near, bins=3)] == expected[::-1]


def test_too_fine_a_histogram_makes_any_two_samples_look_disjoint():
    x, y = np.random.default_rng(1).standard_normal((2, 100))
    fine = div.js_divergence(*div.shared_histogram(x, y, bins=10**6))
    coarse = div.js_divergence(*div.shared_histogram(x, y, bins=4))
    assert fine == pytest.approx(LOG2, rel=1e-9)
    assert coarse < 0.1 * LOG2


def test_a_pseudo_count_keeps_kl_finite_and_bad_samples_are_refused():
    x, y = np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 0.0])
    assert div.kl_divergence(*div.shared_histogram(x, y, bins=2)) == np.inf
    p, q = div.shared_histogram(x, y, bins=2, pseudo_count=1)
    assert (p.tolist(), q.tolist()) == ([3 / 5, 2 / 5], [4 / 5, 1 / 5])
    with pytest.raises(UserError, match="NaN"):
        div.shared_histogram(x, np.array([np.nan]))
    with pytest.raises(ValueError, match="维数相同"):
        div.shared_histogram(np.zeros((3, 2)), np.zeros((3, 3)))
    with pytest.raises(ValueError, match="10⁷"):
        div.shared_histogram(np.zeros((3, 5)), np.zeros((3, 5)))
