"""由 tutorials/src/NN_题.py 生成并执行 tutorials/NN_题.ipynb，输出一起存下。

    python tools/maintain/build_tutorials.py              # 全部章
    python tools/maintain/build_tutorials.py 03 07        # 这两章
    python tools/maintain/build_tutorials.py --text 03    # 只改了文字：换掉文字，代码的输出照旧
    python tools/maintain/build_tutorials.py --claims     # 台账变了：只重跑 claim("…") 的格
    python tools/maintain/build_tutorials.py --check      # 不执行，只看有没有过期、没执行或太大的
    python tools/maintain/build_tutorials.py 09 --copy student --out 学生_09.ipynb

最后一条做学生本，teacher 是教师本（见 copies.py）。

源文件是 jupytext 的 percent 格式。要 requirements-dev.txt 里的 jupytext、nbclient 与 ipykernel。
"""

import hashlib
import re
import resource
import time
from copy import deepcopy
from pathlib import Path

import _above  # noqa: F401
import _cli
import jupytext
import nbformat
from copies import COPIES
from nbclient import NotebookClient

from paddle_gan.files import write_atomic

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = ROOT / "tutorials"
SOURCES = TUTORIALS / "src"
LIMIT = 2_500_000  # 一本笔记本的上限，字节；最大的是第 11 章，图多
TIMEOUT = 600  # 秒；一格的上限
FIRST = """# 第一格：找到工具箱。从仓库里直接用，不安装，也不动已经装好的飞桨
import sys
from pathlib import Path

places = [Path.cwd(), *Path.cwd().parents, *Path.home().glob("*"), *Path.home().glob("work/*")]
HOME = next(p for p in places if (p / "paddle_gan" / "__init__.py").is_file())
sys.path.insert(0, str(HOME))
try:
    from paddle_gan.teaching import *
except ModuleNotFoundError as e:
    hint = f"还缺 {e.name}：运行 !pip install -r {HOME}/requirements.txt，再重启内核"
    raise SystemExit(hint) from e
environment()"""


def sources(chapters: list[str]) -> list[Path]:
    """要做的源文件；不写章号是全部。"""
    found = sorted(SOURCES.glob("[0-9][0-9]_*.py"))
    known = {path.name[:2]: path for path in found}
    for chapter in chapters:
        if chapter not in known:
            raise _cli.UserError(f"没有第 {chapter} 章；有的是：{', '.join(known)}")
    return [known[chapter] for chapter in chapters] or found


def target(source: Path) -> Path:
    """生成的笔记本。"""
    return TUTORIALS / f"{source.stem}.ipynb"


def digest(source: Path) -> str:
    """源文件的指纹，记在笔记本里，用来发现过期。"""
    return hashlib.sha256(source.read_bytes()).hexdigest()


def join_lines(text: str) -> str:
    """源文件按宽度折行；两个汉字之间的折行显示出来是一个空格，所以接回去。"""
    chinese = "\u3001-\u303f\u4e00-\u9fff\uff00-\uffef“”‘’…—"
    return re.sub(f"(?<=[{chinese}])\n(?=[{chinese}])", "", text)


def notebook_of(source: Path):
    """还没有执行的笔记本；单元的编号由次序决定，重做时不无故变化。"""
    made = jupytext.read(source)
    made.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for index, cell in enumerate(made.cells):
        cell.id, cell.metadata = f"cell-{index:02d}", {}
        if cell.cell_type == "markdown":
            cell.source = join_lines(cell.source)
    made.nbformat, made.nbformat_minor = 4, 5
    return made


def run(notebook) -> None:
    """从 tutorials/ 执行一遍；任何一格出错、往 stderr 写字都不行。"""
    options = {"record_timing": False, "coalesce_streams": True}
    client = NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3", **options)
    client.execute(cwd=str(TUTORIALS))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise _cli.UserError(f"{cell.id} 往 stderr 写了：{output['text']}")
            hide_checkout(output)


def hide_checkout(output) -> None:
    """输出里本机的检出目录写成“<仓库>”：读者的目录不叫这个名字。"""
    if "text" in output:
        output["text"] = output["text"].replace(str(ROOT), "<仓库>")
    if "text/plain" in output.get("data", {}):
        output["data"]["text/plain"] = output["data"]["text/plain"].replace(str(ROOT), "<仓库>")


def kernel_seconds() -> float:
    """结束了的子进程（笔记本的内核与它开的命令）一共用了几秒处理器。"""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def execute(source: Path):
    """执行整本，返回带输出的笔记本。"""
    fingerprint, start, busy = digest(source), time.perf_counter(), kernel_seconds()
    made = notebook_of(source)
    run(made)
    # 机器忙的时候，墙上的时间会长几倍，内核自己算的时间不会：取小的一个
    seconds = min(time.perf_counter() - start, kernel_seconds() - busy)
    minutes = round(seconds / 60, 2)
    made.metadata["paddle_gan"] = {"source": fingerprint, "minutes": minutes}
    return made


def code_cells(notebook) -> list:
    """代码的格。"""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def with_new_claims(source: Path):
    """已经执行过的笔记本，只把 claim(…) 的格重跑一遍；它们除了第一格什么也不依赖。"""
    made = nbformat.read(target(source), as_version=4)
    first, *rest = code_cells(made)
    shown = [cell for cell in rest if is_claim(cell.source)]
    if not shown:
        return made
    small = nbformat.v4.new_notebook(cells=deepcopy([first, *shown]), metadata=made.metadata)
    run(small)
    for cell, new in zip(shown, small.cells[1:]):
        cell.outputs = new.outputs
    return made


def is_claim(code: str) -> bool:
    """只有一行 claim("…") 的格。"""
    return re.fullmatch(r'claim\("\w+"\)', code.strip()) is not None


def reworded(source: Path):
    """已经执行过的笔记本，换上源文件里的文字；代码有一格不同就抛出 UserError。"""
    made, old = notebook_of(source), nbformat.read(target(source), as_version=4)
    executed, code = code_cells(old), code_cells(made)
    if [cell.source for cell in executed] != [cell.source for cell in code]:
        raise _cli.UserError(f"{source.name} 的代码也改过，不能用 --text；请重新执行")
    for new, done in zip(code, executed):
        new.outputs, new.execution_count = done.outputs, done.execution_count
    made.metadata["paddle_gan"] = old.metadata["paddle_gan"] | {"source": digest(source)}
    return made


def problems(source: Path) -> list[str]:
    """一章的笔记本有什么毛病；没有毛病是空列表。"""
    path = target(source)
    if not path.is_file():
        return [f"{path.name} 还没有生成"]
    made, found = nbformat.read(path, as_version=4), []
    if made.metadata.get("paddle_gan", {}).get("source") != digest(source):
        found.append(f"{path.name} 过期了：{source.name} 后来改过")
    code = code_cells(made)
    if any(cell.execution_count is None for cell in code):
        found.append(f"{path.name} 有没执行的格")
    if any(o.output_type == "error" for cell in code for o in cell.outputs):
        found.append(f"{path.name} 有出错的格")
    if path.stat().st_size > LIMIT:
        found.append(f"{path.name} 有 {path.stat().st_size:,} 字节，超过 {LIMIT:,}")
    return found


def copy(chapters: list[str], kind: str, out: Path | None) -> int:
    """由执行过的笔记本做一份学生本或教师本。"""
    if len(chapters) != 1 or out is None or out.suffix != ".ipynb":
        raise _cli.UserError(
            "--copy 一次做一章，还要写存到哪里，例如：07 --copy student --out 甲.ipynb"
        )
    (source,) = sources(chapters)
    if out.resolve().parent == TUTORIALS and out.name[:2].isdigit():
        raise _cli.UserError(f"{out} 会被当成一章；换一个不以数字开头的名字，或另一个目录")
    made = COPIES[kind](nbformat.read(target(source), as_version=4))
    write_atomic(out, nbformat.writes(made) + "\n")
    print(f"写好 {out}")
    return 0


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument("chapters", nargs="*", metavar="章", help="两位的章号，例如 03")
    parser.add_argument("--check", action="store_true", help="只检查，不执行")
    parser.add_argument("--text", action="store_true", help="只换文字，不执行")
    parser.add_argument("--claims", action="store_true", help="只重跑 claim 的格")
    parser.add_argument("--copy", choices=COPIES, help="做一份学生本（student）或教师本（teacher）")
    parser.add_argument("--out", type=Path, help="--copy 存到哪里，一个 .ipynb")
    args = parser.parse_args()
    if args.copy:
        return copy(args.chapters, args.copy, args.out)
    found, again = [], []
    for source in sources(args.chapters):
        if not args.check:
            how = reworded if args.text else with_new_claims if args.claims else execute
            made = how(source)
            write_atomic(target(source), nbformat.writes(made) + "\n")
            size = target(source).stat().st_size / 1e6
            minutes = made.metadata["paddle_gan"]["minutes"]
            print(f"{target(source).name}：{minutes} 分钟，{size:.2f} MB", flush=True)
        faults = problems(source)
        found += faults
        again += [source.name[:2]] if faults else []
    if found:
        raise _cli.UserError(f"{'；'.join(found)}。重做：{_cli.command('build_tutorials', *again)}")
    return 0


if __name__ == "__main__":
    _cli.run(main)
