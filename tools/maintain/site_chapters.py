"""笔记本 → 网页：文字、代码、跑出来的字与图，都照存下的样子。"""

import base64
import html
import json
import re
from pathlib import Path

from site_links import ROOT, Links
from site_markdown import Page, coloured, rendered

FIRST = "# 第一格"  # 每章头一格一样，折起来
SHOWN = re.compile(r"# ((?:paddle_gan|tools|tests)/[\w/]+\.py):(\d+)\n")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
LONG = 24  # 印出来的字多于几行，折起来


def notebooks() -> dict[str, Path]:
    """章号 → 笔记本。"""
    return {path.name[:2]: path for path in sorted((ROOT / "tutorials").glob("[0-9][0-9]_*.ipynb"))}


def joined(text: str | list[str]) -> str:
    """笔记本里的字：一串，或一行一行的。"""
    return text if isinstance(text, str) else "".join(text)


def folded(summary: str, body: str) -> str:
    """点开才看得见的一段。"""
    return f"<details><summary>{summary}</summary>{body}</details>"


def printed(text: str, page: Page, links: Links) -> str:
    """印出来的字；show() 印的源码、compare() 印的差别都上色，前者链到那一行。"""
    text = ANSI.sub("", text)
    if found := SHOWN.match(text):
        where = f"{found[1]}:{found[2]}"
        link = links.to_source(found[1], int(found[2]), page.path)
        code = coloured(text[found.end() :])
        return f'<div class="out shown"><a href="{link}">{where}</a>{code}</div>'
    if text.startswith("--- "):
        return f'<div class="out">{coloured(text, "diff")}</div>'
    body = f'<pre class="out">{html.escape(text)}</pre>'
    count = len(text.splitlines())
    return folded(f"印出 {count} 行", body) if count > LONG else body


def picture(data: str, name: str, media: dict[str, bytes], alt: str) -> str:
    """一张图，存进 media。"""
    path = f"media/{name}.png"
    media[path] = base64.b64decode(data)
    width, height = (int.from_bytes(media[path][i : i + 4], "big") for i in (16, 20))
    size = f'width="{width}" height="{height}"'
    image = f'<img class="figure" loading="lazy" {size} src="../{path}" alt="{alt}">'
    return f'<a href="../{path}">{image}</a>'  # 手机上点开看大的


class Chapter:
    """一章正在换成网页：page 是写到一半的页，media 是要另存的图。"""

    def __init__(self, number: str, path: Path, links: Links):
        self.number, self.links, self.media = number, links, {}
        self.page = Page(f"chapters/{number}.html", "", "", kind="chapter")
        self.cells = json.loads(path.read_text(encoding="utf-8"))["cells"]

    def build(self) -> Page:
        """整章。"""
        self.page.html = "\n".join(self.cell(cell) for cell in self.cells)
        self.page.title = self.page.toc[0][2]
        return self.page

    def cell(self, cell: dict) -> str:
        """一格。"""
        source = joined(cell["source"])
        if cell["cell_type"] == "markdown":
            return rendered(source, "tutorials", self.page, self.links)
        code = coloured(source) if source else ""
        if source.startswith(FIRST):
            code = folded("第一格：找到工具箱（每章一样）", code)
        outputs = "".join(self.output(one) for one in cell["outputs"])
        return f'<div class="cell">{code}{outputs}</div>'

    def output(self, output: dict) -> str:
        """一样输出：图、Markdown 或字。"""
        if output["output_type"] == "stream":
            return printed(joined(output["text"]), self.page, self.links)
        data = output["data"]
        if "image/png" in data:
            count = len(self.media) + 1
            alt = f"第 {self.number} 章的第 {count} 张图"
            return picture(joined(data["image/png"]), f"{self.number}_{count:02d}", self.media, alt)
        if "text/markdown" in data:
            body = rendered(joined(data["text/markdown"]), "tutorials", self.page, self.links)
            return f'<div class="out markdown">{body}</div>'
        return printed(joined(data["text/plain"]), self.page, self.links)
