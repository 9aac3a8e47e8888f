"""逐个种子相减之后，平均的区间；不另说就是 95% 的。"""

from math import sqrt
from statistics import fmean, stdev
from typing import NamedTuple

LEVEL = 0.95
TWO_LOOKS = (
    1 - 0.0294
)  # 看过一次数据又加种子的：两次各用这么宽的区间，合起来误报 5%（Pocock，1977）


class Interval(NamedTuple):
    """平均，与它的区间的两头。"""

    mean: float
    low: float
    high: float


def paired_interval(differences: list[float], level: float = LEVEL) -> Interval | None:
    """d̄ ± t·s/√n，t 是自由度 n − 1 的 t 分布的 (1 + level) / 2 分位数；只有一个种子时没有。"""
    from scipy.stats import t as student  # 导入要 0.5 秒，只有算台账时用

    n = len(differences)
    if n < 2:
        return None
    mean = fmean(differences)
    half = float(student.ppf((1 + level) / 2, n - 1)) * stdev(differences) / sqrt(n)
    # 各版 Python 的 stdev 末位不同；留 12 位，哪一版写出的台账都一样
    return Interval(*(float(f"{value:.12g}") for value in (mean, mean - half, mean + half)))
