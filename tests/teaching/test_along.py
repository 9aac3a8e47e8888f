"""样本与曲线同一条时间轴：每一步的样本在自己那一步的上方，曲线是自己那一条。"""

import numpy as np
from matplotlib.offsetbox import AnnotationBbox

from paddle_gan.evaluation.film import training_frames
from paddle_gan.teaching import Lesson, along


def test_each_sample_stands_over_its_own_step_and_each_curve_under_its_own_name(drawn):
    lesson = Lesson.shipped("wgan_gp_digits")
    curves = {"分数": lesson.curve("score/real"), "距离": lesson.curve("fd_lenet")}
    along(lesson, curves)
    film, *panels = drawn[-1].axes[:, 0]
    frames = dict(training_frames(lesson.folder / "samples"))
    boxes = [artist for artist in film.artists if isinstance(artist, AnnotationBbox)]
    assert [box.xy[0] for box in boxes] == list(frames) and len(frames) > 2
    for box, picture in zip(boxes, frames.values()):
        tile = 2 * 28  # 28 像素的图放大两倍
        assert np.array_equal(box.offsetbox.get_data(), picture[: 2 * tile, :tile])
    assert [axis.get_title() for axis in panels] == list(curves)
    for axis, (steps, values) in zip(panels, curves.values()):
        line, *marks = axis.get_lines()
        assert np.array_equal(line.get_xydata(), np.stack([steps, values], axis=1))
        assert [mark.get_xdata()[0] for mark in marks] == list(frames)
        assert axis.get_xlim() == film.get_xlim()
