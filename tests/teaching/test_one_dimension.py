"""一维 GAN 的画面：密度、D 与 D* 画的是它自己的数，z 的线连到它自己的 G(z)。"""

import numpy as np
import paddle
import pytest
from matplotlib.colors import same_color

from paddle_gan.figures import BLUE, GRAY, ORANGE
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import load_config
from paddle_gan.teaching import duel, frame_of
from paddle_gan.teaching.one_dimension import EDGES, LATENTS, MIDDLES, Frame
from paddle_gan.teaching.source import ROOT


def normal(x, mean=0.0, std=1.0):
    return np.exp(-(((x - mean) / std) ** 2) / 2) / (std * np.sqrt(2 * np.pi))


class Affine(paddle.nn.Layer):
    """a·x + b。"""

    def __init__(self, a: float, b: float):
        super().__init__()
        self.a, self.b = a, b

    def forward(self, x):
        return self.a * x + self.b


@pytest.fixture
def method():
    """G(z) = z/2 + 1，D 的 logit 是 −3x + 1。"""
    config = load_config(ROOT / "configs" / "gan_ring.yml", ["hparams.z_dim=1"])
    made = build_method(config, Shapes(x=(1,)))
    made.G, made.D = Affine(0.5, 1.0), Affine(-3.0, 1.0)
    return made


def test_a_frame_holds_the_density_the_judgement_and_where_each_z_lands(method):
    frame = frame_of(method)
    assert np.abs(frame.density - normal(MIDDLES, 1.0, 0.5)).max() < 0.08
    assert frame.density.sum() * np.diff(EDGES)[0] == pytest.approx(1, abs=0.01)
    assert frame.judged == pytest.approx(1 / (1 + np.exp(3 * MIDDLES - 1)), abs=1e-5)
    assert frame.landed == pytest.approx(LATENTS / 2 + 1, abs=1e-6)
    assert method.D.training


def test_the_curves_are_named_and_the_best_d_is_p_over_p_plus_q(drawn):
    p, q = normal(MIDDLES, -1.0), normal(MIDDLES, 1.0)
    judged = np.linspace(0, 1, len(MIDDLES))
    duel(
        {"甲": Frame(q, judged, LATENTS), "乙": Frame(p, judged, LATENTS)},
        lambda x: normal(x, -1.0),
    )
    first, second = drawn[-1].axes[0]
    named = {line.get_label(): line for line in first.get_lines()}
    assert set(named) == {"P_G（假）", "D(x)", "最优的 D*"}
    assert named["P_G（假）"].get_ydata() == pytest.approx(q)
    assert same_color(named["P_G（假）"].get_color(), BLUE)
    assert named["D(x)"].get_ydata() == pytest.approx(judged)
    assert same_color(named["D(x)"].get_color(), ORANGE)
    best = named["最优的 D*"]
    assert best.get_linestyle() == "--"
    seen = np.isfinite(best.get_ydata())
    assert best.get_ydata()[seen] == pytest.approx((p / (p + q))[seen]) and seen.sum() > 40
    assert best.get_ydata()[16] > 0.9 > 0.1 > best.get_ydata()[48]  # 左边的真，右边的假
    same = second.get_lines()[2].get_ydata()
    assert same[np.isfinite(same)] == pytest.approx(0.5)
    assert (first.get_title(), second.get_title()) == ("甲", "乙")
    (filled,) = first.collections
    assert filled.get_label() == "p_data（真）" and same_color(filled.get_facecolor()[0, :3], GRAY)
    height = filled.get_paths()[0].vertices
    assert height[:, 1].max() == pytest.approx(p.max(), abs=1e-6)
    assert height[height[:, 1].argmax(), 0] == pytest.approx(-1, abs=0.1)


def test_where_nothing_is_the_best_d_is_not_drawn(drawn):
    zero = np.zeros(len(MIDDLES))
    duel({"甲": Frame(zero, zero, LATENTS)}, lambda x: normal(x, -3.0, 0.2))
    best = drawn[-1].axes[0, 0].get_lines()[2].get_ydata()
    assert np.isnan(best[MIDDLES > 0]).all() and np.nanmin(best) == pytest.approx(1)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_whole_legend_fits_into_the_picture(count, drawn):
    zero = np.zeros(len(MIDDLES))
    duel({str(k): Frame(zero, zero, LATENTS) for k in range(count)}, normal)
    figure = drawn[-1].figure
    figure.canvas.draw()
    (legend,) = figure.legends
    box, whole = legend.get_window_extent(), figure.bbox
    assert box.x0 >= 0 and box.x1 <= whole.x1 and box.y1 <= whole.y1


def test_each_z_above_is_joined_to_its_own_sample_below(drawn):
    duel({"甲": Frame(np.zeros(len(MIDDLES)), MIDDLES * 0, 2 * LATENTS + 1)}, normal)
    below = drawn[-1].axes[1, 0]
    joined = [line.get_xydata().tolist() for line in below.get_lines()]
    assert joined == [[[z, 1.0], [2 * z + 1, 0.0]] for z in LATENTS]
    assert below.get_xlim() == drawn[-1].axes[0, 0].get_xlim() == (-4, 4)
    assert below.get_ylim() == (0, 1)
