"""每个指标怎样从方法取样本、与哪份参照比较；SCORERS 是全部指标的表。

一个打分器：keys 是它给出的量，fits() 说它能不能用、needs 说为什么不能，
score(method) 打分，baselines() 是参照的分数。手写数字的几个在 scorers_digits.py，
没有真值的翻译在 scorers_unpaired.py。
"""

from statistics import harmonic_mean

import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images, Pair, Unpaired
from paddle_gan.data.toy import Grid, Ring, SwissRoll, TwoLines
from paddle_gan.evaluation.scorers_digits import (
    FrechetLeNet,
    InceptionStyleLeNet,
    KernelLeNet,
    PrdcLeNet,
    PrdLeNet,
    StackedScorer,
)
from paddle_gan.evaluation.scorers_samples import (
    CHUNK,
    all_images,
    flat,
    generate,
    real_images,
    some_rows,
)
from paddle_gan.evaluation.scorers_unpaired import UnpairedScorer
from paddle_gan.methods.abilities import Generates, Translates
from paddle_gan.methods.base import Method
from paddle_gan.metrics.frechet import fit_pca, frechet_distance, project
from paddle_gan.metrics.image_scores import PCA_COMPONENTS
from paddle_gan.metrics.memorisation import nearest_ratio, one_nn_accuracy
from paddle_gan.metrics.modes import mode_report
from paddle_gan.metrics.style_judge import StyleJudge
from paddle_gan.metrics.translation import correlation, l1_ink, retrieval_at_1
from paddle_gan.metrics.transport import sliced_wasserstein, wasserstein

PLAN_POINTS = 1000  # 精确的 W₁ 用这么多个点：指派问题 O(n³)，这样不到一秒


class ModeScorer:
    """二维高斯混合：覆盖的模式、高质量比例、反向 KL。"""

    keys = tuple(
        f"modes/{key}"
        for key in ("covered", "covered_1pct", "high_quality", "reverse_kl", "off_mode_kl")
    )

    needs = "要知道真模式在哪里；能用它的数据集有：ring, grid"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(train, (Ring, Grid)) and issubclass(method, Generates)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.data, self.samples = train, samples

    def score(self, method: Method) -> dict[str, float]:
        return mode_report(generate(method, self.samples), self.data.modes, self.data.std)

    def baselines(self) -> dict[str, dict[str, float]]:
        real = self.data.sample(self.samples, np.random.default_rng(0))
        return {"真实数据": mode_report(real, self.data.modes, self.data.std)}


class WassersteinScorer:
    """二维数据：精确的 W₁（至多 1,000 个点）与切片 W₁。"""

    keys = ("wasserstein/w1", "wasserstein/sliced")

    needs = "要能随意采真样本的二维数据；能用它的数据集有：ring, grid, swiss_roll, two_lines"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        known = (Ring, Grid, SwissRoll, TwoLines)
        return isinstance(train, known) and issubclass(method, Generates)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.data, self.samples = train, samples
        self.real = train.sample(samples, np.random.default_rng(1))

    def score(self, method: Method) -> dict[str, float]:
        return self._report(generate(method, self.samples))

    def baselines(self) -> dict[str, dict[str, float]]:
        # 同一分布的另一组样本：样本有限，这个值不是 0，它才是下限
        return {"真实数据": self._report(self.data.sample(self.samples, np.random.default_rng(0)))}

    def _report(self, points: np.ndarray) -> dict[str, float]:
        exact = wasserstein(points[:PLAN_POINTS], self.real[:PLAN_POINTS])
        return dict(zip(self.keys, (exact, sliced_wasserstein(points, self.real))))


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


class MemorisationScorer:
    """是不是在照抄训练图像：最近距离之比、1 近邻检验，在训练图像的前 64 个主成分上算。

    不用 LeNet 的特征：它就是用这批训练图像训练的，留出的图像在它的特征里离得偏远。
    """

    keys = ("memorisation/nearest_ratio", "memorisation/one_nn")

    needs = "只用于从噪声生成图像的方法，训练与测试图像都要多于 64 张"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        if len(train.shape) != 3 or not issubclass(method, Generates):
            return False
        lengths = [*train.lengths(Images), *test.lengths(Images)]
        return min(lengths) > PCA_COMPONENTS

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


class TranslationScorer:
    """有隐藏真值的图像翻译：像目标字体吗，是同一个字吗，离真值多远。"""

    keys = tuple(
        f"translation/{key}" for key in ("correlation", "retrieval", "style", "l1", "score")
    )

    needs = "只用于图像翻译，还要测试集有成对的真值；能用它的数据集有：glyphs"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return issubclass(method, Translates) and Pair in test.batch_types

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
    "wasserstein": WassersteinScorer,
    "fd_lenet": FrechetLeNet,
    "kd_lenet": KernelLeNet,
    "is_lenet": InceptionStyleLeNet,
    "prdc_lenet": PrdcLeNet,
    "prd_lenet": PrdLeNet,
    "stacked_modes": StackedScorer,
    "fd_pca64": PCAScorer,
    "memorisation": MemorisationScorer,
    "translation": TranslationScorer,
    "translation_unpaired": UnpairedScorer,
}
