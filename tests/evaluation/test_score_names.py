"""分数挨着自己的名字：精确的与切片的，偏召回与偏精度的，参照取了哪些真实图像、几张。"""

from types import SimpleNamespace

import numpy as np
import pytest

from paddle_gan.data.toy import Ring
from paddle_gan.evaluation import scorers_digits, scorers_samples
from paddle_gan.evaluation.scorers import WassersteinScorer


def test_moving_all_points_by_one_is_one_exactly_and_two_over_pi_in_slices():
    ring = Ring()
    scorer = WassersteinScorer(ring, ring, samples=200, seed=0)
    found = scorer._report(scorer.real + np.float32([1, 0]))
    assert found["wasserstein/w1"] == pytest.approx(1, abs=1e-5)
    assert found["wasserstein/sliced"] == pytest.approx(2 / np.pi, abs=0.1)  # |cos θ| 的平均


def blobs(centres, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray(centres)[rng.integers(len(centres), size=n)] + 0.1 * rng.normal(size=(n, 2))


def prd(fake, real) -> dict:
    scorer = scorers_digits.PrdLeNet.__new__(scorers_digits.PrdLeNet)
    scorer.features = real
    return scorer.report(fake, None)


def test_f8_watches_what_is_missing_and_f1_8_what_is_wrong():
    few, many = blobs([(0, 0)], 150, 0), blobs([(0, 0), (9, 9), (0, 9), (9, 0)], 150, 1)
    missing, wrong = prd(few, many), prd(many, few)
    assert missing["prd/f8"] < 0.4 and missing["prd/f1_8"] > 0.8
    assert wrong["prd/f8"] > 0.8 and wrong["prd/f1_8"] < 0.4


class Numbered:
    """第 i 张图处处是 i。"""

    def __init__(self, count: int):
        self.count = count

    def lengths(self, kind):
        return (self.count,)

    def batch(self, kind, indices, rng):
        values = np.broadcast_to(indices[0][:, None, None, None], (len(indices[0]), 1, 2, 3))
        return SimpleNamespace(x=values.astype(np.float32))


@pytest.mark.parametrize(
    ("count", "taken"), [(10, [0, 3, 6, 9]), (4, [0, 1, 2, 3]), (3, [0, 1, 2]), (9, [0, 2, 5, 8])]
)
def test_real_pictures_are_taken_evenly_with_both_ends(count, taken, monkeypatch):
    monkeypatch.setattr(scorers_samples, "MAX_REAL", 4)
    images = scorers_samples.real_images(Numbered(count))
    assert images[:, 0, 0, 0].tolist() == taken


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_all_pictures_come_once_and_in_order(length, monkeypatch):
    monkeypatch.setattr(scorers_samples, "CHUNK", 3)
    parts = list(scorers_samples.all_images(Numbered(length)))
    assert np.concatenate(parts)[:, 0, 0, 0].tolist() == list(range(length))
    assert max(map(len, parts)) <= 3
