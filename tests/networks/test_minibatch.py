"""小批量标准差层：数值与 NumPy 相同，看得出崩溃，能求二阶导，接在网络里该接的地方。"""

import numpy as np
import paddle
import pytest
from helpers import tiny_method

from paddle_gan.engine.panels import judges_points
from paddle_gan.errors import UserError
from paddle_gan.gradients import loss_backward
from paddle_gan.losses import zero_centered_penalty
from paddle_gan.networks.dcgan import DCGANDiscriminator
from paddle_gan.networks.minibatch import MinibatchStd
from paddle_gan.networks.mlp import MLP
from paddle_gan.run.config import resolve

RNG = np.random.default_rng(0)


def spread_of(group: np.ndarray) -> float:
    """一组样本的标准差，逐个特征算，再平均；老老实实写循环。"""
    flat = group.reshape(len(group), -1).astype(np.float64)
    sigmas = [np.sqrt(((c - c.mean()) ** 2).mean() + 1e-8) for c in flat.T]
    return sum(sigmas) / len(sigmas)


@pytest.mark.parametrize("shape", [(3,), (2, 4, 5)])
@pytest.mark.parametrize(("n", "group"), [(8, 4), (6, 2), (6, 3), (3, 4), (5, 64)])
def test_one_channel_more_holds_the_mean_deviation_of_ones_own_group(float64, shape, n, group):
    h = RNG.normal(size=(n, *shape))
    out = MinibatchStd(group)(paddle.to_tensor(h)).numpy()
    assert out.shape == (n, shape[0] + 1, *shape[1:])
    assert out[:, :-1].tobytes() == h.tobytes()
    size = min(group, n)
    for i in range(n):
        start = i // size * size  # 相邻的 size 个一组
        expected = spread_of(h[start : start + size])
        assert out[i, -1] == pytest.approx(np.full(shape[1:], expected), rel=1e-9)


def test_copies_have_no_spread_and_strangers_have_theirs():
    copies = np.tile(RNG.normal(size=(1, 3)).astype(np.float32), (8, 1))
    assert MinibatchStd(4)(paddle.to_tensor(copies)).numpy()[:, -1] == pytest.approx(
        np.full(8, 1e-4), rel=1e-3
    )
    half = np.concatenate([copies[:4], copies[4:] + np.float32([[-1], [1], [-1], [1]])])
    out = MinibatchStd(4)(paddle.to_tensor(half)).numpy()[:, -1]
    assert out == pytest.approx([1e-4] * 4 + [1.0] * 4, rel=1e-3)


def test_a_batch_that_does_not_divide_is_refused_with_the_two_levers():
    with pytest.raises(UserError, match="一批 6 个.*每 4 个.*batch_size.*minibatch_std"):
        MinibatchStd(4)(paddle.zeros([6, 2]))


@pytest.mark.parametrize("group", [1, 0, -4])
def test_a_group_of_one_has_no_deviation_and_is_refused(group):
    network = {"generator": {"name": "mlp"}, "discriminator": {"name": "mlp"}}
    network["discriminator"]["minibatch_std"] = group
    raw = {"method": "gan", "network": network, "data": {"name": "ring"}}
    with pytest.raises(UserError, match="network.discriminator.minibatch_std 要不小于 2"):
        resolve(raw | {"batch_size": 8, "total_steps": 2})


@pytest.mark.parametrize("section", ["generator", "encoder"])
def test_only_a_discriminator_may_look_at_the_group(section):
    network = dict.fromkeys(("generator", "discriminator", "encoder"), {"name": "mlp"})
    raw = {"method": "mr_gan", "data": {"name": "ring"}, "batch_size": 8, "total_steps": 2}
    allowed = network | {"discriminator": {"name": "mlp", "minibatch_std": 4}}
    assert resolve(raw | {"network": allowed}).network["discriminator"]["minibatch_std"] == 4
    refused = network | {section: {"name": "mlp", "minibatch_std": 4}}
    with pytest.raises(UserError, match=f"network.{section}.minibatch_std 只给判别器用"):
        resolve(raw | {"network": refused})


def test_a_penalty_through_the_layer_has_the_gradient_of_finite_differences(float64):
    layer = MLP((2,), (1,), width=3, depth=2, activation="tanh", minibatch_std=4)
    x = paddle.to_tensor(RNG.normal(size=(8, 2)))

    def penalty():
        return zero_centered_penalty(layer, x)

    penalty().backward()
    step = 1e-5
    moving = [p for p in layer.parameters() if p.grad is not None]  # 输出层的偏置不影响梯度
    assert len(moving) == len(layer.parameters()) - 1
    for p in moving:
        value, gradient = p.numpy().copy(), p.grad.numpy()
        place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        ends = []
        for side in (step, -step):
            moved = value.copy()
            moved[place] += side
            p.set_value(moved)
            ends.append(penalty().item())
        p.set_value(value)
        assert gradient[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4)


def test_in_the_mlp_it_stands_before_the_last_hidden_layer_and_only_that_one_is_wider():
    def shapes(**options):
        return [p.shape for p in MLP((2,), (1,), width=5, depth=2, **options).parameters()]

    assert shapes() == [[2, 5], [5], [5, 5], [5], [5, 1], [1]]
    assert shapes(minibatch_std=4) == [[2, 5], [5], [6, 5], [5], [5, 1], [1]]
    kinds = [type(layer).__name__ for layer in MLP((2,), (1,), minibatch_std=4).layers]
    assert kinds == ["Linear", "ReLU", "MinibatchStd", "Linear", "ReLU", "Linear", "Identity"]


def test_in_the_dcgan_discriminator_it_stands_before_the_output_layer():
    plain, wider = (
        DCGANDiscriminator((1, 8, 8), (1,), width=2, depth=2, norm="none", minibatch_std=group)
        for group in (None, 4)
    )
    assert [type(layer).__name__ for layer in wider.layers][-2:] == ["MinibatchStd", "Conv2D"]
    changed = [
        (a.shape, b.shape)
        for a, b in zip(plain.parameters(), wider.parameters())
        if a.shape != b.shape
    ]
    assert changed == [([1, 4, 2, 2], [1, 5, 2, 2])]
    assert wider(paddle.zeros([4, 1, 8, 8])).shape == [4, 1]


def test_the_score_of_a_sample_depends_on_its_group_only_with_the_layer():
    x = paddle.to_tensor(RNG.normal(size=(8, 2)).astype(np.float32))
    other = paddle.concat([x[:3], 5 * x[3:4], x[4:]])
    for group, alone in ((None, True), (4, False)):
        D = MLP((2,), (1,), minibatch_std=group)
        with paddle.no_grad():
            apart = np.abs((D(other) - D(x)).numpy()[:, 0])
        assert (apart[:3].max() < 1e-6) == alone
        assert apart[3] > 1e-3 and apart[4:].max() < 1e-6


def test_a_network_with_the_layer_is_computed_layer_by_layer_and_gives_the_same():
    D = MLP((2,), (1,), width=5, depth=2, activation="leaky_relu", minibatch_std=4)
    h = x = paddle.to_tensor(RNG.normal(size=(8, 2)).astype(np.float32))
    for layer in D.layers:
        h = layer(h)
    with loss_backward():
        assert D(x).numpy() == pytest.approx(h.numpy(), abs=1e-6)


def test_the_surface_of_a_discriminator_that_looks_at_the_group_is_not_drawn():
    plain, looking = tiny_method("gan"), tiny_method("gan")
    looking.D = MLP((2,), (1,), minibatch_std=4)
    assert judges_points(plain, (2,)) and not judges_points(looking, (2,))
