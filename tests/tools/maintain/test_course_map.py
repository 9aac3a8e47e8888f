"""课程地图：表与笔记本、台账一致；有哪些笔记本就写哪些，没有的照实说没有。"""

import json
import re

import nbformat
import pytest
from tool_helpers import load_tool

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.report import LEDGER
from paddle_gan.lab.verdict import UNKNOWN

course_map = load_tool("course_map")
TEXT = course_map.README.read_text(encoding="utf-8")
WRITTEN = course_map.notebooks()


def cells_of(chapter: str, table: str) -> list[str]:
    """一章那一行的各格。"""
    (line,) = [line for line in table.splitlines() if re.match(rf"\| \[?{chapter} ", line)]
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_the_committed_map_has_the_chapters_claims_and_exercises_of_today():
    wanted = course_map.structure(course_map.rewritten())
    assert course_map.structure(TEXT) == wanted, "请运行 python tools/maintain/course_map.py"


def test_every_chapter_is_listed_and_the_missing_ones_say_so():
    table = course_map.table()
    for chapter in course_map.PLAN:
        assert ("还没有写" in cells_of(chapter, table)) == (chapter not in WRITTEN)
    assert set(WRITTEN) <= set(course_map.PLAN)


def test_every_experiment_stands_in_its_chapter_with_the_verdict_of_the_ledger():
    ledger, table = json.loads(LEDGER.read_text(encoding="utf-8")), course_map.table()
    for name, experiment in EXPERIMENTS.items():
        section = experiment.anchor.strip("[]")
        tested = cells_of(f"{int(section[1:].split('.')[0]):02d}", table)[5].split("<br>")
        (mine,) = [text for text in tested if text.startswith(f"{section} {experiment.row} ")]
        verdict = ledger[name]["verdict"] if name in ledger else UNKNOWN
        assert f"：{verdict}" in mine or f"：[{verdict}]" in mine


@pytest.fixture
def small_course(tmp_path):
    """只有第 7 章，而且是一本很小的笔记本。"""
    book = nbformat.v4.new_notebook(metadata={"paddle_gan": {"minutes": 2.34}})
    book.cells = [
        nbformat.v4.new_markdown_cell("# 07 题\n\n## 7.1 四处改动 [§7.1]\n\n## 小结"),
        nbformat.v4.new_code_cell('from paddle_gan.methods import GAN\ntrain("wgan_ring")'),
        nbformat.v4.new_markdown_cell("`python tools/train.py -c configs/wgan_gp_ring.yml`"),
    ]
    nbformat.write(book, tmp_path / "07_小.ipynb")
    return tmp_path


def test_a_row_is_read_from_the_notebook(small_course):
    cells = cells_of("07", course_map.table(small_course))
    assert cells[0] == "[07 WGAN 与 WGAN-GP](07_小.ipynb)"
    assert cells[2] == "7.1 四处改动"
    assert cells[3] == "`gan`<br>`wgan`<br>`wgan_gp`"
    assert "wgan_ring" in cells[4] and "wgan_gp_ring" in cells[4]
    assert cells[-1] == "2.3"


def test_only_the_minutes_may_differ(small_course):
    before = course_map.table(small_course)
    faster = before.replace("| 2.3 |", "| 1.9 |")
    assert faster != before
    assert course_map.structure(faster) == course_map.structure(before)
    renamed = before.replace("四处改动", "三处改动")
    assert course_map.structure(renamed) != course_map.structure(before)


def test_the_links_of_the_map_exist():
    text = TEXT.split(course_map.BEGIN)[1].split(course_map.END)[0]
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (course_map.TUTORIALS / target).exists(), target
