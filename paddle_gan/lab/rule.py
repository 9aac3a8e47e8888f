"""判据：先于数据写好的一个数。同一份数据既判“满足没有”，也写成台账里的一句话。

一句话有它的形式，怎样判跟着形式走：

| 形式 | 说的是 | 各个种子的数 xᵢ 怎样才算满足 |
|---|---|---|
| 会 | 有这样的事 | 至少八成的种子满足 xᵢ ≥ 界（或 ≤） |
| 总是 | 每一次都这样 | 每一个种子都满足 |
| 更 | 比另一组多 | 逐个种子相减，平均过了界，95% 区间也不含 0 |
| 等于 | 就是这个数 | 每一个种子都满足 |xᵢ − 目标| ≤ 界 |
| 通常 | 居中的种子这样 | 中位数满足；没有写形式、也没有另一组时用它 |

判据之外还有前提（不满足就没有量成）与对照（只给人看）：两样都不算数，见 verdict.py。
"""

from dataclasses import dataclass, replace
from math import exp, log
from statistics import median
from typing import Literal, NamedTuple

from paddle_gan.lab.interval import LEVEL, Interval, paired_interval
from paddle_gan.lab.sentences import number_text, spaced

COUNTED = {"covered": "个", "covered_1pct": "个", "hops": "次", "saturating_orders": "个"}  # 量词
CLAIM, PREMISE, CONTROL = "判据", "前提", "对照"
OVER = {"更": "平均", "总是": "在每个种子上都", "通常": "通常"}  # 与另一组比时怎么说
MOST = 0.8  # “会”要多少种子满足
BEYOND = 1e300  # 除以 0 的比值
Values = dict[str, dict[str, list[float]]]  # 组 → 量 → 各个种子的值


class Outcome(NamedTuple):
    """一条判据判出来的：满足没有（None 是种子太少，判不了）、与界比的数、写给人看的话。"""

    holds: bool | None
    value: float
    measured: str


@dataclass(frozen=True)
class Rule:
    """一条判据：某一组的一个量与 bound 比；versus 写了另一组时，比的是逐个种子的差或比值。"""

    arm: str
    statistic: str
    relation: Literal["≥", "≤"]
    bound: float
    form: Literal["", "会", "总是", "更", "等于", "通常"] = ""
    versus: str | None = None
    compare: Literal["difference", "ratio"] = "difference"
    target: float = 0.0  # “等于”的目标；量本身就是误差时是 0
    role: Literal["判据", "前提", "对照"] = CLAIM
    remark: str = ""  # bound 是怎么来的，写在句子后面的括号里
    level: float = LEVEL  # “更”的区间；看过一次数据又加种子的用 TWO_LOOKS

    def __post_init__(self):
        if not 0 < self.level < 1:
            raise ValueError(f"level 要在 0 与 1 之间，现在是 {self.level}")

    @property
    def kind(self) -> str:
        """形式；没有写的时候，与另一组比是“更”，不比是“通常”。"""
        return self.form or ("更" if self.versus else "通常")

    def column(self, values: Values) -> list[float]:
        """各个种子与 bound 比的数：这一组的值，或与另一组逐个种子的差、比值。"""
        mine = values[self.arm][self.statistic]
        if self.versus is None:
            return mine
        pairs = list(zip(mine, values[self.versus][self.statistic], strict=True))
        if self.compare == "ratio":
            return [a / b if b else BEYOND for a, b in pairs]
        return [a - b for a, b in pairs]

    def meets(self, x: float) -> bool:
        """一个种子的数满足吗。"""
        if self.kind == "等于":
            return abs(x - self.target) <= self.bound
        return x >= self.bound if self.relation == "≥" else x <= self.bound

    def judge(self, values: Values) -> Outcome:
        """照形式判。"""
        column = self.column(values)
        good, count = sum(map(self.meets, column)), len(column)
        if self.kind == "更":
            return self._more_than(column)
        if self.kind == "会":
            return Outcome(good >= MOST * count, good, f"实测 {count} 个种子里有 {good} 个")
        value = self._worst(column)
        return Outcome(self.meets(value), value, self._said(value, good, count))

    def _worst(self, column: list[float]) -> float:
        """代表全部种子的那一个：“通常”取居中的，其余取离界最不利的。"""
        if self.kind == "通常":
            return median(column)
        if self.kind == "等于":
            return max(column, key=lambda x: abs(x - self.target))
        return min(column) if self.relation == "≥" else max(column)

    def _said(self, value: float, good: int, count: int) -> str:
        unit = "倍" if self.versus and self.compare == "ratio" else self._unit()
        if self.kind == "通常":
            return spaced("实测", number_text(value), unit)
        which = {"≥": "最小", "≤": "最大"}[self.relation] if self.kind == "总是" else "差得最多的是"
        worst = spaced(which, number_text(value), unit)
        return f"实测 {count} 个种子里有 {good} 个，{worst}"

    def _more_than(self, column: list[float]) -> Outcome:
        """“更”：平均过了 bound，而且整个 95% 区间在一样（差是 0、比值是 1）的这一边。"""
        ratio = self.compare == "ratio"
        if ratio and not all(0 < x < BEYOND for x in column):
            return Outcome(None, median(column), "有的种子里不是两个正数，说不出几倍")
        found = paired_interval([log(x) for x in column] if ratio else column, self.level)
        if found is None:
            return Outcome(None, median(column), "只有一个种子，说不出区间")
        if ratio:
            found = Interval(*map(exp, found))
        same = 1.0 if ratio else 0.0
        if self.relation == "≥":
            holds = found.mean >= self.bound and found.low > min(same, self.bound)
        else:
            holds = found.mean <= self.bound and found.high < max(same, self.bound)
        return Outcome(holds, found.mean, self._apart(found))

    def _apart(self, found: Interval) -> str:
        around = (
            f"（{level_text(self.level)} 区间 {number_text(found.low, 3)}"
            f" 到 {number_text(found.high, 3)}）"
        )
        if self.compare == "ratio":
            return spaced("实测", number_text(found.mean), "倍") + around
        if found.mean == 0:
            return f"实测平均一样{around}"
        more = self._more(found.mean)
        return spaced(f"实测平均{more}", number_text(abs(found.mean)), self._unit()) + around

    def sentence(self, arm: str, statistic: str, versus: str = "") -> str:
        """一句话；三个参数是这一组、这个量、相比的那一组的中文名。"""
        if self.versus is not None and self.compare == "ratio":
            at = "至少" if self.relation == "≥" else "至多"
            said = spaced(statistic, f"{OVER[self.kind]}{at}是", versus)
            said = spaced(said, "的", number_text(self.bound), "倍")
        elif self.versus is not None:
            said = spaced(statistic, *self._gap(versus))
        else:
            said = spaced(statistic, self._limit())
        return f"{arm}：{said}" + (f"（{self.remark}）" if self.remark else "")

    def _unit(self) -> str:
        return COUNTED.get(self.statistic, "")

    def _more(self, value: float) -> str:
        """差 value 是多还是少（数得出个数的）、是高还是低。"""
        return ("多" if value > 0 else "少") if self._unit() else ("高" if value > 0 else "低")

    def _limit(self) -> str:
        """不与别的组比：“通常不低于 0.3”“在每个种子上都至少 8 个”“在八成的种子上……”。"""
        seeds = {"通常": "通常", "会": "至少在八成的种子上", "总是": "在每个种子上都"}
        if self.kind == "等于":
            near = number_text(self.bound)
            if self.target == 0:
                return f"在每个种子上都不超过 {near}"
            return f"在每个种子上都等于 {number_text(self.target)}，相差不超过 {near}"
        at_least = "至少" if self._unit() else "不低于"
        limit = at_least if self.relation == "≥" else "不超过"
        return spaced(f"{seeds[self.kind]}{limit}", number_text(self.bound), self._unit())

    def _gap(self, versus: str) -> tuple[str, ...]:
        """与另一组的差：“平均比另一组至少少 1 个”；bound 是 0 时“平均比另一组低”。"""
        over = OVER[self.kind]
        if self.bound == 0:
            return f"{over}比", versus, self._more(1 if self.relation == "≥" else -1)
        at = "至少" if (self.bound > 0) == (self.relation == "≥") else "最多"
        gap = f"{at}{self._more(self.bound)}"
        return f"{over}比", versus, gap, number_text(abs(self.bound)), self._unit()


def level_text(level: float) -> str:
    """区间的宽度怎样写：95%、97%；过了 99% 的写全，不写成 100%。"""
    return f"{level:.0%}" if level < 0.99 else f"{100 * level:.4g}%"


def premise(arm: str, statistic: str, relation: str, bound: float, **more) -> Rule:
    """前提：不满足，用到这一组的判据就都没有量成。"""
    return replace(Rule(arm, statistic, relation, bound, **more), role=PREMISE)


def control(arm: str, statistic: str, relation: str, bound: float, **more) -> Rule:
    """对照：照样判，写在旁边给人看，从不算进结论。"""
    return replace(Rule(arm, statistic, relation, bound, **more), role=CONTROL)
