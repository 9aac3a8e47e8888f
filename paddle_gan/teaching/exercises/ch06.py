"""第 06 章的练习。"""

import math

import numpy as np

from paddle_gan.metrics import js_divergence, total_variation, wasserstein_1d
from paddle_gan.metrics.gaussians import shifted_gaussians
from paddle_gan.teaching.exercise import Exercise, Mistake

HALF_P, HALF_Q = [0.5, 0.5, 0.0], [0.0, 0.5, 0.5]  # U[0, 1] 与 U[½, 3/2]，每格宽 ½


def ratio(key: str) -> float:
    """d = 2 处的某个量是 d = 8 处的几倍。"""
    return shifted_gaussians(2.0)[key] / shifted_gaussians(8.0)[key]


EXERCISES = (
    Exercise(
        key="6.1",
        question="p 是 U[0, 1]，q 是 U[½, 3/2]。JS 是多少奈特？答案是一个数，保留两位小数。",
        answer=js_divergence(HALF_P, HALF_Q),
        why="重叠的那一半 p = q = m，对数是 0；不重叠的一半贡献 log 2，所以是 ½·log 2。",
        mistakes=(
            Mistake(math.log(2), "log2 是完全不重叠时的值；这里 [½, 1] 上两者都有样本"),
            Mistake(
                total_variation(HALF_P, HALF_Q),
                "这是全变差（也就是以 log2 为单位的 JS）；奈特要再乘 log2",
            ),
            Mistake(0.0, "JS = 0 要两个分布处处相同；[0, ½] 上只有 p，[1, 3/2] 上只有 q"),
            Mistake(
                math.log(2) / 4, "½KL(p‖m) 与 ½KL(q‖m) 各是 ¼·log2，两项要加起来，你只算了一项"
            ),
        ),
        decimals=2,
    ),
    Exercise(
        key="6.2",
        question="写函数 W(x, y)：两组一样多的一维样本的 Wasserstein 距离。"
        "答案是一个函数，参数是两个一维数组。",
        answer=lambda x, y: wasserstein_1d(x, y),
        why="一维的最省方案是从左到右依次相配：两边排序，相减，绝对值求平均。",
        mistakes=(
            Mistake(
                lambda x, y: np.abs(np.subtract(x, y)).mean(),
                "没有排序：这是“按到手的次序相配”那个方案的路程，只是上界，不是最小的",
            ),
            Mistake(
                lambda x, y: abs(np.mean(x) - np.mean(y)),
                "均值之差只是下界：均值相同、宽窄不同的两个分布，W 不是 0",
            ),
            Mistake(
                lambda x, y: np.abs(np.subtract.outer(x, y)).mean(),
                "这是“每一份都平均分给所有坑”的方案，也是合格的方案，但不是最省的",
            ),
            Mistake(
                lambda x, y: np.abs(np.sort(x) - np.sort(y)).sum(),
                "忘了除以样本数：W 是平均每单位质量的路程，不是总路程",
            ),
        ),
        inputs=(
            (np.array([0.0, 3.0, 1.0]), np.array([2.0, 1.5, 7.0])),
            (np.array([-1.0, 1.0, 4.0, 0.0]), np.array([0.5, -3.0, 6.0, 0.0])),
        ),
    ),
    Exercise(
        key="6.3",
        question="土在 0、1、2，坑在 1、2、3。甲：每份右移一格；乙：只把 0 搬到 3。A 甲更省，"
        "B 乙更省，C 按路程一样、按路程的平方甲更省，D 总是一样。答案是一个字母。",
        answer="C",
        why="路程都是 3；平方之后甲是 1 + 1 + 1，乙是 9。最优方案可以不止一个，距离只有一个。",
        mistakes=(
            Mistake("A", "只比路程时不是：甲走 1 + 1 + 1，乙走 3 + 0 + 0，一样多"),
            Mistake("B", "乙动的土少，但走得远：3 + 0 + 0 与 1 + 1 + 1 一样多"),
            Mistake("D", "代价换成路程的平方（W₂）就不一样了：甲是 3，乙是 9"),
        ),
    ),
    Exercise(
        key="6.4",
        question="饱和损失的梯度，d = 2 处是 d = 8 处的几倍？用 shifted_gaussians 算。"
        "答案是一个数，误差 1% 以内。",
        answer=ratio("js_slope"),
        why="梯度是 2·dJS/dd，比值里的 2 约掉了。JS 的值只差两倍左右，斜率差一千倍：要看的是斜率。",
        mistakes=(
            Mistake(ratio("js"), "这是 JS 的值之比；生成器收到的是斜率，用 js_slope"),
            Mistake(1.0, "恒为 1 的是 Wasserstein 的梯度；饱和损失的随 d 迅速变小"),
            Mistake(1 / ratio("js_slope"), "倒过来了：d = 2 处的梯度大，比值应当远大于 1"),
            Mistake(
                (2 * math.exp(-0.5)) / (8 * math.exp(-8)),
                "这是上界 (d/2)·e^(−d²/8) 之比；题目要的是梯度本身，用 js_slope",
            ),
        ),
    ),
    Exercise(
        key="6.5",
        question="真样本平均 7.2 分，生成样本平均 1.2 分，评论器处处的梯度长度是 3。"
        "W 的估计是多少？答案是一个整数。",
        answer=round((7.2 - 1.2) / 3),
        why="h/3 才是 1-Lipschitz 的，它的分差是 6/3 = 2；而且这只是下界，真的 W 不小于 2。",
        mistakes=(
            Mistake(7.2 - 1.2, "分差 6 要除以 Lipschitz 常数 3：对偶里的 h 必须是 1-Lipschitz 的"),
            Mistake((7.2 - 1.2) * 3, "方向反了：h 太陡，分差被放大了 3 倍，应当除以 3"),
            Mistake((7.2 + 1.2) / 3, "要的是两个平均分之差，不是之和：E_p[h] − E_q[h]"),
            Mistake(7.2 / 3, "只看真样本的分数没有意义：h 加上任何常数都合格，只有差不变"),
        ),
    ),
)
