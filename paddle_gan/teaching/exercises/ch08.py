"""第 8 章换一个散度的练习。"""

from math import exp, log, log1p

import numpy as np

from paddle_gan.teaching.exercise import Exercise, Mistake

SLOPE = 3.0  # 练习 8.1：t
STOPPED = 1.3  # 练习 8.6：loss/D
REAL, FAKE = 3.0, 1.0  # 练习 8.7：两边的分数


def conjugate(t: float) -> float:
    """f(u) = u² − 1 的共轭：最大在 u = t/2。"""
    return t**2 / 4 + 1


def best_T(p, q):
    """f(u) = (u − 1)²/(u + 1)：f′(u) = (u − 1)(u + 3)/(u + 1)²。"""
    u = p / q
    return (u - 1) * (u + 3) / (u + 1) ** 2


def bound(real, fake):
    """反向 KL 的下界：T = −e^(−V)，f*(T) = V − 1。"""
    return -np.exp(-real).mean() - (fake - 1).mean()


def softplus(a: float) -> float:
    """log(1 + eᵃ)。"""
    return log1p(exp(a))


def densities() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """几对正的密度，比 1 大的、小的都有。"""
    rng = np.random.default_rng(8)
    return tuple(tuple(rng.uniform(0.05, 2, (2, n))) for n in (5, 7))


def outputs() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """几批网络的输出，正负都有。"""
    rng = np.random.default_rng(9)
    return tuple((rng.normal(1, 1, (n, 1)), rng.normal(-1, 1, (n, 1))) for n in (4, 9))


EXERCISES = (
    Exercise(
        key="8.1",
        question="f(u) = u² − 1（u > 0），f*(3) 是多少？（准确的数）",
        answer=conjugate(SLOPE),
        why="3u − u² + 1 在 u = 3/2 处最大，是 9/4 + 1；它与皮尔逊 χ² 的 f 只差 2(u − 1)。",
        mistakes=(
            Mistake(SLOPE**2 / 4, "减去的是整个 f(u) = u² − 1，那个 −1 减出来是 +1"),
            Mistake(SLOPE**2 / 4 - 1, "符号反了：−f(u) = −u² + 1，常数是 +1"),
            Mistake(SLOPE**2 / 4 + SLOPE, "这是 f = (u − 1)² 的共轭；这里的 f 少了 −2u + 2"),
            Mistake(SLOPE**2 - 1, "这是 f(3)；要的是 sup{3u − f(u)}"),
        ),
        tolerance=1e-9,
    ),
    Exercise(
        key="8.2",
        question="写函数 best_T(p, q)：f(u) = (u − 1)²/(u + 1)，返回最优的 T*",
        answer=best_T,
        why="T* = f′(p/q)：最小二乘的 D 量的就是这个散度，换成 f-GAN 的写法，T* 长这样。",
        mistakes=(
            Mistake(
                lambda p, q: (p / q - 1) ** 2 / (p / q + 1),
                "这是 f(p/q)；最优的 T 是 f 的导数 f′(p/q)",
            ),
            Mistake(
                lambda p, q: best_T(q, p),
                "密度比反了：u = p/q，真的在上面",
            ),
            Mistake(
                lambda p, q: 2 * (p / q - 1) / (p / q + 1),
                "商的求导少了一半：(a/b)′ = (a′b − ab′)/b²，分母也要求导",
            ),
            Mistake(
                lambda p, q: (p - q) / (p + q),
                "这是 LSGAN 的 D*（a = −1，b = 1）；题里问的是下界 (2) 里的 T",
            ),
        ),
        inputs=densities(),
    ),
    Exercise(
        key="8.3",
        question="宁可漏掉几个峰，也绝不能生成假的；老实的 G，选哪一行？（A KL　B 皮尔逊 χ²　"
        "C 反向 KL　D JS）",
        answer="C",
        why="反向 KL 的 f 在 u → 0 处冲到无穷大：没有真样本的地方生成，罚得没有上限。",
        mistakes=(
            Mistake("A", "KL 正好相反：漏掉要罚到无穷大，画错的价钱有限"),
            Mistake("B", "皮尔逊 χ² 比 KL 更怕漏，为了不漏，最肯画错"),
            Mistake("D", "JS 两边的价钱都有限：合算的话，它也会盖住中间的空处（混合 A）"),
        ),
    ),
    Exercise(
        key="8.4",
        question="写函数 bound(real, fake)：反向 KL，由网络的输出 V 估计下界 (2)",
        answer=bound,
        why="E[−e^(−V(x))] − E[V(G(z)) − 1]：生成的一边化简之后是一次的，不会溢出。",
        mistakes=(
            Mistake(
                lambda real, fake: real.mean() - (fake - 1).mean(),
                "真的一边要的是 T = g_f(V) = −e^(−V)，不是 V：忘了 g_f",
            ),
            Mistake(
                lambda real, fake: -np.exp(-real).mean() - np.mean(-np.exp(-fake)),
                "生成的一边要的是 f*(T)，不是 T；f*(t) = −1 − log(−t)",
            ),
            Mistake(
                lambda real, fake: -np.exp(-real).mean() + (fake - 1).mean(),
                "两项相减：E_P[T] − E_Q[f*(T)]",
            ),
            Mistake(
                lambda real, fake: -np.exp(-fake).mean() - (real - 1).mean(),
                "真假反了：T 在真样本上平均，f*(T) 在生成样本上平均",
            ),
        ),
        inputs=outputs(),
    ),
    Exercise(
        key="8.5",
        question="D 量 f(u) = (√u − 1)²，G 用不饱和的一步；写函数 h2(r)，返回 h″(r)",
        answer=lambda r: r**-2.5 / 2,
        why="f = u − 2√u + 1，f″ = ½·u^(−3/2)，再除以 r。",
        mistakes=(
            Mistake(lambda r: r**-1.5 / 2, "这是 f″(r)，D 自己的；不饱和的一步还要除以 r"),
            Mistake(lambda r: r**-0.5 / 2, "应当除以 r，不是乘 r"),
            Mistake(lambda r: (1 - r**-0.5) / r, "这是 f′(r)/r；式子里是 f 的二阶导数"),
            Mistake(lambda r: -(r**-2.5) / 2, "符号反了：f = u − 2√u + 1 是凸的，f″ 是正的"),
        ),
        inputs=((np.array([0.1, 0.5, 1.0, 2.0, 9.0]),),),
    ),
    Exercise(
        key="8.6",
        question="合页损失，D 最优，loss/D 停在 1.3，全变差是多少？（保留两位小数）",
        answer=1 - STOPPED / 2,
        why="loss/D = 2(1 − TV)，TV = 1 − 0.65 = 0.35；分不出真假时 loss/D 是 2。",
        mistakes=(
            Mistake(STOPPED / 2, "0.65 是 ∫min(p, q)，重叠的部分；全变差是 1 减去它"),
            Mistake(2 - STOPPED, "这是 2·TV，还要除以 2"),
            Mistake(1 - STOPPED, "全变差不会是负的；loss/D = 2(1 − TV)，两边先除以 2"),
        ),
        decimals=2,
    ),
    Exercise(
        key="8.7",
        question="真的 3 分，生成的 1 分，RpGAN 的 L_G 是多少？（保留两位小数）",
        answer=softplus(REAL - FAKE),
        why="−log σ(1 − 3) = log(1 + e²)：还差 2 分，损失就比 2 大一点。",
        mistakes=(
            Mistake(softplus(FAKE - REAL), "这是 D 的损失；G 的要把真与假换个位置"),
            Mistake(softplus(-FAKE), "这是不饱和的 L_G，没有看真样本的 3 分"),
            Mistake(REAL - FAKE, "差是 2 分，损失是 −log σ(−2)，不是差本身"),
            Mistake(softplus(REAL - FAKE) / log(2), "log 是自然对数，不是以 2 为底"),
        ),
        decimals=2,
    ),
    Exercise(
        key="8.8",
        question="各训练一次，FD 17.2 对 19.0；同一个 LSGAN 换学习率与种子在 16 到 31 之间。"
        "怎样读？（A、B、C、D）",
        answer="C",
        why="差 1.8，散布有 15：要比就给同样的调参预算、几个种子，再看差别是不是大过散布。",
        mistakes=(
            Mistake("A", "1.8 比换一个种子的差别还小；两边也没有同样的调参预算"),
            Mistake("B", "拿一边最好的比另一边随便的一次，同样不公平"),
            Mistake("D", "FD 能比，条件是设定、种子、步数、特征都交代清楚，差别又大过散布"),
        ),
    ),
)
