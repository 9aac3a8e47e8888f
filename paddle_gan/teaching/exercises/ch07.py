"""第 7 章 WGAN 与 WGAN-GP 的练习。"""

import math

import numpy as np

from paddle_gan.teaching.exercise import Exercise, Mistake

LAYERS, FACTOR = 3, 0.1  # 练习 7.2：三层权重，同时乘 0.1
PIXELS, SLOPE = 32 * 32, 0.1  # 练习 7.3：32×32 的彩色图，每个偏导数 0.1


EXERCISES = (
    Exercise(
        key="7.1",
        question="写函数 f(norms)：norms 是一批样本各自的斜率，返回梯度惩罚（不乘 λ）",
        answer=lambda norms: float(np.mean((np.asarray(norms) - 1) ** 2)),
        why="先对每个样本减 1 再平方，最后才平均。",
        mistakes=(
            Mistake(
                lambda norms: float((np.mean(norms) - 1) ** 2),
                "先平均再减 1：0 与 2 平均是 1，罚不到；惩罚要对每个样本单独算",
            ),
            Mistake(
                lambda norms: float(np.mean(np.asarray(norms) ** 2)),
                "这是把斜率往 0 推（像 R1），WGAN-GP 是往 1 推，漏了减 1",
            ),
            Mistake(
                lambda norms: float(np.mean(np.asarray(norms) ** 2 - 1)),
                "减 1 要在平方之前：(n − 1)²，不是 n² − 1；你的写法斜率小时是负的，越小越好",
            ),
            Mistake(
                lambda norms: float(np.mean(np.maximum(np.asarray(norms) - 1, 0) ** 2)),
                "这是只罚大于 1 的单边惩罚，论文讨论过；算法 1 用的是双边的，小于 1 也罚",
            ),
            Mistake(
                lambda norms: float(np.sum((np.asarray(norms) - 1) ** 2)),
                "期望是平均，不是求和；求和会让 λ 的大小随批变化",
            ),
        ),
        inputs=(([0.0, 2.0],), ([1.0, 1.0, 4.0],), ([0.5, 0.2, 3.0],)),
    ),
    Exercise(
        key="7.2",
        question="三层权重、无偏置的 ReLU 评论器，权重同时乘 0.1，E[D(x)] − E[D(G(z))] 变成几倍？"
        "（准确的数）",
        answer=FACTOR**LAYERS,
        why="ReLU(0.1h) = 0.1·ReLU(h)，每层提出一个 0.1，三层就是 0.001：K 按层数的幂次变化。",
        mistakes=(
            Mistake(FACTOR, "0.1 只是一层的倍数；每过一层都要再乘一次"),
            Mistake(FACTOR * LAYERS, "层与层是复合，倍数相乘，不是相加"),
            Mistake(1.0, "评论器不是尺度不变的：没有归一化时，输出随权重变小"),
            Mistake(FACTOR ** (LAYERS - 1), "输出层的权重也乘了 0.1，一共三层"),
        ),
        tolerance=1e-9,
    ),
    Exercise(
        key="7.3",
        question="32×32 彩色图，每个像素每个通道的偏导数都是 0.1，整张图的斜率 ‖∇D‖₂ 是多少？"
        "（保留两位小数）",
        answer=SLOPE * math.sqrt(3 * PIXELS),
        why="一共 3·32·32 个偏导数，平方和再开方：0.1·√3072 ≈ 5.54。",
        mistakes=(
            Mistake(
                SLOPE * math.sqrt(3),
                "你只对通道求了范数，那是每个像素的斜率（“弄坏它”里的错）；整张图要展平再求",
            ),
            Mistake(SLOPE * math.sqrt(PIXELS), "彩色图有 3 个通道，也要算进平方和"),
            Mistake(SLOPE, "0.1 是一个方向上的偏导数；梯度的长度要把所有方向合起来"),
            Mistake(SLOPE * 3 * PIXELS, "这是 L1 范数（绝对值之和）；L2 范数是平方和再开方"),
            Mistake(SLOPE**2 * 3 * PIXELS, "这是平方和，还没有开方"),
        ),
        decimals=2,
    ),
    Exercise(
        key="7.4",
        question="结构不同的两个评论器，loss/D 停在 −0.02 与 −3。A. 前者的 G 更好 B. 后者的 G 更好 "
        "C. 只凭这两个数比不了 D. 负的说明算错了",
        answer="C",
        why="loss/D 是 −K·W 的估计（WGAN-GP 的还加了惩罚），K 由结构与约束决定；"
        "只有同一个结构、同一个约束的前后才可比。",
        mistakes=(
            Mistake("A", "−0.02 也可能只是 K 很小（c 小、层多）；K 不同，大小不能比"),
            Mistake("B", "−3 可能是 K 大，也可能是 W 大；即使 K 相同，W 大也是更差"),
            Mistake("D", "L_D = E[D(G(z))] − E[D(x)]，评论器给真的更高分时它本来就是负的"),
        ),
    ),
    Exercise(
        key="7.5",
        question="哪一种归一化不破坏梯度惩罚？A. 训练模式的 BN B. 实例归一化 C. 同步 BN D. 大批 BN",
        answer="B",
        why="实例归一化只用样本自己的均值方差，D(x_i) 只依赖 x_i。",
        mistakes=(
            Mistake("A", "训练模式的 BN 用整批的均值方差，D(x_i) 依赖别的样本"),
            Mistake("C", "同步 BN 牵连的样本更多：别的卡上的也算进来了"),
            Mistake("D", "批大了，每个别的样本的影响变小，个数却变多；斜率还是没有定义"),
        ),
    ),
)
