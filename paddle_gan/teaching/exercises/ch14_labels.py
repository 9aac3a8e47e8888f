"""第 14 章后半的练习：半监督的判别器，异常分的 AUC。"""

import numpy as np

from paddle_gan.teaching.exercise import Exercise, Mistake

K = 10  # 14.7 里有几类


def auc(normal, odd):
    """P(异常的 > 正常的) + ½·P(相等)。"""
    apart = np.subtract.outer(odd, normal)
    return float((apart > 0).mean() + (apart == 0).mean() / 2)


def scored() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """几对分数，有相等的，两边个数不同。"""
    rng = np.random.default_rng(16)
    return tuple(
        (rng.integers(0, 6, n).astype(float), rng.integers(shift, 6 + shift, m).astype(float))
        for n, m, shift in ((7, 5, 1), (4, 9, 3))
    )


EXERCISES = (
    Exercise(
        key="14.7",
        question="K = 10，10 个 logit 全是 0，D(x) 是多少？（保留两位小数）",
        answer=K / (K + 1),
        why="Z = log 10，σ(Z) = 10/11：什么也不知道时已经偏向“真的”：真的有 10 类，假的只有一类。",
        mistakes=(
            Mistake(
                0.5,
                "σ(0) 是 ½，可是 Z 不是 0：Z = log Σ e^{l_k} = log 10。",
            ),
            Mistake(
                1 / (K + 1),
                "这是“生成的”那一类的概率；D(x) 是其余 10 类合起来的。",
            ),
            Mistake(
                1 / K,
                "这是只在 10 类里分时每一类的概率；还有第 11 类。",
            ),
        ),
        decimals=2,
    ),
    Exercise(
        key="14.8",
        question="写函数 auc(normal, odd)：异常的分数高过正常的概率，一样高算一半",
        answer=auc,
        why="只看次序，所以分数怎样放缩都一样，也不用先定一个界。",
        mistakes=(
            Mistake(
                lambda normal, odd: float((np.subtract.outer(odd, normal) > 0).mean()),
                "一样高的没有算一半：分不出高下时，这个数应当是 0.5。",
            ),
            Mistake(
                lambda normal, odd: float((np.subtract.outer(odd, normal) >= 0).mean()),
                "一样高的算成了赢：全都一样时，这个数会是 1。",
            ),
            Mistake(
                lambda normal, odd: auc(odd, normal),
                "反了：要的是异常的高过正常的。",
            ),
            Mistake(
                lambda normal, odd: float(np.mean(odd) > np.mean(normal)),
                "比的是平均，不是一对一对地比：平均高，也可能多数时候输。",
            ),
        ),
        inputs=scored(),
    ),
)
