"""真实与生成样本的特征，投影到至多 DIMENSIONS 维：看板的数据降维页用。

一维、二维的点就是它们自己；手写数字用 LeNet 的特征；别的图像用像素的主成分。
"""

from dataclasses import dataclass

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images
from paddle_gan.evaluation.preview import POINT_SHAPES
from paddle_gan.evaluation.scorers_digits import DigitScorer
from paddle_gan.evaluation.scorers_samples import generate, lenet_input, some_rows
from paddle_gan.methods.base import Method
from paddle_gan.metrics.frechet import fit_pca, project
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.run import runtime

COUNT = 300  # 真实、生成各多少个
DIMENSIONS = 32  # VisualDL 的主成分分析要点数比维数多


@dataclass(frozen=True)
class Cloud:
    """一批样本的特征 (n, d) 与各自认作什么（哪个数字、离哪个模式最近）。"""

    features: np.ndarray
    kinds: list[str]


def real_samples(data: Dataset) -> np.ndarray:
    """COUNT 个真实样本（不够时全取）。"""
    if data.shape in POINT_SHAPES:
        return data.sample(COUNT, np.random.default_rng(0))
    (length,) = data.lengths(Images)
    index = some_rows(np.arange(length), COUNT, seed=0)
    return data.batch(Images, (index,), np.random.default_rng(0)).x


def fake_samples(method: Method, seed: int) -> np.ndarray:
    """COUNT 个生成样本；同样的种子给同样的样本。"""
    runtime.seed_stream(seed, runtime.SAMPLE)
    return generate(method, COUNT)


def nearest(points: np.ndarray, data: Dataset) -> list[str]:
    """每个点离哪个模式最近；不是一维、二维的点时不认。"""
    if data.shape not in POINT_SHAPES:
        return ["不认"] * len(points)
    distances = np.linalg.norm(points[:, None] - data.modes, axis=2)  # (n, K)
    return [f"模式 {number}" for number in distances.argmin(axis=1)]


def clouds(method: Method, data: Dataset, groups: dict[str, np.ndarray]) -> dict[str, Cloud]:
    """几批样本 {名字: (n, ...)} 的特征；主成分由第一批（真实的）定。"""
    if DigitScorer.fits(type(method), data, data):
        seen = {k: digit_features(lenet_input(x, data.value_range)) for k, x in groups.items()}
        features = {name: found for name, (found, _) in seen.items()}
        kinds = {name: list(map(str, p.argmax(axis=1))) for name, (_, p) in seen.items()}
    else:
        features = {name: x.reshape(len(x), -1) for name, x in groups.items()}
        kinds = {name: nearest(x, data) for name, x in features.items()}
    first = next(iter(features.values()))
    most = min(DIMENSIONS, len(first) - 1)
    if first.shape[1] > most:
        mean, basis = fit_pca(first, most)
        features = {name: project(x, mean, basis) for name, x in features.items()}
    return {name: Cloud(x, kinds[name]) for name, x in features.items()}
