"""全部的页：一份从仓库的路到网站的路的表，和照它写出来的各类网页。"""

from typing import NamedTuple

import results
import site_chapters
import site_claims
import site_landing
import site_methods
import site_pages
from site_links import Links
from site_markdown import Page


class Course(NamedTuple):
    """全部的页、要另存的图（网站的路 → 内容）、要照抄的图（仓库的路）。"""

    pages: list[Page]
    media: dict[str, bytes]
    pictures: set[str]


def routes() -> dict[str, str]:
    """有自己的页的文件：仓库的路 → 网站的路。"""
    books = site_chapters.notebooks()
    found = {f"tutorials/{path.name}": f"chapters/{n}.html" for n, path in books.items()}
    found |= {"README_zh.md": site_landing.PATH, "README.md": site_landing.PATH}
    found |= {"tutorials/README_zh.md": site_pages.MAP, "tutorials/claims.md": site_claims.PATH}
    found |= site_pages.docs() | {"paddle_gan/gallery/README.md": "docs/gallery.html"}
    return found | {
        f"configs/{name}.yml": f"methods/{config.method}.html#config-{name}"
        for name, config in results.shipped().items()
    }


def course() -> Course:
    """整个课程。"""
    books, links = site_chapters.notebooks(), Links(routes())
    writers = [site_chapters.Chapter(number, path, links) for number, path in books.items()]
    chapters = [writer.build() for writer in writers]
    methods = site_methods.pages(links)
    pages = [site_landing.landing_page(chapters, links), *chapters, *methods]
    pages += [site_claims.claims_page(links, set(books)), site_pages.gallery_page(links)]
    pages += [site_pages.exercises_page(books), site_pages.glossary_page()]
    pages += [
        site_pages.markdown_page(file, path, links)
        for file, path in links.pages.items()
        if path == site_pages.MAP or path.startswith("docs/")
    ]
    pages += site_pages.source_pages(links)
    media = {path: data for writer in writers for path, data in writer.media.items()}
    return Course(pages, media, links.pictures)
