"""各个命令行工具共用：找到 paddle_gan、命令行参数的错误写成中文、用户的错误以退出码 2 结束。"""

import argparse
import io
import os
import re
import shlex
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # 不安装也能从检出目录直接运行

# 飞桨自己的英文提示（没装 ccache、BN 的统计量）与用户无关
warnings.filterwarnings("ignore", category=UserWarning, module="paddle")

import paddle_gan  # noqa: F401  要在 paddle 之前导入，它设好运行环境
from paddle_gan.errors import UserError, disk_sentence, one_line
from paddle_gan.run import runtime
from paddle_gan.run.gallery import located, require_own

MEMORY = "请关掉别的程序再试"  # 内存不够时怎么办；各个命令有自己的
LONGEST = 20  # 整数参数最多写多长
OVERRIDE = "；每一项覆盖前面都要有自己的 -o，例如 -o total_steps=100 -o seed=1"
# argparse 的每一种报错怎样说；最后一条是参数自己的 type 说的，已经是中文
SAID = {
    r"the following arguments are required: (.+)": "还缺 {0}",
    r"one of the arguments (.+) is required": "要写一个：{0}",
    r"unrecognized arguments: (.+)": "不认得的参数 {0}",
    r"ambiguous option: (.+) could match (.+)": "{0} 写得太短，分不清是 {1}",
    r"argument (.+?): not allowed with argument (.+)": "{0} 与 {1} 只能写一个",
    r"argument (.+?): expected one argument": "{0} 后面要写一个值",
    r"argument (.+?): expected at most one argument": "{0} 后面最多写一个值",
    r"argument (.+?): expected at least one argument": "{0} 后面至少写一个值",
    r"argument (.+?): expected (\d+) arguments?": "{0} 后面要写 {1} 个值",
    r"argument (.+?): ignored explicit argument (.+)": "{0} 后面不写值，现在写了 {1}",
    r"argument (.+?): invalid choice: (.+?)(?:, maybe you meant .+)? \(choose from (.+)\)": (
        "{0} 没有 {1}（可用：{2}）"
    ),
    r"argument (.+?): invalid \S+ value: (.+)": "{0} 的值不对，现在是 {1}",
    r"argument (.+?): (.+)": "{0}：{1}",
}


def in_chinese(message: str) -> str:
    """argparse 的一句英文报错，换成中文的一句。"""
    for pattern, said in SAID.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return said.format(*found.groups())
    return message


class Parser(argparse.ArgumentParser):
    """用法有误时只打印一句中文，退出码 2。"""

    def _get_values(self, action, arg_strings):
        """argparse 把“--seeds=--”的“--”当作分隔去掉，值就成了空表，不查它的 type。"""
        value = super()._get_values(action, arg_strings)
        if value == [] and action.option_strings and action.nargs in (None, argparse.OPTIONAL):
            raise argparse.ArgumentError(action, "expected one argument")
        return value

    def error(self, message: str):
        lost = re.match(r"unrecognized arguments: [^-=][^=]*=", message)
        hint = OVERRIDE if lost and "--override" in self._option_string_actions else ""
        told = one_line(f"{in_chinese(message)}{hint}")
        self.exit(2, f"错误：命令行参数不对：{told}；用 --help 看用法\n")


def parser(doc: str) -> Parser:
    """以模块的文档字符串为说明的参数解析器。"""
    return Parser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)


def path(text: str) -> Path:
    """一个路径参数；~ 换成家目录：写在引号里或等号后面的，shell 不替你换。"""
    return Path(os.path.expanduser(text))


def own_run(text: str) -> Path:
    """一个要往里写的训练目录；是随包的就抛出 UserError。"""
    folder = located(text)
    require_own(folder)
    return folder


def path_of_run(text: str) -> Path:
    """一个训练目录的参数；gallery:名字 是随包的训练。"""
    return converted(located, text)


def add_runs(parser: argparse.ArgumentParser, locate: Callable = located) -> None:
    """一个或几个训练目录的参数 runs；locate 把一种写法换成目录。"""
    told = "训练目录（或 gallery:名字），可写几个"
    kind = partial(converted, locate)
    parser.add_argument("runs", type=kind, nargs="+", metavar="RUN", help=told)


def path_of_own_run(text: str) -> Path:
    """一个要往里写的训练目录的参数。"""
    return converted(own_run, text)


def converted(convert: Callable[[str], Path], text: str) -> Path:
    """convert(text)；UserError 也是 ValueError，不换一换，argparse 会换成自己的英文。"""
    try:
        return convert(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(one_line(str(error))) from None


def command(tool: str, *arguments) -> str:
    """一条复制过去就能运行的命令：你正在运行的工具旁边的 <tool>.py，有空格的参数加好引号。

    用 paddle.distributed.launch 启动的，连同它一起写出来（同样多的进程）。
    """
    words = ["python"]
    if runtime.processes() > 1:
        words += ["-m", "paddle.distributed.launch", "--nproc_per_node", str(runtime.processes())]
        words += ["--backend", "gloo"] if runtime.on_gloo() else []
    script = Path(sys.argv[0]).with_name(f"{tool}.py")
    return shlex.join([*words, str(script), *map(str, arguments)])


def unused(path: Path) -> Path:
    """path，已经有了就加上编号：建议的命令不会因为文件已经存在而被拒绝。"""
    number, free = 2, path
    while free.exists():
        free, number = path.with_name(f"{path.stem}_{number}{path.suffix}"), number + 1
    return free


def whole(least: int, most: int) -> Callable[[str], int]:
    """least 到 most 的整数；别的都是一句话，几千位的数也不照抄一遍。"""

    def convert(text: str) -> int:
        digits = text.strip().removeprefix("-")
        short = digits.isdecimal() and digits.isascii() and len(digits) <= LONGEST
        if not short or not least <= int(text) <= most:
            shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
            raise argparse.ArgumentTypeError(f"要 {least} 到 {most} 的整数，现在是 {shown}")
        return int(text)

    return convert


def run(main: Callable[[], int | None], memory: str = MEMORY) -> None:
    """运行一个工具的 main()：用户能改正的错误打印一句话，退出码 2；Ctrl-C 的退出码是 130。

    memory 是内存不够时这个命令能怎么办。
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # 终端写不出的字（文件名里的）写成 \x 加两位数
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = main()
    except UserError as error:
        print(one_line(f"错误：{error}"), file=sys.stderr)
        code = 2
    except MemoryError:
        print(f"错误：内存不够；{memory}", file=sys.stderr)
        code = 2
    except KeyboardInterrupt:
        print("已中断；写到一半的没有留下，已有的文件没有改动", file=sys.stderr)
        code = 130
    except BrokenPipeError:
        code = 0
    except OSError as error:  # 没有权限的目录、太长的路径：3.14 之前 Path.is_file() 也抛出
        print(one_line(f"错误：{disk_sentence(error)}"), file=sys.stderr)
        code = 2
    sys.exit(code or 0)
