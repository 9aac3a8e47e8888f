"""第 02 章的练习。"""

import math

from paddle_gan.metrics import optimal_value
from paddle_gan.teaching.exercise import Exercise, Mistake

LOG2 = math.log(2)
CHANCE = -optimal_value([1.0], [1.0])  # 真假完全相同时的 loss/D


def sigmoid(a: float) -> float:
    """1 / (1 + e^(−a))。"""
    return 1 / (1 + math.exp(-a))


EXERCISES = (
    Exercise(
        key="2.1",
        question="判别器完全分不出真假（D 恒为 ½）时，日志里的 loss/D 是多少？"
        "答案是一个数，保留两位小数。",
        answer=CHANCE,
        why="两项各是 −log ½ = log 2，加起来 2·log 2。loss/D 贴着 1.386，D 等于在抛硬币。",
        mistakes=(
            Mistake(CHANCE / 2, "这是普通二分类器报的平均交叉熵；loss/D 是真、假两项之和，大一倍"),
            Mistake(-CHANCE, "这是 V；优化器求最小，日志里记的是 loss/D = −V，符号相反"),
            Mistake(0.0, "0 是 D 全部答对、而且十足把握时的值；抛硬币的 D 每一项都要付 log 2"),
            Mistake(0.5, "0.5 是 D 的输出（概率）；损失是它的 −log，而且有真、假两项"),
        ),
        decimals=2,
    ),
    Exercise(
        key="2.2",
        question="写函数 D(x, d)：真实 N(0, 1)、生成 N(d, 1) 时的最优判别器。"
        "答案是一个函数，返回概率。",
        answer=lambda x, d: sigmoid(d * d / 2 - d * x),
        why="logit 是 log p − log q = d²/2 − d·x，再过一次 sigmoid。中点 d/2 处恰好是 ½。",
        mistakes=(
            Mistake(
                lambda x, d: sigmoid(d * x - d * d / 2),
                "方向反了：这是 q/(p+q)，生成样本那边反而最大；我们约定 D 越大越像真",
            ),
            Mistake(
                lambda x, d: d * d / 2 - d * x,
                "这是 logit，即 log(p/q)；题目要概率，还要过一次 sigmoid",
            ),
            Mistake(
                lambda x, d: sigmoid(-d * x),
                "漏了常数项 d²/2：分界线会跑到 x = 0，而两个密度相等的地方是 x = d/2",
            ),
            Mistake(
                lambda x, d: math.exp(d * d / 2 - d * x),
                "这是密度比 p/q，可以大于 1；D* = p/(p+q) 还要除以 1 + p/q",
            ),
        ),
        inputs=((0.0, 1.0), (1.0, 2.0), (-0.5, 3.0), (2.0, 1.5), (0.7, 0.6)),
    ),
    Exercise(
        key="2.3",
        question="D 已经最优，loss/D 停在 0.9。JS(p, q) 是多少奈特？答案是一个数，保留两位小数。",
        answer=(2 * LOG2 - 0.9) / 2,
        why="V = −0.9 = 2JS − 2log2，解出 JS = (2log2 − 0.9)/2。",
        mistakes=(
            Mistake(2 * LOG2 - 0.9, "这是 2JS：V = 2JS − 2log2 里 JS 前面有系数 2，还要除以 2"),
            Mistake(
                (2 * LOG2 + 0.9) / 2,
                "符号错了：loss/D = 0.9 说明 V = −0.9；这样算出的数超过了 JS 的上限 log2",
            ),
            Mistake(
                (2 * LOG2 - 0.9) / 2 / LOG2,
                "这是以 log2 为单位（比特）的 JS；题目要奈特，不用除以 log2",
            ),
            Mistake((LOG2 - 0.9) / 2, "常数是 2·log2：真、假两项各出一个 log2；JS 也不会是负数"),
        ),
        decimals=2,
    ),
    Exercise(
        key="2.4",
        question="D 没有训练到最优，用 (2·log2 − loss/D)/2 算 JS，与真的 JS 比：A 一定不偏大，"
        "B 一定不偏小，C 平均起来不偏，D 恒等于 JS。答案是一个字母。",
        answer="A",
        why="缺口 E[KL(D*‖D)] ≥ 0，所以读数是下界；刚初始化的 D 甚至会读出负数。"
        "（说的是期望；有限的一批样本、被 D 背下来时另当别论，见 06 章 6.1。）",
        mistakes=(
            Mistake("B", "反了：D* 使 V 最大，别的 D 只会让 V 更小，读数跟着变小"),
            Mistake("C", "缺口不是噪声：它是一个 KL，永远不是负数，平均也消不掉"),
            Mistake("D", "公式里代的是 D*；换成别的 D，p/(p+q) 那一步就不成立了"),
        ),
    ),
    Exercise(
        key="2.5",
        question="p 是 N(−2, 0.5²) 与 N(2, 0.5²) 各半的混合，按正向 KL(p‖q) 用一个高斯拟合，"
        "最好的标准差是多少？答案是一个数，保留两位小数。",
        answer=math.sqrt(0.5**2 + 2**2),
        why="正向 KL 就是配均值与方差：方差 = 峰内 0.5² + 峰间 2²，开方。",
        mistakes=(
            Mistake(0.5, "这是反向 KL 的样子：缩到一个峰上；正向 KL 怕漏，要盖住两个峰"),
            Mistake(0.5**2 + 2**2, "这是方差；题目要标准差，还要开方"),
            Mistake(2.0, "只算了两个峰中心之间的散开，漏了每个峰自己的宽度 0.5"),
            Mistake(2.5, "标准差不能直接相加；相加的是方差"),
        ),
        decimals=2,
    ),
)
