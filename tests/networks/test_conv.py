"""conv：高与宽不变、输出不设界、看得见多远，用不了的说清楚。"""

import numpy as np
import paddle
import pytest

from paddle_gan.errors import UserError
from paddle_gan.networks.conv import Conv


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("depth", [1, 2])
def test_the_size_stays_and_the_channels_change(kernel, depth):
    net = Conv((2, 6, 10), (3, 6, 10), width=4, depth=depth, kernel=kernel)
    assert net(paddle.randn([2, 2, 6, 10])).shape == [2, 3, 6, 10]


def test_a_pixel_reaches_as_far_as_the_kernels_together():
    # 三层 3×3：每层远 1，一共远 3
    net = Conv((1, 11, 11), (1, 11, 11), width=8, depth=2, kernel=3)
    x = np.zeros((2, 1, 11, 11), np.float32)
    x[1, 0, 5, 5] = 9.0
    y = net(paddle.to_tensor(x)).numpy()
    rows, columns = np.nonzero(np.abs(y[1] - y[0])[0] > 1e-7)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 8, 2, 8)


def test_the_output_is_linear_unless_it_is_told_to_be_bounded():
    x = 50 * paddle.randn([4, 1, 8, 8])
    paddle.seed(0)
    free = Conv((1, 8, 8), (1, 8, 8), width=4)(x).numpy()
    paddle.seed(0)
    bounded = Conv((1, 8, 8), (1, 8, 8), width=4, output="tanh")(x).numpy()
    assert free.min() < -1.5 or free.max() > 1.5
    assert bounded == pytest.approx(np.tanh(free), abs=1e-5)


def test_what_it_cannot_do_is_refused():
    with pytest.raises(UserError, match="conv 只把图像变成同样大小的图像.*\\(5,\\)"):
        Conv((5,), (1, 8, 8))
    with pytest.raises(UserError, match="同样大小的图像.*\\(1, 8, 8\\) → \\(1, 4, 4\\)"):
        Conv((1, 8, 8), (1, 4, 4))
    with pytest.raises(UserError, match="kernel 要是奇数.*现在是 4"):
        Conv((1, 8, 8), (1, 8, 8), kernel=4)
