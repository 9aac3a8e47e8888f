"""版本表：装哪些包、错在哪里说得清、docs/版本.md 的表就是结果文件写出来的。"""

import json
from pathlib import Path

import pytest
from tool_helpers import assert_one_sentence, load_tool, run_tool

compat, aistudio = load_tool("compat"), load_tool("aistudio")
RESULT = {
    "python": "3.10",
    "versions": {
        "paddlepaddle": "2.6.2",
        "numpy": "1.26.4",
        "visualdl": "2.5.3",
        "opencv-python-headless": "4.11.0.86",
    },
    "passed": True,
    "minutes": 9.5,
    "commit": "abc1234",
}


@pytest.mark.parametrize("name", compat.CELLS)
def test_each_cell_installs_every_requirement_once_with_its_pins(name):
    cell = compat.CELLS[name]
    wanted = compat.requirements(cell)
    bare = [compat.re.split(r"[=<>]", line)[0] for line in wanted]
    assert sorted(set(bare)) == sorted(bare)
    assert {*cell.pins, cell.opencv} <= set(wanted)
    assert {"scipy", "pydantic", "pytest", "jupytext"} <= set(bare)
    assert len({"opencv-python", "opencv-python-headless"} & set(bare)) == 1


def test_the_matrix_has_two_paddles_three_pythons_and_both_opencvs():
    pins = {pin for cell in compat.CELLS.values() for pin in cell.pins}
    assert {"paddlepaddle==2.6.2", "paddlepaddle==3.3.1", "numpy==1.26.4"} <= pins
    assert {cell.python for cell in compat.CELLS.values()} == {"3.10", "3.11", "3.12"}
    assert {cell.opencv for cell in compat.CELLS.values()} == set(compat.OPENCV)


def test_a_row_names_what_was_installed_and_whether_all_tests_passed():
    assert compat.row(RESULT) == (
        "| 2.6.2 | 3.10 | 1.26.4 | 2.5.3 | 4.11.0.86（headless） | 通过（9.5 分钟） | abc1234 |"
    )
    assert "没有全过" in compat.row(RESULT | {"passed": False})


def test_the_page_has_the_table_the_results_give():
    text = compat.PAGE.read_text(encoding="utf-8")
    assert text == compat.rewritten(compat.read_results()), "请运行 tools/maintain/compat.py write"


def test_an_unknown_cell_or_a_missing_python_is_one_sentence(capsys, monkeypatch, tmp_path):
    assert_one_sentence(run_tool(capsys, monkeypatch, "compat", "run", "py99"), "py99", "py311")
    monkeypatch.setattr(compat.shutil, "which", lambda name: None)
    monkeypatch.setattr(compat.Path, "home", lambda: tmp_path)
    (tmp_path / "py312").mkdir()
    found = run_tool(capsys, monkeypatch, "compat", "run", "py312", "--folder", tmp_path)
    assert_one_sentence(found, "3.12")
    assert (tmp_path / "py312").is_dir()  # 没有找到 Python，上一次装好的还在


def test_the_rehearsal_of_ai_studio_left_the_platform_alone():
    result = json.loads(aistudio.RESULT.read_text(encoding="utf-8"))
    assert result["platform"] == list(aistudio.PLATFORM) and result["python"] == aistudio.PYTHON
    assert result["platform_untouched"] and not result["paddle_in_user_folder"]
    assert result["user_packages"] > 10
    assert result["inline_cell_shows"] and result["app_answers"]  # 演练场


def test_a_changed_file_shows_in_the_snapshot(tmp_path):
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "a.pyc").write_text("1")
    before = aistudio.snapshot(tmp_path)
    assert [Path(name).name for name in before] == ["a.py"]
    (tmp_path / "b.py").write_text("1")
    assert aistudio.snapshot(tmp_path) != before
    (tmp_path / "b.py").unlink()
    (tmp_path / "a.py").write_text("12")
    assert aistudio.snapshot(tmp_path) != before


def test_a_step_that_fails_is_told_in_one_sentence(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(aistudio, "platform", lambda folder: folder / "conda")
    monkeypatch.setattr(aistudio, "ROOT", tmp_path / "no_repository")
    found = run_tool(capsys, monkeypatch, "aistudio", "run", "--folder", tmp_path / "new")
    assert_one_sentence(found, "git clone", "no_repository")


def test_a_folder_with_something_in_it_is_not_cleared(capsys, monkeypatch, tmp_path):
    (tmp_path / "mine").write_text("1")
    found = run_tool(capsys, monkeypatch, "aistudio", "run", "--folder", tmp_path)
    assert_one_sentence(found, str(tmp_path), "不会清空")
    assert (tmp_path / "mine").read_text() == "1"
