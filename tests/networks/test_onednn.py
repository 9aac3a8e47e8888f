"""整串的层经 oneDNN 算，与双精度的飞桨一致：前向、各个梯度、二阶导数、累计的统计量。"""

import numpy as np
import paddle
import pytest
from onednn_cases import NETWORKS, compared, doubled, same, trained_once
from paddle import nn

from paddle_gan.gradients import loss_backward
from paddle_gan.losses import squared_gradient_norm
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.onednn import library

pytestmark = [
    pytest.mark.skipif(library.library() is None, reason="飞桨没有带 oneDNN"),
    pytest.mark.usefixtures("two_threads"),
]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_whole_network_agrees_with_paddle_in_double_precision(name, counted):
    make, shape = NETWORKS[name]
    paddle.seed(1)
    network = make()
    x = np.random.default_rng(2).standard_normal(shape) / 3
    expected = trained_once(doubled(network), x)
    assert counted == []  # 双精度的没有走这里
    ours = trained_once(network, x)
    assert counted == ["forward", "backward", "forward"]
    same(ours, expected)


@pytest.mark.parametrize(("h", "w"), [(2, 2), (2, 5), (4, 2), (3, 3), (4, 7)])
@pytest.mark.parametrize("border", [1, 2, 3])
def test_reflection_reaches_as_far_as_the_smallest_picture(border, h, w):
    if border >= min(h, w):
        pytest.skip("镜子里没有这么多像素")
    layer = Conv2D(2, 3, 2 * border + 1, padding=border, padding_mode="reflect")
    x = np.random.default_rng(0).standard_normal((2, 2, h, w))
    expected, ours = (trained_once(Chain(net), x) for net in (doubled(layer), layer))
    same(ours, expected)


@pytest.mark.parametrize("name", ["没有归一化的 D", "MLP 到一个数", "MLP"])
def test_the_gradient_of_an_input_gradient_agrees_with_double_precision(name, counted):
    make, shape = NETWORKS[name]
    network = make()
    x = np.random.default_rng(3).standard_normal((4, *shape[1:]))

    def penalty(critic):
        points = paddle.to_tensor(x, dtype=critic.parameters()[0].dtype)
        with loss_backward():
            loss = squared_gradient_norm(critic, points).mean()
            loss.backward()
        return [loss, *(p.grad for p in critic.parameters() if p.grad is not None)]

    expected, ours = penalty(doubled(network)), penalty(network)
    assert counted == ["forward", "input_gradient", "second"]
    weights = [p for p in network.parameters() if p.ndim > 1]
    assert len(ours) - 1 >= len(weights)
    by_shape = [t for t in expected if t.ndim > 1], [t for t in ours if t.ndim > 1]
    assert abs(ours[0].item() - expected[0].item()) <= 1e-5 * expected[0].item()
    for reference, mine in zip(*by_shape, strict=True):
        assert abs(mine.numpy() - reference.numpy()).max() <= 1e-5 * abs(reference.numpy()).max()


@pytest.mark.parametrize("shape", [(2, 3, 1, 9), (2, 3, 9, 1), (7, 3, 1, 1), (3, 1, 1, 4)])
def test_a_picture_one_pixel_high_or_wide_keeps_its_places(shape, counted):
    c = shape[1]
    compared(
        lambda: Chain(Conv2D(c, 4, 1), nn.BatchNorm2D(4), nn.ReLU(), Conv2DTranspose(4, c, 1)),
        np.random.default_rng(1).standard_normal(shape),
    )
    assert counted


@pytest.mark.parametrize("momentum", [0.5, 0.99])
@pytest.mark.parametrize("kind", [nn.BatchNorm1D, nn.BatchNorm2D])
def test_another_momentum_and_epsilon_are_used(kind, momentum, counted):
    shape = (6, 4) if kind is nn.BatchNorm1D else (6, 4, 3, 2)
    first = nn.Linear(4, 4) if kind is nn.BatchNorm1D else Conv2D(4, 4, 1)
    compared(
        lambda: Chain(first, kind(4, momentum=momentum, epsilon=0.3)),
        3 * np.random.default_rng(2).standard_normal(shape) + 1,
    )
    assert counted
