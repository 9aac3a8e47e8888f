"""高斯之间的散度的精确值：课程实验与测试拿它当标准答案。

KL、Hellinger、W₂（弗雷歇距离的平方根）有任意维的闭式，全变差有一维的闭式；
JS 没有闭式，在细网格上数值积分，误差在 1e-10 左右。

最常用的一条：N(0, 1) 与 N(d, 1)。最优判别器的 logit 是直线 d²/2 − d·x；
d 变大时 JS 趋于 log 2、它对 d 的导数按指数消失，而 W₁ = d，导数恒为 1。
"""

import math

import numpy as np

from paddle_gan.metrics.divergences import js_divergence, normalize
from paddle_gan.metrics.frechet import frechet_from_moments

Moment = float | np.ndarray  # 均值 (d,) 或协方差 (d, d)；一维时可以写一个数
GRID_POINTS = 20_001
TAIL = 12.0  # 网格伸到均值外 12 个标准差：外面的质量不到 1e-32


def gaussian_kl(mean_p: Moment, cov_p: Moment, mean_q: Moment, cov_q: Moment) -> float:
    """KL(N(μ_p, Σ_p) ‖ N(μ_q, Σ_q))，奈特；均值 (d,)、协方差 (d, d)，一维时可以写数字（方差）。"""
    mean_p, cov_p, mean_q, cov_q = _moments(mean_p, cov_p, mean_q, cov_q)
    gap, inverse = mean_q - mean_p, np.linalg.inv(cov_q)
    log_ratio = np.linalg.slogdet(cov_q)[1] - np.linalg.slogdet(cov_p)[1]
    # KL = ½ [Tr(Σ_q⁻¹ Σ_p) + Δᵀ Σ_q⁻¹ Δ − d + log(|Σ_q| / |Σ_p|)]，Δ = μ_q − μ_p
    return float((np.trace(inverse @ cov_p) + gap @ inverse @ gap - len(gap) + log_ratio) / 2)


def gaussian_hellinger(mean_p: Moment, cov_p: Moment, mean_q: Moment, cov_q: Moment) -> float:
    """两个高斯的 Hellinger 距离 H，0..1；参数同 gaussian_kl。"""
    mean_p, cov_p, mean_q, cov_q = _moments(mean_p, cov_p, mean_q, cov_q)
    gap, middle = mean_p - mean_q, (cov_p + cov_q) / 2
    log_dets = [np.linalg.slogdet(cov)[1] for cov in (cov_p, cov_q, middle)]
    # H² = 1 − |Σ_p|^¼ |Σ_q|^¼ / |Σ̄|^½ · exp(−⅛ Δᵀ Σ̄⁻¹ Δ)，Σ̄ = (Σ_p + Σ_q) / 2
    log_overlap = (log_dets[0] + log_dets[1]) / 4 - log_dets[2] / 2
    log_overlap -= gap @ np.linalg.solve(middle, gap) / 8
    return math.sqrt(max(-math.expm1(log_overlap), 0.0))


def gaussian_w2(mean_p: Moment, cov_p: Moment, mean_q: Moment, cov_q: Moment) -> float:
    """两个高斯的 W₂：弗雷歇距离 d² 的平方根（Dowson 与 Landau，1982）；参数同 gaussian_kl。"""
    return math.sqrt(frechet_from_moments(*_moments(mean_p, cov_p, mean_q, cov_q)))


def gaussian_tv(mean_p: float, std_p: float, mean_q: float, std_q: float) -> float:
    """一维高斯的全变差，0..1；参数是均值与标准差。"""
    a, b = 1 / std_p**2, 1 / std_q**2
    # log p(x) − log q(x) 是 x 的二次式，它的根把实轴分成两密度不相交的几段
    quadratic = [
        (b - a) / 2,
        mean_p * a - mean_q * b,
        (mean_q**2 * b - mean_p**2 * a) / 2 + math.log(std_q / std_p),
    ]
    cuts = [-math.inf, *sorted(np.roots(quadratic).real), math.inf]
    gaps = [_cdf(c, mean_p, std_p) - _cdf(c, mean_q, std_q) for c in cuts]
    # TV = ½ Σ_段 |P(段) − Q(段)|
    return float(np.abs(np.diff(gaps)).sum() / 2)


def gaussian_js(mean_p: float, std_p: float, mean_q: float, std_q: float) -> float:
    """一维高斯的 JS 散度，0..log 2，数值积分；参数是均值与标准差，两个标准差相差不要超过千倍。"""
    low = min(mean_p - TAIL * std_p, mean_q - TAIL * std_q)
    high = max(mean_p + TAIL * std_p, mean_q + TAIL * std_q)
    x = np.linspace(low, high, GRID_POINTS)
    p, q = (
        normalize(np.exp(-(((x - m) / s) ** 2) / 2)) for m, s in ((mean_p, std_p), (mean_q, std_q))
    )
    return js_divergence(p, q)


def shifted_gaussians(d: float) -> dict[str, float]:
    """真实 N(0, 1)、生成 N(d, 1) 的标准答案，d ≥ 0。

    返回：
        js: JS 散度，0..log 2
        value: 判别器最优时的目标函数 V(G, D*)，−2·log 2..0
        js_slope: JS 对 d 的导数，也就是最优判别器能给生成器的信号（饱和损失的梯度的一半）
        w1: W₁（也等于 W₂），就是 d；它对 d 的导数恒为 1
    """
    x, step = np.linspace(-TAIL, d + TAIL, GRID_POINTS, retstep=True)
    p, q = (np.exp(-((x - m) ** 2) / 2) * step / math.sqrt(2 * math.pi) for m in (0.0, d))
    logit = d * d / 2 - d * x  # log p(x) − log q(x)
    log_fake = -np.logaddexp(0, logit)  # log(1 − D*(x))，不会下溢
    # V* = E_p[log D*] + E_q[log(1 − D*)]
    value = -(p * np.logaddexp(0, -logit)).sum() + (q * log_fake).sum()
    # dV*/dd = ∫ ∂q/∂d · log(1 − D*) dx，∂q/∂d = (x − d) q；D* 已最优，它的变化不计
    slope = (q * (x - d) * log_fake).sum()
    return {
        "js": float((value + 2 * math.log(2)) / 2),
        "value": float(value),
        "js_slope": float(slope / 2),
        "w1": float(d),
    }


def _moments(
    mean_p: Moment, cov_p: Moment, mean_q: Moment, cov_q: Moment
) -> tuple[np.ndarray, ...]:
    """换成 (d,)、(d, d)、(d,)、(d, d) 的 float64。"""
    means = [np.atleast_1d(np.asarray(mean, np.float64)) for mean in (mean_p, mean_q)]
    covs = [np.atleast_2d(np.asarray(cov, np.float64)) for cov in (cov_p, cov_q)]
    shapes = {mean.shape * 2 for mean in means} | {cov.shape for cov in covs}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise ValueError(f"要维数相同的均值 (d,) 与协方差 (d, d)，得到 {sorted(shapes)}")
    return means[0], covs[0], means[1], covs[1]


def _cdf(x: float, mean: float, std: float) -> float:
    return (1 + math.erf((x - mean) / (std * math.sqrt(2)))) / 2
