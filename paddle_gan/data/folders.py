"""你自己的图像目录：ImageFolder 一个域，UnpairedFolders 两个不成对的域（CycleGAN 的目录布局）。

训练时的增强按 CycleGAN §4 与其官方代码：先缩放到 load_size，再随机裁出 size，再随机水平翻转；
测试时只缩放到 size。增强只用 batch 收到的随机数发生器，所以第 k 批总能重现。
没有测试图像时，预览与评估用训练图像代替，说一声；训练之前把全部文件看一遍（image_scan.py）。
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Unpaired
from paddle_gan.data.framing import Framing, Resize, framing
from paddle_gan.data.image_list import Found, find_images, require_folders
from paddle_gan.data.image_scan import examine
from paddle_gan.data.image_store import ImageStore
from paddle_gan.data.images import SIGNED, to_float, value_range
from paddle_gan.errors import UserError, notice, reason_of
from paddle_gan.limits import Size

LAYOUT = "trainA/ trainB/ testA/ testB/"
Fraction = Annotated[float, Field(ge=0, lt=1)]


def portion(files: list[Path], split: Split, fraction: float) -> list[Path]:
    """按自然序均匀地留出 fraction 作测试；这个划分可能一张也没有。"""
    steps = np.floor(np.arange(len(files) + 1) * fraction + 1e-9)
    held_out = np.diff(steps) > 0
    return [file for file, test in zip(files, held_out, strict=True) if test == (split == "test")]


def use_training_images(missing: str) -> None:
    """没有测试图像：说一声，用训练图像代替。"""
    notice(f"没有测试图像（{missing}）：预览与评估用训练图像代替")


def summary(found: Found, good: int) -> str:
    """给人看的一句：找到几张好的图像，跳过了什么、为什么。"""
    parts = [f"找到 {good} 张图像", found.skipped()]
    if good < len(found.files):
        parts.append(f"跳过 {len(found.files) - good} 个读不成图像的文件")
    return "；".join(part for part in parts if part)


def require_some(store: ImageStore, folder: Path) -> None:
    """跳过坏文件之后还有图像，否则抛出 UserError。"""
    if not len(store):
        raise UserError(f"目录 {folder} 里没有一张读得成的图像；请换一个目录")


class ImageFolder(Dataset):
    """一个目录（含子目录）里的全部图像。

    参数：
        root: 图像目录
        size: 网络看到的大小：一个边长，或 [高, 宽]
        load_size: 训练时先缩放到多大，再随机裁出 size；默认等于 size，不裁
        resize: cover 从正中裁成要的长宽比再缩放；stretch 直接缩放，会变形；
            none 不缩放，训练时从原图随机裁出 size，测试时从正中裁
        flip: 训练时随机水平翻转
        test_fraction: 留作测试的比例；默认 0，train 与 test 都是全部图像
        skip_bad: 跳过读不成图像的文件；默认列出它们，不训练
    """

    batch_types = (Images,)
    decodes = True

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
        found = find_images(root)
        # 不划分时 test 就是 train 的那些图，不再解码、再存一份
        keep = self.augment or test_fraction > 0
        self.store = ImageStore(found.files, self.framing, channels, keep)
        examine([self.store], skip_bad)
        require_some(self.store, root)
        good = self.store.files
        self.summary = summary(found, len(good))
        test = portion(good, "test", test_fraction)
        self.held_out = bool(test)
        if test_fraction and not test and not self.augment:
            use_training_images(f"{len(good)} 张的 {test_fraction:g} 不到一张")
        self.files = (portion(good, "train", test_fraction) if self.augment else test) or good
        self.store.keep_only(set(self.files))
        self.store.fill()
        self.shape = (channels, *self.framing.size)
        self.value_range = value_range(unit_range)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.store),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        x = self.framing.cut(self.store.get(indices[0]), rng if self.augment else None)
        return Images(to_float(x, self.value_range))


def domain_folders(root: Path | None, given: dict[str, Path | None]) -> dict[str, Path | None]:
    """x 与 y 的训练目录、测试目录，键是给人看的名字；没有的测试目录是 None。

    given 是分别写明的目录（键是选项名，前两个是训练目录）。缺训练目录时抛出 UserError，说怎么写。
    """
    written = [name for name, folder in given.items() if folder is not None]
    if root is not None and written:
        raise UserError(f"root 与 {'、'.join(written)} 只能写一种；请去掉其中一种")
    if root is None:
        missing = [name for name in ("x", "y") if name not in written]
        if missing:
            raise UserError(
                f"unpaired_folders 还缺 {'、'.join(missing)}；请写 root: 目录（里面是 {LAYOUT}），"
                "或写 x 与 y 两个目录"
            )
        require_folders(given)
        return given
    require_folders({"root": root})
    folders = {name: Path(root) / name for name in LAYOUT.replace("/", "").split()}
    try:
        present = {name: folder if folder.is_dir() else None for name, folder in folders.items()}
    except OSError as error:
        raise UserError(f"读不了目录 {root}：{reason_of(error)}") from error
    for name in ("trainA", "trainB"):
        if present[name] is None:
            raise UserError(
                f"{root} 里没有 {name}；这个目录应该是 {LAYOUT} 的布局（两个 test 可以没有），"
                "或者分别写 x 与 y 两个目录"
            )
    return present


def open_domains(
    folders: dict[str, Path | None], framing: Framing, depths: tuple[int, int], train: bool
) -> tuple[list[Found], list[ImageStore]]:
    """四个目录（x、y 的训练与测试）各找到了什么，和装它们的 store；只有这个划分的留在内存里。"""
    found = [
        find_images(folder, may_be_empty=place >= 2) if folder else Found([], Counter())
        for place, folder in enumerate(folders.values())
    ]
    keeps = (train, train, not train, not train)
    stores = [
        ImageStore(one.files, framing, depth, keep)
        for one, depth, keep in zip(found, 2 * depths, keeps)
    ]
    return found, stores


class UnpairedFolders(Dataset):
    """两个不成对的图像目录：给出 root（里面是 trainA、trainB、testA、testB），或分别写 x 与 y。

    参数：
        root: horse2zebra 等数据集解压后的目录；A 是 x 域，B 是 y 域
        x, y: 两个域的训练目录，代替 root；test_x, test_y 是测试目录，可以不写
        size, load_size, flip, skip_bad: 见 ImageFolder；论文是 size 256、load_size 286、flip true
        resize: 见 ImageFolder；默认 stretch，与 CycleGAN 的官方代码相同
        channels: 两个域的通道数；x_channels、y_channels 可以分别改
    """

    batch_types = (Unpaired,)
    decodes = True
    value_range = SIGNED

    def __init__(
        self,
        *,
        root: Path | None = None,
        x: Path | None = None,
        y: Path | None = None,
        test_x: Path | None = None,
        test_y: Path | None = None,
        size: Size = 256,
        load_size: Size | None = None,
        resize: Resize = "stretch",
        channels: Literal[1, 3] = 3,
        x_channels: Literal[1, 3] | None = None,
        y_channels: Literal[1, 3] | None = None,
        flip: bool = True,
        skip_bad: bool = False,
        split: Split = "train",
    ):
        self.augment = split == "train"
        self.framing = framing(size, load_size, resize, flip, self.augment)
        given = {"x": x, "y": y, "test_x": test_x, "test_y": test_y}
        folders = domain_folders(root, given)
        depths = x_channels or channels, y_channels or channels
        found, stores = open_domains(folders, self.framing, depths, self.augment)
        examine(stores, skip_bad)
        for store, folder in zip(stores[:2], folders.values()):
            require_some(store, folder)
        missing = [name for name, store in zip(folders, stores) if not len(store)]
        if missing and not self.augment:
            use_training_images("、".join(missing))
        self.held_out = not missing
        pairs = zip(stores[:2], stores[2:])
        self.x_store, self.y_store = (
            train if self.augment or not len(test) else test for train, test in pairs
        )
        self.x_store.fill()
        self.y_store.fill()
        self.x_files, self.y_files = self.x_store.files, self.y_store.files
        self.summary = "；".join(
            f"{domain} 域{summary(*known)}" for domain, *known in zip("xy", found, map(len, stores))
        )
        self.shape, self.y_shape = ((depth, *self.framing.size) for depth in depths)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return len(self.x_store), len(self.y_store)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        augment = rng if self.augment else None
        x = self.framing.cut(self.x_store.get(indices[0]), augment)
        y = self.framing.cut(self.y_store.get(indices[1]), augment)
        return Unpaired(to_float(x, SIGNED), to_float(y, SIGNED))
