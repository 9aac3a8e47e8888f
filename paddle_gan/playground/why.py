"""为什么：每一种诊断去哪一章的哪一节读；节的文字就从那一章的源文件里取，不另写一份。"""

import re
from pathlib import Path

from paddle_gan.playground.menu import ROOT

SOURCES = ROOT / "tutorials" / "src"
# 诊断 → （章的编号，节的标题怎样开头）
SECTIONS = {
    "模式崩溃": ("03", "3.3"),
    "判别器过强": ("03", "3.4"),
    "判别器过弱": ("01", "1.5"),
    "震荡": ("03", "3.2"),
    "发散": ("07", "7.2"),
    "还没学会": ("03", "3.5"),
    "正常": ("02", "2.5"),
}
USUAL = ("01", "1.4")  # 还不能判断时：算法 1
LONGEST = 2500  # 至多摘多少个字，余下的去那一章读


def place_of(verdict: str) -> tuple[str, str]:
    """一种诊断去哪里读。"""
    return SECTIONS.get(verdict, USUAL)


def chapter(number: str) -> Path:
    """一章的源文件。"""
    return next(SOURCES.glob(f"{number}_*.py"))


def section(number: str, start: str) -> str:
    """一节的文字（Markdown），不要代码；标题以 start 开头。"""
    text, taken, found = chapter(number).read_text(encoding="utf-8"), False, []
    for cell in re.split(r"^# %%", text, flags=re.MULTILINE):
        if not cell.startswith(" [markdown]"):
            continue
        lines = [line.removeprefix("#").removeprefix(" ") for line in cell.splitlines()[1:]]
        for line in lines:
            if line.startswith("## "):
                taken = line.startswith(f"## {start} ")
            if taken:
                found.append(line)
    return "\n".join(found).strip()


def why(verdict: str) -> str:
    """一种诊断的来龙去脉：摘那一节的开头，说全文在哪里。"""
    number, start = place_of(verdict)
    text = re.sub(r" \[§[\d.]+\]", "", section(number, start))
    if len(text) > LONGEST:
        text = text[:LONGEST].rpartition("\n\n")[0] + "\n\n……"
    notebook = f"tutorials/{chapter(number).stem}.ipynb"
    return f"{text}\n\n*摘自 `{notebook}` 的 {start} 节，图与代码在那里。*"
