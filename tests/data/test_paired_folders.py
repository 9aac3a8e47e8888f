"""成对的图像与带类别的子目录：谁与谁一对、裁在同一处、哪一类；常见的摆法错误一句话说清。"""

import numpy as np
import pytest

from paddle_gan.data import Batches, Labeled, Pair, to_uint8, write_png
from paddle_gan.data.edges import EdgeDigits, edges_of
from paddle_gan.data.labeled_folders import LabeledFolders
from paddle_gan.data.paired_folders import PairedFolders
from paddle_gan.errors import UserError


def picture(blue: int, height: int = 12, width: int = 16) -> np.ndarray:
    """红是列号、绿是行号、蓝是编号：从裁出的像素看得出裁自哪一张的哪里。"""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([columns, rows, np.full((height, width), blue)], axis=-1).astype(np.uint8)


def joined(folder, n: int, first: int = 0):
    """n 张左右拼成的：左半的蓝是 i，右半的是 100 + i。"""
    for i in range(first, first + n):
        pair = np.concatenate([picture(i), picture(100 + i)], axis=1)
        write_png(folder / f"{i}.png", pair)
    return folder


def apart(folder, n: int, blue: int = 0, **size):
    for i in range(n):
        write_png(folder / f"{i}.png", picture(blue + i, **size))
    return folder


def take(data, n: int, seed: int = 0):
    x, y = data.batch(Pair, (np.arange(n),), np.random.default_rng(seed))
    return to_uint8(x, data.value_range), to_uint8(y, data.value_range)


# 左右拼着的


def test_the_left_half_is_x_and_the_right_half_is_y_of_the_same_file(tmp_path):
    joined(tmp_path / "train", 11)
    data = PairedFolders(root=tmp_path, size=[12, 16], flip=False)
    assert data.shape == data.y_shape == (3, 12, 16) and data.lengths(Pair) == (11,)
    x, y = take(data, 11)
    assert np.array_equal(x, np.stack([picture(i) for i in range(11)]))
    assert np.array_equal(y, np.stack([picture(100 + i) for i in range(11)]))
    swapped = PairedFolders(root=tmp_path, size=[12, 16], flip=False, left="y")
    assert all(np.array_equal(a, b) for a, b in zip(take(swapped, 11), (y, x)))


@pytest.mark.parametrize("layout", ["joined", "apart"])
def test_a_pair_is_cropped_at_the_same_place_and_flipped_together(tmp_path, layout):
    if layout == "joined":
        options = {"root": joined(tmp_path / "两半", 1)}
    else:
        options = {"x": apart(tmp_path / "甲", 1), "y": apart(tmp_path / "乙", 1, blue=100)}
    data = PairedFolders(size=8, load_size=[12, 16], flip=True, **options)
    x, y = data.batch(Pair, (np.zeros(200, int),), np.random.default_rng(0))
    x, y = to_uint8(x, data.value_range), to_uint8(y, data.value_range)
    assert np.array_equal(x[..., :2], y[..., :2])  # 同样的列号与行号
    assert (x[..., 2] == 0).all() and (y[..., 2] == 100).all()
    flipped = x[:, 0, 0, 0] > x[:, 0, -1, 0]
    assert 0.35 < flipped.mean() < 0.65 and len(set(x[:, 0, 0, 1])) == 5


def test_the_test_split_is_the_test_folder_and_is_only_resized(tmp_path):
    joined(tmp_path / "train", 4)
    joined(tmp_path / "val", 2, first=7)
    data = PairedFolders(root=tmp_path, size=[12, 16], load_size=[18, 24], split="test")
    assert data.held_out and data.lengths(Pair) == (2,)
    assert take(data, 2)[0][:, 0, 0, 2].tolist() == [7, 8]
    assert np.array_equal(take(data, 2, seed=1)[0], take(data, 2, seed=2)[0])


def test_without_a_test_folder_the_training_pairs_stand_in_and_it_is_said(tmp_path, capsys):
    data = PairedFolders(root=joined(tmp_path, 3), size=[12, 16], split="test")
    assert not data.held_out and data.lengths(Pair) == (3,)
    assert "用训练图像代替" in capsys.readouterr().err


def test_two_channels_counts_are_possible(tmp_path):
    data = PairedFolders(root=joined(tmp_path, 3), size=8, x_channels=1)
    assert (data.shape, data.y_shape) == ((1, 8, 8), (3, 8, 8))


# 两个目录


def test_two_folders_are_matched_by_name_whatever_the_extension_and_the_subfolder(tmp_path):
    for i, name in enumerate(("b", "子/a", "10", "9", "c", "c.k")):
        write_png(tmp_path / "x" / f"{name}.png", picture(i))
        (tmp_path / "y" / name).parent.mkdir(parents=True, exist_ok=True)
        write_png(tmp_path / "y" / f"{name}.png", picture(100 + i))
    (tmp_path / "y/9.png").rename(tmp_path / "y/9.PNG")
    (tmp_path / "y/c.png").rename(tmp_path / "y/c.jpg")  # 排在 c.k 的前面，c.png 排在后面
    data = PairedFolders(x=tmp_path / "x", y=tmp_path / "y", size=[12, 16], flip=False)
    x, y = take(data, 6)
    assert np.array_equal(x[:, 0, 0, 2] + 100, y[:, 0, 0, 2])
    assert sorted(x[:, 0, 0, 2]) == [0, 1, 2, 3, 4, 5]


def test_a_bad_file_takes_its_partner_with_it(tmp_path, capsys):
    x, y = apart(tmp_path / "x", 4), apart(tmp_path / "y", 4, blue=100)
    whole = (y / "2.png").read_bytes()
    (y / "2.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="2.png.*data.skip_bad"):
        PairedFolders(x=x, y=y, size=8)
    data = PairedFolders(x=x, y=y, size=[12, 16], flip=False, skip_bad=True)
    left, right = take(data, 3)
    assert left[:, 0, 0, 2].tolist() == [0, 1, 3] and right[:, 0, 0, 2].tolist() == [100, 101, 103]
    assert data.summary == "找到 3 对图像；跳过 1 对"


def mistakes(tmp_path) -> dict:
    """摆错了的几种目录。"""
    x, y = apart(tmp_path / "x", 3), apart(tmp_path / "y", 3)
    more, small = apart(tmp_path / "多", 5), apart(tmp_path / "小", 3, height=6)
    twice = apart(tmp_path / "两张", 3)
    (twice / "1.jpg").write_bytes((twice / "1.png").read_bytes())
    write_png(tmp_path / "奇" / "a.png", picture(0, width=17))
    write_png(tmp_path / "高" / "a.png", picture(0, height=40))
    joined(tmp_path / "没有训练/test", 1)
    for i, name in enumerate(("A", "B", "C")):
        apart(tmp_path / "方" / name, 3 + i, width=12)  # 名字对不上，只看得出是方的
    for name in ("A", "B"):
        apart(tmp_path / "照片/train" / name, 3, width=18)
        joined(tmp_path / "同名的两半" / name, 3)
    joined(tmp_path / "两半", 3)
    return {
        "nothing": ({}, "还缺 x、y.*root"),
        "only_x": ({"x": x}, "还缺 y"),
        "both_ways": ({"root": x, "x": x, "y": y}, "root 与 x、y 只能写一种"),
        "one_test": ({"x": x, "y": y, "test_x": x}, "test_x 与 test_y 要一起写"),
        "unmatched": ({"x": more, "y": y}, "2 张在 .*没有同名的.*3.png.*4.png"),
        "unmatched_other": ({"x": x, "y": more}, "2 张在 .*没有同名的"),
        "two_sizes": ({"x": x, "y": small}, "3 对的两张图大小不同"),
        "two_extensions": ({"x": twice, "y": y}, "只差扩展名"),
        "odd": ({"root": tmp_path / "奇"}, "宽是奇数.*a.png.*data.x"),
        "tall": ({"root": tmp_path / "高"}, "不像左右拼成的一对.*data.x"),
        "no_train": ({"root": tmp_path / "没有训练"}, "有 test/ 却没有 train/"),
        "nowhere": ({"root": tmp_path / "哪里"}, "找不到图像目录.*-o data.root=你的目录"),
        "no_y": ({"x": x, "y": tmp_path / "哪里"}, "找不到图像目录.*-o data.y=你的目录"),
        "squares": ({"root": tmp_path / "方"}, "分在 A、B、C 里.*1 倍.*data.x 与 data.y"),
        "photos": (
            {"root": tmp_path / "照片"},
            "1.5 倍.*-o data.root=null -o data.x=.*/train/A -o data.y=.*/train/B",
        ),
        "left": ({"x": x, "y": y, "left": "y"}, "left 只给左右拼着的 root.*对调"),
        "same": ({"x": x, "y": tmp_path / "小/../x"}, "data.x 与 data.y 是同一个目录"),
        "same_test": (
            {"x": x, "y": y, "test_x": x, "test_y": x},
            "data.test_x 与 data.test_y 是同一个目录",
        ),
    }


CASES = (
    *("nothing", "only_x", "both_ways", "one_test", "unmatched", "unmatched_other"),
    *("two_sizes", "two_extensions", "odd", "tall", "no_train", "nowhere", "no_y"),
    *("squares", "photos", "left", "same", "same_test"),
)


@pytest.mark.parametrize("case", CASES)
def test_a_mistaken_layout_is_one_sentence_that_names_the_lever(tmp_path, case):
    options, said = mistakes(tmp_path)[case]
    with pytest.raises(UserError, match=said) as caught:
        PairedFolders(size=8, **options)
    assert "\n" not in str(caught.value)


def test_joined_pairs_may_lie_in_subfolders_and_are_said_to_be_halved(tmp_path, capsys):
    mistakes(tmp_path)
    for name in ("两半", "同名的两半"):
        data = PairedFolders(root=tmp_path / name, size=[12, 16])
        assert data.shape == (3, 12, 16)
        assert data.summary.endswith("对图像，每张从正中切成左右两半")
    data = PairedFolders(x=tmp_path / "x", y=tmp_path / "y", size=[12, 16], split="test")
    assert data.summary == "找到 3 对图像"
    assert "没有测试图像（没有写 test_x 与 test_y）" in capsys.readouterr().err


# 带类别的子目录


def classes(root, **counts):
    for place, (name, n) in enumerate(counts.items()):
        apart(root / name, n, blue=20 * place)
    return root


def test_the_folders_are_the_classes_in_natural_order(tmp_path):
    root = classes(tmp_path, 类10=3, 类9=4, 猫=2)
    data = LabeledFolders(root=root, size=[12, 16])
    assert data.class_names == ["猫", "类9", "类10"]
    batch = data.batch(Labeled, (np.arange(9),), np.random.default_rng(0))
    blue = to_uint8(batch.x, data.value_range)[:, 0, 0, 2] // 20
    named = [data.class_names[label] for label in batch.labels]
    assert named == [("类10", "类9", "猫")[b] for b in blue]
    assert data.num_classes == 3 and batch.labels.dtype == np.int64
    assert data.summary.startswith("3 类；找到 9 张图像")


def test_each_class_keeps_its_share_for_the_test(tmp_path):
    root = classes(tmp_path, a=10, b=20)
    made = {
        s: LabeledFolders(root=root, size=8, test_fraction=0.2, split=s) for s in ("train", "test")
    }
    assert [np.bincount(d.labels).tolist() for d in made.values()] == [[8, 16], [2, 4]]
    assert not set(made["train"].files) & set(made["test"].files)
    assert made["test"].held_out


def test_labels_follow_their_images_through_the_batches(tmp_path):
    data = LabeledFolders(root=classes(tmp_path, a=3, b=5), size=[12, 16])
    batches = Batches(data, Labeled, 8, seed=1)
    x, labels = next(batches)
    blue = to_uint8(x.numpy(), data.value_range)[:, 0, 0, 2]
    assert np.array_equal(blue // 20, labels.numpy()) and len(set(blue)) == 8


def test_what_belongs_to_no_class_is_said(tmp_path, capsys):
    root = apart(classes(tmp_path, a=3, b=3), 2)
    (root / "空").mkdir()
    (root / ".cache").mkdir()
    write_png(root / ".cache/z.png", picture(0))
    data = LabeledFolders(root=root, size=8)
    assert data.class_names == ["a", "b"] and data.lengths(Labeled) == (6,)
    said = capsys.readouterr().err
    assert "2 张图像不属于哪一类" in said and "不算类别：空" in said


def test_without_two_classes_the_layout_is_explained(tmp_path):
    with pytest.raises(UserError, match="图像（3 张）都直接放着.*每一类一个子目录.*image_folder"):
        LabeledFolders(root=apart(tmp_path / "平", 3), size=8)
    with pytest.raises(UserError, match="只有一类（猫）"):
        LabeledFolders(root=classes(tmp_path / "一", 猫=3), size=8)


@pytest.mark.parametrize(
    ("train", "test"), [("train", "test"), ("Train", "VAL"), ("训练集", "测试集")]
)
def test_a_split_is_not_a_class(train, test, tmp_path):
    for folder in (train, test):
        classes(tmp_path / "分" / folder, a=3, b=3)
    with pytest.raises(
        UserError, match=f"{train}、{test} 是训练与测试的划分.*data.root 指到 .*/{train}，"
    ):
        LabeledFolders(root=tmp_path / "分", size=8)
    assert LabeledFolders(root=tmp_path / "分" / train, size=8).class_names == ["a", "b"]
    vehicles = classes(tmp_path / "车", car=3, train=3)
    assert LabeledFolders(root=vehicles, size=8).class_names == ["car", "train"]


def test_a_class_without_one_good_image_is_named(tmp_path):
    root = classes(tmp_path, a=3, b=1)
    (root / "b/0.png").write_bytes((root / "b/0.png").read_bytes()[:60])
    with pytest.raises(UserError, match="类别 b 里没有一张读得成的图像"):
        LabeledFolders(root=root, size=8, skip_bad=True)


# 边缘 → 数字


def test_edges_are_where_the_brightness_jumps_and_nowhere_else():
    image = np.zeros((1, 16, 16, 1), np.uint8)
    image[0, 5:11, 4:12] = 255
    edge = edges_of(image)[0, ..., 0]
    assert set(np.unique(edge)) == {0, 255}
    assert edge[8, 3:5].any() and edge[8, 11:13].any()
    assert not edge[8, 6:10].any() and not edge[:3].any()


def test_edge_digits_pair_each_digit_with_its_own_edges():
    train, test = EdgeDigits(), EdgeDigits(split="test")
    assert train.lengths(Pair) == (4000,) and test.lengths(Pair) == (1000,)
    assert train.shape == train.y_shape == (1, 32, 32)
    x, y = take(test, 5)
    assert np.array_equal(edges_of(y), x) and x.any()
