"""网站里的路：仓库里的文件在网站的哪一页，从一页到另一页的相对网址怎样写。

链到的图照原路放进 files/；链到的源码、配置没有自己的页时，在 source/ 下补一页。
"""

import os
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

from mdurl import decode, encode

from paddle_gan.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
PICTURES = (".png", ".gif", ".jpg", ".svg")
OUTSIDE = re.compile(r"[a-z]+:|//")


def between(page: str, target: str) -> str:
    """从 page（网站里的路）到 target 的相对网址；target 可以带 #锚点。"""
    path, _, anchor = target.partition("#")
    url = encode(os.path.relpath(path, posixpath.dirname(page) or ".")) if path else ""
    return f"{url}#{encode(anchor)}" if anchor else url


def source_page(file: str) -> str:
    """一个文件的源码页。"""
    return f"source/{file.rstrip('/')}.html"


@dataclass
class Links:
    """仓库的路 → 网站的路；一边换写，一边记下还要补哪些页、放哪些图。"""

    pages: dict[str, str]
    pictures: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)

    def site_path(self, file: str) -> str:
        """仓库里的一个文件或目录在网站的哪里；没有这个文件时抛出 UserError。"""
        if file in self.pages:
            return self.pages[file]
        if not (ROOT / file).exists():
            raise UserError(f"链到的 {file} 不在仓库里；请改写这个链接")
        if file.endswith(PICTURES):
            self.pictures.add(file)
            return f"files/{file}"
        self.sources.add(file)
        return source_page(file)

    def rewrite(self, href: str, base: str, page: str) -> str:
        """base 目录里的一页写的链接 href，放到网站的 page 上该怎样写。"""
        if OUTSIDE.match(href) or href.startswith("#"):
            return href
        path, _, anchor = decode(href).partition("#")
        target = self.site_path(posixpath.normpath(posixpath.join(base, path)))
        if anchor:
            target = f"{target.partition('#')[0]}#{anchor}"
        return between(page, target)

    def to_source(self, file: str, line: int, page: str) -> str:
        """源码页里的一行。"""
        self.sources.add(file)
        return between(page, f"{source_page(file)}#L-{line}")
