"""看板与诊断要的量：梯度范数、权重直方图、样本的多样性、判别器的决策面、类别直方图、转移矩阵。

只读网络，自己的随机数由 (种子, 步数) 决定，所以画不画都不影响训练；贵的面板全程至多画 TIMES 次。
"""

import numpy as np
import paddle
from paddle import nn

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Batches, Images
from paddle_gan.data.markov import Markov
from paddle_gan.evaluation.scorers_digits import DigitScorer
from paddle_gan.evaluation.scorers_samples import generate, lenet_input
from paddle_gan.methods.abilities import ClipsWeights, Generates, Translates, Writes
from paddle_gan.methods.base import Method, inference
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.sequences import transition_frequencies
from paddle_gan.networks.minibatch import MinibatchStd
from paddle_gan.run import runtime
from paddle_gan.run.config import Config
from paddle_gan.run.finite import require_finite
from paddle_gan.viz import (
    class_bars,
    color_bar,
    extent_of,
    heat_map,
    plane,
    scatter,
    transition_maps,
)

TIMES = 10  # 贵的面板全程画几次
IMAGES, POINTS, TRANSLATED = 256, 1000, 64  # 用多少个样本看多样性：图像、二维点、图像翻译
CELLS = 96  # 决策面每边取多少格
BINS = 48  # 权重直方图的格数


class GradientHook:
    """每 every 步记双方梯度的范数 ‖∇L‖₂（一步更新几次时记最后一次）；不有限时抛出 NonFinite。"""

    def __init__(self, method: Method, every: int, start: int):
        self.method, self.every = method, every
        self.norms: dict[str, float] = {}
        self._arm(start)

    def __call__(self, step, logs, record):
        require_finite(step, self.norms)
        record.update(self.norms)
        self.norms = {}
        self._arm(step)

    def _arm(self, step: int) -> None:
        # 梯度在更新之后就清掉了，所以提前一步说好要不要看
        self.method.watch = self._look if (step + 1) % self.every == 0 else None

    def _look(self, player: str) -> None:
        parameters = self.method.parameters(self.method.players[player])
        squares = [p.grad.square().sum() for p in parameters if p.grad is not None]
        if squares:
            self.norms[f"norm/grad_{player}"] = paddle.stack(squares).sum().sqrt().item()


class PanelHook:
    """全程 TIMES 次：多样性与 ±c 处的权重比例写进 record，其余画成图或直方图。

    参数：
        config, method, test: 配置、方法与测试数据
        gallery: 图画到哪里（hooks.Gallery）
        histograms: 权重直方图记到哪里（Recorder）
    """

    def __init__(self, config: Config, method: Method, test: Dataset, gallery, histograms):
        self.config, self.method = config, method
        self.gallery, self.histograms = gallery, histograms
        self.test, self.shape, self.value_range = test, test.shape, test.value_range
        self.translates = isinstance(method, Translates)
        count = IMAGES if len(self.shape) == 3 else POINTS
        batch = next(
            Batches(test, method.batch_type, TRANSLATED if self.translates else count, config.seed)
        )
        self.inputs = batch.x
        self.real = (batch.y if self.translates else batch.x).numpy()
        self.varied = bool(np.ptp(self.real, axis=0).any())  # 只有一张真图时，多样性无从比起
        self.digits = DigitScorer.fits(type(method), test, test)

    def __call__(self, step, logs, record):
        if not is_panel_step(step, self.config.total_steps):
            return
        samples = self._samples()
        if samples is not None:
            self._measure(step, record, samples)
        self._weights(step, record)
        if samples is not None:
            self._draw(step, logs, samples)
        if isinstance(self.method, Writes) and isinstance(self.test, Markov):
            runtime.seed_stream(self.config.seed, runtime.FIXED_PREVIEW, 1)
            made = transition_frequencies(self.method.write(POINTS).numpy(), self.test.vocabulary)
            image = transition_maps(made, self.test.transition)
            self.gallery.show("transitions", "samples/transitions", step, image)

    def _measure(self, step: int, record: dict, samples: np.ndarray) -> None:
        values = {"diversity": diversity(samples, self.real)} if self.varied else {}
        if self.value_range:
            values["range/outside"] = outside(samples, self.value_range)
        require_finite(step, values)
        record.update(values)

    def _draw(self, step: int, logs: dict, samples: np.ndarray) -> None:
        if judges_points(self.method, self.shape):
            self.gallery.show("surface", "surface/D", step, self._surface(samples, logs))
        if self.digits:
            images = lenet_input(samples, self.value_range)
            labels = digit_features(images)[1].argmax(axis=1)
            shares = np.bincount(labels, minlength=10) / len(labels)
            self.gallery.show("classes", "classes/histogram", step, class_bars(shares))

    def _samples(self) -> np.ndarray | None:
        """每次都用同一批潜变量（或同一批测试图像），前后才可比；既不生成也不翻译的方法没有。"""
        runtime.seed_stream(self.config.seed, runtime.FIXED_PREVIEW, 1)
        if self.translates:
            return self.method.translate(self.inputs, "x2y").numpy()
        if isinstance(self.method, Generates):
            return generate(self.method, len(self.real))
        return None

    def _weights(self, step: int, record: dict) -> None:
        limit = self.method.clip_limit() if isinstance(self.method, ClipsWeights) else None
        lines = {}
        for letter in self.method.discriminators:
            weights = weights_of(self.method.networks[letter])
            # 没有裁剪时，最大的千分之一不画，否则几个离群的权重会把峰挤成一根线
            most = limit or float(np.quantile(np.abs(weights), 0.999))
            half = 1.2 * most + 1e-12
            require_finite(step, {f"weights/{letter}": half})
            edges = np.linspace(-half, half, BINS + 1)
            counts = np.histogram(weights, edges)[0]
            lines[f"weights/{letter}"] = {"half": half, "counts": counts.tolist()}
            self.gallery.histogram(f"weights/{letter}", step, weights, edges)
            scales = norm_scales(self.method.networks[letter])
            if scales.size:
                record[f"weights/norm_scale_{letter}"] = float(np.abs(scales).mean())
        if limit:
            record["weights/at_clip"] = float((np.abs(weights) >= limit * (1 - 1e-6)).mean())
        self.histograms.write(step, lines)

    def _surface(self, samples: np.ndarray, logs: dict) -> np.ndarray:
        center, half = extent_of(self.real)
        points = paddle.to_tensor(plane(center, half, CELLS))
        with inference(self.method.D):
            output = self.method.D(points).numpy().reshape(CELLS, CELLS)
        low, high = 0.0, 1.0
        if "prob/real" in logs:
            output = 1 / (1 + np.exp(-np.clip(output.astype(np.float64), -60, 60)))
        else:  # 评论器没有概率，按它自己的分数上色
            low, high = float(output.min()), float(output.max())
        image = scatter(samples, self.real, self.test.modes, background=heat_map(output, low, high))
        return color_bar(image, low, high)


def is_panel_step(step: int, total_steps: int) -> bool:
    """全程恰好 TIMES 步（总步数不够就每步）为真，最后一步总是。"""
    return step * TIMES // total_steps > (step - 1) * TIMES // total_steps


def diversity(fake: np.ndarray, real: np.ndarray) -> float:
    """生成样本两两距离的均值与真实样本的之比，E‖G(z) − G(z′)‖ / E‖x − x′‖；塌成一点时是 0。"""
    return mean_distance(fake) / mean_distance(real)


def outside(samples: np.ndarray, value_range: tuple[float, float]) -> float:
    """超出数据取值范围（放宽 10 %）的像素比例；输出层与数据配套时恒为 0。"""
    low, high = value_range
    slack = 0.1 * (high - low)
    return float(((samples < low - slack) | (samples > high + slack)).mean())


def mean_distance(samples: np.ndarray) -> float:
    """(N, ...) 两两欧氏距离的均值，不算自己到自己。"""
    flat = samples.reshape(len(samples), -1).astype(np.float64)
    squares = (flat**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * flat @ flat.T, 0))
    np.fill_diagonal(distances, 0)  # 舍入误差
    return float(distances.sum() / (len(flat) * (len(flat) - 1)))


def weights_of(network) -> np.ndarray:
    """卷积与全连接层的全部权重，摊平成一维；不含偏置与归一化的参数（它们是一维的）。"""
    kept = [p for p in network.parameters() if p.trainable and p.ndim >= 2]
    return np.concatenate([p.numpy().ravel() for p in kept])


def norm_scales(network) -> np.ndarray:
    """归一化层的缩放 γ，摊平成一维；没有归一化层时是空的。"""
    found = []
    for layer in network.sublayers(include_self=True):
        scale = None
        if isinstance(layer, (nn.BatchNorm1D, nn.BatchNorm2D, nn.LayerNorm, nn.GroupNorm)):
            scale = layer.weight
        elif isinstance(layer, nn.InstanceNorm2D):
            scale = layer.scale
        if scale is not None:  # 也可以没有可学的缩放
            found.append(scale.numpy().ravel())
    return np.concatenate(found) if found else np.zeros(0)


def judges_points(method: Method, shape: tuple[int, ...]) -> bool:
    """D 是不是给单独一个二维点打一个分；打包、看同批、带条件的判别器不是，画不了决策面。"""
    if shape != (2,) or not isinstance(method, Generates) or method.batch_type is not Images:
        return False
    if method.shapes(method.hparams, shape, None).get("D") != ((2,), (1,)):
        return False
    return not any(isinstance(layer, MinibatchStd) for layer in method.D.sublayers())
