"""诊断的规则，判别器的一半：发散、过弱、过强。

每条看最后三分之一训练里一条曲线的中位数，和一个写明的界限比；没有越过时是 None。
"""

from paddle_gan.monitor.charts import number
from paddle_gan.monitor.curves import LAST, Curves, Finding, percent
from paddle_gan.monitor.rules_samples import improving

GROWTH = 10.0  # 发散：真假分数的差，最后三分之一是最初三分之一的几倍
BIAS = 0.15  # 过弱：E[D(x)] + E[D(G(z))] 比 1 大多少
SQUEEZED = 0.1  # 过弱：判别器归一化层的缩放 E|γ|，初始是 1
GUESS = 0.28  # 过弱：最小二乘判别器的损失；永远输出 0.5 就有 0.25
STALE = 0.5  # 过弱：最小二乘判别器的损失，是看同一批假图时最小可能的几成
VANISHED = 0.05  # 过弱：生成器的梯度降到最大时的几分之几
BLIND = 0.02  # 过弱：判别器给真假的概率差不到这么多
GAP = 0.9  # 过强：判别器给真假的概率之差
OUTSIDE = 0.01  # 过强：超出数据取值范围的像素比例
PERFECT = 0.02  # 过强：最小二乘判别器的损失
MEMORISED = 0.5  # 背下训练集：训练图像比没见过的真图多得的分，占真假之差的几成


def amount(c: Curves, tag: str) -> float:
    """最后一段的中位数，这个量不会是负的；改坏了的记录里是负数时当成 0，下面的公式才算得出来。"""
    return max(c.median(tag, LAST), 0.0)


def runaway(c: Curves) -> Finding | None:
    """评论器：真假分数的差越拉越大，没有约束住。

    三百步以内分不清：没有约束的评论器才涨了几倍（四次都没有认出），健康的 WGAN 开头差几乎是 0，
    也会涨十几倍（考核时有一次在第 210–276 步停下来看会误报，到第 300 步不再报）。
    图一路变大的（ProGAN），小图与大图的差本来就不同，比不了。
    """
    if len({size for _, size in c.points("grow/size", 0)}) > 1:
        return None
    gap = c.combined("score/real", "score/fake", -1)
    early, middle, late = (
        abs(gap.median("value", a, b)) for a, b in ((0, 1 / 3), (1 / 3, LAST), (LAST, 1))
    )
    if late <= GROWTH * early or late <= 1.5 * middle:
        return None
    times = f"{late / early:.0f} 倍" if early > 1e-12 else "无数倍"
    reason = (
        f"真假分数的差是 {number(late)}，最初三分之一的 {times}，还在涨；超过 {GROWTH:.0f} 倍就不对"
    )
    return c.finding("发散", reason, "score/real", late, GROWTH * early)


def rejected(c: Curves) -> tuple[Curves, str]:
    """判别器该说假的：只有假样本；还给它看配错类别的真样本时（CGAN），两样各占一半。"""
    if not c.count(("prob/mismatched",), 0):
        return c, "E[D(G(z))]"
    halves = c.combined("prob/fake", "prob/mismatched", 1)
    probs = {r["step"]: r["value"] / 2 for r in halves.records}
    rows = [r | {"prob/fake": probs[r["step"]]} for r in c.records if r["step"] in probs]
    return Curves(rows, c.setting), "½{E[D(G(z, y))] + E[D(x, y′)]}"


def biased(c: Curves) -> Finding | None:
    """交叉熵的最优点上，对输出的偏置求导为 0 就是 E[D(x)] + E[D(G(z))] = 1，与分布无关。

    只看偏大的一边：标签平滑、给假样本更多权重的方法，这个和本来就小于 1。
    双方忽强忽弱时，这个和也有一阵大、一阵小；所以中间三分之一也偏大，
    或者 E[D(G(z))] 从来没有低于 ½（两层 sigmoid、泄漏的梯度都这样），才算。
    学了一百步就不再更新的判别器，三百步时多半分不出（四次认出一次）：这个和才开始偏大。
    """
    c, fake = rejected(c)
    total = c.combined("prob/real", "prob/fake", 1)
    late = total.median("value", LAST)
    lasting = total.median("value", 1 / 3, LAST) > 1 + BIAS
    never = min(value for _, value in c.points("prob/fake", 0)) >= 0.5
    if late <= 1 + BIAS or not (lasting or never):
        return None
    reason = (
        f"E[D(x)] + {fake} 是 {late:.2f}，学到位的判别器是 1，超过 {1 + BIAS:.2f} 就不对："
        "它优化的不是自己的损失，或者根本没有学"
    )
    return c.finding("判别器过弱", reason, "prob/fake", late, 1 + BIAS)


def blind(c: Curves) -> Finding | None:
    """判别器分不出真假，生成器又没有梯度：不是学完了，是停在那里了。"""
    gaps = c.combined("prob/real", "prob/fake", -1).points("value", LAST)
    gap = sorted(abs(value) for _, value in gaps)[len(gaps) // 2]
    late, best = amount(c, "norm/grad_G"), max(v for _, v in c.points("norm/grad_G", 0))
    if gap >= BLIND or late >= VANISHED * best:
        return None
    reason = (
        f"判别器给真假的概率只差 {gap:.3f}（不到 {BLIND} 就是分不出），"
        f"生成器的梯度只剩最大时的 {percent(late / best)}：双方都停住了，不是学完了"
    )
    return c.finding("判别器过弱", reason, "norm/grad_G", late / best, VANISHED)


def squeezed(c: Curves, tag: str) -> Finding | None:
    """归一化层的缩放接近 0：判别器的输出和传给生成器的梯度逐层缩小。"""
    late = c.median(tag, LAST)
    if late >= SQUEEZED:
        return None
    reason = (
        f"判别器归一化层的缩放只有 {late:.2g}，正常在 1 附近，不到 {SQUEEZED} 时"
        "判别器的输出和传给生成器的梯度逐层缩小"
    )
    return c.finding("判别器过弱", reason, tag, late, SQUEEZED)


def worse_than_guess(c: Curves, tag: str) -> Finding | None:
    """最小二乘：判别器的损失比永远输出 0.5 还大。"""
    late = c.median(tag, LAST)
    if late <= GUESS:
        return None
    reason = f"判别器的损失是 {late:.3g}，越小越准；永远答 0.5 也只有 0.25，超过 {GUESS} 就不对"
    return c.finding("判别器过弱", reason, tag, late, GUESS)


def stale(c: Curves, discriminator: str, generator: str) -> Finding | None:
    """最小二乘：判别器自称认得出假图，却给生成器刚画的假图高分——它看的不是同一批。

    ‖D‖ ≥ ‖1‖ − ‖D − 1‖，所以 E[D²] ≥ (1 − √L_G)²，L_D ≥ ½(1 − √L_G)²。
    """
    late, fooled = c.median(discriminator, LAST), amount(c, generator)
    floor = 0.5 * max(0.0, 1 - fooled**0.5) ** 2
    if late >= STALE * floor:
        return None
    reason = (
        f"判别器的损失是 {late:.3g}，可生成器的 {generator} 是 {fooled:.3g}，"
        f"看同一批假图时它至少是 {floor:.3g}：判别器看到的不是生成器现在的图"
    )
    return c.finding("判别器过弱", reason, discriminator, late, STALE * floor)


def saturated(c: Curves) -> Finding | None:
    """判别器几乎从不出错，而且样本不再变好：生成器学不到东西。"""
    gap = c.combined("prob/real", "prob/fake", -1).median("value", LAST)
    if gap <= GAP or improving(c):
        return None
    reason = (
        f"判别器给真假的概率相差 {gap:.2f}，相差 1 是从不出错；超过 {GAP} 而样本不再变好，"
        "就是生成器从它那里学不到东西"
    )
    return c.finding("判别器过强", reason, "prob/fake", gap, GAP)


def out_of_range(c: Curves) -> Finding | None:
    """生成图像的取值超出了数据的范围，例如数据在 [0, 1]、输出层却是 tanh。"""
    late = c.median("range/outside", LAST)
    if late <= OUTSIDE:
        return None
    reason = f"{percent(late)} 的像素超出数据的取值范围，正常是 0；判别器只看这一点就够了"
    return c.finding("判别器过强", reason, "range/outside", late, OUTSIDE)


def perfect(c: Curves, tag: str) -> Finding | None:
    """最小二乘判别器的损失接近 0。"""
    late = c.median(tag, LAST)
    if late >= PERFECT:
        return None
    reason = f"判别器的损失只有 {late:.2g}，0 是从不出错，0.25 是分不出真假；不到 {PERFECT} 就太强"
    return c.finding("判别器过强", reason, tag, late, PERFECT)


def memorised(c: Curves) -> Finding | None:
    """没见过的真图，判别器给的分离生成的图比离训练图像还近：它认得的是这几张，不是这一类。"""
    late = c.median("held_out/overfit", LAST)
    if late <= MEMORISED:
        return None
    reason = (
        f"训练图像比没见过的真图多得的分，是真假之差的 {percent(late)}（0 是见没见过一个样）；"
        f"超过 {percent(MEMORISED)}，判别器就是在认训练集里的那几张"
    )
    return c.finding("判别器过强", reason, "held_out/overfit", late, MEMORISED)
