"""按类别生成的打分器：听不听话（ObedienceScorer），自己学出的编码是不是类别（CodeScorer）。

认类别的裁判：手写数字用随包的 LeNet，别的用训练图像上的线性裁判；它们在真实测试图像上认得多准，
写在参照里。取巧的办法也写在参照里：不看类别的、每类只画一张的。
"""

from collections.abc import Callable

import cv2
import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Labeled
from paddle_gan.data.digits import Digits
from paddle_gan.data.vision import Mnist
from paddle_gan.evaluation.scorers_samples import CHUNK, MAX_REAL, evenly_spaced, flat, lenet_input
from paddle_gan.methods.abilities import Conditional
from paddle_gan.methods.base import Method
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.obedience import LinearJudge, matched_accuracy, within_class_distance

JUDGED_SIDE = 16  # 线性裁判看缩到这么大的图
LEVELS = 6  # 数颜色时每个通道分几级
WEIGHTS = LEVELS ** np.arange(3)
MOST_CLASSES = 100  # 类别太多时，每类分不到几张图
HELD_OUT, SHUFFLED = "真实数据（测试集）", "不看类别（真实图像，类别打乱）"
Judge = Callable[[np.ndarray], np.ndarray]  # 图像 (N, C, H, W) → 类别 (N,)


def labelled_images(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """图像 (N, C, H, W) 与类别 (N,)；超过 MAX_REAL 张时均匀取 MAX_REAL 张。"""
    (length,) = dataset.lengths(Labeled)
    return dataset.batch(Labeled, (evenly_spaced(length, MAX_REAL),), np.random.default_rng(0))


def small(images: np.ndarray) -> np.ndarray:
    """(N, C, H, W) → 缩到 JUDGED_SIDE 以内、摊平的 (N, d)。"""
    height, width = (min(JUDGED_SIDE, side) for side in images.shape[2:])
    resized = [
        cv2.resize(np.moveaxis(image, 0, -1), (width, height), interpolation=cv2.INTER_AREA)
        for image in images
    ]
    return flat(np.stack(resized))


def colours(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """各种颜色占多少 (N, LEVELS^C)：发色、底色这一类，在哪里不要紧，占多少才要紧。"""
    low, high = value_range
    levels = np.clip((images - low) / (high - low) * LEVELS, 0, LEVELS - 1).astype(np.int64)
    bins = np.einsum("ncp,c->np", levels.reshape(*images.shape[:2], -1), WEIGHTS[: levels.shape[1]])
    size = LEVELS ** images.shape[1]
    return np.stack([np.bincount(row, minlength=size) / bins.shape[1] for row in bins])


def judge_of(train: Dataset) -> Judge:
    """认这份数据的类别的裁判。"""
    if isinstance(train, (Digits, Mnist)):
        return lambda x: digit_features(lenet_input(x, train.value_range))[1].argmax(axis=1)
    images, labels = labelled_images(train)

    def seen(x: np.ndarray) -> np.ndarray:
        return np.concatenate([small(x), colours(x, train.value_range)], axis=1)

    judge = LinearJudge(seen(images), labels, train.num_classes)
    return lambda x: judge(seen(x))


def generate_evenly(method: Conditional, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """每类一样多（差至多一个）的样本 (samples, ...) 与要的类别 (samples,)。"""
    wanted = np.arange(samples) % method.classes()
    parts = []
    for start in range(0, samples, CHUNK):
        labels = paddle.to_tensor(wanted[start : start + CHUNK])
        z = method.of_class(method.noise(labels.shape[0]), labels)
        parts.append(method.generate(z).numpy())
    return np.concatenate(parts), wanted


class ObedienceScorer:
    """要哪一类，生成的就是哪一类吗；同一类里的花样有真实数据的几成。"""

    keys = ("obedience/accuracy", "obedience/spread")

    needs = f"只用于按类别生成图像的方法，类别不超过 {MOST_CLASSES} 个"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        if not issubclass(method, Conditional) or method.batch_type is not Labeled:
            return False
        return len(train.shape) == 3 and 2 <= (train.num_classes or 0) <= MOST_CLASSES

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        # 每类至少两张，才有类内的距离
        self.samples, self.judge = max(samples, 2 * train.num_classes), judge_of(train)
        self.real, self.labels = labelled_images(test)
        self.spread = within_class_distance(self.real, self.labels)

    def score(self, method: Method) -> dict[str, float]:
        return self._report(*generate_evenly(method, self.samples))

    def baselines(self) -> dict[str, dict[str, float]]:
        order = np.random.default_rng(0).permutation(len(self.labels))
        # 每类一张：第一个的下标，重复成与测试集一样多
        first = {label: i for i, label in reversed(list(enumerate(self.labels)))}
        copies = self.real[[first[label] for label in self.labels]]
        return {
            HELD_OUT: self._report(self.real, self.labels),
            SHUFFLED: self._report(self.real, self.labels[order]),
            "每类只画一张": self._report(copies, self.labels),
        }

    def _report(self, images: np.ndarray, wanted: np.ndarray) -> dict[str, float]:
        obeyed = float((self.judge(images) == wanted).mean())
        spread = within_class_distance(images, wanted) / self.spread
        return dict(zip(self.keys, (obeyed, spread)))


class CodeScorer:
    """没有看过类别的方法（InfoGAN），学出的编码与数据的类别对得上吗。"""

    keys = ("codes/accuracy",)

    needs = f"只用于自己学出编码的方法（infogan），数据要有类别，不超过 {MOST_CLASSES} 个"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        if not issubclass(method, Conditional) or method.batch_type is Labeled:
            return False
        known = Labeled in train.batch_types and len(train.shape) == 3
        return known and 2 <= (train.num_classes or 0) <= MOST_CLASSES

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.samples, self.judge = samples, judge_of(train)
        self.classes = train.num_classes
        self.real, self.labels = labelled_images(test)

    def score(self, method: Method) -> dict[str, float]:
        images, codes = generate_evenly(method, self.samples)
        return {"codes/accuracy": matched_accuracy(codes, self.judge(images))}

    def baselines(self) -> dict[str, dict[str, float]]:
        judged = self.judge(self.real)
        rows = np.random.default_rng(0).integers(len(judged), size=self.samples)
        random = np.arange(self.samples) % self.classes
        return {
            HELD_OUT: {"codes/accuracy": matched_accuracy(self.labels, judged)},
            "编码什么也不管": {"codes/accuracy": matched_accuracy(random, judged[rows])},
        }
