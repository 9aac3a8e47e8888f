"""诊断的规则：每条看最后三分之一训练里一条曲线的中位数（或起落），和一个写明的界限比。

界限在 tests/patients.py 的种子 0、1 上定，在另外的种子上考核（tests/monitor/test_diagnose.py）。
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from paddle_gan.monitor.curves import LAST, LEAST, Curves, Finding

GROWTH = 10.0  # 发散：真假分数的差，最后三分之一是最初三分之一的几倍
BIAS = 0.15  # 过弱：E[D(x)] + E[D(G(z))] 比 1 大多少
SQUEEZED = 0.1  # 过弱：判别器归一化层的缩放 E|γ|，初始是 1
GUESS = 0.28  # 过弱：最小二乘判别器的损失；永远输出 0.5 就有 0.25
STALE = 0.5  # 过弱：最小二乘判别器的损失，是看同一批假图时最小可能的几成
VANISHED = 0.05  # 过弱：生成器的梯度降到最大时的几分之几
BLIND = 0.02  # 过弱：判别器给真假的概率差不到这么多
SPREADING = 1.15  # 多样性涨到前一段的这么多倍，就是还在好转
ALIKE = 0.2  # 多样性低于它时，涨了也不算好转
CLUMPED = 0.5  # 崩溃：样本的多样性
IMPROVING = 0.8  # 反向 KL 降到前一段的这个倍数以下，就是还在好转
SHARE_OF_MODES = 0.5  # 崩溃：有效的模式占几成，e^(−反向 KL)
GAP = 0.9  # 过强：判别器给真假的概率之差
OUTSIDE = 0.01  # 过强：超出数据取值范围的像素比例
PERFECT = 0.02  # 过强：最小二乘判别器的损失
SWING = 0.4  # 震荡：多样性在后三分之二里走的回头路
SWING_PROB = 0.5  # 震荡：判别器给的概率的起落


def amount(c: Curves, tag: str) -> float:
    """最后一段的中位数，这个量不会是负的；改坏了的记录里是负数时当成 0，下面的公式才算得出来。"""
    return max(c.median(tag, LAST), 0.0)


def runaway(c: Curves) -> Finding | None:
    """评论器：真假分数的差越拉越大，没有约束住。"""
    gap = c.combined("score/real", "score/fake", -1)
    early, middle, late = (
        abs(gap.median("value", a, b)) for a, b in ((0, 1 / 3), (1 / 3, LAST), (LAST, 1))
    )
    if late <= GROWTH * early or late <= 1.5 * middle:
        return None
    reason = f"真假分数的差涨到开头的 {late / max(early, 1e-12):.0f} 倍，还在涨"
    return c.finding("发散", reason, "score/real", late, GROWTH * early)


def biased(c: Curves) -> Finding | None:
    """交叉熵的最优点上，对输出的偏置求导为 0 就是 E[D(x)] + E[D(G(z))] = 1，与分布无关。

    只看偏大的一边：标签平滑、给假样本更多权重的方法，这个和本来就小于 1。
    """
    total = c.combined("prob/real", "prob/fake", 1).median("value", LAST)
    if total <= 1 + BIAS:
        return None
    reason = "E[D(x)] + E[D(G(z))] 大于 1，学到位的判别器应当是 1；它优化的不是自己的损失"
    return c.finding("判别器过弱", reason, "prob/fake", total, 1 + BIAS)


def blind(c: Curves) -> Finding | None:
    """判别器分不出真假，生成器又没有梯度：不是学完了，是停在那里了。"""
    gap = c.combined("prob/real", "prob/fake", -1).median("value", LAST)
    late, best = amount(c, "norm/grad_G"), max(v for _, v in c.points("norm/grad_G", 0))
    if gap >= BLIND or late >= VANISHED * best:
        return None
    gap = round(gap, 3) + 0.0  # 加 0.0：不写成 -0.000
    reason = f"判别器给真假的概率只差 {gap:.3f}，生成器的梯度只剩最大时的 {late / best:.1%}"
    return c.finding("判别器过弱", reason, "norm/grad_G", late / best, VANISHED)


def squeezed(c: Curves, tag: str) -> Finding | None:
    """归一化层的缩放接近 0：判别器的输出和传给生成器的梯度逐层缩小。"""
    late = c.median(tag, LAST)
    if late >= SQUEEZED:
        return None
    reason = "归一化层的缩放接近 0，输出和传给生成器的梯度逐层缩小；检查裁剪有没有裁到它"
    return c.finding("判别器过弱", reason, tag, late, SQUEEZED)


def worse_than_guess(c: Curves, tag: str) -> Finding | None:
    """最小二乘：判别器的损失比永远输出 0.5 还大。"""
    late = c.median(tag, LAST)
    if late <= GUESS:
        return None
    return c.finding("判别器过弱", "比永远输出 0.5（损失 0.25）还差", tag, late, GUESS)


def stale(c: Curves, discriminator: str, generator: str) -> Finding | None:
    """最小二乘：判别器自称认得出假图，却给生成器刚画的假图高分——它看的不是同一批。

    ‖D‖ ≥ ‖1‖ − ‖D − 1‖，所以 E[D²] ≥ (1 − √L_G)²，L_D ≥ ½(1 − √L_G)²。
    """
    late, fooled = c.median(discriminator, LAST), amount(c, generator)
    floor = 0.5 * max(0.0, 1 - fooled**0.5) ** 2
    if late >= STALE * floor:
        return None
    reason = (
        f"{generator} 是 {fooled:.3g}，看同一批假图时这个损失至少是 {floor:.3g}；"
        "判别器看到的不是生成器现在的图，检查图像池"
    )
    return c.finding("判别器过弱", reason, discriminator, late, STALE * floor)


def clumped(c: Curves) -> Finding | None:
    """生成样本彼此的距离比真实样本小得多。"""
    late, before = c.median("diversity", LAST), c.median("diversity", 1 / 3, LAST)
    if late >= CLUMPED or late > max(SPREADING * before, ALIKE):
        return None
    return c.finding("模式崩溃", "生成样本彼此太像", "diversity", late, CLUMPED)


def lost_modes(c: Curves, tag: str) -> Finding | None:
    """模式（或类别）的分布离均匀太远，而且没有在好转。"""
    late, before = amount(c, tag), c.median(tag, 1 / 3, LAST)
    share = math.exp(-late)
    if share >= SHARE_OF_MODES or late < IMPROVING * before:
        return None
    reason = f"有效的模式只占 {share:.0%}"
    return c.finding("模式崩溃", reason, tag, late, -math.log(SHARE_OF_MODES))


def improving(c: Curves) -> bool:
    """样本还在变好：距离降了一成，多样性离 1 近了一成，或高质量样本多了 5 个百分点。"""

    def change(tag: str) -> tuple[float, float] | None:
        ends = (1 / 3, LAST), (LAST, 1)
        if any(not c.points(tag, *end) for end in ends):
            return None
        before, after = (c.median(tag, *end) for end in ends)
        return before, after

    fell = [change(tag) for tag in ("fd_lenet", "fd_pca64")]
    spread, hit = change("diversity"), change("modes/high_quality")
    return (
        any(pair and pair[1] < 0.9 * pair[0] for pair in fell)
        or bool(spread and abs(spread[1] - 1) < abs(spread[0] - 1) - 0.1)
        or bool(hit and hit[1] > hit[0] + 0.05)
    )


def saturated(c: Curves) -> Finding | None:
    """判别器几乎从不出错，而且样本不再变好：生成器学不到东西。"""
    gap = c.combined("prob/real", "prob/fake", -1).median("value", LAST)
    if gap <= GAP or improving(c):
        return None
    reason = "给真假的概率之差接近 1，样本也不再变好"
    return c.finding("判别器过强", reason, "prob/fake", gap, GAP)


def out_of_range(c: Curves) -> Finding | None:
    """生成图像的取值超出了数据的范围，例如数据在 [0, 1]、输出层却是 tanh。"""
    late = c.median("range/outside", LAST)
    if late <= OUTSIDE:
        return None
    reason = (
        f"{late:.0%} 的像素超出数据的取值范围，判别器只看这一点就够了；检查输出层与数据是否配套"
    )
    return c.finding("判别器过强", reason, "range/outside", late, OUTSIDE)


def perfect(c: Curves, tag: str) -> Finding | None:
    """最小二乘判别器的损失接近 0。"""
    late = c.median(tag, LAST)
    if late >= PERFECT:
        return None
    return c.finding("判别器过强", "判别器的损失接近 0", tag, late, PERFECT)


def backtracking(c: Curves) -> Finding | None:
    """多样性在后三分之二里走了多少回头路：全程的涨跌之和减去净变化，再折半；一路上涨是 0。"""
    values = [value for _, value in c.points("diversity", 1 / 3)]
    travelled = sum(abs(b - a) for a, b in zip(values, values[1:]))
    back = (travelled - abs(values[-1] - values[0])) / 2
    if back <= SWING:
        return None
    return c.finding("震荡", "样本忽而分散、忽而聚拢", "diversity", back, SWING)


def swinging(c: Curves, tag: str) -> Finding | None:
    """判别器给的概率在最后三分之一里的起落：第 85 与第 15 百分位之差，偶尔一个尖峰不算。"""
    values = sorted(value for _, value in c.points(tag, LAST))
    cut = math.ceil(0.15 * (len(values) - 1))  # 两头各去掉这么多个
    swing = values[-1 - cut] - values[cut]
    if swing <= SWING_PROB:
        return None
    return c.finding("震荡", "双方轮流占上风", tag, swing, SWING_PROB)


@dataclass(frozen=True)
class Rule:
    """一条规则：判的是什么、要哪几条曲线、怎样判。"""

    verdict: str
    curves: tuple[str, ...]
    judge: Callable[[Curves], Finding | None]

    def applies(self, c: Curves) -> bool:
        """要的曲线在三段训练里都有点，最后一段里足够多。"""
        thirds = [c.count(self.curves, k / 3, (k + 1) / 3) for k in range(3)]
        return min(thirds) >= 1 and thirds[-1] >= LEAST


def rule_on(verdict: str, judge: Callable[[Curves, str], Finding | None], tag: str) -> Rule:
    """同一个判法用在不同的曲线上。"""
    return Rule(verdict, (tag,), lambda c: judge(c, tag))


PROBS = ("prob/real", "prob/fake")
RULES = (  # 次序就是要紧的程度：判别器坏了会连带别的症状，所以在崩溃之前
    Rule("发散", ("score/real", "score/fake"), runaway),
    Rule("判别器过弱", PROBS, biased),
    Rule("判别器过弱", (*PROBS, "norm/grad_G"), blind),
    rule_on("判别器过弱", squeezed, "weights/norm_scale_D"),
    rule_on("判别器过弱", worse_than_guess, "loss/D_X"),
    rule_on("判别器过弱", worse_than_guess, "loss/D_Y"),
    Rule("判别器过弱", ("loss/D_X", "loss/F"), lambda c: stale(c, "loss/D_X", "loss/F")),
    Rule("判别器过弱", ("loss/D_Y", "loss/G"), lambda c: stale(c, "loss/D_Y", "loss/G")),
    Rule("模式崩溃", ("diversity",), clumped),
    Rule("判别器过强", PROBS, saturated),
    rule_on("模式崩溃", lost_modes, "modes/reverse_kl"),
    rule_on("模式崩溃", lost_modes, "classes/reverse_kl"),
    Rule("判别器过强", ("range/outside",), out_of_range),
    rule_on("判别器过强", perfect, "loss/D_X"),
    rule_on("判别器过强", perfect, "loss/D_Y"),
    Rule("震荡", ("diversity",), backtracking),
    rule_on("震荡", swinging, "prob/real"),
    rule_on("震荡", swinging, "prob/fake"),
)
