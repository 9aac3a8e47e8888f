"""一格画面的数：生成的样本、D 的决策面、G 的梯度把样本往哪里拉；只看，不动训练。"""

from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import paddle

from paddle_gan.data.batches import Batches
from paddle_gan.engine.panels import judges_points, weights_of
from paddle_gan.gradients import loss_backward
from paddle_gan.methods.abilities import ClipsWeights
from paddle_gan.methods.base import Method, frozen, inference
from paddle_gan.methods.from_noise import FromNoise
from paddle_gan.run import runtime
from paddle_gan.viz import extent_of, plane

POINTS, IMAGES, ARROWS = 500, 64, 48  # 一格画多少个点、几张图、几支箭头
REAL, CELLS, BINS = 500, 40, 40
WIDER = 1.15  # 画面比真实点的范围放宽几倍：跑出去一点的也看得见


@dataclass(frozen=True)
class Frame:
    """训练到某一步的一格；arrows 是（起点，方向），weights 是（半宽，各格的个数）。"""

    number: int
    step: int
    fake: np.ndarray
    surface: np.ndarray | None = None
    arrows: tuple[np.ndarray, np.ndarray] | None = None
    weights: tuple[float, list[int]] | None = None


class Camera:
    """对着一次训练，每格用同一批潜变量，前后才可比。"""

    def __init__(self, trainer):
        self.config, self.method, data = trainer.config, trainer.method, trainer.train
        self.flat = data.shape == (2,)
        self.modes, self.value_range = data.modes if self.flat else None, data.value_range
        self.real, self.number = None, 0
        if self.flat:
            self.real = data.sample(REAL, np.random.default_rng(0))
            self.center, half = extent_of(self.real)
            self.half = WIDER * half
            self.plane = plane(self.center, self.half, CELLS)
        batches = Batches(data, self.method.batch_type, ARROWS, self.config.seed)
        # 箭头用：有的方法，G 的损失也要看真样本
        draws = isinstance(self.method, FromNoise)
        self.batch = self.method.draw(batches) if draws else next(batches)
        self.probability = self.flat and self._probable()
        self._seed(1)
        self.z = self.method.noise(POINTS if self.flat else IMAGES)

    def shoot(self, step: int) -> Frame:
        """现在的一格；调用者正轮到用飞桨。"""
        self.number += 1
        with undisturbed(self.method):
            fake = self.method.generate(self.z).numpy()
            judged = self.flat and judges_points(self.method, (2,))
            surface = self._surface() if judged else None
            arrows = self._arrows() if self.flat else None
        return Frame(self.number, step, fake, surface, arrows, self._weights())

    def _seed(self, stream: int) -> None:
        runtime.seed_stream(self.config.seed, runtime.FIXED_PREVIEW, stream)

    def _probable(self) -> bool:
        """D 给的是概率（再过 σ）还是评论器自己的分数：看它的损失记什么。"""
        with undisturbed(self.method), loss_backward():
            return "prob/real" in self.method.losses()["D"](*self.batch)[1]

    def _surface(self) -> np.ndarray:
        with inference(self.method.D):
            score = self.method.D(paddle.to_tensor(self.plane)).numpy()
        return score.reshape(CELLS, CELLS).astype(np.float64)

    def _arrows(self) -> tuple[np.ndarray, np.ndarray]:
        """G 的损失对它每个样本的梯度，取负：照这个方向挪一点，损失就小一点。"""
        self._seed(2)
        method, seen = self.method, []

        def keep(layer, inputs, output):
            if not output.stop_gradient:
                output.retain_grads()
                seen.append(output)

        layers = method.layers(method.generators)
        hooks = [layer.register_forward_post_hook(keep) for layer in layers]
        others = method.networks.keys() - method.players["G"]
        try:
            with loss_backward(), frozen(weights=method.parameters(others)):
                loss, _ = method.losses()["G"](*method.generator_inputs(self.batch))
                loss.backward()
        finally:
            for hook in hooks:
                hook.remove()
            for optimizer in method.optimizers.values():
                optimizer.clear_grad(set_to_zero=False)
        pulled = [x for x in seen if x.grad is not None]
        at = np.concatenate([x.numpy() for x in pulled])
        return at, -np.concatenate([x.grad.numpy() for x in pulled])

    def _weights(self) -> tuple[float, list[int]] | None:
        if not isinstance(self.method, ClipsWeights):
            return None
        half = 1.2 * self.method.clip_limit()
        counts, _ = np.histogram(weights_of(self.method.D), np.linspace(-half, half, BINS + 1))
        return half, counts.tolist()


@contextmanager
def undisturbed(method: Method):
    """块内多跑几次前向，BN 的累计、谱归一化的向量都原样放回去：看不看，训练走的是同一条路。"""
    buffers = [b for network in method.networks.values() for b in network.buffers()]
    kept = [buffer.numpy().copy() for buffer in buffers]
    watch, method.watch = method.watch, None
    try:
        yield
    finally:
        method.watch = watch
        for buffer, value in zip(buffers, kept):
            buffer.set_value(value)
