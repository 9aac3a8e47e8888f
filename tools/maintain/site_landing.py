"""首页：这是什么、一条命令、拖一拖就变的生成器、量了什么、从哪里读起。"""

import html

import site_claims
import site_methods
from site_links import ROOT, Links, between
from site_markdown import Page, coloured

from paddle_gan.methods import METHODS
from paddle_gan.run.gallery import names

PATH = "index.html"
COMMAND = "pip install -r requirements-cpu.txt && python tools/train.py -c configs/gan_digits.yml"
PLAYGROUND = "tools/playground.py"
FILM = "tutorials/assets/films/avatars_best.png"
PITCH = (
    "跟着中文 GAN 课程读一章，就在自己的电脑上把那一章的话跑出来、量出来。"
    "只要 CPU，不用下载数据。"
)
LATENT = """<div class="latent" id="latent" data-ready="false">
<div class="latent-top"><canvas width="28" height="28" aria-label="G(z) 画的数字"></canvas>
<div class="knobs">
<label>方向一 <input type="range" min="-4" max="4" step="0.05" value="0" data-direction="0"></label>
<label>方向二 <input type="range" min="-4" max="4" step="0.05" value="0" data-direction="1"></label>
<label>方向三 <input type="range" min="-4" max="4" step="0.05" value="0" data-direction="2"></label>
<label>缩放 z <input type="range" min="0" max="1.5" step="0.05" value="1" data-scale></label>
<button type="button">换一批 z</button></div></div>
<div class="wall" role="group" aria-label="点一个，走过去"></div>
<p class="hint">一个真的生成器，在你的浏览器里算：{about}。点一个小图，沿着球面走过去；样本没有挑过。</p>
</div>"""


def latent() -> str:
    """网页里的生成器。"""
    about = '<a href="methods/gan.html">最朴素的全连接 GAN</a>，CPU 上训练两分半'
    return LATENT.format(about=about)


def hero(first: str) -> str:
    """左边是这是什么、一条命令；右边是生成器。"""
    play = ""
    if (ROOT / PLAYGROUND).is_file():
        play = "<p>边训练边调：</p>" + coloured(f"python {PLAYGROUND}", "bash")
    return f"""<div class="hero"><div class="pitch">
<h1>飞桨 GAN 课程伴学工具箱</h1><p class="lead">{PITCH}</p>
{coloured(COMMAND, "bash")}
<p class="small">装好依赖，几分钟训练出一个写手写数字的 GAN。</p>{play}
<p class="buttons"><a class="md-button md-button--primary" href="chapters/{first}.html">从第 {first} 章读起</a>
<a class="md-button" href="claims.html">课程说的对不对</a></p></div>{latent()}</div>"""


def film(links: Links) -> str:
    """胶片：同样的八个 z，从头到尾。"""
    image = between(PATH, links.site_path(FILM))
    return f"""<figure class="filmstrip"><a href="gallery.html"><img src="{image}"
alt="同样的八个 z，从第 350 步到第 3500 步"></a>
<figcaption>同样的八个 z 怎样变成脸：<a href="methods/r1.html#config-avatars_best">avatars_best</a>，
2 核 CPU 上九分钟。<a href="gallery.html">画廊</a>里还有 {len(names()) - 1} 次完整的训练。</figcaption></figure>"""


def measured() -> str:
    """量了什么：几种结论各有几条。"""
    found = site_claims.counts(site_claims.read_ledger())
    bars = "".join(
        f'<a class="bar {site_claims.VERDICTS[name]}" style="flex-grow:{count}" '
        f'href="claims.html?only={site_claims.VERDICTS[name]}">{count}<small>{name}</small></a>'
        for name, count in found.items()
    )
    total = sum(found.values())
    return f"""<h2 id="measured">课程里的 {total} 句话，逐句量过</h2>
<p>每句话先写好判据，再换几个种子跑；不成立的照实写不成立。数、图、种子和重跑的命令都在<a href="claims.html">台账</a>里。</p>
<div class="bars">{bars}</div>"""


def chapter_list(chapters: list[Page]) -> str:
    """各章的题目。"""
    items = "".join(
        f'<a class="card" href="{page.path}"><b>{html.escape(page.title)}</b></a>'
        for page in chapters
    )
    return f"""<h2 id="chapters">{len(chapters)} 章，每章一本跑好的笔记本</h2>
<p>讲义里的话 → 公式 → 源码 → 图与数 → 弄坏它 → 练习。怎样安排、在 AI Studio 上怎样跑，见<a href="map.html">课程地图</a>。</p>
<div class="cards words">{items}</div>"""


def landing_page(chapters: list[Page], links: Links) -> Page:
    """首页。"""
    page = Page(PATH, "首页", "", kind="landing")
    cards = "".join(site_methods.cards(PATH, links))
    methods = f"""<h2 id="methods">{len(METHODS)} 个方法，一个方法一个文件</h2>
<p>写法都一样，所以两个文件相减，就是两篇论文的差别。</p><div class="cards">{cards}</div>"""
    parts = [hero(chapters[0].path[9:11]), film(links), measured()]
    page.html = "\n".join([*parts, chapter_list(chapters), methods])
    page.toc = [(2, "measured", "逐句量过"), (2, "chapters", "章"), (2, "methods", "方法")]
    return page
