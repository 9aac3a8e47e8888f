"""看序列、写序列的网络：GRU 与 NumPy 手算的一致、只看前面；text_cnn 与手算的一致；配不上就说。"""

import numpy as np
import paddle
import pytest

from paddle_gan.errors import UserError
from paddle_gan.networks.recurrent import GRU
from paddle_gan.networks.text_cnn import TextCNN, windows


def sigma(a):
    return 1 / (1 + np.exp(-a))


def test_the_gru_is_the_four_lines_of_the_paper_step_by_step():
    paddle.seed(0)
    network = GRU((4, 3), (4, 2), width=5)
    for bias in (network.input.bias, network.hidden.bias, network.output.bias):
        bias.set_value(paddle.randn(bias.shape))
    W, U, out = (
        (layer.weight.numpy().astype(float), layer.bias.numpy().astype(float))
        for layer in (network.input, network.hidden, network.output)
    )
    x = np.random.default_rng(0).normal(size=(2, 4, 3))
    h, expected = np.zeros((2, 5)), []
    for t in range(4):
        a, b = x[:, t] @ W[0] + W[1], h @ U[0] + U[1]
        r, z = sigma(a[:, :5] + b[:, :5]), sigma(a[:, 5:10] + b[:, 5:10])
        h = z * h + (1 - z) * np.tanh(a[:, 10:] + r * b[:, 10:])
        expected.append(h @ out[0] + out[1])
    found = network(paddle.to_tensor(x.astype(np.float32))).numpy()
    assert found == pytest.approx(np.stack(expected, axis=1), rel=1e-4, abs=1e-5)


def test_an_output_depends_on_what_was_read_so_far_and_on_nothing_later():
    paddle.seed(0)
    network = GRU((5, 3), (5, 2), width=4)
    x = np.random.default_rng(0).normal(size=(1, 5, 3)).astype(np.float32)
    before = network(paddle.to_tensor(x)).numpy()
    x[:, 3] += 1
    after = network(paddle.to_tensor(x)).numpy()
    assert np.array_equal(before[:, :3], after[:, :3])
    assert (np.abs(before[:, 3:] - after[:, 3:]).max(axis=2) > 1e-4).all()


def test_the_text_cnn_takes_the_loudest_place_of_every_feature():
    paddle.seed(0)
    network = TextCNN((4, 3), (1,), width=2, widest=2)
    x = np.random.default_rng(0).normal(size=(3, 4, 3)).astype(np.float32)
    one, two = ((f.weight.numpy(), f.bias.numpy()) for f in network.filters)
    pairs = np.concatenate([x[:, :-1], x[:, 1:]], axis=2)
    features = [
        np.maximum(x @ one[0] + one[1], 0).max(1),
        np.maximum(pairs @ two[0] + two[1], 0).max(1),
    ]
    expected = (
        np.concatenate(features, 1) @ network.output.weight.numpy() + network.output.bias.numpy()
    )
    assert network(paddle.to_tensor(x)).numpy() == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert windows(paddle.to_tensor(x), 2).numpy() == pytest.approx(pairs)


def test_a_place_that_does_not_fit_is_refused_in_one_sentence():
    with pytest.raises(UserError, match="gru 把序列变成同样长的序列"):
        GRU((2,), (1,))
    with pytest.raises(UserError, match="gru 把序列变成同样长的序列"):
        GRU((4, 3), (5, 3))
    with pytest.raises(UserError, match="text_cnn 把序列"):
        TextCNN((1, 8, 8), (1,))
    with pytest.raises(UserError, match="widest = 5，比序列还长（4）"):
        TextCNN((4, 3), (1,), widest=5)
