"""整串的层跟着改：钩子、换层、改设定、冻结、评估模式；不合的输入一句话。"""

import copy

import numpy as np
import paddle
import pytest
from onednn_cases import IMAGE, ONE, POINT, compared, doubled
from paddle import nn

from paddle_gan.gradients import loss_backward, second_order
from paddle_gan.losses import squared_gradient_norm
from paddle_gan.networks import MLP, DCGANDiscriminator, ResNetGenerator
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.onednn import conv_primitives, library

pytestmark = [
    pytest.mark.skipif(library.library() is None, reason="飞桨没有带 oneDNN"),
    pytest.mark.usefixtures("two_threads"),
]


def test_outside_the_block_any_gradient_may_be_asked_for(counted):
    network, x = MLP(POINT, ONE, width=8), paddle.randn([4, 2])
    x.stop_gradient = False
    assert paddle.grad(network(x).sum(), x)[0].shape == [4, 2]  # 只要输入的，参数没有冻结
    assert paddle.grad(network(x).sum(), network.layers[0].weight)[0].shape == [2, 8]
    penalty = squared_gradient_norm(network, x).mean()  # 惩罚也一样：只要其中一层的
    assert paddle.grad(penalty, network.layers[0].weight)[0].shape == [2, 8]
    assert counted == []


def test_a_second_derivative_of_the_weights_is_left_to_paddle(counted):
    network, x = MLP(POINT, ONE, width=8), paddle.randn([4, 2])
    with second_order():
        weight = network.layers[0].weight
        first = paddle.grad(network(x).square().sum(), weight, create_graph=True)[0]
        assert paddle.grad(first.sum(), weight)[0].shape == [2, 8]
    assert counted == []


def test_frozen_weights_cost_no_weight_gradient_and_real_images_no_input_gradient(monkeypatch):
    done = []
    for kind in ("ConvolutionBackwardData", "ConvolutionBackwardWeights"):
        real = getattr(conv_primitives, kind).run
        monkeypatch.setattr(
            getattr(conv_primitives, kind),
            "run",
            lambda self, *a, real=real, kind=kind: done.append(kind[19:]) or real(self, *a),
        )
    network = DCGANDiscriminator(IMAGE, ONE, width=4, depth=2, norm="none")  # 三层卷积
    x = paddle.randn([2, *IMAGE])
    with loss_backward():
        network(x).sum().backward()
    assert done == ["Weights", "Data", "Weights", "Data", "Weights"]
    done.clear()
    for parameter in network.parameters():
        parameter.stop_gradient = True
    x.stop_gradient = False
    with loss_backward():
        network(x).sum().backward()
    assert done == ["Data"] * 3


def test_a_hook_sees_every_layer_and_the_numbers_stay(counted):
    network, x = DCGANDiscriminator(IMAGE, ONE, width=4, depth=2), paddle.randn([2, *IMAGE])
    network.eval()
    seen = []
    with paddle.no_grad():
        before = network(x)
        handle = network.layers[1].register_forward_post_hook(lambda *a: seen.append(a[2].shape))
        after = network(x)
        handle.remove()
        network(x)
    assert seen == [[2, 4, 8, 8]]
    assert counted == ["forward", "forward"]  # 装着钩子的那一次没有走整串
    assert (before - after).abs().max().item() < 1e-6


def test_a_replaced_layer_a_copy_and_new_weights_are_followed():
    network = MLP(POINT, ONE, width=8)
    x = paddle.randn([5, 2])
    with paddle.no_grad():
        first = network(x)
        twin = copy.deepcopy(network)
        network.layers[-1] = nn.Sigmoid()
        assert np.allclose(network(x), nn.functional.sigmoid(first), atol=1e-6)
        assert np.allclose(twin(x), first, atol=1e-6)
        twin.layers[0].weight.set_value(paddle.zeros([2, 8]))
        twin.layers[0].bias.set_value(paddle.zeros([8]))
        same_for_all = twin(x)
    assert (same_for_all - same_for_all[0]).abs().max().item() == 0
    assert (first - first[0]).abs().max().item() > 0


CHANGED = {
    "动量": lambda net: setattr(net[1], "_momentum", 0.1),
    "ε": lambda net: setattr(net[1], "_epsilon", 0.5),
    "斜率": lambda net: setattr(net[2], "_negative_slope", 0.9),
    "换成评估模式": lambda net: net[1].eval(),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_setting_changed_after_the_first_forward_is_followed(name):
    compared(
        lambda: Chain(Conv2D(3, 4, 3), nn.BatchNorm2D(4), nn.LeakyReLU(0.2)),
        np.random.default_rng(3).standard_normal((4, 3, 6, 5)),
        CHANGED[name],
    )


WANTED = [(x, w, b) for x in (0, 1) for w in (0, 1) for b in (0, 1) if x or w or b]
LAYERS = {
    "卷积": (lambda: Conv2D(3, 4, 3), (2, 3, 6, 5)),
    "转置卷积": (lambda: Conv2DTranspose(3, 4, 3, stride=2), (2, 3, 6, 5)),
    "全连接": (lambda: nn.Linear(3, 4), (5, 3)),
    "批归一化": (lambda: nn.BatchNorm2D(3), (2, 3, 6, 5)),
}


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("name", LAYERS)
def test_exactly_the_wanted_gradients_are_given(name, wanted, counted):
    make, shape = LAYERS[name]
    network = Chain(make(), nn.Tanh())
    twin = doubled(network)  # 三个都要：飞桨的批归一化冻结了一个参数，另一个的梯度也不给
    data = np.random.default_rng(5).standard_normal(shape)
    found = []
    for net, asked in ((network, wanted), (twin, (1, 1, 1))):
        x = paddle.to_tensor(data, dtype=net[0].weight.dtype)
        tensors = [x, net[0].weight, net[0].bias]
        for tensor, want in zip(tensors, asked):
            tensor.stop_gradient = not want
        with loss_backward():
            net(x).square().sum().backward()
        found.append([None if t.grad is None else t.grad.numpy() for t in tensors])
    assert "backward" in counted
    for ours, theirs, want in zip(*found, wanted):
        assert (ours is not None) == bool(want)
        if want:
            assert abs(ours - theirs).max() <= 1e-5 * abs(theirs).max()


def test_batch_norm_in_evaluation_mode_can_still_be_differentiated():
    network, x = DCGANDiscriminator(IMAGE, ONE, width=4, depth=2), paddle.randn([2, *IMAGE])
    network.eval()
    x.stop_gradient = False
    with loss_backward():
        network(x).sum().backward()
    twin = doubled(network)
    x64 = paddle.to_tensor(x.numpy(), dtype="float64", stop_gradient=False)
    twin(x64).sum().backward()
    assert abs(x.grad.numpy() - x64.grad.numpy()).max() <= 1e-5 * abs(x64.grad.numpy()).max()


@pytest.mark.parametrize(
    ("network", "shape", "words"),
    [
        (Chain(Conv2D(3, 4, 3)), (2, 2, 8, 8), "输入有 2 个通道，这一层要 3 个"),
        (Chain(Conv2D(3, 4, 5)), (2, 3, 4, 8), "4×8 的图放不下这一层的核"),
        (Chain(Conv2DTranspose(3, 4, 3)), (2, 4, 8, 8), "输入有 4 个通道，这一层要 3 个"),
        (Chain(Conv2D(1, 2, 7, padding=3, padding_mode="reflect")), (1, 1, 3, 9), "3×9 的图不够"),
        (Chain(nn.Linear(3, 4)), (2, 5), "每个样本有 5 个数，这一层要 3 个"),
        (Chain(nn.InstanceNorm2D(4)), (2, 3, 5, 5), "输入有 3 个通道，归一化要 4 个"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_in_one_sentence(network, shape, words):
    with paddle.no_grad(), pytest.raises(ValueError, match=words):
        network(paddle.randn(shape))


def test_switched_off_it_gives_the_same_numbers(monkeypatch, counted):
    network, x = ResNetGenerator(IMAGE, IMAGE, width=4, blocks=1), paddle.randn([1, *IMAGE])
    with paddle.no_grad():
        ours = network(x)
        monkeypatch.setenv(library.SWITCH, "0")
        library.library.cache_clear()
        try:
            assert library.library() is None
            others = network(x)
        finally:
            monkeypatch.undo()
            library.library.cache_clear()
    assert counted == ["forward"]
    assert (ours - others).abs().max().item() < 1e-5
