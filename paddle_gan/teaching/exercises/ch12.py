"""第 12 章 CycleGAN 的练习。"""

from math import factorial

import numpy as np

from paddle_gan.teaching.exercise import Exercise, Mistake

N = 4  # 12.1 里每个域有几个字
LOSS_G = 0.36  # 12.5 里记录到的 loss/G


def cycle(x, x_back, y, y_back):
    """L_cyc = E‖F(G(x)) − x‖₁ + E‖G(F(y)) − y‖₁，‖·‖₁ 取逐像素的均值。"""
    return np.abs(x_back - x).mean() + np.abs(y_back - y).mean()


def squared(x, x_back, y, y_back):
    """把 L1 写成平方误差：12.2 的一种典型错误。"""
    return ((x_back - x) ** 2).mean() + ((y_back - y) ** 2).mean()


def fixed_point(own: float, leaked: float) -> float:
    """只有假图的地方，own·D² + leaked·(D − 1)² 最小的 D。"""
    # own·D + leaked·(D − 1) = 0
    return leaked / (own + leaked)


def stale_floor(loss_G: float) -> float:
    """看同一批假图时判别器损失的下限：½·(1 − √L_G)²。"""
    return 0.5 * (1 - np.sqrt(loss_G)) ** 2


def batches() -> tuple[np.ndarray, ...]:
    """四个 (2, 1, 4, 4) 的数组；y 那一圈的差小一些，两个方向才分得开。"""
    x, x_back, y, noise = np.random.default_rng(12).uniform(-1, 1, (4, 2, 1, 4, 4))
    return x, x_back, y, y + 0.2 * noise


EXERCISES = (
    Exercise(
        key="12.1",
        question=f"每个域有 {N} 个字；对抗损失与循环一致都满意的 (G, F) 有几对？（一个整数）",
        answer=factorial(N),
        why="G 是 4! 个排列里的任意一个，F 只能是它的逆；其中只有一对真正译对。",
        mistakes=(
            Mistake(
                factorial(N) ** 2,
                "这是只有对抗损失时的组合数。循环一致要求 F = G⁻¹：选定 G，F 就定了。",
            ),
            Mistake(
                1,
                "循环一致没有把配对定下来：先打乱再按原路打乱回来，循环损失也是 0，字却全译错了。",
            ),
            Mistake(
                N**N,
                "这是任意 G 的个数。几个 x 译成同一个 y，译文的分布就不是 p_Y 了。",
            ),
            Mistake(
                N,
                "循环移位只是排列的一部分。任何一个排列（不只是移位）都让译文的分布等于 p_Y。",
            ),
        ),
    ),
    Exercise(
        key="12.2",
        question="写函数 cycle(x, x_back, y, y_back)，返回循环损失（‖·‖₁ 取逐像素的均值）",
        answer=cycle,
        why="两个方向相加，每个方向是绝对差的均值；与 CycleGAN.generator_loss 里的一行相同。",
        mistakes=(
            Mistake(
                lambda x, x_back, y, y_back: np.abs(x_back - x).mean(),
                "少了 Y → X → Y 那一圈。只留一个方向时，被拿掉的方向没有人管，论文里它会崩溃。",
            ),
            Mistake(
                squared,
                "这是平方误差。论文用 L1：平方对小的差几乎不罚，译回来的图容易糊。",
            ),
            Mistake(
                lambda x, x_back, y, y_back: cycle(x, x_back, y, y_back) / 2,
                "两个方向是相加，不是平均；多除的 2 等于把 λ 减半。",
            ),
            Mistake(
                lambda x, x_back, y, y_back: np.abs(x_back - x).sum() + np.abs(y_back - y).sum(),
                "库里的 ‖·‖₁ 是逐像素的均值。用总和的话，λ 的大小就随图像的尺寸变了。",
            ),
        ),
        inputs=(batches(),),
    ),
    Exercise(
        key="12.3",
        question="L_D 去掉了 ½，又有梯度泄漏；真假分得开时，D 给假图多少分？（一个准确的数）",
        answer=fixed_point(own=1.0, leaked=1.0),
        why="假图上是 D² + (D − 1)²，两股力一样大，停在中间；½ 还在时是 2/3。",
        mistakes=(
            Mistake(
                fixed_point(own=0.5, leaked=1.0),
                "2/3 是 L_D 带着 ½ 时的答案。去掉 ½ 之后，D 自己的那一项是 D²，不再是 ½D²。",
            ),
            Mistake(
                0.0,
                "0 是没有泄漏时的答案。漏进来的 (D − 1)² 会把它往 1 拉。",
            ),
            Mistake(
                1.0,
                "只算了漏进来的 (D − 1)²。D 自己的损失还在，它要假图得 0 分。",
            ),
            Mistake(
                fixed_point(own=1.0, leaked=0.5),
                "½ 放错了地方：去掉 ½ 的是 L_D，漏进来的 L_G = (D − 1)² 本来就没有 ½。",
            ),
        ),
        tolerance=1e-9,
    ),
    Exercise(
        key="12.4",
        question="看发表的消融表，哪句话站得住？（A、B、C、D）",
        answer="C",
        why=".55 对 .52，正向的略高；另一列 .49 对 .58。两个方向的好处是稳，不是处处最高。",
        mistakes=(
            Mistake("A", "看标签 → 照片那一列：完整的 .52，只用正向循环的 .55，完整的不是最高。"),
            Mistake("B", "只有循环的那一行是 .22 与 .10：信息没有丢，可是没有人要求它像目标域。"),
            Mistake("D", "照片 → 标签：只有 GAN 是 .53 / .11 / .07，完整的是 .58 / .22 / .16。"),
        ),
    ),
    Exercise(
        key="12.5",
        question=f"loss/G = {LOSS_G}；D 看的是同一批假图时，loss/D_Y 至少是多少？（保留两位小数）",
        answer=stale_floor(LOSS_G),
        why="记录到的 0.01 比它小得多，D 看的不是生成器现在的图：去查图像池。诊断里就有这条规则。",
        mistakes=(
            Mistake(
                2 * stale_floor(LOSS_G),
                "少了 L_D 前面的 ½：(1 − √L_G)² 还要除以 2。",
            ),
            Mistake(
                0.5 * LOSS_G,
                "½·L_G 是 ½E[(D − 1)²]；L_D 里假图那一项是 ½E[D²]，两者的目标相反。",
            ),
            Mistake(
                0.5 * (1 - LOSS_G) ** 2,
                "少开了一次方：L_G 是平方的均值，先取 √L_G，再用 1 去减。",
            ),
            Mistake(
                0.25,
                "0.25 是真假分不开时的值，不是下限：D 把真图认准，损失就比它小。",
            ),
        ),
        decimals=2,
    ),
)
