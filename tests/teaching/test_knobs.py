"""滑块要画的图：拖到哪里画到哪里，图上的数与纸笔算的一样。"""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from paddle_gan.figures import BLUE, RED
from paddle_gan.teaching import knobs
from paddle_gan.teaching.picture import Canvas, Picture

CASES = [
    (knobs.apart, (0.0, 8.0)),
    (knobs.orbits, (0.02, 1.0)),
    (knobs.two_lines, (0.0, 4.0)),
    (knobs.packs, (1, 10)),
]


@pytest.fixture
def drawn(monkeypatch):
    """每张图画完时的坐标系。"""
    seen = []
    kept = Canvas.__init__

    def remember(self, figure, axes):
        kept(self, figure, axes)
        seen.append(axes)

    monkeypatch.setattr(Canvas, "__init__", remember)
    return seen


@pytest.mark.parametrize("draw, choices", CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_every_choice_of_a_knob_gives_another_picture(draw, choices):
    made = [draw(choice) for choice in choices]
    assert all(isinstance(picture, Picture) for picture in made)
    assert len({picture.png for picture in made}) == len(choices)
    assert draw(choices[0]).png == made[0].png  # 拖回来还是那一张


def test_the_black_dots_of_apart_stand_on_js_and_w(drawn):
    knobs.apart(2.0)
    dots = drawn[0][0, 1].lines[-1]
    # 数值积分：JS(N(0, 1), N(2, 1))
    x = np.linspace(-12, 14, 40_001)
    p, q = np.exp(-(x**2) / 2), np.exp(-((x - 2) ** 2) / 2)
    p, q = p / p.sum(), q / q.sum()
    js = 0.5 * (p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))).sum()
    assert dots.get_ydata() == pytest.approx([js / np.log(2), 2 / 8], abs=1e-6)


def test_orbits_starts_at_the_same_point_and_names_the_factor(drawn):
    knobs.orbits(0.5)
    first = drawn[0][0, 0]
    assert first.lines[0].get_xydata()[0] == pytest.approx([2.0, 0.5])
    assert first.lines[0].get_xydata()[1] == pytest.approx([2 - 0.5 * 0.5, 0.5 + 0.5 * 2])
    assert "1.1180" in first.get_title()  # √(1 + 0.25)


def test_without_noise_js_jumps_at_zero(drawn):
    knobs.two_lines(0.0)
    knobs.two_lines(0.25)
    assert [axes[0, 1].lines[-1].get_ydata()[0] for axes in drawn] == [0.0, 1.0]


def test_the_gradient_of_a_layer_is_c_times_the_root_of_a_sixth_of_the_width(drawn):
    for bound in (0.01, 0.1):
        knobs.layer_growth(bound)
        norms = np.asarray(drawn[-1][0, 0].lines[0].get_ydata())
        measured = (norms[0] / norms[-1]) ** (1 / 11)
        assert measured == pytest.approx(bound * np.sqrt(512 / 6), rel=0.15)
        theory = np.asarray(drawn[-1][0, 0].lines[1].get_ydata())
        assert theory[0] / theory[1] == pytest.approx(bound * np.sqrt(512 / 6))


def test_the_total_variation_of_packs_is_that_of_all_the_tuples(drawn):
    knobs.packs(3)
    lost, uneven = (drawn[0][0, 1].lines[k].get_ydata() for k in (0, 2))
    assert lost[:3] == pytest.approx([0.2, 0.36, 0.488])
    p, q = np.full(10, 0.1), np.r_[np.full(5, 0.06), np.full(5, 0.14)]
    pm, qm = (np.einsum("i,j,k", v, v, v).ravel() for v in (p, q))
    assert uneven[2] == pytest.approx(0.5 * abs(pm - qm).sum())
    real, fake = (drawn[0][0, 0].containers[k].datavalues for k in (0, 1))
    assert sum(real) == pytest.approx(1) and fake[0] == pytest.approx(0.7**3)


def test_the_uneven_packs_are_red_on_both_sides_and_counted_in_whole_numbers(drawn):
    knobs.packs(2)
    left, right = drawn[0][0]
    colors = {line.get_label(): line.get_color() for line in right.lines[::2]}
    assert colors == {"丢了两个模式": BLUE, "没丢，只是不匀": RED}  # 与旁边固定的一张相同
    assert to_hex(left.containers[1].patches[0].get_facecolor()).upper() == RED
    assert list(left.get_xticks()) == [0, 1, 2]
