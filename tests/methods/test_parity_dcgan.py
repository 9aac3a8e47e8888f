"""DCGAN 的整步训练（先 D 后 G，BN 用批统计量，Adam）与一份手推反向的 NumPy 实现逐张量相同。"""

import numpy as np
import paddle
import pytest
from helpers import seed_noise, values
from numpy_layers import (
    Adam,
    add,
    batch_norm,
    chain,
    convolution,
    leaky_relu,
    relative_error,
    tanh,
    transposed_convolution,
)

from paddle_gan.data import Images
from paddle_gan.methods.dcgan import DCGAN
from paddle_gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator

N, Z, SHAPE = 5, 3, (1, 8, 8)
LR_D, LR_G, BETA1, BETA2 = 0.01, 0.02, 0.5, 0.999
# 双精度；飞桨 2.6 把 LeakyReLU 的斜率存成单精度
TOLERANCE = 1e-9 if paddle.__version__ >= "3" else 1e-6


def numpy_generator(p: dict):
    """z (N, Z, 1, 1) → 图像：convT-BN-ReLU-convT-BN-ReLU-convT-tanh。"""
    return chain(
        ("layers.0", lambda x: transposed_convolution(x, p["layers.0.weight"], None, 1, 0)),
        ("layers.1", lambda x: batch_norm(x, p["layers.1.weight"], p["layers.1.bias"])),
        ("relu", leaky_relu),
        ("layers.3", lambda x: transposed_convolution(x, p["layers.3.weight"], None, 2, 1)),
        ("layers.4", lambda x: batch_norm(x, p["layers.4.weight"], p["layers.4.bias"])),
        ("relu", leaky_relu),
        (
            "layers.6",
            lambda x: transposed_convolution(x, p["layers.6.weight"], p["layers.6.bias"], 2, 1),
        ),
        ("tanh", tanh),
    )


def numpy_discriminator(p: dict):
    """图像 → logit (N, 1, 1, 1)：conv-LReLU-conv-BN-LReLU-conv。"""
    return chain(
        ("layers.0", lambda x: convolution(x, p["layers.0.weight"], p["layers.0.bias"], 2, 1)),
        ("lrelu", lambda x: leaky_relu(x, 0.2)),
        ("layers.2", lambda x: convolution(x, p["layers.2.weight"], None, 2, 1)),
        ("layers.3", lambda x: batch_norm(x, p["layers.3.weight"], p["layers.3.bias"])),
        ("lrelu", lambda x: leaky_relu(x, 0.2)),
        ("layers.5", lambda x: convolution(x, p["layers.5.weight"], p["layers.5.bias"], 1, 0)),
    )


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class NumpyDCGAN:
    """算法：L_D = −E[log σ(D(x))] − E[log(1 − σ(D(G(z))))]，L_G = −E[log σ(D(G(z)))]。"""

    def __init__(self, G: dict, D: dict):
        self.G, self.D = G, D
        self.adam = {"D": Adam(D, LR_D, BETA1, BETA2), "G": Adam(G, LR_G, BETA1, BETA2)}

    def step(self, x, z_D, z_G) -> dict:
        fake, _ = numpy_generator(self.G)(z_D)
        real_logit, real_back = numpy_discriminator(self.D)(x)
        fake_logit, fake_back = numpy_discriminator(self.D)(fake)
        loss_D = np.logaddexp(0, -real_logit).mean() + np.logaddexp(0, fake_logit).mean()
        # ∂L_D/∂logit：真 −(1 − σ)/N，假 σ/N
        _, real_grads = real_back(-(1 - sigmoid(real_logit)) / N)
        _, fake_grads = fake_back(sigmoid(fake_logit) / N)
        self.adam["D"].step(add(real_grads, fake_grads))

        fake, generator_back = numpy_generator(self.G)(z_G)
        logit, back = numpy_discriminator(self.D)(fake)
        d_image, _ = back(-(1 - sigmoid(logit)) / N)
        _, grads = generator_back(d_image)
        self.adam["G"].step(grads)
        return {
            "loss/D": loss_D,
            "loss/G": np.logaddexp(0, -logit).mean(),
            "prob/real": sigmoid(real_logit).mean(),
            "prob/fake": sigmoid(fake_logit).mean(),
        }


@pytest.fixture
def method(float64):
    networks = {
        "G": DCGANGenerator((Z,), SHAPE, width=2, depth=2),
        "D": DCGANDiscriminator(SHAPE, (1,), width=2, depth=2),
    }
    # 论文的 0.02 会让梯度很小、激活都在线性区；放大权重，把非线性也照到
    rng = np.random.default_rng(0)
    for network in networks.values():
        for name, p in network.named_parameters():
            if p.trainable:
                centre = 1.0 if p.ndim == 1 and name.endswith("weight") else 0.0
                p.set_value(rng.normal(centre, 0.4, p.shape))
    return DCGAN(networks, DCGAN.Hparams(z_dim=Z, lr_D=LR_D, lr_G=LR_G, beta1=BETA1, beta2=BETA2))


def batch(step: int) -> np.ndarray:
    return np.random.default_rng([9, step]).uniform(-1, 1, (N, *SHAPE))


def noise(method, step: int) -> list[np.ndarray]:
    """这一步先后用到的两批 z：给 D 的、给 G 的。"""
    seed_noise(step)
    return [method.noise(N).numpy().reshape(N, Z, 1, 1) for _ in range(2)]


def accumulator(method, letter: str, kind: str) -> dict[str, np.ndarray]:
    """优化器里 letter 网络每个参数的一阶（moment1）或二阶（moment2）矩。"""
    state = method.optimizers[letter].state_dict()
    return {
        name: state[f"{p.name}_{kind}_0"].numpy()
        for name, p in method.networks[letter].named_parameters()
        if p.trainable
    }


def test_three_training_steps_equal_the_hand_derived_numpy_implementation(method):
    start = {letter: values(network) for letter, network in method.networks.items()}
    reference = NumpyDCGAN(
        **{letter: {k: v.copy() for k, v in p.items()} for letter, p in start.items()}
    )
    for step in (1, 2, 3):
        z_D, z_G = noise(method, step)
        expected_logs = reference.step(batch(step), z_D, z_G)
        seed_noise(step)
        logs = method.train_step(iter([Images(paddle.to_tensor(batch(step)))]), step)

        for name, expected in expected_logs.items():
            assert logs[name].item() == pytest.approx(expected, rel=TOLERANCE)
        for letter in "DG":
            ours, theirs = values(method.networks[letter]), reference.adam[letter]
            assert relative_error(ours, theirs.parameters) < TOLERANCE
            moved = {k: ours[k] - start[letter][k] for k in ours}
            expected = {k: theirs.parameters[k] - start[letter][k] for k in ours}
            assert relative_error(moved, expected) < 1e-6
            # Adam 的步长看不出损失的倍数，一阶矩与二阶矩看得出
            assert relative_error(accumulator(method, letter, "moment1"), theirs.m) < 1e-7
            assert relative_error(accumulator(method, letter, "moment2"), theirs.v) < 1e-7


def test_the_running_statistics_are_a_ninety_ten_average_of_the_batches_g_made(method):
    start = values(method.G)
    z_D, z_G = noise(method, 1)
    seed_noise(1)
    method.train_step(iter([Images(paddle.to_tensor(batch(1)))]), 1)
    mean, variance = np.zeros(4), np.ones(4)
    for z in (z_D, z_G):  # D 的那一步和 G 的那一步各前向一次，权重相同
        h, _ = transposed_convolution(z, start["layers.0.weight"], None, 1, 0)
        mean = 0.9 * mean + 0.1 * h.mean(axis=(0, 2, 3))
        variance = 0.9 * variance + 0.1 * h.var(axis=(0, 2, 3))
    state = method.G.state_dict()
    assert state["layers.1._mean"].numpy() == pytest.approx(mean, rel=1e-6)
    assert state["layers.1._variance"].numpy() == pytest.approx(variance, rel=1e-6)


def test_the_numpy_backward_itself_agrees_with_finite_differences(method):
    p = values(method.D)
    x, direction = batch(1), np.random.default_rng(1).normal(size=(N, 1, 1, 1))

    def objective() -> float:
        return float((numpy_discriminator(p)(x)[0] * direction).sum())

    _, back = numpy_discriminator(p)(x)
    dx, grads = back(direction)
    for array, grad in ((p["layers.2.weight"], grads["layers.2.weight"]), (x, dx)):
        index, h = (1, 0, 1, 2), 1e-6
        if array is x:
            index = (2, 0, 3, 4)
        array[index] += h
        up = objective()
        array[index] -= 2 * h
        down = objective()
        array[index] += h
        assert grad[index] == pytest.approx((up - down) / (2 * h), rel=1e-5)
