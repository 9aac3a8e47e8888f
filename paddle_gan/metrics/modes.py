"""模式覆盖：二维混合高斯上覆盖了几个模式，图像上覆盖了几个类别。

论文：PacGAN（Lin 等，2018）§4.1 的三个量：覆盖的模式数、高质量样本的比例、反向 KL。
只看其中一个会受骗：全部样本挤在一个模式上，高质量比例仍可以是 0.99；
每个模式只落一个样本，覆盖数就是满分。所以三个量一起报告。

二维真实数据自己的高质量比例也不是 1：P(‖N(0, σ²I₂)‖ < 3σ) = 1 − e^(−9/2) ≈ 0.9889，它才是上限。
n 个完美样本的反向 KL 也不是 0，期望约为 (K − 1) / (2n)，见 sampling_floor。
什么也不学、均匀撒点的高质量比例也不是 0，见 scatter_share。
反向 KL 只看高质量样本怎样分配，落在模式之外的再多也不管；modes/off_mode_kl 把“模式之外”也算一类。
"""

import numpy as np

from paddle_gan.errors import UserError

RADIUS = 3.0  # 高质量样本离最近模式的距离上限，以 σ 为单位
SHARE = 0.01  # modes/covered_1pct：一个模式至少要得到的样本比例


def mode_report(samples: np.ndarray, modes: np.ndarray, std: float) -> dict[str, float]:
    """统计样本落在 K 个高斯模式上的情况（PacGAN §4.1）。

    参数：
        samples: 生成的样本 (n, d)，d 通常是 2
        modes: 各模式的中心 μ (K, d)
        std: 每个模式的标准差 σ，大于 0

    返回：
        modes/covered: 至少有 1 个高质量样本的模式数，0..K
        modes/covered_1pct: 得到不少于 1% 样本（且是高质量样本）的模式数，0..K
        modes/high_quality: 离最近的模式不到 3σ 的样本比例，0..1
        modes/reverse_kl: 高质量样本的模式分布 p̂ 到均匀分布的 KL，0..log K，单位奈特(nat)
        modes/off_mode_kl: K 个模式加“模式之外”共 K + 1 类的分布到真实数据的 KL，奈特；
            二维时全在模式之外是 4.5，全挤在一个模式上是 log K + 0.011

    样本有 NaN 或 Inf 时抛出 UserError；形状不对或 std ≤ 0 时抛出 ValueError。
    """
    samples, modes = np.asarray(samples, np.float64), np.asarray(modes, np.float64)
    _check_points(samples, modes, std)
    nearest, distance = _nearest_mode(samples, modes)
    good = distance < RADIUS * std
    counts = np.bincount(nearest[good], minlength=len(modes))  # (K,)
    return {
        "modes/covered": float((counts > 0).sum()),
        "modes/covered_1pct": float((counts >= SHARE * len(samples)).sum()),
        "modes/high_quality": float(good.mean()),
        "modes/reverse_kl": _reverse_kl(counts),
        "modes/off_mode_kl": _off_mode_kl(counts, len(samples), samples.shape[1]),
    }


def purity_report(samples: np.ndarray, owners: np.ndarray, modes: np.ndarray) -> dict[str, float]:
    """几个生成器怎样分工：各自的样本集中在自己的主模式上没有，主模式重不重复（MAD-GAN）。

    参数：
        samples: 生成的样本 (n, d)
        owners: 每个样本出自第几个生成器 (n,)，整数
        modes: 各模式的中心 μ (K, d)

    返回：
        generators/purity: 一个生成器的样本离自己的主模式最近的比例，对生成器平均，0..1；
            主模式是它的样本最多的那个；样本离得多远不管，要和高质量比例一起看
        generators/modes: 主模式一共有几个不同的，1..K

    样本有 NaN 或 Inf 时抛出 UserError；形状不对时抛出 ValueError。
    """
    samples, modes = np.asarray(samples, np.float64), np.asarray(modes, np.float64)
    _check_points(samples, modes, std=1.0)
    nearest, _ = _nearest_mode(samples, modes)
    counts = np.stack(
        [np.bincount(nearest[owners == i], minlength=len(modes)) for i in np.unique(owners)]
    )  # (k, K)
    return {
        "generators/purity": float((counts.max(axis=1) / counts.sum(axis=1)).mean()),
        "generators/modes": float(len(set(counts.argmax(axis=1)))),
    }


def sampling_floor(num_classes: int, n: int) -> float:
    """n 个完美样本的反向 KL 的期望 (K − 1) / (2n)，奈特；n 是 K 的几倍以上时才准，少了偏小。"""
    return (num_classes - 1) / (2 * n)


def box_around(modes: np.ndarray, std: float) -> tuple[np.ndarray, np.ndarray]:
    """真模式 (K, 2) 张成的方块，每边放宽 5σ：左下角与右上角 (2,)；撒点的参照撒在这里。"""
    return modes.min(axis=0) - 5 * std, modes.max(axis=0) + 5 * std


def scatter_share(modes: np.ndarray, std: float, low: np.ndarray, high: np.ndarray) -> float:
    """什么也不学，在矩形里均匀撒点，高质量样本比例的期望 K·9πσ² / 面积，0..1。

    “学到了”至少要明显高过它：撒点也能覆盖全部模式，反向 KL 也小。

    参数：
        modes: 各模式的中心 (K, 2)
        std: 每个模式的标准差 σ
        low, high: 矩形的左下角与右上角 (2,)

    公式要求各模式 3σ 的圆都在矩形里、两两不相交，否则抛出 ValueError。
    """
    modes, radius = np.asarray(modes, np.float64), RADIUS * std
    inside = (modes - radius >= low).all() and (modes + radius <= high).all()
    gaps = np.linalg.norm(modes[:, None] - modes, axis=2)[np.triu_indices(len(modes), 1)]
    if not inside or (gaps < 2 * radius).any():
        raise ValueError(f"各模式 3σ = {radius:g} 的圆要在矩形里、两两不相交")
    # P(离某个 μ_k 不到 3σ) = K·π(3σ)² / 面积
    return float(len(modes) * np.pi * radius**2 / np.prod(np.subtract(high, low)))


def class_report(labels: np.ndarray, num_classes: int) -> dict[str, float]:
    """统计生成图像的类别分布；真实的类别应当是均匀的（stacked MNIST 的算法，PacGAN §4.2）。

    参数：
        labels: 分类器对每张生成图像的判断 (n,)，整数，0..K−1
        num_classes: 类别数 K

    返回：
        classes/covered: 至少出现一次的类别数，0..K
        classes/covered_1pct: 得到不少于 1% 样本的类别数；K 大于 100 时没有意义
        classes/reverse_kl: 类别分布 p̂ 到均匀分布的 KL，0..log K，单位奈特(nat)

    labels 为空、不是整数或超出范围时抛出 ValueError。
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or len(labels) == 0 or labels.dtype.kind not in "iu":
        raise ValueError(f"要非空的一维整数标签，得到形状 {labels.shape}、类型 {labels.dtype}")
    if labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(f"标签要在 0..{num_classes - 1}，得到 {labels.min()}..{labels.max()}")
    counts = np.bincount(labels.astype(np.int64), minlength=num_classes)
    return {
        "classes/covered": float((counts > 0).sum()),
        "classes/covered_1pct": float((counts >= SHARE * len(labels)).sum()),
        "classes/reverse_kl": _reverse_kl(counts),
    }


def _check_points(samples: np.ndarray, modes: np.ndarray, std: float) -> None:
    """挡住形状不对、空的、发散的输入。"""
    if samples.ndim != 2 or modes.ndim != 2 or samples.shape[1] != modes.shape[1]:
        raise ValueError(f"要 samples (n, d) 与 modes (K, d)，得到 {samples.shape}、{modes.shape}")
    if len(samples) == 0 or len(modes) == 0 or not std > 0:
        raise ValueError(f"样本与模式不能为空，std 要大于 0，得到 std = {std}")
    if not np.isfinite(samples).all():
        raise UserError("生成的样本里有 NaN 或 Inf，训练已经发散；先降低学习率再评测")


def _nearest_mode(samples: np.ndarray, modes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """每个样本最近的模式号 (n,) 与到它的欧氏距离 (n,)。"""
    distances = np.stack([np.linalg.norm(samples - mode, axis=1) for mode in modes], axis=1)
    return distances.argmin(axis=1), distances.min(axis=1)  # distances: (n, K)


def _reverse_kl(counts: np.ndarray) -> float:
    """计数 (K,) 的分布 p̂ 到均匀分布的 KL；一个计数也没有时取 log K。

    没有高质量样本时 p̂ 无定义。取 log K（全部样本挤在一个模式上的值）有两个理由：
    它是这个量的最大值，所以不会显得比任何一种坍塌更好；它有限，曲线和多次运行的平均仍然可画。
    """
    if counts.sum() == 0:
        return float(np.log(len(counts)))
    p = counts[counts > 0] / counts.sum()
    # KL(p̂ ‖ u) = Σₖ p̂ₖ log(p̂ₖ / (1/K))
    return float((p * np.log(p * len(counts))).sum())


def _off_mode_kl(counts: np.ndarray, n: int, dimension: int) -> float:
    """K 个模式的高质量计数 (K,) 与其余样本共 K + 1 类，到真实数据在这 K + 1 类上的概率的 KL。"""
    from scipy.special import gammaincc  # 导入要 0.3 秒，多数命令用不到

    # P(‖N(0, σ²I_d)‖ ≥ 3σ) = Γ(d/2, 9/2) / Γ(d/2)；d = 2 时是 e^(−9/2) ≈ 0.011
    off = gammaincc(dimension / 2, RADIUS**2 / 2)
    expected = np.append(np.full(len(counts), (1 - off) / len(counts)), off)
    found = np.append(counts, n - counts.sum()) / n
    here = found > 0
    # KL = Σₖ p̂ₖ log(p̂ₖ / pₖ)，k = 1..K 与“模式之外”
    return float((found[here] * np.log(found[here] / expected[here])).sum())
