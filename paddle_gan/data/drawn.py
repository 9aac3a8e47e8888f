"""自己画的二维分布：在画出的点附近撒点；样本无穷，每批现采。"""

from typing import Annotated

import numpy as np
from pydantic import Field, NonNegativeFloat

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images
from paddle_gan.data.toy import EPOCH_LENGTH

MOST = 1000  # 至多画多少个点：都写在配置里
Coordinate = Annotated[float, Field(ge=-100, le=100)]
Point = Annotated[list[Coordinate], Field(min_length=2, max_length=2)]


class Drawn(Dataset):
    """从画出的点 points (K, 2) 里随便挑一个，加上 σ = std 的高斯噪声；画的是线，没有可数的模式。"""

    batch_types = (Images,)
    shape = (2,)
    modes = None

    def __init__(
        self,
        *,
        points: Annotated[list[Point], Field(min_length=1, max_length=MOST)],
        std: NonNegativeFloat = 0.03,
        split: Split = "train",
    ):
        self.points = np.array(points, float)
        self.std = std

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (EPOCH_LENGTH,)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return Images(self.sample(len(indices[0]), rng))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n 个真样本 (n, 2) float32。"""
        chosen = self.points[rng.integers(len(self.points), size=n)]
        # x = p_k + σ ε，k ~ U{0…K−1}，ε ~ N(0, I)
        return (chosen + self.std * rng.standard_normal((n, 2))).astype(np.float32)
