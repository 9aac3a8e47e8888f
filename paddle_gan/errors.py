"""用户能改正的错误：工具捕获它，打印一句中文，以退出码 2 结束。"""

import difflib
import os
import sys
import unicodedata
from collections.abc import Iterable


class UserError(ValueError):
    """输入有误（配置、图像、检查点、路径或设备）；消息是一句说清怎么改的中文。"""


def unknown_name(what: str, name: str, allowed: Iterable[str]) -> UserError:
    """组织“未知的 …”一句话：错在哪个名字，最像哪个，一共有哪些可选。"""
    allowed = list(allowed)
    by_lower = {option.lower(): option for option in allowed}
    near = difflib.get_close_matches(str(name).lower(), by_lower, n=1, cutoff=0.5)
    hint = f"；你想写的是 {by_lower[near[0]]} 吗？" if near else ""
    return UserError(f"未知的{what} {name}{hint}（可用：{', '.join(allowed)}）")


def one_line(text: str) -> str:
    """换行、控制字符与编不成 UTF-8 的字节（文件名里什么都可能有）写成 \\n 这样，一句话就是一行。"""
    hidden = ("Cc", "Cs", "Zl", "Zp")
    return "".join(repr(c)[1:-1] if unicodedata.category(c) in hidden else c for c in text)


def notice(text: str) -> None:
    """不影响结果的小毛病：在标准错误里说一句，程序照常继续；几个进程一起训练时只有 0 号说。"""
    if os.environ.get("PADDLE_TRAINER_ID", "0") == "0":
        print(one_line(f"提示：{text}"), file=sys.stderr)
