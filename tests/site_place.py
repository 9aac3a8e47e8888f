"""网站的测试共用：整个测试过程只写一次的网站，和系统里的 Chromium。"""

import os
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from filelock import FileLock
from tool_helpers import load_tool

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAGES = {  # 每一种页一个
    "首页": "index.html",
    "章": "chapters/02.html",
    "长的章": "chapters/09.html",
    "台账": "claims.html",
    "方法": "methods/wgan.html",
    "各个方法": "methods/index.html",
    "画廊": "gallery.html",
    "词典": "glossary.html",
    "练习": "exercises.html",
    "课程地图": "map.html",
    "文档": "docs/常见问题.html",
    "源码": "source/paddle_gan/methods/base.py.html",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """写好的网站；几个测试进程共用一份。"""
    pytest.importorskip("mkdocs", reason="没有 mkdocs：pip install -r requirements-site.txt")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "built_site"
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            load_tool("build_site").build_site(folder)
    return folder


@pytest.fixture(scope="module")
def browser():
    """系统里的 Chromium；没有它，或没有 Playwright，跳过。"""
    playwright = pytest.importorskip("playwright.sync_api", reason="没有 playwright")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("没有 Chromium：apt-get install chromium")
    with playwright.sync_playwright() as running:
        launched = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


class Read(HTMLParser):
    """一页里的锚点、链接、要取的文件。"""

    def __init__(self, text: str):
        super().__init__()
        self.anchors, self.links, self.fetched = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag == "link" and "icon stylesheet preload".find(found.get("rel", "")) >= 0:
            self.fetched.append(found["href"])
        if found.get("src"):
            self.fetched.append(found["src"])
