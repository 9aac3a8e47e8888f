"""文档、词典、练习、画廊与源码的页。"""

import html
import json
from collections.abc import Container

import results
from site_links import ROOT, Links, between, source_page
from site_markdown import Page, coloured, rendered, slug

from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run.config import load_config
from paddle_gan.run.gallery import GALLERY, names
from paddle_gan.teaching.exercises import EXERCISES

LANGUAGES = {".py": "python", ".yml": "yaml", ".json": "json", ".toml": "toml"}
LARGEST = 200_000  # 源码页最多放多少字节，更大的只写有多大
COMMAND = "python tools/sample.py gallery:r3gan_avatars --num 64 --out faces.png"
MAP = "map.html"  # 课程地图


def docs() -> dict[str, str]:
    """docs/ 的页：仓库的路 → 网站的路。"""
    found = sorted((ROOT / "docs").glob("*.md"))
    return {f"docs/{path.name}": f"docs/{path.stem}.html" for path in found}


def markdown_page(file: str, path: str, links: Links, kind: str = "docs") -> Page:
    """一个 Markdown 文件。"""
    page = Page(path, "", "", kind=kind)
    text = (ROOT / file).read_text(encoding="utf-8")
    page.html = rendered(text, file.rpartition("/")[0], page, links)
    page.title = page.toc[0][2]
    return page


def glossary_page() -> Page:
    """曲线词典：每个记录的键，中文名、公式、健康样子、危险信号。"""
    page = Page("glossary.html", "曲线词典", "<h1>曲线词典</h1>", kind="glossary")
    page.html += f"<p>训练记录里的 {len(GLOSSARY)} 条曲线，每条是什么、怎样才算健康。</p>"
    groups = list(dict.fromkeys(key.split("/")[0] for key in GLOSSARY))  # 损失在最前面
    group = None
    for key, curve in sorted(
        GLOSSARY.items(), key=lambda item: groups.index(item[0].split("/")[0])
    ):
        if key.split("/")[0] != group:
            group = key.split("/")[0]
            anchor = f"group-{slug(group)}"
            page.toc.append((2, anchor, group))
            page.html += f'<h2 id="{anchor}">{group}</h2>'
        page.toc.append((3, slug(key), curve.name))
        page.html += curve_entry(key, curve)
    return page


def curve_entry(key: str, curve) -> str:
    """词典里的一条。"""
    lines = {"公式": curve.formula, "健康": curve.healthy, "危险": curve.danger}
    body = "".join(f"<dt>{k}</dt><dd>{html.escape(v)}</dd>" for k, v in lines.items() if v)
    title = f"{html.escape(curve.titled)} <code>{key}</code>"
    return f'<h3 id="{slug(key)}">{title}</h3><dl class="curve">{body}</dl>'


def exercises_page(written: Container[str]) -> Page:
    """练习总目：照章排，题目链到那一章的练习；那一章还没有写，就只写章号。"""
    page = Page("exercises.html", "练习", "<h1>练习</h1>", kind="exercises")
    page.html += (
        f"<p>{len(EXERCISES)} 道题，都在各章末尾；在笔记本里写 "
        "<code>check(题号, 答案)</code>，当场判对错，错得典型时说出错在哪里。</p>"
    )
    for number in sorted({int(key.split(".")[0]) for key in EXERCISES}):
        chapter, title = f"{number:02d}", f"第 {number:02d} 章"
        mine = {k: e for k, e in EXERCISES.items() if int(k.split(".")[0]) == number}
        page.toc.append((2, f"ch{chapter}", title))
        link = f'<a href="chapters/{chapter}.html#练习">{title}</a>'
        shown = link if chapter in written else title
        page.html += f'<h2 id="ch{chapter}">{shown}</h2><ul class="questions">'
        page.html += "".join(
            f"<li><b>{key}</b> {html.escape(e.question)}"
            f"{f'（{e.precision}）' if e.precision and e.precision not in e.question else ''}</li>"
            for key, e in mine.items()
        )
        page.html += "</ul>"
    return page


def gallery_page(links: Links) -> Page:
    """画廊：随包的训练，一次一段，从左到右是训练中的几步。"""
    page = Page("gallery.html", "画廊", "<h1>画廊</h1>", kind="gallery")
    page.html += (
        f"<p>随包带着 {len(names())} 次照配置完整跑完的训练，不用训练就能取样、看报告、看曲线。"
        "每一段从左到右是同一批噪声在训练中的几步。</p>"
    )
    page.html += coloured(COMMAND, "bash")
    for name in names():
        page.toc.append((2, name, name))
        page.html += gallery_entry(name, page.path, links)
    return page


def film(name: str, page: str, links: Links) -> str:
    """一次随包的训练的样本，一步一张，放在 page 上。"""
    shots = []
    for path in sorted((GALLERY / name / "samples").glob("fixed_*.png")):
        step = int(path.stem.rpartition("_")[2])
        image = between(page, links.site_path(path.relative_to(ROOT).as_posix()))
        shots.append(
            f'<figure><img loading="lazy" src="{image}" alt="{name} 第 {step} 步">'
            f"<figcaption>第 {step:,} 步</figcaption></figure>"
        )
    return f'<div class="film">{"".join(shots)}</div>'


def gallery_entry(name: str, page: str, links: Links) -> str:
    """一次随包的训练。"""
    info = json.loads((GALLERY / name / "run.json").read_text(encoding="utf-8"))
    method = load_config(GALLERY / name / "config.yml").method
    scores = "；".join(
        f"{GLOSSARY[key].titled} {value:.3g}" for key, value in info["gallery"]["scores"].items()
    )
    link = f'<a href="methods/{method}.html#config-{name}">{results.title(method)}</a>'
    told = f"{link} · {info['gallery']['minutes']:.1f} 分钟 · 诊断：{info['diagnosis']['verdict']}"
    head = f'<h2 id="{name}">{name}</h2><p>{told}<br><small>{scores}</small></p>'
    return head + film(name, page, links)


def source_text(file: str) -> str:
    """源码页的正文：一个文件，或一个目录里有什么。"""
    path = ROOT / file
    if path.is_dir():
        inside = sorted(p.name for p in path.iterdir() if not p.name.startswith(("_", ".")))
        return "<ul>" + "".join(f"<li><code>{name}</code></li>" for name in inside) + "</ul>"
    if path.stat().st_size > LARGEST:
        return f"<p>这个文件有 {path.stat().st_size:,} 字节，请在仓库里看。</p>"
    text = path.read_text(encoding="utf-8")
    return coloured(text, LANGUAGES.get(path.suffix, "text"), numbered=True)


def source_pages(links: Links) -> list[Page]:
    """链到过的源码，一个文件一页。"""
    return [
        Page(source_page(file), file, f"<h1>{file}</h1>{source_text(file)}", kind="source")
        for file in sorted(links.sources)
    ]
