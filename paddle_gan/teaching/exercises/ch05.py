"""第 05 章常用模型结构的练习。"""

from math import log

import numpy as np

from paddle_gan.teaching.exercise import Exercise, Mistake

MU, SIGMA = 1.0, 0.5
BLIND, SEEN, COST = 206.0, 83.0, 23.0  # 不看 z 的还原、看 z 的还原、KL，奈特
PIXELS, CODE = 64 * 64 * 3, 32  # 练习 5.3：像素的个数、z 的维数
SIDES = (8, 16, 32, 64)  # 练习 5.6：各层的边长


def kl_to_standard(mu: float, sigma: float) -> float:
    """KL(N(μ, σ²) ‖ N(0, 1))。"""
    return (mu**2 + sigma**2 - 1 - log(sigma**2)) / 2


def between(m1, s1, m2, s2):
    """KL(N(m1, s1²) ‖ N(m2, s2²))，各维独立，加起来。"""
    return np.sum(np.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 0.5)


def pull(S):
    """拉开项：一批编码两两夹角余弦的平方的平均，自己与自己不算。"""
    directions = S / np.linalg.norm(S, axis=1, keepdims=True)
    squares = (directions @ directions.T) ** 2
    n = len(S)
    return (squares.sum() - np.trace(squares)) / (n * (n - 1))


def unsquared(S):
    """忘了平方的拉开项。"""
    directions = S / np.linalg.norm(S, axis=1, keepdims=True)
    cosines = directions @ directions.T
    return (cosines.sum() - len(S)) / (len(S) * (len(S) - 1))


def doubled(old):
    """最近邻放大一倍。"""
    return old.repeat(2, axis=0).repeat(2, axis=1)


def faded(old, new, alpha):
    """(1 − α)·放大的旧图 + α·新图。"""
    return (1 - alpha) * doubled(old) + alpha * new


def next_k(k, real, fake, gamma, rate):
    """BEGAN 的 k 走一步，限在 0 到 1 之间。"""
    return min(1.0, max(0.0, k + rate * (gamma * real - fake)))


def balances() -> tuple[tuple[float, ...], ...]:
    """几种 (k, L(x), L(G(z)), γ, λ_k)：不碰边、碰 0、碰 1。"""
    return (0.3, 0.2, 0.05, 0.5, 0.1), (0.01, 0.1, 0.4, 0.5, 0.1), (0.98, 0.9, 0.1, 0.7, 0.1)


def two_gaussians() -> tuple[tuple[np.ndarray, ...], ...]:
    """几对高斯，三维。"""
    rng = np.random.default_rng(5)
    return tuple(
        (rng.normal(size=3), rng.uniform(0.3, 2, 3), rng.normal(size=3), rng.uniform(0.3, 2, 3))
        for _ in range(3)
    )


def codes() -> tuple[tuple[np.ndarray], ...]:
    """几批编码，长短不一，方向有正有反。"""
    rng = np.random.default_rng(5)
    return tuple((rng.normal(size=(n, 4)) * rng.uniform(0.5, 3, (n, 1)),) for n in (2, 5))


def growing() -> tuple[tuple, ...]:
    """一张小图、一张大图与 α。"""
    rng = np.random.default_rng(5)
    return tuple((rng.uniform(size=(2, 3)), rng.uniform(size=(4, 6)), a) for a in (0.0, 0.3, 1.0))


EXERCISES = (
    Exercise(
        key="5.1",
        question="q = N(1, 0.5²)，p = N(0, 1)，KL(q ‖ p) 是多少奈特？（保留三位小数）",
        answer=kl_to_standard(MU, SIGMA),
        why="½(μ² + σ² − 1 − log σ²)；平均数偏了 1 付 0.5，方差小了再付 0.318。",
        mistakes=(
            Mistake(2 * kl_to_standard(MU, SIGMA), "忘了前面的 ½"),
            Mistake(
                (MU**2 + SIGMA**2 - 1 + log(SIGMA**2)) / 2,
                "log σ² 前面是减号：方差越小，KL 越大；KL 也不会是负的",
            ),
            Mistake((MU**2 + SIGMA**2 - 1 - log(SIGMA)) / 2, "里面是 log σ²，不是 log σ：差了一倍"),
            Mistake(
                (MU**2 + SIGMA - 1 - log(SIGMA)) / 2, "0.5 是标准差 σ，公式里要的是方差 σ² = 0.25"
            ),
        ),
        decimals=3,
    ),
    Exercise(
        key="5.2",
        question="写函数 kl(m1, s1, m2, s2)，返回两个各维独立的高斯的 KL，s 是标准差",
        answer=between,
        why="与正文的推导一样，只是 (z − μ₂)² 要除以 2σ₂²；各维独立，密度相乘，KL 相加。",
        inputs=two_gaussians(),
        mistakes=(
            Mistake(
                lambda m1, s1, m2, s2: between(m2, s2, m1, s1),
                "两边换了位置：KL(q ‖ p) 的平均是在 q（m1、s1）上取的",
            ),
            Mistake(
                lambda m1, s1, m2, s2: between(m1, s1, m2, s2) / len(m1),
                "各维要加起来，不是平均：独立的密度相乘，对数相加",
            ),
            Mistake(
                lambda m1, s1, m2, s2: between(m1, s1, 0 * m2, 0 * s2 + 1),
                "这是到 N(0, 1) 的；第二个高斯的 m2、s2 没有用上",
            ),
            Mistake(
                lambda m1, s1, m2, s2: between(m1, s1, m2, s2) + 0.5 * len(m1),
                "少了 −½：两个一样的高斯，KL 应当是 0",
            ),
        ),
    ),
    Exercise(
        key="5.3",
        question="64×64×3 的图、32 维的 z，还原与 KL 各对自己的个数取平均，等于 β 多少？（整数）",
        answer=PIXELS // CODE,
        why="还原小了 64·64·3 = 12,288 倍，KL 小了 32 倍；β = 12,288/32。",
        mistakes=(
            Mistake(PIXELS, "KL 也取了平均，小了 32 倍；还要除以它"),
            Mistake(64 * 64 // CODE, "彩色图有三个通道，还原一项的个数是 64·64·3"),
            Mistake(1, "两项都取平均，可是个数不同，比例就变了"),
        ),
    ),
    Exercise(
        key="5.4",
        question="还原不看 z 要 206 奈特，看 z 要 83，KL 23；β 过了多少就不划算？（保留一位小数）",
        answer=(BLIND - SEEN) / COST,
        why="用 z 省下 206 − 83 = 123，要付 β·23；123/23 以上就不值得了。",
        mistakes=(
            Mistake(BLIND / COST, "看了 z 还原也要 83；省下的只是两者之差"),
            Mistake(SEEN / COST, "83 是看了 z 还剩的，不是省下的"),
            Mistake(COST / (BLIND - SEEN), "倒过来了：β 乘在 KL 上，β·23 = 123"),
        ),
        decimals=1,
    ),
    Exercise(
        key="5.5",
        question="写函数 pull(S)，返回一批编码 S (N, d) 的拉开项",
        answer=pull,
        why="先各除以自己的长度，两两内积平方，去掉对角线，除以 N(N − 1)。",
        inputs=codes(),
        mistakes=(
            Mistake(
                unsquared,
                "忘了平方：方向相反的一对余弦是 −1，会把别的抵消掉；它们也是共线的",
            ),
            Mistake(
                lambda S: (
                    (((S @ S.T) ** 2).sum() - np.trace((S @ S.T) ** 2)) / (len(S) * (len(S) - 1))
                ),
                "没有除以长度：那就不是余弦，编码一变短，这一项就小了",
            ),
            Mistake(
                lambda S: pull(S) * (len(S) - 1) / len(S),
                "除以的是 N(N − 1)：自己与自己那 N 对不算",
            ),
        ),
    ),
    Exercise(
        key="5.6",
        question="64×64 的彩色图做四层的拉普拉斯金字塔（最小 8×8，三层残差），一共几个数？（整数）",
        answer=3 * sum(side**2 for side in SIDES),
        why="3·(64 + 256 + 1,024 + 4,096)：比原图多约三分之一，换来每一层只管自己的细节。",
        mistakes=(
            Mistake(sum(side**2 for side in SIDES), "彩色图有三个通道，每一层都要乘 3"),
            Mistake(3 * 64**2, "12,288 是原图的；小图与中间两层的残差还要存"),
            Mistake(3 * sum(side**2 for side in SIDES[1:]), "还有最小的那张 8×8：没有它，拼不回来"),
            Mistake(3 * (8**2 + 64**2), "中间 16、32 像素的两层残差也要存"),
        ),
    ),
    Exercise(
        key="5.7",
        question="写函数 next_k(k, real, fake, gamma, rate)，返回 BEGAN 更新一步之后的 k",
        answer=next_k,
        why="k + λ_k·(γL(x) − L(G(z)))，再限在 [0, 1]：贴在 0 上时，D 就只还原真图。",
        inputs=balances(),
        mistakes=(
            Mistake(
                lambda k, real, fake, gamma, rate: k + rate * (gamma * real - fake),
                "忘了限在 0 到 1：k 小于 0，D 就会去帮着还原假的",
            ),
            Mistake(
                lambda k, real, fake, gamma, rate: next_k(k, fake, real, gamma, rate),
                "L(x) 与 L(G(z)) 换了位置：γ 乘的是真样本的还原误差",
            ),
            Mistake(
                lambda k, real, fake, gamma, rate: next_k(k, real, fake, 1.0, rate),
                "忘了 γ：平衡要的是 L(G(z)) = γ·L(x)，不是相等",
            ),
            Mistake(
                lambda k, real, fake, gamma, rate: next_k(k, -real, -fake, gamma, rate),
                "方向反了：假的太容易还原，k 要变大",
            ),
        ),
    ),
    Exercise(
        key="5.8",
        question="写函数 faded(old, new, alpha)：小图 old 放大一倍（最近邻），照 α 淡入大图 new",
        answer=faded,
        why="α = 0 是放大的旧图，α = 1 是新图，中间连续；长大的那一刻画面不跳。",
        inputs=growing(),
        mistakes=(
            Mistake(
                lambda old, new, alpha: alpha * doubled(old) + (1 - alpha) * new,
                "α 反了：一开始 α = 0，应当全是旧的",
            ),
            Mistake(
                lambda old, new, alpha: (1 - alpha) * np.tile(old, (2, 2)) + alpha * new,
                "np.tile 是把整张小图铺四遍；放大要把每个像素重复：np.repeat，两个轴各一次",
            ),
            Mistake(
                lambda old, new, alpha: doubled(old) + alpha * new,
                "旧的也要乘 1 − α：不然 α = 1 时两张图叠在一起",
            ),
        ),
    ),
)
