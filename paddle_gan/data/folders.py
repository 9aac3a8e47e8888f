"""你自己的图像目录：ImageFolder 一个域，UnpairedFolders 两个不成对的域（CycleGAN 的目录布局）。

训练时的增强按 CycleGAN §4 与其官方代码：先缩放到 load_size，再随机裁出 size，再随机水平翻转；
测试时只缩放到 size。增强只用 batch 收到的随机数发生器，所以第 k 批总能重现。
"""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Unpaired
from paddle_gan.data.image_files import list_images
from paddle_gan.data.image_store import ImageStore
from paddle_gan.data.images import SIGNED, to_float, value_range
from paddle_gan.errors import UserError
from paddle_gan.limits import Side

LAYOUT = "trainA/ trainB/ testA/ testB/"
Fraction = Annotated[float, Field(ge=0, lt=1)]


def random_crop_flip(
    images: np.ndarray, size: int, flip: bool, rng: np.random.Generator
) -> np.ndarray:
    """每张各自随机裁出 size × size；flip 为真时再以一半的概率水平翻转。"""
    n, load_size = images.shape[:2]
    corners = rng.integers(0, load_size - size + 1, size=(n, 2))
    cropped = np.stack(
        [
            image[top : top + size, left : left + size]
            for image, (top, left) in zip(images, corners, strict=True)
        ]
    )
    if flip:
        chosen = rng.random(n) < 0.5
        cropped[chosen] = cropped[chosen, :, ::-1]
    return cropped


def checked_load_size(load_size: int | None, size: int) -> int:
    """缩放到多大再裁：没写就等于 size（不裁）；比 size 小则报 UserError。"""
    if load_size is not None and load_size < size:
        raise UserError(
            f"load_size 是 {load_size}，小于 size {size}，裁不出来；"
            f"请写得不小于 {size}（论文是 286 裁 256）"
        )
    return load_size or size


def portion(files: list[Path], split: Split, fraction: float) -> list[Path]:
    """按自然序均匀地留出 fraction 作测试；fraction 为 0 时不划分，两边都是全部。"""
    if fraction == 0:
        return files
    steps = np.floor(np.arange(len(files) + 1) * fraction + 1e-9)
    held_out = np.diff(steps) > 0
    chosen = [file for file, test in zip(files, held_out, strict=True) if test == (split == "test")]
    if not chosen:
        raise UserError(
            f"test_fraction 是 {fraction}，{len(files)} 张图像的 {split} 划分一张也没有；"
            f"请改大或改小它"
        )
    return chosen


def domain_folders(
    root: Path | None, given: dict[str, Path | None], split: Split
) -> tuple[Path, Path]:
    """这个划分的 x、y 两个目录；given 是分别写明的目录（键是选项名）。缺哪个，就说怎么写。"""
    written = [name for name, folder in given.items() if folder is not None]
    if root is not None and written:
        raise UserError(f"root 与 {'、'.join(written)} 只能写一种；请去掉其中一种")
    if root is None and len(written) < 2:
        missing = "、".join(name for name in given if name not in written)
        raise UserError(
            f"取 {split} 划分还缺 {missing}；请写 root: 目录（里面是 {LAYOUT}），"
            f"或写 {' 与 '.join(given)} 两个目录"
        )
    if root is None:
        x_folder, y_folder = given.values()
        return Path(x_folder), Path(y_folder)
    folders = Path(root) / f"{split}A", Path(root) / f"{split}B"
    try:
        for folder in folders:
            if not folder.is_dir():
                raise UserError(f"{root} 里没有 {folder.name}；这个目录应该是 {LAYOUT} 的布局")
    except OSError as error:
        raise UserError(f"读不了目录 {root}：{error.strerror}") from error
    return folders


class ImageFolder(Dataset):
    """一个目录（含子目录）里的全部图像；不是正方形的先从正中裁成正方形，再缩放。

    参数：
        root: 图像目录
        size: 网络看到的边长
        load_size: 训练时先缩放到多大，再随机裁出 size；默认等于 size，不裁
        flip: 训练时随机水平翻转
        test_fraction: 留作测试的比例；默认 0，train 与 test 都是全部图像
    """

    batch_types = (Images,)
    decodes = True

    def __init__(
        self,
        *,
        root: Path,
        size: Side = 64,
        channels: Literal[1, 3] = 3,
        load_size: Side | None = None,
        flip: bool = False,
        test_fraction: Fraction = 0.0,
        unit_range: bool = False,
        split: Split = "train",
    ):
        files = portion(list_images(root), split, test_fraction)
        self.augment = split == "train"
        load_size = checked_load_size(load_size, size) if self.augment else size
        # 不划分时 test 就是 train 的那些图，不再解码、再存一份
        keep = self.augment or test_fraction > 0
        self.store = ImageStore(files, load_size, channels, centre_crop=True, keep=keep)
        self.files = files
        self.size, self.flip = size, flip
        self.shape = (channels, size, size)
        self.value_range = value_range(unit_range)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.store),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        x = self.store.get(indices[0])
        if self.augment:
            x = random_crop_flip(x, self.size, self.flip, rng)
        return Images(to_float(x, self.value_range))


class UnpairedFolders(Dataset):
    """两个不成对的图像目录：给出 root（里面是 trainA、trainB、testA、testB），或分别写 x 与 y。

    与 CycleGAN 的官方代码相同，长方形的图直接缩放成正方形，不裁。

    参数：
        root: horse2zebra 等数据集解压后的目录；A 是 x 域，B 是 y 域
        x, y: 两个域的训练目录，代替 root；test_x, test_y 是测试目录，取 test 划分时才需要
        size, load_size, flip: 见 ImageFolder；论文是 size 256、load_size 286、flip true
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
        size: Side = 256,
        load_size: Side | None = None,
        channels: Literal[1, 3] = 3,
        x_channels: Literal[1, 3] | None = None,
        y_channels: Literal[1, 3] | None = None,
        flip: bool = True,
        split: Split = "train",
    ):
        given = {"x": x, "y": y} if split == "train" else {"test_x": test_x, "test_y": test_y}
        x_folder, y_folder = domain_folders(root, given, split)
        self.augment = split == "train"
        load_size = checked_load_size(load_size, size) if self.augment else size
        self.x_files, self.y_files = list_images(x_folder), list_images(y_folder)
        self.x_store = ImageStore(self.x_files, load_size, x_channels or channels, False)
        self.y_store = ImageStore(self.y_files, load_size, y_channels or channels, False)
        self.size, self.flip = size, flip
        self.shape = (x_channels or channels, size, size)
        self.y_shape = (y_channels or channels, size, size)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return len(self.x_store), len(self.y_store)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        x, y = self.x_store.get(indices[0]), self.y_store.get(indices[1])
        if self.augment:
            x = random_crop_flip(x, self.size, self.flip, rng)
            y = random_crop_flip(y, self.size, self.flip, rng)
        return Unpaired(to_float(x, SIGNED), to_float(y, SIGNED))
