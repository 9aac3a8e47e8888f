"""台账页：每句话一格，图、结论、量到的数；可以只看一种结论或一章。"""

import html
import json
from collections import Counter

from site_links import Links, between
from site_markdown import Page, rendered

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.page import CLAIMS_HEAD, DETAILS, fold, folded
from paddle_gan.lab.report import LEDGER
from paddle_gan.lab.verdict import CONDITIONAL, FAILS, HOLDS, UNKNOWN, UNMEASURED

PATH = "claims.html"
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


def claim_card(name: str, claim: dict, page: Page, links: Links, written: set[str]) -> str:
    """一条：题目、结论、句子、图、怎么量的。"""
    title = html.escape(f"{claim['row']} {claim['title']}")
    page.toc.append((2, name, f"{claim['row']} {claim['title']}"))
    head = f'<h2 id="{name}">{title}</h2><p>{chip(claim["verdict"])} '
    head += f"{section_link(name, written)}</p>"
    body = ""
    if "tier" in claim:
        image = between(page.path, links.site_path(f"tutorials/claims/{name}.png"))
        alt = html.escape(claim["title"], quote=True)
        body = f"<p><b>{html.escape(claim['sentence'])}</b></p>"
        if claim["conclusion"] != claim["verdict"]:
            body += f"<p>结论：{html.escape(claim['conclusion'])}。</p>"
        body += f'<img class="figure" loading="lazy" src="{image}" alt="{alt}">'
        inner = Page(page.path, "", "")
        body += rendered(fold(name, claim), "tutorials", inner, links)
    kind = VERDICTS[claim["verdict"]]
    return f'<section class="claim" data-verdict="{kind}">{head}{body}</section>'


def claims_page(links: Links, written: set[str]) -> Page:
    """台账页；written 是已经有的章。"""
    ledger, page = read_ledger(), Page(PATH, "台账", "", kind="claims")
    text = CLAIMS_HEAD.replace("# 课程的每句话，量出来怎么样", "# 课程的每句话，量出来怎么样\n")
    page.html = rendered(f"{text}\n{folded('判据怎样判，数怎样写', DETAILS)}", "", page, links)
    page.toc = []
    page.html += filters(ledger)
    cards = [claim_card(name, claim, page, links, written) for name, claim in ledger.items()]
    page.html += "".join(cards)
    return page
