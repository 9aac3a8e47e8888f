"""网站的各样零件：链接、公式、标题的锚点、笔记本的输出、方法页的内容、索引、生成器的权重。"""

import base64
import json
import re

import numpy as np
import paddle
import pytest
from tool_helpers import ROOT, assert_one_sentence, load_tool, run_tool

from paddle_gan.data.images import to_uint8
from paddle_gan.errors import UserError
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.methods import METHODS
from paddle_gan.teaching.exercises import EXERCISES

build_site = load_tool("build_site")
site_links, site_markdown, site_chapters, site_methods, site_pages, site_claims = map(
    load_tool,
    ("site_links", "site_markdown", "site_chapters", "site_methods", "site_pages", "site_claims"),
)
site_search, site_latent = load_tool("site_search"), load_tool("site_latent")


@pytest.fixture
def links():
    """只有两页的一张路的表。"""
    table = {"tutorials/claims.md": "claims.html", "configs/a.yml": "methods/gan.html#config-a"}
    return site_links.Links(table | {"docs/速度.md": "docs/速度.html"})


def shown(text: str, links, path: str = "chapters/09.html"):
    """一段 Markdown 放在 path 上：（网页，目录）。"""
    page = site_markdown.Page(path, "", "")
    return site_markdown.rendered(text, "tutorials", page, links), page.toc


@pytest.mark.parametrize(
    "href, wanted",
    [
        ("claims.md#cures", "../claims.html#cures"),
        ("../configs/a.yml", "../methods/gan.html#config-a"),
        ("../docs/速度.md", "../docs/%E9%80%9F%E5%BA%A6.html"),
        ("assets/ring.gif", "../files/tutorials/assets/ring.gif"),
        ("../tools/train.py", "../source/tools/train.py.html"),
        ("#练习", "#练习"),
        ("https://arxiv.org/abs/1", "https://arxiv.org/abs/1"),
    ],
)
def test_a_link_of_the_repository_becomes_a_link_of_the_site(links, href, wanted):
    assert links.rewrite(href, "tutorials", "chapters/09.html") == wanted


def test_what_is_linked_is_remembered_and_a_lost_file_is_one_sentence(links):
    shown("[甲](../tools/train.py) ![乙](assets/ring.gif) <img src='x'>", links)
    assert links.sources == {"tools/train.py"}
    assert links.pictures == {"tutorials/assets/ring.gif"}
    with pytest.raises(UserError, match="docs/没有.md 不在仓库里"):
        shown("[丙](../docs/没有.md)", links)


def test_a_formula_keeps_every_character_and_code_is_not_a_formula(links):
    html, _ = shown("$a_1 * b_2 * c < d$ 与 `$x$`\n\n$$\\int_0^1 f_i$$\n", links)
    assert '<span class="math">a_1 * b_2 * c &lt; d</span>' in html
    assert "<code>$x$</code>" in html and 'class="math display"' in html
    assert "\\int_0^1 f_i" in html and "<em>" not in html


def test_headings_get_the_anchors_of_github_and_sections_their_number(links):
    text = "# 题 目\n## 9.1 改目标：A、B [§9.1]\n## 小结\n## 小结\n### `loss/D` 是什么？"
    html, toc = shown(text, links)
    anchors = [anchor for _, anchor, _ in toc]
    assert anchors == ["题-目", "s9.1", "小结", "小结-1", "lossd-是什么"]
    assert '<h2 id="s9.1">9.1 改目标：A、B</h2>' in html
    assert [level for level, _, _ in toc] == [1, 2, 2, 2, 3]


def test_lists_right_after_a_line_tables_and_code_blocks_are_read_as_github_reads_them(links):
    html, _ = shown("**学完**\n1. 甲\n\n| a |\n|---|\n| $x$ |\n\n```bash\npip x\n```\n", links)
    assert "<li>甲</li>" in html and '<div class="wide"><table>' in html
    assert html.count("<pre>") == 1 and "highlight" in html


def test_printed_source_is_linked_to_its_line_and_a_difference_is_coloured(links):
    page = site_markdown.Page("chapters/01.html", "", "")
    text = site_chapters.printed("# paddle_gan/losses.py:12\ndef f(): ...\n", page, links)
    assert 'href="../source/paddle_gan/losses.py.html#L-12"' in text and "losses.py:12<" in text
    assert 'class="gi"' in site_chapters.printed("--- a\n+++ b\n@@ -1 +1 @@\n+x\n", page, links)
    assert "<details>" in site_chapters.printed("一行\n" * 25, page, links)
    assert site_chapters.printed("<b>\x1b[31m红\x1b[0m", page, links).endswith("&lt;b&gt;红</pre>")


def test_a_numbered_listing_has_one_anchor_for_each_line():
    text = (ROOT / "paddle_gan/losses.py").read_text(encoding="utf-8")
    listing = site_markdown.coloured(text, numbered=True)
    count = len(text.splitlines())
    assert f'id="L-{count}"' in listing and f'id="L-{count + 1}"' not in listing
    read = site_markdown.words(listing).split()
    assert "".join(read) == "".join(text.split())


def test_siblings_are_those_the_docstrings_name():
    found = {method: site_methods.sibling(method) for method in METHODS}
    assert (found["wgan"], found["progan"], found["dcgan"]) == ("gan", "wgan_gp", "gan")
    assert [method for method, other in found.items() if other is None] == ["gan"]
    assert all(method != other for method, other in found.items())


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_its_paper_its_aim_and_a_comment_for_each_hyperparameter(method):
    text = site_methods.introduction(method)
    assert "<b>动机：</b>" in text and "<b>目标：</b>" in text and "教程：" in text
    # 折的行接起来了：换行都在一句话的末尾，折到行首的半句话没有当成题目
    assert all(piece.endswith("。") for piece in re.split("<br>|</p>", text)[:-1]), text
    assert "**" not in text
    table = site_methods.hparams(method)
    assert table.count("<tr>") > 2 and "<td></td>" not in table


def test_a_method_page_says_what_was_measured_and_where_the_source_is(links):
    results = load_tool("results")
    configs, measured = results.shipped(), results.read_results()
    page = site_methods.method_page("wgan_gp", configs, measured, links)
    for name in ("wgan_gp_digits", "wgan_gp_ring"):
        score = results.spread(results.column(measured[name], results.measured(measured[name])[0]))
        current = results.is_current(measured[name], configs[name])
        assert (f"<td>{score}</td>" in page.html) == current, name
        assert f'id="config-{name}"' in page.html
    assert "gallery.html#wgan_gp_digits" in page.html
    assert "paddle_gan/methods/wgan_gp.py" in links.sources
    assert [title for level, _, title in page.toc if level == 2] == [
        "配置与量到的数",
        "超参数",
        "与兄弟的差别",
        "源码",
    ]


def test_the_ledger_page_has_one_card_for_each_experiment_with_its_verdict(links):
    page, ledger = site_claims.claims_page(links, {"09"}), site_claims.read_ledger()
    assert [anchor for _, anchor, _ in page.toc] == list(ledger) and set(ledger) <= set(EXPERIMENTS)
    for verdict, count in site_claims.counts(ledger).items():
        kind = site_claims.VERDICTS[verdict]
        assert page.html.count(f'<section class="claim" data-verdict="{kind}">') == count
        assert f">{verdict} {count}</button>" in page.html
    assert 'href="chapters/09.html#s9.6"' in page.html and "chapters/10.html" not in page.html


def test_the_index_of_exercises_has_every_question_and_no_answer():
    page = site_pages.exercises_page(site_chapters.notebooks())
    assert page.html.count("<li>") == len(EXERCISES)
    assert not any(exercise.why in page.html for exercise in EXERCISES.values())


def test_the_search_index_has_a_row_for_each_section_and_leaves_code_out():
    page = site_markdown.Page("a.html", "甲", "", kind="chapter")
    page.html = '<h1>甲</h1><p>头</p><h2 id="b">乙 <code>c</code></h2>文字<pre>代码</pre>尾 &lt;'
    assert site_search.entries(page) == [
        ["a.html", "甲", "甲", "头", 3],
        ["a.html#b", "甲", "乙 c", "文字 尾 <", 3],
    ]
    source = site_markdown.Page("s.html", "源", "<p>x</p>", kind="source")
    assert json.loads(site_search.script([page, source])[16:-2]) == site_search.entries(page)


def test_the_packed_weights_give_the_picture_that_paddle_gives():
    data = json.loads(site_latent.script().removeprefix("window.LATENT = ").removesuffix(";\n"))
    z = np.random.default_rng(0).standard_normal((8, 100)).astype(np.float32)
    h = z.astype(np.float64)
    for i, layer in enumerate(data["layers"]):
        weight, bias = (
            np.frombuffer(base64.b64decode(layer[name]), "<f2").astype(np.float64)
            for name in ("weight", "bias")
        )
        h = h @ weight.reshape(layer["inputs"], layer["outputs"]) + bias
        h = np.tanh(h) if i == len(data["layers"]) - 1 else np.maximum(h, 0)
    with paddle.no_grad():
        wanted = site_latent.load().sampler()(paddle.to_tensor(z)).numpy()
    off = np.abs(to_uint8(h.reshape(wanted.shape), (-1, 1)).astype(int) - to_uint8(wanted, (-1, 1)))
    assert off.max() <= 2 and np.std(wanted) > 0.3
    lengths = np.linalg.norm(data["directions"], axis=1)
    assert lengths == pytest.approx(np.ones(site_latent.DIRECTIONS), abs=1e-3)


def test_a_folder_with_other_things_and_a_missing_package_are_one_sentence(
    tmp_path, capsys, monkeypatch
):
    (tmp_path / "我的.txt").write_text("x")
    result = run_tool(capsys, monkeypatch, "build_site", "--out", tmp_path)
    assert_one_sentence(result, "不会覆盖" if build_site.lost_packages() == [] else "还缺")
    monkeypatch.setattr(build_site, "find_spec", lambda name: None)
    result = run_tool(capsys, monkeypatch, "build_site", "--out", tmp_path / "新")
    assert_one_sentence(result, "mkdocs", "pip install -r requirements-site.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["我的.txt"]
