"""唐诗的联：《全唐诗》四句、八句五言诗里的上下两句，一联十个字，字就是词元。

素材里有最常用的 800 个字写成的联，训练 9,730、测试 1,749；出处与取舍见 assets/README.md。
划分按诗定死：同一首诗的联只在一边，测试的联没有一句与训练的某一句至多差一个字。
真的诗没有标准答案：链那样的 log P(x) 这里没有，只能看没见过的诗生成器肯不肯写。
"""

from functools import cache
from typing import Annotated

import numpy as np
from pydantic import Field

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Sequences
from paddle_gan.data.images import load_asset

LINE = 5  # 一句的字数
CHARACTERS = 800  # 素材里的字数


@cache
def poem_asset() -> dict[str, np.ndarray]:
    """素材 poems.npz：characters 字表（从多用到少用），train、test (N, 10) 字的编号。"""
    return load_asset("poems.npz")


class Poems(Dataset):
    """五言诗的联，(10,)：前五个是上句，后五个是下句。

    vocabulary 是只用最常用的几个字：别的字写的联整个不要，不用“未知”代替。
    .characters 字表，第 i 个就是编号 i 的字 · .tokens 这个划分的联 (N, 10) int64。
    """

    batch_types = (Sequences,)

    def __init__(
        self,
        *,
        vocabulary: Annotated[int, Field(ge=200, le=CHARACTERS)] = CHARACTERS,
        split: Split = "train",
    ):
        asset = poem_asset()
        self.characters = str(asset["characters"])[:vocabulary]
        every = asset[split].astype(np.int64)
        self.tokens = every[every.max(axis=1) < vocabulary]
        self.vocabulary, self.shape = vocabulary, (2 * LINE,)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.tokens),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return Sequences(self.tokens[indices[0]])

    def spell(self, tokens):
        texts = ("".join(self.characters[token] for token in row) for row in tokens)
        return [f"{text[:LINE]}，{text[LINE:]}。" for text in texts]
