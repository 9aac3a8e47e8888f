"""训练 FD-LeNet 用的手写数字分类器，写出 paddle_gan/metrics/assets/lenet_digits.safetensors。

用法：python tools/maintain/build_lenet.py [--epochs 30] [--seed 0] [--output 路径]
数据是随包发布的 4,000 张训练图像与 1,000 张测试图像，不联网；同样的种子得到同样的权重。
准确率只在测试图像上报告，不用它们挑选轮次。
"""

import time
from pathlib import Path

import _above  # noqa: F401
import _cli
import cv2
import numpy as np
import paddle
from paddle.nn.functional import cross_entropy
from safetensors.numpy import save_file

from paddle_gan.data import Digits
from paddle_gan.metrics.lenet import WEIGHTS, LeNet
from paddle_gan.run import runtime

BATCH = 64
LEARNING_RATE = 2e-3
SMOOTHING = 0.05  # 标签平滑：概率不至于全是 0 和 1，特征也更紧凑


def load_split(split: str) -> tuple[np.ndarray, np.ndarray]:
    """一份数据的图像 (n, 28, 28) uint8 与标签 (n,) int64。"""
    data = Digits(split=split)
    return data.images[..., 0], data.labels


def augment(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """轻微的旋转（±12°）、缩放（±10%）与平移（±2 像素），空出来的地方补黑。"""
    out = np.empty_like(images)
    for i, image in enumerate(images):
        angle, scale = rng.uniform(-12, 12), rng.uniform(0.9, 1.1)
        matrix = cv2.getRotationMatrix2D((13.5, 13.5), angle, scale)
        matrix[:, 2] += rng.uniform(-2, 2, 2)
        out[i] = cv2.warpAffine(image, matrix, (28, 28), flags=cv2.INTER_LINEAR)
    return out


def to_input(images: np.ndarray) -> paddle.Tensor:
    """uint8 (N, 28, 28) → [−1, 1] 的张量 (N, 1, 28, 28)。"""
    return paddle.to_tensor(images[:, None].astype(np.float32) / 127.5 - 1)


def smooth_labels(labels: np.ndarray) -> paddle.Tensor:
    """整数标签 (N,) → 平滑的软标签 (N, 10)。"""
    one_hot = np.eye(10, dtype=np.float32)[labels]
    return paddle.to_tensor(one_hot * (1 - SMOOTHING) + SMOOTHING / 10)


def train(images: np.ndarray, labels: np.ndarray, epochs: int, seed: int) -> LeNet:
    """Adam 加余弦学习率训练 epochs 轮；返回评估模式的网络。"""
    paddle.seed(seed)
    rng = np.random.default_rng(seed)
    net = LeNet()
    steps = len(images) // BATCH
    rate = paddle.optimizer.lr.CosineAnnealingDecay(LEARNING_RATE, T_max=epochs * steps)
    optimizer = paddle.optimizer.AdamW(rate, parameters=net.parameters(), weight_decay=0.01)
    for epoch in range(epochs):
        order, losses = rng.permutation(len(images)), []
        for picked in order[: steps * BATCH].reshape(steps, BATCH):
            logits = net(to_input(augment(images[picked], rng)))
            loss = cross_entropy(logits, smooth_labels(labels[picked]), soft_label=True)
            loss.backward()
            optimizer.step()
            optimizer.clear_grad()
            rate.step()
            losses.append(loss.item())
        print(f"第 {epoch + 1}/{epochs} 轮：训练损失 {np.mean(losses):.4f}", flush=True)
    net.eval()
    return net


def accuracy(net: LeNet, images: np.ndarray, labels: np.ndarray) -> float:
    """评估模式下的正确率，0..1。"""
    with paddle.no_grad():
        predicted = net(to_input(images)).numpy().argmax(axis=1)
    return float((predicted == labels).mean())


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("--epochs", type=int, default=30, help="训练轮数")
    parser.add_argument("--seed", type=int, default=0, help="初始权重、次序与增强的种子")
    parser.add_argument("--output", type=Path, default=WEIGHTS, help="写到哪里")
    options = parser.parse_args()

    runtime.set_device("cpu")
    start = time.perf_counter()
    net = train(*load_split("train"), options.epochs, options.seed)
    weights = {name: tensor.numpy() for name, tensor in net.state_dict().items()}
    save_file(weights, options.output)
    print(f"用时 {time.perf_counter() - start:.0f} 秒，{options.output.stat().st_size} 字节")
    print(f"测试准确率 {accuracy(net, *load_split('test')):.4f}")


if __name__ == "__main__":
    _cli.run(main)
