"""各章的“一段历史”与讲义背后的公开课：说到年份的段落都有出处，引了讲义的章都有链接。"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = {path.name[:2]: path for path in (ROOT / "tutorials/src").glob("[0-9][0-9]_*.py")}
MAY_LACK: set[str] = set()  # 可以还没有写的章
SOURCE = re.compile(r"arXiv:\d{4}\.\d{4,5}|<https://|\d+ 卷|\*[^*]{12,}\*|AISTATS|SIGGRAPH")
COURSES = {  # 讲义 → 背后公开课的地址，至少有其中一个
    "001": ("speech.ee.ntu.edu.tw/~hylee/ml/2021-spring.php", "youtube.com/watch?v="),
    "003": ("youtube.com/watch?v=oE6Xe5Cyy7Y", "youtube.com/watch?v=ZBY1shLnhUk"),
}
WRITTEN = [key for key, path in CHAPTERS.items() if "# ## 一段历史" in path.read_text("utf-8")]
each_chapter = pytest.mark.parametrize("chapter", sorted(WRITTEN))


def text_of(chapter: str) -> str:
    """一章的文字，去掉行首的井号。"""
    return re.sub(r"^# ?", "", CHAPTERS[chapter].read_text(encoding="utf-8"), flags=re.M)


def section(text: str, title: str) -> str:
    """一节的文字，到下一格或下一节为止。"""
    assert text.count(f"\n## {title}\n") == 1, title
    return re.split(r"\n(?=%%|## )", text.split(f"\n## {title}\n")[1])[0]


def test_the_chapters_without_a_history_are_only_the_newest():
    assert CHAPTERS.keys() - set(WRITTEN) <= MAY_LACK


@each_chapter
def test_every_paragraph_of_history_that_names_a_year_names_its_source(chapter):
    paragraphs = section(text_of(chapter), "一段历史").strip().split("\n\n")
    dated = [one for one in paragraphs if re.search(r"\d{4}\s年|\d{4}\n年", one)]
    assert len(dated) >= 2 and [one for one in dated if not SOURCE.search(one)] == []
    assert len("".join(paragraphs)) <= 1_100  # 一段，不是一节


@each_chapter
def test_a_chapter_that_quotes_a_note_links_the_course_behind_it(chapter):
    text = text_of(chapter)
    quoted = set(re.findall(r"——[^\n]*?\b(001|003)\b", text))
    reading = section(text, "延伸阅读")
    for note in quoted:
        assert any(address in reading for address in COURSES[note]), note
