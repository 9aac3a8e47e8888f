"""MNIST、Fashion-MNIST、CIFAR-10：读测试自己写的同格式小文件；不联网。"""

import gzip
import io
import os
import struct
import tarfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from paddle.dataset.common import DATA_HOME
from paddle.vision import datasets

from paddle_gan.data import Images, Labeled, to_uint8, vision
from paddle_gan.data.vision import CIFAR_RECORD, Cifar10, FashionMnist, Mnist
from paddle_gan.errors import UserError

RNG = np.random.default_rng(0)


def idx(array):
    header = struct.pack(">I", 0x0800 + array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write_mnist(root, prefix, n, compress=True):
    images = np.random.default_rng(n).integers(0, 256, (n, 28, 28), dtype=np.uint8)
    labels = np.arange(n) % 10
    for what, array in (("images-idx3-ubyte", images), ("labels-idx1-ubyte", labels)):
        data = gzip.compress(idx(array)) if compress else idx(array)
        (root / f"{prefix}-{what}{'.gz' if compress else ''}").write_bytes(data)
    return images, labels


@pytest.fixture(autouse=True)
def no_download(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("没有要求下载，却去下载了")

    monkeypatch.setattr(vision, "fetch", refuse)


@pytest.mark.parametrize("dataset", [Mnist, FashionMnist])
@pytest.mark.parametrize("compress", [True, False])
def test_idx_files_are_read_for_each_split(tmp_path, dataset, compress):
    train, _ = write_mnist(tmp_path, "train", 12, compress)
    test, _ = write_mnist(tmp_path, "t10k", 5, compress)
    data = dataset(root=tmp_path)
    batch = data.batch(Labeled, (np.array([3, 11]),), RNG)
    assert np.array_equal(to_uint8(batch.x, data.value_range)[..., 0], train[[3, 11]])
    assert batch.labels.tolist() == [3, 1] and batch.labels.dtype == np.int64
    assert data.shape == (1, 28, 28) and data.lengths(Images) == (12,)
    assert np.array_equal(dataset(root=tmp_path, split="test").images[..., 0], test)
    assert dataset(root=tmp_path, size=32).shape == (1, 32, 32)


@pytest.mark.parametrize(("dataset", "name"), [(Mnist, "mnist"), (FashionMnist, "fashion_mnist")])
def test_without_files_and_without_download_both_ways_are_named(dataset, name):
    with pytest.raises(UserError, match=f"{name} 需要数据：写 root: .*或写 download: true"):
        dataset()


def test_a_missing_idx_file_is_named(tmp_path):
    write_mnist(tmp_path, "train", 3)
    with pytest.raises(UserError, match="里没有 t10k-images-idx3-ubyte.gz"):
        Mnist(root=tmp_path, split="test")


def test_broken_idx_files_are_named(tmp_path):
    write_mnist(tmp_path, "train", 3)
    images = tmp_path / "train-images-idx3-ubyte.gz"
    good = images.read_bytes()
    images.write_bytes(good[: len(good) // 2])
    with pytest.raises(UserError, match="train-images-idx3-ubyte.gz 解压失败"):
        Mnist(root=tmp_path)
    for wrong in (b"", b"text", gzip.compress(idx(np.zeros(3))), gzip.decompress(good)[:-1]):
        images.write_bytes(wrong)
        with pytest.raises(UserError, match="不是 3 维的 IDX 文件"):
            Mnist(root=tmp_path)
    images.write_bytes(idx(np.zeros((2, 28, 28))))
    with pytest.raises(UserError, match="有 2 张图像，.*有 3 个标签"):
        Mnist(root=tmp_path)


def test_a_compression_bomb_stops_at_the_size_of_mnist(tmp_path, monkeypatch):
    write_mnist(tmp_path, "train", 3)
    monkeypatch.setattr(vision, "IDX_BYTES", 1000)
    bomb = gzip.compress(bytes(10**8))
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(bomb)
    read = gzip.GzipFile.read
    asked = []
    monkeypatch.setattr(
        gzip.GzipFile, "read", lambda self, size=-1: asked.append(size) or read(self, size)
    )
    with pytest.raises(UserError, match="解压后超过 1,000 字节"):
        Mnist(root=tmp_path)
    assert asked == [1001]


def refused_within(memory, message, dataset, **options):
    """抛出的 UserError 含 message，其间没有要过 memory 字节。"""
    tracemalloc.start()
    with pytest.raises(UserError, match=message):
        dataset(**options)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < memory


def test_a_huge_idx_file_is_not_read_whole(tmp_path):
    write_mnist(tmp_path, "train", 3, compress=False)
    os.truncate(tmp_path / "train-images-idx3-ubyte", 2**29)  # 稀疏文件，不占磁盘
    message = "train-images-idx3-ubyte .*超过 67,108,864 字节"
    refused_within(2**28, message, Mnist, root=tmp_path)


@pytest.mark.parametrize("shape", [(0, 28, 28), (3, 0, 28), (3, 0, 0), (0, 2**32 - 1, 2**32 - 1)])
def test_an_idx_file_without_pixels_is_named(shape, tmp_path):
    write_mnist(tmp_path, "train", 3, compress=False)
    empty = struct.pack(">4I", 0x0803, *shape)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(empty)
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte 是空的，各维的长度是 \["):
        Mnist(root=tmp_path)


@pytest.mark.parametrize(("dataset", "folder"), [(Mnist, "mnist"), (FashionMnist, "fashion-mnist")])
def test_download_asks_for_the_files_paddle_names(dataset, folder, tmp_path, monkeypatch):
    images, _ = write_mnist(tmp_path, "t10k", 4)
    asked = []

    def fetch(url, path, md5):
        asked.append((url, path, md5))
        return tmp_path / path.name

    monkeypatch.setattr(vision, "fetch", fetch)
    data = dataset(download=True, split="test")
    assert np.array_equal(data.images[..., 0], images)
    [(image_url, image_path, image_md5), (label_url, label_path, _)] = asked
    source = {Mnist: datasets.MNIST, FashionMnist: datasets.FashionMNIST}[dataset]
    assert (image_url, image_md5) == (source.TEST_IMAGE_URL, source.TEST_IMAGE_MD5)
    assert label_url.endswith("t10k-labels-idx1-ubyte.gz") and len(image_md5) == 32
    assert image_path == Path(DATA_HOME) / folder / "t10k-images-idx3-ubyte.gz"
    assert label_path.parent == image_path.parent


def test_a_root_is_read_even_where_download_is_on(tmp_path):
    write_mnist(tmp_path, "train", 3)
    assert len(Mnist(root=tmp_path, download=True).labels) == 3


def add(tar, name, content, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(content)
    tar.addfile(info, io.BytesIO(content))


def write_cifar(path, per_file=3, names=None):
    """每个文件 per_file 条记录；类别是文件序号，像素是纯红。"""
    names = names or [f"data_batch_{k}.bin" for k in range(1, 6)] + ["test_batch.bin"]
    with tarfile.open(path, "w:gz") as tar:
        for label, name in enumerate(names):
            record = bytes([label]) + bytes([255]) * 1024 + bytes(2048)
            assert len(record) == CIFAR_RECORD
            add(tar, f"cifar-10-batches-bin/{name}", record * per_file)
    return path


def test_cifar_binary_tar_is_read_as_rgb_planes(tmp_path):
    path = write_cifar(tmp_path / "cifar-10-binary.tar.gz")
    train, test = Cifar10(data_file=path), Cifar10(data_file=path, split="test")
    assert train.labels.tolist() == np.repeat(np.arange(5), 3).tolist()
    assert test.labels.tolist() == [5, 5, 5]
    assert train.shape == (3, 32, 32)
    x = train.batch(Images, (np.array([0]),), RNG).x
    assert np.all(x[0, 0] == 1.0) and np.all(x[0, 1:] == -1.0)


def test_cifar_pixels_keep_their_place(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    record = bytes([7]) + image.transpose(2, 0, 1).tobytes()
    with tarfile.open(tmp_path / "c.tar", "w") as tar:
        add(tar, "test_batch.bin", record)
    data = Cifar10(data_file=tmp_path / "c.tar", split="test")
    assert np.array_equal(data.images[0], image) and data.labels.tolist() == [7]


def test_cifar_errors_name_the_file_and_the_binary_version(tmp_path):
    with pytest.raises(UserError, match=r"cifar10 找不到文件 .*absent.*cifar-10-binary.tar.gz"):
        Cifar10(data_file=tmp_path / "absent")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(UserError, match="text 不是完整的 tar 包"):
        Cifar10(data_file=tmp_path / "text")
    pickled = write_cifar(tmp_path / "python.tar.gz", names=["data_batch_1", "test_batch"])
    with pytest.raises(UserError, match=r"只支持二进制版 .*Python 版是 pickle"):
        Cifar10(data_file=pickled)
    whole = write_cifar(tmp_path / "whole.tar.gz").read_bytes()
    (tmp_path / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="half.tar.gz"):
        Cifar10(data_file=tmp_path / "half.tar.gz")


def test_long_names_and_notes_of_other_packers_do_no_harm(tmp_path):
    record = bytes([3]) + bytes(3072)
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(tmp_path / "c.tar.gz", "w:gz", format=form) as tar:
            add(tar, "长" * 100, b"?")
            add(tar, "cifar-10-batches-bin/", b"", tarfile.DIRTYPE)
            add(tar, "cifar-10-batches-bin/test_batch.bin", record)
        assert Cifar10(data_file=tmp_path / "c.tar.gz", split="test").labels.tolist() == [3]


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
@pytest.mark.parametrize("count", [1, 2000])
def test_a_tar_header_that_claims_much_is_not_given_the_memory(count, kind, tmp_path):
    path = write_cifar(tmp_path / "c.tar.gz")
    with tarfile.open(path, "w:gz") as tar:
        for _ in range(count):
            add(tar, "x", bytes(2**26 // count), kind)
    message = r"c\.tar\.gz (不是完整的 tar 包|里没有完整的)"
    refused_within(2**25, message, Cifar10, data_file=path)


@pytest.mark.parametrize("size", [-512, 2**40])
def test_an_impossible_size_in_a_tar_is_refused(size, tmp_path):
    info = tarfile.TarInfo("test_batch.bin")
    info.size = size
    (tmp_path / "c.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(UserError, match=r"c\.tar 不是完整的 tar 包"):
        Cifar10(data_file=tmp_path / "c.tar", split="test")


def test_a_plain_tar_cut_off_between_two_blocks_is_refused(tmp_path):
    with tarfile.open(tmp_path / "c.tar", "w") as tar:
        add(tar, "test_batch.bin", bytes(CIFAR_RECORD) * 1024)
    os.truncate(tmp_path / "c.tar", 512 + 512 * CIFAR_RECORD)  # 512 条记录正好是整块
    with pytest.raises(UserError, match=r"c\.tar 不是完整的 tar 包"):
        Cifar10(data_file=tmp_path / "c.tar", split="test")


@pytest.mark.parametrize("damaged", [False, True])
def test_a_tar_of_another_compression_is_named(damaged, tmp_path):
    with tarfile.open(tmp_path / "c.tar.xz", "w:xz") as tar:
        add(tar, "test_batch.bin", np.random.default_rng(0).bytes(CIFAR_RECORD))
    if damaged:
        whole = (tmp_path / "c.tar.xz").read_bytes()
        (tmp_path / "c.tar.xz").write_bytes(whole[:40] + bytes(20) + whole[60:])
    with pytest.raises(UserError, match=r"c\.tar\.xz 不是完整的 tar 包（\.tar\.gz 或 \.tar）"):
        Cifar10(data_file=tmp_path / "c.tar.xz", split="test")
