"""按类别生成的样本怎样打分：听话、同一类里的花样、FD-LeNet、教出的 1 近邻，旁边是取巧的办法。"""

from functools import cache
from typing import NamedTuple

import numpy as np

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_classes import ObedienceScorer, labelled_images
from paddle_gan.evaluation.scorers_digits import FrechetLeNet
from paddle_gan.evaluation.scorers_samples import flat
from paddle_gan.metrics.distances import check_pair, distance_blocks
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.obedience import within_class_distance

SCORED = 4000  # 打分的样本数：与训练集一样多，各类一样多
COPIES = 100  # 每类只有一张的，抄几份


class Judges(NamedTuple):
    """打分的几样：听话与花样、FD、真实的训练图像与类别、拿它们学 1 近邻的正确率。"""

    obedience: ObedienceScorer
    frechet: FrechetLeNet
    x: np.ndarray
    labels: np.ndarray
    nn: float

    def glimpse(self, images: np.ndarray, wanted: np.ndarray) -> dict[str, float]:
        """听话的比例，同一类里的花样是真实图像的几成。"""
        return self.obeyed(images, wanted, digit_features(images)[1])

    def obeyed(self, images, wanted, probabilities) -> dict[str, float]:
        """同 glimpse，LeNet 的概率已经有了。"""
        accuracy = float((probabilities.argmax(axis=1) == wanted).mean())
        spread = within_class_distance(images, wanted) / self.obedience.spread
        return {"accuracy": accuracy, "spread": spread}

    def all_of(self, images, wanted, found=None) -> dict[str, float]:
        """一堆图像与要的类别的全部分数；found 是 LeNet 的特征与概率，没有就现算。"""
        features, probabilities = found or digit_features(images)
        fd = self.frechet.report(features, probabilities)["fd_lenet"]
        nn = taught(images, wanted, self.obedience)
        scores = {"fd": fd, "nn": nn, "nn_gap": self.nn - nn}
        return self.obeyed(images, wanted, probabilities) | scores


def taught(images: np.ndarray, wanted: np.ndarray, test: ObedienceScorer) -> float:
    """拿这些图像与要的类别学 1 近邻（像素的距离），认真实测试图像的正确率。"""
    blocks = distance_blocks(*check_pair(flat(test.real), flat(images)))
    guessed = np.concatenate([wanted[block.argmin(axis=1)] for _, block in blocks])
    return float((guessed == test.labels).mean())


@cache
def judges() -> Judges:
    """一个进程里只搭一次。"""
    train, test = Digits(), Digits(split="test")
    obedience, frechet = (kind(train, test, SCORED, 0) for kind in (ObedienceScorer, FrechetLeNet))
    x, labels = labelled_images(train)
    return Judges(obedience, frechet, x, labels, taught(x, labels, obedience))


@cache
def rows_beside() -> dict[str, dict[str, float]]:
    """参照：训练集自己；类别打乱的真图（不听话，FD 看不出来）；每类只有一张（句句听话）。"""
    judge = judges()
    x, labels, found = judge.x, judge.labels, digit_features(judge.x)
    shuffled = labels[np.random.default_rng(0).permutation(len(labels))]
    real = judge.all_of(x, labels, found)
    first = np.repeat([(labels == label).argmax() for label in range(10)], COPIES)
    return {
        "真实的训练图像": real,
        "真图，类别打乱": judge.obeyed(x, shuffled, found[1]) | {"fd": real["fd"]},
        "每类只有一张真图": judge.all_of(x[first], labels[first], [part[first] for part in found]),
    }
