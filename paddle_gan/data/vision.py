"""完整的 MNIST、Fashion-MNIST 与 CIFAR-10：读你指定的本地文件，写明 download: true 才联网。

AI Studio 的数据集挂载在 /home/aistudio/data/dataNNNN/，把 root 指过去就行。

CIFAR-10 只认二进制版（cifar-10-binary.tar.gz）：Python 版是 pickle，打开它等于运行里面的代码，
paddle.vision.datasets.Cifar10 也是这样读的，所以这里不用它，也不替你下载。
"""

import gzip
import math
import tarfile
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from paddle.dataset.common import DATA_HOME
from paddle.vision import datasets

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Labeled
from paddle_gan.data.download import fetch
from paddle_gan.data.images import image_batch, image_shape, resize_images, value_range
from paddle_gan.errors import UserError, reason_of
from paddle_gan.limits import Side

IDX_PREFIX = {"train": "train", "test": "t10k"}
IDX_BYTES = 2**26  # MNIST 的训练图像 47 MB；压缩炸弹到这里就停
CIFAR_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
CIFAR_RECORD = 1 + 3 * 32 * 32  # 一条记录：类别 1 字节，再是 R、G、B 三个 32×32 的平面
CIFAR_FILE_BYTES = 10_000 * CIFAR_RECORD
TAR_ENTRIES = 100  # CIFAR-10 的包里只有 9 项
GZIP = b"\x1f\x8b"
DAMAGED = (gzip.BadGzipFile, tarfile.TarError, EOFError, zlib.error)


def open_plain(path: Path) -> BinaryIO:
    """打开文件来读；是 gzip 的，读到的是解压后的内容。"""
    with path.open("rb") as file:
        compressed = file.read(len(GZIP)) == GZIP
    return gzip.open(path) if compressed else path.open("rb")


def read_idx(path: Path, ndim: int) -> np.ndarray:
    """读 IDX 文件（.gz 或已解压），返回 uint8 数组；格式不对时报 UserError。"""
    try:
        with open_plain(path) as file:  # 多读一个字节，看得出超过了
            data = file.read(IDX_BYTES + 1)
    except DAMAGED as error:
        raise UserError(f"{path} 解压失败，可能没有下载完整；请重新下载这个文件") from error
    except OSError as error:
        raise UserError(f"打不开 {path}：{reason_of(error)}") from error
    if len(data) > IDX_BYTES:
        raise UserError(f"{path} 解压后超过 {IDX_BYTES:,} 字节，不是 MNIST；请换一个文件")
    header = np.frombuffer(data[: 4 + 4 * ndim], ">u4") if len(data) >= 4 + 4 * ndim else [0]
    shape = [int(n) for n in header[1:]]
    # 头部：魔数 0x0800 + 维数，然后是各维的长度
    if header[0] != 0x0800 + ndim or len(data) != 4 + 4 * ndim + math.prod(shape):
        raise UserError(f"{path} 不是 {ndim} 维的 IDX 文件（MNIST 的格式），或者内容不完整")
    if 0 in shape:
        raise UserError(f"{path} 是空的，各维的长度是 {shape}；请换一个文件")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def local_idx(name: str, root: Path | None, split: Split) -> tuple[Path, Path]:
    """root 目录里这个划分的图像与标签文件；找不到时报 UserError。"""
    if root is None:
        raise UserError(
            f"{name} 需要数据：写 root: 目录（里面有 train-images-idx3-ubyte.gz 等四个文件），"
            f"或写 download: true 联网下载"
        )
    paths = []
    for what in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        file = f"{IDX_PREFIX[split]}-{what}"
        candidates = Path(root) / f"{file}.gz", Path(root) / file
        try:
            found = [path for path in candidates if path.is_file()]
        except OSError as error:
            raise UserError(f"读不了 {name} 的目录 {root}：{reason_of(error)}") from error
        if not found:
            raise UserError(f"{name} 的目录 {root} 里没有 {file}.gz（解压后的 {file} 也可以）")
        paths.append(found[0])
    return paths[0], paths[1]


def downloaded_idx(source: type, split: Split) -> tuple[Path, Path]:
    """下载（已下过的用缓存）并返回两个文件；地址、校验与缓存的位置照 paddle.vision.datasets。"""
    paths = []
    for what in ("IMAGE", "LABEL"):
        url, md5 = (getattr(source, f"{split.upper()}_{what}_{end}") for end in ("URL", "MD5"))
        paths.append(fetch(url, Path(DATA_HOME) / source.NAME / url.rpartition("/")[2], md5))
    return paths[0], paths[1]


def load_idx(paths: tuple[Path, Path], size: int) -> tuple[np.ndarray, np.ndarray]:
    """图像 uint8 (N, size, size, 1) 与标签 (N,) int64；数目对不上时报 UserError。"""
    images, labels = read_idx(paths[0], 3), read_idx(paths[1], 1)
    if len(images) != len(labels):
        raise UserError(
            f"{paths[0]} 有 {len(images)} 张图像，{paths[1]} 有 {len(labels)} 个标签；两者应一样多"
        )
    return resize_images(images[..., None], size), labels.astype(np.int64)


class Mnist(Dataset):
    """MNIST：训练 60,000 张，测试 10,000 张；.images uint8 (N, size, size, 1)，.labels (N,)。"""

    batch_types = (Images, Labeled)
    ground = "black"
    num_classes = 10

    def __init__(
        self,
        *,
        root: Path | None = None,
        download: bool = False,
        size: Side = 28,
        unit_range: bool = False,
        split: Split = "train",
    ):
        if download and root is None:
            paths = downloaded_idx(datasets.MNIST, split)
        else:
            paths = local_idx("mnist", root, split)
        self.images, self.labels = load_idx(paths, size)
        self.shape = image_shape(self.images)
        self.value_range = value_range(unit_range)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.images),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return image_batch(kind, self, indices[0])


class FashionMnist(Dataset):
    """Fashion-MNIST：格式与 MNIST 相同的 10 类衣物，文件名也相同，注意不要放在同一个目录。"""

    batch_types = (Images, Labeled)
    ground = "black"
    num_classes = 10

    def __init__(
        self,
        *,
        root: Path | None = None,
        download: bool = False,
        size: Side = 28,
        unit_range: bool = False,
        split: Split = "train",
    ):
        if download and root is None:
            paths = downloaded_idx(datasets.FashionMNIST, split)
        else:
            paths = local_idx("fashion_mnist", root, split)
        self.images, self.labels = load_idx(paths, size)
        self.shape = image_shape(self.images)
        self.value_range = value_range(unit_range)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.images),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return image_batch(kind, self, indices[0])


def tar_files(file: BinaryIO, wanted: list[str]) -> dict[str, bytes]:
    """tar 里的这几个文件：{不含目录的名字: 内容}；不是 tar、断在半路时抛出 TarError。

    不用 tarfile.open：扩展头（长文件名、PAX）说自己多长，它就去要多少内存；
    这里除了要的文件，一次只留一项，每项最多 CIFAR_FILE_BYTES。
    """
    files = {}
    for _ in range(TAR_ENTRIES):
        header = file.read(tarfile.BLOCKSIZE)
        if not header.strip(b"\0"):  # 全零的块是结尾
            break
        entry = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        if not 0 <= entry.size <= CIFAR_FILE_BYTES:
            raise tarfile.ReadError(f"{entry.name} 有 {entry.size:,} 字节")
        content = file.read(entry.size)
        if len(content) < entry.size:
            raise tarfile.ReadError(f"{entry.name} 断在半路")
        file.read(-entry.size % tarfile.BLOCKSIZE)  # 补齐到整块的零
        name = Path(entry.name).name
        if name in wanted and entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
            files[name] = content
    return files


def read_cifar(path: Path, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """二进制版 tar 里的图像 uint8 (N, 32, 32, 3) 与类别 (N,)；只在内存里读，不解包到磁盘。"""
    names = [f"data_batch_{k}.bin" for k in range(1, 6)] if split == "train" else ["test_batch.bin"]
    try:
        if not path.is_file():
            raise UserError(f"cifar10 找不到文件 {path}；请下载 {CIFAR_URL}，用 data_file 指明位置")
        with open_plain(path) as file:
            files = tar_files(file, names)
    except DAMAGED as error:
        raise UserError(
            f"{path} 不是完整的 tar 包（.tar.gz 或 .tar）；请重新下载 {CIFAR_URL}"
        ) from error
    except OSError as error:
        raise UserError(f"打不开 {path}：{reason_of(error)}") from error
    chunks = [files[name] for name in names if name in files]
    sizes = [len(chunk) for chunk in chunks]
    if len(chunks) < len(names) or any(n == 0 or n % CIFAR_RECORD for n in sizes):
        raise UserError(
            f"{path} 里没有完整的 {'、'.join(names)}；只支持二进制版 {CIFAR_URL}，"
            f"Python 版是 pickle，打开它会执行其中的代码"
        )
    records = np.frombuffer(b"".join(chunks), np.uint8).reshape(-1, CIFAR_RECORD)
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), records[:, 0].astype(np.int64)


class Cifar10(Dataset):
    """CIFAR-10：训练 50,000 张，测试 10,000 张 RGB；data_file 是 cifar-10-binary.tar.gz 的位置。"""

    batch_types = (Images, Labeled)
    num_classes = 10

    def __init__(
        self,
        *,
        data_file: Path,
        size: Side = 32,
        unit_range: bool = False,
        split: Split = "train",
    ):
        images, self.labels = read_cifar(Path(data_file), split)
        self.images = resize_images(images, size)
        self.shape = image_shape(self.images)
        self.value_range = value_range(unit_range)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.images),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        return image_batch(kind, self, indices[0])
