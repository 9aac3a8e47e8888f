"""认得类别的方法，测试图像认对几成；旁边是什么也不看、总答同一类的。"""

import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Labeled
from paddle_gan.evaluation.scorers_classes import labelled_images
from paddle_gan.evaluation.scorers_samples import CHUNK
from paddle_gan.methods.abilities import Classifies
from paddle_gan.methods.base import Method


class ClassificationScorer:
    """测试图像（评估模式）认对的比例。"""

    keys = ("classification/accuracy",)

    needs = "只用于认得类别的方法（ss_gan），数据要有类别"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return issubclass(method, Classifies) and Labeled in test.batch_types

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.images, self.labels = labelled_images(test)

    def score(self, method: Classifies) -> dict[str, float]:
        pieces = (self.images[i : i + CHUNK] for i in range(0, len(self.images), CHUNK))
        found = [method.classify(paddle.to_tensor(x)).numpy().argmax(axis=1) for x in pieces]
        return {self.keys[0]: float((np.concatenate(found) == self.labels).mean())}

    def baselines(self) -> dict[str, dict[str, float]]:
        most = np.bincount(self.labels).max() / len(self.labels)
        return {"总答最多的一类": {self.keys[0]: float(most)}}
