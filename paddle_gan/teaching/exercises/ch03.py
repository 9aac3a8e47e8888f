"""第 03 章的练习：优点与缺点。"""

import numpy as np

from paddle_gan.lab.games import sigmoid, theoretical_factor
from paddle_gan.teaching.exercise import Exercise, Mistake

ETA = 0.1
FACTOR = theoretical_factor("simultaneous", ETA)
SLOPE = 0.5  # Dirac-GAN 在均衡处的 f′(0) = σ(0)

EXERCISES = (
    Exercise(
        key="3.1",
        question="xy 博弈同时更新，η = 0.1，多少步之后半径变成 10 倍？答案是一个数，四舍五入到整数",
        answer=np.log(10) / np.log(FACTOR),
        why="每步乘 √(1 + η²)，所以步数是 ln 10 / ln √(1 + η²)；η 再小也只是慢一些。",
        mistakes=(
            Mistake(
                np.log(10) / np.log(1 + ETA**2),
                "少了一个平方根：|λ|² = 1 + η²，半径每步乘的是 |λ|，不是 |λ|²",
            ),
            Mistake(
                np.log(10) / np.log(1 + ETA),
                "每步不是乘 1 + η：v 垂直于半径，走出去的 η 与半径是两条直角边，斜边才是新的半径",
            ),
            Mistake(
                np.log10(10) / np.log(FACTOR),
                "分子分母的对数底不同：分子用了常用对数，分母用了自然对数",
            ),
            Mistake(10 / ETA, "半径不是每步加一个数，是每步乘一个数，要取对数"),
        ),
        decimals=0,
    ),
    Exercise(
        key="3.2",
        question="Dirac-GAN 加 R1，γ 至少多大，均衡处的特征值没有虚部？答案是一个整数",
        answer=round(2 * SLOPE),
        why="λ = −γ/2 ± √(γ²/4 − 1/4)，根号里不小于 0 要 γ ≥ 1；再大，最慢的那个方向反而更慢。",
        mistakes=(
            Mistake(SLOPE, "比较的是 γ/2 与 1/2，不是 γ 与 1/2：根号里是 γ²/4 − 1/4"),
            Mistake(SLOPE**2, "1/4 是根号里的常数；还要解 γ²/4 = 1/4"),
            Mistake(4 * SLOPE, "判别式是 γ² − 4·(1/4) = γ² − 1，不是 γ² − 4"),
            Mistake(0.0, "γ 稍大于 0 就收敛，但还带着虚部，是转着圈收敛；题目问的是不再转圈"),
        ),
    ),
    Exercise(
        key="3.3",
        question="八个等重的模式，样本均匀地落在其中三个，反向 KL 是多少奈特？"
        "答案是一个数，保留两位小数",
        answer=np.log(8 / 3),
        why="p̂ 在三个模式上各 1/3，KL = log(8/3)；e^(−KL) = 3/8 正是有效的模式占几成。",
        mistakes=(
            Mistake(np.log2(8 / 3), "这是以 2 为底的对数，单位是比特；奈特用自然对数"),
            Mistake(np.log(3), "这是 p̂ 的熵 H(p̂) = log 3；反向 KL 是 log 8 − H(p̂)"),
            Mistake(np.log(8 / 5), "数的是剩下的模式（3 个），不是丢掉的模式（5 个）"),
            Mistake(5 / 8, "这是丢掉的模式的比例；KL 要对 p̂_k·log(8·p̂_k) 求和"),
        ),
        decimals=2,
    ),
    Exercise(
        key="3.4",
        question="饱和损失 log(1 − σ(a)) 对 a 的导数；答案是一个函数 f(a)",
        answer=lambda a: -sigmoid(a),
        why="log(1 − σ(a)) = −softplus(a)，导数是 −σ(a) = −D；D 认定是假的时候它趋于 0。",
        inputs=((-5.0,), (-1.0,), (0.3,), (2.0,)),
        mistakes=(
            Mistake(
                lambda a: sigmoid(a) - 1,
                "这是不饱和损失 −log σ(a) 的导数 −(1 − D)，它在 D 很强时趋于 −1，不消失",
            ),
            Mistake(lambda a: sigmoid(a), "差一个负号：a 越大，1 − σ(a) 越小，对数也越小"),
            Mistake(
                lambda a: -sigmoid(a) * (1 - sigmoid(a)),
                "这是 1 − σ(a) 的导数；外面还有对数，要再除以 1 − σ(a)",
            ),
            Mistake(
                lambda a: -1 / (1 - sigmoid(a)),
                "这是对 D 的导数；题目要对 logit 求导，还要乘 dD/da = σ(1 − σ)",
            ),
        ),
    ),
    Exercise(
        key="3.5",
        question="训练结束时 L_D = 1.386、L_G = 0.693，能断定什么？A G 学好了；"
        "B D 此刻分不出真假，G 好不好还要看样本；C G 崩溃了；D D 太强了",
        answer="B",
        why="两个数只说明 D 处处约等于 1/2：可能 p_g = p_data，也可能 D 太弱。",
        mistakes=(
            Mistake("A", "p_g = p_data 能推出这两个数，反过来不行：一个没学会的 D 也处处是 1/2"),
            Mistake("C", "崩溃时什么损失都可能：3.5 里那一次 L_D 高于 2 log 2；只看损失断不定"),
            Mistake("D", "D 太强时 L_D 接近 0、L_G 很大，与这里正相反"),
        ),
    ),
)
