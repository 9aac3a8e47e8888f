"""给读者看的命令：从文档、笔记本与 --help 里收齐。

收的是：```bash 块里的每一行（`\\` 续行接好，行尾的注释去掉）、行内代码里的整条命令、tools/*.py 的
文档字符串（--help 印出来的）里的命令。笔记本的代码格里以 ! 开头的不收：整本执行的测试已经运行它们。
"""

import ast
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^ *```bash\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
START = r"!?(?:python|pip|pytest|nohup|tensorboard|jupyter)"
INLINE = re.compile(rf"`({START} [^`\n]+)`")
HELP = re.compile(r"python (?:tools/|-m )[^，。；：（）\n]+")
COMMENT = re.compile(r"\s+#\s.*$")


def of_markdown(text: str) -> list[str]:
    """一段 Markdown 里的命令，按次序。"""
    blocks = BLOCK.findall(text)
    lines = [line for block in blocks for line in block.replace("\\\n", "").splitlines()]
    found = [COMMENT.sub("", line) for line in lines] + INLINE.findall(BLOCK.sub("", text))
    return [" ".join(line.split()) for line in found if line.strip()]


def of_help(text: str) -> list[str]:
    """一个工具的文档字符串里的命令。"""
    doc = ast.get_docstring(ast.parse(text)) or ""
    return [" ".join(COMMENT.sub("", found).split()) for found in HELP.findall(doc)]


def markdown_of(page: Path) -> str:
    """一页的 Markdown；笔记本是它的文字格。"""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def pages() -> list[Path]:
    """给读者看的页：README、docs、教程。"""
    tutorials = [*(ROOT / "tutorials").glob("*.md"), *(ROOT / "tutorials").glob("*.ipynb")]
    return [*ROOT.glob("README*.md"), *sorted((ROOT / "docs").glob("*.md")), *sorted(tutorials)]


def collected() -> dict[str, str]:
    """{命令: 头一次出现在哪个文件}。"""
    found: dict[str, str] = {}
    for page in pages():
        for command in of_markdown(markdown_of(page)):
            found.setdefault(command, page.relative_to(ROOT).as_posix())
    for tool in sorted((ROOT / "tools").glob("*.py")):
        for command in of_help(tool.read_text(encoding="utf-8")):
            found.setdefault(command, tool.relative_to(ROOT).as_posix())
    return found
