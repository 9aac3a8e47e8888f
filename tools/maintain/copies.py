"""由一章的笔记本做两种本子：学生本（拿掉会泄底的），教师本（补上答案与怎样判）。

学生本：没有任何输出，题里的“提示”拿掉，目标的表只剩界与分钟。题与代码一字不动，check 照常判。
教师本：输出都在；每道题填上答案，下面写明为什么、怎样判、典型的错各得到哪一句话。
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from copy import deepcopy

import nbformat

from paddle_gan.teaching.exercise import Exercise, grade, outputs
from paddle_gan.teaching.exercises import EXERCISES

ASKED = re.compile(r'check\("(\d+\.\d+)"')
LEVELS = ("及格", "良好", "优秀")


def student_copy(notebook):
    """学生本。"""
    made = deepcopy(notebook)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = without_hints(cell.source)
    made.metadata["paddle_gan"] = {"copy": "student"}
    return made


def without_hints(text: str) -> str:
    """拿掉题里的“提示：……”，和目标一节的做法与提示。"""
    text = re.sub(r"提示：[^。）]*。?(?=）)", "", text)
    if not text.startswith("## 目标\n"):
        return text
    text = re.sub(r"“做法”[^。]*。", "", text)
    lines = text.split(f"\n- **{LEVELS[0]}**")[0].rstrip().split("\n")
    return "\n".join(without_way(line) if line.startswith("|") else line for line in lines)


def without_way(row: str) -> str:
    """目标的一行去掉“做法”；做不到的留一句，免得学生以为有现成的。"""
    level, wanted, way, minutes = (cell.strip() for cell in row.strip("|").split("|"))
    if "做不到" in way:
        wanted += "（这一章的配置还没有做到）"
    return f"| {level} | {wanted} | {minutes} |"


def teacher_copy(notebook):
    """教师本。"""
    made, cells = deepcopy(notebook), []
    for cell in made.cells:
        cells.append(cell)
        asked = ASKED.search(cell.source) if cell.cell_type == "code" else None
        if asked:
            exercise, given = EXERCISES[asked.group(1)], cell.source
            cell.source = answered(exercise)
            said = f"✓ 练习 {exercise.key}：{grade(exercise, exercise.answer)[1]}\n"
            cell.outputs = [nbformat.v4.new_output("stream", text=said)]
            note = nbformat.v4.new_markdown_cell(explained(exercise, given))
            note.id = f"{cell.id}-answer"
            cells.append(note)
    made.cells = cells
    made.metadata["paddle_gan"] = {"copy": "teacher"}
    return made


def answered(exercise: Exercise) -> str:
    """填好答案的一格；函数从题库里拿。"""
    if callable(exercise.answer):
        known = "from paddle_gan.teaching.exercises import EXERCISES\n\n"
        return f'{known}check("{exercise.key}", EXERCISES["{exercise.key}"].answer)'
    return f'answer = {plain(exercise.answer)!r}\ncheck("{exercise.key}", answer)'


def plain(answer: object) -> object:
    """NumPy 的数换成 Python 的，写出来才干净。"""
    return answer.item() if hasattr(answer, "item") else answer


def explained(exercise: Exercise, given: str) -> str:
    """一道题给老师看的说明；given 是学生本里的那一格，有要改的代码就抄下来。"""
    lines = [f"**{exercise.key} 的答案** {shown(exercise)}", "", f"**为什么** {exercise.why}", ""]
    if "def " in given:
        lines[:0] = ["**题里给的代码**", "", f"```python\n{given}\n```", ""]
    lines += [f"**怎样判** {graded(exercise)}", "", "**典型的错，和学生会看到的话**", ""]
    for mistake in exercise.mistakes:
        wrong = "" if callable(mistake.answer) else f"`{short(mistake.answer)}`："
        lines.append(f"- {wrong}{mistake.hint}")
    return "\n".join(lines)


def shown(exercise: Exercise) -> str:
    """答案：数照题里的精度，选项是字母，函数给源码。"""
    if callable(exercise.answer):
        return f"\n\n```python\n{source_of(exercise.answer)}\n```"
    if isinstance(exercise.answer, float) and exercise.decimals is not None:
        return f"{exercise.answer:.{exercise.decimals}f}"
    return short(exercise.answer)


def short(answer: object) -> str:
    """一个答案写成短短的一段。"""
    return f"{plain(answer):.6g}" if isinstance(answer, float) else str(plain(answer))


def graded(exercise: Exercise) -> str:
    """一道题怎样判。"""
    if isinstance(exercise.answer, str):
        return "选项要相同，大小写、全角、带不带括号都认。"
    if not callable(exercise.answer):
        return f"一个数，要{exercise.precision}。"
    found = ", ".join(f"{value:.6g}" for value in outputs(exercise, exercise.answer)[:8])
    looked = "量它做了什么" if exercise.measure else "看它的返回值"
    return (
        f"在 {len(exercise.inputs)} 组学生看不到的输入上{looked}，相对误差不超过 "
        f"{exercise.tolerance:g}；对的是 {found}（至多列八个）。"
    )


def source_of(function: Callable) -> str:
    """一个函数的源码，连同它从外面拿的东西；写成 lambda 的只取那一段。"""
    if function.__name__ != "<lambda>":
        outside = inspect.getclosurevars(function).nonlocals.items()
        notes = [
            f"# {name} 是 {getattr(value, '__name__', repr(value))}" for name, value in outside
        ]
        return "\n".join([*notes, textwrap.dedent(inspect.getsource(function)).rstrip()])
    text = inspect.getsource(inspect.getmodule(function))
    line = function.__code__.co_firstlineno
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Lambda))
    return ast.get_source_segment(text, next(node for node in nodes if node.lineno == line))


COPIES = {"student": student_copy, "teacher": teacher_copy}
