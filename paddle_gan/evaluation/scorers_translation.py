"""图像翻译的打分器：有隐藏真值的（TranslationScorer）与没有真值的（UnpairedScorer）。

没有真值时（CycleGAN 用在你自己的两个目录上）是三问，每问两个方向：译过去再译回来还是它吗
（循环误差）；译文整体像目标域吗（FD-PCA64）；每一张像吗（风格裁判）。没有一个单独可信：原样照抄的
循环误差是 0，照抄训练图像的后两项满分。所以参照里有这几种取巧的办法，模型要三问一起胜过它们。
"""

import math
from collections.abc import Iterator
from statistics import harmonic_mean

import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Pair, Unpaired
from paddle_gan.errors import notice
from paddle_gan.evaluation.scorers_samples import MAX_REAL, evenly_spaced, flat, translations
from paddle_gan.methods.abilities import Translates
from paddle_gan.methods.base import Method
from paddle_gan.metrics.frechet import fit_pca, frechet_distance, project
from paddle_gan.metrics.image_scores import PCA_COMPONENTS
from paddle_gan.metrics.style_judge import BLANK_STD, StyleJudge
from paddle_gan.metrics.translation import correlation, l1_ink, retrieval_at_1

COMPARE_SIZE = 64  # 大图先平均池化到 64 像素左右再算 FD、再给裁判看，内存与时间不随图像变大
BATCH_PIXELS = 2**18  # 一批最多译这么多像素
JUDGED_NUMBERS = 2**27  # 给有真值的裁判看的训练图像，一个域最多这么多个数（0.5 GB）
SMALLEST = 16  # 风格裁判要的边长
ROUTES = {"x": ("y", "x2y", "y2x"), "y": ("x", "y2x", "x2y")}  # 从哪个域 → （到哪里，去，回）
Domains = dict[str, np.ndarray]  # {"x": 图像, "y": 图像}


class TranslationScorer:
    """有隐藏真值的图像翻译：像目标域吗，是同一个字（同一个人）吗，离真值多远。"""

    keys = tuple(
        f"translation/{key}" for key in ("correlation", "retrieval", "style", "l1", "score")
    )

    needs = (
        "只用于图像翻译，还要测试集有成对的真值，两个域的图像要一样大、通道一样多，"
        f"边长不小于 {SMALLEST}；能用它的数据集有：glyphs, avatars, edge_digits, paired_folders"
    )

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        if not issubclass(method, Translates) or Pair not in test.batch_types:
            return False
        return train.shape == train.y_shape and min(train.shape[1:]) >= SMALLEST

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        (length,) = test.lengths(Pair)
        indices = (np.arange(min(samples, length)),)
        self.x, self.y = test.batch(Pair, indices, np.random.default_rng(0))
        kind = Unpaired if Unpaired in train.batch_types else Pair
        most = min(MAX_REAL, max(2, JUDGED_NUMBERS // math.prod(train.shape)))
        chosen = tuple(evenly_spaced(length, most) for length in train.lengths(kind))
        real = train.batch(kind, chosen, np.random.default_rng(0))
        self.judge = StyleJudge(real.x, real.y, seed=0)
        self.mean = real.y.mean(axis=0, keepdims=True)

    def score(self, method: Method) -> dict[str, float]:
        return self._report(translations(method, self.x))

    def baselines(self) -> dict[str, dict[str, float]]:
        # 什么也没有说的答案：字形是白纸，彩色图像没有白纸，用目标域训练图像的平均
        grey = self.y.shape[1] == 1
        name, empty = ("白纸", np.ones_like(self.mean)) if grey else ("平均图", self.mean)
        rows = {"不翻译": self.x, name: np.repeat(empty, len(self.y), axis=0), "真值": self.y}
        return {name: self._report(images) for name, images in rows.items()}

    def _report(self, images: np.ndarray) -> dict[str, float]:
        related = correlation(images, self.y)
        found, styled = retrieval_at_1(images, self.y), self.judge.fraction_y(images)
        # 调和平均：三者有一个接近 0，总分就接近 0
        score = harmonic_mean([max(related, 0.0), found, styled])
        values = (related, found, styled, l1_ink(images, self.y), score)
        return dict(zip(self.keys, values))


def take(data: Dataset, x_index: np.ndarray, y_index: np.ndarray) -> Domains:
    """两个域按各自的下标取图，float32 (N, C, H, W)；下标可以是空的。"""
    wanted = {"x": x_index, "y": y_index}
    # 数据集不收空的下标：取一张，再丢掉
    indices = tuple(i if len(i) else np.zeros(1, np.int64) for i in wanted.values())
    batch = data.batch(Unpaired, indices, np.random.default_rng(0))
    return {domain: images[: len(wanted[domain])] for domain, images in zip("xy", batch)}


def in_batches(data: Dataset, indices: Domains) -> Iterator[Domains]:
    """逐批取两个域的图；一个域先取完，后面的批里它是空的。"""
    size = max(1, BATCH_PIXELS // (data.shape[1] * data.shape[2]))
    for start in range(0, max(map(len, indices.values())), size):
        yield take(data, *(index[start : start + size] for index in indices.values()))


def shrink(images: np.ndarray) -> np.ndarray:
    """(N, C, H, W) 平均池化到短边 COMPARE_SIZE 左右，除不尽的边上几行不要。"""
    n, c, height, width = images.shape
    f = max(1, min(height, width) // COMPARE_SIZE)
    h, w = height // f, width // f
    return images[..., : h * f, : w * f].reshape(n, c, h, f, w, f).mean(axis=(3, 5))


def joined(parts: dict[str, list[np.ndarray]]) -> Domains:
    """两个域的各批各自连起来。"""
    return {domain: np.concatenate(arrays) for domain, arrays in parts.items()}


def evenly(data: Dataset, most: int) -> Domains:
    """两个域各自均匀取至多 most 张的下标。"""
    return {
        domain: evenly_spaced(length, most) for domain, length in zip("xy", data.lengths(Unpaired))
    }


class UnpairedScorer:
    """不成对的翻译：循环误差、FD-PCA64、风格裁判的比例；_x、_y 是结果落在哪个域。"""

    keys = tuple(
        f"unpaired/{kind}_{domain}" for kind in ("cycle", "fd", "style") for domain in "yx"
    )

    needs = f"只用于两个方向都会的图像翻译，两个域的图像要一样大、通道一样多，边长不小于 {SMALLEST}"

    @staticmethod
    def fits(method: type[Method], train: Dataset, test: Dataset) -> bool:
        if not issubclass(method, Translates) or Unpaired not in test.batch_types:
            return False
        if "y2x" not in method.directions():
            return False
        same = train.shape == train.y_shape and len(train.shape) == 3
        return same and min(train.shape[1:]) >= SMALLEST

    def __init__(self, train: Dataset, test: Dataset, samples: int, seed: int):
        self.train, self.test = train, test
        self.low, high = train.value_range
        self.scale = high - self.low
        self.indices = evenly(test, max(2, min(samples, MAX_REAL)))
        real = self._read(train, evenly(train, MAX_REAL))
        self.held_out = self._read(test, self.indices)
        self.judge = StyleJudge(real["x"], real["y"], seed=0)
        # 主成分由测试图像求：由训练图像求的话，照抄它们的一列方差偏大，与译文比不公平。
        # 图像少时少取几个，协方差才不是奇异的
        few = min(map(len, self.held_out.values())) - 1
        if few < PCA_COMPONENTS:
            notice(
                f"测试图像一个域只有 {few + 1} 张，translation_unpaired 的 FD-PCA64 "
                f"最多用 {few} 个主成分，不能与用 {PCA_COMPONENTS} 个的比"
            )
        self.pca, self.features = {}, {}
        for domain, images in self.held_out.items():
            components = min(PCA_COMPONENTS, few, flat(images).shape[1])
            self.pca[domain] = fit_pca(flat(images), components)
            self.features[domain] = self._project(images, domain)

    def score(self, method: Method) -> dict[str, float]:
        errors, made = {"x": [], "y": []}, {"x": [], "y": []}
        for batch in in_batches(self.test, self.indices):
            for source, images in batch.items():
                if not len(images):
                    continue
                target, there, back = ROUTES[source]
                translated = method.translate(paddle.to_tensor(images), there)
                returned = method.translate(translated, back).numpy()
                errors[source].append(self._differences(returned, images))
                made[target].append(self._compared(translated.numpy()))
        return self._report(joined(errors), joined(made))

    def baselines(self) -> dict[str, dict[str, float]]:
        return {
            "不翻译": self._untranslated(),
            "平均图": self._average(),
            "照抄训练图像": self._copies(),
        }

    def _untranslated(self) -> dict[str, float]:
        """原样照抄：来回一趟分毫不差，y 域里放的是 x。"""
        swapped = {"x": self.held_out["y"], "y": self.held_out["x"]}
        return self._report({"x": np.zeros(1), "y": np.zeros(1)}, swapped)

    def _average(self) -> dict[str, float]:
        """不管给什么，都译成目标域训练图像的平均图。"""
        everything, total = evenly(self.train, MAX_REAL), dict.fromkeys("xy", 0.0)
        for batch in in_batches(self.train, everything):
            total = {d: total[d] + batch[d].sum(axis=0, keepdims=True) for d in "xy"}
        mean = {d: np.float32(total[d] / len(everything[d])) for d in "xy"}
        errors = {"x": [], "y": []}
        for batch in in_batches(self.test, self.indices):
            for d in "xy":
                errors[d].append(self._differences(mean[d], batch[d]))
        counts = {"x": len(self.indices["y"]), "y": len(self.indices["x"])}
        made = {d: np.repeat(self._compared(mean[d]), counts[d], axis=0) for d in "xy"}
        return self._report(joined(errors), made)

    def _copies(self) -> dict[str, float]:
        """不管给什么，都给出目标域的一张训练图像：后两项是真实图像能得到的分数。"""
        rng = np.random.default_rng(0)
        lengths = dict(zip("xy", self.train.lengths(Unpaired)))
        counts = {d: len(index) for d, index in self.indices.items()}
        back = {d: np.resize(rng.permutation(lengths[d]), counts[d]) for d in "xy"}
        other = {"x": counts["y"], "y": counts["x"]}
        there = {d: np.resize(rng.permutation(lengths[d]), other[d]) for d in "xy"}
        errors = {"x": [], "y": []}
        pairs = zip(in_batches(self.test, self.indices), in_batches(self.train, back))
        for real, copied in pairs:
            for d in "xy":
                errors[d].append(self._differences(copied[d], real[d]))
        return self._report(joined(errors), self._read(self.train, there))

    def _report(self, errors: Domains, made: Domains) -> dict[str, float]:
        """errors[d] 是 d 域的图来回一趟的误差 (N,)，made[d] 是译到 d 域的图（_compared 过的）。"""
        found = {}
        for d in "yx":
            found[f"unpaired/cycle_{d}"] = float(errors[d].mean())
            found[f"unpaired/fd_{d}"] = frechet_distance(
                self._project(made[d], d), self.features[d]
            )
            found[f"unpaired/style_{d}"] = self._share(made[d], d)
        return {key: found[key] for key in self.keys}

    def _share(self, images: np.ndarray, domain: str) -> float:
        """被裁判认作 domain 的比例；处处同色的图哪个域也不像。"""
        alike = self.judge.probability_y(images) > 0.5
        drawn = images.std(axis=(1, 2, 3)) >= BLANK_STD
        return float((drawn & (alike if domain == "y" else ~alike)).mean())

    def _differences(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """逐张的平均绝对误差 (N,)，像素换到 [0, 1]。"""
        return np.abs(a - b).mean(axis=(1, 2, 3)) / self.scale

    def _read(self, data: Dataset, indices: Domains) -> Domains:
        """两个域按下标取图，逐批换成比较用的样子。"""
        parts = {"x": [], "y": []}
        for batch in in_batches(data, indices):
            for d in "xy":
                parts[d].append(self._compared(batch[d]))
        return joined(parts)

    def _compared(self, images: np.ndarray) -> np.ndarray:
        """比较用的样子：缩小，取值换到 [−1, 1]。"""
        return (shrink(images) - self.low) / self.scale * 2 - 1

    def _project(self, images: np.ndarray, domain: str) -> np.ndarray:
        return project(flat(images), *self.pca[domain])
