"""还原残缺的图（超分辨率、补洞）的打分器：离真值多远、清楚不清楚、手写数字还认不认得出。

补洞只看洞里：洞外是照原样的，算进来谁的分数都好看。旁边是不用训练的三种办法：双三次放大（或填平均色）、
照抄最像的训练图的答案、真值。只看 PSNR 会受骗：它最喜欢几种可能的平均，那是糊的。
"""

import cv2
import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Pair
from paddle_gan.data.digits import Digits
from paddle_gan.data.masked import HOLED
from paddle_gan.data.views import View
from paddle_gan.errors import UserError
from paddle_gan.evaluation.scorers_samples import (
    MAX_REAL,
    evenly_spaced,
    flat,
    lenet_input,
    translations,
)
from paddle_gan.methods.abilities import Translates
from paddle_gan.methods.base import Method
from paddle_gan.metrics.frechet import frechet_distance
from paddle_gan.metrics.image_scores import edge_strength, edge_strength_inside, psnr
from paddle_gan.metrics.lenet import digit_features


class Restoration:
    """任意图像：峰值信噪比，边缘的强弱是真值的几倍。"""

    keys = ("restoration/psnr", "restoration/edges")

    needs = "只用于还原残缺的图（sr_gan、inpainting）；能用它的数据集有：degraded, masked"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return isinstance(test, View) and issubclass(method, Translates)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.index = evenly_spaced(*test.lengths(Pair), samples)
        self.x, self.y = test.batch(Pair, (self.index,), np.random.default_rng(0))
        self.holes = holes_in(self.x)
        self.edges = edges_of(self.y, self.holes)
        if not self.edges:
            where, lever = ("图里", "") if self.holes is None else ("洞里", "请把 data.hole 改大，")
            raise UserError(
                f"测试图像的{where}没有相邻而不同色的两点，量不出清楚不清楚；"
                f"{lever or '请换图像，'}或从 metrics.names 里去掉 restoration"
            )
        (length,) = train.lengths(Pair)
        known = evenly_spaced(length, MAX_REAL)
        self.known = train.batch(Pair, (known,), np.random.default_rng(0))

    def score(self, method: Method) -> dict[str, float]:
        return self.report(translations(method, self.x))

    def baselines(self) -> dict[str, dict[str, float]]:
        rows = {
            "双三次放大" if self.holes is None else "填平均色": unrestored(self.x, self.y),
            "照抄最像的训练图": nearest(self.x, self.known),
        }
        found = {name: self.report(images) for name, images in rows.items()}
        return found | {"真值": self.of_truth()}

    def report(self, images: np.ndarray) -> dict[str, float]:
        edges = edges_of(images, self.holes) / self.edges
        return dict(zip(self.keys, (psnr(images, self.y, self.holes), edges)))

    def of_truth(self) -> dict[str, float]:
        """真值自己的分数；它的 PSNR 是无穷大，不写。"""
        return {"restoration/edges": 1.0}


class DigitRestoration(Restoration):
    """手写数字：还原的图与真值的 FD-LeNet，LeNet 认得对的比例。"""

    keys = ("restoration/fd_lenet", "restoration/accuracy")

    needs = "只用于还原残缺的手写数字；能用它的数据集有：degraded, masked（of: digits）"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return Restoration.fits(method, train, test) and isinstance(test.source, Digits)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        super().__init__(train, test, samples, seed)
        self.labels, self.value_range = test.source.labels[self.index], test.value_range
        self.features, _ = self._seen(self.y)

    def report(self, images: np.ndarray) -> dict[str, float]:
        features, probabilities = self._seen(images)
        right = float((probabilities.argmax(axis=1) == self.labels).mean())
        return dict(zip(self.keys, (frechet_distance(features, self.features), right)))

    def of_truth(self) -> dict[str, float]:
        return self.report(self.y)

    def _seen(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return digit_features(lenet_input(images, self.value_range))


def holes_in(x: np.ndarray) -> np.ndarray | None:
    """洞 bool (N, 1, H, W)；没有说洞在哪里的通道时是 None。"""
    return x[:, -1:] > 0 if x.shape[1] in HOLED else None


def edges_of(images: np.ndarray, holes: np.ndarray | None) -> float:
    """边缘的强弱；有洞时只算洞里。"""
    return edge_strength(images) if holes is None else edge_strength_inside(images, holes)


def unrestored(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """不用训练的还原：小图双三次放大到 y 那么大，挖了洞的照原样（洞里是平均色）。"""
    if x.shape[2:] == y.shape[2:]:
        return x[:, : y.shape[1]]
    height, width = y.shape[2:]
    planes = x.reshape(-1, *x.shape[2:])
    large = [cv2.resize(p, (width, height), interpolation=cv2.INTER_CUBIC) for p in planes]
    return np.stack(large).reshape(y.shape).clip(-1, 1)


def nearest(x: np.ndarray, known: Pair) -> np.ndarray:
    """不训练的还原：在训练集里找最像的残缺的图，照抄它的原图。"""
    a, b = flat(x), flat(known.x)
    # ‖a − b‖² = ‖a‖² − 2ab + ‖b‖²，找最近的 b 用不着 ‖a‖²
    return known.y[((b**2).sum(axis=1) - 2 * a @ b.T).argmin(axis=1)]
