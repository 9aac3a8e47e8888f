"""下载一个文件：断了从断处接着下，校验不对的不留，任何时刻被打断都没有半个文件。"""

import hashlib
import os
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from filelock import FileLock

from paddle_gan.errors import UserError, notice

MAX_BYTES = 2**28  # 字节；要下载的数据集没有超过它的
BLOCK = 2**16  # 一次读这么多字节
PATIENCE = 30  # 秒；这么久一个字节也没有来，算断了


def fetch(url: str, path: Path, md5: str) -> Path:
    """把 url 下载到 path 并返回它；已经有而且校验对，就不联网。

    没下完的存在 path.part 里，下次从那里接着下；下完、校验对了才改名成 path。
    几个进程同时要同一个文件时，只有一个去下载，别的等它。
    连不上、断了、写不下、校验不对时抛出 UserError。
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(path.name + ".lock")):
            if path.is_file() and digest(path) == md5:
                return path
            receive(url, part)
            found = digest(part)
            if found != md5:
                part.unlink()
                raise UserError(f"{url} 的 MD5 是 {found}，应为 {md5}；下载的已删除，请再运行一次")
            os.replace(part, path)
    except (OSError, HTTPException) as error:
        have = part.stat().st_size if part.is_file() else 0
        raise UserError(
            f"下载 {url} 没有完成（已有 {have:,} 字节）：{error}；"
            "再运行一次会接着下，或手工下载后写 root: 目录"
        ) from error
    return path


def receive(url: str, part: Path) -> None:
    """把 url 余下的内容接在 part 后面，落盘；没收全时抛出 OSError 或 HTTPException。"""
    have = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # 416：part 已经不比文件短，是不是它由校验来说
            raise
        return
    with answer:
        continued = answer.status == 206  # 服务器不认 Range 时回 200，从头给
        length = answer.headers["Content-Length"] or ""
        total = int(length) + have * continued if length.isdecimal() else MAX_BYTES + 1
        if total > MAX_BYTES:
            raise OSError(f"服务器说有 {length or '？'} 字节，不是要的数据")
        notice(f"下载 {url}（{total / 1e6:.1f} MB{'，接着上次的' if continued else ''}）")
        with part.open("ab" if continued else "wb") as file:
            while block := answer.read(BLOCK):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
    if part.stat().st_size != total:
        raise OSError(f"连接断了，收到 {part.stat().st_size:,} / {total:,} 字节")


def digest(path: Path) -> str:
    """文件的 MD5，十六进制。"""
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
