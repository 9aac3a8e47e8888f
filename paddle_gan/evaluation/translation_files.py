"""翻译你自己的图像：读哪些文件、各写到哪里；要写的先全部想清楚，有一处不行就什么都不写。"""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from paddle_gan.data.image_files import BadImage, Seen, inspect_image
from paddle_gan.data.image_list import EXTENSIONS, list_images
from paddle_gan.data.image_scan import reasons
from paddle_gan.data.images import resize_image
from paddle_gan.errors import UserError
from paddle_gan.run.outputs import require_new

BATCH_PIXELS = 2**18  # 一批最多这么多像素；更大的图一张一张来


class Source(NamedTuple):
    """一个读过一遍的输入文件。"""

    size: tuple[int, int]  # （高，宽）
    transparent: bool
    animated: bool
    empty: bool = False  # 没有一处是不透明的


def plan_outputs(source: Path, out: Path, force: bool = False) -> dict[Path, Path]:
    """{输入文件: 输出文件}：输出是 out/子目录/原名.png；输入是一个文件时，out 可以就是 .png 文件。

    source 是一个文件，或一个目录（含子目录；out 若在它里面，out 里的不算）。会重名、会覆盖输入、
    或输出已经存在而没有写 force 时抛出 UserError，这时什么都还没有写。
    """
    if not source.exists():
        raise UserError(f"找不到 {source}；--input 要写一个图像文件，或装着图像的目录")
    if source.is_dir():
        plan = _plan_folder(source, out)
    elif names_a_file(out):
        plan = {source: out}
    else:
        plan = {source: out / source.with_suffix(".png").name}
    _require_distinct(plan)
    require_new(list(plan.values()), force)
    return plan


def names_a_file(out: Path) -> bool:
    """--out 写的是一个 PNG 文件，不是目录；写成别的图像格式时抛出 UserError。"""
    if out.is_dir():
        return False
    if out.suffix.lower() in EXTENSIONS and out.suffix.lower() != ".png":
        raise UserError(f"--out 要写成目录，或以 .png 结尾的文件（译文都写成 PNG），现在是 {out}")
    if out.exists() and out.suffix.lower() != ".png":
        raise UserError(f"--out {out} 是一个文件；这里要的是目录，或以 .png 结尾的文件")
    return out.suffix.lower() == ".png"


def _plan_folder(source: Path, out: Path) -> dict[Path, Path]:
    if names_a_file(out):
        raise UserError(f"--input {source} 是一个目录，--out 也要写成目录，现在是 {out}")
    if out.resolve() == source.resolve():
        raise UserError(f"--out 不能就是输入目录 {source}；请换一个目录")
    files = [f for f in list_images(source) if out.resolve() not in f.resolve().parents]
    return {file: out / name for file, name in output_names(files, source).items()}


def output_names(files: list[Path], root: Path) -> dict[Path, Path]:
    """{输入文件: 相对的输出路径}：原名.png；几个文件只有扩展名不同时，留着扩展名：照片.jpg.png。"""
    names = {file: file.relative_to(root).with_suffix(".png") for file in files}
    # 有的文件系统不分大小写
    count = Counter(str(name).casefold() for name in names.values())
    return {
        file: name if count[str(name).casefold()] == 1 else name.with_name(f"{file.name}.png")
        for file, name in names.items()
    }


def _require_distinct(plan: dict[Path, Path]) -> None:
    inputs = {file.resolve() for file in plan}
    taken: dict[str, Path] = {}
    for file, target in plan.items():
        # 有的文件系统不分大小写
        other = taken.setdefault(str(target).casefold(), file)
        if other is not file:
            raise UserError(f"{other} 与 {file} 的输出都是 {target}；请先给其中一个改名")
        if target.resolve() in inputs:
            raise UserError(f"输出 {target} 会覆盖输入；请用 --out 换一个位置")


def read_sources(files: list[Path], channels: int) -> dict[Path, Source]:
    """把每个文件解码一遍；有坏的就抛出 UserError，一次列出全部坏文件。"""
    sources, bad = {}, []
    for file in files:
        try:
            seen = inspect_image(file, channels)
            clear = seen.alpha is not None
            empty = clear and bool((seen.alpha < 255).all())
            sources[file] = Source(seen.image.shape[:2], clear, seen.animated, empty)
        except BadImage as error:
            bad.append(error)
    if len(bad) == 1:
        raise bad[0]
    if bad:
        raise UserError(f"{len(bad)} 个文件读不成图像：{reasons(bad)}；请移走它们")
    return sources


def batches_of(
    sources: dict[Path, Source], channels: int
) -> Iterator[tuple[list[Path], list[Seen]]]:
    """同样大小的相邻文件合成一批，一批不超过 BATCH_PIXELS；大图一张一批。"""
    for (height, width), group in groupby(sources, key=lambda file: sources[file].size):
        files = list(group)
        n = max(1, BATCH_PIXELS // (height * width))
        for i in range(0, len(files), n):
            chunk = files[i : i + n]
            yield chunk, [inspect_image(file, channels) for file in chunk]


def with_alpha(image: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """译文 uint8 (H, W, 1 或 3) 配上原图的不透明度（照译文的大小），成为 RGBA；没有时原样返回。"""
    if alpha is None:
        return image
    height, width = image.shape[:2]
    alpha = resize_image(alpha[..., None], width, height)[..., 0]
    colour = np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image
    return np.concatenate([colour, alpha[..., None]], axis=2)
