"""台账里给人看的一句话：模板里的空由量到的数填，数变了句子就变。

模板是 Experiment.sentence，v[组][量] 是各个种子的值，冒号后面写要哪个数：

    {v[gan][covered]}        居中的那个种子（中位数）
    {v[gan][covered]:最小}   最小的；“最大”同样
    {v[gan][covered]:≤6.3}   有几个种子不超过 6.3；“≥8”同样
    {v[gan][covered]:个数}   一共几个种子
    {v[gan][high_quality]:.0%}   中位数写成百分数；“最小.0%”“最大.0%”是最小、最大的
    {v[gan]:covered≥8 high_quality≥0.8}   有几个种子同时满足这几条
"""

import re
from statistics import median

from paddle_gan.lab.rule import Values
from paddle_gan.lab.sentences import number_text

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
        word = spec[:2] if spec[:2] in ("最小", "最大") else ""
        value = {"": median, "最小": min, "最大": max}[word](self.values)
        if spec.endswith("%"):
            return format(value, spec.removeprefix(word)).replace("-", "−")
        if spec != word:
            raise ValueError(f"不认得的格式 {spec}")
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


def filled(template: str, values: Values) -> str:
    """填好的一句话。"""
    columns = {
        arm: Group({name: Seeds(column) for name, column in found.items()})
        for arm, found in values.items()
    }
    return template.format(v=columns)
