"""画出来的像素：已知颜色的点在已知的地方，高与宽不相等，两种颜色，字写在自己的格里。"""

import cv2
import numpy as np
import pytest

from paddle_gan import viz
from paddle_gan.figures import BLUE, GRAY, GREEN, ORANGE, PURPLE, RED, SKY, YELLOW, new_figure
from paddle_gan.viz import (
    FAKE,
    LIKE_FAKE,
    LIKE_REAL,
    MODE,
    REAL,
    caption,
    class_bars,
    color_bar,
    extent_of,
    heat_map,
    image_grid,
    plane,
    scatter,
    show_points,
    text_rows,
    token_rows,
)

HUES = {"红": (0, 30), "橙": (30, 48), "黄": (48, 70), "绿": (140, 175), "蓝": (195, 230)}
HUES |= {"天": (195, 230), "紫": (300, 345)}


def has(image: np.ndarray, color: tuple, near: tuple[int, int], radius: int = 3) -> bool:
    """（横，纵）旁边有这个颜色的像素；细线的边缘被抹淡了，只要相近。"""
    x, y = near
    patch = image[max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1]
    return bool((abs(patch.astype(int) - color).max(axis=-1) < 50).any())


@pytest.mark.parametrize("height, width", [(2, 3), (30, 10), (10, 60)])
def test_a_grid_of_pictures_that_are_not_square_keeps_each_of_them_whole(height, width):
    images = np.zeros((5, height, width, 3), np.uint8)
    for k in range(5):  # 左上一半的颜色是自己的，别处是绿的
        images[k] = (0, 255, 0)
        images[k, : height // 2, : width // 2] = (40 * k + 10, 0, 99)
    grid = image_grid(images, 3)
    scale = grid.shape[0] // (2 * height)
    assert grid.shape == (2 * height * scale, 3 * width * scale, 3)
    assert max(height, width) * scale >= 48 and max(height, width) * (scale - 1) < 48
    small = grid[::scale, ::scale]
    for k, image in enumerate(images):
        row, column = divmod(k, 3)
        tile = small[row * height : (row + 1) * height, column * width : (column + 1) * width]
        assert (tile == image).all()
    assert (small[height:, 2 * width :] == 255).all()


def test_a_caption_stands_below_a_picture_that_is_not_square():
    image = np.full((20, 90, 3), (200, 0, 0), np.uint8)
    made = caption(image, "第 5 步", 30)
    assert made.shape == (50, 90, 3) and (made[:20] == image).all()
    assert (made[20:] < 100).any() and (made[20:] > 250).mean() > 0.5  # 白底黑字


def cells_with(written: list[tuple[str, tuple[int, int]]], cell: int) -> dict:
    """{（行，列）: 写在这一格里的字}。"""
    return {(place[1] // cell, place[0] // cell): text for text, place in written}


@pytest.fixture
def written(monkeypatch):
    """用 OpenCV 写的字：[(字, 左下角)]。"""
    kept, real = [], cv2.putText

    def put(canvas, text, place, *rest):
        kept.append((text, place))
        return real(canvas, text, place, *rest)

    monkeypatch.setattr(viz.cv2, "putText", put)
    return kept


def test_each_token_is_written_in_its_own_cell_on_its_own_colour(written):
    tokens = np.array([[0, 1, 2, 3], [4, 5, 0, 0]])
    image = token_rows(tokens, 6, cell=20)
    assert image.shape == (40, 80, 3)
    assert cells_with(written, 20) == {
        (row, column): str(tokens[row, column]) for row in range(2) for column in range(4)
    }
    corners = image[::20, ::20].astype(int)  # 每一格的左上角
    red, green, blue = corners[0, 0]
    assert red > max(green, blue)  # 编号 0 的色相是红
    red, green, blue = corners[1, 0]
    assert blue > max(red, green)  # 六种里的第四种，色相 240°
    assert (corners[0, 0] == corners[1, 2]).all() and (corners[0, 1] != corners[1, 1]).any()


def test_each_line_of_text_is_written_in_its_own_row_and_the_longest_fits():
    image = text_rows(["春", "", "白日依山尽，黄河入海流。"], height=40)
    assert image.shape[0] == 120 and image.shape[2] == 1 and image.dtype == np.uint8
    dark = image[..., 0] < 100
    rows = [dark[40 * row : 40 * row + 40] for row in range(3)]
    assert rows[0].any() and not rows[1].any() and rows[2].any()
    assert not rows[0][:, 50:].any()  # 一个字，写在左边
    assert rows[2][:, 10:].any(axis=0)[: 11 * 30].mean() > 0.5  # 十二个字，每个 30 像素宽
    assert dark.shape[1] >= 12 * 30 and not dark[:, -8:].any()
    assert abs(np.argwhere(rows[2])[:, 0].mean() - 20) < 4  # 在行的中间


def test_the_extent_holds_every_point_of_a_long_and_of_a_tall_cloud():
    for stretch in ((10, 1), (1, 10)):
        points = np.random.default_rng(0).uniform(-1, 1, (50, 2)) * stretch + (3, -7)
        center, half = extent_of(points)
        assert (abs(points - center) < half).all()


def test_points_lie_where_they_are_with_up_above_and_in_their_own_colours():
    real = np.array([[8.0, -2], [12, 2]])  # 中心 (10, 0)，半边长 2.6
    fake = np.array([[11.3, 1.3], [40.0, 40]])  # 右上；另一个在外面
    image = scatter(fake, real, np.array([[8.7, 1.3]]), size=400)

    def place(x, y):
        return round(200 + (x - 10) / 2.6 * 200), round(200 - y / 2.6 * 200)

    assert has(image, FAKE, place(11.3, 1.3)) and not has(image, REAL, place(11.3, 1.3), 1)
    for point in real:
        assert has(image, REAL, place(*point)) and not has(image, FAKE, place(*point))
    assert has(image, MODE, place(8.7, 1.3), radius=11)
    assert not has(image, MODE, place(8.7, 1.3), radius=4)  # 是圈，不是点
    assert (image == FAKE).all(axis=-1).sum() < 60
    alone = scatter(np.array([[0.0, 0], [1, 3]]), size=200)
    assert (alone[:100] == FAKE).all(axis=-1).any() and (alone[100:] == FAKE).all(axis=-1).any()


def test_the_plane_goes_from_the_top_left_to_the_bottom_right_in_rows():
    points = plane(np.array([1.0, 20.0]), 4.0, 4).reshape(4, 4, 2)
    assert (np.diff(points[..., 0], axis=1) > 0).all()
    assert (np.diff(points[..., 1], axis=0) < 0).all()
    assert points[0, 0].tolist() == [-2, 23] and points[3, 3].tolist() == [4, 17]


def test_the_heat_map_is_orange_at_the_top_of_the_scale_and_dark_only_at_its_middle():
    values = np.tile(np.linspace(5, 9, 80)[:, None], (1, 80))  # 越往下越像真
    image = heat_map(values, 5, 9, 160).astype(int)
    assert np.abs(image[157, 80] - LIKE_REAL).max() < 20
    assert np.abs(image[2, 80] - LIKE_FAKE).max() < 20
    assert image[157, 80, 0] > image[157, 80, 2] and image[2, 80, 2] > image[2, 80, 1]
    dark = np.flatnonzero(image[:, 80].max(axis=1) < 130)
    assert len(dark) and abs(dark - 80).max() <= 8


def test_the_numbers_of_the_colour_bar_stand_at_their_own_ends(written):
    image = color_bar(np.zeros((50, 300, 3), np.uint8), -2.0, 6.0)
    assert image.shape == (78, 300, 3) and not image[:50].any()
    assert [text for text, _ in sorted(written, key=lambda one: one[1][0])] == ["-2", "2", "6"]
    bar = image[53].astype(int)
    assert np.abs(bar[3] - LIKE_FAKE).max() < 20 and np.abs(bar[-4] - LIKE_REAL).max() < 20


def test_the_bars_of_four_classes_have_their_numbers_their_shares_and_their_uniform_line(written):
    shares = np.array([0.5, 0.05, 0.25, 0.2])
    image = class_bars(shares, width=400, height=200)
    assert image.shape == (200, 400, 3)
    blue = (image == FAKE).all(axis=-1)
    middles = [int(10 + 95 * (k + 0.5)) for k in range(4)]
    tops = [int(np.flatnonzero(blue[:, x])[0]) for x in middles]
    full = (172 - 24) / 0.5
    assert tops == pytest.approx(172 - full * shares, abs=2)
    red = np.flatnonzero((image == MODE).all(axis=-1).any(axis=1))
    assert red == pytest.approx(172 - full / 4, abs=2)  # 四类，每类 25 %
    below = sorted((place[0], text) for text, place in written if place[1] > 172)
    above = sorted((place[0], text) for text, place in written if place[1] <= 172)
    assert [text for _, text in below] == ["0", "1", "2", "3"]
    assert [text for _, text in above] == ["50%", "5%", "25%", "20%"]
    assert all(abs(x - middle) < 40 for (x, _), middle in zip(below, middles))


def test_the_colours_are_what_they_are_called():
    named = {"蓝": BLUE, "红": RED, "绿": GREEN, "橙": ORANGE, "紫": PURPLE}
    named |= {"天": SKY, "黄": YELLOW}
    for name, color in named.items():
        pixel = np.array([[list(bytes.fromhex(color[1:]))]], np.float32) / 255
        hue, saturation, _ = cv2.cvtColor(pixel, cv2.COLOR_RGB2HSV)[0, 0]
        low, high = HUES[name]
        assert low <= hue < high and saturation > 0.3, name
    assert len(set(bytes.fromhex(GRAY[1:]))) == 1


def test_a_figure_of_two_columns_and_one_row_is_wide():
    figure, axes = new_figure(3, 2, size=(2.0, 5.0))
    assert axes.shape == (2, 3) and figure.get_size_inches().tolist() == [6.0, 10.0]
    places = [[axis.get_subplotspec().get_position(figure).x0 for axis in row] for row in axes]
    assert (np.diff(places, axis=1) > 0).all() and np.ptp(places, axis=0).max() < 1e-9


def test_points_on_a_line_are_a_blue_outline_over_the_grey_histogram_of_the_real_ones():
    real = np.concatenate([np.full(70, -1.0), np.full(30, 1.0)])[:, None]
    fake = np.full((50, 1), 1.0)
    image = show_points(fake, real)
    assert image.shape == (480, 480, 3)
    grey, blue = ((image == color).all(axis=-1) for color in (REAL, FAKE))
    columns = np.flatnonzero(grey.any(axis=0))
    left, right = columns[columns < 240], columns[columns >= 240]
    assert left.size and right.size
    assert grey[:, left].sum(axis=0).max() > 2 * grey[:, right].sum(axis=0).max()
    high = np.flatnonzero(blue[:240].any(axis=0))
    assert high.size and (high >= 240).all()  # 生成的都在右边，比真的高
    alone = show_points(fake + np.arange(50)[:, None])
    assert (alone == FAKE).all(axis=-1).any() and not (alone == REAL).all(axis=-1).any()
    flat = show_points(np.zeros((3, 2)), np.array([[-1.0, -1], [1, 1]]))
    assert has(flat, FAKE, (240, 240))  # 平面上的点仍是散点
