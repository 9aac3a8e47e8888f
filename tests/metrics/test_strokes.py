"""笔画的粗细、斜度与碎点：手画的一笔，知道答案。"""

import cv2
import numpy as np
import pytest

from paddle_gan.data import Digits, Images
from paddle_gan.metrics.strokes import slant, specks, thickness


def page(*boxes) -> np.ndarray:
    """黑底上几个白的矩形（上，下，左，右），(1, 1, 28, 28)。"""
    image = -np.ones((1, 1, 28, 28), np.float32)
    for top, bottom, left, right in boxes:
        image[..., top:bottom, left:right] = 1
    return image


@pytest.mark.parametrize("width", [2, 4, 6])
def test_a_long_stroke_is_about_as_thick_as_it_is_wide(width):
    upright, flat = page((2, 26, 10, 10 + width)), page((10, 10 + width, 2, 26))
    for image in (upright, flat):
        # 2·wL / (2L + 2w)：两头也是周长
        assert thickness(image)[0] == pytest.approx(width * 24 / (24 + width), rel=0.05)


def test_a_stroke_at_the_border_is_as_thick_as_in_the_middle():
    middle = thickness(page((2, 26, 10, 14)))
    assert thickness(page((4, 28, 24, 28))) == pytest.approx(middle)
    assert thickness(page((0, 24, 0, 4))) == pytest.approx(middle)


def test_two_strokes_are_as_thick_as_one_and_an_empty_page_is_zero():
    one, two = page((2, 26, 6, 9)), page((2, 26, 6, 9), (2, 26, 16, 19))
    assert thickness(two) == pytest.approx(thickness(one))
    assert thickness(page())[0] == slant(page())[0] == 0


@pytest.mark.parametrize("slope", [-0.4, 0.0, 0.25])
def test_the_slant_is_how_far_to_the_right_a_stroke_goes_per_pixel_up(slope):
    image = -np.ones((1, 1, 28, 28), np.float32)
    for row in range(4, 24):
        right = 13 + slope * (23 - row)  # 第 23 行是最下面
        image[0, 0, row, round(right) : round(right) + 3] = 1
    assert slant(image)[0] == pytest.approx(slope, abs=0.02)


def test_dilating_a_digit_thickens_it_and_moving_it_changes_nothing():
    digits = Digits(split="test").batch(Images, (np.arange(0, 1000, 50),), np.random.default_rng(0))
    x = digits.x
    fat = np.stack([cv2.dilate(image[0], np.ones((3, 3), np.uint8))[None] for image in x])
    assert (thickness(fat) > thickness(x) + 1).all()
    x[..., -1], x[:, :, -1] = -1, -1  # 边上空出来，移过去才不少一块
    moved = np.roll(x, (1, 1), axis=(2, 3))
    assert thickness(moved) == pytest.approx(thickness(x), rel=0.02)
    assert slant(moved) == pytest.approx(slant(x), abs=1e-6)


def test_a_speck_is_a_lit_block_of_at_most_two_pixels_also_across_a_corner():
    stroke = (4, 24, 10, 13)
    assert specks(page(stroke)) == [0] and specks(page()) == [0]
    assert specks(page(stroke, (2, 3, 20, 21), (20, 21, 20, 22))) == [2]
    assert specks(page((5, 6, 5, 6), (6, 7, 6, 7))) == [1]  # 斜着挨着，是一块
    assert specks(page((5, 6, 5, 6), (6, 7, 6, 7), (7, 8, 7, 8))) == [0]  # 三个像素，不碎
    faint = page(stroke, (2, 3, 20, 21))
    faint[0, 0, 2, 20] = -0.51  # 墨量 .245，还不算亮
    assert specks(faint) == [0]
    faint[0, 0, 2, 20] = -0.49
    assert specks(faint) == [1]
