"""你自己的成对图像：左右拼在一个文件里（pix2pix 的数据集都是这样），或两个目录里同名的各一张。

成对的两张一起裁、一起翻转，对应的像素才仍旧对应。
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Pair
from paddle_gan.data.folders import require_some, use_training_images
from paddle_gan.data.framing import Framing, framing
from paddle_gan.data.image_files import BadImage, upright_size
from paddle_gan.data.image_list import find_images
from paddle_gan.data.image_scan import examine
from paddle_gan.data.image_store import ImageStore
from paddle_gan.data.images import SIGNED, to_float
from paddle_gan.errors import UserError
from paddle_gan.limits import Size

TESTS = ("test", "val")  # root 里的测试目录，先有哪个用哪个
SHOWN = 5  # 对不上的文件最多说出几个


@dataclass(frozen=True)
class HalfFraming(Framing):
    """只要左半或右半的 Framing。"""

    right: bool = False

    def load(self, image: np.ndarray) -> np.ndarray:
        return super().load(half(image, self.right))

    def enlarges(self, image: np.ndarray) -> bool:
        return super().enlarges(half(image, self.right))


def half(image: np.ndarray, right: bool) -> np.ndarray:
    """(H, 2W, C) 的左半或右半 (H, W, C)。"""
    middle = image.shape[1] // 2
    return image[:, middle:] if right else image[:, :middle]


class Files(NamedTuple):
    """成对的文件：x[i] 与 y[i] 是一对；左右拼着的，两列是同样的文件。"""

    x: list[Path]
    y: list[Path]


def side_by_side(folder: Path) -> Files:
    """左右拼着的一个目录；有分不成两半的，抛出 UserError。"""
    files = find_images(folder).files
    sizes = {file: size_of(file) for file in files}
    odd = [file for file, size in sizes.items() if size and size[0] % 2]
    if odd:
        raise UserError(
            f"{len(odd)} 张图的宽是奇数，分不成左右两半：{listed(odd)}；"
            "请改好它们，或者把两个域放进两个目录，写 data.x 与 data.y"
        )
    tall = [file for file, size in sizes.items() if size and size[0] < size[1]]
    if tall:
        raise UserError(
            f"{len(tall)} 张图的宽比高还小，不像左右拼成的一对：{listed(tall)}；"
            "左右拼的图，宽通常是高的两倍；两个域分开放的，请写 data.x 与 data.y"
        )
    return Files(files, files)


def same_names(x: Path, y: Path) -> Files:
    """两个目录里同名（扩展名可以不同）的各一张；对不上、大小不同时抛出 UserError。"""
    known = {folder: by_name(folder) for folder in (x, y)}
    for here, there in ((x, y), (y, x)):
        alone = [file for name, file in known[here].items() if name not in known[there]]
        if alone:
            raise UserError(
                f"{here} 里有 {len(alone)} 张在 {there} 里没有同名的：{listed(alone)}；"
                "请补上，或移走它们"
            )
    files = Files(list(known[x].values()), [known[y][name] for name in known[x]])
    sizes = [(size_of(a), size_of(b)) for a, b in zip(*files)]
    apart = [a for a, pair in zip(files.x, sizes) if None not in pair and pair[0] != pair[1]]
    if apart:
        raise UserError(
            f"{len(apart)} 对的两张图大小不同：{listed(apart)} 与 {y} 里同名的；"
            "成对的两张要一样大，像素才对得上"
        )
    return files


def by_name(folder: Path) -> dict[str, Path]:
    """不带扩展名的相对路径 → 文件；有只差扩展名的两张时抛出 UserError。"""
    found: dict[str, Path] = {}
    for file in find_images(folder).files:
        name = file.relative_to(folder).with_suffix("").as_posix()
        if name in found:
            raise UserError(
                f"{found[name]} 与 {file} 只差扩展名，不知道该用哪一张配对；请移走其中一张"
            )
        found[name] = file
    return found


def size_of(file: Path) -> tuple[int, int] | None:
    """文件头里写的（宽，高）；看不出来的是 None，全部解码时会说为什么。"""
    try:
        return upright_size(file)
    except BadImage:
        return None


def listed(files: list[Path]) -> str:
    """至多 SHOWN 个文件的名字。"""
    more = f"……等 {len(files)} 个" if len(files) > SHOWN else ""
    return "、".join(str(file) for file in files[:SHOWN]) + more


def pairs_in(given: dict[str, Path | None], train: bool) -> tuple[Files, bool]:
    """这个划分的成对文件，与是不是真的有这个划分（没有测试目录时是训练的，假）。"""
    root, x, y, test_x, test_y = given.values()
    written = [name for name, folder in given.items() if folder is not None]
    if root is not None and len(written) > 1:
        raise UserError(f"root 与 {'、'.join(written[1:])} 只能写一种；请去掉其中一种")
    if root is None and (x is None or y is None):
        missing = "、".join(name for name in ("x", "y") if given[name] is None)
        raise UserError(
            f"paired_folders 还缺 {missing}；请写 root: 目录（里面是 train/ 与 test/，"
            "每张左右拼成一对），或写 x 与 y 两个目录"
        )
    if (test_x is None) != (test_y is None):
        raise UserError("test_x 与 test_y 要一起写；请补上另一个，或都去掉")
    if root is None:
        if train or test_x is None:
            return same_names(x, y), train
        return same_names(test_x, test_y), True
    folder = Path(root) / "train"
    # 没有 train/ 的，就是图像直接放在 root 里
    folder = folder if folder.is_dir() else Path(root)
    tests = [Path(root) / name for name in TESTS if (Path(root) / name).is_dir()]
    if folder == Path(root) and tests:
        raise UserError(f"{root} 里有 {tests[0].name}/ 却没有 train/；请把训练图像放进 train/")
    if train or not tests:
        return side_by_side(folder), train
    return side_by_side(tests[0]), True


class PairedFolders(Dataset):
    """成对的图像：给出 root（里面是 train/ 与 test/，每张左右拼成一对），或写 x 与 y 两个目录。

    参数：
        root: 左右拼着的图像；test/（或 val/）可以没有，没有 train/ 就用 root 里的全部图像
        left: 左半是哪个域；默认左半是 x、右半是 y，写 y 就反过来（facades 由标注画照片要写 y）
        x, y: 两个目录，同名（扩展名可以不同）的是一对，代替 root；test_x、test_y 可以不写
        size, load_size, flip, skip_bad: 见 image_folder；论文是 256、286、true
        resize: stretch 直接缩放（作者的代码），cover 从正中裁；成对的总是裁在同一处
        channels: 两个域的通道数；x_channels、y_channels 可以分别改
    """

    batch_types = (Images, Pair)
    decodes = True
    value_range = SIGNED

    def __init__(
        self,
        *,
        root: Path | None = None,
        left: Literal["x", "y"] = "x",
        x: Path | None = None,
        y: Path | None = None,
        test_x: Path | None = None,
        test_y: Path | None = None,
        size: Size = 256,
        load_size: Size | None = None,
        resize: Literal["stretch", "cover"] = "stretch",
        channels: Literal[1, 3] = 3,
        x_channels: Literal[1, 3] | None = None,
        y_channels: Literal[1, 3] | None = None,
        flip: bool = True,
        skip_bad: bool = False,
        split: Split = "train",
    ):
        self.augment = split == "train"
        self.framing = framing(size, load_size, resize, flip, self.augment)
        given = {"root": root, "x": x, "y": y, "test_x": test_x, "test_y": test_y}
        files, real = pairs_in(given, self.augment)
        self.held_out = real
        if not self.augment and not real:
            use_training_images("没有 test/" if root is not None else "test_x 与 test_y")
        depths = (x_channels or channels, y_channels or channels)
        rights = (left == "y", left == "x") if root is not None else (None, None)
        self.x_store, self.y_store = (
            ImageStore(list(column), self._framing_of(right), depth)
            for column, right, depth in zip(files, rights, depths)
        )
        bad = {error.path for error in examine([self.x_store, self.y_store], skip_bad)}
        kept = [pair for pair in zip(*files) if not bad.intersection(pair)]
        for store, column in zip((self.x_store, self.y_store), zip(*kept)):
            store.keep_only(set(column))  # 一张坏了，另一张也不用
        for store, folder in ((self.x_store, root or x), (self.y_store, root or y)):
            require_some(store, folder)
            store.fill()
        skipped = f"；跳过 {len(files.x) - len(kept)} 对" if len(kept) < len(files.x) else ""
        self.summary = f"找到 {len(kept)} 对图像{skipped}"
        self.shape, self.y_shape = ((depth, *self.framing.size) for depth in depths)

    def _framing_of(self, right: bool | None) -> Framing:
        """right 是 None 时要整张图，否则只要一半。"""
        return self.framing if right is None else HalfFraming(**vars(self.framing), right=right)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.x_store),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        # 两边用同样的随机数：裁同一处，一起翻转
        seed = int(rng.integers(2**32))
        x = self._take(self.x_store, indices[0], seed)
        return Pair(x, self._take(self.y_store, indices[0], seed)) if kind is Pair else Images(x)

    def _take(self, store: ImageStore, index: np.ndarray, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed) if self.augment else None
        return to_float(self.framing.cut(store.get(index), rng), SIGNED)
