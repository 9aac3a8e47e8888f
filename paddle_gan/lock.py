"""训练目录的锁：同一个目录同时只有一个训练；进程一死，系统就放开，不会留下一把没人的锁。"""

import json
import os
import platform
from pathlib import Path

from filelock import FileLock, Timeout

from paddle_gan.errors import UserError, reason_of
from paddle_gan.files import write_atomic

LOCK, OWNER = "training.lock", "owner.json"
WAIT = 0.5  # 秒：看一眼锁的人（held）马上就放开，抢先的训练马上就写下自己是谁


class FolderLock:
    """一个训练目录的锁；owner.json 里是占着它的主机与进程。"""

    def __init__(self, folder: Path):
        self.folder, self.owner_file = folder, folder / OWNER
        self.file = FileLock(folder / LOCK)

    def acquire(self) -> None:
        """独占，直到 release()；写不了，或别的训练正占着（说出是谁）时抛出 UserError。"""
        try:
            self.file.acquire(timeout=WAIT)
        except Timeout:
            raise UserError(
                f"{self.folder} 正被另一个训练使用（{self._owner()}）；"
                "等它结束，或用 --output 换个目录"
            ) from None
        except OSError as error:
            raise UserError(
                f"写不了训练目录 {self.folder}：{reason_of(error)}；请用 --output 换个位置"
            ) from None
        write_atomic(self.owner_file, json.dumps({"host": platform.node(), "pid": os.getpid()}))

    def release(self) -> None:
        """放开这个目录。"""
        self.file.release()

    def _owner(self) -> str:
        try:
            owner = json.loads(self.owner_file.read_text(encoding="utf-8"))
            return f"主机 {owner['host']}，进程 {owner['pid']}"
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return f"{OWNER} 读不出是谁"


def held(folder: Path) -> bool:
    """有没有训练正占着这个目录；只看一眼，马上放开。看不了（别人的目录）时当作有。"""
    if not (folder / LOCK).is_file():
        return False
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False
