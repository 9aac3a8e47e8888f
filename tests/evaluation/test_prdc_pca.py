"""任意图像的精度、召回、密度、覆盖：与另一种算法一致，看得出画得不像和画得不全。"""

import numpy as np
import paddle
import pytest

from paddle_gan.data import ImageArrays
from paddle_gan.evaluation.scorers import SCORERS, shortage
from paddle_gan.evaluation.scorers_digits import SAME_COUNT
from paddle_gan.monitor.glossary import GLOSSARY

SHAPE = (6, 6, 3)


class Bank:
    """代替一个方法：生成的总是这些图 uint8 (N, H, W, C)。"""

    def __init__(self, images):
        self.x = images.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1

    def noise(self, n):
        return n

    def generate(self, n):
        return paddle.to_tensor(self.x[:n])


def pictures(count: int, seed: int, modes: int = 3, fine: bool = False) -> np.ndarray:
    """modes 种底色的彩色小图，各有各的花纹：一格 2×2 像素；fine 时逐个像素都不同。"""
    rng = np.random.default_rng(seed)
    ground = np.array([[40, 90, 200], [200, 60, 50], [60, 190, 80]])[rng.integers(0, modes, count)]
    side = 1 if fine else 2
    cells = rng.integers(-30, 30, (count, 6 // side, 6 // side, 3))
    pattern = cells.repeat(side, axis=1).repeat(side, axis=2)
    return (ground[:, None, None] + pattern).astype(np.uint8)


def scorer(samples=90, fine=False):
    train, test = (ImageArrays(pictures(n, seed, fine=fine)) for n, seed in ((120, 0), (80, 1)))
    return SCORERS["prdc_pca64"](train, test, samples, 0)


def by_hand(train: np.ndarray, test: np.ndarray, fake: np.ndarray) -> list[float]:
    """逐对相减的距离、奇异值分解的主成分：照两篇论文的式子直接算。"""
    flat = [x.reshape(len(x), -1) / 127.5 - 1 for x in (train, test, fake)]
    directions = np.linalg.svd(flat[0] - flat[0].mean(axis=0))[2][:64]
    _, real, made = ((x - flat[0].mean(axis=0)) @ directions.T for x in flat)
    across = np.linalg.norm(made[:, None] - real, axis=-1)  # (生成, 真实)
    radius = {}
    for name, x in (("real", real), ("made", made)):
        inside = np.sort(np.linalg.norm(x[:, None] - x, axis=-1), axis=1)
        radius[name] = {k: inside[:, k] for k in (3, 5)}  # 第 0 个是自己
    return [
        (across <= radius["real"][3]).any(axis=1).mean(),
        (across <= radius["made"][3][:, None]).any(axis=0).mean(),
        (across <= radius["real"][5]).sum() / (5 * len(made)),
        (across <= radius["real"][5]).any(axis=0).mean(),
    ]


def test_the_four_numbers_are_those_of_the_papers():
    fake = pictures(90, 2, modes=2, fine=True)
    found = scorer(fine=True).score(Bank(fake))
    expected = by_hand(pictures(120, 0, fine=True), pictures(80, 1, fine=True), fake)
    assert 0 < min(expected) < max(expected)
    assert [*found.values()] == pytest.approx(expected, abs=1e-9)
    names = ("precision", "recall", "density", "coverage")
    assert tuple(found) == SCORERS["prdc_pca64"].keys == tuple(f"prdc_pca64/{n}" for n in names)
    assert set(found) <= set(GLOSSARY)


def test_noise_costs_precision_and_a_lost_colour_costs_recall_and_coverage():
    one = scorer()
    real = one.baselines()[SAME_COUNT]
    noise = np.random.default_rng(3).integers(0, 256, (90, *SHAPE), dtype=np.uint8)
    assert (
        real["prdc_pca64/precision"] > 0.5 > 0.05 > one.score(Bank(noise))["prdc_pca64/precision"]
    )
    lost = one.score(Bank(pictures(90, 2, modes=1)))
    for key in ("recall", "coverage"):
        assert lost[f"prdc_pca64/{key}"] < 0.6 * real[f"prdc_pca64/{key}"]
    assert lost["prdc_pca64/precision"] > 0.5


def test_the_reference_is_as_many_training_pictures():
    few, many = (scorer(samples).baselines()[SAME_COUNT] for samples in (8, 110))
    assert few["prdc_pca64/coverage"] < many["prdc_pca64/coverage"] - 0.2


def test_it_is_skipped_when_there_is_nothing_to_compare_with():
    enough, few = ImageArrays(pictures(120, 0)), ImageArrays(pictures(60, 1))
    assert shortage("prdc_pca64", enough, enough) == ""
    assert "各多于 64 张，现在是 120 与 60 张" in shortage("prdc_pca64", enough, few)
