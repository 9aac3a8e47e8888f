"""画出来的样本：哪个颜色是样本、哪个是真实点；哪一步用哪一批噪声；路从哪一头走起。"""

import numpy as np
import paddle
import pytest
from helpers import TinyData

from paddle_gan.data.batches import Batches, Images
from paddle_gan.data.toy import Ring
from paddle_gan.evaluation.preview import Previewer
from paddle_gan.evaluation.sampling import draw_samples, slerp
from paddle_gan.methods.dcgan import DCGAN
from paddle_gan.run.build import Shapes

SAMPLE, REAL = (31, 119, 180), (200, 200, 200)  # 蓝、灰


def test_samples_are_blue_and_real_points_grey_where_they_lie():
    ring = Ring(modes=4, radius=2.0, std=0.02)
    image = draw_samples(np.zeros((5, 2)), Shapes((2,)), columns=1, data=ring)
    blue, grey = ((image == colour).all(axis=2) for colour in (SAMPLE, REAL))
    rows, columns = np.nonzero(blue)
    # 样本全在原点，也就是图的正中；真实点离得远，在四个方向上
    assert np.abs(np.stack([rows, columns]) - 240).max() <= 4
    rows, columns = np.nonzero(grey)
    assert np.hypot(rows - 240, columns - 240).min() > 100
    assert grey[:120].any() and grey[-120:].any() and grey[:, :120].any() and grey[:, -120:].any()


@pytest.mark.parametrize("factor", [3.0, -3.0])
def test_a_straight_path_starts_at_its_start(factor):
    start = np.array([[1.0, 2.0]])
    for t in (0.0, 0.25, 1.0):
        expected = start * ((1 - t) + t * factor)
        assert slerp(start, factor * start, t) == pytest.approx(expected)


class Watched(DCGAN):
    """记下每次预览拿到的批与抽到的噪声。"""

    batch_type = Images

    def __init__(self):
        self.seen = []

    def preview(self, batch):
        self.seen.append((batch.x.numpy(), paddle.randn([4]).numpy()))
        return batch.x[:1], 1


def test_fixed_previews_repeat_and_fresh_ones_belong_to_their_step():
    data = TinyData((1, 3, 5))
    data.shape, data.value_range = (1, 3, 5), (-1.0, 1.0)
    method = Watched()
    previewer = Previewer(method, data, seed=5)
    for draw in (previewer.fixed, lambda: previewer.fresh(1), lambda: previewer.fresh(2)):
        draw()
        paddle.seed(99)  # 训练用掉的随机数不影响预览
        draw()
    fixed, fixed_again, one, one_again, two, two_again = method.seen
    for a, b in ((fixed, fixed_again), (one, one_again), (two, two_again)):
        assert all(np.array_equal(x, y) for x, y in zip(a, b))
    noises = [tuple(noise) for _, noise in (fixed, one, two)]
    assert len(set(noises)) == 3
    for step, (images, _) in enumerate((fixed, one, two)):
        wanted = next(Batches(data, Images, 64, 5, position=step)).x.numpy()
        assert np.array_equal(images, wanted), step
