"""合页损失：数值、过了间隔就不推、没有约束时分数会漂、有谱归一化时不会。"""

import numpy as np
import paddle
import pytest
from helpers import seed_noise

from paddle_gan.methods.hinge import Hinge
from paddle_gan.methods.sngan import SNGAN
from paddle_gan.networks.mlp import MLP

X = np.array([[0.2, 0.4], [-3.0, 1.5], [0.25, -4.0], [9.0, 1.0]], np.float32)


def toy(spectral_norm: bool = False, depth: int = 0, **hparams) -> Hinge:
    paddle.seed(0)
    networks = {
        "G": MLP((3,), (2,), depth=0),
        "D": MLP((2,), (1,), depth=depth, width=16, spectral_norm=spectral_norm),
    }
    return Hinge(networks, Hinge.Hparams(z_dim=3, **hparams))


def test_both_losses_are_the_hinge_and_the_mean():
    method = toy()
    layer = method.D.layers[0]
    layer.weight.set_value(np.array([[0.6], [0.8]], np.float32))
    seed_noise()
    with paddle.no_grad():
        made = method.G(method.noise(4)).numpy()
    real, fake = (x.astype(np.float64) @ [0.6, 0.8] for x in (X, made))
    assert (real > 1).any() and (real < 1).any() and (fake < -1).any() != (fake < -1).all()
    seed_noise()
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    wanted = np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean()
    assert loss.item() == logs["loss/D"].item() == pytest.approx(wanted, rel=1e-4)
    assert logs["score/real"].item() == pytest.approx(real.mean(), rel=1e-4)
    assert logs["score/fake"].item() == pytest.approx(fake.mean(), rel=1e-4)
    seed_noise()
    loss, logs = method.generator_loss(4)
    assert loss.item() == logs["loss/G"].item() == pytest.approx(-fake.mean(), rel=1e-4)


def test_a_sample_past_its_margin_pulls_no_more():
    method = toy()
    method.fakes = lambda n: paddle.full([n, 2], -50.0)
    method.D.layers[0].weight.set_value(np.ones((2, 1), np.float32))
    loss, _ = method.discriminator_loss(paddle.full([4, 2], 50.0))
    loss.backward()
    assert loss.item() == 0 and np.abs(method.D.layers[0].weight.grad.numpy()).max() == 0


def test_it_does_not_ask_for_spectral_normalisation_but_sngan_does():
    toy(spectral_norm=False)
    with pytest.raises(Exception, match="spectral_norm"):
        SNGAN({"G": MLP((3,), (2,)), "D": MLP((2,), (1,))}, SNGAN.Hparams(z_dim=3))


def test_g_alone_can_lower_its_loss_without_end_and_spectral_normalisation_slows_it():
    # D 不动，只走 G：损失 −D(G(z)) 没有下界，一步降多少由 D 的坡度管着
    falls = []
    for spectral_norm in (False, True):
        method = toy(spectral_norm, depth=1, lr_G=0.05)
        for layer in (one for one in method.D.sublayers() if isinstance(one, paddle.nn.Linear)):
            layer.weight.set_value(8 * layer.weight)
        for _ in range(40):
            last = method.generator_step(8)["loss/G"].item()
        falls.append(last)
    assert falls[0] < -50 < falls[1]
