"""Matplotlib 图的中文字体与样式；图只在这里设样式，别处只管画。

字体是思源黑体（Noto Sans CJK SC，SIL OFL 1.1）裁出的子集，由 tools/maintain/build_font.py 生成，
不依赖系统里装了什么。配色是 Okabe 与 Ito（2008）的八色，红绿色盲也分得开。
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

FAMILY = "PaddleGAN Sans SC"
FONT = Path(__file__).parent / "assets" / "PaddleGANSansSC.otf"
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, GRAY = "#CC79A7", "#56B4E9", "#F0E442", "#777777"
COLORS = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, GRAY, YELLOW)
STYLE = {
    "font.family": [FAMILY],
    "axes.unicode_minus": True,
    "axes.prop_cycle": matplotlib.cycler(color=COLORS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "axes.axisbelow": True,
    "axes.titlesize": 12,
    "legend.frameon": False,
    "figure.dpi": 100,
    "savefig.dpi": 100,
    "mathtext.fontset": "custom",  # 对数坐标的 10ⁿ 也用同一个字体
    "mathtext.default": "regular",
    **{f"mathtext.{kind}": FAMILY for kind in ("rm", "it", "bf", "bfit", "sf", "tt", "cal")},
}


@cache
def register() -> None:
    """向 Matplotlib 登记随包的字体；一个进程只做一次。"""
    font_manager.fontManager.addfont(FONT)


@contextmanager
def style() -> Iterator[None]:
    """块内画的图用中文字体与本课程的配色，出了块恢复原样。"""
    register()
    with matplotlib.rc_context(STYLE):
        yield


def new_figure(columns: int = 1, rows: int = 1, size: tuple[float, float] = (5.0, 3.6)):
    """一张图和 columns × rows 个坐标系（rows × columns 的数组）；size 是每格的英寸数。

    不经过 pyplot，没有全局状态，任何进程里都能画；要在 style() 块里调用。
    """
    figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def save_png(figure: Figure, path: Path) -> None:
    """存成 PNG；不写软件版本与时间，同样的图得到同样的文件。"""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})


@cache
def covered() -> frozenset[str]:
    """随包字体有字形的全部字符。"""
    return frozenset(map(chr, font_manager.get_font(FONT).get_charmap()))


def missing_glyphs(figure: Figure) -> set[str]:
    """图中文字里字体没有的字符（$…$ 里的数学式除外，它们由 mathtext 排）；应当是空集。"""
    figure.draw_without_rendering()  # 刻度的文字要排过版才有
    texts = [text.get_text() for text in figure.findobj(Text)]
    return {c for text in texts if "$" not in text for c in text if c != "\n"} - covered()
