"""CycleGAN 的整步训练（先 G、F，后 D_X、D_Y）与一份手推反向的 NumPy 实现逐张量相同。

用真的 ResNetGenerator（反射填充、实例归一化、残差块）与 PatchGAN，只是很小。
"""

import numpy as np
import paddle
import pytest
from helpers import values
from numpy_layers import (
    Adam,
    add,
    chain,
    convolution,
    instance_norm,
    leaky_relu,
    reflection_pad,
    relative_error,
    residual,
    tanh,
    transposed_convolution,
)

from paddle_gan.data import Unpaired
from paddle_gan.methods.cyclegan import CycleGAN
from paddle_gan.networks.patchgan import PatchGAN
from paddle_gan.networks.resnet import ResNetGenerator

N, SIZE = 2, (8, 12)
LR_D, LR_G, BETA1, BETA2 = 0.01, 0.02, 0.5, 0.999
CYCLE, IDENTITY = 7.0, 0.3
# 双精度；飞桨 2.6 把 LeakyReLU 的斜率存成单精度
TOLERANCE = 1e-9 if paddle.__version__ >= "3" else 1e-6


def conv(p: dict, name: str, stride: int, padding: int):
    w, b = p[f"{name}.weight"], p[f"{name}.bias"]
    return name, lambda x: convolution(x, w, b, stride, padding)


def numpy_resnet(p: dict):
    """c7s1-d-R-u-c7s1：down = 1，blocks = 1；名字就是 Sequential 里的序号。"""
    relu, norm = ("", leaky_relu), ("", instance_norm)
    pad1, pad3 = (("", lambda x, n=n: reflection_pad(x, n)) for n in (1, 3))
    first, second = (conv(p, f"layers.6.body.{i}", 1, 0) for i in (0, 3))
    block = residual(chain(pad1, first, norm, relu, pad1, second, norm))
    w, b = p["layers.7.weight"], p["layers.7.bias"]
    up = ("layers.7", lambda x: transposed_convolution(x, w, b, 2, 1, output_padding=1))
    return chain(
        *[pad3, conv(p, "layers.0", 1, 0), norm, relu],
        *[conv(p, "layers.3", 2, 1), norm, relu],
        ("", block),
        *[up, norm, relu],
        *[pad3, conv(p, "layers.10", 1, 0), ("", tanh)],
    )


def numpy_patchgan(p: dict):
    """C-C-C1：layers = 1，实例归一化。"""
    lrelu = ("", lambda x: leaky_relu(x, 0.2))
    return chain(
        *[conv(p, "layers.0", 2, 1), lrelu],
        *[conv(p, "layers.2", 1, 1), ("", instance_norm), lrelu],
        conv(p, "layers.5", 1, 1),
    )


# 后面紧跟实例归一化的卷积：偏置被减均值抵消，梯度恒为 0
SILENT = {
    "G": [f"layers.{i}.bias" for i in ("0", "3", "6.body.0", "6.body.3", "7")],
    "D": ["layers.2.bias"],
}


def silent(letter: str) -> list[str]:
    return SILENT["D" if letter.startswith("D") else "G"]


def squared(score, target: float):
    """E[(s − target)²] 与它对 s 的导数。"""
    return ((score - target) ** 2).mean(), 2 * (score - target) / score.size


def absolute(a, b):
    """E|a − b| 与它对 a 的导数。"""
    return np.abs(a - b).mean(), np.sign(a - b) / a.size


class NumpyCycleGAN:
    """四个网络的参数、损失与更新次序，全部写成 NumPy。"""

    def __init__(self, parameters: dict):
        self.parameters = parameters
        self.adam = {
            letter: Adam(p, LR_D if letter.startswith("D") else LR_G, BETA1, BETA2)
            for letter, p in parameters.items()
        }

    def run(self, letter: str, x):
        network = numpy_patchgan if letter.startswith("D") else numpy_resnet
        return network(self.parameters[letter])(x)

    def generators(self, x, y, identity: float):
        """更新 G、F；返回 F(y)、G(x) 与各项损失。"""
        logs, losses, gradients, fakes = {"loss/cycle": 0.0}, {}, {"G": [], "F": []}, {}
        for letter, other, judge, source, target in (
            ("G", "F", "D_Y", x, y),
            ("F", "G", "D_X", y, x),
        ):
            fake, fake_back = self.run(letter, source)
            score, back = self.run(judge, fake)
            logs[f"loss/{letter}"], d_score = squared(score, 1.0)
            d_fake, _ = back(d_score)

            rebuilt, back = self.run(other, fake)
            cycle, d_rebuilt = absolute(rebuilt, source)
            logs["loss/cycle"] += cycle
            d_fake_by_cycle, other_grads = back(CYCLE * d_rebuilt)
            gradients[other].append(other_grads)
            gradients[letter].append(fake_back(d_fake + d_fake_by_cycle)[1])

            if identity:
                same, back = self.run(letter, target)
                losses[letter], d_same = absolute(same, target)
                gradients[letter].append(back(identity * CYCLE * d_same)[1])
            fakes[letter] = fake
        if identity:
            logs["loss/identity"] = losses["G"] + losses["F"]
        for letter, found in gradients.items():
            self.adam[letter].step(add(*found))
        return fakes["F"], fakes["G"], logs

    def discriminator(self, letter: str, real, fake) -> float:
        real_score, real_back = self.run(letter, real)
        fake_score, fake_back = self.run(letter, fake)
        real_loss, d_real = squared(real_score, 1.0)
        fake_loss, d_fake = squared(fake_score, 0.0)
        self.adam[letter].step(add(real_back(d_real / 2)[1], fake_back(d_fake / 2)[1]))
        return (real_loss + fake_loss) / 2

    def step(self, x, y, identity: float) -> dict:
        # D 看到的是更新之前的 G、F 生成的图（图像池还没满，原样给它）
        fake_x, fake_y, logs = self.generators(x, y, identity)
        logs["loss/D_X"] = self.discriminator("D_X", x, fake_x)
        logs["loss/D_Y"] = self.discriminator("D_Y", y, fake_y)
        return logs


def build(identity: float, x_channels: int = 2, y_channels: int = 2) -> CycleGAN:
    x_shape, y_shape = (x_channels, *SIZE), (y_channels, *SIZE)
    resnet = {"width": 2, "blocks": 1, "down": 1}
    networks = {
        "G": ResNetGenerator(x_shape, y_shape, **resnet),
        "F": ResNetGenerator(y_shape, x_shape, **resnet),
        "D_X": PatchGAN(x_shape, (1,), width=2, layers=1),
        "D_Y": PatchGAN(y_shape, (1,), width=2, layers=1),
    }
    # 论文的 0.02 会让激活都在线性区；放大权重，把非线性也照到
    rng = np.random.default_rng(0)
    for network in networks.values():
        for p in network.parameters():
            p.set_value(rng.normal(0.0, 0.4, p.shape))
    hparams = CycleGAN.Hparams(
        cycle=CYCLE, identity=identity, lr_D=LR_D, lr_G=LR_G, beta1=BETA1, beta2=BETA2
    )
    return CycleGAN(networks, hparams)


def batch(step: int, x_channels: int = 2, y_channels: int = 2) -> list[np.ndarray]:
    rng = np.random.default_rng([9, step])
    return [rng.uniform(-1, 1, (N, c, *SIZE)) for c in (x_channels, y_channels)]


def accumulator(method, letter: str, kind: str) -> dict[str, np.ndarray]:
    """优化器里 letter 网络每个参数的一阶（moment1）或二阶（moment2）矩。"""
    state = method.optimizers[letter[0] if letter.startswith("D") else "G"].state_dict()
    return {
        name: state[f"{p.name}_{kind}_0"].numpy()
        for name, p in method.networks[letter].named_parameters()
    }


def loud(letter: str, tensors: dict) -> dict:
    """去掉梯度恒为 0 的偏置，它们只剩舍入误差。"""
    return {name: t for name, t in tensors.items() if name not in silent(letter)}


@pytest.mark.parametrize(
    ("identity", "channels"), [(IDENTITY, (2, 2)), (0.0, (1, 3))], ids=["identity", "1-to-3"]
)
def test_three_training_steps_equal_the_hand_derived_numpy_implementation(
    float64, identity, channels
):
    method = build(identity, *channels)
    start = {letter: values(network) for letter, network in method.networks.items()}
    reference = NumpyCycleGAN({a: {k: v.copy() for k, v in p.items()} for a, p in start.items()})
    for step in (1, 2, 3):
        x, y = batch(step, *channels)
        expected_logs = reference.step(x, y, identity)
        logs = method.train_step(iter([Unpaired(paddle.to_tensor(x), paddle.to_tensor(y))]), step)

        assert logs.keys() == expected_logs.keys()
        for name, expected in expected_logs.items():
            assert logs[name].item() == pytest.approx(expected, rel=TOLERANCE)
        for letter, adam in reference.adam.items():
            ours = values(method.networks[letter])
            assert relative_error(loud(letter, ours), loud(letter, adam.parameters)) < TOLERANCE
            for name in silent(letter):  # Adam 把舍入误差也放大了一点
                assert ours[name] == pytest.approx(start[letter][name], abs=1e-6)
            moved = {k: ours[k] - start[letter][k] for k in loud(letter, ours)}
            expected = {k: adam.parameters[k] - start[letter][k] for k in moved}
            assert relative_error(moved, expected) < 1e-6
            # Adam 的步长看不出损失的倍数（例如 D 的 ½），一阶矩与二阶矩看得出
            for kind, theirs in (("moment1", adam.m), ("moment2", adam.v)):
                found = accumulator(method, letter, kind)
                assert relative_error(loud(letter, found), loud(letter, theirs)) < 1e-7
                assert all(np.abs(found[k]).max() < 1e-12 for k in silent(letter))


def test_the_real_networks_compute_what_the_numpy_ones_do(float64):
    method = build(IDENTITY)
    x, _ = batch(0)
    for letter, network in (("G", numpy_resnet), ("D_Y", numpy_patchgan)):
        expected, _ = network(values(method.networks[letter]))(x)
        found = method.networks[letter](paddle.to_tensor(x)).numpy()
        assert found.shape == expected.shape
        assert found == pytest.approx(expected, abs=TOLERANCE)


def test_the_numpy_backward_itself_agrees_with_finite_differences(float64):
    p = values(build(IDENTITY).G)
    x, _ = batch(1)
    direction = np.random.default_rng(1).normal(size=x.shape)

    def objective() -> float:
        return float((numpy_resnet(p)(x)[0] * direction).sum())

    dx, grads = numpy_resnet(p)(x)[1](direction)
    checked = {name: (p[name], grads[name]) for name in loud("G", grads)} | {"x": (x, dx)}
    for array, grad in checked.values():
        index, h = tuple(n // 2 for n in array.shape), 1e-6
        original = array[index]
        sides = []
        for sign in (1, -1):
            array[index] = original + sign * h
            sides.append(objective())
        array[index] = original
        assert grad[index] == pytest.approx((sides[0] - sides[1]) / (2 * h), rel=1e-5, abs=1e-7)
