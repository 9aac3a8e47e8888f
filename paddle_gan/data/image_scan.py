"""训练之前把全部图像看一遍：坏文件一次说全；读的时候替用户做了什么主，也说一声。"""

import hashlib
import time
from pathlib import Path
from typing import NamedTuple

from paddle_gan.data.image_files import BadImage
from paddle_gan.data.image_store import ImageStore
from paddle_gan.errors import UserError, listed, notice

SHOWN = 10  # 坏文件最多说出几个
PATIENCE = 10  # 秒；看得久时，隔这么久说一次看到哪里了


class Findings(NamedTuple):
    """看过的一列文件。"""

    bad: list[BadImage]
    transparent: int = 0
    animated: int = 0
    enlarged: int = 0

    def notices(self) -> list[str]:
        """要说一声的几件事。"""
        told = {
            "{} 张图像有透明的地方，叠在白底上": self.transparent,
            "{} 张动图，各取第一帧": self.animated,
            "{} 张图像比 data.size 小，按比例放大到够裁": self.enlarged,
        }
        return [sentence.format(n) for sentence, n in told.items() if n]


_SEEN: dict[bytes, Findings] = {}  # 清单的指纹 → 看到了什么：同一个进程里不看第二遍


def fingerprint(store: ImageStore) -> bytes:
    """要多大、缩放不缩放，各文件的路径、大小与修改时间；有一样变了，指纹就变。"""
    digest = hashlib.sha256(repr((store.framing.size, store.framing.resize)).encode())
    for file in store.files:
        try:
            status = file.stat()
            stamp = status.st_size, status.st_mtime_ns
        except OSError:  # 断了的链接；解码时会说
            stamp = None
        digest.update(ascii((str(file), stamp)).encode())
    return digest.digest()


class Progress:
    """做完了几个：很快做完就什么也不说，做得久时隔一阵说一句。"""

    def __init__(self, total: int, doing: str = "正在检查图像"):
        self.total, self.doing, self.last = total, doing, time.monotonic()

    def __call__(self, done: int) -> None:
        if time.monotonic() - self.last > PATIENCE:
            self.last = time.monotonic()
            notice(f"{self.doing}：{done:,} / {self.total:,}")


def look_through(store: ImageStore) -> Findings:
    """把一个 store 的文件全部解码一遍。"""
    looks = store.look_through(Progress(len(store)))
    bad = [look.bad for look in looks if look.bad]
    counts = (sum(flags) for flags in zip(*(look[1:] for look in looks)))
    return Findings(bad, *counts)


def reasons(bad: list[BadImage]) -> str:
    """坏文件与原因，至多 SHOWN 个。"""
    return listed((f"{error.path} {error.why}" for error in bad), SHOWN)


def refusal(bad: list[BadImage]) -> UserError:
    """有坏文件，不训练：说出是哪几个、怎么办。"""
    skip = "或写 data.skip_bad: true（-o data.skip_bad=true）跳过"
    if len(bad) == 1:
        return UserError(f"{bad[0]}，{skip}它")
    return UserError(f"{len(bad)} 个文件读不成图像：{reasons(bad)}；请移走它们，{skip}它们")


def examine(stores: list[ImageStore], skip_bad: bool) -> list[BadImage]:
    """把每个 store 的文件解码一遍（放得下的从此留在内存里），去掉坏文件；返回去掉的。

    skip_bad 为假而有坏文件时抛出 UserError，一次列出全部 store 里的；为真时跳过它们，说一声。
    """
    bad: dict[Path, BadImage] = {}
    fresh = Findings([])
    for store in stores:
        key = fingerprint(store)
        if key not in _SEEN:
            _SEEN[key] = look_through(store)
            fresh = Findings(*(a + b for a, b in zip(fresh, _SEEN[key])))
        bad |= {error.path: error for error in _SEEN[key].bad}
    if bad and not skip_bad:
        raise refusal(list(bad.values()))
    if fresh.bad:
        notice(f"跳过 {len(fresh.bad)} 个读不成图像的文件：{reasons(fresh.bad)}")
    for sentence in fresh.notices():
        notice(sentence)
    for store in stores:
        store.keep_only(set(store.files) - bad.keys())
    return list(bad.values())
