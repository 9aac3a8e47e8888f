"""两个小博弈：用纸笔算好的数去对。"""

import numpy as np
import pytest
from scipy.stats import spearmanr

from paddle_gan.lab import convergence, games
from paddle_gan.lab.convergence import start_point
from paddle_gan.metrics.rank import spearman


@pytest.mark.parametrize(
    "rule, eta, factor",
    [
        ("simultaneous", 0.1, 1.00499),
        ("simultaneous", 0.2, 1.01980),
        ("alternating", 0.1, 1.0),
        ("extragradient", 0.1, 0.99504),
        ("extragradient", 0.5, 0.90139),
        ("consensus", 0.1, 0.90554),
        ("omd", 0.1, 0.99494),
        ("omd", 0.5, 0.70711),
    ],
)
def test_the_radius_changes_by_the_factor_of_the_theory(rule, eta, factor):
    path = games.xy_path(rule, eta, 1200, np.array([2.0, 0.5]))
    assert games.theoretical_factor(rule, eta) == pytest.approx(factor, abs=1e-5)
    assert games.measured_factor(path) == pytest.approx(factor, abs=1e-3)


def test_one_step_of_each_rule_by_hand():
    w, before, eta = np.array([2.0, 0.5]), np.array([1.0, 1.0]), 0.1
    assert games.simultaneous(w, before, eta) == pytest.approx([1.95, 0.7])
    assert games.alternating(w, before, eta) == pytest.approx([1.95, 0.695])
    assert games.extragradient(w, before, eta) == pytest.approx([1.93, 0.695])
    # w + 2η v(w) − η v(before) = (2 − 0.1 + 0.1, 0.5 + 0.4 − 0.1)
    assert games.optimistic(w, before, eta) == pytest.approx([2.0, 0.8])
    assert games.consensus(w, before, eta) == pytest.approx([1.75, 0.65])


@pytest.mark.parametrize("name", games.theoretical_eigenvalues())
def test_the_eigenvalues_at_the_equilibrium(name):
    expected = {
        "gan": 0.5j,
        "ns_gan": 0.5j,
        "wgan": 1j,
        "wgan_clip": 1j,
        "instance_noise": -0.1225 + 0.4847615j,
        "r1": -0.15 + 0.476970j,
        "consensus": -0.25 + 0.5j,
    }[name]
    assert games.theoretical_eigenvalues()[name] == pytest.approx(expected, abs=1e-6)
    assert min(abs(games.eigenvalues(name) - expected)) < 1e-5


def test_the_fields_are_the_gradients_of_the_dirac_gan():
    """有限差分：V = −log 2 − log(1 + e^{ψθ})，G 让 V 变小，D 让 V 变大。"""
    theta, psi, width = 0.7, -0.4, 1e-6

    def value(theta, psi):
        return -np.log(2) - np.logaddexp(0, psi * theta)

    d_theta = -(value(theta + width, psi) - value(theta - width, psi)) / (2 * width)
    d_psi = (value(theta, psi + width) - value(theta, psi - width)) / (2 * width)
    assert games.gan(theta, psi) == pytest.approx((d_theta, d_psi), abs=1e-8)
    assert games.r1(theta, psi) == pytest.approx((d_theta, d_psi - 0.3 * psi), abs=1e-8)


def test_consensus_subtracts_the_gradient_of_half_the_squared_field():
    theta, psi, width = 0.7, -0.4, 1e-6

    def half(theta, psi):
        return 0.5 * np.sum(np.square(games.gan(theta, psi)))

    pull = (
        (half(theta + width, psi) - half(theta - width, psi)) / (2 * width),
        (half(theta, psi + width) - half(theta, psi - width)) / (2 * width),
    )
    expected = np.array(games.gan(theta, psi)) - pull
    assert games.consensus_gan(theta, psi) == pytest.approx(tuple(expected), abs=1e-8)


def test_clipping_keeps_psi_inside_and_only_for_wgan_clip():
    start = np.array([3.0, 0.9])
    clipped = games.dirac_path("wgan_clip", "alt5", start, 0.2, 50)
    free = games.dirac_path("wgan", "alt5", start, 0.2, 50)
    assert abs(clipped[:, 1]).max() == pytest.approx(1.0)
    assert abs(free[:, 1]).max() > 1.5


def test_the_first_seed_starts_the_dirac_gan_at_one_one():
    assert start_point(0, np.sqrt(2)) == pytest.approx([1.0, 1.0])
    assert np.hypot(*start_point(3, 2.0)) == pytest.approx(2.0)
    assert start_point(3, 2.0) != pytest.approx(start_point(4, 2.0))


def test_spearman_sees_order_only():
    assert spearman([1, 2, 3, 4], [1, 10, 100, 1000]) == pytest.approx(1.0)
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1.0)
    assert spearman([1, 2, 3], [2, 1, 3]) == pytest.approx(0.5)
    assert spearman(range(10), range(10)) == 1  # 判据写“≥ 1”的，差一点舍入就永远不成立
    a, b = np.random.default_rng(0).normal(size=(2, 20))
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)


def test_the_table_is_tried_from_near_the_equilibrium_and_from_far_away(monkeypatch):
    seen = []

    def agreement(start, h, steps):
        seen.append((round(float(np.hypot(*start)), 6), h, steps))
        return len(seen) / 4

    monkeypatch.setattr(convergence, "agreement", agreement)
    settings = {"h": 0.2, "steps": 500, "near": 0.3}
    found = convergence.measure_dirac(1, settings).statistics
    assert seen == [(0.3, 0.2, 500), (1.414214, 0.2, 500), (1.414214, 0.05, 2000)]
    names = ("near_agreement", "table_agreement", "small_step_agreement")
    assert [found[name] for name in names] == [0.25, 0.5, 0.75]
