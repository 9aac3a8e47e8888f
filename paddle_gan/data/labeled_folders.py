"""你自己的带类别的图像：每一类一个子目录，子目录的名字就是类别的名字。"""

from pathlib import Path
from typing import Literal

import numpy as np

from paddle_gan.data.base import Split
from paddle_gan.data.batches import Images, Labeled
from paddle_gan.data.folders import Fraction, ImageFolder, portion, summary, use_training_images
from paddle_gan.data.framing import Resize, framing
from paddle_gan.data.image_list import Found, find_images, natural_key, require_folders
from paddle_gan.data.image_scan import examine
from paddle_gan.data.image_store import ImageStore
from paddle_gan.data.images import value_range
from paddle_gan.errors import UserError, notice, reason_of
from paddle_gan.limits import Size

ADVICE = "这个目录应该每一类一个子目录（例如 猫/ 狗/），子目录里是这一类的图像"

# 这样的子目录是划分，不是类别；一边各有一个，才是摆错了：train 也可以是火车
TRAINING = ("train", "training", "训练", "训练集")
TESTING = ("test", "testing", "val", "valid", "validation", "dev")
TESTING += ("测试", "测试集", "验证", "验证集")


def require_kinds(names: list[str], root: Path) -> None:
    """子目录的名字是类别；是训练集与测试集的，抛出 UserError，说该指到哪里。"""
    training, testing = (
        [name for name in names if name.lower() in known] for known in (TRAINING, TESTING)
    )
    if training and testing:
        raise UserError(
            f"{root} 里的 {'、'.join(training + testing)} 是训练与测试的划分，不像类别；"
            f"请把 data.root 指到 {Path(root) / training[0]}，"
            "要留一部分作测试，再写 data.test_fraction（例如 0.1）"
        )


def class_folders(root: Path) -> tuple[dict[str, list[Path]], Found]:
    """root 下每一类（子目录，自然序）的图像，与一共找到了什么；以点开头的目录不算。

    没有图像的子目录、直接放着的图像说一声、不算。不是目录、读不了、不到两类时抛出 UserError。
    """
    found, root = find_images(root), Path(root)
    try:
        names = [path.name for path in root.iterdir() if path.is_dir()]
    except OSError as error:
        raise UserError(f"读不了目录 {root}：{reason_of(error)}") from error
    names = sorted((name for name in names if not name.startswith(".")), key=natural_key)
    files: dict[str, list[Path]] = {name: [] for name in names}
    loose = [file for file in found.files if file.parent == root]
    for file in found.files:
        if file.parent != root:
            files[file.relative_to(root).parts[0]].append(file)
    if empty := [name for name in names if not files[name]]:
        notice(f"{root} 里没有图像的子目录不算类别：{'、'.join(empty)}")
    classes = {name: one for name, one in files.items() if one}
    if len(classes) < 2:
        have = f"只有一类（{next(iter(classes))}）" if classes else "没有一个装着图像的子目录"
        also = f"，图像（{len(loose)} 张）都直接放着" if loose and not classes else ""
        raise UserError(f"{root} 里{have}{also}；{ADVICE}。不分类别请用 data.name: image_folder")
    if loose:
        notice(f"{root} 里直接放着的 {len(loose)} 张图像不属于哪一类，没有用")
    return classes, found._replace(files=[file for one in classes.values() for file in one])


class LabeledFolders(ImageFolder):
    """一个目录，每一类一个子目录；.class_names 是子目录的名字，自然序，标签是其中的序号。

    参数：
        root: 装着各类子目录的目录；子目录里还有子目录的，都算这一类
        size, channels, load_size, resize, flip, skip_bad: 见 image_folder
        test_fraction: 每一类里留作测试的比例；默认 0，train 与 test 都是全部图像
    """

    batch_types = (Images, Labeled)

    def __init__(
        self,
        *,
        root: Path,
        size: Size = 64,
        channels: Literal[1, 3] = 3,
        load_size: Size | None = None,
        resize: Resize = "cover",
        flip: bool = False,
        test_fraction: Fraction = 0.0,
        skip_bad: bool = False,
        unit_range: bool = False,
        split: Split = "train",
    ):
        self.augment = split == "train"
        self.framing = framing(size, load_size, resize, flip, self.augment)
        require_folders({"root": root})
        classes, found = class_folders(root)
        require_kinds(list(classes), root)
        self.class_names = list(classes)
        self.num_classes = len(classes)
        number = {file: i for i, one in enumerate(classes.values()) for file in one}
        # 不划分时 test 就是 train 的那些图，不再解码、再存一份
        self.store = ImageStore(
            list(number), self.framing, channels, self.augment or test_fraction > 0
        )
        examine([self.store], skip_bad)
        good = self._by_class(number)
        self.summary = f"{self.num_classes} 类；{summary(found, len(self.store))}"
        test = [file for files in good for file in portion(files, "test", test_fraction)]
        train = [file for files in good for file in portion(files, "train", test_fraction)]
        self.held_out = bool(test)
        if test_fraction and not test and not self.augment:
            use_training_images(f"每一类的 {test_fraction:g} 都不到一张")
        self.files = (train if self.augment else test) or self.store.files
        self.store.keep_only(set(self.files))
        self.store.fill()
        self.labels = np.array([number[file] for file in self.store.files], np.int64)
        self.shape = (channels, *self.framing.size)
        self.value_range = value_range(unit_range)

    def _by_class(self, number: dict[Path, int]) -> list[list[Path]]:
        """读得成的图像按类别分开；哪一类一张也没有，抛出 UserError。"""
        good: list[list[Path]] = [[] for _ in self.class_names]
        for file in self.store.files:
            good[number[file]].append(file)
        if gone := [name for name, files in zip(self.class_names, good) if not files]:
            raise UserError(
                f"类别 {'、'.join(gone)} 里没有一张读得成的图像；请补上，或移走这个子目录"
            )
        return good

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        images = super().batch(Images, indices, rng)
        return Labeled(images.x, self.labels[indices[0]]) if kind is Labeled else images
