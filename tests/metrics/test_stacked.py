"""三位数的四个量：照定义另算一遍；每一种不用学就会的把戏，至少有一个量看得出来。"""

import numpy as np
import pytest

from paddle_gan.data import Digits, StackedDigits
from paddle_gan.data.batches import Images, Labeled
from paddle_gan.data.images import to_float
from paddle_gan.errors import UserError
from paddle_gan.metrics import digit_features, frechet_distance, stacked_report
from paddle_gan.metrics.lenet import spelled, three_planes

N = 200


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    """500 张测试数字的特征。"""
    return digit_features(to_float(Digits(split="test").images[::2], (-1, 1)))[0]


@pytest.fixture(scope="module")
def stack() -> Labeled:
    return StackedDigits().batch(Labeled, (np.arange(N),), np.random.default_rng(4))


def test_the_four_numbers_are_what_their_definitions_give(stack, real):
    found = stacked_report(stack.x, real)
    # 一个通道一个通道地另算：认出的数字、拿得准的、FD
    digits, sure, distances = [], [], []
    for channel in range(3):
        features, p = digit_features(stack.x[:, channel : channel + 1])
        digits.append(p.argmax(axis=1))
        sure += [row.max() >= 0.9 for row in p]
        distances.append(frechet_distance(features, real))
    names = [f"{a}{b}{c}" for a, b, c in zip(*digits)]
    shares = np.array([names.count(name) / N for name in set(names)])
    assert found["stacked/covered"] == len(set(names))
    assert found["stacked/reverse_kl"] == pytest.approx((shares * np.log(1000 * shares)).sum())
    assert found["stacked/sure"] == pytest.approx(np.mean(sure), abs=1e-12)
    assert found["stacked/fd_lenet"] == pytest.approx(np.mean(distances), rel=1e-5)
    agreed = [int(name) == label for name, label in zip(names, stack.labels)]
    assert np.mean(agreed) == pytest.approx(0.99**3, abs=0.04)


def test_the_digits_are_spelled_from_red_to_blue():
    chances = np.full((6, 10), 0.05)
    for row, digit in enumerate((7, 0, 3, 0, 0, 9)):
        chances[row, digit] = 0.5
    assert spelled(chances).tolist() == [703, 9]


def test_one_picture_of_each_digit_covers_like_real_data_but_is_far_from_it(stack, real):
    data = StackedDigits()
    first = [int(np.argmax(data.digits == digit)) for digit in range(10)]
    ten = to_float(data.digit_images[first], (-1, 1))[:, 0]  # (10, 28, 28)
    fake = stacked_report(ten[np.random.default_rng(0).integers(10, size=(N, 3))], real)
    good = stacked_report(stack.x, real)
    assert fake["stacked/covered"] == pytest.approx(good["stacked/covered"], rel=0.1)
    assert fake["stacked/reverse_kl"] == pytest.approx(good["stacked/reverse_kl"], abs=0.1)
    assert fake["stacked/sure"] > 0.9
    assert fake["stacked/fd_lenet"] > 5 * good["stacked/fd_lenet"]


def test_noise_is_one_sure_mode_far_from_the_digits(real):
    noise = np.random.default_rng(1).uniform(-1, 1, (N, 3, 28, 28)).astype(np.float32)
    found = stacked_report(noise, real)
    assert found["stacked/covered"] < 5 and found["stacked/sure"] > 0.95
    assert found["stacked/fd_lenet"] > 300


def test_other_shapes_are_one_clear_sentence(stack, real):
    for images in (stack.x[:, :1], stack.x[0], stack.x[:, :, :27]):
        with pytest.raises(UserError, match=r"三位数图像要是 \(N, 3, 28, 28\)"):
            stacked_report(images, real)
    assert three_planes(stack.x)[5, 0] == pytest.approx(stack.x[1, 2])


def test_the_triplets_are_uniform_and_repeat_with_their_seed():
    data = StackedDigits()
    first, again, other = (
        data.batch(Labeled, (np.arange(5000),), np.random.default_rng(seed)).labels
        for seed in (2, 2, 3)
    )
    assert (first == again).all() and (first != other).mean() > 0.99
    counts = np.bincount(first, minlength=1000)
    # χ² 有 999 个自由度：平均 999，标准差 √(2·999) = 44.7
    chi_square = ((counts - 5) ** 2 / 5).sum()
    assert abs(chi_square - 999) < 5 * 44.7
    for part in np.unravel_index(first, (10, 10, 10)):  # 三个通道各自都均匀
        assert np.bincount(part, minlength=10) == pytest.approx(500, abs=5 * 21.3)
    assert data.batch(Images, (np.arange(2),), np.random.default_rng(2)).x.shape == (2, 3, 28, 28)
