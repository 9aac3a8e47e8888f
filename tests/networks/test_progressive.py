"""会长大的网络：α = 0、1 处接得上，均衡的学习率，逐像素归一化，小图便宜。"""

import numpy as np
import paddle
import pytest
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.networks.convolution import Conv2D
from paddle_gan.networks.equalised import Equalised, PixelNorm, conv
from paddle_gan.networks.minibatch import MinibatchStd
from paddle_gan.networks.progressive import (
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    channel_plan,
)
from paddle_gan.networks.resize import down, up

SMALL = {"width": 3, "widest": 5, "levels": 3}


def generator(**options) -> ProgressiveGenerator:
    paddle.seed(0)
    return ProgressiveGenerator((6,), (2, 8, 12), **SMALL, **options)


def discriminator(**options) -> ProgressiveDiscriminator:
    paddle.seed(0)
    return ProgressiveDiscriminator((2, 8, 12), (1,), **SMALL, **options)


# 放大与缩小


def test_up_repeats_every_pixel_and_down_averages_them_back():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    large = up(paddle.to_tensor(x), 3)
    assert np.array_equal(large.numpy(), x.repeat(3, axis=2).repeat(3, axis=3))
    assert down(large, 3).numpy() == pytest.approx(x, abs=1e-6)


# 接得上


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("output", ["linear", "tanh"])
def test_a_new_level_of_the_generator_begins_as_the_old_one_and_ends_as_itself(level, output):
    G = generator(output=output)
    z = paddle.randn([3, 6])
    old, new = G.image(z, level - 1, 1.0), G.image(z, level, 1.0)
    assert G.image(z, level, 0.0).numpy() == pytest.approx(up(old).numpy(), abs=1e-5)
    assert G.image(z, level, 1 - 1e-7).numpy() == pytest.approx(new.numpy(), abs=1e-5)
    between = G.image(z, level, 0.5).numpy()
    assert np.abs(between - new.numpy()).max() > 1e-2 < np.abs(between - up(old).numpy()).max()


@pytest.mark.parametrize("level", [1, 2])
def test_a_new_level_of_the_discriminator_begins_as_the_old_one_and_ends_as_itself(level):
    D, x = discriminator(), paddle.randn([4, 2, 8, 12])
    scores = {}
    for grown in (level - 1, level - 1 + 1e-6, level - 0.5, level - 1e-6, level):
        D.grow(grown)
        scores[grown] = D(x).numpy()
    assert scores[level - 1 + 1e-6] == pytest.approx(scores[level - 1], abs=1e-5)
    assert scores[level - 1e-6] == pytest.approx(scores[level], abs=1e-5)
    for end in (level - 1, level):
        assert np.abs(scores[level - 0.5] - scores[end]).max() > 1e-3


def test_while_fading_both_the_old_and_the_new_way_are_learning():
    for network, inputs in ((generator(), [2, 6]), (discriminator(), [4, 2, 8, 12])):
        network.grow(1.5)
        (network(paddle.randn(inputs)) ** 2).sum().backward()
        named = network.named_parameters()
        assert all(p.grad is not None for name, p in named if "rgb" not in name)
        rgb = network.to_rgb if isinstance(network, ProgressiveGenerator) else network.from_rgb
        learns = [any(p.grad is not None for p in layer.parameters()) for layer in rgb]
        assert learns == [False, True, True]


# 形状与便宜


@pytest.mark.parametrize(("grown", "side"), [(0.0, 2), (0.5, 4), (1.0, 4), (1.5, 8), (2.0, 8)])
def test_the_images_are_those_of_the_level_and_the_output_has_the_full_size(grown, side):
    G, D = generator(), discriminator()
    G.grow(grown), D.grow(grown)
    z = paddle.randn([4, 6])
    small = G.image(z, *G.position())
    assert small.shape == [4, 2, side, side * 3 // 2]
    assert G(z).shape == [4, 2, 8, 12] and D(small).shape == [4, 1]
    assert D(G(z)).numpy() == pytest.approx(D(small).numpy(), abs=1e-4)


def multiplications(network, x) -> int:
    """走一遍时卷积与全连接一共做多少次乘法（一个样本）。"""
    total = []

    def count(layer, inputs, output):
        if isinstance(layer, nn.Linear):
            total.append(int(np.prod(layer.weight.shape)))
        else:
            total.append(int(np.prod(layer.weight.shape)) * int(np.prod(output.shape[2:])))

    layers = [x for x in network.sublayers() if isinstance(x, (nn.Linear, nn.Conv2D))]
    hooks = [layer.register_forward_post_hook(count) for layer in layers]
    network(x)
    for hook in hooks:
        hook.remove()
    return sum(total)


def test_a_step_at_a_low_level_is_several_times_cheaper():
    shape = (1, 28, 28)
    G = ProgressiveGenerator((8,), shape, width=32, widest=32, levels=3)
    D = ProgressiveDiscriminator(shape, (1,), width=32, widest=32, levels=3)
    for network, inputs in ((G, [1, 8]), (D, [1, *shape])):
        costs = []
        for grown in (0, 1, 2):
            network.grow(float(grown))
            costs.append(multiplications(network, paddle.randn(inputs)))
        assert costs[1] > 3 * costs[0] and costs[2] > 3 * costs[1]


def test_the_channels_double_towards_the_smallest_level_up_to_the_widest():
    assert channel_plan(16, 64, 4) == [64, 64, 32, 16]
    G = ProgressiveGenerator((5,), (3, 16, 16), width=2, widest=6, levels=3)
    assert [x.layer.weight.shape[:2] for x in G.to_rgb] == [[3, 6], [3, 4], [3, 2]]


@pytest.mark.parametrize("shape", [(1, 28, 30), (1, 30, 28), (2,)])
def test_sides_that_do_not_halve_often_enough_are_refused(shape):
    with pytest.raises(UserError, match="2\\^\\(levels − 1\\) = 4.*data.size"):
        ProgressiveDiscriminator(shape, (1,), levels=3)


# 均衡的学习率


def effective(layer: Equalised, shape: list[int]) -> np.ndarray:
    """这一层真正用的权重：一次喂一个单位向量。"""
    eye = paddle.eye(int(np.prod(shape))).reshape([-1, *shape])
    return layer(eye).numpy() - layer(paddle.zeros([1, *shape])).numpy()


def test_the_weights_are_stored_with_unit_deviation_and_used_with_that_of_he():
    paddle.seed(0)
    dense = Equalised(nn.Linear(200, 300))
    assert dense.layer.weight.numpy().std() == pytest.approx(1, rel=0.02)
    assert effective(dense, [200]).std() == pytest.approx((2 / 200) ** 0.5, rel=0.02)
    assert effective(Equalised(nn.Linear(200, 300), gain=1.0), [200]).std() == pytest.approx(
        200**-0.5, rel=0.02
    )
    layer = conv(30, 40)
    w = layer.layer.weight.numpy()
    middle = effective(layer, [30, 1, 1])[:, :, 0, 0]  # 1×1 的图只碰得到核的正中
    assert pytest.approx(w[:, :, 1, 1] * (2 / (30 * 9)) ** 0.5, rel=1e-4, abs=1e-6) == middle.T
    assert w.std() == pytest.approx(1, rel=0.02)


def test_the_gains_are_those_of_the_authors_code():
    G, D = generator(), discriminator()
    assert G.blocks[0][0].scale == pytest.approx(2**0.5 / 4 / 6**0.5)  # G 的第一个全连接
    assert G.to_rgb[0].scale == pytest.approx(1 / 5**0.5)
    assert D.last[-1].scale == pytest.approx(1 / 5**0.5)  # D 的最后一个
    assert D.from_rgb[0][0].scale == pytest.approx(2**0.5 / 2**0.5)
    biases = [p for n in (G, D) for key, p in n.named_parameters() if key.endswith("bias")]
    assert biases and all((bias.numpy() == 0).all() for bias in biases)


# 逐像素归一化


@pytest.mark.parametrize("shape", [(3, 5), (2, 5, 3, 4)])
def test_every_pixel_is_divided_by_the_root_of_its_mean_square(shape):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    expected = x / np.sqrt((x.astype(np.float64) ** 2).mean(axis=1, keepdims=True) + 1e-8)
    assert PixelNorm()(paddle.to_tensor(x)).numpy() == pytest.approx(expected, rel=1e-4)
    assert np.isfinite(PixelNorm()(paddle.zeros(list(shape))).numpy()).all()


def test_pixel_norm_follows_every_hidden_layer_of_the_generator_and_none_of_the_discriminator():
    G = generator()
    z = paddle.randn([2, 6])
    assert G(3 * z).numpy() == pytest.approx(G(z).numpy(), abs=1e-4)  # z 也归一化
    for block in G.blocks:
        kinds = [type(layer) for layer in block]
        assert kinds.count(PixelNorm) == kinds.count(nn.LeakyReLU) == 2
        assert all(b is PixelNorm for a, b in zip(kinds, kinds[1:]) if a is nn.LeakyReLU)
    assert not [x for x in discriminator().sublayers() if isinstance(x, PixelNorm)]


# 小批量标准差


def test_the_minibatch_deviation_sits_at_the_smallest_level_and_two_copies_have_none():
    D, seen = discriminator(), []
    layers = [x for x in D.sublayers() if isinstance(x, MinibatchStd)]
    assert len(layers) == 1 and layers[0].group == 4
    layers[0].register_forward_post_hook(lambda layer, inputs, output: seen.append(output))
    one = paddle.randn([1, 2, 8, 12])
    D(paddle.concat([one] * 4))
    D(paddle.randn([4, 2, 8, 12]))
    assert seen[0].shape == [4, 6, 2, 3]
    assert seen[0][:, -1].numpy() == pytest.approx(np.zeros((4, 2, 3)), abs=2e-4)
    assert seen[1][:, -1].numpy().min() > 0.05
    assert not [x for x in discriminator(minibatch_std=None).sublayers() if type(x) is MinibatchStd]


def test_only_convolutions_that_are_fast_are_used():
    for network in (generator(), discriminator()):
        kinds = {type(x.layer) for x in network.sublayers() if isinstance(x, Equalised)}
        assert kinds == {nn.Linear, Conv2D}
