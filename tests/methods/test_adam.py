"""这里的 Adam 与飞桨的逐位相同：更新、变学习率、存取状态、冻结的参数、第一步。"""

from typing import get_type_hints

import numpy as np
import paddle
import pytest
from paddle import nn, optimizer
from pydantic import TypeAdapter, ValidationError

from paddle_gan.methods import METHODS, adam
from paddle_gan.methods.adam import Adam


def network() -> nn.Layer:
    paddle.seed(7)
    return nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 1))


def train(optimizers, networks, steps) -> None:
    for step in steps:
        x = paddle.to_tensor(np.random.default_rng(step).standard_normal((4, 3)), "float32")
        for one, net in zip(optimizers, networks):
            one.set_lr(0.01 / (1 + step))
            net(x).square().mean().backward()
            one.step()
            one.clear_grad()


def bits(one, net) -> list[bytes]:
    states = [value for value in one.state_dict().values() if isinstance(value, paddle.Tensor)]
    return [tensor.numpy().tobytes() for tensor in [*net.parameters(), *states]]


@pytest.fixture
def pair():
    networks = network(), network()
    makers = (
        Adam,
        lambda rate, b1, b2, parameters: optimizer.Adam(rate, b1, b2, parameters=parameters),
    )
    return [make(0.01, 0.5, 0.9, net.parameters()) for make, net in zip(makers, networks)], networks


def test_every_bit_is_paddles_and_paddles_own_step_is_used_only_once(pair, monkeypatch):
    optimizers, networks = pair
    called, real = [], optimizer.Adam.step
    monkeypatch.setattr(
        optimizer.Adam, "step", lambda self: called.append(type(self)) or real(self)
    )
    train(optimizers, networks, range(6))
    assert bits(optimizers[0], networks[0]) == bits(optimizers[1], networks[1])
    assert called.count(Adam) == 1 and called.count(optimizer.Adam) == 6


@pytest.mark.parametrize("number", [0, 1])  # 同一个参数归第二个优化器时，飞桨编的是 1
def test_a_saved_state_goes_on_bit_for_bit(number, pair):
    optimizers, networks = pair
    train(optimizers, networks, range(3))
    again = network()
    again.set_state_dict(networks[0].state_dict())
    resumed = Adam(0.01, 0.5, 0.9, again.parameters())
    names = zip(networks[0].parameters(), again.parameters())
    state = optimizers[0].state_dict()
    for old, new in names:  # 参数的名字每次不同，存盘时另有对应
        state = {key.replace(old.name, new.name): value for key, value in state.items()}
    resumed.set_state_dict({f"{key[:-1]}{number}": value for key, value in state.items()})
    train([resumed, optimizers[1]], [again, networks[1]], range(3, 6))
    assert bits(resumed, again)[:4] == bits(optimizers[1], networks[1])[:4]


def test_a_frozen_parameter_and_one_without_gradient_stay(pair):
    (ours, _), (net, _) = pair
    train([ours], [net], range(2))
    net[0].weight.stop_gradient = True
    frozen, moving = net[0].weight.numpy().copy(), net[2].weight.numpy().copy()
    train([ours], [net], range(2, 4))
    assert (net[0].weight.numpy() == frozen).all() and (net[2].weight.numpy() != moving).any()
    before = net[2].weight.numpy().copy()
    ours.clear_grad(set_to_zero=False)
    ours.step()  # 一个梯度也没有
    assert (net[2].weight.numpy() == before).all()


def test_an_unknown_version_of_paddle_takes_paddles_own_step(pair, monkeypatch):
    optimizers, networks = pair
    monkeypatch.setattr(adam, "KNOWN", adam.KNOWN | {"没有这个参数"})
    called, real = [], optimizer.Adam.step
    monkeypatch.setattr(
        optimizer.Adam, "step", lambda self: called.append(type(self)) or real(self)
    )
    train(optimizers, networks, range(3))
    assert called.count(Adam) == 3


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_beta_of_one_is_refused_before_adam_sees_it(method):
    hints = get_type_hints(method.Hparams, include_extras=True)
    betas = [name for name in hints if name in ("beta1", "beta2")]
    for name in betas:
        adapter = TypeAdapter(hints[name])
        assert adapter.validate_python(0.999) == 0.999
        with pytest.raises(ValidationError):
            adapter.validate_python(1.0)
