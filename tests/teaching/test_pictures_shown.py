"""教程的图：红是红、上是上、先是先，取值范围用自己的；都从像素或画布上读回来。"""

from io import BytesIO
from types import SimpleNamespace

import matplotlib
import numpy as np
import paddle
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from paddle_gan.figures import BLUE, GRAY, RED
from paddle_gan.teaching import plots
from paddle_gan.teaching.picture import Picture, canvas, from_pixels, save_gif

PURE = {"红": (255, 0, 0), "绿": (0, 255, 0), "蓝": (0, 0, 255)}


def pixels_of(shown: Picture) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(shown.png)).convert("RGB"))


def two_coloured(height: int = 4, width: int = 6) -> np.ndarray:
    """上半红、下半蓝、右上角绿 (height, width, 3)。"""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2], image[height // 2 :], image[0, -1] = PURE["红"], PURE["蓝"], PURE["绿"]
    return image


def test_a_coloured_picture_that_is_not_square_is_shown_as_it_is():
    image = two_coloured()
    assert (pixels_of(from_pixels(image)) == image).all()
    grey = np.arange(24, dtype=np.uint8).reshape(4, 6, 1)
    assert (pixels_of(from_pixels(grey)) == grey).all()


@pytest.mark.parametrize("low, high", [(-1.0, 1.0), (0.0, 1.0)])
def test_samples_are_shown_by_their_own_range(low, high):
    image = two_coloured(30, 50)
    sample = (image.transpose(2, 0, 1)[None] / 255 * (high - low) + low).astype(np.float32)
    shown = pixels_of(plots.images(sample, 1, (low, high)))
    assert shown.shape == image.shape and (shown == image).all()
    black = pixels_of(plots.images(np.full((1, 1, 48, 60), low, np.float32), 1, (low, high)))
    assert black.shape == (48, 60, 3) and not black.any()


def test_rows_of_images_keep_black_black_grey_grey_and_each_row_its_name(drawn):
    shades = {"原图": -1.0, "译文": 0.0, "转回来": 1.0}
    rows = {name: np.full((2, 1, 3, 5), shade, np.float32) for name, shade in shades.items()}
    plots.rows_of_images(rows)
    (c,) = drawn
    assert c.axes.shape == (3, 2)
    for line, name, wanted in zip(c.axes, shades, (0, 127, 255)):
        assert line[0].get_ylabel() == name
        for axis in line:
            (shown,) = axis.get_images()
            assert shown.get_array().shape == (3, 5)
            seen = 255 * np.array(shown.to_rgba(shown.get_array()))[..., :3]
            assert np.abs(seen - wanted).max() <= 2


def test_a_canvas_of_three_columns_and_two_rows():
    with canvas(3, 2, size=(1.0, 2.0)) as c:
        assert c.axes.shape == (2, 3)
        c.axes[0, 2].set_facecolor("red")
    shown = pixels_of(c.picture)
    assert shown.shape[:2] == (400, 300)
    red = np.argwhere((shown == PURE["红"]).all(axis=-1)).mean(axis=0)
    assert red[0] < 200 and red[1] > 200  # 右上


def test_many_shades_stay_many():
    with canvas(size=(3, 2)) as c:
        c.axes[0, 0].imshow(np.linspace(0, 1, 200).reshape(1, -1), aspect="auto")
    assert len(np.unique(pixels_of(c.picture).reshape(-1, 3), axis=0)) > 100


def test_a_gif_goes_from_first_to_last_and_waits_there(tmp_path):
    shades = [0, 80, 160, 240]
    pictures = [from_pixels(np.full((8, 12, 1), shade, np.uint8)) for shade in shades]
    pictures[-1] = from_pixels(np.array(shades, np.uint8).repeat(24).reshape(8, 12, 1))  # 色板
    save_gif(pictures, tmp_path / "a.gif", 100)
    seen, pauses = [], []
    with Image.open(tmp_path / "a.gif") as gif:
        for k in range(gif.n_frames):
            gif.seek(k)
            seen.append(np.asarray(gif.convert("L")).mean())
            pauses.append(gif.info["duration"])
    assert seen[:3] == pytest.approx(shades[:3], abs=6)
    assert seen[3] == pytest.approx(np.mean(shades), abs=6)
    assert pauses == [100, 100, 100, 600]


def test_until_is_included_and_so_is_the_end(drawn):
    curve = SimpleNamespace(curve=lambda tag: (np.array([1.0, 500, 900]), np.array([3.0, 2, 1])))
    for until, wanted in ((500, [1, 500]), (None, [1, 500, 900]), (899, [1, 500])):
        plots.curves(curve, "loss/D", until=until)
        assert drawn[-1].axes[0, 0].get_lines()[0].get_xdata().tolist() == wanted


def look(axis) -> dict[str, str]:
    """{第一个点，或圈的圆心: 颜色}。"""
    dots = [(line.get_xydata()[0].tolist(), line.get_color()) for line in axis.get_lines()]
    circles = [(np.array(one.center).tolist(), one.get_edgecolor()) for one in axis.patches]
    return {str(at): to_hex(color).upper() for at, color in dots + circles}


def test_real_points_are_gray_generated_blue_and_modes_red_and_the_share_is_of_the_generated(drawn):
    real, fake, modes = np.tile([[1.0, 7.0]], (9, 1)), np.full((4, 2), 9.0), np.array([[1.0, 7.0]])
    real[0] = (3, 5)  # 中心 (2, 6)
    plots.points({"甲": fake}, real, modes, 0.1)
    axis = drawn[-1].axes[0, 0]
    assert look(axis) == {"[3.0, 5.0]": GRAY, "[9.0, 9.0]": BLUE, "[1.0, 7.0]": RED}
    assert axis.get_title() == "甲\n高质量 0.0%"
    assert np.mean(axis.get_xlim()) == pytest.approx(2) and np.mean(axis.get_ylim()) == (
        pytest.approx(6)
    )
    assert np.diff(axis.get_xlim()) == pytest.approx(np.diff(axis.get_ylim()))


class Judge(paddle.nn.Layer):
    """上边像真：D(x, y) = 4(y − 20)。"""

    def forward(self, x):
        return 4 * (x[:, 1:] - 20)


def color_at(axis, x: float, y: float) -> np.ndarray:
    """决策面在（x，y）处的颜色。"""
    (surface,) = axis.get_images()
    left, right, bottom, top = surface.get_extent()
    values = surface.get_array()
    if surface.origin == "lower":
        values = values[::-1]
    column = int((x - left) / (right - left) * values.shape[1])
    row = int((top - y) / (top - bottom) * values.shape[0])
    return np.array(surface.to_rgba(values))[row, column, :3]


@pytest.mark.parametrize("probability", [True, False])
def test_the_surface_is_orange_where_d_says_real_also_off_the_centre(drawn, probability):
    with plots.canvas() as c:
        plots.heat(c, Judge(), np.array([0.0, 20.0]), 2.0, probability)
    axis, bar = c.figure.axes
    assert axis.get_images()[0].get_extent() == [-2, 2, 18, 22]
    for x in (-1.5, 1.5):
        red, green, blue = color_at(axis, x, 21.5)
        assert red > blue and green > blue  # 橙
        red, green, blue = color_at(axis, x, 18.5)
        assert blue > green and red > green  # 紫
    assert bar.get_ylabel() == ("D 认为像真的概率" if probability else "D 的分数")
    shown = axis.get_images()[0].get_array()
    assert (shown.max() <= 1 and shown.min() >= 0) == probability


def test_arrows_have_their_own_direction_both_ways(drawn):
    at = np.array([[0.0, 20.0], [1.0, 20.5]])
    toward = np.array([[3.0, 4.0], [-2.0, 0.0]])
    plots.arrows(Judge(), at, toward, np.array([[-1.0, 19.0], [1.0, 21.0]]))
    quiver = next(one for one in drawn[-1].axes[0, 0].collections if hasattr(one, "U"))
    assert np.stack([quiver.U, quiver.V], axis=1) == pytest.approx(np.array([[0.6, 0.8], [-1, 0]]))
    axis = drawn[-1].axes[0, 0]
    assert np.mean(axis.get_xlim()) == pytest.approx(0)
    assert np.mean(axis.get_ylim()) == pytest.approx(20)


def test_a_filmstrip_goes_from_the_first_snapshot_to_the_last(drawn):
    frames = {
        step: np.full((10, 1, 3, 5), step / 500 - 1, np.float32) for step in (1, 300, 600, 1000)
    }
    data = SimpleNamespace(shape=(1, 3, 5), value_range=(-1.0, 1.0))
    plots.filmstrip(SimpleNamespace(snapshots=frames, data=data), 3)
    rows = drawn[-1].axes
    assert [line[0].get_ylabel() for line in rows] == ["第 1 步", "第 600 步", "第 1000 步"]
    means = [line[0].get_images()[0].get_array().mean() for line in rows]
    assert means == sorted(means) and means[-1] == 255
    assert rows.shape[1] == 8


def test_a_histogram_has_values_below_and_shares_beside(drawn):
    plots.histograms({"甲": np.array([-0.9, -0.9, -0.9, 0.9])}, 1.0, bins=2)
    axis = drawn[-1].axes[0, 0]
    assert [bar.get_height() for bar in axis.patches] == [0.75, 0.25]
    assert axis.patches[0].get_x() < axis.patches[1].get_x()
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("权重", "比例")
    assert matplotlib.colors.same_color(axis.patches[0].get_facecolor(), to_rgb(BLUE))


def test_each_line_has_its_own_name(drawn):
    plots.lines([1, 2], {"甲": np.array([1.0, 2.0]), "乙": np.array([5.0, 4.0])}, "步", "数")
    axis = drawn[-1].axes[0, 0]
    named = {line.get_label(): line.get_ydata().tolist() for line in axis.get_lines()}
    assert named == {"甲": [1.0, 2.0], "乙": [5.0, 4.0]}
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("步", "数")
