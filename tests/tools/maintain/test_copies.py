"""学生本与教师本：学生本里看不到答案，教师本里的答案真的打勾。"""

import nbformat
import pytest
from tool_helpers import load_tool, run_tool

from paddle_gan.teaching import check
from paddle_gan.teaching.exercises import EXERCISES

build, copies = load_tool("build_tutorials"), load_tool("copies")
BOOKS = {
    source.name[:2]: nbformat.read(build.target(source), as_version=4)
    for source in build.sources([])
    if build.target(source).is_file()
}
each_book = pytest.mark.parametrize("chapter", BOOKS)


def asked(notebook) -> dict[str, int]:
    """题号 → 那一格是第几格。"""
    cells = enumerate(notebook.cells)
    found = {i: copies.ASKED.search(c.source) for i, c in cells if c.cell_type == "code"}
    return {match.group(1): i for i, match in found.items() if match}


@each_book
def test_the_student_s_copy_keeps_every_question_and_line_of_code_and_shows_no_output(chapter):
    book, made = BOOKS[chapter], copies.student_copy(BOOKS[chapter])
    nbformat.validate(made)
    assert [c.source for c in build.code_cells(made)] == [c.source for c in build.code_cells(book)]
    assert all(c.outputs == [] and c.execution_count is None for c in build.code_cells(made))
    assert len(made.cells) == len(book.cells) and asked(made) == asked(book)
    text = "\n".join(c.source for c in made.cells if c.cell_type == "markdown")
    goals = [c.source for c in made.cells if c.source.startswith("## 目标\n")]
    assert "提示：" not in text
    assert all("做法" not in goal and "- **" not in goal and "| 优秀 | " in goal for goal in goals)
    assert any(c.outputs for c in build.code_cells(book))  # 原来的那本没有动


@each_book
def test_the_teacher_s_copy_has_every_answer_and_it_passes(chapter, capsys):
    made = copies.teacher_copy(BOOKS[chapter])
    nbformat.validate(made)
    places = asked(made)
    assert places.keys() == asked(BOOKS[chapter]).keys()
    for key, place in places.items():
        cell, note = made.cells[place], made.cells[place + 1]
        exec(cell.source, {"check": check})
        assert cell.outputs[0].text == capsys.readouterr().out
        assert cell.outputs[0].text.startswith(f"✓ 练习 {key}：对了。")
        one = EXERCISES[key]
        assert f"**{key} 的答案**" in note.source and one.why in note.source
        assert all(mistake.hint in note.source for mistake in one.mistakes)
    assert len(made.cells) == len(BOOKS[chapter].cells) + len(places)


def test_a_hint_is_taken_out_and_the_rest_of_the_question_stays():
    text = "**1.1** 是多少？（保留两位小数。提示：$a\\ge b$。）再查哪里？"
    assert copies.without_hints(text) == "**1.1** 是多少？（保留两位小数。）再查哪里？"


def test_the_goals_lose_their_ways_and_hints_but_not_their_bounds():
    text = "## 目标\n\n像作业。“做法”是我们的：先想。界松。\n\n| 等级 | 要达到 | 做法 | 分钟 |\n"
    text += "|---|---|---|--:|\n| 及格 | `a` ≤ 3 | `b` | 2.6 |\n| 优秀 | `a` ≤ 1 | `b` 做不到 | 4 |"
    assert copies.without_hints(f"{text}\n\n- **及格** 照 b 做。\n再说。").splitlines()[2:] == [
        "像作业。界松。",
        "",
        "| 等级 | 要达到 | 分钟 |",
        "| --- | --- | --: |",
        "| 及格 | `a` ≤ 3 | 2.6 |",
        "| 优秀 | `a` ≤ 1（这一章的配置还没有做到） | 4 |",
    ]


def test_an_answer_that_is_a_function_is_shown_with_what_it_takes_from_outside():
    assert copies.source_of(EXERCISES["7.1"].answer).startswith("lambda norms: ")
    mended = copies.source_of(EXERCISES["1.6"].answer)
    assert "# clear 是 '前'" in mended and "# detach 是 cut" in mended
    assert "loss.backward()" in mended


def test_the_tool_writes_a_copy_and_refuses_one_that_would_pass_for_a_chapter(
    capsys, monkeypatch, tmp_path
):
    out = tmp_path / "学生_07.ipynb"
    arguments = ("--copy", "student", "--out")
    done = run_tool(capsys, monkeypatch, "build_tutorials", "07", *arguments, out)
    assert done.code == 0 and f"写好 {out}" in done.out
    assert nbformat.read(out, as_version=4).metadata["paddle_gan"] == {"copy": "student"}
    inside = build.TUTORIALS / "07_学生.ipynb"
    refused = run_tool(capsys, monkeypatch, "build_tutorials", "07", *arguments, inside)
    assert refused.code != 0 and "会被当成一章" in refused.err and not inside.exists()
    many = run_tool(capsys, monkeypatch, "build_tutorials", "07", "09", *arguments, out)
    assert many.code != 0 and "一次做一章" in many.err
