"""彩色头像：6,000 个人，由 Adventurer 画风的矢量部件拼成，64 像素 RGB，每个人的九种特征都知道。

素材里存的是画好的部件（脸、眉、眼、嘴、发……）与每个人的特征，取用时才叠成图：只换一个特征，
就得到同一个人的另一张图，处处精确，所以翻译有藏起来的真值。划分按人的次序 i 定死：
- 测试：i 能被 6 整除的 1,000 人。成对时，每个人的两张图只差一个特征；
- 训练：其余 5,000 人。不成对时，x 是原本就有第一个值的人，y 是原本就有第二个值的人。
任何两个人，除了发色与眼镜，至少还有一处不同：测试的图换了发色或眼镜，也不会是训练见过的图。
"""

from functools import cached_property
from typing import Literal

import numpy as np

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Labeled, Pair, Unpaired
from paddle_gan.data.images import (
    SIGNED,
    image_batch,
    image_shape,
    load_asset,
    resize_images,
    to_float,
)
from paddle_gan.limits import Side

Attribute = Literal[
    "background", "skin", "hair", "hair_color", "eyes", "eyebrows", "mouth", "details", "glasses"
]
ATTRIBUTES: tuple[Attribute, ...] = (
    *("background", "skin", "hair", "hair_color"),
    *("eyes", "eyebrows", "mouth", "details", "glasses"),
)
PARTS = ("head", "eyes", "eyebrows", "mouth", "details", "glasses", "hair")  # 从下到上
TINTS = {"head": "skin", "hair": "hair_color"}  # 这两种部件的颜色由哪个特征定
PAIRS = {"hair_color": ("橙", "青"), "glasses": ("不戴", "方框")}  # 成对时 x 与 y 的值
TEST_EVERY = 6
CHUNK = 500  # 一次叠这么多人，限制内存


def avatar_asset() -> dict[str, np.ndarray]:
    """素材：people (6000, 9) uint8，各特征的 names_*，三种颜色 rgb_*，各部件的 layers_*。

    layers_* 是 uint8 (V, 64, 64, 5)：乘过不透明度的 RGB、上色的份量、不透明度 α。
    """
    return load_asset("avatars_64.npz")


def compose(people: np.ndarray, asset: dict[str, np.ndarray]) -> np.ndarray:
    """特征 (N, 9) 画成图 uint8 (N, 64, 64, 3)。"""
    starts = range(0, len(people), CHUNK)
    return np.concatenate([_compose(people[i : i + CHUNK], asset) for i in starts])


def _compose(people: np.ndarray, asset: dict[str, np.ndarray]) -> np.ndarray:
    column = dict(zip(ATTRIBUTES, people.T))
    side = asset["layers_head"].shape[1]
    ground = asset["rgb_background"][column["background"]]
    canvas = np.tile(ground[:, None, None], (1, side, side, 1))  # (N, 64, 64, 3)
    for part in PARTS:
        # 脸只有一种
        variants = column.get(part, np.zeros(len(people), np.uint8))
        tint = TINTS.get(part)
        for variant in np.unique(variants):
            who = np.flatnonzero(variants == variant)
            layer = asset[f"layers_{part}"][variant]
            colour = asset[f"rgb_{tint}"][column[tint][who]] if tint else np.zeros((len(who), 3))
            _paint(canvas, who, layer, colour)
    return canvas


def _paint(canvas: np.ndarray, who: np.ndarray, layer: np.ndarray, colour: np.ndarray) -> None:
    """把一个部件叠到 who 这些人的图上；colour (n, 3) 是他们各自的颜色。"""
    rows, columns = (np.flatnonzero(layer[..., 4].any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return  # 不戴眼镜
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    base, share, alpha = np.split(layer[box].astype(np.uint16), [3, 4], axis=-1)
    under = canvas[(who, *box)].astype(np.uint16)
    # 上 = 部件 + 份量·颜色 + (1 − α)·下；素材保证部件 + 份量 ≤ α，和不会超过 255
    over = 255 * base + share * colour[:, None, None].astype(np.uint16) + (255 - alpha) * under
    canvas[(who, *box)] = (over + 127) // 255


class Avatars(Dataset):
    """彩色头像；.images uint8 (N, size, size, 3)，.people (N, 9) 是特征，.names[特征] 是值的名字。

    参数：
        size: 边长；画的是 64 像素，别的由它缩放（32 是每 2×2 平均）
        label: 用哪个特征作类别，默认发色；.labels 是 .class_names 中的序号
        change: 成对与不成对时两个域差哪个特征：hair_color 是橙发与青发，glasses 是不戴与方框眼镜
    """

    batch_types = (Images, Labeled, Unpaired, Pair)
    value_range = SIGNED

    def __init__(
        self,
        *,
        size: Side = 64,
        label: Attribute = "hair_color",
        change: Literal["hair_color", "glasses"] = "hair_color",
        split: Split = "train",
    ):
        self._asset = avatar_asset()
        held_out = np.arange(len(self._asset["people"])) % TEST_EVERY == 0
        self.people = self._asset["people"][held_out == (split == "test")]
        self.names = {key: self._asset[f"names_{key}"].tolist() for key in ATTRIBUTES}
        self.class_names = self.names[label]
        self.num_classes = len(self.class_names)
        self.labels = self.attribute(label).astype(np.int64)
        self.size, self.change, self.split = size, change, split
        self.images = self._draw(self.people)
        self.shape = self.y_shape = image_shape(self.images)

    def attribute(self, name: Attribute) -> np.ndarray:
        """每个人的这个特征 (N,)：.names[name] 中的序号。"""
        return self.people[:, ATTRIBUTES.index(name)]

    def changed(self, value: str) -> np.ndarray:
        """每个人的 change 特征换成 value 以后的图 uint8 (N, size, size, 3)，别的都不变。"""
        people = self.people.copy()
        people[:, ATTRIBUTES.index(self.change)] = self.names[self.change].index(value)
        return self._draw(people)

    @cached_property
    def _twins(self) -> tuple[np.ndarray, np.ndarray]:
        """每个人换成两个值的各一张；第 i 张都是第 i 个人。"""
        return tuple(self.changed(value) for value in PAIRS[self.change])

    @cached_property
    def _domains(self) -> tuple[np.ndarray, np.ndarray]:
        """不成对的 x、y：训练时是原本就有那个值的人，测试时是全部的人。"""
        if self.split == "test":
            return self._twins
        values = (self.names[self.change].index(value) for value in PAIRS[self.change])
        return tuple(self.images[self.attribute(self.change) == value] for value in values)

    def _draw(self, people: np.ndarray) -> np.ndarray:
        return resize_images(compose(people, self._asset), self.size)

    def lengths(self, kind: type) -> tuple[int, ...]:
        if kind is Unpaired:
            return tuple(len(domain) for domain in self._domains)
        return (len(self.images),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        if kind in (Images, Labeled):
            return image_batch(kind, self, indices[0])
        domains = self._twins if kind is Pair else self._domains
        # Pair 只有一串下标，Unpaired 两个域各有一串
        x, y = (images[index] for images, index in zip(domains, (indices[0], indices[-1])))
        return kind(to_float(x, SIGNED), to_float(y, SIGNED))
