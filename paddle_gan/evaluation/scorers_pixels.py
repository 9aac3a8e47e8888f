"""由像素算的分数：样本的花样与边缘，还原得好不好；都与真实图像比。"""

import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.evaluation.scorers_samples import CHUNK, generate, real_images
from paddle_gan.methods.abilities import Generates, Reconstructs
from paddle_gan.methods.base import Method
from paddle_gan.metrics.image_scores import edge_strength, pixel_std

HELD_OUT = "真实数据（测试集）"


class Relative:
    """一批图像的一个量，除以训练图像的；子类写 keys 与 measured。"""

    keys: tuple[str, ...]

    needs = "只用于从噪声生成图像的方法"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return len(train.shape) == 3 and issubclass(method, Generates)

    @staticmethod
    def measured(images: np.ndarray) -> float:
        """一批图像 (N, C, H, W) 的量。"""
        raise NotImplementedError

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.samples, self.test = samples, real_images(test)
        # 训练图像全都一样、全是一色时没有可比的，加一个不影响数值的小量
        self.real = self.measured(real_images(train)) + 1e-12

    def score(self, method: Method) -> dict[str, float]:
        return self._report(generate(method, self.samples))

    def baselines(self) -> dict[str, dict[str, float]]:
        return {HELD_OUT: self._report(self.test)}

    def _report(self, images: np.ndarray) -> dict[str, float]:
        return {self.keys[0]: self.measured(images) / self.real}


class PixelStd(Relative):
    """像素的标准差是真实图像的几倍；模式崩溃时接近 0。"""

    keys = ("pixel_std",)
    measured = staticmethod(pixel_std)


class Edges(Relative):
    """边缘的强弱是真实图像的几倍；糊的图小于 1。"""

    keys = ("edges",)
    measured = staticmethod(edge_strength)


class Reconstruction:
    """会还原的方法：测试图像编码再还原，差多少、边缘还剩几成。"""

    keys = ("reconstruction/error", "reconstruction/edges")

    needs = "只用于会还原图像的方法（ae、vae、vae_gan、ebgan、began、mr_gan）"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        return len(train.shape) == 3 and issubclass(method, Reconstructs)

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.test = real_images(test)[:samples]
        self.mean = real_images(train).mean(axis=0, keepdims=True)

    def score(self, method: Method) -> dict[str, float]:
        pieces = (self.test[i : i + CHUNK] for i in range(0, len(self.test), CHUNK))
        parts = [method.reconstruct(paddle.to_tensor(piece)).numpy() for piece in pieces]
        return self._report(np.concatenate(parts))

    def baselines(self) -> dict[str, dict[str, float]]:
        return {"只答平均的图": self._report(np.repeat(self.mean, len(self.test), axis=0))}

    def _report(self, images: np.ndarray) -> dict[str, float]:
        # [−1, 1] 里的差除以 2，是墨量之差
        error = float((((images - self.test) / 2) ** 2).mean())
        return dict(zip(self.keys, (error, edge_strength(images) / edge_strength(self.test))))
