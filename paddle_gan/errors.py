"""用户能改正的错误：工具捕获它，打印一句中文，以退出码 2 结束。"""

import difflib
import errno
import os
import re
import sys
import unicodedata
from collections.abc import Iterable

CAUSES = {  # 系统的错误号 → 中文；别的写它的名字
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "系统不准许",
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘的配额用完了",
    errno.EISDIR: "它是目录，不是文件",
    errno.ENOTDIR: "路径中间有一段是文件，不是目录",
    errno.EEXIST: "已经有同名的文件或目录",
    errno.ENOTEMPTY: "目录不是空的",
    errno.ENAMETOOLONG: "名字或路径太长",
    errno.ELOOP: "链接绕成了圈",
    errno.EROFS: "磁盘是只读的",
    errno.EFBIG: "文件太大",
    errno.EIO: "磁盘读写出错",
    errno.EBUSY: "正在被别的程序使用",
    errno.EMFILE: "同时打开的文件太多",
    errno.ENFILE: "同时打开的文件太多",
    errno.ENOMEM: "内存不够",
    errno.EADDRINUSE: "已经被占用",
    errno.EADDRNOTAVAIL: "这台机器上没有这个地址",
}
MOST_NAMES = 60  # 一句话里至多列出几个可选的名字


class UserError(ValueError):
    """输入有误（配置、图像、检查点、路径或设备）；消息是一句说清怎么改的中文。"""


def unknown_name(what: str, name: str, allowed: Iterable[str], between: str = ", ") -> UserError:
    """组织“未知的 …”一句话：错在哪个名字，最像哪个，有哪些可选（太多时只写开头）。"""
    allowed = list(allowed)
    # 只比最后一段：hparams.、gallery: 这样的开头人人都有，不算像
    by_lower = {last_part(option): option for option in allowed}
    near = difflib.get_close_matches(last_part(str(name)), by_lower, n=1, cutoff=0.5)
    hint = f"；你想写的是 {by_lower[near[0]]} 吗？" if near else ""
    rest = f"……共 {len(allowed)} 个" if len(allowed) > MOST_NAMES else ""
    options = between.join(allowed[:MOST_NAMES]) + rest
    shown = name if str(name).strip() else f"“{name}”"
    return UserError(f"未知的{what} {shown}{hint}（可用：{options}）")


def last_part(name: str) -> str:
    """点号、冒号隔开的名字的最后一段，小写。"""
    return re.split("[.:]", name.lower())[-1]


def listed(names: Iterable, shown: int = 5) -> str:
    """至多 shown 个名字，用顿号隔开；还有的写一共几个。"""
    names = [str(name) for name in names]
    return "、".join(names[:shown]) + (f"……等 {len(names)} 个" if len(names) > shown else "")


def reason_of(error: Exception) -> str:
    """系统为什么不让读写，用中文说；不是系统的错误，就是它自己的那句话。"""
    number = error.errno if isinstance(error, OSError) else None
    if number is None:
        return str(error) or type(error).__name__
    return CAUSES.get(number) or f"系统报错 {errno.errorcode.get(number, number)}"


def disk_sentence(error: OSError) -> str:
    """读写哪个文件时出了什么错，一句话。"""
    place = f" {error.filename} " if error.filename else "文件"
    return f"读写{place}时出错：{reason_of(error)}"


def one_line(text: str) -> str:
    """换行、控制字符与编不成 UTF-8 的字节（文件名里什么都可能有）写成 \\n 这样，一句话就是一行。"""
    hidden = ("Cc", "Cs", "Zl", "Zp")
    return "".join(repr(c)[1:-1] if unicodedata.category(c) in hidden else c for c in text)


def notice(text: str) -> None:
    """不影响结果的小毛病：在标准错误里说一句，程序照常继续；几个进程一起训练时只有 0 号说。"""
    if os.environ.get("PADDLE_TRAINER_ID", "0") == "0":
        print(one_line(f"提示：{text}"), file=sys.stderr)
