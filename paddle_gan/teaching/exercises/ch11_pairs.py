"""第 11 章后半的练习：成对的翻译，z 里的方向。"""

import numpy as np

from paddle_gan.teaching.exercise import Exercise, Mistake


def best(p):
    """E|y − g| 最小的 g：中位数。"""
    return np.where(p > 0.5, 1.0, 0.0)


def apart(d, e):
    """d 去掉沿 e 的一份。"""
    return d - (d @ e) / (e @ e) * e


def chances() -> tuple[tuple[np.ndarray], ...]:
    """几组概率，没有 ½。"""
    rng = np.random.default_rng(11)
    return (np.array([0.1, 0.4, 0.6, 0.95]),), (rng.uniform(0.51, 1, 6) - 0.5 * (np.arange(6) % 2),)


def directions() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """几对不是单位长的方向。"""
    pairs = np.random.default_rng(7).normal(size=(3, 2, 5)) * np.array([[[1.0], [3.0]]])
    return tuple((d, e) for d, e in pairs)


EXERCISES = (
    Exercise(
        key="11.6",
        question="写函数 best(p)，返回让 E|y − g| 最小的 g",
        answer=best,
        why="E|y − g| = p + (1 − 2p)·g 是一条直线，最小在端点：过半画 1，不过半画 0，就是中位数。",
        mistakes=(
            Mistake(
                lambda p: p,
                "这是平均数，平方误差的最优。绝对值的损失对 g 是一条直线，最小在端点。",
            ),
            Mistake(
                lambda p: np.where(p > 0.5, 0.0, 1.0),
                "反了：p 过半时，斜率 1 − 2p 是负的，g 越大越好。",
            ),
            Mistake(
                lambda p: np.full_like(p, 0.5),
                "½ 在哪里都不最差，也在哪里都不最好：那里的损失总是 ½。",
            ),
            Mistake(
                lambda p: np.ones_like(p),
                "没有墨的机会大的像素，画 1 的损失是 1 − p，画 0 的只有 p。",
            ),
        ),
        inputs=chances(),
    ),
    Exercise(
        key="11.7",
        question="写函数 apart(d, e)，从 d 里去掉沿 e 的一份",
        answer=apart,
        why="沿 e 的一份是 (d·e / e·e)·e；去掉以后与 e 的内积是 0，长短不用管。",
        mistakes=(
            Mistake(
                lambda d, e: d - (d @ e) * e,
                "e 是单位长时才对：e 长了三倍，去掉的就多了九倍。要除以 e·e。",
            ),
            Mistake(
                lambda d, e: (d @ e) / (e @ e) * e,
                "这是沿 e 的那一份，要去掉的正是它；留下的是 d 减去它。",
            ),
            Mistake(
                lambda d, e: d - e,
                "减去整个 e，多半减过了头，也不一定垂直：只去掉 d 在 e 上的投影。",
            ),
            Mistake(
                lambda d, e: d - (d @ e) / np.linalg.norm(e) * e,
                "只除了一次长度。投影的长度是 d·e / ‖e‖，方向还要除一次：一共除以 e·e。",
            ),
        ),
        inputs=directions(),
    ),
)
