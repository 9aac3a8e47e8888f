"""搜索的索引：每一节一条，正文照原样；网页里的 search.js 直接在里面找字，中文不用分词。"""

import json
import re

from site_markdown import Page, words

HEADING = re.compile(r'<h[1-3] id="([^"]+)"[^>]*>(.*?)</h[1-3]>', re.DOTALL)
# 代码与印出来的字不收；没有锚点的题目就是页的题目
LEFT_OUT = re.compile(r"<pre.*?</pre>|<button.*?</button>|<h1>.*?</h1>", re.DOTALL)
WEIGHTS = {"chapter": 3, "method": 2, "claims": 2, "docs": 2}  # 同样合适时谁在前面


def entries(page: Page) -> list[list]:
    """一页的各节：[网址, 页的题目, 节的题目, 正文, 分量]。"""
    body = LEFT_OUT.sub(" ", page.html)
    pieces = HEADING.split(body)
    weight = WEIGHTS.get(page.kind, 1)
    found = [[page.path, page.title, page.title, words(pieces[0]), weight]]
    for anchor, title, text in zip(pieces[1::3], pieces[2::3], pieces[3::3]):
        found.append([f"{page.path}#{anchor}", page.title, words(title), words(text), weight])
    return [entry for entry in found if entry[3] or entry[2] != page.title]


def script(pages: list[Page]) -> str:
    """search_data.js 的全文；源码页不收。"""
    found = [entry for page in pages if page.kind != "source" for entry in entries(page)]
    return f"window.SEARCH = {json.dumps(found, ensure_ascii=False)};\n"
