"""用训练好的翻译模型处理你自己的图像：任意大小、灰度或彩色，输出与输入一样大。

网络只接受边长是某个倍数的图：先按反射补边，译完再裁回来；太小的先放大，太大的先缩小，译完还原。
"""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import paddle

from paddle_gan.data.image_files import BadImage, read_image
from paddle_gan.data.image_list import list_images
from paddle_gan.data.image_scan import listed
from paddle_gan.data.images import resize_image, to_float, to_uint8
from paddle_gan.errors import UserError
from paddle_gan.methods.abilities import Translates
from paddle_gan.run.build import Shapes
from paddle_gan.run.config import Config
from paddle_gan.run.outputs import require_new

MAX_SIDE = 512  # 长边默认的上限：width = 64 的网络译一张 512×512 约占 3.3 GB 内存
BATCH_PIXELS = 2**18  # 一批最多这么多像素；更大的图一张一张来


def size_rule(config: Config, sides: tuple[int, int]) -> tuple[tuple[int, int], int]:
    """网络接受的大小：（高与宽各必须是几的倍数，每边最小多少）；sides 是训练时的（高，宽）。"""
    generator = config.network["generator"]
    if generator["name"] != "resnet_generator":
        return sides, 1  # 不知道别的网络怎样下采样，只有训练时的大小一定可以
    multiple = 2 ** generator["down"]
    # 反射填充 p 要求边长大于 p：入口处 p = 3，最小的特征图上 p = 1
    return (multiple, multiple), max(4, 2 * multiple)


def input_shape(shapes: Shapes, direction: str) -> tuple[int, ...]:
    """这个方向的输入形状 (C, H, W)。"""
    return shapes.x if direction == "x2y" else shapes.y


def require_direction(config: Config, method: Translates, direction: str) -> None:
    """这个方法会译这个方向，否则抛出 UserError。"""
    if direction not in method.directions():
        able = "、".join(method.directions())
        raise UserError(f"{config.method} 不会译 {direction}；会的方向：{able}（--direction）")


class Translator:
    """把 uint8 图像译到另一个域，大小不变。

    参数：
        config, method: Run.load() 的结果
        shapes: Run.shapes() 的结果
        direction: x2y 或 y2x
        max_side: 长边超过它的图，缩小后再译，译完放回原来的大小
    """

    def __init__(
        self,
        config: Config,
        method: Translates,
        shapes: Shapes,
        direction: str,
        max_side: int = MAX_SIDE,
    ):
        self.method, self.direction, self.max_side = method, direction, max_side
        self.value_range = shapes.value_range
        self.channels, height, width = input_shape(shapes, direction)
        self.multiples, self.minimum = size_rule(config, (height, width))

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """同样大小的一批图 uint8 (N, H, W, C) → uint8 (N, H, W, C')。"""
        height, width = images.shape[1:3]
        h, w = self.working_size(height, width)
        small = np.stack([resize_image(image, w, h) for image in images])
        # 上下左右补到 multiples 的倍数；边长为 1 时 NumPy 的反射等于重复
        extra_h, extra_w = -h % self.multiples[0], -w % self.multiples[1]
        top, left = extra_h // 2, extra_w // 2
        margins = ((0, 0), (top, extra_h - top), (left, extra_w - left), (0, 0))
        x = to_float(np.pad(small, margins, mode="reflect"), self.value_range)
        y = self.method.translate(paddle.to_tensor(x), self.direction).numpy()
        if not np.isfinite(y).all():
            raise UserError("译文里有 NaN 或 Inf，训练已经发散；请换一个更早的检查点")
        translated = to_uint8(y, self.value_range)[:, top : top + h, left : left + w]
        return np.stack([resize_image(np.ascontiguousarray(i), width, height) for i in translated])

    def working_size(self, height: int, width: int) -> tuple[int, int]:
        """补边之前的（高，宽）：长边不超过 max_side，各边不小于网络的下限。"""
        scale = min(1.0, self.max_side / max(height, width))
        return max(self.minimum, round(height * scale)), max(self.minimum, round(width * scale))


def plan_outputs(source: Path, out: Path, force: bool = False) -> dict[Path, Path]:
    """{输入文件: 输出文件}：输出是 out/子目录/原名.png。

    source 是一个文件，或一个目录（含子目录；out 若在它里面，out 里的不算）。会重名、会覆盖输入、
    或输出已经存在而没有写 force 时抛出 UserError，这时什么都还没有写。
    """
    if not source.exists():
        raise UserError(f"找不到 {source}；--input 要写一个图像文件，或装着图像的目录")
    if out.exists() and not out.is_dir():
        raise UserError(f"--out {out} 是一个文件；这里要的是目录")
    files, root = [source], source.parent
    if source.is_dir():
        if out.resolve() == source.resolve():
            raise UserError(f"--out 不能就是输入目录 {source}；请换一个目录")
        files = [f for f in list_images(source) if out.resolve() not in f.resolve().parents]
        root = source
    plan = {file: out / name for file, name in output_names(files, root).items()}
    _require_distinct(plan)
    require_new(list(plan.values()), force)
    return plan


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
            raise UserError(f"输出 {target} 会覆盖输入；请用 --out 换一个目录")


def read_sizes(files: list[Path], channels: int) -> dict[Path, tuple[int, int]]:
    """把每个文件解码一遍，返回（高，宽）；有坏的就抛出 UserError，一次列出全部坏文件。"""
    sizes, bad = {}, []
    for file in files:
        try:
            sizes[file] = read_image(file, channels).shape[:2]
        except BadImage as error:
            bad.append(error)
    if len(bad) == 1:
        raise bad[0]
    if bad:
        raise UserError(f"{len(bad)} 个文件读不成图像：{listed(bad)}；请移走它们")
    return sizes


def batches_of(
    sizes: dict[Path, tuple[int, int]], channels: int
) -> Iterator[tuple[list[Path], np.ndarray]]:
    """同样大小的相邻文件合成一批 uint8 (N, H, W, C)，一批不超过 BATCH_PIXELS；大图一张一批。"""
    for (height, width), group in groupby(sizes, key=sizes.get):
        files = list(group)
        n = max(1, BATCH_PIXELS // (height * width))
        for i in range(0, len(files), n):
            chunk = files[i : i + n]
            yield chunk, np.stack([read_image(file, channels) for file in chunk])
