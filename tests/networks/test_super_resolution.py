"""放大的网络：形状、PixelShuffle 摆在哪里、推理时任意大小、感受到的都在近处。"""

import numpy as np
import paddle
import pytest
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.networks.super_resolution import SRGenerator


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize("shape", [(1, 3, 4), (3, 5, 2)])
def test_every_side_grows_by_the_factor_and_any_size_passes(factor, shape):
    large = (shape[0], *(factor * side for side in shape[1:]))
    network = SRGenerator(shape, large, width=4, blocks=1)
    assert network(paddle.randn([2, *shape])).shape == [2, *large]
    assert network(paddle.randn([1, shape[0], 6, 7])).shape == [1, shape[0], 6 * factor, 7 * factor]
    assert len(network.ups) == factor.bit_length() - 1


def test_four_channels_become_two_by_two_pixels():
    shuffled = nn.PixelShuffle(2)(paddle.arange(16, dtype="float32").reshape([1, 4, 2, 2])).numpy()
    # 通道 c 摆在 2×2 的第 c 格
    assert shuffled[0, 0].tolist() == [[0, 4, 1, 5], [8, 12, 9, 13], [2, 6, 3, 7], [10, 14, 11, 15]]


def test_it_is_local_a_pixel_moves_only_its_own_neighbourhood():
    network = SRGenerator((1, 16, 16), (1, 64, 64), width=3, blocks=1)
    x = np.zeros((2, 1, 16, 16), np.float32)
    x[1, 0, 8, 8] = 1
    with paddle.no_grad():
        y = network(paddle.to_tensor(x)).numpy()
    rows, columns = np.nonzero((y[0] != y[1])[0])
    # 小图上三层卷积各远 1 格，两次放大前的各远 1 格、半格，最后一层远 1 个像素
    assert rows.min() >= 32 - 4 * 6 and rows.max() < 36 + 4 * 6 and columns.max() < 36 + 4 * 6
    assert (y[0] != y[1])[0, 32:36, 32:36].all()


def test_the_output_lies_between_minus_one_and_one():
    made = SRGenerator((1, 4, 4), (1, 8, 8), width=4)(50 * paddle.randn([4, 1, 4, 4])).numpy()
    assert np.abs(made).max() <= 1 and np.abs(made).max() > 0.9


@pytest.mark.parametrize("large", [(1, 4, 4), (1, 12, 12), (1, 8, 16), (1, 64, 64)])
def test_any_other_ratio_is_refused(large):
    with pytest.raises(UserError, match="2、4 或 8 倍"):
        SRGenerator((1, 4, 4), large)
