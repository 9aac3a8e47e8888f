"""诊断用的两样东西：按段取值的曲线，和一条证据。"""

from dataclasses import dataclass
from statistics import median

LAST = 2 / 3  # 最后一段从这里开始
LEAST = 3  # 最后一段里少于这么多个点就不判断


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
        where = f"{self.curve}，第 {self.first_step}–{self.last_step} 步"
        numbers = f"量得 {self.value:.3g}，界限 {self.limit:.3g}"
        return f"{self.verdict}：{self.reason}（{where}，{numbers}）"


class Curves:
    """记录里的全部曲线；段用占总步数的比例来说。"""

    def __init__(self, records: list[dict]):
        self.records = records
        self.end = records[-1]["step"] if records else 0

    def points(self, tag: str, start: float, end: float = 1.0) -> list[tuple[int, float]]:
        """(步数, 数值)，步数在 (start·总步数, end·总步数] 里。"""
        low, high = start * self.end, end * self.end
        return [(r["step"], r[tag]) for r in self.records if tag in r and low < r["step"] <= high]

    def count(self, tags: tuple[str, ...], start: float, end: float) -> int:
        """一段里同时记下这几条曲线的记录有几条。"""
        low, high = start * self.end, end * self.end
        inside = [r for r in self.records if low < r["step"] <= high]
        return sum(all(tag in r for tag in tags) for r in inside)

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
