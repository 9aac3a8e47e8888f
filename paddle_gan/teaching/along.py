"""随包训练的样本与曲线，放在同一条时间轴上看：样本变好的时候，曲线在做什么。"""

import numpy as np
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from paddle_gan.evaluation.film import training_frames
from paddle_gan.figures import COLORS, GRAY
from paddle_gan.teaching.lesson import Lesson
from paddle_gan.teaching.picture import Picture, canvas
from paddle_gan.viz import tile_scale

TILES = 2  # 每一步叠几张样本
MARGIN = 0.05  # 时间轴两头各留出几成，首尾的样本才不出界


def along(lesson: Lesson, curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> Picture:
    """上面是几步的样本（固定噪声，同一批 z），各在自己那一步的正上方；下面每条曲线一格。

    参数：
        curves: {题目: （步数，数值）}，例如 {"FD-LeNet": lesson.curve("fd_lenet")}
    只有随包的训练留着样本图；至少要有一条曲线。
    """
    frames = training_frames(lesson.folder / "samples")
    with canvas(1, 1 + len(curves), size=(8.0, 1.65)) as c:
        film, *panels = c.axes[:, 0]
        for step, picture in frames:
            shown = OffsetImage(column(picture, lesson.data.shape), zoom=0.72)  # 一点一个像素
            film.add_artist(AnnotationBbox(shown, (step, 0.5), frameon=False, pad=0))
        film.set(yticks=[], title="同一批 z 的样本")
        film.spines[:].set_visible(False)
        film.grid(False)
        for axis, (name, (steps, values)), color in zip(panels, curves.items(), COLORS):
            axis.plot(steps, values, color=color)
            axis.set_title(name)
            for step, _ in frames:
                axis.axvline(step, color=GRAY, linestyle=":", linewidth=1)
        last = lesson.summary["step"]
        for axis in c.axes[:, 0]:
            axis.set_xlim(-MARGIN * last, (1 + MARGIN) * last)
            axis.tick_params(labelbottom=axis is panels[-1], length=0)
        panels[-1].set_xlabel("步")
    return c.picture


def column(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """样本图 uint8 (H, W, 3) 最左边一列的上面 TILES 张。"""
    height, width = (tile_scale(*shape[1:]) * side for side in shape[1:])
    return picture[: TILES * height, :width]
