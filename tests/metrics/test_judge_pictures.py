"""风格裁判看到的图：字节换成浮点时不横过来，往下移就是往下移。"""

import numpy as np
import pytest

from paddle_gan.metrics.style_judge import _roll, as_float_images


def test_bytes_become_floats_at_the_same_row_and_column():
    colour = np.zeros((1, 3, 5, 3), np.uint8)  # 3 高 5 宽
    colour[0, 1, 4] = 255, 0, 102
    x = as_float_images(colour)
    assert x.shape == (1, 3, 3, 5) and x.dtype == np.float32
    assert x[0, :, 1, 4] == pytest.approx([1, -1, -0.2], abs=1e-6)
    x[0, :, 1, 4] = -1
    assert (x == -1).all()
    grey = as_float_images(colour[..., 0])
    assert grey.shape == (1, 1, 3, 5) and np.argwhere(grey == 1).tolist() == [[0, 0, 1, 4]]
    assert np.array_equal(as_float_images(grey), grey)  # 浮点的原样留着


@pytest.mark.parametrize("down", [-1, 0, 1])
@pytest.mark.parametrize("right", [-1, 0, 1])
def test_a_shift_moves_down_and_right_and_repeats_the_edge(down, right):
    images = np.zeros((1, 1, 4, 6), np.float32)
    images[0, 0, 1, 3] = 1
    moved = _roll(images, down, right)
    assert moved.shape == images.shape
    assert np.argwhere(moved).tolist() == [[0, 0, 1 + down, 3 + right]]
    rows = np.arange(4, dtype=np.float32)[:, None].repeat(6, axis=1)[None, None]
    wanted = [min(max(row - down, 0), 3) for row in range(4)]
    assert _roll(rows, down, right)[0, 0, :, 0].tolist() == wanted
