"""看板的数与谁比：翻译看的是 x2y 的译文与目标域，多样性是生成的比真实的，柱子是比例。"""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers import TinyData

from paddle_gan.data.batches import Batches, Unpaired
from paddle_gan.data.digits import Digits
from paddle_gan.data.images import to_float
from paddle_gan.engine import panels
from paddle_gan.methods.cyclegan import CycleGAN
from paddle_gan.viz import class_bars


class Shown:
    """记下画了什么。"""

    def __init__(self):
        self.pictures = {}

    def show(self, kind, tag, step, image):
        self.pictures[kind, tag, step] = image


class Tripling(CycleGAN):
    """x2y 放大到 3 倍，y2x 是 7 倍。"""

    def __init__(self):
        pass

    def translate(self, images, direction):
        return images * {"x2y": 3.0, "y2x": 7.0}[direction]


def spread(points: np.ndarray) -> float:
    """两两距离的平均，一对一对地算。"""
    flat = points.reshape(len(points), -1).astype(float)
    pairs = [np.linalg.norm(a - b) for i, a in enumerate(flat) for b in flat[:i]]
    return float(np.mean(pairs))


def test_a_translation_is_compared_with_its_target_domain():
    data = TinyData((1, 3, 5))
    data.shape, data.value_range, data.y = (1, 3, 5), (-1.0, 1.0), data.y / 2
    config = SimpleNamespace(seed=4, total_steps=10)
    hook = panels.PanelHook(config, Tripling(), data, Shown(), None)
    x, y = next(Batches(data, Unpaired, panels.TRANSLATED, 4))
    samples = hook._samples()
    assert np.allclose(samples, 3 * x.numpy())
    record = {}
    hook._measure(1, record, samples)
    wanted = spread(3 * x.numpy()) / spread(y.numpy())
    assert record["diversity"] == pytest.approx(wanted, rel=1e-5) and wanted > 2
    # 3·u 超出 [−1.04, 1.04] 的比例
    assert record["range/outside"] == pytest.approx((np.abs(3 * x.numpy()) > 1.2).mean())


def test_the_bars_are_the_shares_of_the_classes_under_their_own_digit():
    digits, shown = Digits(), Shown()
    rows = [*np.flatnonzero(digits.labels == 3)[:30], *np.flatnonzero(digits.labels == 7)[:10]]
    hook = panels.PanelHook.__new__(panels.PanelHook)
    hook.method, hook.shape, hook.digits = None, (1, 28, 28), True
    hook.value_range, hook.gallery = (-1.0, 1.0), shown
    hook._draw(60, {}, to_float(digits.images[rows], (-1.0, 1.0)))
    shares = np.zeros(10)
    shares[[3, 7]] = 0.75, 0.25
    assert list(shown.pictures) == [("classes", "classes/histogram", 60)]
    (image,) = shown.pictures.values()
    assert np.array_equal(image, class_bars(shares))
