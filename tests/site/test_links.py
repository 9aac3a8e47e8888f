"""写好的网站：每个链接、锚点与图都在，没有一样要从网上取。"""

import re
from urllib.parse import unquote, urlsplit

import pytest
from site_place import PAGES, Read, site  # noqa: F401

from paddle_gan.methods import METHODS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pages(site) -> dict:  # noqa: F811
    """每一页：文件 → 读出来的。"""
    return {path: Read(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def inside(page, url: str):
    """本站的链接 → （文件，锚点）；站外的是 None。"""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return None
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return target, unquote(parts.fragment)


def test_every_internal_link_leads_to_a_page_and_a_place_in_it(pages):
    broken, count = [], 0
    for page, read in pages.items():
        if page.name == "404.html":
            continue  # 服务器在任何一层都可能给出它，里面的链接从根写起
        for target, anchor in filter(None, (inside(page, url) for url in read.links)):
            count += 1
            known = pages[target].anchors if target in pages else {""}
            lost = not target.is_file() or (anchor and anchor not in known)
            broken += [f"{page.name} → {target.name}#{anchor}"] if lost else []
    assert broken == [] and count > 5_000


def test_every_picture_script_and_style_is_a_file_of_the_site(pages, site):  # noqa: F811
    count = 0
    for page, read in pages.items():
        for url in [] if page.name == "404.html" else read.fetched:
            target, _ = inside(page, url)
            assert target.is_relative_to(site) and target.stat().st_size > 0, (page, url)
            count += 1
    assert count > 1_000


def test_every_file_named_in_a_style_sheet_is_there(site):  # noqa: F811
    named = [
        (sheet.parent / url).resolve()
        for sheet in site.rglob("*.css")
        for url in re.findall(r"url\(([^)\"':]+)\)", sheet.read_text(encoding="utf-8"))
        if not url.startswith("#")
    ]
    assert [path for path in named if not path.is_file()] == [] and len(named) >= 20


def test_the_site_has_every_kind_of_page_and_one_for_each_method(site, pages):  # noqa: F811
    wanted = {*PAGES.values(), *(f"methods/{name}.html" for name in METHODS)}
    assert {name for name in wanted if not (site / name).is_file()} == set()
    assert len(pages) > 100


def test_a_lost_link_and_a_lost_anchor_would_be_seen(tmp_path):
    read = Read('<h2 id="a"></h2><a href="x.html#b">甲</a><img src="y.png"><script src="z.js">')
    assert read.anchors == {"a"} and read.links == ["x.html#b"]
    assert read.fetched == ["y.png", "z.js"]
    assert inside(tmp_path / "p.html", "x%20y.html#%E7%94%B2") == (tmp_path / "x y.html", "甲")
    assert inside(tmp_path / "p.html", "https://a.b/") is None
