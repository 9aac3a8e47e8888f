"""还原残缺的图的分数：另算一遍对得上；补洞只看洞里；旁边是不用训练的几种办法。"""

import cv2
import numpy as np
import pytest

from paddle_gan.data import DATASETS, Digits, Pair
from paddle_gan.data.degraded import Degraded
from paddle_gan.data.masked import Masked
from paddle_gan.errors import UserError
from paddle_gan.evaluation.scorers import SCORERS
from paddle_gan.evaluation.scorers_restoration import (
    DigitRestoration,
    Restoration,
    nearest,
    unrestored,
)
from paddle_gan.methods import METHODS
from paddle_gan.metrics.image_scores import edge_strength, edge_strength_inside, psnr
from paddle_gan.monitor.glossary import GLOSSARY

RNG = np.random.default_rng(0)
N = 40


class Answers:
    """不管问什么，都答这些图。"""

    def __init__(self, images):
        self.images = images

    def translate(self, images, direction):
        return self

    def numpy(self):
        return self.images


def scorer(kind: type, data: type, **options):
    halves = (data(of="digits", split=split, **options) for split in ("train", "test"))
    return kind(*halves, samples=N, seed=0)


def test_psnr_is_ten_times_the_logarithm_of_the_mean_square_in_unit_pixels():
    a, b = (RNG.uniform(-1, 1, (3, 1, 5, 6)) for _ in range(2))
    error = np.mean([((p - q) / 2) ** 2 for p, q in zip(a, b)])
    assert psnr(a, b) == pytest.approx(10 * np.log10(1 / error))
    assert psnr(np.zeros((1, 1, 2, 2)), np.full((1, 1, 2, 2), 0.2)) == pytest.approx(20)


def test_inside_a_rectangle_both_scores_are_those_of_the_rectangle_cut_out():
    a, b = (RNG.uniform(-1, 1, (3, 3, 7, 8)) for _ in range(2))
    inside = np.zeros((3, 1, 7, 8), bool)
    inside[:, :, 2:5, 1:7] = True
    assert psnr(a, b, inside) == pytest.approx(psnr(a[:, :, 2:5, 1:7], b[:, :, 2:5, 1:7]))
    assert edge_strength_inside(a, inside) == pytest.approx(edge_strength(a[:, :, 2:5, 1:7]))


def test_bicubic_is_a_cubic_convolution_computed_by_hand():
    row = RNG.uniform(-0.2, 0.2, 7).astype(np.float32)
    made = unrestored(np.tile(row, (1, 1, 7, 1)), np.zeros((1, 1, 28, 28)))[0, 0]
    column = 13  # 小图上的坐标 (13 + 0.5)/4 − 0.5 = 2.875
    t, a = 0.875, -0.75  # OpenCV 的三次卷积，Keys（1981）的核，a = −0.75

    def weight(d):
        d = abs(d)
        near = (a + 2) * d**3 - (a + 3) * d**2 + 1
        far = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
        return near if d <= 1 else far

    expected = sum(row[1 + k] * weight(t + 1 - k) for k in range(4))
    assert made[14, column] == pytest.approx(expected, abs=1e-5)
    assert np.abs(made - made[:1]).max() < 1e-5


def test_the_nearest_is_the_truth_of_the_most_alike_training_picture():
    x, y = (RNG.uniform(-1, 1, (6, 1, 3, 3)).astype(np.float32) for _ in range(2))
    asked = x[[4, 0, 4]] + 0.01
    assert np.array_equal(nearest(asked, Pair(x, y)), y[[4, 0, 4]])


def test_super_resolution_is_scored_on_the_whole_picture_beside_bicubic():
    one = scorer(Restoration, Degraded, factor=4)
    found = one.baselines()
    assert list(found) == ["双三次放大", "照抄最像的训练图", "真值"]
    large = [cv2.resize(x[0], (28, 28), interpolation=cv2.INTER_CUBIC) for x in one.x]
    large = np.stack(large)[:, None].clip(-1, 1)
    mean = np.mean((large - one.y) ** 2 / 4)
    assert found["双三次放大"]["restoration/psnr"] == pytest.approx(-10 * np.log10(mean), rel=1e-5)
    blurred = found["双三次放大"]["restoration/edges"]
    assert blurred < 0.7 < found["照抄最像的训练图"]["restoration/edges"]
    assert one.score(Answers(large)) == pytest.approx(found["双三次放大"])


def test_a_hole_is_scored_only_inside():
    one = scorer(Restoration, Masked, size=32, hole=16)
    assert list(one.baselines()) == ["填平均色", "照抄最像的训练图", "真值"]
    made = np.where(one.holes, 0.9 * one.y, RNG.uniform(-1, 1, one.y.shape))
    cut = (0.1 * one.y[:, :, 8:24, 8:24]) ** 2 / 4
    found = one.score(Answers(made.astype(np.float32)))
    assert found["restoration/psnr"] == pytest.approx(-10 * np.log10(cut.mean()), rel=1e-5)
    assert found["restoration/edges"] == pytest.approx(0.9, rel=1e-5)


def test_a_hole_without_two_neighbours_has_no_edges_and_says_what_to_change():
    none = np.zeros((3, 1, 7, 8), bool)
    none[:, :, 2, 3] = True
    assert edge_strength_inside(RNG.uniform(-1, 1, (3, 3, 7, 8)), none) == 0
    with pytest.raises(UserError, match="洞里没有相邻而不同色的两点.*请把 data.hole 改大，或从"):
        scorer(Restoration, Masked, size=32, hole=1)


@pytest.mark.parametrize("data", [Degraded, Masked])
def test_digits_are_also_read_and_compared_in_the_features_of_the_lenet(data):
    one = scorer(DigitRestoration, data)
    rows = one.baselines()
    assert rows["真值"]["restoration/fd_lenet"] == pytest.approx(0, abs=1e-3)
    assert rows["真值"]["restoration/accuracy"] > 0.9
    trivial = rows["双三次放大" if data is Degraded else "填平均色"]
    assert trivial["restoration/accuracy"] < 0.8 and trivial["restoration/fd_lenet"] > 20
    wrong = np.roll(one.y, N // 2, axis=0)  # 张张都是别的数字
    assert one.score(Answers(wrong))["restoration/accuracy"] < 0.2
    labels = Digits(split="test").labels
    assert np.array_equal(one.labels, labels[np.linspace(0, 999, N).astype(int)])


def test_they_fit_only_restoring_and_only_digits_have_a_lenet():
    digits, faces = (DATASETS["masked"](of=of, split="test") for of in ("digits", "emoji"))
    edges = DATASETS["edge_digits"](split="test")
    for name in ("sr_gan", "inpainting", "pix2pix"):
        assert Restoration.fits(METHODS[name], digits, digits)
    assert not Restoration.fits(METHODS["dcgan"], digits, digits)
    assert not Restoration.fits(METHODS["pix2pix"], edges, edges)
    assert DigitRestoration.fits(METHODS["inpainting"], digits, digits)
    assert not DigitRestoration.fits(METHODS["inpainting"], faces, faces)
    for name in ("restoration", "restoration_digits"):
        assert set(SCORERS[name].keys) <= set(GLOSSARY)
