"""G 追着 D 跑：训练到相邻的几步，每一步画一格，样本画在那一步的 D 的决策面上。"""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from paddle_gan.engine.loop import Stop
from paddle_gan.lab.training import Setup, samples_of, train
from paddle_gan.metrics import mode_report
from paddle_gan.teaching.picture import Picture, canvas
from paddle_gan.teaching.plots import REAL, WIDER, face, frame, scatter
from paddle_gan.viz import extent_of

SEEN = 500  # 每格画多少个样本


def chase(setup: Setup, steps: Sequence[int]) -> Picture:
    """从头训练，到 steps 的最后一步停下；steps 里的每一步画一格，题目写这一步的高质量比例。

    一格是一步走完的样子：这一步的 D 先更新，G 再照它更新。橙的地方 D 认为像真。
    """
    data = setup.data
    center, half = extent_of(data.sample(REAL, np.random.default_rng(0)))
    with canvas(len(steps), size=(2.3, 2.6)) as c:
        panels = dict(zip(steps, c.axes[0], strict=True))

        def look(step: int, logs: dict, record: dict) -> None:
            if step not in panels:
                return
            axis, samples = panels[step], samples_of(setup)
            face(axis, setup.method.D, center, WIDER * half, probability=True)
            scatter(axis, samples[:SEEN], None, data.modes)
            frame(axis, center, WIDER * half)
            good = mode_report(samples, data.modes, data.std)["modes/high_quality"]
            axis.set_title(f"第 {step} 步\n高质量 {good:.1%}")
            if step == max(steps):  # 提前停：学习率照走完全程的降
                raise Stop

        with suppress(Stop):
            train(setup, setup.config.total_steps, hooks=[look])
    return c.picture
