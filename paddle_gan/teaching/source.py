"""看库里真正的源码：show() 印出一段，compare() 印出两段的差别；教程里的代码从不另抄一份。"""

import difflib
import inspect
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def show(thing) -> None:
    """印出函数、方法或类的源码，第一行是文件与行号。"""
    lines, first = inspect.getsourcelines(thing)
    print(f"# {place(thing)}:{first}")
    print(dedent(lines), end="")


def compare(old, new) -> None:
    """印出从 old 到 new 的差别：减号是 old 有而 new 没有的，加号相反。"""
    before, after = (dedent(inspect.getsourcelines(x)[0]).splitlines() for x in (old, new))
    changed = difflib.unified_diff(before, after, title(old), title(new), lineterm="", n=2)
    print("\n".join(changed) or "没有差别")


def title(thing) -> str:
    """文件与名字，例如 paddle_gan/methods/gan.py  GAN.train_step。"""
    return f"{place(thing)}  {thing.__qualname__}"


def place(thing) -> str:
    """源码所在的文件，从仓库的根写起。"""
    return Path(inspect.getsourcefile(inspect.unwrap(thing))).resolve().relative_to(ROOT).as_posix()


def dedent(lines: list[str]) -> str:
    """去掉整段共有的缩进（第一行的缩进）。"""
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "".join(line[indent:] if line.strip() else "\n" for line in lines)
