"""教程的图：画了什么、画在哪里、写的是哪个数，都读回来看。"""

from io import BytesIO
from types import SimpleNamespace

import numpy as np
import paddle
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from paddle_gan.data import Ring
from paddle_gan.figures import BLUE, GRAY, RED
from paddle_gan.metrics import mode_report
from paddle_gan.teaching import arrows, curves, filmstrip, picture, points

RING = Ring()


def lesson(**curve):
    """有几条曲线的一次假训练：每条是（步数，数值）。"""
    known = {name: tuple(np.array(part, float) for part in value) for name, value in curve.items()}
    return SimpleNamespace(curve=lambda tag: known[tag.replace("/", "_")])


def test_a_mark_is_a_gray_dashed_line_with_its_value_written_at_the_end(drawn):
    one = lesson(loss_D=((1, 2), (0.9, 1.1)), loss_G=((1, 2), (0.7, 0.8)))
    curves(one, "loss/D", "loss/G", marks={"loss/D": 2 * np.log(2)})
    left, right = drawn[-1].axes[0]
    curve, mark = left.get_lines()
    assert curve.get_ydata().tolist() == [0.9, 1.1]
    assert set(mark.get_ydata()) == {2 * np.log(2)}
    assert (mark.get_linestyle(), to_hex(mark.get_color()).upper()) == ("--", GRAY)
    (label,) = left.texts
    assert label.get_text() == "1.386" and label.xy == (1, 2 * np.log(2))
    assert len(right.get_lines()) == 1 and list(right.texts) == []
    assert left.get_legend() is None
    low, high = left.get_ylim()
    assert low < 2 * np.log(2) < high


def test_until_compares_the_same_number_of_steps(drawn):
    long, short = lesson(diversity=((100, 200, 300), (1, 2, 3))), lesson(diversity=((100,), (9,)))
    curves({"长": long, "短": short}, "diversity", until=200)
    first, second = drawn[-1].axes[0, 0].get_lines()
    assert first.get_xdata().tolist() == [100, 200] and first.get_ydata().tolist() == [1, 2]
    assert second.get_xdata().tolist() == [100] and second.get_marker() == "."
    curves(long, "diversity")
    assert drawn[-1].axes[0, 0].get_lines()[0].get_xdata().tolist() == [100, 200, 300]


def test_a_title_is_in_chinese_also_when_several_curves_share_a_panel(drawn):
    energies = {f"energy_{kind}": ((1, 2), (3, 4)) for kind in ("real", "fake")}
    curves(lesson(**energies), ("energy/real", "energy/fake"), "energy/real")
    together, alone = drawn[-1].axes[0]
    assert together.get_title() == "真样本的能量、生成样本的能量"
    assert alone.get_title() == "真样本的能量（energy/real）"


def test_a_scatter_states_its_own_share_of_good_samples(drawn):
    near, far = np.tile(RING.modes[0], (4, 1)), np.zeros((4, 2))
    half = np.concatenate([near[:2], far[:2]])
    real = RING.sample(50, np.random.default_rng(0))
    points({"都好": near, "一半": half, "都不好": far}, real, RING.modes, RING.std)
    titles = [axis.get_title() for axis in drawn[-1].axes[0]]
    assert titles == ["都好\n高质量 100.0%", "一半\n高质量 50.0%", "都不好\n高质量 0.0%"]
    many = np.concatenate([np.tile(near, (300, 1)), np.tile(far, (300, 1))])
    points({"多": many}, real, RING.modes, RING.std)  # 隔几个画一个，比例照全部样本算
    axis = drawn[-1].axes[0, 0]
    assert axis.get_title() == "多\n高质量 50.0%" and len(axis.get_lines()[1].get_xdata()) == 1200
    points({"不写": near}, real, RING.modes)
    assert drawn[-1].axes[0, 0].get_title() == "不写"


def test_the_circles_are_three_sigma_wide_when_sigma_is_known(drawn):
    real = RING.sample(50, np.random.default_rng(0))
    points({"甲": real}, real, RING.modes, RING.std)
    axis = drawn[-1].axes[0, 0]
    assert np.array_equal([circle.center for circle in axis.patches], RING.modes)
    assert {circle.radius for circle in axis.patches} == {3 * RING.std}
    points({"甲": real}, real, RING.modes)  # 不知道 σ，圈只标出位置
    axis = drawn[-1].axes[0, 0]
    assert list(axis.patches) == []
    assert axis.get_lines()[-1].get_xydata().tolist() == RING.modes.tolist()


def test_a_filmstrip_gives_each_step_the_share_of_its_own_samples(drawn):
    first = np.zeros((10, 2))
    last = RING.sample(10, np.random.default_rng(1))
    film = SimpleNamespace(data=RING, snapshots={1: first, 9: last})
    filmstrip(film, 2)
    share = mode_report(last, RING.modes, RING.std)["modes/high_quality"]
    titles = [axis.get_title() for axis in drawn[-1].axes[0]]
    assert titles == ["第 1 步\n高质量 0.0%", f"第 9 步\n高质量 {share:.1%}"]


def test_arrows_point_where_they_are_told_over_the_surface_of_d(drawn):
    D = paddle.nn.Linear(2, 1)
    D.weight.set_value(paddle.to_tensor([[3.0], [0.0]]))  # 右边像真
    at, toward = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[5.0, 0.0], [0.0, -0.1]])
    arrows(D, at, toward, RING.modes, "题目")
    axis = drawn[-1].axes[0, 0]
    quiver = next(a for a in axis.collections if hasattr(a, "U"))
    assert quiver.XY.tolist() == at.tolist()
    assert np.allclose(np.stack([quiver.U, quiver.V], axis=1), [[1, 0], [0, -1]])
    surface = axis.get_images()[0]
    probability = surface.get_array()
    left, right, bottom, top = surface.get_extent()
    assert left < -2 and right > 2 and bottom < -2 and top > 2
    assert probability[:, 0].max() < 0.01 and probability[:, -1].min() > 0.99
    assert axis.get_title() == "题目"
    assert D.training


def test_fewer_colors_leave_every_color_where_it_was():
    with picture.canvas(size=(4, 3)) as c:
        axis = c.axes[0, 0]
        axis.imshow(np.linspace(0, 1, 400).reshape(1, -1), extent=(0, 10, 0, 5), aspect="auto")
        c.figure.colorbar(axis.get_images()[0], ax=axis)
        axis.axvspan(0, 4, color=BLUE)
        axis.axvspan(6, 10, color=RED)
        axis.set(xlim=(0, 10), ylim=(0, 10))
    image = Image.open(BytesIO(c.picture.png)).convert("RGB")
    full = BytesIO()
    c.figure.savefig(full, format="png")
    before = np.asarray(Image.open(full).convert("RGB"), float)
    assert np.abs(np.asarray(image, float) - before).max() <= 12
    assert len(c.picture.png) < len(full.getvalue())
    wide, high = image.size
    for x, color in ((0.3, BLUE), (0.7, RED)):
        seen = image.getpixel((int(x * wide), int(0.25 * high)))
        assert np.allclose(seen, 255 * np.array(to_rgb(color)), atol=12)
