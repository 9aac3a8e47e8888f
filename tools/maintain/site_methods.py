"""方法页：由 METHODS 生成：论文、目标、超参数、配置与量到的数、与兄弟的差别、源码。"""

import ast
import difflib
import html
import inspect
import re
import sys
from dataclasses import fields
from pathlib import Path

import results
import site_chapters
from site_links import ROOT, Links, between
from site_markdown import Page, coloured, slug

from paddle_gan.methods import METHODS
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run.gallery import names as gallery_names

ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
COMMENT = re.compile(r"^\s*(\w+): .*?(?:#\s*(.+?)\s*)?$", re.MULTILINE)
THAN = re.compile(r"与 ?([^\s，。：；]+(?: GAN)?) ?的[^。：]{0,4}差别")
THUMBS = "tutorials/assets/thumbs"


def document(method: str) -> str:
    """方法文件的说明。"""
    return sys.modules[METHODS[method].__module__].__doc__


def file_of(thing) -> str:
    """定义在哪个文件，从仓库写起。"""
    return Path(inspect.getsourcefile(thing)).resolve().relative_to(ROOT).as_posix()


def linked(text: str) -> str:
    """论文号换成链接，章号换成本站的链接。"""
    text = ARXIV.sub(r'<a href="https://arxiv.org/abs/\1">arXiv:\1</a>', html.escape(text))
    return re.sub(r"教程：([\d、]+)", lambda found: f"教程：{chapters(found[1])}", text)


def chapters(numbers: str) -> str:
    """“01、02” → 两章的链接；还没有写的只写章号。"""
    written = site_chapters.notebooks()
    return "、".join(
        f'<a href="../chapters/{n}.html">{n}</a>' if n in written else n
        for n in numbers.split("、")
    )


def unfolded(text: str) -> str:
    """一句话折成的几行接起来；句号后面的换行留着。"""
    spaced = re.sub(r"(?<=\w)\n(?=[!-~])|(?<=[!-~])\n(?=\w)", " ", text)  # 汉字与英文之间空一格
    return re.sub(r"(?<!。)\n", "", spaced)


def introduction(method: str) -> str:
    """文件的说明：第一行是论文，其余一段一个题目，冒号前的题目加粗；源码里折的行接起来。"""
    first, _, rest = document(method).strip().partition("\n")
    paragraphs = re.split(r"(?<=。)\n(?=[^\n：。，；]{2,14}：)", unfolded(rest.strip()))
    shown = [re.sub(r"^([^：<]{2,14}：)", r"<b>\1</b>", linked(p)) for p in paragraphs]
    shown = [re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", p).replace("\n", "<br>") for p in shown]
    return f'<p class="paper">{linked(first)}</p>' + "".join(f"<p>{text}</p>" for text in shown)


def sibling(method: str) -> str | None:
    """拿谁来比：说明里写的“与 X 的差别”；没有写的，是前面的方法里相同的行最多的。"""
    by_title = {results.title(name).replace(" ", ""): name for name in METHODS}
    if found := THAN.search(document(method)):
        named = by_title.get(found[1].replace(" ", ""))
        if named and named != method:
            return named
    before = list(METHODS)[: list(METHODS).index(method)]
    mine = inspect.getsource(METHODS[method]).splitlines()
    return max(before, key=lambda name: common(mine, name), default=None)


def common(mine: list[str], name: str) -> int:
    """与另一个方法相同的行数。"""
    return len(set(mine) & set(inspect.getsource(METHODS[name]).splitlines()))


def difference(method: str) -> str:
    """与兄弟的差别；头一个方法没有。"""
    other = sibling(method)
    if other is None:
        return "<p>它是头一个，没有可比的。</p>"
    old, new = (inspect.getsource(METHODS[name]).splitlines() for name in (other, method))
    changed = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    head = f'与 <a href="{other}.html">{results.title(other)}</a> 比：'
    head += "红的是它有而这里没有的，绿的相反。"
    return f"<p>{head}</p>" + coloured("\n".join(changed), "diff")


def comments(cls: type) -> dict[str, str]:
    """超参数 → 它后面的注释，父类的也算。"""
    found = {}
    for base in reversed(cls.__mro__[:-1]):
        flat = re.sub(r"\(\n\s+(.*?)\n\s+\)", r"\1", inspect.getsource(base))
        found |= {name: comment for name, comment in COMMENT.findall(flat) if comment}
    return found


def hparams(method: str) -> str:
    """超参数的表：名字、默认、注释。"""
    cls = METHODS[method].Hparams
    said = comments(cls)
    rows = "".join(
        f"<tr><td><code>{f.name}</code></td><td>{html.escape(str(f.default))}</td>"
        f"<td>{html.escape(said.get(f.name, ''))}</td></tr>"
        for f in fields(cls)
    )
    head = "<tr><th>名字</th><th>默认</th><th>说明</th></tr>"
    return f'<div class="wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def uses(method: str, page: str, links: Links) -> str:
    """这个文件从库里导入的每个名字，链到它的那一行。"""
    module = sys.modules[METHODS[method].__module__]
    found = []
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ImportFrom) and node.module.startswith("paddle_gan"):
            found += [alias.name for alias in node.names]
    things = {name: getattr(module, name) for name in found}
    shown = [
        f'<a href="{place(thing, page, links)}"><code>{name}</code></a>'
        for name, thing in things.items()
        if inspect.isclass(thing) or inspect.isfunction(thing)
    ]
    return "、".join(shown)


def place(thing, page: str, links: Links) -> str:
    """一个类或函数的源码在哪一页的哪一行。"""
    thing = inspect.unwrap(thing)
    return links.to_source(file_of(thing), inspect.getsourcelines(thing)[1], page)


def numbers(config, entry: dict | None) -> str:
    """一个配置量到的数。"""
    if not results.is_current(entry, config):
        return "<p>还没有在这里跑过。</p>"
    rows = "".join(
        f'<tr><td><a href="../glossary.html#{slug(key)}">{GLOSSARY[key].titled}</a></td>'
        f"<td>{results.spread(results.column(entry, key))}</td></tr>"
        for key in results.measured(entry)
    )
    took = results.spread(results.minutes(entry))
    tail = f"<p>{config.total_steps:,} 步，{len(entry['seeds'])} 个种子，2 核 CPU {took} 分钟。</p>"
    return f'<div class="wide"><table><tbody>{rows}</tbody></table></div>{tail}'


def configuration(measured: tuple, page: Page, links: Links) -> str:
    """一个配置（名字，配置，结果）：小图、数、全文、命令、随包的训练。"""
    name, config, entry = measured
    page.toc.append((3, f"config-{name}", name))
    body = f'<h3 id="config-{name}">{name}</h3>'
    if (ROOT / THUMBS / f"{name}.png").is_file():
        image = between(page.path, links.site_path(f"{THUMBS}/{name}.png"))
        body += f'<img class="thumb" loading="lazy" src="{image}" alt="{name} 的样本">'
    body += numbers(config, entry)
    body += coloured((ROOT / f"configs/{name}.yml").read_text(encoding="utf-8"), "yaml")
    body += coloured(f"python tools/train.py -c configs/{name}.yml", "bash")
    if name in gallery_names():
        body += f'<p>不训练先看看：<a href="../gallery.html#{name}">gallery:{name}</a></p>'
    return body


def configurations(page: Page, method: str, configs: dict, measured: dict, links: Links) -> str:
    """用这个方法的各个配置。"""
    mine = {name: config for name, config in configs.items() if config.method == method}
    first = representative(mine, measured)
    ordered = sorted(mine, key=lambda name: (name != first, name not in measured, name))
    return "".join(configuration((n, mine[n], measured.get(n)), page, links) for n in ordered)


def representative(mine: dict, measured: dict) -> str:
    """一个方法的各个配置里代表它的那个：量过的优先；一个配置也没有，是空串。"""
    ran = [n for n, config in mine.items() if results.is_current(measured.get(n), config)]
    method = next(iter(mine.values())).method if mine else ""
    return results.representative(method, ran or list(mine)) if mine else ""


def source_part(method: str, page: str, links: Links) -> str:
    """源码：在哪里、用到库里的什么、全文。"""
    file = file_of(METHODS[method])
    where = f"{file}:{inspect.getsourcelines(METHODS[method])[1]}"
    head = f'<a href="{place(METHODS[method], page, links)}">{where}</a>'
    text = (ROOT / file).read_text(encoding="utf-8")
    return f"<p>{head}，用到 {uses(method, page, links)}</p>{coloured(text)}"


def method_page(method: str, configs: dict, measured: dict, links: Links) -> Page:
    """一个方法的页。"""
    page = Page(f"methods/{method}.html", results.title(method), "", kind="method")
    page.html = f"<h1>{page.title}</h1>{introduction(method)}"
    parts = {
        "配置与量到的数": lambda: configurations(page, method, configs, measured, links),
        "超参数": lambda: hparams(method),
        "与兄弟的差别": lambda: difference(method),
        "源码": lambda: source_part(method, page.path, links),
    }
    for title, write in parts.items():
        page.toc.append((2, title, title))
        page.html += f'<h2 id="{title}">{title}</h2>{write()}'
    return page


def index_page(links: Links) -> Page:
    """全部方法：一格一个，小图、名字、一个数。"""
    page = Page("methods/index.html", "方法", "<h1>方法</h1>", kind="method")
    page.html += (
        f"<p>{len(METHODS)} 个方法，每个一个文件，写法都一样：相邻的两个文件相减，"
        "就是那两篇论文的差别。数都在 2 核 CPU 上量；↓ 越小越好，↑ 越大越好。</p>"
    )
    page.html += f'<div class="cards">{"".join(cards(page.path, links))}</div>'
    return page


def cards(page: str, links: Links) -> list[str]:
    """各个方法的一格，放在 page 上。"""
    configs, measured = results.shipped(), results.read_results()
    made = []
    for method in METHODS:
        mine = {n: c for n, c in configs.items() if c.method == method}
        name = representative(mine, measured)
        image, thumb = "", f"{THUMBS}/{name}.png"
        if (ROOT / thumb).is_file():
            source = between(page, links.site_path(thumb))
            image = f'<img loading="lazy" src="{source}" alt="{name} 的样本">'
        score = headline(measured[name]) if name in measured else "还没有量"
        href, title = between(page, f"methods/{method}.html"), results.title(method)
        made.append(f'<a class="card" href="{href}">{image}<b>{title}</b><span>{score}</span></a>')
    return made


def headline(entry: dict) -> str:
    """一个配置最要紧的一个数。"""
    keys = results.measured(entry)
    key = next((key for key in results.ONE if key in keys), keys[0])
    return f"{GLOSSARY[key].titled} {results.spread(results.column(entry, key))}"


def pages(links: Links) -> list[Page]:
    """全部方法的页，头一页是一览。"""
    configs, measured = results.shipped(), results.read_results()
    made = [method_page(method, configs, measured, links) for method in METHODS]
    return [index_page(links), *made]
