"""手写数字的特征：一个随包发布的 LeNet，供 FD-LeNet 与类别统计使用。

论文：LeNet-5（LeCun 等，1998）图 2；特征取倒数第二层的 84 个单元，与原文同宽。
权重由 tools/maintain/build_lenet.py 训练，命令、种子和准确率见 assets/README.md。
它只认识 28×28 的灰度数字。换一个分类器，FD 就换一把尺：只在同一份权重之间比较。
"""

from pathlib import Path

import numpy as np
import paddle
from paddle import nn
from safetensors.numpy import load_file

from paddle_gan.errors import UserError

WEIGHTS = Path(__file__).parent / "assets" / "lenet_digits.safetensors"


class LeNet(nn.Layer):
    """LeNet-5 的骨架：两层卷积，三层全连接。

    与论文不同：通道更宽（6、16 → 20、48），用 ReLU、最大池化和批归一化，
    因为只有 4,000 张训练图像时这样更准。

    参数：
        weight_attr: 所有权重的初始化；None 表示 Paddle 的默认值
    """

    def __init__(self, weight_attr: nn.initializer.Initializer | None = None):
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2D(1, 20, kernel_size=5, padding=2, weight_attr=weight_attr),
            nn.BatchNorm2D(20),
            nn.ReLU(),
            nn.MaxPool2D(kernel_size=2),  # (N, 20, 14, 14)
            nn.Conv2D(20, 48, kernel_size=5, weight_attr=weight_attr),
            nn.BatchNorm2D(48),
            nn.ReLU(),
            nn.MaxPool2D(kernel_size=2),  # (N, 48, 5, 5)
        )
        self.hidden = nn.Sequential(
            nn.Linear(48 * 5 * 5, 120, weight_attr=weight_attr),
            nn.ReLU(),
            nn.Linear(120, 84, weight_attr=weight_attr),
            nn.ReLU(),
        )
        self.output = nn.Linear(84, 10, weight_attr=weight_attr)

    def features(self, x: paddle.Tensor) -> paddle.Tensor:
        """图像 (N, 1, 28, 28)，取值 [−1, 1] → 特征 (N, 84)。"""
        h = self.convolutions(x)
        return self.hidden(h.reshape([h.shape[0], -1]))

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """图像 (N, 1, 28, 28) → 十个类别的 logit (N, 10)。"""
        return self.output(self.features(x))


def load_lenet() -> LeNet:
    """读出随包发布的权重，返回评估模式的 LeNet；卷积的偏置已经并进后面的 BN，省一遍读写。"""
    # 默认的初始化会从全局随机数里抽数，评测一次就改变了后面的训练；常数初始化不抽
    net = LeNet(weight_attr=nn.initializer.Constant(0.0))
    weights = {name: paddle.to_tensor(array) for name, array in load_file(WEIGHTS).items()}
    net.set_state_dict(weights)
    net.eval()
    for convolution, norm in zip(net.convolutions[::4], net.convolutions[1::4]):
        # (Wx + b − μ) / σ = (Wx − (μ − b)) / σ
        norm._mean.set_value(norm._mean - convolution.bias)
        convolution.bias = None
    return net


def digit_features(images: np.ndarray, batch: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """数字图像的 LeNet 特征与类别概率。

    参数：
        images: 浮点数组 (N, 1, 28, 28)，取值 [−1, 1]，黑底（−1）白字
        batch: 一次送进网络多少张；小一些，中间的图留得在缓存里

    返回：
        特征 (N, 84) 与概率 (N, 10)，float32

    图像不是 28×28 灰度时抛出 UserError；不是浮点数组时抛出 ValueError。
    """
    images = np.asarray(images)
    if images.dtype.kind != "f":
        raise ValueError(f"要 [−1, 1] 的浮点图像，得到 {images.dtype}")
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28) or len(images) == 0:
        raise UserError(f"LeNet 只认识 28×28 的灰度数字 (N, 1, 28, 28)，得到 {images.shape}")
    net = load_lenet()
    features, probabilities = [], []
    with paddle.no_grad():
        for start in range(0, len(images), batch):
            x = paddle.to_tensor(images[start : start + batch].astype(np.float32))
            h = net.features(x)  # (N, 84)
            features.append(h.numpy())
            probabilities.append(nn.functional.softmax(net.output(h), axis=1).numpy())
    return np.concatenate(features), np.concatenate(probabilities)


def three_planes(images: np.ndarray) -> np.ndarray:
    """三位数图像 (N, 3, 28, 28) → 单个数字 (3N, 1, 28, 28)；形状不对时抛出 UserError。"""
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[1:] != (3, 28, 28):
        raise UserError(f"三位数图像要是 (N, 3, 28, 28)，得到 {images.shape}")
    return images.reshape(-1, 1, 28, 28)


def spelled(probabilities: np.ndarray) -> np.ndarray:
    """三个三个的类别概率 (3N, 10) → 三位数 100a + 10b + c (N,)，0..999。"""
    # 类别 = 100a + 10b + c
    return probabilities.argmax(axis=1).reshape(-1, 3) @ np.array([100, 10, 1])


def stacked_labels(images: np.ndarray) -> np.ndarray:
    """三位数图像 (N, 3, 28, 28) 的类别 100a + 10b + c (N,)，0..999：三个通道各由 LeNet 认一次。

    取值 [−1, 1]，黑底白字（stacked MNIST，PacGAN §4.2）。LeNet 认对一个数字的机会约 0.987，
    三个都对约 0.96，所以真实数据的反向 KL 也略高于 0。形状不对时抛出 UserError。
    """
    return spelled(digit_features(three_planes(images))[1])
