"""文档：README 短，写到的链接与图都在；命令写在 ```bash 块里。"""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README_zh.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, ROOT / "README.md", *DOCS, *sorted((ROOT / "tutorials").glob("*.md"))]
LINK = re.compile(r"\]\(([^()\s]+)\)|<img[^>]+src=\"([^\"]+)\"")
FENCE = re.compile(r"^ *```(.*?)^ *```$", re.MULTILINE | re.DOTALL)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """去掉代码块与行内代码，那里的方括号不是链接。"""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text_of(page)))


def links(page: Path) -> list[tuple[str, str]]:
    """一页里的相对链接与图：（路径，锚点）。"""
    found = [unquote(a or b) for a, b in LINK.findall(prose(page))]
    inside = [link for link in found if not re.match(r"[a-z]+:", link)]
    return [(path, anchor) for path, _, anchor in (link.partition("#") for link in inside)]


def anchors(page: Path) -> set[str]:
    """能跳到的地方：写明的 id，和 GitHub 由标题得到的锚点。"""
    text = text_of(page)
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)"', text))


def test_the_readme_fits_in_a_few_minutes_of_reading():
    lines = [line for line in text_of(README).splitlines() if not line.startswith("| [")]
    assert len(lines) <= 100  # 方法表一个方法一行，不算；字数也是
    assert len("\n".join(lines)) <= 3_100


def test_the_first_screen_has_the_strip_then_the_two_commands():
    first = text_of(README).split("\n## ")[0] + text_of(README).split("\n## ")[1]
    strip = first.index("](tutorials/assets/strip.png)")
    commands = first.index(
        "```bash\n"
        "pip install -r requirements-cpu.txt && python tools/train.py -c configs/gan_digits.yml\n"
        "pip install -r requirements-dev.txt && pytest\n"
        "```"
    )
    assert strip < commands < 1_000


def test_the_readme_leads_to_every_page_of_docs_and_every_chapter():
    linked = {path for path, _ in links(README)}
    assert {f"tutorials/{book.name}" for book in (ROOT / "tutorials").glob("*.ipynb")} <= linked
    assert {f"docs/{page.name}" for page in DOCS} <= linked and len(DOCS) >= 8


@each_page
def test_every_relative_link_and_picture_leads_to_a_file_and_a_place_in_it(page):
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT) and target.exists(), f"{page.name}：没有 {path}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page.name}：{path} 里没有 #{anchor}"


def test_a_broken_link_a_missing_picture_and_a_wrong_anchor_are_seen(tmp_path):
    page = tmp_path / "a.md"
    page.write_text(
        '# 一、题 目\n[甲](没有.md) ![乙](无.png) <img src="x.png"> [丙](#一题-目) [丁](https://a.b)\n'
        "`[行](内.md)`\n```bash\n[不](算.md)\n```\n",
        encoding="utf-8",
    )
    assert links(page) == [("没有.md", ""), ("无.png", ""), ("x.png", ""), ("", "一题-目")]
    assert anchors(page) == {"一题-目"}


@each_page
def test_every_code_block_says_what_it_is_and_every_command_stands_in_a_bash_block(page):
    for block in FENCE.findall(text_of(page)):
        language, _, body = block.partition("\n")
        is_command = re.search(r"^(python|pip|pytest) ", body, re.MULTILINE)
        assert language == "bash" or not is_command, body
