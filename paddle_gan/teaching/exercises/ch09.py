"""第 09 章的练习：模式崩溃的解决方案。"""

import numpy as np
import paddle

from paddle_gan.networks.minibatch import MinibatchDiscrimination
from paddle_gan.teaching.exercise import Exercise, Mistake

ETA, ALPHA, BATCH = 0.1, 0.5, 64


def smallest_unroll(pull: float) -> int:
    """阻尼是每步 pull·η·x 时，最少展开几步才收敛：更新矩阵的谱半径小于 1。"""
    for k in range(1, 100):
        matrix = np.array([[1 - pull * k * ETA * ALPHA, -ALPHA], [ALPHA, 1.0]])
        if abs(np.linalg.eigvals(matrix)).max() < 1 - 1e-9:
            return k
    raise ArithmeticError("一百步之内都不收敛")


def product_variation(kept: int, total: int, m: int) -> float:
    """均匀的 total 个模式只留 kept 个，打包 m 个之后的总变差，直接求和。"""
    p = np.full(total, 1 / total)
    q = np.r_[np.full(kept, 1 / kept), np.zeros(total - kept)]
    packed_p, packed_q = p, q
    for _ in range(m - 1):
        packed_p, packed_q = np.outer(packed_p, p).ravel(), np.outer(packed_q, q).ravel()
    return float(0.5 * abs(packed_p - packed_q).sum())


def similarity_of_copies() -> float:
    """一批完全相同的样本过小批量判别层，o 的值。"""
    layer = MinibatchDiscrimination(4, num_kernels=2, dim_per_kernel=3)
    return float(layer(paddle.ones([BATCH, 4]))[0, -1])


def lowest(k: int) -> float:
    """MAD-GAN 生成器目标的最小值 k·log k − (k + 1)·log(k + 1)。"""
    return k * np.log(k) - (k + 1) * np.log(k + 1)


EXERCISES = (
    Exercise(
        key="9.1",
        question="xy 博弈展开 k 步，η = 0.1、α = 0.5，k 至少取几才收敛？答案是一个整数",
        answer=smallest_unroll(2.0),
        why="|λ|² = 1 − 2kηα + α² < 1 要 2kη > α，即 k > 2.5，所以是 3。",
        mistakes=(
            Mistake(
                ALPHA / (2 * ETA),
                "这是界限本身，在界限上 |λ| = 1，只绕圈；k 要取比它大的整数",
            ),
            Mistake(
                smallest_unroll(1.0),
                "你用了 kη > α：那是不穿过虚拟更新的情形，穿过时 kηx² 的导数是 2kηx",
            ),
            Mistake(1, "α = η 时展开一步就够；这里真实步长是虚拟步长的五倍，发散的力更大"),
            Mistake(0, "展开 0 步就是原来的同时更新，|λ|² = 1 + α²，发散"),
        ),
    ),
    Exercise(
        key="9.2",
        question="丢了四分之一的模式，其余均匀，一包 3 个，TV 是多少？答案是一个数，保留三位小数",
        answer=product_variation(3, 4, 3),
        why="1 − (1 − ε)^m，ε = 1/4、m = 3：一包里只要有一个落在丢掉的模式，D 就认得出是真的。",
        mistakes=(
            Mistake(0.25, "这是一包一个（m = 1）的 TV；打包以后要大得多"),
            Mistake(0.75**3, "这是三个样本都不在丢掉的模式里的概率；TV 是 1 减去它"),
            Mistake(0.75, "不能把 ε 直接乘 m：同一包里有两个样本落在丢掉的模式，会重复计数"),
            Mistake(0.25**3, "这是三个全在丢掉的模式里的概率；有一个在就认得出来了"),
        ),
        decimals=3,
    ),
    Exercise(
        key="9.3",
        question="一批 64 个完全相同的样本过小批量判别层，每个 o_b 是多少？答案是一个整数",
        answer=round(similarity_of_copies()),
        why="与其余 63 个的距离都是 0，每项 exp(0) = 1，和是 N − 1。",
        mistakes=(
            Mistake(64, "和不包含 j = i；自己与自己那一项减掉了"),
            Mistake(0, "距离是 0，exp(−0) = 1，不是 0；越像，o 越大"),
            Mistake(1, "每一项是 1，还要对同批其余的样本求和"),
        ),
    ),
    Exercise(
        key="9.4",
        question="MAD-GAN 用 k 个生成器，生成器目标的全局最小值；答案是一个函数 f(k)",
        answer=lowest,
        why="在 q̄ = p 处取到；k = 1 时是 −2 log 2，正是普通的 GAN。",
        inputs=((1,), (2,), (8,)),
        mistakes=(
            Mistake(
                lambda k: -2 * np.log(2),
                "这是 k = 1（普通 GAN）的值；k 个生成器时 D 的先验是 1 : k，不是 1 : 1",
            ),
            Mistake(
                lambda k: -(k + 1) * np.log(k + 1),
                "少了 k·log k：假的一边分子是 k·q̄，不是 q̄",
            ),
            Mistake(
                lambda k: (k + 1) * np.log(k + 1) - k * np.log(k),
                "差一个负号：log 里都是小于 1 的概率，和是负的",
            ),
        ),
    ),
    Exercise(
        key="9.5",
        question="Unrolled 的一步里谁走了 k 步？A G；B 真正的 D；C 虚拟的 D，用完就丢；D 各 k 步",
        answer="C",
        why="虚拟的 D 走 k 步给 G 看，G 更新一次；真正的 D 照常只更新一次。",
        mistakes=(
            Mistake("A", "这是综述里的误传；让 G 多走几步正是崩溃的起因（03 章）"),
            Mistake("B", "真正的 D 若也走了，就成了 D:G = k:1 的普通训练，G 看不到 D 的回应"),
            Mistake("D", "G 每步只更新一次，它要的是穿过 D 的 k 步求导"),
        ),
    ),
)
