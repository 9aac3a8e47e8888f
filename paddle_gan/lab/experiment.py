"""一个实验是什么：幻灯片的一句话、几组、几个种子、要量的数，以及先于数据写好的判据（Rule）。"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from statistics import stdev
from typing import Literal, NamedTuple

from matplotlib.figure import Figure

from paddle_gan.lab.human import filled
from paddle_gan.lab.rule import CLAIM, Rule, Values
from paddle_gan.lab.sentences import spaced

TIERS = ("quick", "full")  # 快速档、完整档；两档的数从不放进同一张表
TIER_NAMES = {"quick": "快速档", "full": "完整档"}


class Measurement(NamedTuple):
    """一次（实验，组，种子）量到的：statistics 进表，curves 只用来画图。"""

    statistics: dict[str, float]
    curves: dict[str, list] = {}


@dataclass(frozen=True)
class Published:
    """公开发表的数；协议与这里不同，只作参照，从不与我们的数放进同一列。"""

    what: str  # 量的是什么
    value: str  # 数
    protocol: str  # 它的协议，以及与这里的差别
    source: str  # 出处；mark 是核对的程度
    mark: Literal["V", "S", "A"] = "V"  # V 见于原始材料，S 见于转述，A 由公式算得


def nothing_more(record: dict) -> dict[str, float]:
    """一条记录里没有别的量要算。"""
    return {}


@dataclass(frozen=True)
class Experiment:
    """一行实验；measure(组, 种子, 设定) 是纯函数，draw(记录) 画一张图。"""

    row: str  # 课程实验表里的行号
    title: str
    quote: str  # 幻灯片或笔记的原话
    source: str  # 原话的出处
    anchor: str  # 教程的章节 [§章.节]
    arms: dict[str, str]  # 组 → 中文名
    statistics: dict[str, str]  # 量 → 中文名
    rules: tuple[Rule, ...]
    measure: Callable[[str, int, dict], Measurement]
    draw: Callable[[dict[str, list[dict]]], Figure]
    settings: dict[str, dict]  # 档 → 设定
    seeds: dict[str, int]  # 档 → 种子数
    budget: dict[str, float]  # 档 → 一个种子、全部组的预算（秒，单线程）
    published: tuple[Published, ...] = ()
    sentence: str = ""  # 给人看的一句话，模板的写法见 human.py；空着就念第一条判据
    note: str = ""
    references: Callable[[], dict[str, dict[str, float]]] = dict  # 参照的行，例如真实数据
    # 由一条记录（statistics 与 curves）算得的量，读出来时添上，不必重跑
    derived: Callable[[dict], dict[str, float]] = nothing_more
    # 几个实验共用一些组时，记录在哪一个的名下；空着就在自己的名下
    records: str = ""

    def label(self, arm: str) -> str:
        """组的中文名，一行。"""
        return spaced(*self.arms[arm].split("\n"))

    def cost(self, tier: str) -> float:
        """一档的全部任务，预算几秒（一个线程）；共用的组也算在内。"""
        return self.budget[tier] * self.seeds[tier]

    def completed(self, record: dict) -> dict:
        """记录，statistics 里添上由它算得的量（derived）。"""
        return record | {"statistics": record["statistics"] | self.derived(record)}

    def rule_text(self, rule: Rule) -> str:
        """判据写成一句话。"""
        versus = "" if rule.versus is None else self.label(rule.versus)
        return rule.sentence(self.label(rule.arm), self.statistics[rule.statistic], versus)

    def said(self, values: Values) -> str:
        """量到的数写成给人看的一句话。"""
        if self.sentence:
            return filled(self.sentence, values, self.rules)
        first = next(rule for rule in self.rules if rule.role == CLAIM)
        return f"{first.judge(values).measured}——{self.rule_text(first)}"


def values_by_arm(records: dict[str, list[dict]]) -> Values:
    """记录 {组: [各种子的记录]} 换成 {组: {量: [各种子的值]}}。"""
    return {
        arm: {name: [r["statistics"][name] for r in rows] for name in rows[0]["statistics"]}
        for arm, rows in records.items()
        if rows
    }


def standard_error(values: list[float]) -> float | None:
    """均值的标准误 s/√n；只有一个种子时没有。"""
    if len(values) < 2:
        return None
    # 各版 Python 的 stdev 末位不同；留 12 位，哪一版写出的台账都一样
    return float(f"{stdev(values) / sqrt(len(values)):.12g}")
