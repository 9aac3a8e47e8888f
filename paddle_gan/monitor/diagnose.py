"""诊断：只看记录，判断一次训练有没有病（模式崩溃、判别器过强或过弱、发散、震荡），学会了没有。

规则与界限在 rules.py；步数或记录太少、缺了曲线，就说还不能判断、缺什么。
"""

from dataclasses import asdict, dataclass, replace

from paddle_gan.monitor.curves import LAST, LEAST, UNKNOWN, Curves, Finding, Setting
from paddle_gan.monitor.rules import RULES, SAMPLE_STEPS, steps_needed
from paddle_gan.monitor.rules_samples import OPEN, UNLEARNED, quality_text, unlearned

HEALTHY = "正常"
SHORT, SPARSE = "步数太少，还不能判断", "记录太少，还不能判断"
GROW = "先把步数加倍；高质量样本还是不涨，就把两边的学习率调成一样大"
MISSING = {  # 没有一条规则用得上时，说判断不了什么、缺什么
    "判别器过弱": "判断不了判别器是不是过弱：没有足够的 prob/real、prob/fake 或 loss/D_X 等曲线",
    "模式崩溃": "判断不了有没有模式崩溃：没有足够的 diversity 或 modes/reverse_kl 等曲线",
    "判别器过强": "判断不了判别器是不是过强：没有足够的概率曲线（评论器的分数越准越好，没有过强）",
    "震荡": "判断不了有没有震荡：没有足够的 diversity 或概率曲线",
}


@dataclass(frozen=True)
class Diagnosis:
    """结论、证据（最要紧的在前）、其余要说的话，和判断不了的事。"""

    verdict: str
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()

    def ill(self) -> bool:
        """结论是一种病；正常、还没学会、还不能判断都不是。"""
        return self.verdict not in (HEALTHY, UNLEARNED, SHORT, SPARSE, OPEN)

    def title(self) -> str:
        """一个词的结论。"""
        return self.verdict

    def sentences(self) -> list[str]:
        """要说的话、全部证据与判断不了的事，一句一条。"""
        return [*self.notes, *(finding.sentence() for finding in self.findings), *self.unjudged]

    def text(self) -> str:
        """一行：结论与证据。"""
        return "。".join([self.title(), *self.sentences()])

    def to_dict(self) -> dict:
        """写进 run.json 与 eval.json 的样子。"""
        found = [asdict(finding) for finding in self.findings]
        return {"verdict": self.title(), "sentences": self.sentences(), "findings": found}


def diagnose(records: list[dict], message: str = "", setting: Setting = UNKNOWN) -> Diagnosis:
    """由 metrics.jsonl 的记录得出诊断。

    参数：
        records: [{"step": 步数, 曲线: 数值…}]，步数递增
        message: 训练因为非有限的数停下时的那句话（run.json 的 message）；没有就是空串
        setting: 配置里的步数、样本数与撒点的参照；不知道时用默认的
    """
    c = Curves(records, setting)
    usable = [rule for rule in RULES if rule.applies(c)]
    found: dict[tuple[str, str], Finding] = {}  # 同一条曲线上的同一种病只说最要紧的一句
    for rule in usable:
        if finding := rule.find(c):
            found.setdefault((finding.verdict, finding.curve), finding)
    ill = tuple(finding for finding in found.values() if finding.verdict != OPEN)
    moving = tuple(finding for finding in found.values() if finding.verdict == OPEN)
    poor = unlearned(c)
    states = (poor,) if poor else ()
    judged = {rule.verdict for rule in usable}
    unjudged = tuple(text for verdict, text in MISSING.items() if verdict not in judged)
    if message:
        return Diagnosis("发散", (*ill, *states), (message,), unjudged)
    if ill:
        return Diagnosis(ill[0].verdict, (*ill, *states), unjudged=unjudged)
    if c.end < steps_needed(c):
        return Diagnosis(SHORT, states, (too_short(c),))
    if poor:
        return Diagnosis(UNLEARNED, (replace(poor, advice=GROW),), unjudged=unjudged)
    if moving:
        return Diagnosis(OPEN, moving, unjudged=unjudged)
    if not judged:
        return Diagnosis(SPARSE, (), (too_sparse(c),), unjudged)
    return Diagnosis(HEALTHY, (), (healthy(c),), unjudged)


def too_short(c: Curves) -> str:
    """走了几步，还差几步。"""
    planned, needed = c.setting.total_steps, steps_needed(c)
    walked = f"才走了 {c.end:,} 步、记下 {len(c.records)} 条"
    if needed > SAMPLE_STEPS:
        why, lever = f"不到计划 {planned:,} 步的一成", "用 --resume 接着训练"
    else:
        why, lever = "生成器还没有离开初始的样子", f"-o total_steps={needed} 或更多"
    return f"{walked}，{why}；至少要 {needed:,} 步。试试：{lever}"


def too_sparse(c: Curves) -> str:
    """记下了几条，要几条。"""
    most = max(c.count(rule.curves, LAST) for rule in RULES)
    return (
        f"走了 {c.end:,} 步，只记下 {len(c.records)} 条；规则要看的曲线在最后三分之一里至少要有"
        f" {LEAST} 个点，现在最多有 {most} 个。试试：把 log_every 与 metrics.every 改小"
    )


def healthy(c: Curves) -> str:
    """没有越过界限；量过高质量比例时把它和两头一起说出来。"""
    text = "判断得了的曲线都没有越过界限"
    if c.late("modes/high_quality") is not None:
        return f"{quality_text(c, '（最后三分之一的中位数）')}；{text}"
    return f"{text}。这只说明没有病，样本好不好要看指标和样本图"
