"""第 10 章的练习：生成的评估。10.3、10.4、10.6、10.7 是移植评测代码时真的有人犯过的错。"""

from math import log

import numpy as np

from paddle_gan.metrics import class_score, frechet_from_moments, support_size
from paddle_gan.teaching.exercise import Exercise, Mistake

CLASSES = 4  # 10.1 里生成器画几类
SMALL, LARGE = (500, 4.0), (1000, 2.6)  # 10.3 里（张数，FD）
BATCH = 20  # 10.5 里一半机会出现重复的批大小


def score_of_classes(count: int) -> float:
    """只画 count 类、各类一样多、分类器完全确定时的 IS，由库算出。"""
    certain = np.eye(10)[np.arange(100 * count) % count]
    return class_score(certain, splits=1)[0]


def distance(mean: float, first: float, second: float) -> float:
    """一维高斯 N(0, first²) 与 N(mean, second²) 的 FD。"""
    moments = (np.zeros(1), np.eye(1) * first**2, np.full(1, mean), np.eye(1) * second**2)
    return frechet_from_moments(*moments)


def extrapolated(small: tuple, large: tuple) -> float:
    """FD_n = FD_∞ + b/n 过两点的直线在 1/n = 0 处的值。"""
    (n, a), (m, b) = small, large
    return (m * b - n * a) / (m - n)


def prepared(images: np.ndarray) -> np.ndarray:
    """uint8 0..255 → 网络要的 float32 [−1, 1]。"""
    return images.astype(np.float32) / 127.5 - 1


def imagenet(images: np.ndarray) -> np.ndarray:
    """torchvision 的 ImageNet 归一化（灰度取三个通道的平均）：10.4 的一种典型错误。"""
    return (images.astype(np.float32) / 255 - 0.449) / 0.226


def overflowed(images: np.ndarray) -> np.ndarray:
    """先在 uint8 里乘 2，溢出了：10.4 的一种典型错误。"""
    return (images * np.uint8(2)).astype(np.float32) / 255 - 1


def inside(real: np.ndarray, fake: np.ndarray, k: int) -> np.ndarray:
    """(假, 真) 的布尔表：假的落没落在真的球里；球的半径是到第 k 个别的真点的距离。"""
    between = np.linalg.norm(real[:, None] - real[None], axis=-1)
    radius = np.sort(between, axis=1)[:, k]  # 第 0 个是自己
    return np.linalg.norm(fake[:, None] - real[None], axis=-1) <= radius


def precision(real: np.ndarray, fake: np.ndarray, k: int) -> float:
    """假的里落在真图地盘里的比例。"""
    return float(inside(real, fake, k).any(axis=1).mean())


def two_clouds() -> tuple[np.ndarray, np.ndarray, int]:
    """10.8 的输入：真的 60 个点，假的 40 个，假的偏在一边。"""
    rng = np.random.default_rng(10)
    return rng.standard_normal((60, 2)), rng.standard_normal((40, 2)) * 0.7 + [2.4, 0], 3


EXERCISES = (
    Exercise(
        key="10.1",
        question="只画十类里的四类，各占四分之一，分类器对每张都完全确定，IS 是多少？（一个整数）",
        answer=round(score_of_classes(CLASSES)),
        why="I = H(p(y)) − H(p(y|x)) = log 4 − 0，IS = e^I = 4：有几类、多匀、多确定，仅此而已。",
        mistakes=(
            Mistake(10, "10 是十类都有时的满分；p(y) 只在四类上，熵是 log 4"),
            Mistake(log(4), "这是互信息 I（nat）；IS 还要取指数"),
            Mistake(1, "1 是最差的：要么谁也认不出，要么只有一类。这里有四类"),
            Mistake(2.5, "10/4 没有意义；IS = exp(H(p(y)) − H(p(y|x)))"),
        ),
    ),
    Exercise(
        key="10.2",
        question="特征是一维的：真 N(0, 1)，生成 N(1, 3²)。FD 是多少？答案是一个数，保留一位小数",
        answer=distance(1.0, 1.0, 3.0),
        decimals=1,
        why="(μ₁ − μ₂)² + (σ₁ − σ₂)² = 1 + 4 = 5。",
        mistakes=(
            Mistake(5**0.5, "FID 的惯例是 d²，不开方；移植时开了方的，数会小得多"),
            Mistake(65.0, "第二项是标准差之差的平方 (3 − 1)²，不是方差之差的平方 (9 − 1)²"),
            Mistake(4.0, "少了均值的一项 (μ₁ − μ₂)² = 1"),
            Mistake(9.0, "协方差的一项是 1 + 9 − 2·√(1·9) = 4，不是 9 − 1 = 8"),
        ),
    ),
    Exercise(
        key="10.3",
        question="张数太少：n = 500 时 FD 4.0，n = 1,000 时 2.6（另一边很多）。照 a + b/n 外推，"
        "无穷多张时是多少？答案是一个数，保留一位小数",
        answer=extrapolated(SMALL, LARGE),
        decimals=1,
        why="两式相减消去 b，a = 2·2.6 − 4.0 = 1.2：500 张时的 4.0 里有 2.8 是张数少带来的。",
        mistakes=(
            Mistake(2.6, "n = 1,000 时也还偏大，偏的是 b/1000"),
            Mistake(1.4, "这是两次之差 b/1000；a 还要从 2.6 里减去它"),
            Mistake(3.3, "两次的平均不是外推：两次都偏大，平均也偏大"),
            Mistake(1.9, "n 加倍，偏的减半，不是再减掉一半的差；照 a + b/n 解方程"),
        ),
    ),
    Exercise(
        key="10.4",
        question="写函数 prepare(images)，把 uint8 的 0..255 换成网络要的 [−1, 1]，float32",
        answer=prepared,
        why="x / 127.5 − 1。给别的范围不会报错，数却全变了。",
        mistakes=(
            Mistake(lambda x: x / 255, "这是 [0, 1]：黑底成了 0（灰），网络没有见过"),
            Mistake(imagenet, "这是 ImageNet 的归一化。FID 的权重转自 TensorFlow，要的是 [−1, 1]"),
            Mistake(overflowed, "uint8 乘 2 溢出了：200 × 2 成了 144。先换成浮点"),
            Mistake(lambda x: x / 128.0 - 1.0, "255 / 128 − 1 = 0.992，到不了 1；要除以 127.5"),
        ),
        inputs=((np.array([[0, 1, 127], [128, 200, 255]], np.uint8),),),
        tolerance=1e-3,
    ),
    Exercise(
        key="10.5",
        question="一批 20 张有一半机会出现重复，支撑集约有几张？用近似式，"
        "答案是一个数，四舍五入到整数",
        answer=support_size(BATCH),
        decimals=0,
        why="N̂ = s(s − 1) / (2·ln 2) = 20 × 19 / 1.386 ≈ 274。",
        mistakes=(
            Mistake(400.0, "400 = s² 只是数量级；一半机会要除以 2·ln 2"),
            Mistake(190.0, "s(s − 1)/2 是有几对；令 exp(−对数/N) = ½，还要除以 ln 2"),
            Mistake(20.0, "20 张里才有一半机会出现一对相同的，总数远不止 20"),
            Mistake(40.0, "不是加倍：对数随 s² 增长，N 也随 s² 增长"),
        ),
    ),
    Exercise(
        key="10.6",
        question="2,048 维的特征，500 张图，pytorch-fid 报 Imaginary component。为什么？（选项）",
        answer="C",
        why="500 张的协方差的秩至多 499，Σ₁Σ₂ 奇异，数值的平方根带上虚部；先要有足够的张数。",
        mistakes=(
            Mistake("A", "图像是不是复数与它无关；出错的是协方差之积的平方根"),
            Mistake("B", "均值只进 ‖μ₁ − μ₂‖²，不会有虚数"),
            Mistake("D", "两边张数不同不要紧：n − 1 < 维数时协方差一定奇异，一样多也一样"),
        ),
    ),
    Exercise(
        key="10.7",
        question="真图用抗锯齿缩小，生成图用最近邻缩小，再算 FID。会怎样？（选项）",
        answer="B",
        why="锯齿不同，同一批图自己对自己也不是 0：量到的有一部分是缩放方法。两边要同样处理。",
        mistakes=(
            Mistake("A", "缩放改变高频，网络看得见；上面“弄坏它”一节量过"),
            Mistake("C", "偏向哪边不一定：生成图本来就糊的话，锯齿可能让它更像，也可能更不像"),
            Mistake("D", "张数一样，抵消的是抽样误差的一部分；缩放的差别再多张也在"),
        ),
    ),
    Exercise(
        key="10.8",
        question="写函数 precision(real, fake, k)：真的 (n, 2)、假的 (m, 2)，"
        "球的半径是到第 k 个别的真点的距离，返回精度，0 到 1 的一个数",
        answer=precision,
        why="每个真点一个球，假的落进任何一个就算对，再除以假的个数。",
        mistakes=(
            Mistake(lambda real, fake, k: precision(fake, real, k), "真假换了位置，这是召回"),
            Mistake(
                lambda real, fake, k: precision(real, fake, k - 1),
                "排在第一的是自己，距离 0；第 k 个别的点排在第 k + 1",
            ),
            Mistake(
                lambda real, fake, k: inside(real, fake, k).sum() / (k * len(fake)),
                "这是密度：数落在几个球里。精度只问落没落进去",
            ),
            Mistake(
                lambda real, fake, k: inside(real, fake, k).any(axis=0).mean(),
                "这是覆盖：有假点落进来的真球占几成。精度除的是假的个数",
            ),
        ),
        inputs=(two_clouds(),),
        tolerance=1e-6,
    ),
)
