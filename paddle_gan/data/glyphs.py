"""汉字字形：3,000 个常用字（GB2312 一级）的四种字体，成对与不成对的翻译都能练，答案已知。

划分按素材里的字序 i（即 GB2312 的拼音序）定死，不用随机数，换机器、换版本都一样：
- 测试：i 能被 6 整除的 500 字，两种字体都有，是藏起来的真值；
- 训练：其余 2,500 字。不成对时，x 取其中第 0、2、4…个，y 取第 1、3、5…个，各 1,250 字，
  没有一个字同时出现在两个域里，模型不可能靠记住配对取巧。
"""

from typing import Literal

import numpy as np

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Pair, Unpaired
from paddle_gan.data.images import ASSETS, SIGNED, load_asset, to_float
from paddle_gan.errors import UserError

Font = Literal["hei", "song", "wenkai", "mashan"]
FONTS: dict[int, tuple[str, ...]] = {
    32: ("hei", "song", "wenkai", "mashan"),
    64: ("hei", "wenkai"),
}
TEST_EVERY = 6


def load_glyphs(font: str, size: int) -> np.ndarray:
    """一种字体的全部字形 uint8 (3000, size, size, 1)，白纸 255；没有这个尺寸时报 UserError。"""
    if font not in FONTS[size]:
        sizes = [str(known) for known, fonts in FONTS.items() if font in fonts]
        raise UserError(
            f"字体 {font} 没有 {size} 像素的字形：它的 size 可取 {'、'.join(sizes)}；"
            f"{size} 像素可用的字体是 {'、'.join(FONTS[size])}"
        )
    return load_asset(f"glyphs_{size}_{font}.npz")["x"][..., None]


class Glyphs(Dataset):
    """汉字字形，灰度一个通道，黑字白纸（白纸是 +1，墨是 −1）。

    x_font、y_font 是两个域的字体：hei 黑体、song 宋体、wenkai 楷体、mashan 毛笔行楷。
    Pair 两个域逐字对应；Unpaired 见本文件开头；Images 只有 x_font。
    .x_images、.y_images 是这个划分的 uint8 (N, size, size, 1)，第 i 张都是第 i 个字。
    """

    batch_types = (Images, Unpaired, Pair)
    ground = "white"
    value_range = SIGNED

    def __init__(
        self,
        *,
        x_font: Font = "hei",
        y_font: Font = "wenkai",
        size: Literal[32, 64] = 32,
        split: Split = "train",
    ):
        characters = (ASSETS / "glyph_characters.txt").read_text(encoding="utf-8").strip()
        held_out = np.arange(len(characters)) % TEST_EVERY == 0
        chosen = np.flatnonzero(held_out == (split == "test"))
        self.codepoints = np.array([ord(characters[i]) for i in chosen], np.uint32)
        self.x_images = load_glyphs(x_font, size)[chosen]
        self.y_images = load_glyphs(y_font, size)[chosen]
        self.shape = self.y_shape = (1, size, size)
        everything = np.arange(len(chosen))
        disjoint = split == "train"
        self._x_index = everything[0::2] if disjoint else everything
        self._y_index = everything[1::2] if disjoint else everything

    def characters(self, domain: Literal["x", "y"]) -> str:
        """Unpaired 的这个域里有哪些字；训练时两个域没有公共的字，测试时两个域都是全部 500 字。"""
        index = self._x_index if domain == "x" else self._y_index
        return "".join(map(chr, self.codepoints[index]))

    def lengths(self, kind: type) -> tuple[int, ...]:
        if kind is Unpaired:
            return len(self._x_index), len(self._y_index)
        return (len(self.codepoints),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        if kind is Unpaired:
            x = self.x_images[self._x_index[indices[0]]]
            y = self.y_images[self._y_index[indices[1]]]
            return Unpaired(to_float(x, SIGNED), to_float(y, SIGNED))
        x = to_float(self.x_images[indices[0]], SIGNED)  # (N, 1, size, size)
        if kind is Pair:
            return Pair(x, to_float(self.y_images[indices[0]], SIGNED))
        return Images(x)
