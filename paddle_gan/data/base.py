"""数据集的约定：一批怎么取、形状是什么、能提供哪几种批。"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

Split = Literal["train", "test"]


class Dataset:
    """数据集的基类；子类写明 batch_types，并实现 lengths 与 batch。

    属性：
        batch_types: 能提供哪几种批（Images、Labeled、Unpaired、Pair、Sequences），类属性
        shape: 单个样本 x 的形状：数轴上的点 (1,)、二维点 (2,)、图像 (C, H, W)、序列 (T,)
        y_shape: 第二个域的样本形状；只有一个域时为 None
        num_classes: 类别数；没有标签时为 None
        class_names: 各类的名字，按标签的次序；没有写就用标签的数字
        vocabulary: 词元的种数 V；不是序列时为 None
        characters: 词元是字的，编号 i 写作第 i 个字；没有字，就写编号
        value_range: 图像取值的上下界，默认 (−1, 1)；二维点与序列没有意义，为 None
        ground: 图四周没有东西的地方是 black（取值范围的下界）还是 white；没有这样的底色是 None
        held_out: 这是训练没有见过的图像；没有测试图像、用训练图像代替的 test 划分是假
        summary: 给人看的一句：在你的目录里找到了什么；随包的数据没有
        decodes: 取一批要不要解码文件；要的话，训练时在后台提前备好（见 prefetch.py）
        drawn: 样本是按随机数现拼的，同一个下标每次取到的不同
    """

    batch_types: tuple[type, ...] = ()
    shape: tuple[int, ...]
    y_shape: tuple[int, ...] | None = None
    num_classes: int | None = None
    class_names: Sequence[str] = ()
    vocabulary: int | None = None
    characters: str = ""
    value_range: tuple[float, float] | None = None
    ground: Literal["black", "white"] | None = None
    held_out: bool = True
    summary: str = ""
    decodes: bool = False
    drawn: bool = False

    @property
    def whole(self) -> "Dataset":
        """整个训练集；只用其中几张（few.py）时，评估仍与它比。"""
        return self

    def lengths(self, kind: type) -> tuple[int, ...]:
        """取这种批需要几串互相独立的下标、各有多长；不成对的两个域是两串，其余是一串。"""
        raise NotImplementedError

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        """按下标取一批：返回 kind(...)，内容是 float32（标签 int64）的 NumPy 数组。"""
        raise NotImplementedError

    def spell(self, tokens: np.ndarray) -> list[str]:
        """序列 (N, T) 写成给人看的，一条一个字符串；没有字的，用空格隔开编号。"""
        return [" ".join(map(str, row)) for row in tokens]
