"""自注意力层：与 NumPy 的循环相同，γ = 0 时原样输出，接在 DCGAN 该接的地方，整串退回逐层地算。"""

import numpy as np
import paddle
import pytest
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.gradients import loss_backward
from paddle_gan.losses import zero_centered_penalty
from paddle_gan.networks.attention import SelfAttention, softmax
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from paddle_gan.networks.spectral import SpectralNorm, unnormalised

X = np.random.default_rng(0).normal(size=(2, 16, 3, 4)).astype(np.float32)


def layer(gamma: float = 0.0) -> SelfAttention:
    paddle.seed(0)
    made = SelfAttention(16)
    made.gamma.set_value(paddle.full([1], gamma))
    return made


def by_hand(made: SelfAttention, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """β (N, j, i) 与 y，一个位置一个位置地算。"""

    def conv(one, pixels):
        w, b = one.weight.numpy().astype(np.float64), one.bias.numpy()
        return w[:, :, 0, 0] @ pixels + b[:, None]

    betas, images = [], []
    for image in x.astype(np.float64):
        pixels = image.reshape(len(image), -1)
        f, g, h = (conv(one, pixels) for one in (made.f, made.g, made.h))
        beta = np.array([np.exp(f.T @ g[:, j]) for j in range(pixels.shape[1])])
        beta /= beta.sum(axis=1, keepdims=True)
        mixed = np.stack([h @ row for row in beta], axis=1)
        o = conv(made.v, mixed)
        betas.append(beta)
        images.append((pixels + made.gamma.item() * o).reshape(image.shape))
    return np.array(betas), np.array(images)


def test_at_the_start_the_layer_passes_everything_through():
    made, x = layer(), paddle.to_tensor(X)
    assert made.gamma.item() == 0 == SelfAttention(4).gamma.item()
    assert np.array_equal(made(x).numpy(), X)


def test_the_map_and_the_output_are_those_of_the_paper():
    made = layer(gamma=0.7)
    beta, y = by_hand(made, X)
    found = made.attention(paddle.to_tensor(X)).numpy()
    assert found == pytest.approx(beta, rel=1e-4, abs=1e-6)
    assert found.sum(axis=-1) == pytest.approx(np.ones((2, 12)), rel=1e-5)
    assert found.std() > 1e-3
    assert made(paddle.to_tensor(X)).numpy() == pytest.approx(y, rel=1e-3, abs=1e-5)
    assert np.abs(y - X).max() > 0.05


def test_the_widths_are_an_eighth_and_a_half():
    made = layer()
    shapes = [one.weight.shape for one in (made.f, made.g, made.h, made.v)]
    assert shapes == [[2, 16, 1, 1], [2, 16, 1, 1], [8, 16, 1, 1], [16, 8, 1, 1]]
    assert SelfAttention(4).f.weight.shape == [1, 4, 1, 1]


def test_the_softmax_is_that_of_paddle_and_does_not_overflow():
    a = paddle.to_tensor([[1000.0, 1001.0, -1000.0], [0.0, 0.5, 0.25]])
    assert softmax(a).numpy() == pytest.approx(nn.functional.softmax(a).numpy(), abs=1e-6)


def test_gamma_learns_from_the_first_step_and_the_rest_once_it_has_moved():
    made = layer()
    made(paddle.to_tensor(X)).square().sum().backward()
    assert made.gamma.grad.abs().item() > 1e-3
    assert float(made.v.weight.grad.abs().max()) == 0
    made = layer(gamma=0.5)
    made(paddle.to_tensor(X)).square().sum().backward()
    assert all(float(p.grad.abs().max()) > 0 for p in (made.f.weight, made.g.weight, made.h.weight))


# 在 DCGAN 里


def kinds(network) -> list[type]:
    return [type(one) for one in network.layers]


@pytest.mark.parametrize("side", [4, 8, 16])
def test_the_generator_attends_after_the_features_of_that_height(side):
    network = DCGANGenerator((5,), (1, 32, 32), width=8, depth=3, attention=side)
    found, seen = kinds(network), []
    (attention,) = (one for one in network.layers if isinstance(one, SelfAttention))
    attention.register_forward_pre_hook(lambda one, inputs: seen.append(inputs[0].shape[2]))
    assert network(paddle.randn([2, 5])).shape == [2, 1, 32, 32]
    place = found.index(SelfAttention)
    assert seen == [side] and found[place - 1] is nn.ReLU and found[place + 1] is Conv2DTranspose


@pytest.mark.parametrize("side", [4, 8, 16])
def test_the_discriminator_attends_after_the_features_of_that_height(side):
    network = DCGANDiscriminator((1, 32, 32), (1,), width=8, depth=3, attention=side)
    found, seen = kinds(network), []
    (attention,) = (one for one in network.layers if isinstance(one, SelfAttention))
    attention.register_forward_pre_hook(lambda one, inputs: seen.append(inputs[0].shape[2]))
    assert network(paddle.randn([2, 1, 32, 32])).shape == [2, 1]
    place = found.index(SelfAttention)
    assert seen == [side] and found[place - 1] is nn.LeakyReLU and found[place + 1] is Conv2D


def test_a_height_the_network_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(UserError, match="attention: 5 .*有 4、8、16"):
        DCGANGenerator((5,), (1, 32, 32), depth=3, attention=5)
    with pytest.raises(UserError, match="attention: 32 .*有 16、8、4"):
        DCGANDiscriminator((1, 32, 32), (1,), depth=3, attention=32)


def test_spectral_norm_reaches_the_convolutions_inside():
    options = {"width": 8, "depth": 2, "norm": "none", "spectral_norm": True, "attention": 8}
    network = DCGANDiscriminator((1, 16, 16), (1,), **options)
    (attention,) = (one for one in network.layers if isinstance(one, SelfAttention))
    assert all(isinstance(getattr(attention, name), SpectralNorm) for name in "fghv")
    assert not unnormalised(network)
    assert network(paddle.randn([2, 1, 16, 16])).shape == [2, 1]


def test_the_gradient_penalty_goes_through_it(two_threads):
    paddle.seed(0)
    options = {"width": 8, "depth": 2, "norm": "none", "init": "he_normal"}
    network = DCGANDiscriminator((1, 8, 8), (1,), attention=4, **options)
    (attention,) = (one for one in network.layers if isinstance(one, SelfAttention))
    attention.gamma.set_value(paddle.full([1], 0.5))
    x = paddle.randn([3, 1, 8, 8])
    weight = attention.f.weight

    def penalty() -> float:
        return zero_centered_penalty(network, x).item()

    zero_centered_penalty(network, x).backward()
    slope, step = weight.grad.numpy()[0, 0, 0, 0], 1e-2
    start = weight.numpy()
    ends = []
    for sign in (1, -1):
        moved = start.copy()
        moved[0, 0, 0, 0] += sign * step
        weight.set_value(paddle.to_tensor(moved))
        ends.append(penalty())
    assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=0.05, abs=1e-4)


def test_an_unknown_layer_leaves_the_chain_to_be_computed_layer_by_layer(two_threads):
    paddle.seed(0)
    network = DCGANDiscriminator((1, 16, 16), (1,), width=8, depth=2, norm="none", attention=8)
    x = paddle.randn([2, 1, 16, 16])
    with loss_backward():
        together = network(x)
    apart = x
    for one in network.layers:
        apart = one(apart)
    assert together.numpy().ravel() == pytest.approx(apart.numpy().ravel(), abs=1e-5)
