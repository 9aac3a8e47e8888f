"""判据：先于数据写好的一个数。同一份数据既判“满足没有”，也写成台账里的一句话。"""

from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from paddle_gan.lab.sentences import number_text, spaced

OVER = {"mean": fmean, "max": max, "min": min}
OVER_WORDS = {"mean": "平均", "max": "的最大值", "min": "的最小值"}
EVERY_SEED = {("max", "≤"), ("min", "≥")}  # 最大的都不超过，就是每个种子都不超过
COUNTED = {"covered": "个", "covered_1pct": "个", "hops": "次", "saturating_orders": "个"}  # 量词


@dataclass(frozen=True)
class Rule:
    """一条判据：某一组的一个量，对种子取 over 之后，与 bound 比。

    versus 写了另一组时，比的是两组的差（difference）或比值（ratio）。
    """

    arm: str
    statistic: str
    relation: Literal["≥", "≤"]
    bound: float
    over: Literal["mean", "max", "min"] = "mean"
    versus: str | None = None
    compare: Literal["difference", "ratio"] = "difference"
    remark: str = ""  # bound 是怎么来的，写在句子后面的括号里

    def value(self, values: dict[str, dict[str, list[float]]]) -> float:
        """与 bound 比的那个数；values[组][量] 是各个种子的值。"""
        mine = OVER[self.over](values[self.arm][self.statistic])
        if self.versus is None:
            return mine
        other = OVER[self.over](values[self.versus][self.statistic])
        if self.compare == "ratio":
            return mine / other if other else float("1e300")
        return mine - other

    def holds(self, value: float) -> bool:
        """这个数满足判据吗。"""
        return value >= self.bound if self.relation == "≥" else value <= self.bound

    def sentence(self, arm: str, statistic: str, versus: str = "") -> str:
        """一句话；三个参数是这一组、这个量、相比的那一组的中文名。"""
        if self.versus is None:
            said = spaced(statistic, self._limit())
        elif self.compare == "ratio":
            at = "至少" if self.relation == "≥" else "至多"
            said = spaced(statistic, f"{OVER_WORDS[self.over]}{at}是", versus)
            said = spaced(said, "的", number_text(self.bound), "倍")
        else:
            said = spaced(statistic, *self._gap(versus))
        return f"{arm}：{said}" + (f"（{self.remark}）" if self.remark else "")

    def measured(self, value: float) -> str:
        """量到的数，接在 sentence 后面读。"""
        if self.versus is None:
            which = {"mean": "", "max": "最大", "min": "最小"}[self.over]
            return spaced(f"实测{which}", number_text(value), self._unit())
        if self.compare == "ratio":
            return spaced("实测", number_text(value), "倍")
        if value == 0:
            return "实测一样"
        return spaced(f"实测{self._more(value)}", number_text(abs(value)), self._unit())

    def _unit(self) -> str:
        return COUNTED.get(self.statistic, "")

    def _more(self, value: float) -> str:
        """差 value 是多还是少（数得出个数的）、是高还是低。"""
        return ("多" if value > 0 else "少") if self._unit() else ("高" if value > 0 else "低")

    def _limit(self) -> str:
        """不与别的组比：“平均不低于 0.3”“在每个种子上都至少 8 个”。"""
        every = (self.over, self.relation) in EVERY_SEED
        seeds = "在每个种子上都" if every else "至少在一个种子上"
        at_least = "至少" if self._unit() else "不低于"
        limit = at_least if self.relation == "≥" else "不超过"
        scope = "平均" if self.over == "mean" else seeds
        return spaced(f"{scope}{limit}", number_text(self.bound), self._unit())

    def _gap(self, versus: str) -> tuple[str, ...]:
        """与另一组的差：“平均比另一组至少少 1 个”；bound 是 0 时“平均不低于另一组”。"""
        over = OVER_WORDS[self.over]
        if self.bound == 0:
            return f"{over}不{self._more(-1 if self.relation == '≥' else 1)}于", versus
        at = "至少" if (self.bound > 0) == (self.relation == "≥") else "最多"
        gap = f"{at}{self._more(self.bound)}"
        return f"{over}比", versus, gap, number_text(abs(self.bound)), self._unit()
