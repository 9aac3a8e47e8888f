"""两张总表给人看的：均值在前、单位是分钟、箭头朝哪边，课程地图的列与次序。"""

import re
from types import SimpleNamespace

import pytest
from tool_helpers import load_tool

from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.teaching.exercises import EXERCISES

results, course_map = load_tool("results"), load_tool("course_map")


def entry(
    values: list[float], seconds: list[float], key: str = "fd_lenet", threads: tuple = (2, 2, 2)
) -> dict:
    rows = enumerate(zip(values, seconds, threads))
    seeds = {str(i): {"metrics": {key: v}, "seconds": s, "threads": t} for i, (v, s, t) in rows}
    return {"digest": "now", "seeds": seeds}


def test_the_mean_stands_before_the_spread_and_the_slowest_seed_is_promised():
    found = entry([10.0, 20.0, 60.0], [60.0, 120.0, 300.0])
    assert results.spread([10.0, 20.0, 60.0]) == "30 ± 26"
    assert results.minutes(found) == [1.0, 2.0, 5.0]
    line = results.first_line("# 学什么 · CPU 用时：9 分钟 · 期望值：旧的", found)
    assert line == "# 学什么 · CPU 用时：5.0 分钟 · 期望值：FD-LeNet 30 ± 26（3 个种子）"


def test_only_the_seeds_on_all_cores_are_timed_but_every_seed_is_scored():
    found = entry([10.0, 20.0, 60.0], [60.0, 120.0, 300.0], threads=(2, 1, 1))
    assert results.minutes(found) == [1.0]
    line = results.first_line("# 学什么 · CPU 用时：9 分钟 · 期望值：旧的", found)
    assert line == "# 学什么 · CPU 用时：1.0 分钟 · 期望值：FD-LeNet 30 ± 26（3 个种子）"


def test_seeds_trained_on_a_busy_machine_are_scored_but_not_timed():
    found = entry([10.0, 20.0, 60.0], [None, 120.0, 300.0], threads=(2, 1, 1))
    assert results.minutes(found) == [2.0, 5.0]
    found = entry([10.0, 20.0, 60.0], [None, None, None])
    assert results.minutes(found) == [] and results.spread([]) == "–"
    line = results.first_line("# 学什么 · CPU 用时：9 分钟 · 期望值：旧的", found)
    assert line == "# 学什么 · CPU 用时：未测 · 期望值：FD-LeNet 30 ± 26（3 个种子）"


def test_a_time_measured_apart_replaces_the_times_of_the_seeds():
    found = entry([10.0, 20.0, 60.0], [None, 120.0, 300.0]) | {"timed": {"seconds": 90.0}}
    assert results.minutes(found) == [1.5]


@pytest.mark.parametrize("key", results.ONE)
def test_the_arrow_of_the_one_number_goes_where_it_is_better(key):
    config = SimpleNamespace(method="gan")
    row = results.short_row("没有图", config, entry([2.0], [60.0], key))
    arrow = {"lower": "↓", "higher": "↑"}[GLOSSARY[key].better]
    assert f"{GLOSSARY[key].name} {arrow} 2 | 1.0 |" in row


def test_the_config_that_stands_for_a_method_comes_first_by_name():
    assert results.representative("gan", ["b", "a", "c"]) == "a"
    assert results.representative("gan", ["gan_grid", "gan_ring"]) == "gan_ring"
    assert results.representative("gan", ["a", "gan_digits", "gan"]) == "gan"


def test_the_experiments_of_a_chapter_go_from_section_to_section():
    for chapter in course_map.PLAN:
        found = course_map.experiments(chapter, {})
        sections = [tuple(map(int, re.match(r"§([\d.]+)", text)[1].split("."))) for text in found]
        assert sections == sorted(sections)
        assert all(first == int(chapter) for first, *_ in sections)


def test_each_column_of_the_map_holds_what_its_head_says():
    head = [cell.strip() for cell in course_map.HEAD.strip("|").split("|")]
    for chapter, path in course_map.notebooks().items():
        line = course_map.row(chapter, path, {})
        cells = dict(zip(head, (cell.strip() for cell in line.strip("|").split(" | "))))
        for method in cells["方法"].split("<br>"):
            assert re.fullmatch(r"`\w+`|–", method), method
        for config in cells["配置"].split("<br>"):
            assert re.fullmatch(r"\[(\w+)\]\(\.\./configs/\1\.yml\)|–", config), config
        mine = [key for key in EXERCISES if int(key.split(".")[0]) == int(chapter)]
        assert cells["练习"] == (str(len(mine)) if mine else "–")
        assert all(re.match(rf"{int(chapter)}\.\d+ ", one) for one in cells["节"].split("<br>"))
