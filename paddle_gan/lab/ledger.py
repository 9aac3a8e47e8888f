"""台账：从结果的 JSON 算出每句话的结论与数字；同样的结果总是写出同样的文字。"""

from statistics import fmean, median

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.experiment import TIERS, Experiment, standard_error, values_by_arm
from paddle_gan.lab.rule import PREMISE, Outcome, Rule
from paddle_gan.lab.verdict import UNKNOWN, group_states, verdict

MARKS = {"V": "见于原始材料", "S": "见于转述", "A": "由公式算得"}


def entry(experiment: Experiment, tier: str, records: dict[str, list[dict]]) -> dict:
    """一个实验在一档里的一条台账。"""
    values = values_by_arm(records)
    outcomes = [rule.judge(values) for rule in experiment.rules]
    rules = [rule_entry(experiment, *pair) for pair in zip(experiment.rules, outcomes)]
    states = group_states(experiment.rules, outcomes)
    found = verdict(states, {arm: experiment.label(arm) for arm in states})
    rows = [record for arm in records.values() for record in arm]
    return {
        **wording(experiment),
        "tier": tier,
        "sentence": experiment.said(values),
        "verdict": found.name,
        "conclusion": found.text + missing(experiment.rules, outcomes, states),
        "rules": rules,
        "arms": {
            arm: {
                "seeds": [record["seed"] for record in records[arm]],
                "statistics": {name: summary(column) for name, column in columns.items()},
            }
            for arm, columns in values.items()
        },
        "published": [
            {"what": p.what, "value": p.value, "protocol": p.protocol, "source": p.source}
            | {"checked": MARKS[p.mark]}
            for p in experiment.published
        ],
        "seconds": round(sum(record["seconds"] for record in rows)),
        "commits": sorted({record["commit"] for record in rows}),
        "versions": rows[0]["versions"],
    }


def wording(experiment: Experiment) -> dict[str, str]:
    """实验里与数据无关的文字。"""
    return {
        "row": experiment.row,
        "title": experiment.title,
        "quote": experiment.quote,
        "source": experiment.source,
        "anchor": experiment.anchor,
        "note": experiment.note,
    }


def rule_entry(experiment: Experiment, rule: Rule, outcome: Outcome) -> dict:
    """一条判据、前提或对照：它的形式、量到的数、满足没有。"""
    texts = {"role": rule.role, "form": rule.kind, "text": experiment.rule_text(rule)}
    return texts | outcome._asdict()


def missing(rules: tuple[Rule, ...], outcomes: list[Outcome], states: dict) -> str:
    """没有量成的缘故：哪几条前提没有满足，或判据为什么判不了；全都量成了是空的。"""
    if None not in states.values():
        return ""
    unmet = [r.remark for r, o in zip(rules, outcomes) if r.role == PREMISE and not o.holds]
    if unmet:
        return f"（前提没有满足：{'；'.join(dict.fromkeys(unmet))}）"
    unknown = [o.measured for o in outcomes if o.holds is None]
    return f"（{'；'.join(dict.fromkeys(unknown))}）"


def summary(values: list[float]) -> dict:
    """中位数、均值、标准误、每个种子的值。"""
    middle = {"median": median(values), "mean": fmean(values)}
    return middle | {"se": standard_error(values), "values": values}


def chosen_tier(results: dict[str, dict[str, list[dict]]], experiment: Experiment) -> str | None:
    """写进台账的档：完整档跑全了用完整档，否则用跑全了的快速档，再否则没有。

    results 是 {档: {组: [记录]}}。
    """
    for tier in reversed(TIERS):
        if all(len(rows) == experiment.seeds[tier] for rows in results[tier].values()):
            return tier
    return None


def build_ledger(results: dict[str, dict[str, dict[str, list[dict]]]]) -> dict[str, dict]:
    """全部实验的台账；results 是 {实验: {档: {组: [记录]}}}。没有跑全的只写“未测”。"""
    ledger = {}
    for name, experiment in EXPERIMENTS.items():
        tier = chosen_tier(results[name], experiment)
        if tier is None:
            ledger[name] = {"row": experiment.row, "title": experiment.title, "verdict": UNKNOWN}
        else:
            ledger[name] = entry(experiment, tier, results[name][tier])
    return ledger
