"""一个目录里有哪些图像，跳过了什么；次序与操作系统列目录的次序无关。"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from paddle_gan.errors import UserError, reason_of

EXTENSIONS = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".webp", ".tif", ".tiff"),
    *(".gif", ".pgm", ".ppm", ".pbm", ".pnm"),
)
KINDS = 5  # 跳过的文件，最多说几种扩展名


def natural_key(name: str) -> tuple[list, str]:
    """文件名里的数字按大小排：img2 在 img10 前；与操作系统列目录的顺序无关。name 用 / 分隔。"""
    parts = re.split(r"([0-9]+)", name)  # 奇数位是数字
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], name


def _readable(entry: os.DirEntry) -> bool:
    """普通文件，或指向普通文件的链接；断了的、成环的链接也算，打开时会说出是哪个，不悄悄少一张。

    管道、套接字与设备不算。
    """
    if not entry.is_symlink():
        return entry.is_file()
    return os.path.isfile(entry.path) or not os.path.exists(entry.path)


def visible_files(root: str) -> Iterator[str]:
    """root 下（含各级子目录）全部文件的相对路径，用 / 分隔，次序不定；以点开头的不算。

    目录项自带是文件还是目录，不必每个文件再问一次系统：两万个文件快几倍。
    不用递归：目录套得再深，同时也只打开一个。指向目录的链接也走，真正的目录都走完了再走；
    一个目录只走一次，所以链接绕成圈也走得完，同一张图不会数两遍。
    """
    waiting = [(root, "")]  # 还没看的目录，与它里面文件名的前缀
    links, walked = [], set()
    while waiting or links:
        if not waiting:
            links.sort(reverse=True)
            waiting.append(links.pop())
        folder, prefix = waiting.pop()
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in walked:
            continue
        walked.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                inside = entry.path, f"{prefix}{entry.name}/"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(inside)
                elif entry.is_symlink() and os.path.isdir(entry.path):
                    links.append(inside)
                elif _readable(entry):
                    yield prefix + entry.name


class Found(NamedTuple):
    """一个目录里找到的。"""

    files: list[Path]  # 全部图像，自然序
    others: Counter[str]  # 不认得的文件：扩展名 → 几个

    def skipped(self) -> str:
        """给人看的一句：跳过了哪些文件；没有时是空串。"""
        if not self.others:
            return ""
        kinds = sorted(self.others.items(), key=lambda item: (-item[1], item[0]))
        named = "、".join(f"{n} 个{kind}" for kind, n in kinds[:KINDS])
        rest = sum(n for _, n in kinds[KINDS:])
        more = f"，另有 {rest} 个别的" if rest else ""
        return f"跳过 {named}{more}（不认得的格式）"


def find_images(root: Path, may_be_empty: bool = False) -> Found:
    """root 下（含各级子目录，指向目录的链接也算）的全部图像；以点开头的文件与目录不算。

    不存在、不是目录、读不了，或没有图像（may_be_empty 时不算错）时报 UserError。
    """
    root = Path(root)
    try:  # 上级目录不让进、名字太长时，exists 也会出错
        if not root.exists():
            raise UserError(f"找不到图像目录 {root}；请检查路径（相对路径从你运行命令的目录算起）")
        if not root.is_dir():
            raise UserError(f"{root} 是一个文件；这里要的是装着图像的目录")
        names = list(visible_files(str(root)))
    except OSError as error:
        raise UserError(f"读不了目录 {error.filename}：{reason_of(error)}") from error
    images = [name for name in names if name.lower().endswith(EXTENSIONS)]
    kinds = (os.path.splitext(n)[1].lower() for n in names if not n.lower().endswith(EXTENSIONS))
    others = Counter(f" {kind}" if kind else "没有扩展名的" for kind in kinds)
    found = Found([root / name for name in sorted(images, key=natural_key)], others)
    if not images and not may_be_empty:
        wanted = " ".join(extension[1:] for extension in EXTENSIONS)
        skipped = f"（{found.skipped()}）" if others else ""
        raise UserError(f"目录 {root} 里没有图像{skipped}；把图像放进去，扩展名可以是 {wanted}")
    return found


def require_folders(given: dict[str, Path | None]) -> None:
    """data 的各个目录选项（没写的是 None）都在，否则抛出 UserError，说出是哪个选项。"""
    for option, folder in given.items():
        if folder is not None and is_missing(Path(folder)):
            raise UserError(
                f"找不到图像目录 {folder}（data.{option}）；请用 -o data.{option}=你的目录 指明"
                "（相对路径从你运行命令的目录算起）"
            )


def is_missing(folder: Path) -> bool:
    """没有这个目录；不让看的不算，列目录时会说为什么。"""
    try:
        return not folder.exists()
    except OSError:
        return False


def list_images(root: Path) -> list[Path]:
    """find_images(root) 的图像。"""
    return find_images(root).files
