"""长方形的图：高与宽不互换，裁的位置读得回来；不缩放时从原图裁。

每张测试图的红色是列号的 8 倍、绿色是行号的 8 倍，右上角一块是纯蓝：位置错了、横竖换了都看得出。
"""

import numpy as np
import pytest
import yaml

from paddle_gan.data import Batches, Images, Unpaired, image_store, to_uint8, write_png
from paddle_gan.data.folders import ImageFolder, UnpairedFolders
from paddle_gan.errors import UserError
from paddle_gan.run.config import resolve

BLUE = [0, 0, 255]


def picture(height: int, width: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([8 * columns, 8 * rows, np.zeros_like(rows)], axis=-1).astype(np.uint8)
    image[:3, -3:] = BLUE
    return image


def folder(path, *shapes):
    for i, shape in enumerate(shapes):
        write_png(path / f"{i}.png", picture(*shape))
    return path


def images_of(dataset, n: int, seed: int = 0) -> np.ndarray:
    """n 张（下标全是 0 的重复）还原成 uint8 (n, H, W, 3)。"""
    batch = dataset.batch(Images, (np.zeros(n, int),), np.random.default_rng(seed))
    return to_uint8(batch.x, dataset.value_range)


def test_a_list_is_height_then_width_and_nothing_is_moved(tmp_path):
    data = ImageFolder(root=folder(tmp_path, (12, 20)), size=[12, 20])
    assert data.shape == (3, 12, 20)
    x = next(Batches(data, Images, 2, seed=0)).x
    assert x.shape == [2, 3, 12, 20]
    image = to_uint8(x.numpy(), (-1, 1))[1]
    assert np.array_equal(image, picture(12, 20))
    assert image[1, 18].tolist() == BLUE and image[7, 3].tolist() == [24, 56, 0]


def test_cover_cuts_the_wanted_proportion_from_the_centre(tmp_path):
    # 24×60 里最大的 3:5 是 24×40，从第 10 列裁起，再缩小一半
    data = ImageFolder(root=folder(tmp_path, (24, 60)), size=[12, 20])
    (image,) = images_of(data, 1)
    cut = picture(24, 60)[:, 10:50].astype(float)
    expected = cut.reshape(12, 2, 20, 2, 3).mean(axis=(1, 3))
    assert image.astype(float) == pytest.approx(expected, abs=0.51)
    tall = ImageFolder(root=folder(tmp_path / "高", (60, 24)), size=[20, 12])
    cut = picture(60, 24)[10:50].astype(float)
    expected = cut.reshape(20, 2, 12, 2, 3).mean(axis=(1, 3))
    assert images_of(tall, 1)[0].astype(float) == pytest.approx(expected, abs=0.51)


def test_stretch_keeps_the_edges_and_changes_the_proportion(tmp_path):
    data = ImageFolder(root=folder(tmp_path, (24, 20)), size=[12, 20], resize="stretch")
    expected = picture(24, 20).astype(float).reshape(12, 2, 20, 3).mean(axis=1)
    assert images_of(data, 1)[0].astype(float) == pytest.approx(expected, abs=0.51)


def test_a_rectangular_crop_reaches_every_corner_and_no_further(tmp_path):
    root = folder(tmp_path, (14, 25))
    data = ImageFolder(root=root, size=[12, 20], load_size=[14, 25])
    images = images_of(data, 300)
    assert images.shape == (300, 12, 20, 3)
    lefts, tops = images[:, 11, 0, 0] // 8, images[:, 11, 0, 1] // 8 - 11
    assert set(lefts) == set(range(6)) and set(tops) == {0, 1, 2}
    one = picture(14, 25)[tops[5] : tops[5] + 12, lefts[5] : lefts[5] + 20]
    assert np.array_equal(images[5], one)


def test_without_resizing_the_crops_come_from_the_pictures_as_they_are(tmp_path, monkeypatch):
    root = folder(tmp_path, (16, 30), (31, 21))
    options = {"root": root, "size": [12, 20], "resize": "none"}
    for limit in (2**30, 16 * 30 * 3):  # 都在内存里；放不下，每批现读
        monkeypatch.setattr(image_store, "MEMORY_LIMIT", limit)
        data = ImageFolder(**options)
        assert (data.store.memory is None) == (limit < 2**30)
        batch = data.batch(Images, (np.array([0, 1] * 200),), np.random.default_rng(0))
        images = to_uint8(batch.x, (-1, 1)).reshape(200, 2, 12, 20, 3)
        for which, (height, width) in enumerate(((16, 30), (31, 21))):
            seen = images[:, which]
            lefts, tops = seen[:, 11, 0, 0] // 8, seen[:, 11, 0, 1] // 8 - 11
            assert set(lefts) == set(range(width - 19)) and set(tops) == set(range(height - 11))
            place = np.s_[tops[9] : tops[9] + 12, lefts[9] : lefts[9] + 20]
            assert np.array_equal(seen[9], picture(height, width)[place])
        test = ImageFolder(**options, split="test")
        middle = to_uint8(test.batch(Images, (np.array([1]),), None).x, (-1, 1))[0]
        assert np.array_equal(middle, picture(31, 21)[9:21, 0:20])


def test_pictures_too_small_to_cut_from_are_enlarged_and_it_is_said_once(tmp_path, capsys):
    root = folder(tmp_path, (6, 20), (12, 20), (24, 10))
    data = ImageFolder(root=root, size=[12, 20], resize="none")
    ImageFolder(root=root, size=[12, 20], resize="none", split="test")
    said = "提示：2 张图像比 data.size 小，按比例放大到够裁\n"
    assert capsys.readouterr().err == said
    assert [image.shape for image in data.store.memory] == [(12, 40, 3), (12, 20, 3), (48, 20, 3)]


def test_not_resizing_and_a_load_size_contradict_each_other(tmp_path):
    with pytest.raises(UserError, match="resize: none 时不缩放，load_size 没有用"):
        ImageFolder(root=folder(tmp_path, (12, 20)), size=8, load_size=10, resize="none")


@pytest.mark.parametrize("load_size", [[11, 40], [40, 19], 19])
def test_a_load_size_too_small_on_one_side_is_refused(load_size, tmp_path):
    with pytest.raises(UserError, match=r"小于 size \[12, 20\]，裁不出来"):
        ImageFolder(root=folder(tmp_path, (12, 20)), size=[12, 20], load_size=load_size)


def test_two_domains_may_be_rectangular_too(tmp_path):
    x, y = folder(tmp_path / "x", (12, 20)), folder(tmp_path / "y", (24, 40))
    data = UnpairedFolders(x=x, y=y, size=[12, 20], y_channels=1, flip=False)
    assert data.shape == (3, 12, 20) and data.y_shape == (1, 12, 20)
    batch = data.batch(Unpaired, (np.array([0]), np.array([0])), np.random.default_rng(0))
    assert np.array_equal(to_uint8(batch.x, (-1, 1))[0], picture(12, 20))
    assert batch.y.shape == (1, 1, 12, 20)


def raw(**data) -> dict:
    mlp = {"name": "mlp"}
    network = {"generator": mlp, "discriminator": mlp}
    data = {"name": "image_folder", "root": "x", **data}
    return {"method": "gan", "network": network, "data": data, "batch_size": 1, "total_steps": 1}


@pytest.mark.parametrize(
    "value", [[12], [1, 2, 3], [12, 0], [12, "20"], "大", 0, -1, True, [], 9000]
)
@pytest.mark.parametrize("key", ["size", "load_size"])
def test_a_size_that_is_neither_a_side_nor_two_is_refused_in_one_sentence(key, value):
    with pytest.raises(UserError) as caught:
        resolve(raw(**{key: value}))
    text = f"data.{key} 要写一个边长，或 [高, 宽]，都是 1 到 8192 的整数，现在是 {value!r}"
    assert str(caught.value) == text


def test_a_rectangular_size_survives_the_config_file():
    config = resolve(raw(size=[12, 20], load_size=[14, 24]))
    again = resolve(yaml.safe_load(config.dump()))
    assert again == config and again.data["size"] == [12, 20]
