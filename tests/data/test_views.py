"""由一份图像现做的成对数据：缩小的、挖了洞的；x 由 y 做出来，真值一个像素也不改。"""

import cv2
import numpy as np
import pytest
from tool_helpers import write_image

from paddle_gan.data import DATASETS, Batches, Images, Pair
from paddle_gan.data.degraded import Degraded
from paddle_gan.data.digits import Digits
from paddle_gan.data.masked import Masked, rectangles, with_hole
from paddle_gan.errors import UserError

RNG = np.random.default_rng(0)


def pair_of(data, count: int = 5) -> Pair:
    return data.batch(Pair, (np.arange(count),), np.random.default_rng(3))


@pytest.fixture
def photos(tmp_path):
    """二十张 40×52 的彩色照片。"""
    for i in range(20):
        write_image(tmp_path / f"{i:02}.png", RNG.integers(0, 256, (40, 52, 3), np.uint8))
    return tmp_path


@pytest.mark.parametrize("factor", [2, 4])
def test_x_is_y_averaged_over_blocks(factor):
    data = Degraded(of="digits", factor=factor, split="test")
    x, y = pair_of(data)
    side = 28 // factor
    assert data.shape == (1, side, side) and data.y_shape == (1, 28, 28)
    expected = [cv2.resize(i[0], (side, side), interpolation=cv2.INTER_AREA) for i in y]
    assert x[:, 0] == pytest.approx(np.stack(expected), abs=1e-5)
    assert np.array_equal(y, Digits(split="test").batch(Images, (np.arange(5),), None).x)


def test_the_centre_hole_is_filled_with_the_mean_of_what_is_seen_and_marked():
    data = Masked(of="digits", size=32, hole=16)
    x, y = pair_of(data)
    inside = np.zeros((32, 32), bool)
    inside[8:24, 8:24] = True
    assert data.shape == (2, 32, 32) and data.y_shape == (1, 32, 32)
    assert np.array_equal(x[:, 0][:, ~inside], y[:, 0][:, ~inside])
    assert (x[:, 1][:, inside] == 1).all() and (x[:, 1][:, ~inside] == -1).all()
    for image, truth in zip(x[:, 0], y[:, 0]):
        assert image[inside] == pytest.approx(truth[~inside].mean(), abs=1e-5)


def test_nothing_of_the_hole_is_left_in_x():
    y = RNG.uniform(-1, 1, (2, 3, 8, 8)).astype(np.float32)
    holes = rectangles(np.array([[2, 3], [0, 4]]), (3, 4), (8, 8))
    other = np.where(holes, RNG.uniform(-1, 1, y.shape), y).astype(np.float32)
    assert np.array_equal(with_hole(y, holes), with_hole(other, holes))


def test_a_hole_has_no_size_left_out_and_half_of_the_picture_is_the_default():
    assert Masked(of="digits", size=32).hole == (16, 16)
    assert rectangles(np.array([[1, 2]]), (2, 3), (5, 6)).sum() == 6
    with pytest.raises(UserError, match="不比图小"):
        Masked(of="digits", size=16, hole=16)
    with pytest.raises(UserError, match="整张都是洞"):
        with_hole(np.zeros((1, 1, 4, 4), np.float32), np.ones((1, 1, 4, 4), bool))


def corners(x: np.ndarray) -> list[tuple[int, int]]:
    """每张洞的左上角。"""
    return [tuple(int(i[0]) for i in np.nonzero(hole > 0)) for hole in x[:, -1]]


def test_a_random_hole_moves_every_time_in_training_and_never_in_testing():
    train, test = (Masked(of="digits", place="random", split=s) for s in ("train", "test"))
    draws = [next(Batches(train, Pair, 40, seed=seed)).x.numpy() for seed in (0, 0, 1)]
    assert np.array_equal(draws[0], draws[1]) and corners(draws[0]) != corners(draws[2])
    rows, columns = zip(*corners(draws[0]))
    assert min(rows) <= 2 and max(rows) >= 14 and min(columns) <= 2 and max(columns) >= 14
    assert all(hole.sum() == 256 for hole in draws[0][:, -1] > 0)
    whole = pair_of(test, 6).x
    alone = test.batch(Pair, (np.array([4]),), np.random.default_rng(99)).x
    assert np.array_equal(whole[4:5], alone) and len(set(corners(whole))) > 3


def test_ones_own_photos_are_cut_kept_out_and_told_of(photos):
    options = {"root": photos, "size": 16, "resize": "none"}
    train, test = (Degraded(**options, split=split) for split in ("train", "test"))
    assert train.lengths(Pair) == (18,) and test.lengths(Pair) == (2,) and test.held_out
    assert "20 张" in train.summary and train.decodes
    x, y = pair_of(train)
    assert x.shape == (5, 3, 4, 4) and y.shape == (5, 3, 16, 16)
    assert x == pytest.approx(y.reshape(5, 3, 4, 4, 4, 4).mean(axis=(3, 5)), abs=1e-6)
    assert DATASETS["masked"](root=photos, size=16).shape == (4, 16, 16)


@pytest.mark.parametrize("kind", [Degraded, Masked])
def test_where_the_pictures_come_from_is_written_once(kind, photos):
    for options in ({}, {"of": "digits", "root": photos}):
        with pytest.raises(UserError, match="data.of.*data.root"):
            kind(**options)
    with pytest.raises(UserError, match="data.flip 只用于 data.root"):
        kind(of="digits", flip=True)
    with pytest.raises(UserError, match="要写一个边长"):
        kind(of="digits", size=[28, 28])


def test_a_side_the_factor_does_not_divide_is_refused():
    with pytest.raises(UserError, match="不能被 factor = 8 整除"):
        Degraded(of="digits", factor=8)
