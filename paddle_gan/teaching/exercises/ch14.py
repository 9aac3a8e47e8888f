"""第 14 章应用的练习：误差与清楚、放大、补洞，几类画得少；半监督与异常的在 ch14_labels.py。"""

import numpy as np

from paddle_gan.teaching.exercise import Exercise, Mistake

SHARE, GAP, Z = 0.09, 0.01, 1.96  # 14.6：量到的比例、离 10% 多远、95% 的区间几个标准误


def decibels(error: float) -> float:
    """均方误差（像素在 [0, 1]）→ PSNR。"""
    return -10 * np.log10(error)


def psnr(a, b):
    """两堆图，取值 [−1, 1]：全部像素的均方误差合起来算。"""
    return decibels((((a - b) / 2) ** 2).mean())


def shuffle(h):
    """(4, H, W) → (2H, 2W)：每处的四个数摆成 2×2，先右后下。"""
    _, height, width = h.shape
    return h.reshape(2, 2, height, width).transpose(2, 0, 3, 1).reshape(2 * height, 2 * width)


def fill(x, hole):
    """洞里填看得见的部分的平均。"""
    return np.where(hole, x[~hole].mean(), x)


def pictures() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """几对图；一堆里有像的、有不像的，逐张算再平均就不同。"""
    rng = np.random.default_rng(14)
    a = rng.uniform(-1, 1, (2, 3, 4, 4))
    scale = np.array([0.1, 0.5, 1.0])[:, None, None]
    return tuple((one, one + scale * rng.normal(size=one.shape)) for one in a)


def holed() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """几张图与洞。"""
    rng = np.random.default_rng(15)
    x = rng.uniform(-1, 1, (2, 5, 6))
    hole = np.zeros((2, 5, 6), bool)
    hole[0, 1:3, 2:5] = hole[1, 0:4, 1:3] = True
    return tuple(zip(x, hole))


EXERCISES = (
    Exercise(
        key="14.1",
        question="只答 0.5 的 PSNR 比各一半机会猜 0 或 1 的高多少分贝？（保留两位小数）",
        answer=float(decibels(0.25) - decibels(0.5)),
        why="答 0.5 的均方误差总是 ¼；瞎猜一半时候全错，是 ½。差一倍，就是 10·log₁₀2 = 3.01 分贝。",
        mistakes=(
            Mistake(
                float(decibels(0.25)),
                "这是只答 0.5 自己的 PSNR；题里问的是比瞎猜的高多少。",
            ),
            Mistake(
                float(10 * np.log10(8)),
                "瞎猜的均方误差是 ½（一半时候错 1），不是 2。",
            ),
            Mistake(
                float(np.log(2)),
                "PSNR 用的是以 10 为底的对数，前面还乘 10。",
            ),
            Mistake(
                float(5 * np.log10(2)),
                "PSNR 里的 MSE 已经是平方，前面乘 10；不用再开方。",
            ),
        ),
        decimals=2,
    ),
    Exercise(
        key="14.2",
        question="写函数 psnr(a, b)：两堆图，取值 [−1, 1]，返回 PSNR（分贝）",
        answer=psnr,
        why="先把像素换到 [0, 1]（差除以 2），全部像素的均方误差合起来，再取对数。",
        mistakes=(
            Mistake(
                lambda a, b: decibels(((a - b) ** 2).mean()),
                "像素还在 [−1, 1]：峰值是 2，不是 1，少了 10·log₁₀4 = 6.02 分贝。",
            ),
            Mistake(
                lambda a, b: np.mean([psnr(one, other) for one, other in zip(a, b)]),
                "这是逐张算再平均。题里说全部像素合起来：先平均误差，最后才取对数。",
            ),
            Mistake(
                lambda a, b: -20 * np.log10((np.abs(a - b) / 2).mean()),
                "MSE 是差的平方的平均，不是差的绝对值的平均再平方。",
            ),
            Mistake(
                lambda a, b: -psnr(a, b),
                "符号反了：误差越小，PSNR 越大。",
            ),
        ),
        inputs=pictures(),
        tolerance=1e-4,
    ),
    Exercise(
        key="14.3",
        question="写函数 shuffle(h)：(4, H, W) 的四个通道摆成 (2H, 2W) 的一张图",
        answer=shuffle,
        why="像素一个没有多、一个没有少，只是换了地方：放大的代价全在前面那层卷积里。",
        mistakes=(
            Mistake(
                lambda h: (
                    h.reshape(2, 2, *h.shape[1:])
                    .transpose(2, 1, 3, 0)
                    .reshape(2 * h.shape[1], 2 * h.shape[2])
                ),
                "行列对调了：第 1 个通道在右上角，第 2 个在左下角。",
            ),
            Mistake(
                lambda h: h.reshape(2 * h.shape[1], 2 * h.shape[2]),
                "直接变形，像素就串到别的行去了；四个数要留在原来那一处的 2×2 里。",
            ),
            Mistake(
                lambda h: h[0].repeat(2, axis=0).repeat(2, axis=1),
                "这是把第一个通道的像素重复四次（最近邻放大），另外三个通道丢了。",
            ),
            Mistake(
                lambda h: np.block([[h[0], h[1]], [h[2], h[3]]]),
                "这是把四张小图拼成田字，不是每一处的四个数摆成 2×2。",
            ),
        ),
        inputs=tuple((np.random.default_rng(s).normal(size=(4, 2 + s, 3)),) for s in (0, 1)),
    ),
    Exercise(
        key="14.4",
        question="洞 16×16、一圈宽 2、圈里 w = 10、洞里 1，圈的总权重是洞的几倍？（保留一位小数）",
        answer=10 * (20**2 - 16**2) / 16**2,
        why="圈有 20² − 16² = 144 个像素，1,440 对 256：G 先得把接缝对上，才轮到洞里。",
        mistakes=(
            Mistake((20**2 - 16**2) / 16**2, "忘了圈里的 w 是 10"),
            Mistake(10.0, "10 是一个像素的权重；圈与洞的像素不一样多"),
            Mistake(10 * (18**2 - 16**2) / 16**2, "一圈宽 2，两边都加：外边的边长是 20"),
            Mistake(10 * 4 * 16 * 2 / 16**2, "四个角上还各有 2 × 2 个像素"),
        ),
        decimals=1,
    ),
    Exercise(
        key="14.5",
        question="写函数 fill(x, hole)：洞 hole（True 是洞）里填看得见的部分的平均，洞外照原样",
        answer=fill,
        why="只用看得见的：洞里的像素一个也不能漏进来，否则就是把答案告诉了 G。",
        mistakes=(
            Mistake(
                lambda x, hole: np.where(hole, x.mean(), x),
                "平均里混进了洞里的像素：那是答案，测试时没有。",
            ),
            Mistake(
                lambda x, hole: np.where(hole, 0.0, x),
                "填的是 0（中灰），不是这张图的平均色。",
            ),
            Mistake(
                lambda x, hole: np.where(hole, x[hole].mean(), x),
                "用的正是洞里的像素；看得见的是 ~hole。",
            ),
            Mistake(
                lambda x, hole: np.where(hole, x, x[~hole].mean()),
                "反了：洞外应当照原样，换掉的是洞里。",
            ),
        ),
        inputs=holed(),
    ),
    Exercise(
        key="14.6",
        question="量到 9%，95% 的区间恰好碰到 10%，看了多少张？（四舍五入到整数）",
        answer=float(Z**2 * SHARE * (1 - SHARE) / GAP**2),
        why="半宽是 1.96·√(p(1−p)/n)：差 1 个百分点要三千张；差半个，要一万多。",
        mistakes=(
            Mistake(
                float(Z * SHARE * (1 - SHARE) / GAP**2),
                "1.96 也要平方：它与标准误一起在根号外面。",
            ),
            Mistake(
                float(SHARE * (1 - SHARE) / GAP**2),
                "这是一个标准误恰好 1 个百分点；95% 的区间是 1.96 个标准误。",
            ),
            Mistake(
                float(Z**2 / 4 / GAP**2),
                "½·½ 是比例为一半时的方差，这里的比例是 9%。",
            ),
            Mistake(
                float(Z**2 * SHARE * (1 - SHARE) / GAP),
                "标准误里是 √n：要的差小 10 倍，张数多 100 倍。",
            ),
        ),
        decimals=0,
    ),
)
