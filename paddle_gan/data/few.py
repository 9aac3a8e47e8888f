"""只有几张图：训练集里固定的一小份，给每个人的都是同样的几张，与训练的种子无关。

先用固定的种子打乱，再取前 n 张，所以 n 小的那一份总在 n 大的里面。测试集不动。
"""

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.errors import UserError

SEED = 0  # 打乱用的种子，人人相同
COPIED = ("batch_types", "shape", "y_shape", "num_classes", "class_names", "value_range", "ground")
COPIED += ("held_out", "decodes")


class Few(Dataset):
    """另一份数据集里的 count 个样本；两个域不成对时各 count 个。.whole 是原来的那一份。

    不是图像、样本是现抽的、没有这么多张时抛出 UserError。
    """

    def __init__(self, whole: Dataset, count: int):
        if len(whole.shape) != 3 or whole.drawn:
            what = "样本是现抽的，没有固定的几张" if whole.drawn else "不是图像"
            raise UserError(
                f"few 只给有固定的几张图的数据集用，这里的{what}；请去掉 few，或换 data"
            )
        for kind in whole.batch_types:
            if count > min(whole.lengths(kind)):
                raise UserError(
                    f"few: {count} 比训练集的 {min(whole.lengths(kind))} 张还多；"
                    "请把它改小，或去掉它（全用）"
                )
        for name in COPIED:
            setattr(self, name, getattr(whole, name))
        self._whole, self.count = whole, count
        self.summary = "；".join(filter(None, [whole.summary, f"只用其中固定的 {count} 张"]))

    @property
    def whole(self) -> Dataset:
        return self._whole

    def chosen(self, length: int, stream: int) -> np.ndarray:
        """第 stream 串下标（长 length）里留下哪些 (count,)。"""
        return np.random.default_rng([SEED, stream]).permutation(length)[: self.count]

    def lengths(self, kind: type) -> tuple[int, ...]:
        return tuple(self.count for _ in self._whole.lengths(kind))

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        lengths = self._whole.lengths(kind)
        kept = tuple(self.chosen(n, i)[index] for i, (n, index) in enumerate(zip(lengths, indices)))
        return self._whole.batch(kind, kept, rng)
