"""文件与目录。写文件：先写临时文件并落盘，再改名；任何时刻被打断，旧文件都完好。"""

import os
from contextlib import suppress
from pathlib import Path

from paddle_gan.errors import UserError, reason_of


class WriteError(UserError):
    """磁盘写不了：没有权限、满了、只读。"""


def write_atomic(path: Path, content: bytes | str) -> None:
    """把内容写到 path，要么全部写成，要么旧文件不变；写不了时抛出 WriteError。

    文字存成 UTF-8；编不成的（文件名里的坏字节）写成 \\udcff 这样，在 JSON 里读回来还是它。
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise WriteError(f"写不了 {path}：{reason_of(error)}；已有的文件没有改动") from error
    finally:
        with suppress(OSError):  # 写成了就已经改了名；没写成的半个文件不占着满了的磁盘
            temporary.unlink()


def short_names(folders: list[Path]) -> dict[str, Path]:
    """{短名字: 绝对路径}：名字是目录名，重名时前面加上级目录名；重复的目录只留一个。"""
    names: dict[str, Path] = {}
    for folder in dict.fromkeys(folder.resolve() for folder in folders):
        depth = 1
        while "-".join(folder.parts[-depth:]) in names:
            depth += 1
        names["-".join(folder.parts[-depth:])] = folder
    return names
