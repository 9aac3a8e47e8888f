"""f-散度的表：共轭、g_f 的范围、下界什么时候取等号；每一行就是它的名字说的散度。"""

import numpy as np
import paddle
import pytest

from paddle_gan.metrics import divergences
from paddle_gan.metrics.f_divergences import TABLE

U = np.geomspace(0.02, 50, 400)  # p/q
V = np.linspace(-6, 6, 241)
each_row = pytest.mark.parametrize("name", TABLE)
# 最优的 V：g_f(V) = f′(u) 的解，手推
OPTIMAL = {
    "kl": lambda u: np.log(u) + 1,
    "reverse_kl": np.log,
    "pearson": lambda u: 2 * (u - 1),
    "neyman": lambda u: 2 * np.log(u),
    "hellinger": lambda u: np.log(u) / 2,
    "js": np.log,
    "gan": np.log,
}


def masses() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return tuple(divergences.normalize(rng.random(60) + 0.05) for _ in range(2))


def test_the_table_has_the_seven_rows():
    assert list(TABLE) == list(OPTIMAL)


@each_row
def test_the_conjugate_at_the_slope_is_the_identity_of_legendre(name):
    row = TABLE[name]
    wanted = U * row.slope(U) - row.f(U)  # f*(f′(u)) = u·f′(u) − f(u)
    assert np.abs(row.conjugate(row.slope(U)) - wanted).max() < 1e-12 * max(1, np.abs(wanted).max())


@each_row
def test_the_slope_is_the_derivative_and_f_is_convex_and_zero_at_one(name):
    row, step = TABLE[name], 1e-6
    found = (row.f(U + step * U) - row.f(U - step * U)) / (2 * step * U)
    assert row.slope(U) == pytest.approx(found, rel=1e-4, abs=1e-4)
    assert (np.diff(row.slope(U)) > 0).all()
    at_one = -2 * np.log(2) if name == "gan" else 0.0
    assert row.f(np.ones(1)) == pytest.approx([at_one], abs=1e-12)


@each_row
def test_the_conjugate_is_the_largest_gap_between_a_line_and_f(name):
    row, many = TABLE[name], np.geomspace(1e-4, 1e4, 200_001)
    for t in row.slope(np.array([0.1, 0.7, 1.0, 3.0, 20.0])):
        assert (t * many - row.f(many)).max() == pytest.approx(float(row.conjugate(t)), abs=1e-5)


@each_row
def test_g_rises_and_stays_inside_the_domain_and_the_simplified_form_agrees(name):
    row = TABLE[name]
    t = row.g(V)
    assert (np.diff(t) > 0).all() and (t < row.below).all()  # V 越大，越像真
    assert np.isfinite(row.conjugate(t)).all()
    assert row.conjugate_of_g(V) == pytest.approx(row.conjugate(t), rel=1e-9, abs=1e-9)


def test_the_domains_are_those_of_the_paper():
    below = {name: row.below for name, row in TABLE.items() if np.isfinite(row.below)}
    wanted = {"reverse_kl": 0, "neyman": 1, "hellinger": 1, "js": np.log(2), "gan": 0}
    assert below == wanted
    for name, limit in below.items():  # 过了界，f* 没有定义
        with np.errstate(all="ignore"):
            past = TABLE[name].conjugate(np.array([limit + 0.1]))
            near = TABLE[name].conjugate(np.array([limit - 1e-9]))
        assert not np.isfinite(past[0]) or past[0] < near[0], name


@pytest.mark.parametrize("name", ["js", "gan", "reverse_kl", "pearson"])
def test_the_simplified_form_does_not_overflow_where_the_plain_one_does(name):
    far = np.array([-80.0, 80.0])
    assert np.isfinite(TABLE[name].conjugate_of_g(far)).all()
    assert TABLE["gan"].conjugate_of_g(far)[1] == pytest.approx(80)
    with np.errstate(all="ignore"):
        assert not np.isfinite(TABLE["gan"].conjugate(TABLE["gan"].g(far))).all()


@each_row
def test_tensors_get_what_arrays_get(name):
    row, v = TABLE[name], np.linspace(-3, 3, 13)
    for column in (row.g, row.conjugate_of_g):
        assert column(paddle.to_tensor(v)).numpy() == pytest.approx(column(v), abs=1e-9)


@each_row
def test_the_bound_is_reached_by_the_optimal_v_and_missed_by_another(name):
    row, (p, q) = TABLE[name], masses()
    best = OPTIMAL[name](p / q)

    def bound(v):
        return (p * row.g(v)).sum() - (q * row.conjugate_of_g(v)).sum()

    wanted = (q * row.f(p / q)).sum()
    assert bound(best) == pytest.approx(wanted, abs=1e-12)
    for other in (best + 0.1, 0.5 * best, np.zeros_like(best)):
        assert bound(other) < wanted - 1e-4


def test_each_row_is_the_divergence_of_its_name():
    p, q = masses()
    wanted = {
        "kl": divergences.kl_divergence(p, q),
        "reverse_kl": divergences.kl_divergence(q, p),
        "pearson": divergences.chi_square(p, q),
        "neyman": divergences.chi_square(q, p),
        "hellinger": 2 * divergences.hellinger(p, q) ** 2,
        "js": 2 * divergences.js_divergence(p, q),
        "gan": divergences.optimal_value(p, q),
    }
    found = {name: (q * row.f(p / q)).sum() for name, row in TABLE.items()}
    assert found == pytest.approx(wanted, abs=1e-12)


def test_only_kl_has_a_ceiling():
    assert {name: row.ceiling for name, row in TABLE.items() if np.isfinite(row.ceiling)} == {
        "kl": 10.0
    }
