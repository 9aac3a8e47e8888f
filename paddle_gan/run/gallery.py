"""随包的训练：gallery:名字 写在哪里，哪里就是 paddle_gan/gallery/名字/ 这个训练目录。

里面只有配置、记录、固定噪声的样本与最后的生成器；由 tools/maintain/build_gallery.py 收，只读。
"""

import os
from collections.abc import Sequence
from pathlib import Path

from paddle_gan.errors import UserError, unknown_name

PREFIX = "gallery:"
GALLERY = Path(__file__).resolve().parents[1] / "gallery"
LONGEST_SHOWN = 60  # 报错时名字最多照抄多长


def names() -> list[str]:
    """随包有哪些训练。"""
    return sorted(file.parent.name for file in GALLERY.glob("*/config.yml"))


def located(text: str, besides: Sequence[str] = ()) -> Path:
    """训练目录的写法 → 路径：gallery:名字 是随包的，别的照原样（~ 换成家目录）。

    没有这个名字时抛出 UserError，列出有的；besides 是这个命令还认得的别的名字，也列出来。
    """
    if not text.startswith(PREFIX):
        return Path(os.path.expanduser(text))
    name, known = text.removeprefix(PREFIX), names()
    if name not in known:
        allowed = [f"{PREFIX}{one}" for one in (*besides, *known)]
        if not name:
            raise UserError(f"{PREFIX} 后面要写名字（可用：{', '.join(allowed)}）")
        raise unknown_name("随包的训练", text[:LONGEST_SHOWN], allowed)
    return GALLERY / name


def name_of(folder: Path) -> str:
    """随包的训练的名字；不是随包的，是空串。"""
    real = Path(os.path.realpath(folder))  # Path.resolve() 遇到绕成圈的链接会抛出异常
    return real.name if real.parent == GALLERY else ""


def shown(folder: Path) -> str:
    """训练目录给人看的写法：随包的是 gallery:名字。"""
    name = name_of(folder)
    return f"{PREFIX}{name}" if name else str(folder)


def results_folder(folder: Path) -> Path:
    """默认写在训练目录里的结果（eval.json）写到哪里：随包的写到当前目录下的 gallery_名字/。"""
    name = name_of(folder)
    return Path(f"gallery_{name}") if name else folder


def require_own(folder: Path) -> None:
    """要往里写的训练目录不是随包的，否则抛出 UserError，说两条出路。"""
    if name := name_of(folder):
        raise UserError(
            f"{shown(folder)} 是随包的训练，只带最后的生成器，不能接着训练，也不能往里写；"
            f"要重新训练，用 tools/train.py -c configs/{name}.yml；要从它的生成器开始，"
            f"加 -o init={shown(folder)}"
        )
