"""图像目录里的怪东西：不卡住，不悄悄少图，错误是一行话、说出是哪个文件。"""

import contextlib
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from tool_helpers import assert_one_sentence, run_tool, tiny_run, write_image

from paddle_gan.data import list_images, read_image
from paddle_gan.data.folders import ImageFolder, UnpairedFolders
from paddle_gan.data.vision import Cifar10, Mnist
from paddle_gan.errors import UserError

NOBODY = 65534


@contextlib.contextmanager
def within(seconds: int):
    """块内超过几秒就失败，不会一直等下去；放得很宽：正常时几毫秒，慢的机器也不能碰到它。"""

    def late(number, frame):
        raise AssertionError(f"{seconds} 秒还没有做完")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def folder(tmp_path) -> Path:
    """一张好图的目录。"""
    write_image(tmp_path / "好.png", np.zeros((8, 8, 3), np.uint8))
    return tmp_path


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in list_images(folder)]


def test_pipes_sockets_and_devices_are_passed_over_and_never_waited_for(folder):
    os.mkfifo(folder / "管道.png")
    (folder / "设备.png").symlink_to("/dev/zero")
    (folder / "目录.png").mkdir()
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/s.png")  # 套接字的路径不能长
        os.rename(f"{short}/s.png", folder / "套接字.png")
    with within(120):
        assert names(folder) == ["好.png"]
        assert ImageFolder(root=folder, size=8).store.memory.shape == (1, 8, 8, 3)


@pytest.mark.parametrize("name", ["管道.png", "设备.png"])
def test_reading_a_pipe_or_a_device_is_refused_at_once(name, tmp_path, capsys, monkeypatch):
    os.mkfifo(tmp_path / "管道.png")
    (tmp_path / "设备.png").symlink_to("/dev/zero")
    with within(120):
        with pytest.raises(UserError, match="不是普通文件"):
            read_image(tmp_path / name)
        arguments = [tiny_run("cyclegan"), "--input", tmp_path / name, "--out", tmp_path / "out"]
        assert_one_sentence(run_tool(capsys, monkeypatch, "translate", *arguments), name)


def test_links_to_pictures_count_and_loops_of_folders_end(folder):
    (folder / "链接.png").symlink_to(folder / "好.png")
    (folder / "里").mkdir()
    (folder / "里" / "回来").symlink_to(folder)
    with within(120):
        assert names(folder) == ["好.png", "链接.png"]
    (folder / "入口").symlink_to(folder)
    assert len(list_images(folder / "入口")) == 2  # 目录本身可以是链接


@pytest.mark.parametrize("target", ["没有.png", "断.png"])
def test_a_dangling_or_looping_link_is_named_not_silently_dropped(target, folder):
    (folder / "断.png").symlink_to(folder / target)  # 指向自己就成了环
    with pytest.raises(UserError, match=r"文件 .*断\.png 打不开"):
        ImageFolder(root=folder, size=8)


@pytest.fixture
def as_nobody():
    """以普通用户的身份读文件（root 不理会权限），在一个他进得去的目录里。"""
    parent = Path(tempfile.mkdtemp())
    parent.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(parent, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield parent
    if os.getuid() == 0:
        os.seteuid(0)
    for path in [*parent.rglob("*"), parent]:
        path.chmod(0o755)
    shutil.rmtree(parent)


def test_a_folder_inside_that_may_not_be_read_is_named(as_nobody):
    write_image(as_nobody / "a.png", np.zeros((8, 8, 3), np.uint8))
    write_image(as_nobody / "里" / "b.png", np.zeros((8, 8, 3), np.uint8))
    assert len(list_images(as_nobody)) == 2
    (as_nobody / "里").chmod(0)
    with pytest.raises(UserError, match=r"读不了目录 .*里：没有权限"):
        list_images(as_nobody)


def test_a_picture_that_may_not_be_read_is_named(as_nobody):
    path = write_image(as_nobody / "a.png", np.zeros((8, 8, 3), np.uint8))
    path.chmod(0)
    with pytest.raises(UserError, match=r"文件 .*a\.png 打不开（没有权限）"):
        read_image(path)


READERS = [
    list_images,
    lambda path: UnpairedFolders(root=path),
    lambda path: Mnist(root=path),
    lambda path: Cifar10(data_file=path),
]


@pytest.mark.parametrize("read", READERS, ids=["images", "unpaired", "mnist", "cifar"])
def test_a_path_behind_a_closed_folder_or_with_an_endless_name_is_named(read, as_nobody):
    (as_nobody / "门").mkdir()
    (as_nobody / "门").chmod(0)
    for path in (as_nobody / "门" / "里", as_nobody / ("长" * 100)):  # 300 字节的名字
        with pytest.raises(UserError) as caught:
            read(path)
        assert str(path) in str(caught.value)


def test_an_idx_file_that_may_not_be_read_is_named(as_nobody):
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        (as_nobody / name).touch(mode=0)
    with pytest.raises(UserError, match="打不开 .*train-images-idx3-ubyte：没有权限"):
        Mnist(root=as_nobody)


def test_folders_may_be_nested_deeper_than_python_may_recurse(folder):
    depth = sys.getrecursionlimit() + 100
    inner = [folder]
    for _ in range(depth):
        inner.append(inner[-1] / "d")
        inner[-1].mkdir()
    (folder / "好.png").rename(inner[-1] / "好.png")
    try:
        assert names(folder) == ["d/" * depth + "好.png"]
    finally:  # pytest 清理目录时用递归
        (inner[-1] / "好.png").unlink()
        for path in reversed(inner[1:]):
            path.rmdir()


STRANGE = [
    "a\nb.png",
    "\x1b[31m红.png",
    "a\u2028b.png",
    os.fsdecode(b"\xff\xfe.png"),
    "空 格😀.png",
]


@pytest.mark.parametrize("name", STRANGE, ids=ascii)
def test_a_broken_file_with_a_strange_name_is_still_one_line(name, tmp_path, capsys, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_text("不是图像", encoding="utf-8")
    arguments = [tiny_run("cyclegan"), "--input", tmp_path / "in", "--out", tmp_path / "out"]
    result = run_tool(capsys, monkeypatch, "translate", *arguments)
    assert_one_sentence(result, "不是图像")
    assert "\x1b" not in result.err


@pytest.mark.parametrize("name", STRANGE, ids=ascii)
def test_a_good_file_with_a_strange_name_is_translated(name, tmp_path, capsys, monkeypatch):
    write_image(tmp_path / "a.png", np.zeros((8, 8, 3), np.uint8)).rename(tmp_path / name)
    arguments = [tiny_run("cyclegan"), "--input", tmp_path / name, "--out", tmp_path / "out"]
    assert run_tool(capsys, monkeypatch, "translate", *arguments).code == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]
