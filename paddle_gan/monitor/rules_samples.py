"""诊断的规则，样本的一半：崩溃、震荡、还没学会，以及“还在变好，先不下结论”。

没有训练过的生成器也是“挤在一处、只占一两个模式”的，与崩溃分不开；所以几百步以内只凭多样性
不报崩溃，还要模式（或类别）的个数作证，样本够多才算数。
"""

import math
from dataclasses import replace

from paddle_gan.monitor.curves import LAST, REAL_SHARE, Curves, Finding, percent

CLUMPED = 0.5  # 崩溃：样本的多样性
SPREADING = 1.15  # 多样性涨到前一段的这么多倍，就是还在好转
ALIKE = 0.2  # 多样性低于它时，涨了也不算好转
SPREAD = 0.8  # 散开过：多样性到过这么大
LEFT = 0.25  # 突然崩溃：占 1 % 以上的模式至多剩这么多
SHARE_OF_MODES = 0.5  # 崩溃：有效的模式占几成，e^(−反向 KL)
IMPROVING = 0.8  # 反向 KL 降到前一段的这个倍数以下，就是还在好转
RELAPSE = 0.3  # 反向 KL 比它到过的最小值大这么多，就是丢了已经会的
RECOGNISED = 2000  # 不到这么多步时，类别从来没有多过不算崩溃：图像还认不出，都被认作同一类
STILL = 0.05  # 多样性与最初相差不到这么多（比例），就是生成器没有动
NEARER = 0.9  # 距离降到前一段的这个倍数以下，就是样本还在变好
ENOUGH = 500  # 数模式至少要这么多个样本
GOOD = 50  # 其中至少要有这么多个高质量的，反向 KL 才说得上话
LONG = 1000  # 不到这么多步时，只凭多样性不报崩溃
LEARNED = 0.1  # 还没学会：扣掉撒点也有的，高质量比例不到能学到的一成
SWING = 0.4  # 震荡：多样性在后三分之二里走的回头路
SWING_PROB = 0.5  # 震荡：判别器给的概率的起落

OPEN = "还不能判断"
UNLEARNED = "还没学会"


def learned(c: Curves) -> float | None:
    """学到了几成：均匀撒点是 0，真实数据是 1；没有量高质量比例时为 None。"""
    quality = c.late("modes/high_quality")
    if quality is None:
        return None
    return (quality - c.setting.scatter) / (REAL_SHARE - c.setting.scatter)


def enough(c: Curves) -> bool:
    """每次评估的样本够不够数模式；不知道时当作够。"""
    return c.setting.samples == 0 or c.setting.samples >= ENOUGH


def trusted(c: Curves, what: str) -> bool:
    """数出来的模式（或类别）说得上话：样本够，其中高质量的也够；没有量过就当作够。"""
    quality = c.late("modes/high_quality") if what == "模式" else None
    good = quality is None or c.setting.samples == 0 or c.setting.samples * quality >= GOOD
    return enough(c) and good


def coverage(c: Curves) -> tuple[float, str] | None:
    """最后三分之一里，占 1 % 以上的模式（或类别）有几成，与它的说法；样本不够数时为 None。"""
    counts = ("modes/covered_1pct", c.setting.modes, "模式"), ("classes/covered_1pct", 10, "类别")
    for tag, total, what in counts:
        covered = c.late(tag)
        if covered is not None and total and enough(c):
            return covered / total, f"{total} 个{what}里占到 1 % 以上的有 {covered:.0f} 个"
    return None


def quality_text(c: Curves, remark: str = "") -> str:
    """高质量样本的比例（后面可以有一个说明）与它的两头：均匀撒点在中，真实数据在后。"""
    text = f"高质量样本 {percent(c.late('modes/high_quality'))}{remark}"
    if c.setting.scatter:
        text += f"，在方块里均匀撒点也有 {percent(c.setting.scatter)}"
    text += f"，真实数据是 {percent(REAL_SHARE)}"
    counted = coverage(c)
    return f"{text}；{counted[1]}" if counted else text


def closer(c: Curves, tag: str) -> bool:
    """到真实数据的距离还在降：最后三分之一比中间三分之一低一成以上。"""
    if min(c.count((tag,), 1 / 3, LAST), c.count((tag,), LAST)) == 0:
        return False
    return c.median(tag, LAST) < NEARER * c.median(tag, 1 / 3, LAST)


def improving(c: Curves) -> bool:
    """样本还在变好：距离降了一成，多样性离 1 近了一成，或高质量样本多了 5 个百分点。"""

    def change(tag: str) -> tuple[float, float] | None:
        if min(c.count((tag,), 1 / 3, LAST), c.count((tag,), LAST)) == 0:
            return None
        return c.median(tag, 1 / 3, LAST), c.median(tag, LAST)

    spread, hit = change("diversity"), change("modes/high_quality")
    return (
        closer(c, "fd_lenet")
        or closer(c, "fd_pca64")
        or bool(spread and abs(spread[1] - 1) < abs(spread[0] - 1) - 0.1)
        or bool(hit and hit[1] > hit[0] + 0.05)
    )


def clumped(c: Curves) -> Finding | None:
    """生成样本彼此的距离比真实样本小得多；还在散开时先不下结论。

    不到 LONG 步时还要模式数作证：有一半以上的模式没有样本。
    """
    first, before, late = (c.median("diversity", k / 3, (k + 1) / 3) for k in range(3))
    if late >= CLUMPED:
        return None
    scale = f"样本的多样性是 {late:.2g}（1 是和真实数据一样散，0 是全挤在一点）"
    if late > max(SPREADING * before, ALIKE):
        reason = f"{scale}，不到 {CLUMPED}，但比中间三分之一的 {before:.2g} 大，还在散开"
        return c.finding(OPEN, reason, "diversity", late, CLUMPED)
    if abs(late - first) <= STILL * first:
        reason = f"{scale}，不到 {CLUMPED}，但和最初的 {first:.2g} 一样：生成器没有动"
        found = c.finding(OPEN, reason, "diversity", late, CLUMPED)
        return replace(found, advice="加大 hparams.lr_G；判别器太强时先减小 hparams.lr_D")
    counted = coverage(c)
    if c.end < LONG and not (counted and counted[0] <= SHARE_OF_MODES):
        reason = f"{scale}，不到 {CLUMPED}；才 {c.end} 步，又没有足够的模式数作证，可能只是还没散开"
        return c.finding(OPEN, reason, "diversity", late, CLUMPED)
    reason = f"{scale}，不到 {CLUMPED} 就是彼此太像；最初三分之一是 {first:.2g}"
    return c.finding("模式崩溃", reason, "diversity", late, CLUMPED)


def sudden(c: Curves) -> Finding | None:
    """散开过又缩回去，而且数得出模式至多剩四分之一：再短的训练也是崩溃，不是还没开始。"""
    late, best = c.median("diversity", LAST), max(v for _, v in c.points("diversity", 0, LAST))
    counted = coverage(c)
    if late >= CLUMPED or best < SPREAD or not counted or counted[0] > LEFT:
        return None
    reason = (
        f"样本的多样性从 {best:.2g} 掉到 {late:.2g}（1 是和真实数据一样散，0 是全挤在一点），"
        f"不到 {CLUMPED}；{counted[1]}"
    )
    return c.finding("模式崩溃", reason, "diversity", late, CLUMPED)


def lost_modes(c: Curves, tag: str) -> Finding | None:
    """模式（或类别）的分布离均匀太远；还在好转时先不下结论。

    反向 KL 只看高质量样本怎样分配：高质量样本和撒点差不多时它说明不了什么，那是还没学会。
    类别一直偏得厉害与丢了类别分不开：考核时健康的 gan_digits 走了四分之一，各类占到的停在 45 %，
    误报成崩溃。
    """
    late, before = max(c.median(tag, LAST), 0.0), c.median(tag, 1 / 3, LAST)
    share, known = math.exp(-late), learned(c)
    what = "类别" if tag.startswith("classes/") else "模式"
    if share >= SHARE_OF_MODES or (what == "模式" and known is not None and known < LEARNED):
        return None
    reason = f"有效的{what}只占 {percent(share)}（e^(−反向 KL)；各{what}一样多是 100 %）"
    if not trusted(c, what):
        reason += f"，但每次评估只有 {c.setting.samples} 个样本，数不准"
        found = c.finding(OPEN, reason, tag, late, -math.log(SHARE_OF_MODES))
        return replace(found, advice=f"metrics.samples 不小于 {ENOUGH}")
    best = max(min(value for _, value in c.points(tag, 0, LAST)), 0.0)
    unclear = what == "类别" and (c.end < RECOGNISED or closer(c, "fd_lenet"))
    if late < IMPROVING * before:
        reason += f"，但比中间三分之一的 {percent(math.exp(-max(before, 0.0)))} 多，还在变好"
        return c.finding(OPEN, reason, tag, late, -math.log(SHARE_OF_MODES))
    if unclear and late < best + RELAPSE:
        reason += "，从来没有多过：图像可能还认不出，都被认作同一类"
        return c.finding(OPEN, reason, tag, late, -math.log(SHARE_OF_MODES))
    reason += f"，不到 {percent(SHARE_OF_MODES)}；最好时占过 {percent(math.exp(-best))}"
    return c.finding("模式崩溃", reason, tag, late, -math.log(SHARE_OF_MODES))


def unlearned(c: Curves) -> Finding | None:
    """高质量样本和均匀撒点差不多：没有病，只是什么也没有学会。有一次评估就看得出。"""
    share, first = learned(c), c.early("modes/high_quality")
    if share is None or share >= LEARNED:
        return None
    quality = c.late("modes/high_quality")
    reason = f"{quality_text(c)}；扣掉撒点也有的，学到的不到一成"
    if first is not None:
        reason += f"（最初三分之一是 {percent(first)}）"
    limit = c.setting.scatter + LEARNED * (REAL_SHARE - c.setting.scatter)
    return c.finding(UNLEARNED, reason, "modes/high_quality", quality, limit)


def backtracking(c: Curves) -> Finding | None:
    """多样性在后三分之二里走了多少回头路：全程的涨跌之和减去净变化，再折半；一路上涨是 0。

    挤成一团又整团搬家的崩溃，多样性也忽大忽小，与震荡分不开：考核时七次崩溃有两次报成震荡。
    """
    values = [value for _, value in c.points("diversity", 1 / 3)]
    travelled = sum(abs(b - a) for a, b in zip(values, values[1:]))
    back = (travelled - abs(values[-1] - values[0])) / 2
    if back <= SWING:
        return None
    reason = (
        f"样本的多样性在 {min(values):.2g} 与 {max(values):.2g} 之间忽大忽小，"
        f"走了 {back:.2g} 的回头路（一路涨或一路跌是 0），超过 {SWING} 就不对"
    )
    return c.finding("震荡", reason, "diversity", back, SWING)


def swinging(c: Curves, tag: str) -> Finding | None:
    """判别器给的概率在最后三分之一里的起落：第 85 与第 15 百分位之差，偶尔一个尖峰不算。"""
    values = sorted(value for _, value in c.points(tag, LAST))
    cut = math.ceil(0.15 * (len(values) - 1))  # 两头各去掉这么多个
    low, high = values[cut], values[-1 - cut]
    if high - low <= SWING_PROB:
        return None
    which = "真样本" if tag == "prob/real" else "生成样本"
    reason = (
        f"判别器给{which}的概率在 {low:.2f} 与 {high:.2f} 之间来回，"
        f"起落 {high - low:.2f}，超过 {SWING_PROB} 就是双方轮流占上风"
    )
    return c.finding("震荡", reason, tag, high - low, SWING_PROB)
