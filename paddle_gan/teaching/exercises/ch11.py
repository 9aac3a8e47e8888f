"""第 11 章条件生成的练习。"""

from math import e, log

import numpy as np

from paddle_gan.teaching.exercise import Exercise, Mistake

K, CODES, SURE = 4, 10, 0.8


def best(real: float, fake: float) -> float:
    """真的一边密度 real、各种假的合起来 fake 时，最优的 D。"""
    return real / (real + fake)


def twice(classes: int) -> float:
    """softmax 做两次，最有把握时的交叉熵。"""
    return log(1 + (classes - 1) / e)


def wrong(labels, shift, K):
    """错的类别：往前挪 1 到 K − 1 格，绕回来。"""
    return (labels + shift) % K


def cases() -> tuple[tuple, ...]:
    """几组类别与挪几格；有的挪过头要绕回来。"""
    rng = np.random.default_rng(11)
    return tuple((rng.integers(0, n, 40), rng.integers(1, n, 40), n) for n in (3, 10))


EXERCISES = (
    Exercise(
        key="11.1",
        question="两种“假”都没有乘 ½；q = p、m = 0 时 D*(x, y) 是多少？（保留两位小数）",
        answer=best(1.0, 1.0),
        why="D* = p / (p + q + m)，m = 0、q = p 时又回到 ½；两样假的都加了倍，D 只是整个偏向说假。",
        mistakes=(
            Mistake(best(1.0, 0.5), "2/3 是各乘 ½ 时的答案；这里假的一边是 q + m，不是它的一半"),
            Mistake(best(1.0, 2.0), "1/3 是把配错的也算成了 p 那么多；毫不含糊的图上 m = 0"),
            Mistake(1.0, "D 看配错的与生成的，不等于它对真的就有十足的把握：q = p 时分不开"),
            Mistake(0.0, "0 是配错的一对该得的分；题里问的是配对的一对"),
        ),
        decimals=2,
    ),
    Exercise(
        key="11.2",
        question="写函数 wrong(labels, shift, K)，返回错的类别",
        answer=wrong,
        why="挪 1 到 K − 1 格再绕回来，其余 K − 1 类各有一种挪法，所以均匀；与 CGAN.wrong 相同。",
        inputs=cases(),
        mistakes=(
            Mistake(
                lambda labels, shift, K: labels + shift,
                "忘了绕回来：类别会超过 K − 1，独热里没有那一格",
            ),
            Mistake(
                lambda labels, shift, K: (labels + shift) % (K - 1),
                "绕回来要除以 K；除以 K − 1，最后一类永远抽不到，还可能碰上对的那一类",
            ),
            Mistake(
                lambda labels, shift, K: shift % K,
                "没有用到 labels：每 K 个里约有一个碰巧是对的，那一对就教错了 D",
            ),
            Mistake(
                lambda labels, shift, K: (labels - shift) % K + 1,
                "多加了 1：会出现 K 这一类，也会挪回对的那一类",
            ),
        ),
    ),
    Exercise(
        key="11.3",
        question="K = 4 类，softmax 做两次，分类的损失最低能到多少？（保留三位小数）",
        answer=twice(K),
        why="第一次之后最大是 1、其余是 0，第二次之后对的那一类只有 e/(e + 3)。",
        mistakes=(
            Mistake(0.0, "0 是只做一次时的下限；做两次，第二次的输入最多只差 1"),
            Mistake(log(K), "log K 是什么也不知道时的值；最有把握时比它低"),
            Mistake(twice(10), "这是十类的下限；这里只有 4 类，分母是 e + 3"),
            Mistake(log(1 + K / e), "其余的类是 K − 1 个，不是 K 个"),
        ),
        decimals=3,
    ),
    Exercise(
        key="11.4",
        question="c 十选一，Q 给真正的 c 的概率都是 0.8，L_I 是多少？（奈特，保留两位小数）",
        answer=log(CODES) + log(SURE),
        why="L_I = H(c) + E[log Q] = log 10 + log 0.8 = log 8，离上限 log 10 还差一点。",
        mistakes=(
            Mistake(log(CODES), "log 10 是上限，要 Q 的概率是 1 才到"),
            Mistake(log(CODES) - log(SURE), "log 0.8 是负的，应当加上它，不是减去：不会超过上限"),
            Mistake(log(SURE), "少了 H(c)：什么也不知道（概率 0.1）时 L_I 应当是 0"),
            Mistake(SURE * log(CODES), "概率在 log 里面，不是乘在外面"),
        ),
        decimals=2,
    ),
    Exercise(
        key="11.5",
        question="FD-LeNet 与真图一样低，听话 0.10，花样 1.14，最可能是哪一种？（A、B、C、D）",
        answer="B",
        why="FD 不看类别；类别打乱的真图就是这三个数：像、全，只是不听话。",
        mistakes=(
            Mistake("A", "每类只画一张，花样是 0，听话反而是满分"),
            Mistake("C", "只画一个数字，听话也是 0.10，可是花样不会超过 1，FD 也高得多"),
            Mistake("D", "潦草到 LeNet 认不出，FD-LeNet（同一个 LeNet 的特征）就不会与真图一样低"),
        ),
    ),
)
