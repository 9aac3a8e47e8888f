"""CPU 上的卷积与飞桨自带的一致：前向、三个梯度、各种形状、各种线程数。

两种实现都测：经飞桨自带的 oneDNN 的，和没有它时用的 conv_kernels.py。
"""

import numpy as np
import paddle
import pytest
from paddle import nn

from paddle_gan.gradients import second_order
from paddle_gan.losses import gradient_penalty
from paddle_gan.networks import conv_kernels, convolution, cores
from paddle_gan.networks.conv_kernels import Geometry
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.onednn import whole
from paddle_gan.networks.onednn.library import library

PAIRS = {"conv": (Conv2D, nn.Conv2D), "transpose": (Conv2DTranspose, nn.Conv2DTranspose)}
SHAPES = [
    ("conv", (5, 3, 9, 11), (3, 4, 4), {"stride": 2, "padding": 1}),
    ("conv", (4, 3, 8, 7), (3, 2, [3, 5]), {"stride": 1, "padding": 1}),
    ("conv", (1, 2, 8, 8), (2, 3, 3), {"padding": 1}),
    ("conv", (3, 16, 12, 12), (16, 1, 7), {}),  # 换到伴随那边算
    ("conv", (3, 8, 5, 5), (8, 1, 5), {}),  # 整张图缩成一个数
    ("conv", (2, 2, 6, 6), (2, 9, 3), {"padding": 2, "bias_attr": False}),
    ("conv", (2, 2, 7, 7), (2, 2, 3), {"stride": 3}),
    ("conv", (2, 3, 6, 7), (3, 4, 3), {"padding": 1, "padding_mode": "reflect"}),
    ("conv", (1, 2, 9, 8), (2, 3, 7), {"padding": 3, "padding_mode": "reflect"}),
    ("conv", (3, 2, 8, 8), (2, 2, 4), {"padding": 2, "stride": 2, "padding_mode": "reflect"}),
    ("transpose", (5, 4, 4, 5), (4, 3, 4), {"stride": 2, "padding": 1}),
    ("transpose", (2, 4, 5, 5), (4, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    ("transpose", (3, 6, 1, 1), (6, 2, [7, 5]), {}),
    ("transpose", (1, 4, 4, 4), (4, 3, 4), {"stride": 2, "padding": 1, "bias_attr": False}),
    ("transpose", (2, 2, 5, 5), (2, 3, 3), {"padding": 1}),
]


@pytest.fixture(autouse=True)
def every_size_takes_our_path(monkeypatch):
    """小形状也走这里的实现；测试之后换回飞桨的。"""
    monkeypatch.setattr(conv_kernels, "WORTHWHILE", 0)
    yield
    cores.use_threads(0)


@pytest.fixture
def own(monkeypatch):
    """当作没有 oneDNN。"""
    for module in (convolution, whole):
        monkeypatch.setattr(module, "library", lambda: None)


@pytest.fixture(params=["oneDNN", "自己的"])
def implementation(request):
    """两种实现；这台机器没有 oneDNN 时跳过第一种。"""
    if request.param == "自己的":
        request.getfixturevalue("own")
    elif library() is None:
        pytest.skip("飞桨没有带 oneDNN")


def twins(kind: str, *arguments, **options):
    """同样权重的两层：我们的与飞桨的。"""
    ours, theirs = (layer(*arguments, **options) for layer in PAIRS[kind])
    theirs.set_state_dict(ours.state_dict())
    return ours, theirs


def difference(a, b) -> float:
    return ((a - b).abs().max() / b.abs().max()).item()


def gradients(layer, x, weight) -> list:
    """输出，以及 (输出·weight) 之和对输入与各参数的梯度。"""
    x = x.detach().clone()
    x.stop_gradient = False
    y = layer(x)
    return [y, *paddle.grad((y * weight).sum(), [x, *layer.parameters()])]


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(("kind", "shape", "arguments", "options"), SHAPES)
@pytest.mark.parametrize("chunk", [conv_kernels.CHUNK, 1])
def test_own_kernels_and_every_gradient_agree_with_paddle(
    kind, shape, arguments, options, threads, chunk, monkeypatch, own
):
    monkeypatch.setattr(conv_kernels, "CHUNK", chunk)
    check_against_paddle(kind, shape, arguments, options, threads)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(("kind", "shape", "arguments", "options"), SHAPES)
def test_onednn_and_every_gradient_agree_with_paddle(kind, shape, arguments, options, threads):
    if library() is None:
        pytest.skip("飞桨没有带 oneDNN")
    check_against_paddle(kind, shape, arguments, options, threads)


def check_against_paddle(kind, shape, arguments, options, threads) -> None:
    ours, theirs = twins(kind, *arguments, **options)
    x = paddle.randn(shape)
    expected = theirs(x)
    weight = paddle.rand(expected.shape)  # 都是正的：偏置的梯度是它们的和，正负相消时误差没法比
    theirs_all = gradients(theirs, x, weight)
    cores.use_threads(threads)
    for mine, reference in zip(gradients(ours, x, weight), theirs_all, strict=True):
        assert difference(mine, reference) < 1e-5


def test_our_path_is_really_taken(monkeypatch, own):
    called = []
    real = convolution.KERNELS["correlate"]
    monkeypatch.setitem(
        convolution.KERNELS, "correlate", lambda *a: called.append(a[0]) or real(*a)
    )
    layer = Conv2D(2, 3, 3)
    cores.use_threads(2)
    layer(paddle.randn([2, 2, 5, 5]))
    assert len(called) == 1
    cores.use_threads(0)
    layer(paddle.randn([2, 2, 5, 5]))
    with second_order():
        cores.use_threads(2)
        layer(paddle.randn([2, 2, 5, 5]))
    assert len(called) == 1


def test_frozen_weights_and_real_images_cost_no_gradient(monkeypatch, own):
    called = []
    for name, kernel in list(convolution.KERNELS.items()):
        monkeypatch.setitem(
            convolution.KERNELS, name, lambda *a, n=name, k=kernel: called.append(n) or k(*a)
        )
    cores.use_threads(2)
    layer, x = Conv2D(2, 3, 3), paddle.randn([2, 2, 5, 5])
    layer(x).sum().backward()  # 真实图像：只要权重的梯度
    assert called == ["correlate", "outer"]

    called.clear()
    for parameter in layer.parameters():
        parameter.stop_gradient = True
    x.stop_gradient = False
    layer(x).sum().backward()  # 冻结的判别器：只要输入的梯度
    assert called == ["correlate", "scatter"]
    assert layer.weight.grad is not None and x.grad is not None


def penalty_and_gradients(network, real, fake, threads: int) -> list:
    """惩罚，以及（惩罚 + 分数的均值）对每个参数的梯度。"""
    cores.use_threads(threads)
    network.clear_gradients()
    paddle.seed(3)
    penalty = gradient_penalty(network, real, fake)
    (penalty + network(real).mean()).backward()
    return [penalty, *(p.grad.clone() for p in network.parameters())]


@pytest.mark.parametrize("activation", [nn.LeakyReLU(0.2), nn.Tanh()], ids=["分段线性", "光滑"])
def test_the_gradient_penalty_and_its_gradients_agree_with_paddle(
    activation, monkeypatch, implementation
):
    critic = nn.Sequential(
        *[Conv2D(3, 4, 4, stride=2, padding=1), activation],
        *[Conv2D(4, 6, 3, padding=1), activation, Conv2D(6, 1, 4)],
    )
    real, fake = paddle.randn([5, 3, 8, 8]), paddle.randn([5, 3, 8, 8])
    expected = penalty_and_gradients(critic, real, fake, threads=0)
    # 飞桨的卷积不许再用：证明二阶导数走的也是这里的实现
    monkeypatch.setattr(nn.Conv2D, "forward", lambda self, x: pytest.fail("用了飞桨的卷积"))
    for threads in (1, 2):
        ours = penalty_and_gradients(critic, real, fake, threads)
        for mine, reference in zip(ours, expected, strict=True):
            scale = reference.abs().max().item()
            assert (mine - reference).abs().max().item() <= 1e-5 * max(scale, 1e-3)


def test_a_second_derivative_outside_the_block_is_refused_not_silently_wrong(implementation):
    cores.use_threads(2)
    layer, x = Conv2D(2, 3, 3), paddle.randn([2, 2, 5, 5])
    x.stop_gradient = False
    with pytest.raises(OSError, match="input_gradient"):  # 飞桨把里面的错误包了一层
        paddle.grad(layer(x).sum(), x, create_graph=True)


def test_a_reflecting_layer_in_a_penalised_critic_still_gives_the_right_numbers(implementation):
    critic = nn.Sequential(Conv2D(1, 2, 3, padding=1, padding_mode="reflect"), Conv2D(2, 1, 6))
    real, fake = paddle.randn([3, 1, 6, 6]), paddle.randn([3, 1, 6, 6])
    expected = penalty_and_gradients(critic, real, fake, threads=0)
    for mine, reference in zip(penalty_and_gradients(critic, real, fake, 2), expected):
        assert (mine - reference).abs().max().item() < 1e-5


def test_double_precision_keeps_paddles_own_implementation(float64):
    cores.use_threads(2)
    layer = Conv2D(2, 3, 3)
    assert layer(paddle.randn([2, 2, 5, 5])).dtype == paddle.float64


def test_the_same_threads_give_the_same_bytes(implementation):
    cores.use_threads(2)
    layer, x = Conv2D(8, 8, 3, padding=1), paddle.randn([6, 8, 16, 16])
    weight = paddle.randn([6, 8, 16, 16])
    runs = [[t.numpy().tobytes() for t in gradients(layer, x, weight)] for _ in range(5)]
    assert all(run == runs[0] for run in runs)


def test_a_mirrored_geometry_swaps_input_and_output():
    g = Geometry(n=2, c=3, h=9, w=8, m=5, kh=3, kw=3, stride=1, padding=0)
    assert (g.oh, g.ow) == (7, 6)
    assert (g.mirror.c, g.mirror.h, g.mirror.w, g.mirror.m) == (5, 7, 6, 3)
    assert (g.mirror.oh, g.mirror.ow) == (9, 8)
    assert Geometry(2, 3, 8, 8, 5, 4, 4, stride=2, padding=1).mirror is None


def test_every_array_handed_to_paddle_is_aligned_to_a_cache_line():
    # 不对齐时飞桨的求和分段不同，同样的种子每次训练的末位都不一样
    for n in range(1, 6):
        g = Geometry(n=n, c=3, h=7, w=5, m=2, kh=3, kw=3, stride=1, padding=0)
        x = np.ones((g.n, g.c, g.h, g.w), np.float32)
        y = np.ones((g.n, g.m, g.oh, g.ow), np.float32)
        w = np.ones((g.m, g.c, g.kh, g.kw), np.float32)
        for kernel, operands in (("correlate", (x, w)), ("scatter", (y, w)), ("outer", (x, y))):
            made = convolution.KERNELS[kernel](g, *operands, 2)
            assert made.ctypes.data % conv_kernels.ALIGNMENT == 0
        assert convolution.channel_sums(y).ctypes.data % conv_kernels.ALIGNMENT == 0
