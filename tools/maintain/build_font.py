"""从思源黑体的公开软件包裁出随包附带的图用字体；只读你给的本地文件，自己不下载任何东西。

    apt-get install fonts-noto-cjk        # Debian 12 或 13，许可是 SIL OFL 1.1
    python tools/maintain/build_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

留下的字：GB 2312 一级汉字（3,755 个常用字）、本仓库源码里出现的全部汉字、ASCII、希腊字母、
全角标点与数学符号。许可全文在 paddle_gan/assets/OFL.txt。需要 fonttools（requirements-dev.txt）。
"""

from pathlib import Path

import _above  # noqa: F401
import _cli
from fontTools import subset
from fontTools.ttLib import TTFont

from paddle_gan.figures import FAMILY, FONT

ROOT = Path(__file__).resolve().parents[2]
SIMPLIFIED = 2  # .ttc 里第 2 个是简体（SC）
LIMIT = 1_000_000  # 字体文件的上限，字节
SOURCES = ("paddle_gan/**/*.py", "tools/*.py", "tutorials/**/*.py", "configs/*.yml")
# (起, 止)：ASCII 与拉丁补充、希腊、标点、上下标、字母样符号、箭头、数学、几何、全角标点与字母
RANGES = [(0x20, 0x7E), (0xA0, 0xFF), (0x391, 0x3C9), (0x2010, 0x2027), (0x2030, 0x203B)]
RANGES += [(0x2070, 0x209C), (0x2100, 0x214F), (0x2190, 0x21FF), (0x2200, 0x22FF)]
RANGES += [(0x25A0, 0x25FF), (0x2605, 0x2606), (0x2460, 0x2473), (0x3000, 0x3015), (0xFF01, 0xFF5E)]


def common_characters() -> set[int]:
    """GB 2312 一级汉字：第 16 到 55 区。"""
    cells = [bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return {ord(c) for c in b"".join(cells).decode("gb2312", errors="ignore")}


def source_characters() -> set[int]:
    """仓库的源码与配置里出现的全部非 ASCII 字符。"""
    files = [path for pattern in SOURCES for path in ROOT.glob(pattern)]
    return {ord(c) for path in files for c in path.read_text(encoding="utf-8") if ord(c) > 0x7F}


def wanted() -> set[int]:
    """要留下的码位。"""
    ranges = {code for first, last in RANGES for code in range(first, last + 1)}
    return ranges | common_characters() | source_characters()


def cut(font: TTFont) -> TTFont:
    """只留要的字形；提示（hinting）与排版特性对图没有用，去掉。"""
    options = subset.Options(
        hinting=False, layout_features=[], name_IDs=[0, 13, 14], notdef_outline=True
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted())
    cutter.subset(font)
    rename(font)
    return font


def rename(font: TTFont) -> None:
    """换一个名字：改动过的字体不再叫原名，也不会与系统里装的思源黑体混淆。"""
    names = {1: FAMILY, 2: "Regular", 4: FAMILY, 6: FAMILY.replace(" ", "")}
    for identifier, text in names.items():
        font["name"].setName(text, identifier, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [names[6]]
    top.topDictIndex[0].FullName = top.topDictIndex[0].FamilyName = FAMILY


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("source", type=Path, help="NotoSansCJK-Regular.ttc")
    args = parser.parse_args()
    if not args.source.is_file():
        raise _cli.UserError(f"找不到字体 {args.source}；先安装 fonts-noto-cjk")

    font = cut(TTFont(args.source, fontNumber=SIMPLIFIED, recalcTimestamp=False))
    FONT.parent.mkdir(exist_ok=True)
    font.save(FONT)
    size = FONT.stat().st_size
    print(f"{FONT}：{len(font.getBestCmap())} 个字符，{size:,} 字节")
    if size >= LIMIT:
        raise _cli.UserError(f"字体有 {size:,} 字节，超过 {LIMIT:,}")


if __name__ == "__main__":
    _cli.run(main)
