"""训练中给人看的图：固定噪声一张、新噪声一张。"""

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Batches
from paddle_gan.data.images import to_uint8
from paddle_gan.methods.abilities import Translates, Writes
from paddle_gan.methods.base import Method
from paddle_gan.run import runtime
from paddle_gan.viz import image_grid, show_points, text_rows, token_rows

POINT_SHAPES = ((1,), (2,))  # 数轴上、平面上的点
IMAGES, POINTS, TRANSLATIONS = 64, 2000, 8  # 一张图里画多少个样本


def sequence_rows(data: Dataset, tokens: np.ndarray) -> np.ndarray:
    """序列 (N, T) 画成一行一条：有字的写字，没有的一格一种颜色。"""
    if data.characters:
        return text_rows(data.spell(tokens))
    return token_rows(tokens, data.vocabulary)


class Previewer:
    """从同一个方法反复画图；固定噪声由种子决定，每次都是同一批 z（或同一批测试图）。"""

    def __init__(self, method: Method, test: Dataset, seed: int):
        self.method, self.test, self.seed = method, test, seed
        self.count = IMAGES
        if isinstance(method, Translates):
            self.count = TRANSLATIONS
        self.real = None
        if test.shape in POINT_SHAPES:
            self.count, self.real = POINTS, test.sample(POINTS, np.random.default_rng(seed))

    def fixed(self) -> np.ndarray:
        """固定噪声的样本图，uint8 (H, W, 3) 或 (H, W, 1)。"""
        return self._draw(runtime.FIXED_PREVIEW, 0)

    def fresh(self, step: int) -> np.ndarray:
        """每次都换噪声的样本图。"""
        return self._draw(runtime.FRESH_PREVIEW, step)

    def _draw(self, stream: int, step: int) -> np.ndarray:
        runtime.seed_stream(self.seed, stream, step)
        batches = Batches(self.test, self.method.batch_type, self.count, self.seed, position=step)
        samples, columns = self.method.preview(next(batches))
        return self.render(samples.numpy(), columns)

    def render(self, samples: np.ndarray, columns: int) -> np.ndarray:
        """样本 (M, ...) → 一张 uint8 图：图像拼网格，点画散点或直方图，序列一行一条。"""
        if self.real is not None:
            return show_points(samples, self.real, self.test.modes)
        if isinstance(self.method, Writes):
            return sequence_rows(self.test, samples)
        return image_grid(to_uint8(samples, self.test.value_range), columns)
