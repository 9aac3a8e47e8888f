"""台账里给人看的一句话：模板里的空由量到的数填，数变了句子就变。

模板是 Experiment.sentence，v[组][量] 是各个种子的值，冒号后面写要哪个数：

    {v[gan][covered]}        居中的那个种子（中位数）
    {v[gan][covered]:最小}   最小的；“最大”同样
    {v[gan][covered]:≤6.3}   有几个种子不超过 6.3；“≥8”同样
    {v[gan][covered]:个数}   一共几个种子
    {v[gan][high_quality]:.0%}   中位数写成百分数；“最小.1%”“最大.1%”是那一个种子的
    {v[gan][over]:高低}      中位数写成“高 0.02”“低 0.03”
    {v[gan]:covered≥8 high_quality≥0.8}   有几个种子同时满足这几条

rule 是判据（不算前提与对照），照写的次序从 1 数起：

    {rule[2]}       第二条判据“成立”“不成立”或“没有量成”（前提没有满足，或种子太少）
    {rule:个数}     一共几条
    {rule:成立}     满足了几条；“不成立”同样
"""

import re
from collections.abc import Iterable
from statistics import median

from paddle_gan.lab.rule import CLAIM, PREMISE, Rule, Values
from paddle_gan.lab.sentences import number_text
from paddle_gan.lab.verdict import FAILS, HOLDS, UNMEASURED

DIGITS = 3  # 一句话里的数留三位


class Seeds:
    """一组一个量在各个种子上的值；格式说明见模块的开头。"""

    def __init__(self, values: list[float]):
        self.values = values

    def __format__(self, spec: str) -> str:
        if spec == "个数":
            return str(len(self.values))
        if spec[:1] in ("≤", "≥"):
            bound, sign = float(spec[1:]), 1 if spec[0] == "≥" else -1
            return str(sum(sign * value >= sign * bound for value in self.values))
        if spec == "高低":
            middle = median(self.values)
            return f"{'高' if middle > 0 else '低'} {number_text(abs(middle), DIGITS)}"
        known = re.fullmatch(r"(最小|最大)?(\.\d%)?", spec)
        if known is None:
            raise ValueError(f"不认得的格式 {spec}")
        which, percent = known.groups()
        value = {None: median, "最小": min, "最大": max}[which](self.values)
        if percent:
            return format(value, percent).replace("-", "−")
        return number_text(value, DIGITS)


class Group(dict):
    """一组的 {量: Seeds}；格式说明是几条都要满足的条件。"""

    def __format__(self, spec: str) -> str:
        columns = (column.values for column in self.values())
        seeds = [dict(zip(self, one)) for one in zip(*columns, strict=True)]
        return str(sum(meets(spec, seed) for seed in seeds))


def meets(conditions: str, statistics: dict[str, float]) -> bool:
    """一个种子的数满足每一条吗；条件写成“covered≥8 high_quality≥0.8”，空格隔开。"""
    for condition in conditions.split():
        name, relation, bound = re.split("([≤≥])", condition)
        sign = 1 if relation == "≥" else -1
        if sign * statistics[name] < sign * float(bound):
            return False
    return True


class Claims(dict):
    """{第几条判据: 满足没有}；格式说明是要数的那一种，“个数”是全部。"""

    def __format__(self, spec: str) -> str:
        return str(sum(spec in ("个数", said) for said in self.values()))


def claims_of(rules: Iterable[Rule], values: Values) -> Claims:
    """判据一条一条地判，前提与对照不数；用到的组前提没有满足，就没有量成。"""
    found = [(rule, rule.judge(values).holds) for rule in rules]
    unmet = {rule.arm for rule, holds in found if rule.role == PREMISE and not holds}
    words = {True: HOLDS, False: FAILS, None: UNMEASURED}
    said = (
        UNMEASURED if unmet & {rule.arm, rule.versus} else words[holds]
        for rule, holds in found
        if rule.role == CLAIM
    )
    return Claims(enumerate(said, start=1))


def filled(template: str, values: Values, rules: Iterable[Rule] = ()) -> str:
    """填好的一句话。"""
    columns = {
        arm: Group({name: Seeds(column) for name, column in found.items()})
        for arm, found in values.items()
    }
    return template.format(v=columns, rule=claims_of(rules, values))
