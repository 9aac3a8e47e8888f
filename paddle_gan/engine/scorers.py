"""每个指标怎样从方法取样本、与哪份参照比较。

一个打分器：keys 是它给出的量，fits() 说它能不能用、needs 说为什么不能，
score(method) 打分，baselines() 是参照的分数。
"""

from statistics import harmonic_mean

import cv2
import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images, Pair, Unpaired
from paddle_gan.data.digits import Digits
from paddle_gan.data.toy import Grid, Ring
from paddle_gan.data.vision import Mnist
from paddle_gan.engine.translation import translates
from paddle_gan.methods.base import Method
from paddle_gan.metrics.frechet import fit_pca, frechet_distance, project
from paddle_gan.metrics.image_scores import PCA_COMPONENTS
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.modes import class_report, mode_report
from paddle_gan.metrics.style_judge import StyleJudge
from paddle_gan.metrics.translation import correlation, l1_ink, retrieval_at_1

CHUNK = 500  # 每次过网络多少个，限制内存
MAX_REAL = 5000  # 参照最多用这么多张真实图像，均匀取；再多对分数几乎没有影响


class ModeScorer:
    """二维高斯混合：覆盖的模式、高质量比例、反向 KL。"""

    keys = ("modes/covered", "modes/covered_1pct", "modes/high_quality", "modes/reverse_kl")

    needs = "要知道真模式在哪里；能用它的数据集有：ring, grid"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(train, (Ring, Grid))

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.data, self.samples = train, samples

    def score(self, method: Method) -> dict[str, float]:
        return mode_report(generate(method, self.samples), self.data.modes, self.data.std)

    def baselines(self) -> dict[str, dict[str, float]]:
        real = self.data.sample(self.samples, np.random.default_rng(0))
        return {"真实数据": mode_report(real, self.data.modes, self.data.std)}


class DigitScorer:
    """手写数字：FD-LeNet 与十个类别的覆盖。"""

    keys = ("fd_lenet", "classes/covered", "classes/reverse_kl")

    needs = "只认手写数字；能用它的数据集有：digits, mnist"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(train, (Digits, Mnist))

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.samples, self.value_range = samples, train.value_range
        self.train, self.test = (lenet_input(real_images(d), d.value_range) for d in (train, test))
        self.features, _ = digit_features(self.test)

    def score(self, method: Method) -> dict[str, float]:
        return self._report(lenet_input(generate(method, self.samples), self.value_range))

    def baselines(self) -> dict[str, dict[str, float]]:
        return {"真实数据（训练集）": self._report(self.train)}

    def _report(self, images: np.ndarray) -> dict[str, float]:
        features, probabilities = digit_features(images)
        distance = frechet_distance(features, self.features)
        return {"fd_lenet": distance, **class_report(probabilities.argmax(axis=1), 10)}


class PCAScorer:
    """任意图像：FD-PCA64。"""

    keys = ("fd_pca64",)

    needs = "只用于从噪声生成图像的方法"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return len(train.shape) == 3 and not translates(method)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.samples = samples
        self.train = real_images(train)
        self.mean, self.basis = fit_pca(flat(self.train), PCA_COMPONENTS)
        self.real, self.held_out = self._project(self.train), self._project(real_images(test))

    def score(self, method: Method) -> dict[str, float]:
        fake = self._project(generate(method, self.samples))
        return {"fd_pca64": frechet_distance(fake, self.real)}

    def baselines(self) -> dict[str, dict[str, float]]:
        if len(self.held_out) <= PCA_COMPONENTS:  # 测试图像太少，协方差没有意义
            return {}
        return {"真实数据（测试集）": {"fd_pca64": frechet_distance(self.held_out, self.real)}}

    def _project(self, images: np.ndarray) -> np.ndarray:
        return project(flat(images), self.mean, self.basis)


class TranslationScorer:
    """有隐藏真值的图像翻译：像目标字体吗，是同一个字吗，离真值多远。"""

    keys = tuple(
        f"translation/{key}" for key in ("correlation", "retrieval", "style", "l1", "score")
    )

    needs = "只用于图像翻译，还要测试集有成对的真值；能用它的数据集有：glyphs"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return translates(method) and Pair in test.batch_types

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        (length,) = test.lengths(Pair)
        indices = (np.arange(min(samples, length)),)
        self.x, self.y = test.batch(Pair, indices, np.random.default_rng(0))
        unpaired = tuple(np.arange(length) for length in train.lengths(Unpaired))
        real = train.batch(Unpaired, unpaired, np.random.default_rng(0))
        self.judge = StyleJudge(real.x, real.y, seed=0)

    def score(self, method: Method) -> dict[str, float]:
        batches = [paddle.to_tensor(self.x[i : i + CHUNK]) for i in range(0, len(self.x), CHUNK)]
        return self._report(
            np.concatenate([method.translate(batch, "x2y").numpy() for batch in batches])
        )

    def baselines(self) -> dict[str, dict[str, float]]:
        blank = np.ones_like(self.y)
        rows = {"不翻译": self.x, "白纸": blank, "真值": self.y}
        return {name: self._report(images) for name, images in rows.items()}

    def _report(self, images: np.ndarray) -> dict[str, float]:
        related = correlation(images, self.y)
        found, styled = retrieval_at_1(images, self.y), self.judge.fraction_y(images)
        # 调和平均：三者有一个接近 0，总分就接近 0
        score = harmonic_mean([max(related, 0.0), found, styled])
        values = (related, found, styled, l1_ink(images, self.y), score)
        return dict(zip(self.keys, values))


SCORERS = {
    "modes": ModeScorer,
    "fd_lenet": DigitScorer,
    "fd_pca64": PCAScorer,
    "translation": TranslationScorer,
}


def generate(method: Method, samples: int) -> np.ndarray:
    """生成 samples 个样本 (samples, ...)，分批进行。"""
    sizes = [min(CHUNK, samples - done) for done in range(0, samples, CHUNK)]
    return np.concatenate([method.generate(method.noise(n)).numpy() for n in sizes])


def real_images(dataset: Dataset) -> np.ndarray:
    """数据集的图像 (N, C, H, W)，float32；超过 MAX_REAL 张时均匀取 MAX_REAL 张。"""
    (length,) = dataset.lengths(Images)
    index = np.linspace(0, length - 1, min(length, MAX_REAL)).astype(np.int64)
    return dataset.batch(Images, (index,), np.random.default_rng(0)).x


def flat(images: np.ndarray) -> np.ndarray:
    """(N, C, H, W) → (N, C·H·W)。"""
    return images.reshape(len(images), -1)


def lenet_input(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """换到 LeNet 要的 (N, 1, 28, 28)、[−1, 1]。"""
    low, high = value_range
    images = (images - low) / (high - low) * 2 - 1
    if images.shape[2:] == (28, 28):
        return images
    resized = [cv2.resize(i[0], (28, 28), interpolation=cv2.INTER_AREA) for i in images]
    return np.stack(resized)[:, None].astype(np.float32)
