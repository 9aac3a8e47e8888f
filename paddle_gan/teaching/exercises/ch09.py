"""第 09 章的练习：模式崩溃的解决方案。"""

from collections.abc import Callable

import numpy as np
import paddle

from paddle_gan.networks.minibatch import MinibatchDiscrimination
from paddle_gan.teaching.exercise import Exercise, Mistake

ETA, ALPHA, BATCH, MODES = 0.1, 0.5, 64, 8
ENOUGH = 0.9  # 练习 9.2 要的正确率


def converging(pull: float) -> list[int]:
    """阻尼是每步 pull·η·x 时，展开几步才收敛：更新矩阵的谱半径小于 1 的那些 k。"""
    matrices = {
        k: np.array([[1 - pull * k * ETA * ALPHA, -ALPHA], [ALPHA, 1.0]]) for k in range(100)
    }
    return [k for k, M in matrices.items() if abs(np.linalg.eigvals(M)).max() < 1 - 1e-9]


def variation(m: int) -> float:
    """四个等重的模式丢了一个，打包 m 个之后的总变差，直接求和。"""
    p, q = np.full(4, 1 / 4), np.r_[np.full(3, 1 / 3), 0.0]
    packed_p, packed_q = p, q
    for _ in range(m - 1):
        packed_p, packed_q = np.outer(packed_p, p).ravel(), np.outer(packed_q, q).ravel()
    return float(0.5 * abs(packed_p - packed_q).sum())


def smallest_pack(measure: Callable[[int], float]) -> int:
    """一包至少几个，measure(m) 才不低于 ENOUGH。"""
    return next(m for m in range(1, 10) if measure(m) >= ENOUGH)


def similarity_of_two_heaps() -> float:
    """一半全同于 a、一半全同于 b，a 与 b 相距很远，过小批量判别层，o 的值。"""
    layer = MinibatchDiscrimination(4, num_kernels=2, dim_per_kernel=3)
    heaps = paddle.concat([paddle.ones([BATCH // 2, 4]), 1e4 * paddle.ones([BATCH // 2, 4])])
    return float(layer(heaps)[0, -1])


def crowded(k: int, real: float = 1 / MODES) -> float:
    """MAD-GAN 的 k 个 G 全挤在一个占 real 的模式上，D 最优时的 V。"""
    # p 的其余模式上 D_{k+1} = 1，log 1 = 0；挤着的模式上 D_{k+1} = real/(real + k)
    return real * np.log(real / (real + k)) + k * np.log(k / (real + k))


EXERCISES = (
    Exercise(
        key="9.1",
        question="xy 博弈展开 k 步，η = 0.1、α = 0.5，能收敛的 k 一共有几个？答案是一个整数",
        answer=len(converging(2.0)),
        why="α < 2kη < 2/α + α/2，即 2.5 < k < 21.25：从 3 到 21，一共 19 个。",
        mistakes=(
            Mistake(
                max(converging(2.0)),
                "这是最大的一个；太小的 k 也不收敛，要减掉",
            ),
            Mistake(
                max(converging(2.0)) - min(converging(2.0)),
                "两头都收敛，都要数：从 3 到 21 是 21 − 3 + 1 个",
            ),
            Mistake(min(converging(2.0)), "这是最小的一个；题目问一共有几个，上头也有界"),
            Mistake(
                len(converging(1.0)),
                "你用了 kη：那是不穿过虚拟更新的情形，穿过时 kηx² 的导数是 2kηx",
            ),
        ),
    ),
    Exercise(
        key="9.2",
        question="丢了四分之一的模式，其余均匀，一包至少几个，最优的 D 才有九成以上的正确率？"
        "答案是一个整数",
        answer=smallest_pack(lambda m: 0.5 * (1 + variation(m))),
        why="正确率是 (1 + TV)/2，要 TV ≥ 0.8，即 0.75^m ≤ 0.2，m ≥ 5.6，所以是 6。",
        mistakes=(
            Mistake(
                smallest_pack(variation), "这是 TV 到 0.9 要的个数；正确率是 (1 + TV)/2，要 0.8"
            ),
            Mistake(5, "一包 5 个时 TV 是 0.763，正确率 0.881，还差一点"),
            Mistake(4, "TV 不是 0.25 乘 m：同一包里有两个样本落在丢掉的模式，会重复计数"),
            Mistake(1, "一个一个地看，TV 只有 0.25，正确率 0.625"),
        ),
    ),
    Exercise(
        key="9.3",
        question="一批 64 个样本，一半全同于 a、一半全同于 b，两堆相距很远，每个 o_b 约是多少？"
        "答案是一个整数",
        answer=round(similarity_of_two_heaps()),
        why="与同一堆其余 31 个的距离是 0，每项 exp(0) = 1；与另一堆的 32 项都接近 0。",
        mistakes=(
            Mistake(63, "这是 64 个全同的值；与另一堆相距很远，exp(−大) 接近 0"),
            Mistake(32, "和不包含 j = i；自己与自己那一项减掉了"),
            Mistake(0, "同一堆里的距离是 0，exp(−0) = 1，不是 0；越像，o 越大"),
            Mistake(1, "每一项是 1，还要对同一堆其余的样本求和"),
        ),
    ),
    Exercise(
        key="9.4",
        question="八个等重的模式，MAD-GAN 的 k 个 G 全挤在其中一个上，D 最优，V 是多少？"
        "答案是一个函数 f(k)",
        answer=crowded,
        why="只有挤着的那一个模式（p = 1/8，k·q̄ = k）有贡献；别处 D 认得一个不错，log 1 = 0。",
        inputs=((1,), (2,), (8,)),
        mistakes=(
            Mistake(
                lambda k: k * np.log(k) - (k + 1) * np.log(k + 1),
                "这是 q̄ = p 时的最小值；挤着的那个模式上 p 是 1/8，不是 1",
            ),
            Mistake(
                lambda k: k * np.log(k / (1 / MODES + k)),
                "少了真样本的一项：挤着的那个模式上 p·log(p/(p + k))，p = 1/8",
            ),
            Mistake(
                lambda k: np.log(1 / (1 + MODES * k)) / MODES,
                "少了生成的一项 k·log(k/(p + k))：D 在那里也会把生成的样本错认成真的",
            ),
            Mistake(
                lambda k: -crowded(k),
                "差一个负号：log 里都是小于 1 的概率，和是负的",
            ),
        ),
    ),
    Exercise(
        key="9.5",
        question="高质量 0.03，覆盖 8 / 8，反向 KL 0.05，治好了吗？A 治好了，八个都覆盖；"
        "B 治好了，反向 KL 接近 0；C 没有，与均匀撒点一个样；D 没有，挤在一个模式上了",
        answer="C",
        why="撒点也是 0.028、8 / 8、0.05；高质量不明显高过撒点，覆盖数与反向 KL 再好也不算。",
        mistakes=(
            Mistake("A", "有一个高质量的样本就算“覆盖”，撒点也覆盖八个；先看高质量"),
            Mistake("B", "反向 KL 只看高质量的样本怎样分在各个模式上，撒点分得也匀；先看高质量"),
            Mistake("D", "挤在一个模式上，反向 KL 是 log 8 ≈ 2.08，覆盖是 1"),
        ),
    ),
)
