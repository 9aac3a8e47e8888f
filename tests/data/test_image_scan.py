"""训练之前看一遍全部文件：坏的一次说全，跳过的、替用户做了主的都说一声。"""

import os

import cv2
import numpy as np
import pytest
from PIL import Image
from tool_helpers import write_image

from paddle_gan.data import Images, image_scan, image_store, to_uint8
from paddle_gan.data.folders import ImageFolder, UnpairedFolders
from paddle_gan.errors import UserError
from paddle_gan.limits import MAX_PIXELS


def noise(seed: int, side: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def cut_jpeg(path, header_only=False):
    """头完好、内容断了的 JPEG。"""
    data = cv2.imencode(".jpg", noise(9, 64))[1].tobytes()
    path.write_bytes(data[: len(data) // 2])


@pytest.fixture
def folder(tmp_path):
    """5 张好图，混着四种坏文件。"""
    for i in range(5):
        write_image(tmp_path / f"好{i}.jpg", noise(i))
    cut_jpeg(tmp_path / "半截.jpg")
    (tmp_path / "空.png").touch()
    (tmp_path / "断.png").symlink_to(tmp_path / "没有.png")
    (tmp_path / "炸弹.pgm").write_bytes(b"P5\n30000 30000\n255\n")
    return tmp_path


BAD = {
    "半截.jpg": "已损坏，解码失败",
    "空.png": "不是图像",
    "断.png": "打不开",
    "炸弹.pgm": f"有 30000×30000 像素，超过上限 {MAX_PIXELS:,}",
}


@pytest.mark.parametrize("limit", [0, 2**30])
@pytest.mark.parametrize("fraction", [0, 0.5])
def test_all_bad_files_are_named_at_once_before_training(folder, monkeypatch, limit, fraction):
    monkeypatch.setattr(image_store, "MEMORY_LIMIT", limit)
    with pytest.raises(UserError) as caught:
        ImageFolder(root=folder, size=8, test_fraction=fraction)
    text = str(caught.value)
    assert text.startswith("4 个文件读不成图像：") and "-o data.skip_bad=true" in text
    for name, why in BAD.items():
        assert f"{folder / name} {why}" in text
    assert "好" not in text


@pytest.mark.parametrize("limit", [0, 2**30])
def test_bad_files_are_skipped_when_asked_and_it_is_said_once(folder, monkeypatch, capsys, limit):
    monkeypatch.setattr(image_store, "MEMORY_LIMIT", limit)
    options = {"root": folder, "size": 16, "skip_bad": True, "test_fraction": 0.4}
    train = ImageFolder(**options)
    said = capsys.readouterr().err
    assert said.startswith("提示：跳过 4 个读不成图像的文件：") and said.count("\n") == 1
    assert all(name in said for name in BAD)
    test = ImageFolder(**options, split="test")
    assert capsys.readouterr().err == ""
    assert [file.name for file in train.files] == ["好0.jpg", "好1.jpg", "好3.jpg"]
    assert [file.name for file in test.files] == ["好2.jpg", "好4.jpg"]
    assert train.summary == "找到 5 张图像；跳过 4 个读不成图像的文件"
    for data in (train, test):
        images = data.batch(Images, (np.arange(len(data.files)),), None if data is test else RNG).x
        for image, file in zip(to_uint8(images, (-1, 1)), data.files):
            expected = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
            assert np.array_equal(image, expected), file


RNG = np.random.default_rng(0)


def test_both_domains_and_their_test_pictures_are_seen_at_once(tmp_path):
    for name in ("trainA", "trainB", "testA", "testB"):
        write_image(tmp_path / name / "好.png", noise(0))
        cut_jpeg(tmp_path / name / f"{name}坏.jpg")
    with pytest.raises(UserError, match="4 个文件读不成图像") as caught:
        UnpairedFolders(root=tmp_path, size=8)
    for name in ("trainA", "trainB", "testA", "testB"):
        assert f"{tmp_path / name / name}坏.jpg 已损坏" in str(caught.value)
    data = UnpairedFolders(root=tmp_path, size=8, skip_bad=True)
    assert [file.name for file in (*data.x_files, *data.y_files)] == ["好.png"] * 2
    part = "找到 1 张图像；跳过 1 个读不成图像的文件"
    assert data.summary == f"x 域{part}；y 域{part}"


def test_of_many_bad_files_the_first_ten_and_the_count_are_named(tmp_path):
    for i in range(14):
        (tmp_path / f"{i}.png").touch()
    with pytest.raises(UserError) as caught:
        ImageFolder(root=tmp_path, size=8)
    text = str(caught.value)
    assert text.count("不是图像") == 10 and "9.png" in text and "10.png" not in text
    assert "14 个文件读不成图像" in text and "等 14 个" in text
    with pytest.raises(UserError, match="没有一张读得成的图像"):
        ImageFolder(root=tmp_path, size=8, skip_bad=True)


def test_one_bad_file_is_named_with_both_ways_out(tmp_path):
    write_image(tmp_path / "好.png", noise(0))
    cut_jpeg(tmp_path / "坏.jpg")
    with pytest.raises(UserError) as caught:
        ImageFolder(root=tmp_path, size=8)
    assert str(caught.value) == (
        f"文件 {tmp_path / '坏.jpg'} 已损坏，解码失败；请删掉它或换一张，"
        "或写 data.skip_bad: true（-o data.skip_bad=true）跳过它"
    )


def test_a_mended_file_is_looked_at_again_and_an_unchanged_folder_is_not(tmp_path, monkeypatch):
    cut_jpeg(tmp_path / "a.jpg")
    with pytest.raises(UserError, match="已损坏"):
        ImageFolder(root=tmp_path, size=8)
    write_image(tmp_path / "a.jpg", noise(0))
    monkeypatch.setattr(image_store, "MEMORY_LIMIT", 0)
    assert ImageFolder(root=tmp_path, size=8).summary == "找到 1 张图像"

    def look(*_):
        raise AssertionError("没有变的目录不该再解码一遍")

    monkeypatch.setattr(image_store, "inspect_image", look)
    assert len(ImageFolder(root=tmp_path, size=8, split="test").files) == 1


def test_transparent_and_animated_pictures_are_counted_once(tmp_path, capsys):
    clear = np.zeros((8, 8, 4), np.uint8)
    clear[:4, :, 3] = 255
    solid = np.full((8, 8, 4), 255, np.uint8)
    for i in range(3):
        write_image(tmp_path / f"透{i}.png", clear)
    write_image(tmp_path / "实.png", solid)
    frames = [Image.fromarray(noise(i, 8)) for i in range(2)]
    frames[0].save(tmp_path / "动.gif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "静.gif")
    for split in ("train", "test"):
        ImageFolder(root=tmp_path, size=8, split=split)
    assert capsys.readouterr().err.splitlines() == [
        "提示：3 张图像有透明的地方，叠在白底上",
        "提示：1 张动图，各取第一帧",
    ]


def test_a_long_look_says_how_far_it_is(tmp_path, monkeypatch, capsys):
    for i in range(6):
        write_image(tmp_path / f"{i}.png", noise(i))
    monkeypatch.setattr(image_store, "BLOCK", 2)
    monkeypatch.setattr(image_scan, "PATIENCE", 10**9)
    ImageFolder(root=tmp_path, size=8)
    assert capsys.readouterr().err == ""
    os.utime(tmp_path / "0.png", (0, 0))
    monkeypatch.setattr(image_scan, "PATIENCE", -1)
    ImageFolder(root=tmp_path, size=8)
    assert capsys.readouterr().err.splitlines() == [
        f"提示：正在检查图像：{done} / 6" for done in (2, 4, 6)
    ]


def test_only_the_first_of_several_processes_speaks(tmp_path, monkeypatch, capsys):
    write_image(tmp_path / "a.png", np.zeros((8, 8, 4), np.uint8))
    monkeypatch.setenv("PADDLE_TRAINER_ID", "1")
    ImageFolder(root=tmp_path, size=8)
    assert capsys.readouterr().err == ""
    os.utime(tmp_path / "a.png", (0, 0))
    monkeypatch.setenv("PADDLE_TRAINER_ID", "0")
    ImageFolder(root=tmp_path, size=8)
    assert "1 张图像有透明" in capsys.readouterr().err
