"""只有几张图（Few）、只有几张有标签（FewLabels）：固定的一小份，人人相同，与训练的种子无关。

先用固定的种子打乱，再取前 n 张，所以 n 小的那一份总在 n 大的里面。测试集不动。
"""

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images, Labeled
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


class FewLabels(Dataset):
    """全部的图，只有 count 张有标签（各类一样多，固定的），别的标签写作 −1。

    一批里第 0、2、4…个有标签，第 1、3、5…个没有，来自两串互相独立的下标。
    没有标签的图不只是“藏起”标签：取它们时不读。各类分不到一样多、不够时抛出 UserError。
    """

    def __init__(self, whole: Dataset, count: int):
        for name in COPIED:
            setattr(self, name, getattr(whole, name))
        self.batch_types = (Images, Labeled)
        self._whole, self.summary = whole, f"只给 {count} 张的标签"
        (length,) = whole.lengths(Labeled)
        each, left = divmod(count, whole.num_classes)
        if left or not each:
            raise UserError(
                f"labels: {count} 不能平分给 {whole.num_classes} 类；"
                f"请写 {whole.num_classes} 的倍数"
            )
        labels = whole.batch(Labeled, (np.arange(length),), np.random.default_rng(0)).labels
        order = np.random.default_rng(SEED).permutation(length)
        rows = [order[labels[order] == k][:each] for k in range(whole.num_classes)]
        if min(map(len, rows)) < each:
            raise UserError(
                f"labels: {count} 要每类 {each} 张，最少的一类只有 {min(map(len, rows))} 张；请改小"
            )
        self.labelled = np.concatenate(rows)  # 哪些有标签，按类别排

    @property
    def whole(self) -> Dataset:
        return self._whole.whole

    def lengths(self, kind: type) -> tuple[int, ...]:
        alone = self._whole.lengths(kind)
        return (len(self.labelled), *alone) if kind is Labeled else alone

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        if kind is not Labeled:
            return self._whole.batch(kind, indices, rng)
        # 训练时两串一样长；记下数据的指纹时不一样长，短的重复
        count = max(map(len, indices))
        first, second = (np.resize(index, count) for index in indices)
        known = self._whole.batch(Labeled, (self.labelled[first[::2]],), rng)
        x = self._whole.batch(Images, (second[1::2],), rng).x
        images = np.empty((count, *known.x.shape[1:]), known.x.dtype)
        labels = np.full(len(images), -1, np.int64)
        images[::2], images[1::2], labels[::2] = known.x, x, known.labels
        return Labeled(images, labels)
