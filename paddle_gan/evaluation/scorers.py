"""每个指标怎样从方法取样本、与哪份参照比较；SCORERS 是全部指标的表。

一个打分器：keys 是它给出的量，fits() 说它能不能用、needs 说为什么不能，
score(method) 打分，baselines() 是参照的分数。二维点的几个在 scorers_points.py，手写数字的在
scorers_digits.py，按类别生成的在 scorers_classes.py，由像素算的在 scorers_pixels.py，
图像翻译的在 scorers_translation.py，还原残缺的图的在 scorers_restoration.py，
序列的在 scorers_sequences.py，诗的在 scorers_poems.py。
"""

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images, Labeled, Unpaired
from paddle_gan.errors import notice
from paddle_gan.evaluation.scorers_anomaly import AnomalyScorer
from paddle_gan.evaluation.scorers_classes import CodeScorer, ObedienceScorer
from paddle_gan.evaluation.scorers_digits import (
    SAME_COUNT,
    FrechetLeNet,
    InceptionStyleLeNet,
    KernelLeNet,
    PrdcLeNet,
    PrdLeNet,
    StackedScorer,
)
from paddle_gan.evaluation.scorers_held_out import HeldOutScorer
from paddle_gan.evaluation.scorers_labels import ClassificationScorer
from paddle_gan.evaluation.scorers_pixels import Edges, PixelStd, Reconstruction
from paddle_gan.evaluation.scorers_poems import PoemScorer
from paddle_gan.evaluation.scorers_points import (
    GaussianFitScorer,
    GeneratorsScorer,
    ModeScorer,
    WassersteinScorer,
)
from paddle_gan.evaluation.scorers_restoration import DigitRestoration, Restoration
from paddle_gan.evaluation.scorers_samples import (
    all_images,
    flat,
    generate,
    real_images,
    some_rows,
)
from paddle_gan.evaluation.scorers_sequences import SequenceScorer
from paddle_gan.evaluation.scorers_translation import TranslationScorer, UnpairedScorer
from paddle_gan.methods.abilities import Generates
from paddle_gan.methods.base import Method
from paddle_gan.metrics.frechet import fit_pca, frechet_distance, project
from paddle_gan.metrics.image_scores import PCA_COMPONENTS
from paddle_gan.metrics.memorisation import nearest_ratio, one_nn_accuracy
from paddle_gan.metrics.prdc import density_coverage, precision_recall
from paddle_gan.run.missing import Missing

FEWEST = 10  # 少于这么多张真实图像，不算 FD-PCA64


class PCAScorer:
    """任意图像：FD-PCA64。"""

    keys = ("fd_pca64",)

    needs = "只用于从噪声生成图像的方法"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return len(train.shape) == 3 and issubclass(method, Generates)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.samples = samples
        self.train = real_images(train)
        n, d = flat(self.train).shape
        self.components = min(PCA_COMPONENTS, n - 1, d)
        if self.components < PCA_COMPONENTS:
            notice(
                f"{n} 张 {d} 维的训练图像只有 {self.components} 个主成分，"
                f"fd_pca64 只用它们来算，不能与用 {PCA_COMPONENTS} 个的比"
            )
        self.mean, self.basis = fit_pca(flat(self.train), self.components)
        # 测试图像就是训练图像，或太少（协方差没有意义）时，没有真实对真实的参照
        self.comparable = test.held_out and max(test.lengths(Images)) > self.components
        self.real, self.held_out = self._project(self.train), self._project(real_images(test))

    def score(self, method: Method) -> dict[str, float]:
        fake = self._project(generate(method, self.samples))
        return {"fd_pca64": frechet_distance(fake, self.real)}

    def baselines(self) -> dict[str, dict[str, float]]:
        if not self.comparable:
            return {}
        return {"真实数据（测试集）": {"fd_pca64": frechet_distance(self.held_out, self.real)}}

    def _project(self, images: np.ndarray) -> np.ndarray:
        return project(flat(images), self.mean, self.basis)


class MemorisationScorer:
    """是不是在照抄训练图像：最近距离之比、1 近邻检验，在训练图像的前 64 个主成分上算。

    不用 LeNet 的特征：它就是用这批训练图像训练的，留出的图像在它的特征里离得偏远。
    """

    keys = ("memorisation/nearest_ratio", "memorisation/one_nn")

    needs = PCAScorer.needs

    fits = PCAScorer.fits

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.samples = samples
        self.mean, self.basis = fit_pca(flat(real_images(train)), PCA_COMPONENTS)
        # 训练图像一张也不能少：照抄了没有比到的那些，就看不出来
        parts = [self._project(images) for images in all_images(train)]
        self.train, self.held_out = np.concatenate(parts), self._project(real_images(test))

    def score(self, method: Method) -> dict[str, float]:
        return self._report(self._project(generate(method, self.samples)))

    def baselines(self) -> dict[str, dict[str, float]]:
        copies = some_rows(self.train, self.samples, seed=0)
        return {
            "真实数据（测试集）": self._report(self.held_out),
            "照抄训练集": self._report(copies),
        }

    def _report(self, features: np.ndarray) -> dict[str, float]:
        count = min(len(features), len(self.train))
        ratio = nearest_ratio(features, self.train, self.held_out)
        one_nn = one_nn_accuracy(features[:count], some_rows(self.train, count, seed=0))
        return dict(zip(self.keys, (ratio, one_nn)))

    def _project(self, images: np.ndarray) -> np.ndarray:
        return project(flat(images), self.mean, self.basis)


class PrdcPCA:
    """任意图像：训练图像前 64 个主成分上的精度、召回（k = 3），密度、覆盖（k = 5）。

    真实的一边是测试图像；参照“真实数据（同样张数）”是训练图像里随机的、与生成样本一样多的。
    """

    keys = tuple(f"prdc_pca64/{key}" for key in ("precision", "recall", "density", "coverage"))

    needs = PCAScorer.needs

    fits = PCAScorer.fits

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.samples, real = samples, real_images(train)
        self.mean, self.basis = fit_pca(flat(real), PCA_COMPONENTS)
        self.train, self.held_out = self._project(real), self._project(real_images(test))

    def score(self, method: Method) -> dict[str, float]:
        return self._report(self._project(generate(method, self.samples)))

    def baselines(self) -> dict[str, dict[str, float]]:
        return {SAME_COUNT: self._report(some_rows(self.train, self.samples, seed=0))}

    def _report(self, features: np.ndarray) -> dict[str, float]:
        near = precision_recall(features, self.held_out)
        return dict(zip(self.keys, (*near, *density_coverage(features, self.held_out))))

    def _project(self, images: np.ndarray) -> np.ndarray:
        return project(flat(images), self.mean, self.basis)


def shortage(name: str, train: Dataset, test: Dataset) -> str:
    """指标 name 用得上，但图像不够、算不了的原因；够了是空串。"""
    if name == "fd_pca64" and max(train.lengths(Images)) < FEWEST:
        return (
            f"训练图像只有 {max(train.lengths(Images))} 张，少于 {FEWEST} 张，均值与协方差没有意义"
        )
    if name == "translation_unpaired":
        counts = train.lengths(Unpaired) + test.lengths(Unpaired)
        if min(counts) < 2:
            return "两个域的训练与测试图像都要至少两张"
    if name == "obedience":
        count = max(test.lengths(Labeled))
        if count < 2 * test.num_classes:
            return f"{test.num_classes} 类的测试图像只有 {count} 张，每类不到两张，没有类内的距离"
    if name in ("memorisation", "prdc_pca64", "held_out"):
        if not test.held_out:
            return "没有训练没见过的测试图像，无从比较；可以用 data.test_fraction 留出一些"
        if name == "held_out":
            return ""
        counts = [max(data.lengths(Images)) for data in (train, test)]
        if min(counts) <= PCA_COMPONENTS:
            return (
                f"训练与测试图像要各多于 {PCA_COMPONENTS} 张，现在是 {counts[0]} 与 {counts[1]} 张"
            )
    return ""


# 与训练真正见到的几张比的；别的与整个训练集比，few 只取其中几张时，分数才可比
SEEN = ("memorisation", "held_out")


def compared(name: str, train: Dataset) -> Dataset:
    """指标 name 的参照取自哪一份训练数据。"""
    return train if name in SEEN else train.whole


SCORERS = {
    "modes": ModeScorer,
    "generators": GeneratorsScorer,
    "wasserstein": WassersteinScorer,
    "gaussian_fit": GaussianFitScorer,
    "fd_lenet": FrechetLeNet,
    "kd_lenet": KernelLeNet,
    "is_lenet": InceptionStyleLeNet,
    "prdc_lenet": PrdcLeNet,
    "prd_lenet": PrdLeNet,
    "stacked_modes": StackedScorer,
    "obedience": ObedienceScorer,
    "codes": CodeScorer,
    "fd_pca64": PCAScorer,
    "prdc_pca64": PrdcPCA,
    "memorisation": MemorisationScorer,
    "held_out": HeldOutScorer,
    "classification": ClassificationScorer,
    "anomaly": AnomalyScorer,
    "pixel_std": PixelStd,
    "edges": Edges,
    "reconstruction": Reconstruction,
    "translation": TranslationScorer,
    "translation_unpaired": UnpairedScorer,
    "restoration": Restoration,
    "restoration_digits": DigitRestoration,
    "sequences": SequenceScorer,
    "poems": PoemScorer,
}


def computable(names: list[str], method: Method) -> list[str]:
    """names 里算得了的：随包的训练没有存判别器，问判别器的 held_out 就去掉，说一声。"""
    lost = any(isinstance(network, Missing) for network in method.networks.values())
    if not lost or "held_out" not in names:
        return names
    notice("随包的训练没有存判别器，held_out 不算")
    return [name for name in names if name != "held_out"]
