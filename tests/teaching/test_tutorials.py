"""教程的笔记本：没有过期、执行过、读得懂；CI 里把每一章快跑一遍。"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from tool_helpers import load_tool

import paddle_gan
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.teaching import claim
from paddle_gan.teaching.exercises import EXERCISES
from paddle_gan.teaching.lesson import QUICK

ROOT = Path(__file__).resolve().parents[2]
build = load_tool("build_tutorials")

SOURCES = build.sources([])
NOTEBOOKS = {source: build.notebook_of(source) for source in SOURCES}
PUBLIC = {"GAN", "DCGAN", "WGAN", "WGANGP", "CycleGAN", "LSGAN", "PacGAN", "Unrolled", "R1"}
per_chapter = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem[:2])


def cells(source: Path, kind: str) -> list[str]:
    """一章里某一种单元的文字。"""
    return [cell.source for cell in NOTEBOOKS[source].cells if cell.cell_type == kind]


def headings(source: Path) -> list[str]:
    """标题里的锚 §章.节，按次序。"""
    return re.findall(r"^#+ .*\[(§\d+\.\d+)\]", "\n".join(cells(source, "markdown")), re.M)


@per_chapter
def test_the_notebook_is_fresh_executed_and_small(source):
    assert build.problems(source) == []


@per_chapter
def test_the_text_is_the_sources_and_no_line_breaks_between_two_chinese_characters(source):
    kept = nbformat.read(build.target(source), as_version=4)
    text = [cell.source for cell in kept.cells if cell.cell_type == "markdown"]
    assert text == cells(source, "markdown")
    assert [m for m in text if re.search(r"[\u4e00-\u9fff，。；：]\n[\u4e00-\u9fff]", m)] == []


@per_chapter
def test_no_output_shows_where_the_author_keeps_the_repository(source):
    notebook = nbformat.read(build.target(source), as_version=4)
    outputs = [cell.outputs for cell in build.code_cells(notebook)]
    shown = json.dumps(outputs, ensure_ascii=False)
    assert "代码 <仓库> " in shown and re.search(r"\s/[\w/]+/runs", shown) is None


def test_the_checkout_is_hidden_in_both_kinds_of_output():
    stream = {"output_type": "stream", "text": f"{build.ROOT}/runs 与 /tmp"}
    build.hide_checkout(stream)
    assert stream["text"] == "<仓库>/runs 与 /tmp"
    result = {"data": {"text/plain": f"在 {build.ROOT}", "image/png": "x"}}
    build.hide_checkout(result)
    assert result == {"data": {"text/plain": "在 <仓库>", "image/png": "x"}}


def test_only_the_break_between_two_chinese_characters_is_joined():
    joined = build.join_lines("前一行，\n后一行\n\n- 一条\n- 又一条\n$x$\n后面 a\n中")
    assert joined == "前一行，后一行\n\n- 一条\n- 又一条\n$x$\n后面 a\n中"


@per_chapter
def test_the_first_cell_is_the_shared_one_and_no_cell_is_long(source):
    code = cells(source, "code")
    assert code[0] == build.FIRST
    assert [len(c.splitlines()) for c in code if len(c.splitlines()) > 15] == []


@per_chapter
def test_no_cell_defines_what_the_library_has(source):
    defined = {
        node.name
        for cell in cells(source, "code")
        for node in ast.walk(ast.parse(re.sub(r"^[!%].*$", "", cell, flags=re.M)))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    assert defined & PUBLIC == set()


@per_chapter
def test_sections_are_numbered_in_order_and_anchored_once(source):
    chapter = int(source.name[:2])
    numbers = [tuple(map(int, anchor[1:].split("."))) for anchor in headings(source)]
    assert numbers == [(chapter, i + 1) for i in range(len(numbers))]
    assert len(numbers) >= 3


@per_chapter
def test_the_notebook_it_sends_the_reader_to_exists(source):
    named = re.findall(r"`(\d\d_[^`]*\.ipynb)`", "\n".join(cells(source, "markdown")))
    assert [name for name in named if not (build.TUTORIALS / name).is_file()] == []
    assert named or source.stem[:2] == "12"


@per_chapter
def test_the_skeleton_is_complete(source):
    text = "\n".join(cells(source, "markdown"))
    for part in ("学完你能", "CPU 用时", "弄坏它", "小结", "练习", "延伸阅读"):
        assert part in text, part
    asked = set(re.findall(r'check\("(\d+\.\d+)"', "\n".join(cells(source, "code"))))
    mine = {key for key in EXERCISES if int(key.split(".")[0]) == int(source.name[:2])}
    assert asked == mine and mine


@per_chapter
def test_a_question_states_the_precision_its_answer_is_graded_with(source):
    asked = re.split(r"^\*\*(?=\d+\.\d+\*\*)", "\n".join(cells(source, "markdown")), flags=re.M)
    questions = {text.split("**")[0]: " ".join(text.split()) for text in asked[1:]}
    mine = {k: one for k, one in EXERCISES.items() if int(k.split(".")[0]) == int(source.name[:2])}
    assert questions.keys() == mine.keys()
    for key, one in mine.items():
        assert one.precision in questions[key], f"{key} 要写明：{one.precision}"


@per_chapter
def test_a_learner_reads_groups_and_steps_not_arms(source):
    text = "\n".join([*cells(source, "markdown"), *cells(source, "code")])
    assert [word for word in ("臂", "撕", "图/秒") if word in text] == []


def test_the_leaked_gradient_of_the_plain_gan_is_taught_once():
    derived = [source.name[:2] for source in SOURCES if "{p+q}{p+2q}" in source.read_text("utf-8")]
    assert derived == ["01"]


@per_chapter
def test_the_claims_shown_are_those_of_the_ledger(source, capsys):
    for cell in build.code_cells(nbformat.read(build.target(source), as_version=4)):
        if build.is_claim(cell.source):
            shown = claim(re.search(r'"(\w+)"', cell.source).group(1))
            printed = "".join(o.text for o in cell.outputs if o.output_type == "stream")
            assert printed == capsys.readouterr().out, (
                "请运行 tools/maintain/build_tutorials.py --claims"
            )
            data = [o.data for o in cell.outputs if o.output_type == "display_data"]
            folded = [one["text/markdown"] for one in data if "text/markdown" in one]
            assert folded == ([] if shown is None else [shown.details])


def test_every_anchor_in_the_code_is_a_heading_of_its_chapter():
    written = {anchor for source in SOURCES for anchor in headings(source)}
    chapters = {int(source.name[:2]) for source in SOURCES}
    package = Path(paddle_gan.__file__).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    used = {a for a in re.findall(r"\[(§\d+\.\d+)\]", text) if int(a[1:].split(".")[0]) in chapters}
    assert used - written == set()


def test_every_experiment_of_a_written_chapter_is_shown_in_it():
    chapters = {int(source.name[:2]): "\n".join(cells(source, "code")) for source in SOURCES}
    for name, experiment in EXPERIMENTS.items():
        chapter = int(re.match(r"\[§(\d+)\.", experiment.anchor).group(1))
        if chapter in chapters:
            assert f'claim("{name}")' in chapters[chapter], name


@pytest.mark.slow
@per_chapter
def test_the_chapter_runs_from_top_to_bottom_in_quick_form(source, monkeypatch):
    monkeypatch.setenv(QUICK, "20")
    notebook = build.notebook_of(source)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3")
    client.execute(cwd=str(build.TUTORIALS))
    said = [
        o["text"] for c in notebook.cells for o in c.get("outputs", []) if o.get("name") == "stderr"
    ]
    # 步数缩到 20，两段的方法走不到第二段，会说一声；别的都不该说
    assert [text for text in said if not text.startswith("提示：总步数 20 ")] == []


def first_cell(cwd: Path, home: Path, before: str = "") -> subprocess.CompletedProcess:
    """在另一个目录、另一个家目录下运行第一格。"""
    return subprocess.run(
        [sys.executable, "-c", before + build.FIRST],
        cwd=cwd,
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
    )


def test_the_first_cell_finds_the_repository_where_ai_studio_keeps_it(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "paddle-gan").symlink_to(ROOT)
    result = first_cell(tmp_path, tmp_path)
    assert result.returncode == 0, result.stderr
    assert "飞桨" in result.stdout and "设备" in result.stdout


def test_the_first_cell_says_which_dependency_is_missing_and_how_to_get_it(tmp_path):
    result = first_cell(ROOT, tmp_path, "import sys; sys.modules['safetensors'] = None\n")
    assert result.returncode == 1
    assert "还缺 safetensors" in result.stderr and "requirements.txt" in result.stderr
    assert "Traceback" not in result.stderr
