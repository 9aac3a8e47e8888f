"""各章的目标：界照随包的结果定，做得到的真做得到，做不到的照实写做不到。"""

import json
import re
from pathlib import Path
from statistics import mean

import pytest
from tool_helpers import load_tool

from paddle_gan.teaching.exercises import EXERCISES

ROOT = Path(__file__).resolve().parents[2]
collecting, results = load_tool("collecting"), load_tool("results")
RESULTS = json.loads(results.RESULTS.read_text(encoding="utf-8"))
CHAPTERS = sorted((ROOT / "tutorials/src").glob("[0-9][0-9]_*.py"))
MAY_LACK: set[str] = set()  # 可以还没有写目标的章
LEVELS = ("及格", "良好", "优秀")
NUMBER = r"-?\d+(?:\.\d+)?"
BOUND = re.compile(rf"`([\w/]+)` (?:(≤|≥) ({NUMBER})|在 ({NUMBER}) 到 ({NUMBER}))")
FACTOR = 1.5  # 写的分钟与量到的，最多差这么多倍


def rows_of(source: Path) -> list[list[str]]:
    """目标那张表的各行：等级、要达到、做法、分钟；没有这一节是空的。"""
    text = source.read_text(encoding="utf-8")
    if "\n# ## 目标\n" not in text:
        return []
    section = text.split("\n# ## 目标\n")[1].split("\n# %%")[0]
    lines = re.findall(r"^# \| (.+) \|$", section, re.M)
    return [line.split(" | ") for line in lines if line.startswith(LEVELS)]


TABLES = {source.name[:2]: rows for source in CHAPTERS if (rows := rows_of(source))}
ROWS = [(chapter, *row) for chapter, rows in TABLES.items() for row in rows]
TRAINED = [row for row in ROWS if row[3] != "–"]
ids = pytest.mark.parametrize("row", TRAINED, ids=lambda row: f"{row[0]}{row[1]}")


def bounds_of(text: str) -> list[tuple[str, float, float]]:
    """“要达到”一格里的界：（量，不小于，不大于）；整格都要读得懂。"""
    found = [
        (key, *((low, high) if low else (side == "≥" and at, side == "≤" and at)))
        for key, side, at, low, high in BOUND.findall(text)
    ]
    assert BOUND.sub("", text).strip("，") == "" and found, text
    return [(key, float(low or "-inf"), float(high or "inf")) for key, low, high in found]


def reached(entry: dict, bounds: list[tuple[str, float, float]]) -> list[bool]:
    """各个种子过不过：每一条界都要它自己过，不能这条靠一个种子、那条靠另一个。"""
    columns = [results.column(entry, key) for key, _, _ in bounds]
    return [
        all(low <= value <= high for value, (_, low, high) in zip(values, bounds))
        for values in zip(*columns, strict=True)
    ]


def test_every_chapter_with_goals_has_the_three_levels_in_order():
    assert {chapter: tuple(row[0] for row in rows) for chapter, rows in TABLES.items()} == (
        dict.fromkeys(TABLES, LEVELS)
    )
    assert {source.name[:2] for source in CHAPTERS} - set(TABLES) <= MAY_LACK


@ids
def test_the_goal_is_a_number_of_results_and_stands_as_written(row):
    _, level, wanted, way, _ = row
    name, seed, cannot = re.fullmatch(r"`(\w+)`(?:，`--seed (\d+)`)?( 做不到)?", way).groups()
    assert (ROOT / "configs" / f"{name}.yml").is_file()
    entry, bounds = RESULTS[name], bounds_of(wanted)
    assert {key for key, _, _ in bounds} <= set(results.measured(entry))
    seeds = reached(entry, bounds)
    if cannot:
        assert not any(seeds)
    elif level == "及格":
        assert all(seeds)
    else:
        assert sum(seeds) > len(seeds) / 2
        shown = seed or str(collecting.shipped()[name].seed)  # 照印的命令训练，是哪个种子
        assert dict(zip(entry["seeds"], seeds, strict=True)).get(shown, True)


@ids
def test_the_minutes_are_those_measured(row):
    name = re.search(r"`(\w+)`", row[3]).group(1)
    measured = mean(results.minutes(RESULTS[name]))
    assert measured / FACTOR <= float(row[4]) <= measured * FACTOR


def test_a_goal_without_training_names_exercises_of_its_chapter():
    for chapter, _, wanted, way, minutes in ROWS:
        if way == "–":
            named = re.findall(r"\d+\.\d+", wanted)
            mine = {key for key in EXERCISES if key.split(".")[0] == str(int(chapter))}
            assert named and set(named) <= mine and minutes == "–", wanted
            if "到" in wanted:  # “练习 2.1 到 2.5”就是全部
                assert len(mine) == int(named[1].split(".")[1]), wanted


def test_a_bound_is_read_from_both_sides_and_a_stray_word_is_not():
    assert bounds_of("`fd_lenet` ≤ 12.5，`a/b` 在 0.95 到 1.05") == [
        ("fd_lenet", float("-inf"), 12.5),
        ("a/b", 0.95, 1.05),
    ]
    assert bounds_of("`modes/covered` ≥ 8") == [("modes/covered", 8.0, float("inf"))]
    with pytest.raises(AssertionError):
        bounds_of("`fd_lenet` ≤ 12.5 左右")
