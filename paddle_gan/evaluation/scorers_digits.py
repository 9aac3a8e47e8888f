"""手写数字的打分器：都用随包的 LeNet，真实的一边都是测试集；另有三位数图像的模式数。"""

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images
from paddle_gan.data.digits import Digits, StackedDigits
from paddle_gan.data.images import to_float
from paddle_gan.data.vision import Mnist
from paddle_gan.evaluation.scorers_samples import generate, lenet_input, real_images, some_rows
from paddle_gan.methods.abilities import Generates
from paddle_gan.methods.base import Method
from paddle_gan.metrics.class_scores import class_score, feature_diversity
from paddle_gan.metrics.frechet import frechet_distance
from paddle_gan.metrics.kernel import kernel_distance
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.modes import class_report, sampling_floor
from paddle_gan.metrics.prd import prd_scores
from paddle_gan.metrics.prdc import density_coverage, precision_recall
from paddle_gan.metrics.stacked import stacked_report

SAME_COUNT = "真实数据（同样张数）"


class DigitScorer:
    """一个指标：子类写 keys，并由 LeNet 的特征 (n, 84) 与概率 (n, 10) 算出它们。

    参照“真实数据（同样张数）”是训练集里随机的、与生成样本一样多的图像，也就是下限（或上限）。
    """

    keys: tuple[str, ...]

    needs = "只认手写数字；能用它的数据集有：digits, mnist"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(train, (Digits, Mnist)) and issubclass(method, Generates)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.samples, self.value_range = samples, train.value_range
        self.train, self.test = (lenet_input(real_images(d), d.value_range) for d in (train, test))
        self.features, _ = digit_features(self.test)

    def score(self, method: Method) -> dict[str, float]:
        return self.of_images(lenet_input(generate(method, self.samples), self.value_range))

    def baselines(self) -> dict[str, dict[str, float]]:
        return {SAME_COUNT: self.of_images(some_rows(self.train, self.samples, seed=0))}

    def of_images(self, images: np.ndarray) -> dict[str, float]:
        return self.report(*digit_features(images))

    def report(self, features: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
        raise NotImplementedError


class FrechetLeNet(DigitScorer):
    """FD-LeNet 与十个类别的覆盖。"""

    keys = ("fd_lenet", "classes/covered", "classes/covered_1pct", "classes/reverse_kl")

    def baselines(self) -> dict[str, dict[str, float]]:
        # 整个训练集各类恰好一样多，是任何随机生成器达不到的下限；同样张数的一行才可比
        return {"真实数据（训练集）": self.of_images(self.train), **super().baselines()}

    def report(self, features: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
        distance = frechet_distance(features, self.features)
        return {"fd_lenet": distance, **class_report(probabilities.argmax(axis=1), 10)}


class KernelLeNet(DigitScorer):
    """KD-LeNet：无偏的核距离。"""

    keys = ("kd_lenet",)

    def report(self, features: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
        return {"kd_lenet": kernel_distance(features, self.features)}


class InceptionStyleLeNet(DigitScorer):
    """IS-LeNet 与特征的多样性：都不看真实的一边。"""

    keys = ("is_lenet", "diversity_lenet")

    def report(self, features: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
        splits = max(1, min(10, len(probabilities) // 250))  # 每份至少 250 张，再少就偏小
        score, _ = class_score(probabilities, splits)
        return {"is_lenet": score, "diversity_lenet": feature_diversity(features)}


class PrdcLeNet(DigitScorer):
    """精度、召回（k = 3），密度、覆盖（k = 5）。"""

    keys = tuple(f"prdc/{key}" for key in ("precision", "recall", "density", "coverage"))

    def report(self, features: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
        pairs = (
            precision_recall(features, self.features),
            density_coverage(features, self.features),
        )
        return dict(zip(self.keys, (*pairs[0], *pairs[1])))


class PrdLeNet(DigitScorer):
    """PRD 曲线的两个 F 值；两边取同样多的样本。"""

    keys = ("prd/f8", "prd/f1_8")

    def report(self, features: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
        count = min(len(features), len(self.features))
        fake, real = features[:count], some_rows(self.features, count, seed=1)
        return dict(zip(self.keys, prd_scores(fake, real)))


class StackedScorer:
    """三位数：LeNet 逐通道认出的 1,000 个模式，旁边是质量（metrics/stacked.py）。"""

    keys = ("stacked/covered", "stacked/reverse_kl", "stacked/sure", "stacked/fd_lenet")

    needs = "要三通道的三位数图像；能用它的数据集有：stacked_digits"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(train, StackedDigits) and issubclass(method, Generates)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.train, self.samples = train, samples
        digits = to_float(test.digit_images, test.value_range)
        self.features, _ = digit_features(lenet_input(digits, test.value_range))

    def score(self, method: Method) -> dict[str, float]:
        return self.of_images(generate(method, self.samples))

    def baselines(self) -> dict[str, dict[str, float]]:
        index = (np.arange(self.samples),)
        real = self.train.batch(Images, index, np.random.default_rng(0)).x
        floor = {"stacked/reverse_kl": sampling_floor(self.train.num_classes, self.samples)}
        return {SAME_COUNT: self.of_images(real), "抽样本身就有的": floor}

    def of_images(self, images: np.ndarray) -> dict[str, float]:
        return stacked_report(lenet_input(images, self.train.value_range), self.features)
