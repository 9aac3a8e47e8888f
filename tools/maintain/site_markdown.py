"""Markdown（GitHub 与 Jupyter 的写法）换成网页：公式、链接、标题的锚点、上了色的代码。"""

import html
import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from site_links import Links

SECTION = re.compile(r"\s*\[§([\d.]+)\]$")
ADDRESS = re.compile(r"((?:src|href)=\")([^\"]+)\"")
TAG = re.compile(r"<[^>]+>")
PUT = {  # 表格可以自己左右滚；inline、block 是主题用了的名字
    "<table>": '<div class="wide"><table>',
    "</table>": "</table></div>",
    'class="math inline"': 'class="math"',
    'class="math block"': 'class="math display"',
}


@dataclass
class Page:
    """网站的一页：放在哪里、题目、正文、目录 [(层, 锚点, 题目)]、属于哪一类。"""

    path: str
    title: str
    html: str
    toc: list[tuple[int, str, str]] = field(default_factory=list)
    kind: str = "docs"


def coloured(code: str, language: str = "python", numbered: bool = False) -> str:
    """上了色的一段代码；numbered 的每行有锚点 L-行号。"""
    try:
        lexer = get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text", stripnl=False)
    text = highlight(code.rstrip("\n") + "\n", lexer, HtmlFormatter(nowrap=True))
    if not numbered:
        return f'<div class="highlight"><pre><code>{text}</code></pre></div>'
    lines = text.removesuffix("\n").split("\n")
    rows = "".join(f'<span id="L-{i}">{line}\n</span>' for i, line in enumerate(lines, 1))
    return f'<div class="highlight numbered"><pre><code>{rows}</code></pre></div>'


def formula(content: str, options: dict) -> str:
    """一条公式：原文留着，由网页里的 KaTeX 画。"""
    return html.escape(content)


def fence(renderer, tokens: list, at: int, options: dict, env: dict) -> str:
    """一个代码块。"""
    return coloured(tokens[at].content, tokens[at].info.strip())


def parser() -> MarkdownIt:
    """CommonMark 加表格与 $ 公式。"""
    made = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    made.use(dollarmath_plugin, renderer=formula, double_inline=True)
    made.add_render_rule("fence", fence)
    return made


MARKDOWN = parser()


def slug(text: str) -> str:
    """GitHub 由标题得到的锚点。"""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def plain(inline) -> str:
    """标题去掉记号以后的字。"""
    kept = ("text", "code_inline", "math_inline")
    return "".join(child.content for child in inline.children or () if child.type in kept)


def relink(tokens: list, change) -> None:
    """每个链接与图的地址换成 change(地址)，HTML 里写的也换。"""
    for token in tokens:
        relink(token.children or [], change)
        for name in ("href", "src"):
            if name in token.attrs:
                token.attrs[name] = change(token.attrs[name])
        if token.type in ("html_inline", "html_block"):
            token.content = ADDRESS.sub(
                lambda found: f'{found[1]}{change(found[2])}"', token.content
            )
        if token.type == "image":
            token.attrs["loading"] = "lazy"


def number_headings(tokens: list, toc: list) -> None:
    """标题加上锚点，记进目录；末尾的 [§9.1] 换成锚点 s9.1。"""
    taken = {anchor for _, anchor, _ in toc}
    for opening, inline in zip(tokens, tokens[1:]):
        if opening.type != "heading_open":
            continue
        section = SECTION.search(inline.content)
        if section:
            inline.children[-1].content = SECTION.sub("", inline.children[-1].content)
        anchor = f"s{section[1]}" if section else slug(inline.content)
        count = sum(name == anchor or name.startswith(f"{anchor}-") for name in taken)
        anchor = f"{anchor}-{count}" if anchor in taken else anchor
        taken.add(anchor)
        opening.attrs["id"] = anchor
        toc.append((int(opening.tag[1]), anchor, plain(inline)))


def rendered(text: str, base: str, page: Page, links: Links) -> str:
    """base 目录里的一段 Markdown，放到 page 上的网页；它的标题记进 page.toc。"""
    tokens = MARKDOWN.parse(text)
    relink(tokens, lambda href: links.rewrite(href, base, page.path))
    number_headings(tokens, page.toc)
    body = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    for before, after in PUT.items():
        body = body.replace(before, after)
    return body


def words(body: str) -> str:
    """网页里读得到的字。"""
    return " ".join(html.unescape(TAG.sub(" ", body)).split())
