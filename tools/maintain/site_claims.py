"""台账页：每句话一格，图、结论、量到的数；可以只看一种结论或一章。"""

import html
import json
import re
from collections import Counter

from site_links import ROOT, Links, between
from site_markdown import Page, rendered

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.page import CLAIMS_HEAD, how_to_read
from paddle_gan.lab.report import LEDGER
from paddle_gan.lab.verdict import CONDITIONAL, FAILS, HOLDS, UNKNOWN, UNMEASURED

PATH = "claims.html"
PLACE = re.compile(r'^<a id="(\w+)"></a>$', re.MULTILINE)
VERDICTS = {  # 结论 → 样式的名字
    HOLDS: "holds",
    CONDITIONAL: "conditional",
    FAILS: "fails",
    UNMEASURED: "unmeasured",
    UNKNOWN: "unknown",
}


def read_ledger() -> dict[str, dict]:
    """台账：实验 → 一条。"""
    return json.loads(LEDGER.read_text(encoding="utf-8"))


def folds() -> dict[str, str]:
    """每个实验折起来的一段，照 tutorials/claims.md 里写好的：实验 → Markdown。"""
    text = (ROOT / "tutorials/claims.md").read_text(encoding="utf-8")
    pieces = PLACE.split(text)[1:]
    return {name: body[body.index("<details>") :] for name, body in zip(pieces[::2], pieces[1::2])}


def counts(ledger: dict[str, dict]) -> dict[str, int]:
    """各种结论有几条，没有的不写。"""
    found = Counter(claim["verdict"] for claim in ledger.values())
    return {name: found[name] for name in VERDICTS if found[name]}


def place(name: str) -> tuple[str, str]:
    """一个实验在哪一章的哪一节：（章号，节号）。"""
    section = EXPERIMENTS[name].anchor.strip("[]§")
    return f"{int(section.split('.')[0]):02d}", section


def chip(verdict: str) -> str:
    """结论的一个小标签。"""
    return f'<span class="chip {VERDICTS[verdict]}">{verdict}</span>'


def filters(ledger: dict[str, dict]) -> str:
    """按结论筛选的按钮。"""
    buttons = [f'<button data-verdict="" aria-pressed="true">全部 {len(ledger)}</button>']
    buttons += [
        f'<button data-verdict="{VERDICTS[name]}" aria-pressed="false">{name} {n}</button>'
        for name, n in counts(ledger).items()
    ]
    return f'<div class="filters" role="group" aria-label="按结论筛选">{"".join(buttons)}</div>'


def section_link(name: str, written: set[str]) -> str:
    """到那一章那一节的链接；那一章还没有写，只写节号。"""
    chapter, section = place(name)
    if chapter not in written:
        return f"§{section}"
    return f'<a href="chapters/{chapter}.html#s{section}">§{section}</a>'


def claim_body(name: str, claim: dict, fold: str, page: Page, links: Links) -> str:
    """量过的一条：句子、结论、图、怎么量的。"""
    image = between(page.path, links.site_path(f"tutorials/claims/{name}.png"))
    body = f"<p><b>{html.escape(claim['sentence'])}</b></p>"
    if claim["conclusion"] != claim["verdict"]:
        body += f"<p>结论：{html.escape(claim['conclusion'])}。</p>"
    alt = html.escape(claim["title"], quote=True)
    body += f'<a href="{image}"><img class="figure" loading="lazy" src="{image}" alt="{alt}"></a>'
    return body + rendered(fold, "tutorials", Page(page.path, "", ""), links)


def claim_head(name: str, claim: dict, page: Page, written: set[str]) -> str:
    """一条的头：题目、结论、哪一节。"""
    title = html.escape(f"{claim['row']} {claim['title']}")
    page.toc.append((2, name, f"{claim['row']} {claim['title']}"))
    head = f'<h2 id="{name}">{title}</h2><p>{chip(claim["verdict"])} '
    head += f"{section_link(name, written)}</p>"
    return head


def claims_page(links: Links, written: set[str]) -> Page:
    """台账页；written 是已经有的章。"""
    ledger, page = read_ledger(), Page(PATH, "台账", "", kind="claims")
    title, _, text = CLAIMS_HEAD.split("\n\n", 2)  # 中间一段是写给维护者的
    text = f"{title}\n\n{text}\n{how_to_read()}"
    page.html = rendered(text, "tutorials", page, links)
    page.toc = []
    page.html += filters(ledger)
    measured = folds()
    for name, claim in ledger.items():
        body = claim_head(name, claim, page, written)
        if name in measured:
            body += claim_body(name, claim, measured[name], page, links)
        kind = VERDICTS[claim["verdict"]]
        page.html += f'<section class="claim" data-verdict="{kind}">{body}</section>'
    return page
