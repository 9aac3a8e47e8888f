"""mkdocs 的钩子：每页的正文已经是网页，目录写在页头，照原样放进主题。"""

from mkdocs.structure.toc import get_toc


def on_page_markdown(markdown, page, **_):
    """正文不再当 Markdown 读。"""
    page.meta["body"] = markdown
    return ""


def on_page_content(html, page, **_):
    """换回正文与目录。"""
    page.toc = get_toc(page.meta["toc"])
    return page.meta["body"]
