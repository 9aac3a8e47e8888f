"""只会平移的生成器 G(z) = z + θ：真实 N(0, 1)、生成 N(d, 1)，标准答案全部写得出来。"""

import numpy as np
import paddle
from paddle import nn

from paddle_gan.methods import METHODS
from paddle_gan.methods.base import Method
from paddle_gan.networks import NETWORKS
from paddle_gan.run import runtime

PENALTY = {"gp_weight": 10.0, "lr": 2e-3}  # 论文的 λ


class Shift(nn.Layer):
    """G(z) = z + θ，θ 是唯一的参数，形状 (1,)。"""

    def __init__(self, theta: float):
        super().__init__()
        start = nn.initializer.Constant(float(theta))
        self.theta = self.create_parameter([1], default_initializer=start)

    def forward(self, z):
        return z + self.theta


class Line(nn.Layer):
    """z ~ U(−1, 1) → 平面上 x = θ 的竖线段 (θ, (z + 1)/2)。"""

    def __init__(self, theta: float):
        super().__init__()
        start = nn.initializer.Constant(float(theta))
        self.theta = self.create_parameter([1], default_initializer=start)

    def forward(self, z):
        return paddle.concat([self.theta + 0 * z, (z + 1) / 2], axis=1)


def make(name: str, generator: nn.Layer, critic: dict, seed: int, hparams: dict) -> Method:
    """方法 name，生成器固定，判别器按 critic 那一节配置新建。"""
    runtime.seed_stream(seed, runtime.INIT)
    options = {key: value for key, value in critic.items() if key != "name"}
    features = (2,) if isinstance(generator, Line) else (1,)
    discriminator = NETWORKS[critic["name"]](features, (1,), **options)
    method = METHODS[name]
    return method({"G": generator, "D": discriminator}, method.Hparams(z_dim=1, **hparams))


def train_discriminator(method: Method, draw, seed: int, steps: int) -> None:
    """只训练判别器 steps 步；draw() 给一批真样本。学习率线性降到 0，好停在最优处。"""
    optimizer = method.optimizers["D"]
    rate = optimizer.get_lr()
    for step in range(steps):
        runtime.seed_stream(seed, runtime.TRAIN, step)
        optimizer.set_lr(rate * (1 - step / steps))
        method.discriminator_step(draw())


def lipschitz(method: Method, real) -> float:
    """评论器在真假连线上的平均梯度长度 K = E‖∇D(x̂)‖。

    惩罚只是软约束，最优的斜率是 1 + W/(2λ) 而不是 1；除以 K，量到的才是 W 和它的梯度。
    """
    with paddle.no_grad():
        fake = method.G(method.noise(real.shape[0]))
        mixed = fake + paddle.rand([real.shape[0], 1]) * (real - fake)
    mixed.stop_gradient = False
    gradient = paddle.grad(method.D(mixed).sum(), mixed)[0]
    return gradient.square().sum(axis=1).sqrt().mean().item()


def normal_batches(batch: int):
    """每次给一批 N(0, 1) 的真样本 (batch, 1)。"""
    return lambda: paddle.randn([batch, 1])


def line_batches(batch: int):
    """每次给一批 x = 0 竖线段上的真样本 (batch, 2)。"""
    return lambda: paddle.concat([paddle.zeros([batch, 1]), paddle.rand([batch, 1])], axis=1)


def logits_on(method: Method, x: np.ndarray) -> np.ndarray:
    """判别器在一维网格 x (K,) 上的输出 (K,)。"""
    with paddle.no_grad():
        return method.D(paddle.to_tensor(x[:, None].astype(np.float32))).numpy()[:, 0].astype(float)


def densities(d: float, points: int = 20_001) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """均匀网格 x (K,) 与 N(0, 1)、N(d, 1) 在每一格的质量 p、q (K,)。"""
    x, step = np.linspace(-12, d + 12, points, retstep=True)
    p, q = (np.exp(-((x - mean) ** 2) / 2) * step / np.sqrt(2 * np.pi) for mean in (0.0, d))
    return x, p, q
