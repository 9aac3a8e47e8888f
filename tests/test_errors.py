"""系统不让读写时，为什么，用中文说：真的引出来的错误，和没有列在表里的。"""

import errno
import os
import re
import urllib.error
from pathlib import Path

import pytest

from paddle_gan.errors import UserError, disk_sentence, reason_of

ROOT = Path(__file__).resolve().parents[1]


def provoke(kind: str, folder: Path) -> None:
    """真的去做一件做不成的事。"""
    (folder / "有.txt").write_text("在")
    if kind == "absent":
        (folder / "无.txt").open()
    elif kind == "folder":
        folder.open()
    elif kind == "through a file":
        (folder / "有.txt/里面").open()
    elif kind == "again":
        folder.mkdir()
    elif kind == "long":
        (folder / ("长" * 200)).open()
    elif kind == "not empty":
        folder.rmdir()
    elif kind == "loop":
        (folder / "圈").symlink_to("圈")
        (folder / "圈").open()


REAL = {
    "absent": "没有这个文件或目录",
    "folder": "它是目录，不是文件",
    "through a file": "路径中间有一段是文件，不是目录",
    "again": "已经有同名的文件或目录",
    "long": "名字或路径太长",
    "not empty": "目录不是空的",
    "loop": "链接绕成了圈",
}


@pytest.mark.parametrize("kind", REAL)
def test_what_the_system_refuses_is_said_in_chinese(kind, tmp_path):
    with pytest.raises(OSError) as refused:
        provoke(kind, tmp_path)
    assert reason_of(refused.value) == REAL[kind]
    place = refused.value.filename
    assert disk_sentence(refused.value) == f"读写 {place} 时出错：{REAL[kind]}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("EACCES", "没有权限"),
        ("ENOSPC", "磁盘满了"),
        ("EROFS", "磁盘是只读的"),
        ("EMFILE", "同时打开的文件太多"),
        ("EIO", "磁盘读写出错"),
        ("EADDRINUSE", "已经被占用"),
    ],
)
def test_what_cannot_be_provoked_here_is_said_in_chinese_too(name, said):
    number = getattr(errno, name)
    assert reason_of(OSError(number, os.strerror(number))) == said


def test_a_number_not_in_the_table_is_named_and_no_number_keeps_its_own_words():
    assert reason_of(OSError(errno.EXDEV, "Invalid cross-device link")) == "系统报错 EXDEV"
    assert reason_of(OSError(98765, "?")) == "系统报错 98765"
    assert reason_of(urllib.error.URLError("连不上")) == "<urlopen error 连不上>"
    assert reason_of(UserError("磁盘写不了")) == "磁盘写不了"
    assert reason_of(OSError()) == "OSError"


def test_no_module_shows_the_english_words_of_the_system():
    files = [*(ROOT / "paddle_gan").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]
    assert [p for p in files if re.search(r"\.strerror", p.read_text(encoding="utf-8"))] == []
