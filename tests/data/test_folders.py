"""图像目录：增强、划分、两个域、错误。"""

import cv2
import numpy as np
import pytest

from paddle_gan.data import DATASETS, Batches, Images, Unpaired, image_store, to_uint8, write_png
from paddle_gan.data.folders import ImageFolder, UnpairedFolders
from paddle_gan.errors import UserError

RNG = np.random.default_rng(0)


def gradient(value=0, height=16, width=16):
    """红色通道是列号、绿色是行号、蓝色是 value：从裁出的像素能读出裁自哪里。"""
    rows, columns = np.mgrid[:height, :width]
    blue = np.full((height, width), value)
    return np.stack([columns, rows, blue], axis=-1).astype(np.uint8)


def fill(folder, n, value=0, **size):
    for i in range(n):
        write_png(folder / f"{i}.png", gradient(value + i, **size))
    return folder


def pixels(dataset, n, seed=0):
    batch = dataset.batch(Images, (np.arange(n),), np.random.default_rng(seed))
    return to_uint8(batch.x, dataset.value_range)


def test_without_augmentation_images_come_back_exactly_in_natural_order(tmp_path):
    folder = ImageFolder(root=fill(tmp_path, 12), size=16)
    assert folder.shape == (3, 16, 16) and folder.lengths(Images) == (12,)
    assert np.array_equal(pixels(folder, 12), np.stack([gradient(i) for i in range(12)]))


def test_a_pure_red_file_lights_only_channel_zero(tmp_path):
    bgr = np.full((8, 8, 3), (0, 0, 255), np.uint8)
    (tmp_path / "red.png").write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
    x = ImageFolder(root=tmp_path, size=8).batch(Images, (np.array([0]),), RNG).x
    assert np.all(x[0, 0] == 1.0) and np.all(x[0, 1:] == -1.0)


def test_crop_offsets_vary_over_the_whole_range_and_stay_inside(tmp_path):
    folder = ImageFolder(root=fill(tmp_path, 1), size=12, load_size=16)
    batch = folder.batch(Images, (np.zeros(400, int),), np.random.default_rng(0))
    images = to_uint8(batch.x, folder.value_range)
    assert images.shape == (400, 12, 12, 3)
    lefts, tops = images[:, 0, 0, 0], images[:, 0, 0, 1]
    assert set(lefts) == set(tops) == {0, 1, 2, 3, 4}
    assert abs(np.corrcoef(lefts, tops)[0, 1]) < 0.15  # 横竖各裁各的
    assert np.array_equal(images[7], gradient()[tops[7] : tops[7] + 12, lefts[7] : lefts[7] + 12])


def test_flip_mirrors_about_half_of_the_images(tmp_path):
    folder = ImageFolder(root=fill(tmp_path, 1), size=16, flip=True)
    batch = folder.batch(Images, (np.zeros(400, int),), np.random.default_rng(0))
    images = to_uint8(batch.x, folder.value_range)
    flipped = images[:, 0, 0, 0] == 15
    assert flipped.mean() == pytest.approx(0.5, abs=0.08)
    assert np.array_equal(images[flipped][0], gradient()[:, ::-1])
    assert np.array_equal(images[~flipped][0], gradient())
    assert np.array_equal(folder.store.memory[0], gradient())  # 内存里的原图没有被翻


def test_augmentation_depends_only_on_seed_and_position(tmp_path):
    folder = ImageFolder(root=fill(tmp_path, 5), size=12, load_size=16, flip=True)
    straight = [next(batches) for batches in [Batches(folder, Images, 4, seed=3)] for _ in range(4)]
    resumed = next(Batches(folder, Images, 4, seed=3, position=3))
    assert np.array_equal(straight[3].x.numpy(), resumed.x.numpy())
    other = next(Batches(folder, Images, 4, seed=4, position=3))
    assert not np.array_equal(resumed.x.numpy(), other.x.numpy())


def test_the_test_split_is_only_resized(tmp_path):
    root = fill(tmp_path, 3)
    folder = ImageFolder(root=root, size=8, load_size=16, flip=True, split="test")
    first, second = pixels(folder, 3, seed=1), pixels(folder, 3, seed=2)
    assert np.array_equal(first, second)
    expected = cv2.resize(gradient(1), (8, 8), interpolation=cv2.INTER_AREA)
    assert np.array_equal(first[1], expected)


def test_oblong_pictures_are_cropped_at_the_centre_not_squashed(tmp_path):
    folder = ImageFolder(root=fill(tmp_path, 1, height=16, width=24), size=16)
    assert np.array_equal(pixels(folder, 1)[0], gradient(width=24)[:, 4:20])


def test_test_fraction_splits_evenly_and_disjointly(tmp_path):
    root = fill(tmp_path, 10, height=4, width=4)
    train = ImageFolder(root=root, size=4, test_fraction=0.3)
    test = ImageFolder(root=root, size=4, test_fraction=0.3, split="test")
    assert [int(file.stem) for file in test.files] == [3, 6, 9]
    assert sorted(train.files + test.files) == sorted(root.iterdir())
    assert len(ImageFolder(root=root, size=4, split="test").files) == 10  # 0 表示不划分


def test_when_the_held_out_share_is_less_than_one_picture_training_pictures_are_used(
    tmp_path, capsys
):
    options = {"root": fill(tmp_path, 2, height=4, width=4), "size": 4, "test_fraction": 0.1}
    assert len(ImageFolder(**options).files) == 2
    assert capsys.readouterr().err == ""
    test = ImageFolder(**options, split="test")
    assert len(test.files) == 2 and not test.held_out
    said = "提示：没有测试图像（2 张的 0.1 不到一张）：预览与评估用训练图像代替\n"
    assert capsys.readouterr().err == said
    options["test_fraction"] = 0.5
    test = ImageFolder(**options, split="test")
    assert [file.name for file in test.files] == ["1.png"] and test.held_out
    assert capsys.readouterr().err == ""


def test_one_channel_and_unit_range(tmp_path):
    folder = ImageFolder(root=fill(tmp_path, 1), size=16, channels=1, unit_range=True)
    x = folder.batch(Images, (np.array([0]),), np.random.default_rng(0)).x
    assert x.shape == (1, 1, 16, 16) and folder.shape == (1, 16, 16)
    assert x.min() >= 0 and x.max() < 0.1


def test_a_folder_over_the_memory_limit_is_decoded_per_batch_with_the_same_result(
    tmp_path, monkeypatch
):
    root = fill(tmp_path, 4)
    in_memory = ImageFolder(root=root, size=12, load_size=16)
    monkeypatch.setattr(image_store, "MEMORY_LIMIT", 4 * 16 * 16 * 3 - 1)
    on_disk = ImageFolder(root=root, size=12, load_size=16)
    assert in_memory.store.memory is not None and on_disk.store.memory is None
    assert np.array_equal(pixels(in_memory, 4), pixels(on_disk, 4))


def test_a_broken_file_is_named_when_the_data_set_is_built(tmp_path):
    (fill(tmp_path, 3) / "1.png").write_text("not an image")
    with pytest.raises(UserError, match=r"1.png 不是图像"):
        ImageFolder(root=tmp_path, size=16)


def test_load_size_below_size_is_refused(tmp_path):
    with pytest.raises(UserError, match="load_size 是 60，小于 size 64，裁不出来"):
        ImageFolder(root=fill(tmp_path, 1), size=64, load_size=60)


def cyclegan_layout(root, a=5, b=3):
    for domain, n, value in (("A", a, 0), ("B", b, 100)):
        fill(root / f"train{domain}", n, value)
        fill(root / f"test{domain}", 2, value + 50)
    return root


def test_unpaired_folders_read_the_cyclegan_layout(tmp_path):
    data = UnpairedFolders(root=cyclegan_layout(tmp_path), size=16, flip=False)
    assert data.lengths(Unpaired) == (5, 3)
    batch = data.batch(Unpaired, (np.array([4, 0]), np.array([2, 1])), RNG)
    assert to_uint8(batch.x, (-1, 1))[:, 0, 0, 2].tolist() == [4, 0]
    assert to_uint8(batch.y, (-1, 1))[:, 0, 0, 2].tolist() == [102, 101]


def test_unpaired_test_split_reads_the_test_folders_without_augmentation(tmp_path):
    data = UnpairedFolders(root=cyclegan_layout(tmp_path), size=16, load_size=18, split="test")
    assert data.lengths(Unpaired) == (2, 2)
    batch = data.batch(Unpaired, (np.arange(2), np.arange(2)), RNG)
    assert np.array_equal(to_uint8(batch.x, (-1, 1)), np.stack([gradient(50), gradient(51)]))


def test_unpaired_domains_are_augmented_independently(tmp_path):
    data = UnpairedFolders(root=cyclegan_layout(tmp_path), size=12, load_size=16)
    zeros = np.zeros(100, int)
    batch = data.batch(Unpaired, (zeros, zeros), np.random.default_rng(0))
    x, y = to_uint8(batch.x, (-1, 1)), to_uint8(batch.y, (-1, 1))
    assert x.shape == y.shape == (100, 12, 12, 3)
    assert not np.array_equal(x[:, 0, 0, :2], y[:, 0, 0, :2])


def test_unpaired_domains_may_differ_in_channels_and_live_anywhere(tmp_path):
    x, y = fill(tmp_path / "照片", 2), fill(tmp_path / "线稿", 4)
    data = UnpairedFolders(x=x, y=y, size=16, y_channels=1)
    assert data.shape == (3, 16, 16) and data.y_shape == (1, 16, 16)
    batch = next(Batches(data, Unpaired, 3, seed=0))
    assert batch.x.shape == [3, 3, 16, 16] and batch.y.shape == [3, 1, 16, 16]


def test_unpaired_folders_squash_oblong_pictures_like_the_paper(tmp_path):
    x = fill(tmp_path / "x", 1, height=16, width=32)
    data = UnpairedFolders(x=x, y=x, size=16, flip=False)
    batch = data.batch(Unpaired, (np.array([0]), np.array([0])), RNG)
    expected = cv2.resize(gradient(width=32), (16, 16), interpolation=cv2.INTER_AREA)
    assert np.array_equal(to_uint8(batch.x, (-1, 1))[0], expected)


FOLDERS = ("image_folder", "labeled_folders", "unpaired_folders", "paired_folders")


@pytest.mark.parametrize("name", FOLDERS)
def test_a_missing_folder_is_refused_with_the_option_that_names_it(name, tmp_path):
    with pytest.raises(
        UserError, match="找不到图像目录 .*（data.root）；请用 -o data.root=你的目录"
    ):
        DATASETS[name](root=tmp_path / "没有")


def test_unpaired_folders_say_which_folder_is_missing(tmp_path):
    fill(tmp_path / "trainA", 1)
    with pytest.raises(UserError, match=r"里没有 trainB；这个目录应该是 trainA/ trainB/ testA/"):
        UnpairedFolders(root=tmp_path)
    with pytest.raises(UserError, match="unpaired_folders 还缺 y；请写 root: 目录"):
        UnpairedFolders(x=tmp_path / "trainA")
    with pytest.raises(UserError, match="找不到图像目录 .*没有"):  # 写明了而没有的，多半是笔误
        UnpairedFolders(x=tmp_path / "trainA", y=tmp_path / "trainA", test_x=tmp_path / "没有")
    with pytest.raises(UserError, match="root 与 x 只能写一种"):
        UnpairedFolders(root=tmp_path, x=tmp_path / "trainA")


@pytest.mark.parametrize("empty", ["testA", "testB", "testA testB"])
@pytest.mark.parametrize("exists", [True, False])
def test_without_test_pictures_the_training_pictures_are_shown_and_it_is_said_once(
    empty, exists, tmp_path, capsys
):
    root = cyclegan_layout(tmp_path)
    for name in empty.split():
        for file in (root / name).iterdir():
            file.unlink()
        if not exists:
            (root / name).rmdir()
    train = UnpairedFolders(root=root, size=16)
    assert train.lengths(Unpaired) == (5, 3) and capsys.readouterr().err == ""
    test = UnpairedFolders(root=root, size=16, split="test")
    batch = test.batch(Unpaired, (np.array([1]), np.array([1])), RNG)
    shown = [int(to_uint8(image, (-1, 1))[0, 0, 0, 2]) for image in batch]
    assert shown == [1 if "testA" in empty else 51, 101 if "testB" in empty else 151]
    said = f"提示：没有测试图像（{empty.replace(' ', '、')}）：预览与评估用训练图像代替\n"
    assert capsys.readouterr().err == said
    assert not test.held_out


def test_two_folders_alone_are_enough(tmp_path, capsys):
    x, y = fill(tmp_path / "照片", 2), fill(tmp_path / "画", 3, 100)
    test = UnpairedFolders(x=x, y=y, size=16, split="test")
    assert test.lengths(Unpaired) == (2, 3)
    assert "没有测试图像（test_x、test_y）" in capsys.readouterr().err
    full = UnpairedFolders(x=x, y=y, test_x=y, test_y=x, size=16, split="test")
    assert full.lengths(Unpaired) == (3, 2) and full.held_out
    assert capsys.readouterr().err == ""
