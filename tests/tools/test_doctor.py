"""tools/doctor.py：一页结果，不好的有办法，没有私人的东西；缺包时也说得出缺什么。"""

import os
import platform
import re
import subprocess
import sys

import pytest
from tool_helpers import ROOT, assert_one_sentence, load_tool, run_tool

from paddle_gan.errors import UserError
from paddle_gan.run.health import Finding

TITLES = ["版本", "机器", "线程与数学库", "飞桨自检", "图像格式", "中文字体", "VisualDL", "磁盘"]


@pytest.fixture
def doctor():
    return load_tool("doctor")


@pytest.fixture
def sections(doctor, monkeypatch):
    """换上几个很快的小节。"""

    def replace(*found):
        monkeypatch.setattr(doctor, "sections", lambda quick: [*found])

    return replace


def examine(capsys, monkeypatch, *arguments):
    return run_tool(capsys, monkeypatch, "doctor", *arguments)


def test_a_page_has_a_mark_for_each_finding_and_a_way_out_for_each_fault(
    sections, tmp_path, capsys, monkeypatch
):
    sections(
        ("机器", lambda: [Finding("好的")]),
        ("磁盘", lambda: [Finding("也好"), Finding("满了\n还有一行", "腾一些")]),
    )
    page = "【机器】\n✓ 好的\n【磁盘】\n✓ 也好\n✗ 满了\\n还有一行\n  → 腾一些\n"
    page += "1 处要看一看，办法在 → 后面\n"
    result = examine(capsys, monkeypatch, "--out", tmp_path / "新/a.txt")
    assert result.code == 0 and result.out.startswith(page)
    assert (tmp_path / "新/a.txt").read_text(encoding="utf-8") == page
    assert_one_sentence(examine(capsys, monkeypatch, "--out", tmp_path / "新/a.txt"), "--force")
    assert examine(capsys, monkeypatch, "--out", tmp_path / "新/a.txt", "--force").code == 0
    sections(("机器", lambda: [Finding("好的")]))
    assert examine(capsys, monkeypatch).out.splitlines()[-1] == "都好"
    assert_one_sentence(examine(capsys, monkeypatch, "--fast"), "--fast")


def test_the_home_the_host_and_the_user_are_not_shown(sections, capsys, monkeypatch):
    monkeypatch.setenv("HOME", "/家/小明")
    monkeypatch.setenv("USERPROFILE", "/家/小明")
    monkeypatch.setenv("LOGNAME", "xiaoming")
    monkeypatch.setattr("platform.node", lambda: "my-laptop")
    text = "在 /家/小明/gan、/data/xiaoming/runs、my-laptop 上，xiaoming2 与 my-laptops 不变"
    sections(("磁盘", lambda: [Finding(text, "看 /家/小明/x")]))
    out = examine(capsys, monkeypatch).out
    assert "✗ 在 ~/gan、/data/<用户>/runs、<主机> 上，xiaoming2 与 my-laptops 不变" in out
    assert "→ 看 ~/x" in out
    monkeypatch.setenv("HOME", "/")
    monkeypatch.setenv("USERPROFILE", "/")
    assert load_tool("_packages").private("在 /a/b") == "在 /a/b"  # 家目录是 / 时不乱换


def test_the_sections_keep_their_order_and_quick_leaves_the_speed_out(doctor):
    assert [title for title, _ in doctor.sections(quick=True)] == TITLES
    assert [title for title, _ in doctor.sections(quick=False)] == [*TITLES, "速度"]
    for name in doctor.TIMED:  # 与这一行注释里的分钟比
        text = (ROOT / f"configs/{name}.yml").read_text(encoding="utf-8")
        assert len(doctor.MINUTES.findall(text)) == 1


def test_the_font_really_draws(doctor, monkeypatch):
    (found,) = doctor.font()
    assert not found.advice
    same = doctor.caption
    monkeypatch.setattr(doctor, "caption", lambda image, text: same(image, "口"))  # 都画成方框
    assert doctor.font()[0].advice
    monkeypatch.setattr(doctor, "caption", lambda image, text: same(image, ""))
    assert doctor.font()[0].advice


def test_a_board_that_does_not_open_is_a_finding_not_an_end(doctor, monkeypatch):
    def refuse():
        raise UserError("导入 visualdl 失败")

    monkeypatch.setattr(doctor.dashboard, "try_out", refuse)
    (found,) = doctor.board()
    assert "导入 visualdl 失败" in found.text and "tools/report.py" in found.advice


def test_a_port_without_an_answer_is_one_sentence(doctor):
    port = doctor.dashboard.free_port()
    with pytest.raises(UserError, match="没有回答（ConnectionRefusedError）"):
        doctor.dashboard.read_back(port, "/app/api/runs")


def test_every_requirement_is_listed_and_an_old_or_broken_one_is_named(monkeypatch):
    packages = load_tool("_packages")
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z][\w-]*)", text, re.MULTILINE)
    assert [name for name, _ in packages.required()] == names and ("pydantic", "2") in (
        packages.required()
    )
    assert packages.older("1.10.2", "2") and packages.older("2.9", "2.10")
    assert not packages.older("2.14.4", "2") and not packages.older("10.0", "9")
    assert not packages.older("版本不明", "2") and not packages.older("1.0", "")
    found, complete = packages.check()
    assert complete and not [advice for _, advice in found if advice]
    assert found[0][0].startswith("numpy ") and "paddle " in found[-1][0]

    faults = {"tqdm": "No module named 'tqdm'", "visualdl": "坏了"}
    monkeypatch.setattr(packages, "fault_of", lambda module: faults.get(module, ""))
    found, complete = packages.check()
    assert not complete
    assert [text for text, advice in found if advice] == [
        "visualdl 用不了：坏了",
        "tqdm 用不了：No module named 'tqdm'",
    ]
    del faults["tqdm"]
    assert packages.check()[1]  # 只缺 visualdl，别的照样检查


def test_two_paddles_over_each_other_are_pointed_out(monkeypatch):
    packages = load_tool("_packages")
    monkeypatch.setattr(packages, "version_of", lambda name: "3.3.1")
    text, advice = packages.paddle_entry()
    assert "互相覆盖" in text and advice.endswith("paddlepaddle paddlepaddle-gpu")
    monkeypatch.setattr(packages, "version_of", lambda name: "3.3.1" if "gpu" not in name else "")
    assert packages.paddle_entry()[1] == ""


@pytest.mark.slow
def test_a_missing_package_is_said_without_a_traceback(tmp_path):
    (tmp_path / "filelock.py").write_text("raise ImportError('没有 filelock')", encoding="utf-8")
    result = subprocess.run(
        [sys.executable, str(ROOT / "tools/doctor.py")],
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0 and "Traceback" not in result.stderr
    assert "✗ filelock 用不了：没有 filelock\n  → 重新安装：pip install" in result.stdout
    assert "再运行一次" in result.stdout.splitlines()[-1]


@pytest.mark.slow
def test_the_whole_page_on_this_machine(tmp_path):
    result = subprocess.run(
        [sys.executable, str(ROOT / "tools/doctor.py"), "--quick", "--out", "a.txt"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert result.returncode == 0 and result.stderr == ""
    page = (tmp_path / "a.txt").read_text(encoding="utf-8")
    assert re.findall(r"^【(.*)】$", page, re.MULTILINE) == TITLES
    for good in (
        *("paddle.utils.run_check() 通过", "读得了 PNG、JPEG、WebP、GIF、TIFF、16 位 PNG"),
        *("中文字体画得出字", "VisualDL 在 127.0.0.1 上开起来了"),
    ):
        assert f"✓ {good}" in page or f"✓ 随包的{good}" in page
    assert platform.node() not in page and str(ROOT) not in page
