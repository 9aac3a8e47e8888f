"""第 4 章 DCGAN 的练习。"""

import math

from paddle_gan.teaching.exercise import Exercise, Mistake

PAPER = [1024, 512, 256, 128]  # 论文图 1 的生成器，从 z 一侧数起


def parameters(first_kernel: int = 4, bias: int = 3, norm: bool = True, images: int = 3) -> int:
    """论文图 1 的生成器有多少个可以训练的参数；bias 是输出层的偏置个数。"""
    inner = sum(16 * a * b for a, b in zip(PAPER, PAPER[1:]))
    total = 100 * PAPER[0] * first_kernel**2 + inner + 16 * PAPER[-1] * images + bias
    return total + 2 * sum(PAPER) * norm


EXERCISES = (
    Exercise(
        key="4.1",
        question="卷积：核 5，步长 2，四周补 2 圈零，输入边长 28。输出边长是多少？（一个整数）",
        answer=(28 + 2 * 2 - 5) // 2 + 1,
        why="⌊(28 + 4 − 5)/2⌋ + 1 = 13 + 1 = 14，仍是正好减半。",
        mistakes=(
            Mistake(13, "差 1：补零两边都补，一共 2p = 4；除完向下取整之后还要加 1"),
            Mistake((28 - 5) // 2 + 1, "漏了补零：先把边长变成 28 + 2p，核再开始走"),
            Mistake((28 - 1) * 2 - 2 * 2 + 5, "这是转置卷积的式子，那是把图变大；卷积要除以步长"),
        ),
    ),
    Exercise(
        key="4.2",
        question="下面哪一层后面不该加 BN？A. G 的第二层 B. D 的第二层 C. D 的第一层 D. G 的第一层",
        answer="C",
        why="论文把 BN 留在 G 的输出层与 D 的输入层之外；004 的代码里 D 的第一层也没有。",
        mistakes=(
            Mistake("A", "G 的第二层是隐层，要加；不加的是 G 的*最后*一层，它直接输出图像"),
            Mistake("B", "D 的第二层是隐层，要加；不加的是直接碰到图像的那一层"),
            Mistake("D", "G 的第一层从 z 出来，要加 BN；G 里不加的是输出层"),
        ),
    ),
    Exercise(
        key="4.3",
        question="论文图 1 的生成器（核一律 4，隐层带 BN 不带偏置，输出 3 通道带偏置）有几个参数？"
        "（一个整数）",
        answer=parameters(),
        why="16·(100·1024 + 1024·512 + 512·256 + 256·128 + 128·3) + 2·1920 + 3。",
        mistakes=(
            Mistake(parameters(norm=False), "漏了 BN：每个通道还有 γ 与 β 两个"),
            Mistake(parameters(bias=0), "漏了输出层的 3 个偏置：它后面没有 BN，偏置有用"),
            Mistake(parameters(images=1, bias=1), "输出应当是 3 个通道；你算的是 004 的灰度生成器"),
            Mistake(parameters(first_kernel=1), "第一层也是 4×4 的核，要乘 16，它把 1×1 变成 4×4"),
            Mistake(parameters() + sum(PAPER), "题里隐层不带偏置：BN 减均值时会把它抵消，所以不设"),
        ),
    ),
    Exercise(
        key="4.4",
        question="写函数 f(k)：z 每维 U(−1, 1)，z̄_a − z̄_b + z̄_c 各是 k 个的平均；返回每维标准差",
        answer=lambda k: math.sqrt(3 * (1 / 3) / k),
        why="方差 1/3，三项各 1/(3k)，相加得 1/k；k = 3 时正好回到训练时的 1/√3。",
        mistakes=(
            Mistake(lambda k: 1 / k, "1/k 是方差，题目要标准差，还要开方"),
            Mistake(
                lambda k: math.sqrt(1 / 3 / k), "减号也让方差相加：三项的方差要加起来，不是一项"
            ),
            Mistake(
                lambda k: math.sqrt(3 / k), "你把 U(−1, 1) 的方差当成了 1；它是 (b − a)²/12 = 1/3"
            ),
            Mistake(lambda k: 1.0, "平均 k 个会把方差除以 k，结果应当随 k 变小"),
        ),
        inputs=((1,), (2,), (3,), (9,)),
    ),
    Exercise(
        key="4.5",
        question="训练的损失正常，存下来的样本却是一样的灰雾。最可能：A. D 太强 "
        "B. BN 的累计统计量不对 C. 发散了 D. 批太小",
        answer="B",
        why="训练用这一批的统计量，推理用累计的；只有后者错，损失才会看着正常、样本却坏。",
        mistakes=(
            Mistake("A", "D 太强时 loss/D 趋于 0、loss/G 上升，损失不会“一切正常”"),
            Mistake("C", "发散时损失会变成很大的数或 NaN，一看曲线就知道"),
            Mistake("D", "批太小会让损失抖，样本也跟着抖，不会固定成同一张灰雾"),
        ),
    ),
)
