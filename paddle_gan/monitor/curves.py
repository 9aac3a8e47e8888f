"""诊断用的三样东西：配置里说的几个数、按段取值的曲线、一条证据。"""

from dataclasses import dataclass
from statistics import median

LAST = 2 / 3  # 最后一段从这里开始
LEAST = 3  # 最后一段里少于这么多个点就不判断
REAL_SHARE = 0.989  # 真实数据自己的高质量比例，1 − e^(−9/2)，见 metrics/modes.py


@dataclass(frozen=True)
class Setting:
    """诊断要知道、曲线里又没有的几个数；0 是不知道，用到它的规则就不用它。"""

    total_steps: int = 0  # 打算走多少步
    samples: int = 0  # 每次评估生成多少个样本 n
    modes: int = 0  # 二维数据有几个模式 K
    scatter: float = 0.0  # 什么也不学、均匀撒点，高质量样本的比例


UNKNOWN = Setting()


@dataclass(frozen=True)
class Finding:
    """一条证据：哪条曲线、哪一段、多少、界限是多少、试试什么。"""

    verdict: str
    reason: str
    curve: str
    first_step: int
    last_step: int
    value: float
    limit: float
    advice: str = ""

    def sentence(self) -> str:
        """给人看的一句话：数在前，再说是哪条曲线的哪几步，最后说试试什么。"""
        steps = f"第 {self.first_step}–{self.last_step} 步"
        if self.first_step == self.last_step:
            steps = f"第 {self.last_step} 步"
        lever = f"。试试：{self.advice}" if self.advice else ""
        return f"{self.verdict}：{self.reason}（{self.curve}，{steps}）{lever}"


class Curves:
    """记录里的全部曲线；段用占总步数的比例来说。"""

    def __init__(self, records: list[dict], setting: Setting = UNKNOWN):
        self.records, self.setting = records, setting
        self.end = records[-1]["step"] if records else 0

    def points(self, tag: str, start: float, end: float = 1.0) -> list[tuple[int, float]]:
        """(步数, 数值)，步数在 (start·总步数, end·总步数] 里。"""
        low, high = start * self.end, end * self.end
        return [(r["step"], r[tag]) for r in self.records if tag in r and low < r["step"] <= high]

    def count(self, tags: tuple[str, ...], start: float, end: float = 1.0) -> int:
        """一段里同时记下这几条曲线的记录有几条。"""
        low, high = start * self.end, end * self.end
        inside = [r for r in self.records if low < r["step"] <= high]
        return sum(all(tag in r for tag in tags) for r in inside)

    def median(self, tag: str, start: float, end: float = 1.0) -> float:
        """一段里的中位数。"""
        return median(value for _, value in self.points(tag, start, end))

    def late(self, tag: str) -> float | None:
        """最后三分之一的中位数；那里一个点也没有时为 None。"""
        return self.median(tag, LAST) if self.count((tag,), LAST) else None

    def early(self, tag: str) -> float | None:
        """最初三分之一的中位数；那里一个点也没有时为 None。"""
        return self.median(tag, 0, 1 / 3) if self.count((tag,), 0, 1 / 3) else None

    def combined(self, first: str, second: str, sign: int) -> "Curves":
        """两条同时记下的曲线之和（sign = 1）或之差（−1），叫 value。"""
        both = [r for r in self.records if first in r and second in r]
        made = [{"step": r["step"], "value": r[first] + sign * r[second]} for r in both]
        return Curves(made)

    def finding(self, verdict: str, reason: str, tag: str, value: float, limit: float) -> Finding:
        """最后一段的一条证据。"""
        steps = [step for step, _ in self.points(tag, LAST)]
        return Finding(verdict, reason, tag, steps[0], steps[-1], value, limit)


def percent(share: float) -> str:
    """比例 → 给人看的百分数：0.5 → 50 %，0.0279 → 2.8 %。"""
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.2g} %"
