"""诊断：只看记录，判断一次训练是正常，还是模式崩溃、判别器过强、判别器过弱、发散、震荡。

每条规则看最后三分之一训练里一条曲线的中位数（或起落），和一个写明的界限比；缺了曲线就说判断不了什么。
界限在 tests/patients.py 的种子 0、1 上定，在另外的种子上考核（tests/test_diagnose.py）。
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

LAST = 2 / 3  # 只看这个比例以后的训练
LEAST = 3  # 窗口里少于这么多个点就不判断

GROWTH = 10.0  # 发散：真假分数的差，最后三分之一是最初三分之一的几倍
BIAS = 0.15  # 过弱：E[D(x)] + E[D(G(z))] 离 1 多远
GUESS = 0.28  # 过弱：最小二乘判别器的损失；永远输出 0.5 就有 0.25
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
SWING = 0.4  # 震荡：多样性在后三分之二里的起落
SWING_PROB = 0.5  # 震荡：判别器给的概率的起落


@dataclass(frozen=True)
class Finding:
    """一条证据：哪条曲线、哪一段、多少、界限是多少。"""

    verdict: str
    reason: str
    curve: str
    first_step: int
    last_step: int
    value: float
    limit: float

    def sentence(self) -> str:
        """给人看的一句话。"""
        return (
            f"{self.verdict}：{self.reason}（{self.curve}，第 {self.first_step}–{self.last_step} 步"
            f"的中位数 {self.value:.3g}，界限 {self.limit:.3g}）"
        )


@dataclass(frozen=True)
class Diagnosis:
    """结论、证据（最要紧的在前）和判断不了的事。verdict 是空串表示什么都判断不了。"""

    verdict: str
    findings: tuple[Finding, ...]
    unjudged: tuple[str, ...]
    message: str = ""

    def title(self) -> str:
        """一个词的结论。"""
        return self.verdict or "记录太少，判断不了"

    def sentences(self) -> list[str]:
        """全部证据与判断不了的事，一句一条。"""
        found = [finding.sentence() for finding in self.findings]
        return [self.message] * bool(self.message) + found + list(self.unjudged)

    def text(self) -> str:
        """一行：结论与证据。"""
        return "；".join([self.title(), *self.sentences()])

    def to_dict(self) -> dict:
        """写进 run.json 与 eval.json 的样子。"""
        return asdict(self)


class Curves:
    """记录里的全部曲线；段用占总步数的比例来说。"""

    def __init__(self, records: list[dict]):
        self.records = records
        self.end = records[-1]["step"] if records else 0

    def points(self, tag: str, start: float, end: float = 1.0) -> list[tuple[int, float]]:
        """(步数, 数值)，步数在 (start·总步数, end·总步数] 里。"""
        low, high = start * self.end, end * self.end
        return [(r["step"], r[tag]) for r in self.records if tag in r and low < r["step"] <= high]

    def median(self, tag: str, start: float, end: float = 1.0) -> float:
        """一段里的中位数。"""
        return median(value for _, value in self.points(tag, start, end))

    def combined(self, first: str, second: str, sign: int) -> "Curves":
        """两条同时记下的曲线之和（sign = 1）或之差（−1），叫 value。"""
        both = [r for r in self.records if first in r and second in r]
        made = [{"step": r["step"], "value": r[first] + sign * r[second]} for r in both]
        return Curves(made)

    def finding(self, verdict: str, reason: str, tag: str, value: float, limit: float) -> Finding:
        """最后一段的一条证据。"""
        steps = [step for step, _ in self.points(tag, LAST)]
        return Finding(verdict, reason, tag, steps[0], steps[-1], value, limit)


def runaway(c: Curves) -> Finding | None:
    """评论器：真假分数的差越拉越大，没有约束住。"""
    gap = c.combined("score/real", "score/fake", -1)
    early, middle, late = (
        abs(gap.median("value", a, b)) for a, b in ((0, 1 / 3), (1 / 3, LAST), (LAST, 1))
    )
    if late < GROWTH * early or late < 1.5 * middle:
        return None
    reason = f"真假分数的差涨到开头的 {late / max(early, 1e-12):.0f} 倍，还在涨"
    return c.finding("发散", reason, "score/real", late, GROWTH * early)


def biased(c: Curves) -> Finding | None:
    """交叉熵的最优点上，对输出的偏置求导为 0 就是 E[D(x)] + E[D(G(z))] = 1，与分布无关。"""
    total = c.combined("prob/real", "prob/fake", 1).median("value", LAST)
    if abs(total - 1) <= BIAS:
        return None
    reason = f"E[D(x)] + E[D(G(z))] = {total:.2f}，学到位的判别器应当是 1；它优化的不是自己的损失"
    return c.finding("判别器过弱", reason, "prob/fake", abs(total - 1), BIAS)


def blind(c: Curves) -> Finding | None:
    """判别器分不出真假，生成器又没有梯度：不是学完了，是停在那里了。"""
    gap = c.combined("prob/real", "prob/fake", -1).median("value", LAST)
    late, best = c.median("norm/grad_G", LAST), max(v for _, v in c.points("norm/grad_G", 0))
    if gap >= BLIND or late >= VANISHED * best:
        return None
    reason = f"判别器给真假的概率只差 {gap:.3f}，生成器的梯度只剩最大时的 {late / best:.1%}"
    return c.finding("判别器过弱", reason, "norm/grad_G", late / best, VANISHED)


def worse_than_guess(c: Curves, tag: str) -> Finding | None:
    """最小二乘：判别器的损失比永远输出 0.5 还大。"""
    late = c.median(tag, LAST)
    if late <= GUESS:
        return None
    return c.finding("判别器过弱", "比永远输出 0.5（损失 0.25）还差", tag, late, GUESS)


def clumped(c: Curves) -> Finding | None:
    """生成样本彼此的距离比真实样本小得多。"""
    late, before = c.median("diversity", LAST), c.median("diversity", 1 / 3, LAST)
    if late >= CLUMPED or late > max(SPREADING * before, ALIKE):
        return None
    return c.finding("模式崩溃", "生成样本彼此太像", "diversity", late, CLUMPED)


def lost_modes(c: Curves, tag: str) -> Finding | None:
    """模式（或类别）的分布离均匀太远，而且没有在好转。"""
    late, before = c.median(tag, LAST), c.median(tag, 1 / 3, LAST)
    share = math.exp(-late)
    if share >= SHARE_OF_MODES or late < IMPROVING * before:
        return None
    reason = f"有效的模式只占 {share:.0%}"
    return c.finding("模式崩溃", reason, tag, late, -math.log(SHARE_OF_MODES))


def saturated(c: Curves) -> Finding | None:
    """判别器几乎从不出错，生成器学不到东西。"""
    gap = c.combined("prob/real", "prob/fake", -1).median("value", LAST)
    if gap <= GAP:
        return None
    return c.finding("判别器过强", "给真假的概率之差接近 1", "prob/fake", gap, GAP)


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


def swinging(c: Curves, tag: str, limit: float) -> Finding | None:
    """后三分之二里的起落：第 85 与第 15 百分位之差。"""
    values = sorted(value for _, value in c.points(tag, 1 / 3))
    swing = values[int(0.85 * (len(values) - 1))] - values[int(0.15 * (len(values) - 1))]
    if swing <= limit:
        return None
    return c.finding("震荡", "后三分之二里大起大落", tag, swing, limit)


@dataclass(frozen=True)
class Rule:
    """一条规则：判的是什么、要哪几条曲线、怎样判。"""

    verdict: str
    curves: tuple[str, ...]
    judge: Callable[[Curves], Finding | None]

    def applies(self, c: Curves) -> bool:
        """要的曲线在最后一段里都有足够的点。"""
        return all(len(c.points(tag, LAST)) >= LEAST for tag in self.curves)


def rule_on(verdict: str, judge: Callable, tag: str, *more: float) -> Rule:
    """只看一条曲线的规则。"""
    return Rule(verdict, (tag,), lambda c: judge(c, tag, *more))


PROBS = ("prob/real", "prob/fake")
RULES = (  # 次序就是要紧的程度：判别器坏了会连带别的症状，所以在崩溃之前
    Rule("发散", ("score/real", "score/fake"), runaway),
    Rule("判别器过弱", PROBS, biased),
    Rule("判别器过弱", (*PROBS, "norm/grad_G"), blind),
    rule_on("判别器过弱", worse_than_guess, "loss/D_X"),
    rule_on("判别器过弱", worse_than_guess, "loss/D_Y"),
    Rule("模式崩溃", ("diversity",), clumped),
    Rule("判别器过强", PROBS, saturated),
    rule_on("模式崩溃", lost_modes, "modes/reverse_kl"),
    rule_on("模式崩溃", lost_modes, "classes/reverse_kl"),
    Rule("判别器过强", ("range/outside",), out_of_range),
    rule_on("判别器过强", perfect, "loss/D_X"),
    rule_on("判别器过强", perfect, "loss/D_Y"),
    rule_on("震荡", swinging, "diversity", SWING),
    rule_on("震荡", swinging, "prob/real", SWING_PROB),
    rule_on("震荡", swinging, "prob/fake", SWING_PROB),
)
MISSING = {  # 没有一条规则用得上时，说判断不了什么、缺什么
    "判别器过弱": "没有 prob/real、prob/fake 或 loss/D_X 等曲线，判断不了判别器是不是过弱",
    "模式崩溃": "没有 diversity、modes/reverse_kl 或 classes/reverse_kl，判断不了有没有模式崩溃",
    "判别器过强": "没有概率曲线或 range/outside，判断不了判别器是不是过强（评论器的分数越准越好）",
    "震荡": "没有 diversity 或概率曲线，判断不了有没有震荡",
}


def diagnose(records: list[dict], message: str = "") -> Diagnosis:
    """由 metrics.jsonl 的记录得出诊断。

    参数：
        records: [{"step": 步数, 曲线: 数值…}]，步数递增
        message: 训练因为非有限的数停下时的那句话（run.json 的 message）；没有就是空串
    """
    c = Curves(records)
    usable = [rule for rule in RULES if rule.applies(c)]
    findings = tuple(found for rule in usable if (found := rule.judge(c)))
    judged = {rule.verdict for rule in usable}
    unjudged = tuple(text for verdict, text in MISSING.items() if verdict not in judged)
    if message:
        return Diagnosis("发散", findings, unjudged, message)
    if findings:
        return Diagnosis(findings[0].verdict, findings, unjudged)
    return Diagnosis("正常" if judged else "", findings, unjudged)
