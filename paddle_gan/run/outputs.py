"""工具写结果之前的检查：不覆盖已有的文件，目录建得出来，写不了时一句话说清。"""

from pathlib import Path

import numpy as np

from paddle_gan.data.image_files import write_png
from paddle_gan.errors import UserError, reason_of


def require_new(paths: list[Path], force: bool) -> None:
    """目标都还不存在，或写明了 --force；目标是目录时总是报 UserError。"""
    for path in paths:
        if path.is_dir():
            raise UserError(f"{path} 是一个目录；这里要写的是文件，请换个名字")
        if path.exists() and not force:
            raise UserError(f"{path} 已经存在，不会覆盖；请换个位置，或加 --force")


def require_new_folder(folder: Path, force: bool) -> None:
    """目录还不存在、是空的，或写明了 --force；是文件时总是报 UserError。"""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} 是一个文件；这里要写的是目录，请换个名字")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise UserError(f"{folder} 里已经有东西；请换个目录，或加 --force")


def make_folder(folder: Path) -> None:
    """建目录（含上级）；建不了时抛出 UserError。"""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"建不了目录 {folder}：{reason_of(error)}；请换个位置") from None


def save_png(path: Path, image: np.ndarray) -> None:
    """把 uint8 图像写成 PNG，上级目录自动建好；写不了时抛出 UserError，不留半个文件。"""
    make_folder(path.parent)
    try:
        write_png(path, image)
    except OSError as error:
        raise UserError(f"写不了 {path}：{reason_of(error)}；请换个位置") from None
