"""点的打分器：数模式、几个生成器怎样分工、到真分布的距离；一维的离散度的极小点多远。"""

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.drawn import Drawn
from paddle_gan.data.toy import GaussianMixture1D, Grid, Ring, SwissRoll, TwoLines
from paddle_gan.evaluation.scorers_samples import generate
from paddle_gan.methods.abilities import Generates, MeasuresDivergence, Mixes
from paddle_gan.methods.base import Method
from paddle_gan.metrics.gaussian_fit import best_gaussians
from paddle_gan.metrics.modes import mode_report, purity_report
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


class GeneratorsScorer:
    """二维高斯混合、几个生成器的方法：怎样分工。"""

    keys = ("generators/purity", "generators/modes")

    needs = "只用于有几个生成器的方法（mad_gan）和知道真模式的数据集（ring, grid）"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(train, (Ring, Grid)) and issubclass(method, Mixes)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.data, self.samples = train, samples

    def score(self, method: Method) -> dict[str, float]:
        z = method.noise(self.samples)
        samples, owners = method.generate(z).numpy(), method.owners(z).numpy()
        return purity_report(samples, owners, self.data.modes)

    def baselines(self) -> dict[str, dict[str, float]]:
        return {}  # 真实数据没有生成器


class WassersteinScorer:
    """二维数据：精确的 W₁（至多 1,000 个点）与切片 W₁。"""

    keys = ("wasserstein/w1", "wasserstein/sliced")

    needs = "要能随意采真样本的二维数据；能用它的数据集有：ring, grid, swiss_roll, two_lines, drawn"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        known = (Ring, Grid, SwissRoll, TwoLines, Drawn)
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


class GaussianFitScorer:
    """一维的混合高斯、f-GAN：样本的均值与标准差，离它那个散度的极小点 N(μ*, σ*²) 多远。

    极小点有几个时，与最近的一个比。
    """

    keys = ("fit/mean", "fit/std", "fit/mean_error", "fit/std_ratio")

    needs = "只用于写明散度的方法（f_gan）和数据集 gaussian_mixture_1d"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(train, GaussianMixture1D) and issubclass(method, MeasuresDivergence)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.data, self.samples = train, samples

    def score(self, method: Method) -> dict[str, float]:
        made = generate(method, self.samples).astype(np.float64)
        mean, std = float(made.mean()), float(made.std())
        p = self.data
        best = best_gaussians(method.divergence(), p.weights, p.means, p.stds)
        near = min(best, key=lambda one: abs(one.mean - mean))
        return dict(zip(self.keys, (mean, std, abs(mean - near.mean), std / near.std)))

    def baselines(self) -> dict[str, dict[str, float]]:
        return {}  # 答案随散度而变，真实数据不是
