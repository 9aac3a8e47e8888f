"""两个能用纸笔算清楚的博弈：双线性博弈 xy 与 Dirac-GAN；只有更新规则，不画图、不下结论。

xy：min_x max_y xy，唯一的均衡是 (0, 0)。
Dirac-GAN（Mescheder 等，2018，§2）：真分布是 0 处的一个点，生成分布是 θ 处的一个点，D(x) = σ(ψx)；
V(θ, ψ) = log D(0) + log(1 − D(θ))，均衡是 (θ, ψ) = (0, 0)。D 越大，越像真。
"""

from collections.abc import Callable

import numpy as np

Field = Callable[[float, float], tuple[float, float]]  # (θ, ψ) → (θ̇, ψ̇)
CLIP, GP_WEIGHT, NOISE, R1_WEIGHT, CONSENSUS = 1.0, 0.7, 0.7, 0.3, 1.0
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(41)  # E[h(ε)]，ε ~ N(0, 1)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def xy_path(rule: str, eta: float, steps: int, start: np.ndarray) -> np.ndarray:
    """xy 博弈的轨迹 (steps + 1, 2)；rule 是 XY_RULES 里的名字，eta 是步长 η。"""
    step, path = XY_RULES[rule], [np.asarray(start, float)]
    path.append(path[0] + eta * rotation(path[0]))  # 乐观更新要两个初值，第一步用同时更新
    if rule != "omd":
        path[1] = step(path[0], path[0], eta)
    while len(path) <= steps:
        path.append(step(path[-1], path[-2], eta))
    return np.array(path)


def rotation(w: np.ndarray) -> np.ndarray:
    """v(x, y) = (−∂V/∂x, ∂V/∂y) = (−y, x)：只转圈，不靠近均衡。"""
    return np.array([-w[1], w[0]])


def simultaneous(w, before, eta):
    """两个人同时走：w ← w + η v(w)。"""
    return w + eta * rotation(w)


def alternating(w, before, eta):
    """x 先走，y 看着新的 x 再走。"""
    x = w[0] - eta * w[1]
    return np.array([x, w[1] + eta * x])


def extragradient(w, before, eta):
    """先试走半步，用那里的方向（Korpelevich，1976）：w ← w + η v(w + η v(w))。"""
    return w + eta * rotation(w + eta * rotation(w))


def optimistic(w, before, eta):
    """乐观更新（Daskalakis 等，2018）：w ← w + 2η v(w) − η v(上一步)。"""
    return w + 2 * eta * rotation(w) - eta * rotation(before)


def consensus(w, before, eta):
    """共识优化（Mescheder 等，2017），γ = 1：w ← w + η (v − ∇½‖v‖²)；这里 ∇½‖v‖² = w。"""
    return w + eta * (rotation(w) - w)


XY_RULES = {
    "simultaneous": simultaneous,
    "alternating": alternating,
    "extragradient": extragradient,
    "omd": optimistic,
    "consensus": consensus,
}


def theoretical_factor(rule: str, eta: float) -> float:
    """一步之后半径乘几：更新矩阵的谱半径（用纸笔算出的公式）。"""
    if rule == "omd":  # 特征方程 λ² − (1 + 2iη)λ + iη = 0
        return float(max(abs(np.roots([1, -(1 + 2j * eta), 1j * eta]))))
    return {
        "simultaneous": np.sqrt(1 + eta**2),
        "alternating": 1.0,  # 0 < η < 2
        "extragradient": np.sqrt(1 - eta**2 + eta**4),
        "consensus": np.sqrt((1 - eta) ** 2 + eta**2),
    }[rule]


def measured_factor(path: np.ndarray) -> float:
    """从轨迹的后一半量出“每步半径乘几”；相邻两点的半径合起来看。

    乐观更新在 η = 0.5 处是二重根，半径是 n·λⁿ：从头量会偏大，从后一半量偏差不到 1e-3。
    """
    radius = np.hypot(*path.T)
    size = np.hypot(radius[1:], radius[:-1])
    skip = len(size) // 2
    return float((size[-1] / size[skip]) ** (1 / (len(size) - 1 - skip)))


def sigmoid(t):
    """σ(t)。"""
    return 1 / (1 + np.exp(-t))


def gan(theta, psi):
    """饱和的 GAN：θ̇ = ψ σ(ψθ)，ψ̇ = −θ σ(ψθ)。"""
    s = sigmoid(psi * theta)
    return psi * s, -theta * s


def ns_gan(theta, psi):
    """不饱和的 GAN：G 改为最大化 log D(θ)。"""
    return psi * sigmoid(-psi * theta), -theta * sigmoid(psi * theta)


def wgan(theta, psi):
    """WGAN：V = −ψθ；裁剪在 dirac_path 里做。"""
    return psi, -theta


def wgan_gp(theta, psi):
    """WGAN-GP：D 的损失加 ½ λ (|ψ| − 1)²。"""
    return psi, -theta - GP_WEIGHT * np.sign(psi) * (abs(psi) - 1)


def instance_noise(theta, psi):
    """实例噪声：真假样本都加 N(0, σ²) 的噪声，期望用 Gauss–Hermite 求积。"""
    noise = NOISE * NODES
    fake = theta + noise
    d_theta = psi * (WEIGHTS * sigmoid(psi * fake)).sum()
    d_psi = (WEIGHTS * (noise * sigmoid(-psi * noise) - fake * sigmoid(psi * fake))).sum()
    return d_theta, d_psi


def r1(theta, psi):
    """R1：D 的损失加 ½ γ ‖∇D(0)‖² = ½ γ ψ²。"""
    d_theta, d_psi = gan(theta, psi)
    return d_theta, d_psi - R1_WEIGHT * psi


def consensus_gan(theta, psi):
    """共识优化：v − ∇½‖v‖²，‖v‖² = (θ² + ψ²) σ(ψθ)²。"""
    s, square = sigmoid(psi * theta), theta**2 + psi**2
    d_theta, d_psi = gan(theta, psi)
    pull = square * s**2 * (1 - s)
    return (
        d_theta - CONSENSUS * (theta * s**2 + pull * psi),
        d_psi - CONSENSUS * (psi * s**2 + pull * theta),
    )


DIRAC: dict[str, Field] = {
    "gan": gan,
    "ns_gan": ns_gan,
    "wgan": wgan,
    "wgan_clip": wgan,
    "wgan_gp": wgan_gp,
    "instance_noise": instance_noise,
    "r1": r1,
    "consensus": consensus_gan,
}
SCHEDULES = {"sim": 0, "alt1": 1, "alt5": 5}  # 同时更新；D 走 1 次、5 次，G 再走 1 次


def dirac_path(name: str, schedule: str, start: np.ndarray, step: float, steps: int) -> np.ndarray:
    """Dirac-GAN 的轨迹 (steps + 1, 2)，列是 θ 与 ψ；step 是步长 h。"""
    field, d_steps = DIRAC[name], SCHEDULES[schedule]
    theta, psi = start
    path = [(theta, psi)]
    for _ in range(steps):
        d_theta, d_psi = field(theta, psi)
        if d_steps == 0:
            theta, psi = theta + step * d_theta, psi + step * d_psi
        for _ in range(d_steps):
            psi += step * field(theta, psi)[1]
            psi = clip(name, psi)
        if d_steps:
            theta += step * field(theta, psi)[0]
        psi = clip(name, psi)
        path.append((theta, psi))
    return np.array(path)


def clip(name: str, psi: float) -> float:
    """只有 wgan_clip 裁剪 ψ。"""
    return float(np.clip(psi, -CLIP, CLIP)) if name == "wgan_clip" else psi


def eigenvalues(name: str, width: float = 1e-5) -> np.ndarray:
    """均衡处雅可比矩阵的两个特征值，由中心差分得到。"""
    columns = [
        (np.array(DIRAC[name](*point)) - np.array(DIRAC[name](*-point))) / (2 * width)
        for point in width * np.eye(2)
    ]
    return np.linalg.eigvals(np.stack(columns, axis=1))


def theoretical_eigenvalues() -> dict[str, complex]:
    """纸笔算出的特征值（取虚部为正的一个）；wgan_gp 在 ψ = 0 处不可导，没有。"""
    half = NOISE**2 / 4
    return {
        "gan": 0.5j,
        "ns_gan": 0.5j,
        "wgan": 1j,
        "wgan_clip": 1j,
        "instance_noise": complex(-half, np.sqrt(0.25 - half**2)),
        "r1": complex(-R1_WEIGHT / 2, np.sqrt(0.25 - R1_WEIGHT**2 / 4)),
        "consensus": complex(-CONSENSUS / 4, 0.5),
    }
