"""图像翻译的像素评测：训练时不成对，评测时用藏起来的成对真值。

所有函数的输入都是浮点数组 (N, C, H, W)，取值 [−1, 1]，+1 是白纸。
墨量 ink = (1 − x) / 2，取值 [0, 1]，0 是白纸，1 是全黑；彩色图像的三个通道连在一起算。

只看 L1 会受骗：目标是毛笔字时，一张白纸的 L1 比原样照抄的源图还小。所以要同时报告
像不像目标字体（style_judge.py）、是不是同一个字（retrieval_at_1）、离真值多远（correlation、iou）。
"""

import numpy as np

from paddle_gan.errors import UserError

ROUNDING = 1e-9  # 相关系数差得比它小，就是并列：一样的两张图，矩阵乘法也会差一点舍入


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """逐张图像的墨量的皮尔逊相关系数，再对样本取平均，−1..1，越大越好。

    a[i] 与 b[i] 相比。它不受整体深浅与对比度影响。
    图像处处同色（例如白纸）时相关系数无定义，取 0：这样的图像没有说出任何内容。
    """
    a, b = _check_pair(a, b)
    # r_i = Σ (a − ā)(b − b̄) / (‖a − ā‖ ‖b − b̄‖)
    return float((_standardize(a) * _standardize(b)).sum(axis=1).mean())


def l1_ink(a: np.ndarray, b: np.ndarray) -> float:
    """墨量之差的绝对值的平均，0..1，越小越好；[−1, 1] 图像上的 L1 是它的 2 倍。"""
    a, b = _check_pair(a, b)
    return float(np.abs(a - b).mean())


def retrieval_at_1(translated: np.ndarray, targets: np.ndarray) -> float:
    """检索正确率：拿翻译结果在 N 个目标里找最相关的一个，恰好找到 targets[i] 的比例，0..1。

    相似度是像素的皮尔逊相关系数，与 correlation 相同。并列第一不算找到，
    所以白纸（与谁都是 0）得 0，而不是碰巧的 1/N。N 越大越难，比较时 N 要固定（本课程用 500）。
    N 小于 2 时抛出 ValueError。
    """
    return retrieval_at_k(translated, targets, 1)


def retrieval_at_k(translated: np.ndarray, targets: np.ndarray, k: int) -> float:
    """前 k 名里有 targets[i] 的比例，0..1；并列的都排在它前面。

    N 小于 2、k 不在 1 到 N − 1 时抛出 ValueError。
    """
    translated, targets = _check_pair(translated, targets)
    if len(targets) < 2:
        raise ValueError("检索至少要有 2 个目标")
    if not 1 <= k < len(targets):
        raise ValueError(f"k 要在 1 到 {len(targets) - 1} 之间，得到 {k}")
    similarity = _standardize(translated) @ _standardize(targets).T  # (N, N)
    own = np.diag(similarity).copy()
    np.fill_diagonal(similarity, -np.inf)
    ahead = (similarity > own[:, None] - ROUNDING).sum(axis=1)  # 排在它前面的有几个
    return float((ahead < k).mean())


def iou(a: np.ndarray, b: np.ndarray, threshold: float = 0.5) -> float:
    """墨迹的交并比：墨量超过 threshold 的像素算有墨，逐张求 |A∩B| / |A∪B| 再取平均，0..1。

    两张都没有墨时并集为空，取 1（完全一致）；只有一张没有墨时是 0。
    threshold 不在 (0, 1) 内时抛出 ValueError。
    """
    if not 0 < threshold < 1:
        raise ValueError(f"threshold 要在 0 与 1 之间，得到 {threshold}")
    a, b = _check_pair(a, b)
    both = ((a > threshold) & (b > threshold)).sum(axis=1)
    either = ((a > threshold) | (b > threshold)).sum(axis=1)
    return float(np.where(either == 0, 1.0, both / np.maximum(either, 1)).mean())


def edge_energy(images: np.ndarray) -> float:
    """边缘的能量：上下、左右相邻两点墨量之差的平方的平均，越糊越小，0 是处处同色。

    它是高频的多少，不是画得对不对：噪点、照抄的边缘都比真字大，所以要除以真值的，
    还要与 correlation、认得出的比例一起看。
    """
    ink = (1 - images.astype(np.float64)) / 2
    # E = ⟨(ink[i + 1, j] − ink[i, j])²⟩ + ⟨(ink[i, j + 1] − ink[i, j])²⟩
    return float(sum((np.diff(ink, axis=axis) ** 2).mean() for axis in (2, 3)))


def _check_pair(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """检查两组图像，换成展平的墨量 (N, C·H·W)，float64。"""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.ndim != 4 or len(a) == 0:
        raise ValueError(f"要两组形状相同的图像 (N, C, H, W)，得到 {a.shape} 与 {b.shape}")
    if a.dtype.kind != "f" or b.dtype.kind != "f":
        raise ValueError(f"要 [−1, 1] 的浮点图像，得到 {a.dtype} 与 {b.dtype}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise UserError("图像里有 NaN 或 Inf，训练已经发散；先降低学习率再评测")
    return tuple((1 - x.reshape(len(x), -1).astype(np.float64)) / 2 for x in (a, b))


def _standardize(ink: np.ndarray) -> np.ndarray:
    """逐张减去均值、除以长度 (N, D)；处处同色的图像给出全 0。"""
    centred = ink - ink.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    blank = norm < 1e-6 * np.sqrt(ink.shape[1])  # 舍入误差会让白纸的长度成为 1e-15 而不是 0
    return np.where(blank, 0.0, centred / np.where(blank, 1.0, norm))
