"""网页放进 mkdocs-material 的主题：一页一个源文件、顶上的几栏、配置。"""

import json
import logging
from pathlib import Path

import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config
from site_markdown import Page

HERE = Path(__file__).parent
THEME, HOOK = HERE / "site_theme", HERE / "site_hook.py"
NAME = "飞桨 GAN 课程伴学工具箱"


def nested(toc: list[tuple[int, str, str]]) -> list[dict]:
    """[(层, 锚点, 题目)] → 一层套一层的目录。"""
    top: list[dict] = []
    path: list[dict] = []
    for level, anchor, name in toc:
        entry = {"level": level, "id": anchor, "name": name, "children": []}
        while path and path[-1]["level"] >= level:
            path.pop()
        (path[-1]["children"] if path else top).append(entry)
        path.append(entry)
    return top


def write_page(page: Page, docs: Path) -> None:
    """一页写成 mkdocs 的一个源文件：页头是题目与目录，正文是网页。"""
    hidden = ["navigation", "toc"] if page.kind == "landing" else []
    hidden = ["toc"] if page.kind == "source" or page.path == "methods/index.html" else hidden
    head = {
        "title": page.title,
        "toc": nested(page.toc),
        "hide": hidden,
        "kind": page.kind,
        "math": 'class="math' in page.html,
    }
    file = docs / Path(page.path).with_suffix(".md")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"---\n{json.dumps(head, ensure_ascii=False)}\n---\n{page.html}\n", "utf-8")


def navigation(pages: list[Page]) -> list:
    """顶上的几栏，与每一栏里的页。"""

    def listed(kind: str) -> list[dict]:
        mine = [page for page in pages if page.kind == kind]
        return [{page.title: page.path[:-5] + ".md"} for page in mine]

    return [
        {"首页": "index.md"},
        {"章节": listed("chapter")},
        {"台账": "claims.md"},
        {"方法": ["methods/index.md", *listed("method")[1:]]},
        {"画廊": "gallery.md"},
        {"练习": "exercises.md"},
        {"词典": "glossary.md"},
        {"文档": listed("docs")},
    ]


def settings(pages: list[Page], docs: Path, out: Path) -> dict:
    """mkdocs 的配置。"""
    palette = [
        {
            "media": f"(prefers-color-scheme: {scheme})",
            "scheme": name,
            "primary": "indigo",
            "accent": "orange",
            "toggle": {"icon": f"material/weather-{icon}", "name": f"换成{other}色"},
        }
        for scheme, name, icon, other in (
            ("light", "default", "sunny", "深"),
            ("dark", "slate", "night", "浅"),
        )
    ]
    features = ("navigation.tabs", "navigation.indexes", "navigation.prune", "navigation.top")
    features += ("navigation.footer", "toc.follow", "content.code.copy")
    return {
        "site_name": NAME,
        "docs_dir": str(docs),
        "site_dir": str(out),
        "use_directory_urls": False,  # 从文件夹打开也能走
        "plugins": [],
        "hooks": [str(HOOK)],
        "nav": navigation(pages),
        "validation": {"nav": {"omitted_files": "ignore"}},
        "extra": {"generator": False},
        "theme": {
            "name": "material",
            "language": "zh",
            "font": False,  # 不从网上取字体
            "custom_dir": str(THEME / "templates"),
            "palette": palette,
            "features": list(features),
        },
    }


def write_site(pages: list[Page], work: Path, out: Path) -> None:
    """全部的页写进 out；work 是放源文件的临时目录。"""
    docs = work / "docs"
    for page in pages:
        write_page(page, docs)
    file = work / "mkdocs.yml"
    file.write_text(yaml.safe_dump(settings(pages, docs, out), allow_unicode=True), "utf-8")
    logging.getLogger("mkdocs").setLevel(logging.WARNING)  # 只说不对的
    build(load_config(str(file)))
