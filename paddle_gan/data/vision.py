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

import numpy as np
from paddle.dataset.common import DATA_HOME
from paddle.vision import datasets

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Labeled
from paddle_gan.data.download import fetch
from paddle_gan.data.images import image_batch, image_shape, resize_images, value_range
from paddle_gan.errors import UserError
from paddle_gan.limits import Side

IDX_PREFIX = {"train": "train", "test": "t10k"}
IDX_BYTES = 2**26  # MNIST 的训练图像 47 MB；压缩炸弹到这里就停
CIFAR_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
CIFAR_RECORD = 1 + 3 * 32 * 32  # 一条记录：类别 1 字节，再是 R、G、B 三个 32×32 的平面
CIFAR_FILE_BYTES = 10_000 * CIFAR_RECORD


def read_idx(path: Path, ndim: int) -> np.ndarray:
    """读 IDX 文件（.gz 或已解压），返回 uint8 数组；格式不对时报 UserError。"""
    data = path.read_bytes()
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:  # 多读一个字节，看得出超过了
                data = file.read(IDX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(f"{path} 解压失败，可能没有下载完整；请重新下载这个文件") from error
    if len(data) > IDX_BYTES:
        raise UserError(f"{path} 解压后超过 {IDX_BYTES:,} 字节，不是 MNIST；请换一个文件")
    header = np.frombuffer(data[: 4 + 4 * ndim], ">u4") if len(data) >= 4 + 4 * ndim else [0]
    shape = [int(n) for n in header[1:]]
    # 头部：魔数 0x0800 + 维数，然后是各维的长度
    if header[0] != 0x0800 + ndim or len(data) != 4 + 4 * ndim + math.prod(shape):
        raise UserError(f"{path} 不是 {ndim} 维的 IDX 文件（MNIST 的格式），或者内容不完整")
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
        found = [path for path in (Path(root) / f"{file}.gz", Path(root) / file) if path.is_file()]
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
    if len(images) != len(labels) or len(images) == 0:
        raise UserError(
            f"{paths[0]} 有 {len(images)} 张图像，{paths[1]} 有 {len(labels)} 个标签；"
            f"两者应一样多，且不为零"
        )
    return resize_images(images[..., None], size), labels.astype(np.int64)


class Mnist(Dataset):
    """MNIST：训练 60,000 张，测试 10,000 张；.images uint8 (N, size, size, 1)，.labels (N,)。"""

    batch_types = (Images, Labeled)
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


def read_cifar(path: Path, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """二进制版 tar 里的图像 uint8 (N, 32, 32, 3) 与类别 (N,)；只在内存里读，不解包到磁盘。"""
    if not path.is_file():
        raise UserError(f"cifar10 找不到文件 {path}；请下载 {CIFAR_URL}，用 data_file 指明位置")
    names = [f"data_batch_{k}.bin" for k in range(1, 6)] if split == "train" else ["test_batch.bin"]
    try:
        with tarfile.open(path) as tar:
            members = {Path(member.name).name: member for member in tar if member.isfile()}
            chunks = [
                tar.extractfile(members[name]).read(CIFAR_FILE_BYTES)
                for name in names
                if name in members
            ]
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} 不是完整的 tar 包；请重新下载 {CIFAR_URL}") from error
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
