"""整串的层经 oneDNN 算的几个测试文件共用：各种网络，与双精度的飞桨怎样比，程序跑了几次。"""

import copy

import numpy as np
import paddle
from paddle import nn

from paddle_gan.gradients import loss_backward
from paddle_gan.networks import MLP, DCGANDiscriminator, DCGANGenerator, PatchGAN, ResNetGenerator

IMAGE, WIDE, POINT, ONE = (3, 16, 16), (3, 16, 24), (2,), (1,)
NETWORKS = {
    "DCGAN 的 G": (lambda: DCGANGenerator((5,), WIDE, width=4, depth=2), (3, 5)),
    "DCGAN 的 D": (lambda: DCGANDiscriminator(WIDE, ONE, width=4, depth=2), (3, *WIDE)),
    "没有归一化的 D": (
        lambda: DCGANDiscriminator(WIDE, ONE, width=4, depth=2, norm="none"),
        (3, *WIDE),
    ),
    "实例归一化的 D": (
        lambda: DCGANDiscriminator(IMAGE, ONE, width=4, depth=2, norm="instance"),
        (3, *IMAGE),
    ),
    "ResNet": (lambda: ResNetGenerator(WIDE, WIDE, width=4, blocks=2), (2, *WIDE)),
    "一张灰图的 ResNet": (
        lambda: ResNetGenerator((1, 16, 16), (1, 16, 16), width=4, blocks=1),
        (1, 1, 16, 16),
    ),
    "PatchGAN": (lambda: PatchGAN((3, 24, 32), ONE, width=4, layers=2), (2, 3, 24, 32)),
    "MLP": (lambda: MLP(POINT, POINT, width=16), (9, 2)),
    "MLP 到一个数": (lambda: MLP(POINT, ONE, width=16, activation="leaky_relu"), (1, 2)),
    "MLP 带 BN": (
        lambda: MLP(
            (1, 4, 5), (1, 4, 5), width=8, batch_norm=True, activation="tanh", output="sigmoid"
        ),
        (6, 1, 4, 5),
    ),
}


def doubled(network: nn.Layer) -> nn.Layer:
    """同样权重的双精度网络：飞桨自己的实现。"""
    twin = copy.deepcopy(network)
    twin.to(dtype="float64")
    return twin


def trained_once(network: nn.Layer, x: np.ndarray) -> dict[str, np.ndarray]:
    """输出、输入与各参数的梯度、累计的统计量，再加评估模式的输出。"""
    x = paddle.to_tensor(x, dtype=network.parameters()[0].dtype, stop_gradient=False)
    rng = np.random.default_rng(5)
    with loss_backward():
        y = network(x)
        weight = paddle.to_tensor(rng.standard_normal(y.shape), dtype=y.dtype)
        (y * weight).sum().backward()
    found = {"y": y, "dx": x.grad}
    found |= {f"d {name}": p.grad for name, p in network.named_parameters() if p.trainable}
    found |= {f"buffer {name}": b for name, b in network.named_buffers()}
    network.eval()
    with paddle.no_grad():
        found["eval"] = network(x)
    network.train()
    return {name: tensor.numpy() for name, tensor in found.items()}


def compared(make, x: np.ndarray, change=None, seed: int = 4) -> None:
    """同样的一串层，这里的与双精度的飞桨的，训练一步得到的全部一致。

    change 在头一次前向之后改动层。
    """
    paddle.seed(seed)
    network = make()
    twin = doubled(network)
    for net in (network, twin):
        if change:
            with paddle.no_grad(), loss_backward():
                net(paddle.to_tensor(x, dtype=net.parameters()[0].dtype))
            change(net)
    same(trained_once(network, x), trained_once(twin, x))


def same(ours: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    """逐个数组差不到最大值的 1e-5；参数的梯度都和最大的比：归一化之前的偏置的只剩舍入误差。"""
    largest = max(abs(v).max() for k, v in expected.items() if k.startswith("d "))
    for key, value in expected.items():
        scale = largest if key.startswith("d ") else abs(value).max()
        assert abs(ours[key] - value).max() <= 1e-5 * scale, key
