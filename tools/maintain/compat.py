"""在几套版本上真的装一遍、跑一遍测试，结果收进 tests/compat.json，docs/版本.md 的表由它生成。

    python tools/maintain/compat.py list
    python tools/maintain/compat.py run py312                       # 一套；不写名字是全部
    python tools/maintain/compat.py run py312 --tests tests/test_losses.py   # 只跑一部分，结果不收
    python tools/maintain/compat.py write

每一套是一个新的虚拟环境，跑的是最近一次提交的新克隆；
要各个版本的 Python 已经装在机器上（PATH 或 pyenv）。
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import _above  # noqa: F401
import _cli

from paddle_gan.files import write_atomic
from paddle_gan.lab.runner import current_commit

ROOT = Path(__file__).resolve().parents[2]
RESULTS, PAGE = ROOT / "tests" / "compat.json", ROOT / "docs" / "版本.md"
BEGIN, END = "<!-- 版本表：由 tools/maintain/compat.py write 生成 -->", "<!-- 版本表完 -->"
NAMES = {"paddlepaddle": "飞桨", "numpy": "NumPy", "visualdl": "VisualDL"}
OPENCV = ("opencv-python", "opencv-python-headless")


class Cell(NamedTuple):
    """一套版本：Python 与固定的几个包，其余照 requirements-dev.txt。"""

    python: str
    pins: tuple[str, ...]
    opencv: str = "opencv-python"


CELLS = {
    "py311": Cell("3.11", ("paddlepaddle==3.3.1",)),
    "py312": Cell("3.12", ("paddlepaddle==3.3.1", "visualdl==2.5.3"), "opencv-python-headless"),
    "py310": Cell(
        "3.10", ("paddlepaddle==2.6.2", "numpy==1.26.4", "visualdl==2.5.3", "setuptools<81")
    ),
}


def interpreter(version: str) -> str:
    """这个版本的 Python 在哪里；没有就抛出 UserError。"""
    found = shutil.which(f"python{version}")
    if found and runs(found, version):
        return found
    for path in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python")):
        if runs(str(path), version):
            return str(path)
    raise _cli.UserError(f"没有找到 Python {version}：装好它（例如 pyenv install {version}）再来")


def runs(python: str, version: str) -> bool:
    """这个解释器能启动，而且是这个版本。"""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.strip() == version


def requirements(cell: Cell, root: Path = ROOT) -> list[str]:
    """一套版本要装的东西：root 的 requirements-dev.txt 展开，固定的包换掉原来那一行。"""
    files = (root / "requirements.txt", root / "requirements-dev.txt")
    lines = [line for file in files for line in wanted(file)]
    pinned = {re.split(r"[=<>]", pin)[0] for pin in cell.pins}
    kept = [line for line in lines if re.split(r"[=<>]", line)[0] not in {*pinned, *OPENCV}]
    return [*kept, cell.opencv, *cell.pins]


def wanted(file: Path) -> list[str]:
    """一个 requirements 文件里的包；注释和 -r 不算。"""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and line[0] not in "#-"]


def check(name: str, folder: Path, tests: list[str]) -> dict:
    """装一套，在最近一次提交的克隆里跑测试；返回结果。装不上就抛出 UserError。"""
    cell, home, source = CELLS[name], folder / name, folder / f"{name}_source"
    base = interpreter(cell.python)  # 先找到它再清掉上一次的
    for old in (home, source):
        shutil.rmtree(old, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
    tested = current_commit().rstrip("+")  # 还没提交的改动不在克隆里
    subprocess.run([base, "-m", "venv", str(home)], check=True)
    python = str(home / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", *requirements(cell, source)]
    if subprocess.run(install).returncode:
        raise _cli.UserError(f"{name} 装不上；命令是：{' '.join(install)}")
    start = time.monotonic()
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [python, "-m", "pytest", "-m", "", *tests],
        cwd=source,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
    )
    print(done.stdout[-3000:], file=sys.stderr)
    return {
        "python": cell.python,
        "versions": installed(python, cell),
        "passed": done.returncode == 0,
        "minutes": round((time.monotonic() - start) / 60, 1),
        "commit": tested,
    }


def installed(python: str, cell: Cell) -> dict[str, str]:
    """真正装上的版本。"""
    code = "import sys, json; from importlib.metadata import version as v; "
    code += "print(json.dumps({n: v(n) for n in sys.argv[1:]}))"
    done = subprocess.run(
        [python, "-c", code, *NAMES, cell.opencv], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def table(results: dict) -> str:
    """版本表；没有跑过的一套不写。"""
    lines = ["| 飞桨 | Python | NumPy | VisualDL | OpenCV | 全部测试 | 提交 |"]
    lines.append("|---|---|---|---|---|---|---|")
    for name in CELLS:
        if name in results:
            lines.append(row(results[name]))
    return "\n".join(lines)


def row(result: dict) -> str:
    """表的一行。"""
    versions = dict(result["versions"])
    paddle, numpy, visualdl = (versions.pop(name) for name in NAMES)
    [(opencv, number)] = versions.items()
    kind = "（headless）" if opencv.endswith("headless") else ""
    verdict = f"通过（{result['minutes']} 分钟）" if result["passed"] else "没有全过"
    columns = [paddle, result["python"], numpy, visualdl, number + kind, verdict, result["commit"]]
    return f"| {' | '.join(columns)} |"


def read_results() -> dict:
    """已有的结果。"""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def rewritten(results: dict) -> str:
    """版本那一页应有的全文。"""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table(results)}\n{END}{after}"


def run(names: list[str], folder: Path, tests: list[str]) -> int:
    """跑几套；跑的是全部测试才收结果。有一套没过就返回 1。"""
    failed = False
    for name in names or CELLS:
        if name not in CELLS:
            raise _cli.UserError(f"没有 {name} 这一套；有的是：{', '.join(CELLS)}")
        result = check(name, folder, tests)
        failed |= not result["passed"]
        print(f"{name}：{'通过' if result['passed'] else '没有全过'}，{result['minutes']} 分钟")
        if not tests:
            text = json.dumps(read_results() | {name: result}, ensure_ascii=False, indent=1)
            write_atomic(RESULTS, text + "\n")
    return int(failed)


def main() -> int | None:
    parser = _cli.parser(__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    runner = commands.add_parser("run")
    runner.add_argument("cells", nargs="*", metavar="套")
    where = Path(tempfile.gettempdir()) / "paddle_gan_compat"
    runner.add_argument("--folder", type=Path, default=where, help="虚拟环境放在哪里")
    runner.add_argument("--tests", nargs="+", default=[], help="只跑这几个测试文件，结果不收")
    commands.add_parser("write")
    args = parser.parse_args()
    if args.command == "run":
        return run(args.cells, args.folder, args.tests)
    if args.command == "write":
        write_atomic(PAGE, rewritten(read_results()))
        return None
    for name, cell in CELLS.items():
        print(f"{name}  Python {cell.python}  {'  '.join((*cell.pins, cell.opencv))}")
    return None


if __name__ == "__main__":
    _cli.run(main)
