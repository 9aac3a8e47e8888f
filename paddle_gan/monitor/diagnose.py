"""诊断：只看记录，判断一次训练是正常，还是模式崩溃、判别器过强、判别器过弱、发散、震荡。

规则与界限在 rules.py；缺了曲线就说判断不了什么。
"""

from dataclasses import asdict, dataclass

from paddle_gan.monitor.curves import Curves, Finding
from paddle_gan.monitor.rules import RULES

MISSING = {  # 没有一条规则用得上时，说判断不了什么、缺什么
    "判别器过弱": "判断不了判别器是不是过弱：没有足够的 prob/real、prob/fake 或 loss/D_X 等曲线",
    "模式崩溃": "判断不了有没有模式崩溃：没有足够的 diversity 或 modes/reverse_kl 等曲线",
    "判别器过强": "判断不了判别器是不是过强：没有足够的概率曲线（评论器的分数越准越好，没有过强）",
    "震荡": "判断不了有没有震荡：没有足够的 diversity 或概率曲线",
}


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
        if self.verdict == "正常":
            found = ["判断得了的规则都没有越过界限"]
        return [self.message] * bool(self.message) + found + list(self.unjudged)

    def text(self) -> str:
        """一行：结论与证据。"""
        return "；".join([self.title(), *self.sentences()])

    def to_dict(self) -> dict:
        """写进 run.json 与 eval.json 的样子。"""
        found = [asdict(finding) for finding in self.findings]
        return {"verdict": self.title(), "sentences": self.sentences(), "findings": found}


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
