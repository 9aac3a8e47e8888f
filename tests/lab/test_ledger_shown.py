"""台账的页面读回来：每一组每个种子的数、判据的对错、结论与次序，都与结果文件里的相同。"""

import json
import re
from math import log
from statistics import median

import numpy as np
import pytest

from paddle_gan.lab import EXPERIMENTS, page, report
from paddle_gan.lab.rule import Rule
from paddle_gan.lab.runner import RESULTS

CLAIMS = json.loads(report.LEDGER.read_text(encoding="utf-8"))
PAGE = page.markdown(CLAIMS)  # 与提交的页面一字不差，test_lab.py 查
MEASURED = [name for name, claim in CLAIMS.items() if "tier" in claim]
POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def section(name: str) -> str:
    """页面上一个实验的一段。"""
    return PAGE.split(f'<a id="{name}"></a>')[1].split('<a id="')[0]


def number(text: str) -> float:
    """台账里写的一个数：−1,234.5、1.2×10⁻⁷、10⁻⁶。"""
    text = text.replace(",", "").replace("−", "-")
    found = re.fullmatch(r"(-?)(?:([\d.]+)×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    if found is None:
        return float(text)
    sign, factor, power = found.groups()
    return float(f"{sign}{factor or 1}e{power.translate(POWERS)}")


def raw(name: str) -> dict[str, list[dict]]:
    """{组: [各种子的量]}，直接读结果文件；由记录算得的量也添上，test_derived.py 另算一遍。"""
    experiment = EXPERIMENTS[name]
    path = RESULTS / CLAIMS[name]["tier"] / f"{experiment.records or name}.jsonl"
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["arm"] in experiment.arms:  # 几个实验共用一个文件
            statistics = experiment.completed(record)["statistics"]
            found.setdefault(record["arm"], []).append(statistics)
    return found


@pytest.mark.parametrize("name", MEASURED)
def test_every_group_has_its_own_recorded_numbers_beside_its_label(name):
    lines = [line for line in section(name).splitlines() if line.startswith("| ")]
    head, *rows = ([cell.strip() for cell in line.split(" | ")] for line in lines)
    columns = [title.removesuffix(" |").replace("\\|", "|") for title in head[1:]]
    experiment, records = EXPERIMENTS[name], raw(name)
    keys = {title: key for key, title in experiment.statistics.items()}
    shown = {row[0].removeprefix("| "): row[1:] for row in rows}
    assert list(shown)[: len(records)] == [experiment.label(arm) for arm in experiment.arms]
    for arm, measured in records.items():
        read = dict(zip(columns, shown[experiment.label(arm)]))
        assert len(read) == len(keys)
        for title, cell in read.items():
            values = [one[keys[title]] for one in measured if keys[title] in one]
            if not values:
                assert cell.removesuffix(" |") == "–"
                continue
            center, seeds = re.match(r"(\S+?)（(.*?)）", cell).groups()
            assert number(center) == pytest.approx(median(values), rel=6e-4, abs=1e-300)
            if len(set(values)) == 1:
                assert seeds == f"{len(values)} 个种子都是"
            else:
                each = [number(one) for one in seeds.split(" ")]
                assert each == pytest.approx(values, rel=6e-3, abs=1e-300)


T975 = {5: 2.77645, 6: 2.57058, 8: 2.36462, 10: 2.26216}  # 几个种子 → t 分布的 97.5% 分位数，查表
T9853 = {10: 2.58612}  # 分两次看的：Pocock 的 0.0294，两头各一半


def holds(rule, records: dict) -> bool | None:
    """这条判据满足吗，按形式另算一遍；只有一个种子，“更”判不了，是 None。"""
    mine = np.array([one[rule.statistic] for one in records[rule.arm]])
    if rule.versus:
        other = np.array([one[rule.statistic] for one in records[rule.versus]])
        mine = np.log(mine / other) if rule.compare == "ratio" else mine - other
    if rule.kind == "等于":
        return bool((abs(mine - rule.target) <= rule.bound).all())
    bound = log(rule.bound) if rule.compare == "ratio" else rule.bound
    sign = 1 if rule.relation == "≥" else -1
    mine, bound = sign * mine, sign * bound
    if rule.kind == "更" and len(mine) == 1:
        return None
    if rule.kind == "更":
        quantile = (T975 if rule.level == 0.95 else T9853)[len(mine)]
        low = mine.mean() - quantile * mine.std(ddof=1) / len(mine) ** 0.5
        return bool(mine.mean() >= bound and low > min(0.0, bound))
    good = mine >= bound
    if rule.kind == "通常":
        return bool(np.median(mine) >= bound)
    return bool(good.mean() >= {"会": 0.8, "总是": 1.0}[rule.kind])


@pytest.mark.parametrize("name", MEASURED)
def test_the_sign_of_every_rule_is_that_of_the_numbers_and_so_is_the_verdict(name):
    records, experiment, text = raw(name), EXPERIMENTS[name], section(name)
    found = [(rule, holds(rule, records)) for rule in experiment.rules]
    for role in ("判据", "前提", "对照"):
        mine = [(rule, good) for rule, good in found if rule.role == role]
        part = re.search(rf"^{role}(?:（.*?）)?：\n\n(.*?)\n\n", text, re.M | re.S)
        assert (part is None) == (not mine)
        line = r"^- ([✓✗–]) （(.*?)）(.*?)；(?:实测|只有一个种子)"
        printed = re.findall(line, part[1], re.M) if part else []
        signs = {True: "✓", False: "✗", None: "–"}
        assert printed == [
            (signs[good], rule.kind, experiment.rule_text(rule)) for rule, good in mine
        ]
    unmet = {rule.arm for rule, good in found if rule.role == "前提" and not good}
    states = {}
    for rule, good in found:
        if rule.role == "判据":
            states.setdefault(rule.arm, []).append(
                None if unmet & {rule.arm, rule.versus} else good
            )
    labels = {True: [], False: [], None: []}
    for arm, outcomes in states.items():
        state = None if None in outcomes else all(outcomes)
        labels[state].append(f"“{experiment.label(arm)}”")
    (said,) = re.findall(r"^结论：\*\*(.*)\*\*。$", text, re.M)
    word = "成立" if labels[True] else "不成立" if labels[False] else "没有量成"
    parts = re.split("（前提没有满足|（种子太少", said)[0].split("；")
    if labels[True] and labels[False] + labels[None]:
        assert parts.pop(0) == f"对{''.join(labels[True])}成立"
    else:
        assert parts.pop(0) == word
    against = "对" + "".join(labels[False]) + "不成立"
    unsaid = "".join(labels[None]) + "没有量成"
    assert parts == [against] * bool(labels[True] and labels[False]) + [unsaid] * bool(
        labels[None] and word != "没有量成"
    )
    why = "（前提没有满足：" in said, "（种子太少）" in said
    assert any(why) == bool(labels[None]) and not all(why)


@pytest.mark.parametrize("name", MEASURED)
def test_a_section_says_the_sentence_then_the_verdict_then_shows_the_picture_then_folds(name):
    text, claim = section(name), CLAIMS[name]
    order = [
        f"**{claim['sentence']}**",
        f"结论：**{claim['conclusion']}**。",
        f"](claims/{name}.png)",
        "<details>",
        f"> {claim['quote']}",
        "居中的数，括号里是各个种子",
        "重跑：",
        "</details>",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert text.count("<details>") == text.count("</details>") == 1


def test_the_table_at_the_top_has_the_sentence_and_the_verdict_of_its_own_row():
    rows = [line for line in PAGE.split('<a id="')[0].splitlines() if "](#" in line]
    # 完整档的一张表在前，还只有快速档的在后
    names = sorted(MEASURED, key=lambda name: CLAIMS[name]["tier"] == "quick")
    for line, name in zip(rows, names, strict=True):
        claim = CLAIMS[name]
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        assert cells[0] == claim["row"] and cells[2].replace("\\|", "|") == claim["sentence"]
        assert cells[3] == f"[{claim['verdict']}](#{name})"
    assert "部分成立" not in PAGE


@pytest.mark.parametrize("name", MEASURED)
def test_no_name_of_the_code_leaks_into_the_page(name):
    shown = re.sub(r"`.*?`|\(claims/.*?\)|^<a .*$", "", section(name), flags=re.M)
    experiment = EXPERIMENTS[name]
    words = {key for key in (*experiment.statistics, *experiment.arms) if "_" in key}
    words |= {"median", "mean", "difference", "ratio", "None", "True", "False"}
    assert [w for w in words if re.search(rf"(?<![A-Za-z_]){w}(?![A-Za-z_])", shown)] == []


@pytest.mark.parametrize("tier, flag", [("quick", True), ("full", False)])
def test_the_command_runs_the_tier_that_is_shown_and_the_marks_are_their_own(tier, flag):
    claim = CLAIMS["packing"] | {"tier": tier}
    text = page.paragraph("packing", claim)
    (command,) = re.findall(r"`(python tools/lab.py run packing.*?)`", text)
    assert command.endswith(" --quick") == flag
    assert ("快速档" if flag else "完整档") in text
    said = {"V": "原始材料", "S": "转述", "A": "公式"}
    for published in EXPERIMENTS["packing"].published:
        line = next(line for line in text.splitlines() if published.value in line)
        assert said[published.mark] in line.rsplit("（", 1)[1]


def test_hops_are_counted_in_times_and_modes_in_pieces():
    experiment = EXPERIMENTS["collapse_and_hops"]
    units = {"hops": "次", "covered": "个", "covered_1pct": "个"}
    for rule in (one for one in experiment.rules if one.statistic in units):
        unit, said = units[rule.statistic], experiment.rule_text(rule)
        assert said.endswith(f"{rule.bound:g} {unit}".strip()), said
    steady = Rule("a", "hops", "≥", 1.0)
    assert steady.judge({"a": {"hops": [2.0]}}).measured == "实测 2 次"


def test_the_worst_seed_of_a_rule_is_the_one_it_names():
    values = {"a": {"x": [1.0, 5.0, 3.5]}}
    for form, relation, said in (
        ("总是", "≤", "实测 3 个种子里有 2 个，最大 5"),
        ("总是", "≥", "实测 3 个种子里有 1 个，最小 1"),
        ("通常", "≤", "实测 3.5"),
        ("会", "≤", "实测 3 个种子里有 2 个"),
        ("等于", "≤", "实测 3 个种子里有 2 个，差得最多的是 5"),
    ):
        rule = Rule("a", "x", relation, 4.0, form=form)
        assert rule.judge(values).measured == said
