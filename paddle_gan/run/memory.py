"""这台机器还有多少内存能用：既看系统，也看容器的上限。"""

import os
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
# 容器的（上限，已用）写在哪两个文件里；第二版与第一版
LIMITS = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)


def total() -> int | None:
    """内存的字节数：系统的与容器的上限里小的那个；问不到（Windows）时为 None。"""
    values = [_meminfo("MemTotal"), *(limit for limit, _ in _containers())]
    try:
        values.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):  # Windows 没有 sysconf
        values.append(None)
    return min((value for value in values if value is not None), default=None)


def available() -> int | None:
    """现在还能用的字节数；问不到（macOS、Windows）时为 None。"""
    values = [_meminfo("MemAvailable"), *(limit - used for limit, used in _containers())]
    return min((value for value in values if value is not None), default=None)


def _meminfo(name: str) -> int | None:
    """/proc/meminfo 里的一项，字节。"""
    try:
        lines = MEMINFO.read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return 1024 * int(found[0]) if found else None


def _containers() -> list[tuple[int, int]]:
    """容器的（上限，已用）；没有上限时为空。"""
    found = []
    for limit_name, used_name in LIMITS:
        try:
            limit, used = ((CGROUP / name).read_text().strip() for name in (limit_name, used_name))
        except OSError:
            continue
        if limit.isdigit() and used.isdigit():  # 第二版写 max 是不限
            found.append((int(limit), int(used)))
    return found
