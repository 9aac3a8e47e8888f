"""受限玻尔兹曼机（RBM）：A12 里拿来比的模型，取一个样本要走一条吉布斯链，训练的每一步也要走。

p(v, h) ∝ exp(vᵀWh + bᵀv + cᵀh)，v 是 0、1 的像素，h 是 0、1 的隐单元；给定一边，另一边各个独立：
p(h = 1|v) = σ(vW + c)，p(v = 1|h) = σ(hWᵀ + b)。
训练用持续的对比散度（Tieleman，2008）：∇log p(v) = E[vhᵀ|数据] − E[vhᵀ|模型]，
后一项由一直走着的 100 条链来估，每步走一步。
"""

from typing import NamedTuple

import numpy as np

CHAINS = 100  # 训练时一直走着的链
WEIGHT_DECAY = 1e-4


def sigmoid(logit: np.ndarray) -> np.ndarray:
    """σ(ℓ)。"""
    return 1 / (1 + np.exp(-logit))


def coin(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """各个独立的 0、1，是 1 的概率是 p。"""
    return (rng.random(p.shape, dtype=np.float32) < p).astype(np.float32)


class RBM(NamedTuple):
    """W (D, H)，可见单元的偏置 b (D,)，隐单元的偏置 c (H,)；全部是 float32。"""

    W: np.ndarray
    b: np.ndarray
    c: np.ndarray

    def hidden(self, v: np.ndarray) -> np.ndarray:
        """p(h = 1|v)，(N, H)。"""
        return sigmoid(v @ self.W + self.c)

    def visible(self, h: np.ndarray) -> np.ndarray:
        """p(v = 1|h)，(N, D)。"""
        return sigmoid(h @ self.W.T + self.b)

    def walk(self, v: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """走一步：v → h → v'；返回抽出的 v' 与它的概率，各 (N, D)。"""
        p = self.visible(coin(self.hidden(v), rng))
        return coin(p, rng), p


def noise(count: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """链的起点：每个像素抛一枚硬币，(count, size)。"""
    return coin(np.full((count, size), 0.5, np.float32), rng)


def started(x: np.ndarray, units: int, rng: np.random.Generator) -> RBM:
    """初始的参数：W 很小，b 让每个像素亮的机会与数据一样，c = 0；x (N, D) 在 [0, 1]。"""
    mean = x.mean(axis=0).clip(0.01, 0.99)
    W = 0.01 * rng.standard_normal((x.shape[1], units))
    found = W, np.log(mean / (1 - mean)), np.zeros(units)
    return RBM(*(one.astype(np.float32) for one in found))


def ascend(rbm: RBM, x: np.ndarray, v: np.ndarray, rate: float) -> None:
    """沿似然的梯度走一小步，原地改参数；x、v 各是一批数据与一批链上的样本。"""
    on_data, on_model = rbm.hidden(x), rbm.hidden(v)
    # ∂/∂W = E[vhᵀ|数据] − E[vhᵀ|模型]
    slope = x.T @ on_data / len(x) - v.T @ on_model / len(v)
    rbm.W[:] += rate * (slope - WEIGHT_DECAY * rbm.W)
    rbm.b[:] += rate * (x.mean(axis=0) - v.mean(axis=0))
    rbm.c[:] += rate * (on_data.mean(axis=0) - on_model.mean(axis=0))


def fit(x: np.ndarray, units: int, steps: int, rate: float, rng: np.random.Generator) -> RBM:
    """训练 steps 步，一批 100 张，学习率直线降到 0；x (N, D) 在 [0, 1]，每次按概率抽成 0、1。"""
    rbm = started(x, units, rng)
    v = noise(CHAINS, x.shape[1], rng)
    for step in range(steps):
        batch = coin(x[rng.integers(len(x), size=CHAINS)], rng)
        v, _ = rbm.walk(v, rng)
        ascend(rbm, batch, v, rate * (1 - step / steps))
    return rbm
