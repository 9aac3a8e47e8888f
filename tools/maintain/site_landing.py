"""首页：这是什么、一条命令、拖一拖就变的生成器、量了什么、从哪里读起；写法在 landing.html。"""

import html
import json
from pathlib import Path
from string import Template

import site_claims
import site_latent
import site_methods
from site_links import Links, between
from site_markdown import Page, coloured
from site_pages import film

from paddle_gan.methods import METHODS
from paddle_gan.run.gallery import GALLERY, names

PATH = "index.html"
TEMPLATE = Path(__file__).with_name("site_theme") / "landing.html"
COMMAND = "pip install -r requirements-cpu.txt && python tools/train.py -c configs/gan_digits.yml"
PLAYGROUND = "pip install -r requirements-playground.txt && python tools/playground.py"
FILM, STRIP = "r3gan_avatars", "tutorials/assets/strip.png"
TOC = {"measured": "逐句量过", "chapters": "各章", "methods": "方法"}


def playground() -> str:
    """演练场的命令。"""
    return f'<p class="small">边训练边动手，在浏览器里：</p>{coloured(PLAYGROUND, "bash")}'


def run_info(name: str) -> dict:
    """一次随包的训练的 run.json。"""
    return json.loads((GALLERY / name / "run.json").read_text(encoding="utf-8"))


def minutes(name: str) -> str:
    """一次随包的训练用了几分钟。"""
    return f"{run_info(name)['gallery']['minutes']:.1f}"


def bars(counts: dict[str, int]) -> str:
    """几种结论各有几条，一条一条的；点开是台账里的那几条。"""
    return "".join(
        f'<a class="bar {site_claims.VERDICTS[name]}" style="flex-grow:{count}" '
        f'href="claims.html?only={site_claims.VERDICTS[name]}">{count}<small>{name}</small></a>'
        for name, count in counts.items()
    )


def chapter_cards(chapters: list[Page]) -> str:
    """各章的题目。"""
    return "".join(
        f'<a class="card" href="{page.path}"><b>{html.escape(page.title)}</b></a>'
        for page in chapters
    )


def landing_page(chapters: list[Page], links: Links) -> Page:
    """首页。"""
    counts = site_claims.counts(site_claims.read_ledger())
    values = {
        "command": coloured(COMMAND, "bash"),
        "playground": playground(),
        "first": chapters[0].path,
        "minutes": minutes(site_latent.NAME),
        "film": film(FILM, PATH, links),
        "film_name": FILM,
        "film_method": run_info(FILM)["method"],
        "film_minutes": minutes(FILM),
        "others": len(names()) - 1,
        "claims": sum(counts.values()),
        "bars": bars(counts),
        "strip": between(PATH, links.site_path(STRIP)),
        "chapters": len(chapters),
        "chapter_cards": chapter_cards(chapters),
        "methods": len(METHODS),
        "method_cards": "".join(site_methods.cards(PATH, links)),
    }
    body = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(values)
    return Page(PATH, "首页", body, [(2, *item) for item in TOC.items()], "landing")
