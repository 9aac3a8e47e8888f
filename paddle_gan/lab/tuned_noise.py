"""照着分类器调过的噪声：人看是噪声，分类器很有把握。"""

import numpy as np
import paddle

from paddle_gan.metrics.lenet import load_lenet
from paddle_gan.run import runtime


def confident_noise(n: int, seed: int, steps: int) -> np.ndarray:
    """看上去是噪声、LeNet 却很有把握的图像 (n, 1, 28, 28)：从噪声出发，沿输入的梯度走 steps 步。

    一步先大后小：0.2 线性降到 0；一直走 0.04 的，同样的时间走不到这么有把握。
    """
    runtime.seed_stream(seed, runtime.SAMPLE)
    net, x = load_lenet(), paddle.uniform([n, 1, 28, 28], min=-1.0, max=1.0)
    labels = paddle.to_tensor(np.arange(n) % 10)
    for step in range(steps):
        x.stop_gradient = False
        loss = paddle.nn.functional.cross_entropy(net(x), labels, reduction="sum")
        # x ← clip(x − η·sign(∇L), −1, 1)，η = 0.2·(1 − step / steps)
        rate = 0.2 * (1 - step / steps)
        x = (x - rate * paddle.grad(loss, x)[0].sign()).clip(-1.0, 1.0).detach()
    return x.numpy()
