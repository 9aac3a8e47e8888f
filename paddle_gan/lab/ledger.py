"""台账：从结果的 JSON 算出每句话的结论与数字；同样的结果总是写出同样的文字。"""

from statistics import fmean

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.experiment import (
    TIER_NAMES,
    TIERS,
    UNKNOWN,
    Experiment,
    Rule,
    standard_error,
    values_by_arm,
    verdict,
)
from paddle_gan.lab.sentences import number_text

MARKS = {"V": "见于原始材料", "S": "见于转述", "A": "由公式算得"}
CLAIMS_HEAD = """# 课程的每句话，量出来怎么样

这份台账由 `python tools/lab.py report` 从 `paddle_gan/lab/results/` 生成，不要手改。

- 结论说的是标题那句话：判据全部满足是“成立”，一条也不满足是“不成立”，其余是“部分成立”。
- 判据先于数据写在代码里；看过数据之后改动的，说明里写明。
- 数是均值 ± 标准误（括号里是种子数）；快速档与完整档的数从不放进同一张表。
- “均匀撒点”是什么也不学的参照：在真模式张成的方块（每边放宽 5σ）里均匀取点，
  高质量的比例由公式算得，别的数是 20 次的平均；“真实数据”同样。
- “发表的数”协议与这里不同，只作参照，不与我们的数比大小。
- 提交号后面的“+”：跑的时候，检出的目录里还有没提交的改动。
"""


def entry(experiment: Experiment, tier: str, records: dict[str, list[dict]]) -> dict:
    """一个实验在一档里的一条台账。"""
    values = values_by_arm(records)
    rules = [rule_entry(experiment, rule, values) for rule in experiment.rules]
    rows = [record for arm in records.values() for record in arm]
    return {
        **wording(experiment),
        "tier": tier,
        "verdict": verdict([rule["holds"] for rule in rules]),
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


def rule_entry(experiment: Experiment, rule: Rule, values: dict) -> dict:
    """一条判据、量到的数、满足没有。"""
    value = rule.value(values)
    texts = {"text": experiment.rule_text(rule), "measured": rule.measured(value)}
    return texts | {"value": value, "holds": rule.holds(value)}


def summary(values: list[float]) -> dict:
    """均值、标准误、每个种子的值。"""
    return {"mean": fmean(values), "se": standard_error(values), "values": values}


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


def markdown(ledger: dict[str, dict]) -> str:
    """台账的正文：每档一张总表，再是每个实验一段。"""
    parts = [CLAIMS_HEAD]
    for tier in reversed(TIERS):
        names = [name for name, claim in ledger.items() if claim.get("tier") == tier]
        if names:
            parts.append(f"## {TIER_NAMES[tier]}\n\n{overview(ledger, names)}")
    missing = [claim["row"] for claim in ledger.values() if claim["verdict"] == UNKNOWN]
    if missing:
        parts.append(f"还没有跑全的实验：{'、'.join(missing)}。\n")
    parts += [paragraph(name, claim) for name, claim in ledger.items() if "tier" in claim]
    return "\n".join(parts)


def overview(ledger: dict[str, dict], names: list[str]) -> str:
    """一档的总表。"""
    lines = ["| 行 | 量的是 | 章节 | 结论 | 满足的判据 |", "|---|---|---|---|--:|"]
    for name in names:
        claim = ledger[name]
        met = sum(rule["holds"] for rule in claim["rules"])
        lines.append(
            f"| {claim['row']} | {claim['title']} | {claim['anchor']} |"
            f" [{claim['verdict']}](#{name}) | {met} / {len(claim['rules'])} |"
        )
    return "\n".join(lines) + "\n"


def paragraph(name: str, claim: dict) -> str:
    """一个实验的一段：原话、结论、判据、数、图、发表的数。"""
    experiment = EXPERIMENTS[name]
    lines = [f'<a id="{name}"></a>', f"## {claim['row']} {claim['title']}：{claim['verdict']}", ""]
    lines += [f"> {claim['quote']}", ">", f"> —— {claim['source']} {claim['anchor']}", ""]
    lines += [f"![{claim['title']}](claims/{name}.png)", ""]
    for rule in claim["rules"]:
        sign = "✓" if rule["holds"] else "✗"
        lines.append(f"- {sign} {rule['text']}；{rule['measured']}")
    lines += ["", statistics_table(experiment, claim)]
    if claim["published"]:
        lines.append("发表的数（协议不同，只作参照）：\n")
        for p in claim["published"]:
            lines.append(
                f"- {p['what']}：{p['value']}。协议：{p['protocol']}。"
                f"出处：{p['source']}（{p['checked']}）。"
            )
        lines.append("")
    if claim["note"]:
        lines += [f"说明：{claim['note']}", ""]
    lines.append(
        f"{TIER_NAMES[claim['tier']]}，共 {claim['seconds']} 秒；"
        f"提交 {', '.join(claim['commits'])}；飞桨 {claim['versions']['paddle']}。"
        f"重跑：`python tools/lab.py run {name}"
        f"{' --quick' if claim['tier'] == 'quick' else ''}`\n"
    )
    return "\n".join(lines)


def statistics_table(experiment: Experiment, claim: dict) -> str:
    """组 × 量；一组没有的量写“–”。"""
    names = list(experiment.statistics)
    titles = [title.replace("|", "\\|") for title in experiment.statistics.values()]
    lines = ["| 组 | " + " | ".join(titles) + " |"]
    lines.append("|---|" + "--:|" * len(names))
    for arm, measured in claim["arms"].items():
        cells = [cell(measured["statistics"].get(name)) for name in names]
        lines.append(f"| {experiment.label(arm)} | {' | '.join(cells)} |")
    for label, row in experiment.references().items():
        cells = [number_text(row[name], 3) if name in row else "–" for name in names]
        lines.append(f"| *{label}* | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cell(measured: dict | None) -> str:
    """均值 ± 标准误（种子数）。"""
    if measured is None:
        return "–"
    count = len(measured["values"])
    spread = "" if measured["se"] is None else f" ± {number_text(measured['se'], 2)}"
    return f"{number_text(measured['mean'])}{spread}（{count}）"
