"""记忆与支撑集：生成器是在创造，还是在背诵？它一共会画多少张不同的图？

逐张返回训练图像的“生成器”，弗雷歇距离约为 0，精度、召回、密度、覆盖全满；下面几个量才看得出来。

nearest_ratio    生成 → 训练的最近距离，除以留出 → 训练的最近距离：远小于 1 是照抄，约 1 不保证没抄
one_nn_accuracy  1 近邻双样本检验（Lopez-Paz 与 Oquab，2017）：0.5 分不开，1 分得开；
                 照抄而 real 恰好含被抄的那几张，是 0
birthday_test    生日检验（Arora 与 Zhang，2017）：多大的一批有一半机会出现重复？由此估计支撑集

像素的最近邻会被平移一个像素骗过，所以最好在特征上算。
"""

import math

import numpy as np

from paddle_gan.metrics.distances import (
    check_features,
    check_pair,
    distance_blocks,
    nearest_distances,
    neighbor_distances,
    slack,
)


def nearest_ratio(fake: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> float:
    """平均最近距离之比 E‖fake − NN_train‖ / E‖held_out − NN_train‖，0..∞。

    参数是同一种特征 (n, d)，个数可以不同。照抄一部分时它按比例变小：
    其余的约为 1，照抄 30 %，比值约为 0.7；其余的画得不像，可能又回到 1。
    远大于 1 说明生成样本离真实数据很远，不是没有记忆的证据。

    特征有 NaN 或 Inf 时抛出 UserError；留出的样本全与训练样本相同时抛出 ValueError。
    """
    near_fake = nearest_distances(*check_pair(fake, train)).mean()
    held_out, train = check_pair(held_out, train)
    near_held_out = nearest_distances(held_out, train).mean()
    if near_held_out <= slack(held_out, train):
        raise ValueError("留出的样本与训练样本完全相同，没有可比的距离；两个划分要不相交")
    return float(near_fake / near_held_out)


def one_nn_accuracy(fake: np.ndarray, real: np.ndarray) -> float:
    """1 近邻双样本检验的留一正确率，0..1：每个样本按最近的另一个样本猜自己是真是假。

    同分布时是 0.5；分得开时趋于 1；每张都照抄一张 real 时趋于 0（最近的正是对方的那张）；
    抄的不在 real 里时还是约 0.5。
    到两边一样近时算猜对一半。两边要一样多，否则多的一边占便宜：个数不同时抛出 ValueError；
    少于 2 个、特征有 NaN 或 Inf 时抛出 UserError。
    """
    fake, real = check_pair(fake, real, least=2)
    if len(fake) != len(real):
        raise ValueError(f"两边的样本要一样多，得到 {len(fake)} 与 {len(real)}")
    own = np.concatenate([neighbor_distances(x, 1) for x in (fake, real)])
    other = np.concatenate([nearest_distances(fake, real), nearest_distances(real, fake)])
    equal = np.abs(own - other) <= slack(fake, real)
    return float(np.where(equal, 0.5, own < other).mean())


def collision_batch_size(support: float) -> float:
    """支撑集有 support 个等可能的元素时，一批多大有一半机会出现重复（生日问题）。"""
    # s₅₀ = ½ + √(¼ + 2·N·ln 2)
    return 0.5 + math.sqrt(0.25 + 2 * support * math.log(2))


def support_size(batch_size: float) -> float:
    """collision_batch_size 的逆：由 s₅₀ 估计支撑集的大小 N̂；不等概率时它小于真正的个数。"""
    # N̂ = s(s − 1) / (2·ln 2)
    return batch_size * (batch_size - 1) / (2 * math.log(2))


def birthday_test(
    samples: np.ndarray, threshold: float, trials: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """生日检验：（有一半机会出现重复的批大小 s₅₀，支撑集大小的估计 N̂）。

    参数：
        samples: 生成样本或它们的特征 (n, d)，n 应当是 s₅₀ 的几十倍；10,000 个要 100 MB 内存
        threshold: 距离不到它就算重复；原文由人看最近的 20 对来判断，这里由你给定
        trials: 打乱多少次次序；每次从头数到第一次出现重复，s₅₀ 是这个位置的中位数

    一对重复也没有时两个数都是 inf：支撑集大得这么多样本量不出来。
    samples 的形状不对、threshold ≤ 0 或 trials < 1 时抛出 ValueError。
    """
    samples = check_features(samples, least=2)
    if not threshold > 0 or trials < 1:
        raise ValueError(f"threshold 要大于 0，trials 至少为 1，得到 {threshold}、{trials}")
    samples = samples - samples.mean(axis=0)
    same = np.vstack([block < threshold for _, block in distance_blocks(samples, samples)])
    np.fill_diagonal(same, False)
    if not same.any():
        return math.inf, math.inf
    rng = np.random.default_rng(seed)
    first = [_first_repeat(same, rng.permutation(len(same))) for _ in range(trials)]
    batch_size = _median_between(np.array(first))
    return batch_size, support_size(batch_size)


def _first_repeat(same: np.ndarray, order: np.ndarray) -> int:
    """按 order 逐个取，第几个与前面的某一个重复；same (n, n) 是两两是否重复。"""
    seen = np.zeros(len(same), bool)  # 与已取的某一个重复的全部样本
    for count, sample in enumerate(order, start=1):
        if seen[sample]:
            return count
        seen |= same[sample]
    return len(order)


def _median_between(values: np.ndarray) -> float:
    """整数 (n,) 的中位数，在相邻两个整数之间线性插值：累计频率恰好是一半的地方。"""
    sizes, counts = np.unique(values, return_counts=True)
    cumulative = np.cumsum(counts) / len(values)
    return float(np.interp(0.5, np.append(0.0, cumulative), np.append(sizes[0] - 1, sizes)))
