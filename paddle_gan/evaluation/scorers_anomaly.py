"""异常检测：测试集里，正常的那个数字与别的分得开吗；旁边是两个不用 GAN 的办法。"""

import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.data.digits import Digits
from paddle_gan.evaluation.scorers_classes import labelled_images
from paddle_gan.evaluation.scorers_samples import CHUNK, flat, real_images
from paddle_gan.methods.abilities import Detects
from paddle_gan.methods.base import Method
from paddle_gan.metrics.auc import auc
from paddle_gan.metrics.frechet import fit_pca, project
from paddle_gan.metrics.image_scores import PCA_COMPONENTS


def squares(x: np.ndarray) -> np.ndarray:
    """每行的平方和 (n,)。"""
    return (x.astype(np.float64) ** 2).sum(axis=1)


class AnomalyScorer:
    """测试图像的异常分的 AUC；每张的分数只看它自己。"""

    keys = ("anomaly/auc",)

    needs = "只用于给异常打分的方法（anomaly），数据要写明哪个数字是正常的（data.normal）"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        known = isinstance(train, Digits) and train.normal is not None
        return known and issubclass(method, Detects)

    def __init__(self, train: Digits, test: Dataset, samples: int, seed: int):
        self.train = flat(real_images(train))
        self.images, labels = labelled_images(test)
        self.odd = labels != train.normal

    def score(self, method: Detects) -> dict[str, float]:
        pieces = (self.images[i : i + CHUNK] for i in range(0, len(self.images), CHUNK))
        found = [method.anomaly(paddle.to_tensor(piece)).numpy() for piece in pieces]
        return self._report(np.concatenate(found))

    def baselines(self) -> dict[str, dict[str, float]]:
        x, count = flat(self.images), min(PCA_COMPONENTS, len(self.train) - 1)
        mean, basis = fit_pca(self.train, count)
        far = squares(x - mean)
        # 到主成分张成的平面的距离²：勾股定理
        residual = far - squares(project(x, mean, basis))
        return {
            "到正常图的平均的距离": self._report(far),
            f"前 {count} 个主成分还原不了的": self._report(residual),
        }

    def _report(self, scores: np.ndarray) -> dict[str, float]:
        return {self.keys[0]: auc(scores[~self.odd], scores[self.odd])}
