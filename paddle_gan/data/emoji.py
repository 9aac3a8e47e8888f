"""彩色表情：1,911 张 Noto Emoji，白底 RGB，按 Unicode 大类分为 10 类。

划分：每个类别按存储顺序，每十张取第五张作测试。共 1,719 张训练、192 张测试，每类都有测试样本。
"""

import numpy as np

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Labeled
from paddle_gan.data.images import (
    image_batch,
    image_shape,
    load_asset,
    resize_images,
    stratified,
    value_range,
)
from paddle_gan.errors import unknown_name
from paddle_gan.limits import Side

TEST_EVERY, TEST_RANK = 10, 4  # 最小的类别只有 5 张，取第五张才能让它也有测试样本


class Emoji(Dataset):
    """Noto Emoji；.images uint8 (N, size, size, 3)，.labels (N,)，.names 各张图的英文名。

    categories 只取其中几类，例如 ["Smileys & Emotion"]；默认全要。
    .class_names 是类别名，按字母序；标签是其中的序号。写了没有的类别时抛出 UserError。
    """

    batch_types = (Images, Labeled)
    ground = "white"

    def __init__(
        self,
        *,
        size: Side = 32,
        categories: list[str] | None = None,
        unit_range: bool = False,
        split: Split = "train",
    ):
        asset = load_asset("emoji_32.npz")
        known = np.unique(asset["category"]).tolist()
        for category in categories or []:
            if category not in known:
                raise unknown_name("表情类别", category, known)
        wanted = np.isin(asset["category"], categories or known)
        asset = {name: array[wanted] for name, array in asset.items()}
        class_names, labels = np.unique(asset["category"], return_inverse=True)
        index = stratified(labels, split, TEST_EVERY, TEST_RANK)
        self.class_names = class_names.tolist()
        self.num_classes = len(self.class_names)
        self.images = resize_images(asset["google"][index], size)
        self.labels = labels[index].astype(np.int64)
        self.names = asset["name"][index].tolist()
        self.shape = image_shape(self.images)
        self.value_range = value_range(unit_range)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.images),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return image_batch(kind, self, indices[0])
