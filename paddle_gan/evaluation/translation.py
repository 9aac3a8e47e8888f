"""用训练好的翻译模型处理你自己的图像：任意大小、灰度或彩色。

输出与输入一样大；超分辨率的大几倍（与训练时相同）。补洞的，图的最后一个通道说洞在哪里。

网络只接受边长是某个倍数的图：先按反射补边，译完再裁回来；太小的先放大。太大的，先缩小、译完还原，
或者不缩小，一块一块地译（tiles.py）。
"""

import numpy as np
import paddle

from paddle_gan.data.image_files import Seen
from paddle_gan.data.image_scan import Progress
from paddle_gan.data.images import resize_image, to_float, to_uint8
from paddle_gan.data.masked import HOLED, rectangles, with_hole
from paddle_gan.errors import UserError
from paddle_gan.evaluation.tiles import blend, cut, overlap_of, scattered, shared_statistics
from paddle_gan.limits import GIGABYTE
from paddle_gan.methods.abilities import Translates
from paddle_gan.run import memory
from paddle_gan.run.build import Shapes
from paddle_gan.run.config import Config
from paddle_gan.run.missing import Missing

MAX_SIDE = 512  # 长边默认的上限：width = 64 的网络译一张 512×512 约占 0.5 GB 内存
MIN_SIDE, MIN_TILE = 32, 64  # 长边的上限、一块的边长，至少这么大
ROWS = 512  # 一次把这么多行换回 uint8


def size_rule(config: Config, sides: tuple[int, int]) -> tuple[tuple[int, int], int]:
    """网络接受的大小：（高与宽各必须是几的倍数，每边最小多少）；sides 是训练时的（高，宽）。"""
    generator = config.network["generator"]
    if generator["name"] == "unet":
        multiple = 2 ** generator["depth"]
        return (multiple, multiple), multiple
    if generator["name"] == "sr_generator":
        return (1, 1), 1
    if generator["name"] != "resnet_generator":
        return sides, 1  # 不知道别的网络怎样下采样，只有训练时的大小一定可以
    multiple = 2 ** generator["down"]
    # 反射填充 p 要求边长大于 p：入口处 p = 3，最小的特征图上 p = 1
    return (multiple, multiple), max(4, 2 * multiple)


def input_shape(shapes: Shapes, direction: str) -> tuple[int, ...]:
    """这个方向的输入形状 (C, H, W)。"""
    return shapes.x if direction == "x2y" else shapes.y


def require_direction(config: Config, method: Translates, direction: str) -> None:
    """这个方法会译这个方向，网络也在（随包的训练可以只带一个），否则抛出 UserError。"""
    if direction not in method.directions():
        able = "、".join(method.directions())
        raise UserError(f"{config.method} 不会译 {direction}；会的方向：{able}（--direction）")
    network = method.translator(direction)
    if isinstance(network, Missing):
        raise network.error()


def bytes_per_pixel(config: Config) -> int:
    """译一张图，每个像素大约要多少字节内存；不认得的网络是 0。

    resnet_generator：实测（256 到 512 像素、width 16 到 64、下采样 1 到 3 次）峰值是每像素
    5 到 13 个 width 通道的 float32，宽的取小的一头。
    sr_generator：实测（200 到 400 像素、width 16 到 64、2 与 4 倍）是放大以后的每像素
    4·width + 16 个 float32。
    """
    generator = config.network["generator"]
    if generator["name"] == "sr_generator":
        return 4 * config.data["factor"] ** 2 * (4 * generator["width"] + 16)
    return 4 * (6 * generator["width"] + 110) if generator["name"] == "resnet_generator" else 0


class Translator:
    """把 uint8 图像译到另一个域。

    参数：
        config, method: Run.load() 的结果
        shapes: Run.shapes() 的结果
        direction: x2y 或 y2x
        max_side: 长边超过它的图，缩小后再译，译完放回原来的大小；None 是不缩小
        tile: 哪一边超过它的图，切成这么大的块来译；None 是不切，0 是自己按内存选
    属性：
        factor: 译文的边长是输入的几倍
        channels: 输入的通道数；holed 时不算说洞在哪里的那一个
        holed: 是不是补洞
    """

    def __init__(
        self,
        config: Config,
        method: Translates,
        shapes: Shapes,
        direction: str,
        max_side: int | None = MAX_SIDE,
        tile: int | None = None,
    ):
        self.method, self.direction, self.max_side = method, direction, max_side
        self.value_range = shapes.value_range
        channels, height, width = input_shape(shapes, direction)
        self.factor = shapes.y[1] // shapes.x[1]  # 大小不同的只会 x2y
        self.holed = channels in HOLED
        self.channels = channels - self.holed
        if self.holed and tile is not None:
            raise UserError(
                "补洞要连着洞的四周一起看，不能切成块；请去掉 --tile，图太大时用 --max-side"
            )
        self.hole = config.data.get("hole") or min(height, width) // 2  # 训练时的洞与图的边长
        self.side = min(height, width)
        self.multiples, self.minimum = size_rule(config, (height, width))
        self.cost = bytes_per_pixel(config)
        self.tile = self._automatic() if tile == 0 else tile

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """同样大小的一批图 uint8 (N, H, W, C) → uint8 (N, f·H, f·W, C')，f 是 factor。

        补洞的输入另有最后一个通道，洞里不是 0；洞外照原样。
        """
        height, width = images.shape[1:3]
        h, w = self.working_size(height, width)
        small = np.stack([resize_image(image, w, h) for image in images])
        padded, (top, left) = self._padded(small)
        if self.in_tiles(height, width):
            y = np.stack([self._by_tiles(image) for image in padded])
        else:
            y = self._network(padded)
        f = self.factor
        translated = y[:, f * top : f * (top + h), f * left : f * (left + w)]
        made = np.stack(
            [resize_image(np.ascontiguousarray(i), f * width, f * height) for i in translated]
        )
        return np.where(images[..., -1:] > 0, made, images[..., :-1]) if self.holed else made

    def prepared(self, seen: Seen) -> np.ndarray:
        """一张读好的图换成输入 uint8 (H, W, C)；补洞的接上洞的通道。

        透明的地方就是洞；没有透明的地方时，照训练时那样，在正中挖掉同样的一份。
        """
        if not self.holed:
            return seen.image
        if seen.alpha is not None:
            hole = seen.alpha < 255
        else:
            sides = seen.image.shape[:2]
            inner = tuple(max(1, round(length * self.hole / self.side)) for length in sides)
            corner = np.subtract(sides, inner) // 2
            hole = rectangles(corner[None], inner, sides)[0, 0]
        return np.concatenate([seen.image, 255 * hole[..., None].astype(np.uint8)], axis=2)

    def working_size(self, height: int, width: int) -> tuple[int, int]:
        """补边之前的（高，宽）：长边不超过 max_side，各边不小于网络的下限。"""
        scale = min(1.0, (self.max_side or np.inf) / max(height, width))
        return max(self.minimum, round(height * scale)), max(self.minimum, round(width * scale))

    def shrinks(self, height: int, width: int) -> bool:
        """这么大的图是不是缩小后译的。"""
        return self.max_side is not None and max(height, width) > self.max_side

    def in_tiles(self, height: int, width: int) -> bool:
        """这么大的图是不是一块一块译的。"""
        sizes = zip(self.working_size(height, width), self.tiles())
        return self.tile is not None and any(size > tile for size, tile in sizes)

    def tiles(self) -> tuple[int, int]:
        """一块的（高，宽）：tile 取成网络要的倍数，至少装得下重叠的两边。"""
        height, width = (
            max((self.tile or 0) // m * m, 2 * overlap_of(0, m)) for m in self.multiples
        )
        return height, width

    def bytes_for(self, height: int, width: int) -> int:
        """译这么大的一张图大约要多少字节内存。"""
        h, w = self.working_size(height, width)
        if not self.in_tiles(height, width):
            return h * w * self.cost
        tall, wide = self.tiles()
        # 除了一块要的，还有整张图的输出（float32，至多三个通道）与几份 uint8
        return tall * wide * self.cost + 32 * h * w * self.factor**2

    def require_memory(self, sizes: list[tuple[int, int]]) -> None:
        """这些大小（高，宽）的图都装得进内存，否则抛出 UserError，说怎么改。"""
        free = memory.available()
        height, width = max(sizes, key=lambda size: self.bytes_for(*size))
        needed = self.bytes_for(height, width)
        if free is None or needed <= free:
            return
        lever = "请把 --max-side 改小，或用 --tile auto 分块译"
        if self.in_tiles(height, width):
            lever = "请把 --tile 改小，或用 --max-side 先缩小"
        raise UserError(
            f"译 {width}×{height} 的图约要 {needed / GIGABYTE:.2g} GB 内存，"
            f"现在能用的有 {free / GIGABYTE:.2g} GB；{lever}"
        )

    def _automatic(self) -> int:
        """一块的边长：MAX_SIDE，内存少时小一些（用到能用的一半）。"""
        free = memory.available()
        fits = np.sqrt(free / 2 / self.cost) if free and self.cost else MAX_SIDE
        return int(min(MAX_SIDE, max(MIN_TILE, fits)))

    def _padded(self, images: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
        """四周补到 multiples 的倍数；返回补好的与原图左上角的位置。"""
        h, w = images.shape[1:3]
        # 边长为 1 时 NumPy 的反射等于重复
        extra_h, extra_w = -h % self.multiples[0], -w % self.multiples[1]
        top, left = extra_h // 2, extra_w // 2
        margins = ((0, 0), (top, extra_h - top), (left, extra_w - left), (0, 0))
        return np.pad(images, margins, mode="reflect"), (top, left)

    def _network(self, images: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W, C) → uint8 (N, f·H, f·W, C')，边长已是网络要的倍数。"""
        return to_uint8(self._floats(images), self.value_range)

    def _floats(self, images: np.ndarray) -> np.ndarray:
        x = to_float(images, self.value_range)
        if self.holed:  # 缩小以后沾着洞的像素也算洞
            x = with_hole(x[:, :-1], x[:, -1:] > self.value_range[0])
        y = self.method.translate(paddle.to_tensor(x), self.direction).numpy()
        if not np.isfinite(y).all():
            raise UserError("译文里有 NaN 或 Inf，训练已经发散；请换一个更早的检查点")
        return y

    def _by_tiles(self, image: np.ndarray) -> np.ndarray:
        """一张补好边的图 uint8 (H, W, C)，一块一块地译。"""
        tiles = self.tiles()
        overlaps = tuple(overlap_of(t, m) for t, m in zip(tiles, self.multiples))
        pieces = cut(image.shape[:2], tiles, overlaps, self.multiples)
        samples = scattered(image, tiles, self.multiples, self.minimum)
        network = self.method.translator(self.direction)
        progress = Progress(len(pieces), "正在分块译")
        with shared_statistics(network, lambda: self._floats(samples)):
            y = blend(image, pieces, lambda part: self._floats(part[None])[0], progress)
        rows = range(0, y.shape[1], ROWS)  # 逐段换回去，中间的 float32 不会再占几倍内存
        return np.concatenate([to_uint8(y[:, r : r + ROWS], self.value_range) for r in rows])
