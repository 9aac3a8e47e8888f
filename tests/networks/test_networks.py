"""网络：形状、论文写明的结构、初始化、感受野、参数个数。"""

import numpy as np
import paddle
import pytest
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.networks.affine import Affine
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from paddle_gan.networks.mlp import MLP
from paddle_gan.networks.patchgan import PatchGAN
from paddle_gan.networks.resnet import ResidualBlock, ResNetGenerator

CONVOLUTIONS = (Conv2D, Conv2DTranspose)
NORMS = (nn.BatchNorm1D, nn.BatchNorm2D, nn.InstanceNorm2D)


def leaves(network: nn.Layer) -> list[nn.Layer]:
    """按前向的次序排开的最小的层。"""
    return [layer for layer in network.sublayers() if not layer.sublayers()]


def count(network: nn.Layer, kinds) -> int:
    return sum(isinstance(layer, kinds) for layer in network.sublayers())


def size(network: nn.Layer) -> int:
    """可学习参数的个数（不含 BN 的累计统计量）。"""
    return sum(int(np.prod(p.shape)) for p in network.parameters() if not p.stop_gradient)


# DCGAN：形状

SIZES = [((1, 28, 28), 2), ((3, 32, 32), 3), ((1, 64, 64), 4), ((3, 48, 64), 4), ((1, 8, 16), 1)]


@pytest.mark.parametrize(("shape", "depth"), SIZES)
@pytest.mark.parametrize("width", [2, 3])
def test_dcgan_maps_noise_to_images_and_images_to_one_number(shape, depth, width):
    generator = DCGANGenerator((5,), shape, width=width, depth=depth)
    discriminator = DCGANDiscriminator(shape, (1,), width=width, depth=depth)
    images = generator(paddle.randn([2, 5]))
    assert images.shape == [2, *shape]
    assert discriminator(images).shape == [2, 1]


@pytest.mark.parametrize(("shape", "depth"), SIZES)
def test_every_dcgan_pixel_depends_on_the_noise_and_every_pixel_reaches_the_score(shape, depth):
    paddle.seed(0)
    options = {"width": 2, "depth": depth, "norm": "none", "init": "he_normal"}
    generator = DCGANGenerator((5,), shape, activation="leaky_relu", **options)
    spread = generator(paddle.randn([16, 5])).numpy().std(axis=0)
    assert (spread > 0).all()

    x = paddle.randn([1, *shape])
    x.stop_gradient = False
    DCGANDiscriminator(shape, (1,), **options)(x).sum().backward()
    assert (x.grad.numpy() != 0).all()


def test_the_widths_double_away_from_the_image_and_can_be_written_out():
    doubling = DCGANDiscriminator((1, 16, 16), (1,), width=3, depth=3)
    assert [c.weight.shape[0] for c in leaves(doubling) if isinstance(c, Conv2D)] == [
        3,
        6,
        12,
        1,
    ]
    generator = DCGANGenerator((5,), (3, 16, 16), channels=[2, 7, 4], depth=3)
    plan = [c.weight.shape[:2] for c in leaves(generator) if isinstance(c, Conv2DTranspose)]
    assert plan == [[5, 4], [4, 7], [7, 2], [2, 3]]


@pytest.mark.parametrize(("output", "low", "high"), [("tanh", -1.0, 1.0), ("sigmoid", 0.0, 1.0)])
def test_the_generator_output_lies_in_the_range_of_its_output_activation(output, low, high):
    paddle.seed(0)
    generator = DCGANGenerator((5,), (1, 8, 8), width=2, depth=1, output=output, init="he_normal")
    images = generator(20 * paddle.randn([64, 5])).numpy()
    assert low <= images.min() < low + 0.2 and high - 0.2 < images.max() <= high


def test_the_discriminator_has_no_sigmoid_so_scores_may_leave_the_unit_interval():
    discriminator = DCGANDiscriminator((1, 8, 8), (1,), width=2, depth=1, init="he_normal")
    scores = discriminator(20 * paddle.randn([64, 1, 8, 8])).numpy()
    assert scores.min() < 0 and scores.max() > 1


@pytest.mark.parametrize("network", [DCGANGenerator, DCGANDiscriminator])
@pytest.mark.parametrize("shape", [(1, 28, 32), (1, 32, 28), (1, 4, 4), (1, 30, 30)])
def test_image_sides_that_two_to_the_depth_does_not_divide_are_refused(network, shape):
    shapes = ((5,), shape) if network is DCGANGenerator else (shape, (1,))
    with pytest.raises(UserError, match="2\\^depth = 8"):
        network(*shapes, depth=3)


def test_dcgan_refuses_points_and_a_channel_list_of_the_wrong_length():
    with pytest.raises(UserError, match="mlp"):
        DCGANGenerator((5,), (2,))
    with pytest.raises(UserError, match="channels"):
        DCGANDiscriminator((1, 16, 16), (1,), depth=3, channels=[8, 16])
    with pytest.raises(UserError, match="channels"):
        DCGANDiscriminator((1, 16, 16), (1,), depth=2, channels=[8, 0])


# DCGAN：论文 §3 的规则


def test_the_generator_normalises_every_layer_but_its_output_layer():
    layers = leaves(DCGANGenerator((5,), (1, 32, 32), width=2, depth=3))
    kinds = [type(layer) for layer in layers]
    block = [Conv2DTranspose, nn.BatchNorm2D, nn.ReLU]
    assert kinds == 3 * block + [Conv2DTranspose, nn.Tanh]


def test_the_discriminator_normalises_every_hidden_layer_but_its_input_layer():
    layers = leaves(DCGANDiscriminator((1, 32, 32), (1,), width=2, depth=3))
    kinds = [type(layer) for layer in layers]
    block = [Conv2D, nn.BatchNorm2D, nn.LeakyReLU]
    assert kinds == [Conv2D, nn.LeakyReLU, *block, *block, Conv2D]


def test_strided_convolutions_do_all_the_resizing():
    generator = DCGANGenerator((5,), (1, 32, 32), width=2, depth=3)
    discriminator = DCGANDiscriminator((1, 32, 32), (1,), width=2, depth=3)
    for network, kind in ((generator, Conv2DTranspose), (discriminator, Conv2D)):
        convolutions = [layer for layer in leaves(network) if isinstance(layer, kind)]
        strides = [layer._stride for layer in convolutions]
        assert sorted(strides) == [[1, 1], [2, 2], [2, 2], [2, 2]]
        assert count(network, nn.Linear) == 0
        names = " ".join(type(layer).__name__ for layer in network.sublayers())
        assert "Pool" not in names and "Upsample" not in names


def test_a_negative_input_is_multiplied_by_a_fifth_in_the_discriminator():
    layers = leaves(DCGANDiscriminator((1, 32, 32), (1,), width=2, depth=3))
    leaky = [layer for layer in layers if isinstance(layer, nn.LeakyReLU)]
    assert len(leaky) == 3
    for layer in leaky:
        x = paddle.to_tensor([-5.0, 3.0])
        assert layer(x).numpy() == pytest.approx([-1.0, 3.0], rel=1e-6)


def test_a_convolution_has_a_bias_exactly_when_no_batch_norm_follows():
    for network in (
        DCGANGenerator((5,), (1, 32, 32), width=2, depth=3),
        DCGANDiscriminator((1, 32, 32), (1,), width=2, depth=3),
        DCGANGenerator((5,), (1, 32, 32), width=2, depth=3, norm="none"),
        DCGANDiscriminator((1, 32, 32), (1,), width=2, depth=3, norm="none"),
    ):
        layers = leaves(network)
        for layer, following in zip(layers, [*layers[1:], None]):
            if isinstance(layer, CONVOLUTIONS):
                assert (layer.bias is None) == isinstance(following, nn.BatchNorm2D)


# 初始化


@pytest.fixture(scope="module")
def wide():
    paddle.seed(0)
    return [
        DCGANGenerator((100,), (3, 16, 16), width=128, depth=2),
        DCGANDiscriminator((3, 16, 16), (1,), width=128, depth=2),
    ]


def test_convolution_weights_start_as_normal_with_standard_deviation_002(wide):
    for network in wide:
        for layer in leaves(network):
            if isinstance(layer, CONVOLUTIONS):
                w = layer.weight.numpy().ravel()
                # 标准差的抽样误差是 0.02/√(2n)；小层按它放宽，大层要求 2 %
                assert w.std() == pytest.approx(0.02, rel=max(0.02, 4 / np.sqrt(2 * w.size)))
                assert w.mean() == pytest.approx(0.0, abs=4 * 0.02 / np.sqrt(w.size))
                # 正态：|w| > 2σ 占 4.55 %（均匀分布是 0）
                if w.size > 1e5:
                    assert (np.abs(w) > 0.04).mean() == pytest.approx(0.0455, abs=0.005)


def test_batch_norm_scales_start_around_one_and_every_bias_at_zero(wide):
    scales = np.concatenate(
        [bn.weight.numpy() for n in wide for bn in leaves(n) if isinstance(bn, nn.BatchNorm2D)]
    )
    assert len(scales) == 256 + 128 + 256
    assert scales.mean() == pytest.approx(1.0, abs=4 * 0.02 / np.sqrt(len(scales)))
    assert scales.std() == pytest.approx(0.02, rel=0.15)
    for network in wide:
        biases = [p.numpy() for name, p in network.named_parameters() if name.endswith("bias")]
        assert biases and not np.concatenate(biases).any()


def test_each_named_initialisation_has_its_own_spread():
    def spread(init: str) -> tuple[float, float]:
        paddle.seed(0)
        w = MLP((400,), (1,), width=300, depth=1, init=init).layers[0].weight.numpy()
        return w.std(), np.abs(w).max()

    assert spread("normal_002")[0] == pytest.approx(0.02, rel=0.02)
    assert spread("he_normal")[0] == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    bound = np.sqrt(6 / (400 + 300))
    assert spread("glorot_uniform") == pytest.approx((bound / np.sqrt(3), bound), rel=0.02)


def test_he_and_glorot_count_the_kernel_area_of_a_convolution():
    def spread(init: str) -> float:
        paddle.seed(0)
        network = DCGANDiscriminator((1, 16, 16), (1,), width=32, depth=2, init=init)
        return float(network.layers[2].weight.numpy().std())  # 32 → 64，4×4

    assert spread("he_normal") == pytest.approx(np.sqrt(2 / (32 * 16)), rel=0.03)
    assert spread("glorot_uniform") == pytest.approx(np.sqrt(2 / ((32 + 64) * 16)), rel=0.03)


# PatchGAN


def field_by_formula(layers: int) -> int:
    """从输出往回推：r ← (r − 1)·步长 + 核边长。"""
    r = 1
    for kernel, stride in reversed([(4, 2)] * layers + [(4, 1)] * 2):
        r = (r - 1) * stride + kernel
    return r


@pytest.mark.parametrize(("layers", "field"), [(3, 70), (2, 34), (1, 16)])
def test_one_patch_score_sees_exactly_the_papers_receptive_field(layers, field):
    # 实例归一化会把每个像素牵连进来，所以用 norm="none" 量
    network = PatchGAN((1, 128, 128), (1,), width=1, layers=layers, norm="none")
    for parameter in network.parameters():
        nn.initializer.Constant(0.5)(parameter)
    x = paddle.ones([1, 1, 128, 128])
    x.stop_gradient = False
    scores = network(x)
    middle = scores.shape[2] // 2
    scores[0, 0, middle, middle].backward()

    touched = x.grad.numpy()[0, 0] != 0
    rows, columns = touched.any(axis=1), touched.any(axis=0)
    assert not (rows[0] or rows[-1])  # 没有碰到边界，量到的就是全部
    assert (rows.sum(), columns.sum()) == (field, field)
    assert touched.sum() == field**2
    assert field_by_formula(layers) == field


def test_a_256_pixel_image_gets_30_by_30_scores_without_a_sigmoid():
    network = PatchGAN((3, 256, 256), (1,), width=1, layers=3)
    assert network(paddle.zeros([1, 3, 256, 256])).shape == [1, 1, 30, 30]
    assert count(network, nn.Sigmoid) == 0


def test_patchgan_follows_c64_c128_c256_c512_c1():
    network = PatchGAN((3, 64, 64), (1,), width=2, layers=3)
    convolutions = [layer for layer in leaves(network) if isinstance(layer, Conv2D)]
    assert [c.weight.shape for c in convolutions] == [
        [2, 3, 4, 4],
        [4, 2, 4, 4],
        [8, 4, 4, 4],
        [16, 8, 4, 4],
        [1, 16, 4, 4],
    ]
    assert [c._stride[0] for c in convolutions] == [2, 2, 2, 1, 1]
    kinds = [type(layer) for layer in leaves(network)]
    block = [Conv2D, nn.InstanceNorm2D, nn.LeakyReLU]
    assert kinds == [Conv2D, nn.LeakyReLU, *3 * block, Conv2D]
    assert all(c.bias is not None for c in convolutions)


def test_patchgan_channels_stop_growing_at_eight_times_the_width():
    network = PatchGAN((1, 96, 96), (1,), width=2, layers=5)
    widths = [c.weight.shape[0] for c in leaves(network) if isinstance(c, Conv2D)]
    assert widths == [2, 4, 8, 16, 16, 16, 1]


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_smallest_allowed_image_gets_one_score_and_a_smaller_one_is_refused(layers):
    side = 3 * 2**layers
    network = PatchGAN((1, side, side), (1,), width=1, layers=layers)
    assert network(paddle.randn([2, 1, side, side])).shape == [2, 1, 1, 1]
    with pytest.raises(UserError, match=f"至少要 {side} 像素"):
        PatchGAN((1, side - 1, side), (1,), width=1, layers=layers)
    with pytest.raises(UserError, match="C, H, W"):
        PatchGAN((2,), (1,))


# ResNet 生成器


@pytest.mark.parametrize("side", [(32, 32), (64, 64), (256, 128)])
def test_the_resnet_generator_keeps_the_image_size_and_can_change_the_channels(side):
    network = ResNetGenerator((1, *side), (3, *side), width=2, blocks=1)
    y = network(paddle.zeros([1, 1, *side]))
    assert y.shape == [1, 3, *side]
    assert np.abs(y.numpy()).max() <= 1


@pytest.mark.parametrize("down", [0, 1, 2, 3])
def test_any_number_of_halvings_is_undone_by_as_many_doublings(down):
    network = ResNetGenerator((1, 16, 24), (1, 16, 24), width=2, blocks=1, down=down)
    assert network(paddle.randn([1, 1, 16, 24])).shape == [1, 1, 16, 24]
    assert count(network, Conv2DTranspose) == down


def test_the_resnet_generator_is_c7s1_d_d_r_u_u_c7s1_with_reflection_padding():
    network = ResNetGenerator((3, 32, 32), (3, 32, 32), width=4, blocks=6)
    kinds = [type(layer) for layer in network.layers]
    norm_relu = [nn.InstanceNorm2D, nn.ReLU]
    assert kinds == [
        *[Conv2D, *norm_relu],
        *2 * [Conv2D, *norm_relu],
        *6 * [ResidualBlock],
        *2 * [Conv2DTranspose, *norm_relu],
        Conv2D,
    ]
    convolutions = [layer for layer in network.layers if isinstance(layer, CONVOLUTIONS)]
    shapes = [layer.weight.shape for layer in convolutions]
    assert shapes == [
        [4, 3, 7, 7],
        [8, 4, 3, 3],
        [16, 8, 3, 3],
        [16, 8, 3, 3],  # 转置卷积的权重是（输入, 输出, 核, 核）
        [8, 4, 3, 3],
        [3, 4, 7, 7],
    ]
    everywhere = [layer for layer in network.sublayers() if isinstance(layer, Conv2D)]
    borders = [layer.border for layer in everywhere]
    assert borders == [3, 0, 0, *12 * [1], 3]  # 下采样补零，其余反射填充
    ramp = np.arange(64, dtype=np.float32).reshape(1, 1, 8, 8)
    copies = Conv2D(1, 1, 1, padding=3, padding_mode="reflect", bias_attr=False)
    copies.weight.set_value(np.ones([1, 1, 1, 1], np.float32))
    expected = np.pad(ramp[0, 0], 3, mode="reflect")
    assert np.array_equal(copies(paddle.to_tensor(ramp)).numpy()[0, 0], expected)


def test_the_instance_norms_of_cyclegan_have_nothing_to_learn():
    generator = ResNetGenerator((1, 16, 16), (1, 16, 16), width=2, blocks=1)
    discriminator = PatchGAN((1, 16, 16), (1,), width=2, layers=2)
    for network in (generator, discriminator):
        norms = [layer for layer in network.sublayers() if isinstance(layer, nn.InstanceNorm2D)]
        assert norms
        assert all(layer.scale is None and layer.bias is None for layer in norms)


def test_a_residual_block_adds_its_input_and_has_no_relu_after_the_sum():
    block = ResidualBlock(2)
    x = paddle.randn([2, 2, 6, 6])
    assert block(x).numpy() == pytest.approx((x + block.body(x)).numpy(), abs=1e-6)
    assert isinstance(block.body[-1], nn.InstanceNorm2D)


def test_with_skip_the_generator_starts_close_to_the_identity_and_without_it_does_not():
    paddle.seed(0)
    x = paddle.uniform([2, 1, 32, 32], min=-1.0, max=1.0)
    distance = {}
    for skip in (True, False):
        network = ResNetGenerator((1, 32, 32), (1, 32, 32), width=8, blocks=1, skip=skip)
        distance[skip] = float(np.abs((network(x) - x).numpy()).mean())
    assert distance[True] < 0.25  # 均匀像素与 0 的平均距离是 0.5
    assert distance[False] > 0.4


def test_with_skip_and_a_silent_body_the_output_is_097_times_the_input():
    network = ResNetGenerator((1, 8, 8), (1, 8, 8), width=2, blocks=1, skip=True)
    for parameter in network.layers[-1].parameters():
        nn.initializer.Constant(0.0)(parameter)
    x = paddle.to_tensor(np.linspace(-1, 1, 64, dtype=np.float32).reshape(1, 1, 8, 8))
    assert network(x).numpy() == pytest.approx(0.97 * x.numpy(), abs=1e-5)


def test_the_resnet_generator_refuses_sizes_and_channels_it_cannot_handle():
    with pytest.raises(UserError, match="2\\^down = 4"):
        ResNetGenerator((1, 32, 30), (1, 32, 30))
    with pytest.raises(UserError, match="skip"):
        ResNetGenerator((1, 32, 32), (3, 32, 32), skip=True)
    with pytest.raises(UserError, match="C, H, W"):
        ResNetGenerator((2,), (2,))


# MLP


@pytest.mark.parametrize(
    ("in_shape", "out_shape"), [((2,), (1,)), ((16,), (1, 4, 6)), ((3, 4, 4), (1,))]
)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_mlp_flattens_its_input_and_restores_the_output_shape(in_shape, out_shape, batch_norm):
    network = MLP(in_shape, out_shape, width=3, depth=2, batch_norm=batch_norm)
    assert network(paddle.randn([5, *in_shape])).shape == [5, *out_shape]
    assert count(network, nn.Linear) == 3
    assert count(network, nn.BatchNorm1D) == (2 if batch_norm else 0)


def test_the_mlp_has_the_same_second_derivative_on_images_as_on_their_pixels_in_a_row():
    image = paddle.randn([4, 3, 2, 2])
    network, pixels = MLP((3, 2, 2), (1,), width=5, depth=1, activation="tanh"), image.flatten(1)

    def weight_gradient(x):
        x.stop_gradient = False
        (slope,) = paddle.grad(network(x).sum(), x, create_graph=True)
        (found,) = paddle.grad(slope.square().sum(), network.layers[0].weight)
        return found.numpy()

    found = weight_gradient(image.detach())
    assert np.array_equal(found, weight_gradient(pixels)) and np.abs(found).max() > 0


def test_the_mlp_refuses_images_of_another_size():
    with pytest.raises(ValueError):
        MLP((3, 2, 2), (1,), width=5, depth=1)(paddle.randn([4, 1, 6, 6]))


def test_the_mlp_computes_relu_layers_then_a_linear_one():
    network = MLP((2, 3), (4,), width=5, depth=1)
    x = np.random.default_rng(0).normal(size=(7, 2, 3)).astype(np.float32)
    w1, b1, w2, b2 = (p.numpy() for p in network.parameters())
    b1 = b1 + 0.3
    network.layers[0].bias.set_value(b1)
    expected = np.maximum(x.reshape(7, 6) @ w1 + b1, 0) @ w2 + b2
    assert network(paddle.to_tensor(x)).numpy() == pytest.approx(expected, abs=1e-5)


# 参数个数：与 stesha2016/GAN 的笔记本逐项对账


def test_stesha_01_networks_have_the_recorded_parameter_counts():
    assert size(MLP((100,), (784,), width=128, depth=1)) == 114_064
    assert size(MLP((784,), (1,), width=128, depth=1)) == 100_609


@pytest.mark.parametrize(
    ("channels", "shape", "theirs_G", "theirs_D"),
    [
        ([128, 256, 512, 1024], (1, 64, 64), 12_656_257, 11_033_985),  # 02，MNIST
        ([64, 128, 256], (3, 32, 32), 1_069_379, 663_745),  # 03，CIFAR-10
    ],
    ids=["02", "03"],
)
def test_stesha_02_and_03_differ_only_by_the_biases_that_batch_norm_cancels(
    channels, shape, theirs_G, theirs_D
):
    options = {"channels": channels, "depth": len(channels)}
    generator = DCGANGenerator((100,), shape, **options)
    discriminator = DCGANDiscriminator(shape, (1,), **options)
    # 笔记本的每个卷积都有偏置；这里后面跟着 BN 的卷积没有，正好少这么多
    assert size(generator) == theirs_G - sum(channels)
    assert size(discriminator) == theirs_D - sum(channels[1:])


def test_the_affine_network_has_a_weight_and_a_bias_and_nothing_else():
    network = Affine((1,), (1,))
    z = paddle.to_tensor([[0.0], [1.0], [-2.0]])
    at_zero, at_one, at_minus_two = network(z).numpy()[:, 0]
    assert size(network) == 2 and at_zero == network.layer.bias.item()
    assert at_one - at_zero == pytest.approx(network.layer.weight.item(), abs=1e-6)
    assert at_minus_two == pytest.approx(at_zero - 2 * (at_one - at_zero), abs=1e-5)
    assert Affine((2, 3), (1, 4, 4))(paddle.zeros([5, 2, 3])).shape == [5, 1, 4, 4]
