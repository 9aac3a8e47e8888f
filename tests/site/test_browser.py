"""写好的网站在真的浏览器里、从文件夹打开：不报错、不联网、搜得到、画得出公式、手机上不用左右滚。"""

import numpy as np
import paddle
import pytest
from site_place import PAGES, browser, site  # noqa: F401
from tool_helpers import load_tool

from paddle_gan.data.images import to_uint8

pytestmark = pytest.mark.slow
LOCAL = ("file:", "data:", "blob:", "about:")


class Tab:
    """一个页签；troubles 是控制台的错误与警告、没有接住的异常和站外的请求。"""

    def __init__(self, browser, site, width: int = 1280, scheme: str = "light"):  # noqa: F811
        size = {"width": width, "height": 800}
        self.page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
        self.site, self.troubles = site, []
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", self.asked)
        self.page.on("requestfailed", self.failed)

    def heard(self, message) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(message.text)

    def asked(self, request) -> None:
        if not request.url.startswith(LOCAL):
            self.troubles.append(request.url)

    def failed(self, request) -> None:
        if request.failure != "net::ERR_ABORTED":  # 还没有载完就去了下一页
            self.troubles.append(f"{request.url}：{request.failure}")

    def open(self, path: str):
        """打开一页，等它载完。"""
        file, mark, query = path.partition("?")
        self.page.goto(f"{(self.site / file).as_uri()}{mark}{query}")
        return self.page


@pytest.fixture
def tab(browser, site):  # noqa: F811
    """开一个页签；测试完了看有没有出过事。"""
    opened = []

    def make(**options) -> Tab:
        opened.append(Tab(browser, site, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.page.context.close()
        assert one.troubles == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_opens_without_an_error_or_a_request_to_the_outside(tab, scheme):
    opened = tab(scheme=scheme)
    for path in PAGES.values():
        page = opened.open(path)
        color = page.evaluate("getComputedStyle(document.body).backgroundColor")
        red = int(color.removeprefix("rgb(").split(",")[0])
        assert (red < 60) == (scheme == "dark"), (path, color)
        assert page.locator("h1").first.is_visible(), path


def test_no_page_scrolls_sideways_on_a_phone(tab):
    opened = tab(width=375)
    for path in PAGES.values():
        page = opened.open(path)
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path


def test_searching_in_chinese_finds_the_chapter(tab):
    page = tab().open("methods/gan.html")
    for query in ("模式崩溃", "模式崩溃怎么治"):  # 后一个整句哪里也没有
        page.keyboard.press("/")
        page.locator("dialog.search input").fill(query)
        page.locator("dialog.search li a").first.wait_for()
        found = page.locator("dialog.search li a").evaluate_all("all => all.map(a => a.href)")
        assert any("/chapters/09.html" in url for url in found[: 1 if query == "模式崩溃" else 10])
        page.keyboard.press("Escape")
    page.locator(".search-button").click()
    page.locator("dialog.search input").fill("xyzzy 没有这样的词组 qqq")
    assert page.locator("dialog.search p").inner_text() == "没有找到"
    page.locator("dialog.search input").fill("模式崩溃")
    page.locator("dialog.search li a").first.click()
    page.wait_for_url("**/chapters/09.html*")
    assert "模式崩溃" in page.locator("h1").inner_text()


def test_slash_opens_the_search_again_right_after_escape(tab):
    page = tab().open("methods/gan.html")
    page.keyboard.press("/")
    page.locator("dialog.search input").fill("模式崩溃")
    opened = page.evaluate(  # 两下按在同一帧里：浏览器还没有把焦点移开
        """() => {
            for (const key of ["Escape", "/"]) {
                const press = new KeyboardEvent("keydown", {key, bubbles: true});
                document.activeElement.dispatchEvent(press);
            }
            return document.querySelector("dialog.search").open;
        }"""
    )
    assert opened


def test_every_formula_of_every_chapter_is_drawn_with_its_own_fonts(tab, site):  # noqa: F811
    opened, drawn = tab(), 0
    for path in sorted((site / "chapters").glob("*.html")):
        page = opened.open(f"chapters/{path.name}")
        assert page.locator(".katex-error").count() == 0, path.name
        count = page.locator(".math").count()
        assert page.locator(".math .katex-html").count() == count, path.name
        drawn += count
        page.evaluate("document.fonts.ready")
        assert not count or page.evaluate("document.fonts.check('16px KaTeX_Math')"), path.name
    assert drawn > 300


def test_the_ledger_shows_only_the_verdict_asked_for(tab):
    claims = load_tool("site_claims")
    wanted = claims.counts(claims.read_ledger())
    opened = tab()
    page = opened.open("claims.html")
    shown = page.locator(".claim:visible")
    assert shown.count() == sum(wanted.values())
    for verdict, count in wanted.items():
        page.locator(f".filters [data-verdict={claims.VERDICTS[verdict]}]").click()
        assert shown.count() == count
    page = opened.open("claims.html?only=fails")
    assert page.locator(".claim:visible").count() == wanted["不成立"]


def test_the_generator_in_the_page_draws_what_paddle_draws(tab):
    page = tab().open("index.html")
    page.locator("#latent[data-ready=true]").wait_for()
    z = np.random.default_rng(0).standard_normal((20, 100)).astype(np.float32)
    drawn = page.evaluate("all => all.map(z => Array.from(latent.pixels(z)))", z.tolist())
    method = load_tool("site_latent").load()
    with paddle.no_grad():
        wanted = to_uint8(method.sampler()(paddle.to_tensor(z)).numpy(), (-1.0, 1.0))
    off = np.abs(np.array(drawn) - wanted.reshape(20, -1).astype(int))
    assert off.max() <= 2 and (off == 0).mean() > 0.999
    assert wanted.std() > 50  # 不是一张黑图


def test_the_sliders_and_the_small_pictures_change_the_big_one(tab):
    page = tab().open("index.html")
    page.locator("#latent[data-ready=true]").wait_for()
    read = "document.querySelector('.latent-top canvas').toDataURL()"
    seen = {page.evaluate(read)}
    for knob in page.locator("#latent input").all():
        knob.evaluate("k => { k.value = 0.5; k.dispatchEvent(new Event('input')); }")
        seen.add(page.evaluate(read))
    page.locator(".wall button").nth(5).click()
    page.wait_for_timeout(900)
    seen.add(page.evaluate(read))
    page.get_by_role("button", name="换一批 z").click()
    seen.add(page.evaluate(read))
    assert len(seen) == 1 + 4 + 2
