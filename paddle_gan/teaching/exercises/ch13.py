"""第 13 章序列与强化学习的练习。"""

from math import log

import numpy as np

from paddle_gan.teaching.exercise import Exercise, Mistake

V, T = 5, 4  # 13.1：词元几种、序列多长
CHANCE = 0.2  # 13.2：写对的概率
NLL, ENTROPY = 9.8, 7.7  # 13.6
BEFORE, PAIR, PLACE, K = 60, 40, 0.02, 200  # 13.8：前一个字几次、两字相连几次、字频、平滑


def less(Q):
    """每一条减去别的各条在同一处的平均，Q (N, T)。"""
    Q = np.asarray(Q, float)
    return Q - (Q.sum(axis=0) - Q) / (len(Q) - 1)


def cool(p, tau):
    """概率 p 换成温度 τ 的：∝ p^(1/τ)。"""
    powered = np.asarray(p, float) ** (1 / tau)
    return powered / powered.sum()


def distinct(tokens, n):
    """不重复的 n 元组占全部的比例，不跨过两条。"""
    grams = [tuple(row[i : i + n]) for row in tokens for i in range(len(row) - n + 1)]
    return len(set(grams)) / len(grams)


def joined(tokens, n):
    """错的写法：几条首尾相接。"""
    return distinct([[token for row in tokens for token in row]], n)


def rewards() -> tuple[tuple[np.ndarray], ...]:
    """几批奖励 (N, T)。"""
    rng = np.random.default_rng(13)
    return tuple((rng.random((n, 3)),) for n in (2, 5))


def chances() -> tuple[tuple[np.ndarray, float], ...]:
    """几组概率与温度。"""
    rng = np.random.default_rng(3)
    return tuple((rng.dirichlet(np.ones(4)), tau) for tau in (0.5, 0.8, 2.0))


def texts() -> tuple[tuple[list, int], ...]:
    """几批序列与 n。"""
    rng = np.random.default_rng(4)
    return tuple((rng.integers(3, size=(6, 5)).tolist(), n) for n in (2, 3))


EXERCISES = (
    Exercise(
        key="13.1",
        question="V = 5、T = 4，均匀乱写的 NLL_test 是多少？（奈特，保留两位小数）",
        answer=T * log(V),
        why="每一处的概率都是 1/5，一条四处：−log (1/5)⁴ = 4·log 5，与测试集是什么无关。",
        mistakes=(
            Mistake(log(V), "这是一个词元的；一条有四个，相加"),
            Mistake(V * log(T), "把词元的种数与长度写反了"),
            Mistake(T * log(V) / log(2), "这是以 2 为底的比特；奈特用自然对数"),
        ),
        decimals=2,
    ),
    Exercise(
        key="13.2",
        question="两个词元，π(甲) = σ(θ) = 0.2，奖励甲 1、乙 0，dJ/dθ 是多少？（保留两位小数）",
        answer=CHANCE * (1 - CHANCE),
        why="J = σ(θ)，导数 σ(1 − σ)；照 E[R·∇log π] 算：0.2 × 1 × (1 − 0.2)，是同一个数。",
        mistakes=(
            Mistake(1 - CHANCE, "这是 ∇log π(甲)；还要乘上抽到甲的概率"),
            Mistake(CHANCE, "这是 J 自己，不是它的导数"),
            Mistake(-CHANCE * (1 - CHANCE), "符号反了：θ 越大，甲越多，奖励越多"),
            Mistake(CHANCE**2, "σ 的导数是 σ(1 − σ)"),
        ),
        decimals=2,
    ),
    Exercise(
        key="13.3",
        question="写函数 less(Q)，每一条减去别的各条在同一处的平均",
        answer=less,
        why="基线与自己抽到什么无关，期望就不变；平均里有自己，就有偏。",
        inputs=rewards(),
        mistakes=(
            Mistake(
                lambda Q: Q - np.mean(Q, axis=0),
                "平均里有自己那一条：差了 (N − 1)/N 倍，估计有偏。只算别的各条",
            ),
            Mistake(
                lambda Q: Q - np.mean(Q),
                "各处共用了一个平均；题里要的是同一处（同一列）的",
            ),
            Mistake(
                lambda Q: Q - (np.sum(Q, axis=1, keepdims=True) - Q) / (Q.shape[1] - 1),
                "平均的方向反了：要对各条（行）求，不是对一条里的各处",
            ),
        ),
    ),
    Exercise(
        key="13.4",
        question="写函数 cool(p, tau)，把概率换成温度 tau 的",
        answer=cool,
        why="logit 除以 τ，就是概率的 1/τ 次方再归一；τ < 1 时大的更大。",
        inputs=chances(),
        mistakes=(
            Mistake(lambda p, tau: p / tau, "除完要归一；而且除的是 logit（log p），不是概率"),
            Mistake(
                lambda p, tau: p**tau / np.sum(p**tau),
                "反了：τ < 1 时这样反而更平。log p 除以 τ，是 1/τ 次方",
            ),
            Mistake(lambda p, tau: p ** (1 / tau), "忘了归一，加起来不是 1"),
        ),
    ),
    Exercise(
        key="13.5",
        question="NLL_oracle 只有链的熵的三分之一，不同的 4 元组接近 0，NLL_test 是无穷大，是谁？",
        answer="C",
        why="链最常写的那一条，链自己给的概率最大；可是只有它一条，别的真序列它都不肯写。",
        mistakes=(
            Mistake("A", "均匀乱写的 NLL_oracle 高得多，NLL_test 是有限的 T·log V"),
            Mistake("B", "照抄训练集的 NLL_oracle 就是链的熵上下，花样也远不是 0"),
            Mistake("D", "链自己的 NLL_oracle 就是熵，NLL_test 也是"),
        ),
    ),
    Exercise(
        key="13.6",
        question="NLL_oracle 9.8，生成器的熵 7.7，KL(G‖链) 是多少？（奈特，保留一位小数）",
        answer=NLL - ENTROPY,
        why="KL(G‖P) = E_G[log π − log P] = NLL_oracle − H(G)：NLL 低了，熵掉得更多，反而更远。",
        mistakes=(
            Mistake(NLL + ENTROPY, "E_G[log π] 是负的熵：两项相减，不是相加"),
            Mistake(ENTROPY - NLL, "符号反了，精确的 KL 不会是负的（抽样估计的可以略小于 0）"),
            Mistake(NLL / ENTROPY, "KL 是两个对数的差，不是比"),
        ),
        decimals=1,
    ),
    Exercise(
        key="13.7",
        question="写函数 distinct(tokens, n)，不重复的 n 元组占全部的比例",
        answer=distinct,
        why="一条一条地切，n 元组不跨过两条；去重以后的个数除以全部的个数。",
        inputs=texts(),
        mistakes=(
            Mistake(joined, "几条首尾相接了：跨过两条的 n 元组，谁也没有写过"),
            Mistake(
                lambda tokens, n: len({tuple(row) for row in tokens}) / len(tokens),
                "这是不重复的整条占几成；要看的是长 n 的小段",
            ),
            Mistake(
                lambda tokens, n: 1 - distinct(tokens, n),
                "这是重复的比例，正好反了",
            ),
        ),
    ),
    Exercise(
        key="13.8",
        question="“明”60 次，“明月”40 次，字频 0.02，k = 200，写“月”的概率？（保留三位小数）",
        answer=(PAIR + K * PLACE) / (BEFORE + K),
        why="（40 + 200 × 0.02）/（60 + 200）：数到的 40 次，加上平滑添的 4 次，除以添过的总数。",
        mistakes=(
            Mistake(PAIR / BEFORE, "这是没有平滑的：没数到的两字就成了 0"),
            Mistake((PAIR + K * PLACE) / BEFORE, "分母也要加上 k，不然各个字加起来不是 1"),
            Mistake(PAIR / (BEFORE + K), "分子也要加上 k·p：平滑照字频添次数"),
            Mistake((PAIR + PLACE) / (BEFORE + 1), "k 是 200，不是 1"),
        ),
        decimals=3,
    ),
)
