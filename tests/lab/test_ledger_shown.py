"""台账的页面读回来：每一组的每一个数、标准误、种子数、判据的对错，都与结果文件里的相同。"""

import json
import re
from statistics import mean, stdev

import pytest

from paddle_gan.lab import EXPERIMENTS, ledger, report
from paddle_gan.lab.experiment import PARTLY, Rule
from paddle_gan.lab.runner import RESULTS

PAGE = report.CLAIMS.read_text(encoding="utf-8")
CLAIMS = json.loads(report.LEDGER.read_text(encoding="utf-8"))
MEASURED = [name for name, claim in CLAIMS.items() if "tier" in claim]
POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def section(name: str, page: str = PAGE) -> str:
    """页面上一个实验的一段。"""
    return page.split(f'<a id="{name}"></a>')[1].split('<a id="')[0]


def number(text: str) -> float:
    """台账里写的一个数：−1,234.5、1.2×10⁻⁷、10⁻⁶。"""
    text = text.replace(",", "").replace("−", "-")
    found = re.fullmatch(r"(-?)(?:([\d.]+)×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    if found is None:
        return float(text)
    sign, factor, power = found.groups()
    return float(f"{sign}{factor or 1}e{power.translate(POWERS)}")


def raw(name: str) -> dict[str, list[dict]]:
    """{组: [各种子的量]}，直接读结果文件。"""
    path = RESULTS / CLAIMS[name]["tier"] / f"{name}.jsonl"
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        found.setdefault(record["arm"], []).append(record["statistics"])
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
            center, error, count = re.match(r"(\S+?)(?: ± (\S+?))?（(\d+)）", cell).groups()
            assert number(center) == pytest.approx(mean(values), rel=6e-4, abs=1e-300)
            assert int(count) == len(values)
            if error is not None:
                wanted = stdev(values) / len(values) ** 0.5
                assert number(error) == pytest.approx(wanted, rel=0.06, abs=1e-300)
            assert (error is None) == (len(values) == 1)


TAKEN = {"mean": mean, "max": max, "min": min}


@pytest.mark.parametrize("name", MEASURED)
def test_the_sign_of_every_rule_is_that_of_the_numbers(name):
    records, experiment = raw(name), EXPERIMENTS[name]
    signs = []
    for rule in experiment.rules:
        sides = [
            TAKEN[rule.over]([one[rule.statistic] for one in records[arm]])
            for arm in (rule.arm, rule.versus)
            if arm
        ]
        value = sides[0]
        if rule.versus:
            value = sides[0] / sides[1] if rule.compare == "ratio" else sides[0] - sides[1]
        signs.append("✓" if (value - rule.bound) * {"≥": 1, "≤": -1}[rule.relation] >= 0 else "✗")
    text = section(name)
    printed = re.findall(r"^- ([✓✗]) (.*?)：", text, re.M)
    assert [sign for sign, _ in printed] == signs
    assert [said for _, said in printed] == [
        experiment.label(rule.arm).split("：")[0] for rule in experiment.rules
    ]
    verdict = {(True, True): "成立", (False, False): "不成立"}.get(
        ("✗" not in signs, "✓" in signs), PARTLY
    )
    assert f"：{verdict}\n" in text and f"| {signs.count('✓')} / {len(signs)} |" in PAGE


@pytest.mark.parametrize("tier, flag", [("quick", True), ("full", False)])
def test_the_command_runs_the_tier_that_is_shown_and_the_marks_are_their_own(tier, flag):
    claim = CLAIMS["packing"] | {"tier": tier}
    text = ledger.paragraph("packing", claim)
    (command,) = re.findall(r"`(python tools/lab.py run packing.*?)`", text)
    assert command.endswith(" --quick") == flag
    assert ("快速档" if flag else "完整档") in text
    said = {"V": "原始材料", "S": "转述", "A": "公式"}
    for published in EXPERIMENTS["packing"].published:
        line = next(line for line in text.splitlines() if published.value in line)
        assert said[published.mark] in line.rsplit("（", 1)[1]


def test_hops_are_counted_in_times_and_modes_in_pieces():
    experiment = EXPERIMENTS["collapse_and_hops"]
    for rule in experiment.rules:
        unit = {"hops": "次", "covered_1pct": "个"}.get(rule.statistic, "")
        said, measured = experiment.rule_text(rule), rule.measured(2.0)
        assert said.endswith(f"{rule.bound:g} {unit}".strip()), said
        assert measured == f"实测 2 {unit}".strip()


def test_the_worst_seed_of_a_rule_is_the_one_it_names():
    values = {"a": {"x": [1.0, 5.0, 3.0]}}
    for over, word, wanted in (("max", "最大", 5.0), ("min", "最小", 1.0), ("mean", "", 3.0)):
        rule = Rule("a", "x", "≤", 4.0, over=over)
        assert rule.value(values) == wanted
        assert rule.measured(wanted) == f"实测{word} {wanted:g}"
        assert rule.holds(wanted) == (over != "max")
