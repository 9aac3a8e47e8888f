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


SEEDS = [folder for p in course_map.ROOT.parents if (folder := p / "shared/seeds").is_dir()]
HEADINGS = course_map.HEADINGS


def headings_of(text: str) -> list[str]:
    """一份讲义的标题，按次序；代码块里的井号不算。"""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return [found.strip() for found in re.findall(r"^#{1,6} +(.+)$", text, re.M)]


@pytest.mark.skipif(not SEEDS, reason="旁边没有讲义；下面的测试用抄下来的标题")
def test_the_copied_headings_are_all_those_of_the_notes():
    notes = {path.name[:3]: path for path in SEEDS[0].glob("00[0-9]_*.txt")}
    found = {note: headings_of(path.read_text("utf-8")) for note, path in notes.items()}
    assert found == {note: [heading for heading, _ in rows] for note, rows in HEADINGS.items()}
    assert HEADINGS.keys() == course_map.NOTES.keys()


def test_every_heading_of_the_notes_leads_from_the_map_to_a_chapter():
    text = TEXT.split(course_map.NOTES_BEGIN)[1].split(course_map.NOTES_END)[0]
    rows = {tuple(line.split(" | ")[:2]): line for line in text.splitlines() if line[:2] == "| "}
    for note, headings in HEADINGS.items():
        for heading, places in headings:
            line = rows[f"| {note} {course_map.NOTES[note]}", heading]
            for chapter, _ in places:
                there = f"[{chapter}]({WRITTEN[chapter].name})" if chapter in WRITTEN else chapter
                assert f" {there} " in line.replace("<br>", " "), (heading, chapter)
    assert sum(len(headings) for headings in HEADINGS.values()) == 54


def test_a_section_that_is_not_in_the_chapter_is_named(small_course):
    books = course_map.notebooks(small_course)
    titles = {"07": ["7.1 四处改动", "小结"]}
    assert course_map.where(("07", "7.1"), books, titles) == "[07](07_小.ipynb) 7.1 四处改动"
    assert course_map.where(("07", ""), books, titles) == "[07](07_小.ipynb) 整章"
    assert course_map.where(("13", ""), books, titles).endswith("（还没有写）")
    for start in ("7.2", "7", "四处改动"):
        with pytest.raises(course_map._cli.UserError, match="第 07 章没有"):
            course_map.where(("07", start), books, titles)


def test_the_links_of_the_map_exist():
    text = TEXT.split(course_map.BEGIN)[1].split(course_map.NOTES_END)[0]
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (course_map.TUTORIALS / target).exists(), target
