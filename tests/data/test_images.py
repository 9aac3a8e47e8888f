"""内存里的图像：换算、划分、标签。"""

import subprocess
import sys

import numpy as np
import pytest

from paddle_gan.data import ImageArrays, Images, Labeled, to_float, to_uint8
from paddle_gan.data.avatars import Avatars
from paddle_gan.data.digits import Digits, StackedDigits
from paddle_gan.data.emoji import Emoji
from paddle_gan.data.glyphs import Glyphs
from paddle_gan.data.images import load_asset, resize_image
from paddle_gan.errors import UserError


def batch(dataset, kind=Labeled, n=4, seed=0):
    return dataset.batch(kind, (np.arange(n),), np.random.default_rng(seed))


@pytest.mark.parametrize("value_range", [(-1.0, 1.0), (0.0, 1.0)])
def test_all_256_levels_survive_the_round_trip(value_range):
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    x = to_float(levels, value_range)
    assert x.shape == (1, 1, 16, 16) and x.dtype == np.float32
    assert (x.min(), x.max()) == pytest.approx(value_range, abs=1e-6)
    assert np.array_equal(to_uint8(x, value_range), levels)


def test_to_uint8_clips_and_rounds():
    x = np.array([-3.0, -1.0, 0.0, 1.0, 9.0], np.float32).reshape(1, 1, 1, 5)
    assert to_uint8(x, (-1.0, 1.0)).ravel().tolist() == [0, 0, 128, 255, 255]


def test_channels_move_to_the_front_in_rgb_order():
    image = np.zeros((1, 2, 3, 3), np.uint8)
    image[..., 0] = 255
    x = to_float(image, (0.0, 1.0))
    assert x.shape == (1, 3, 2, 3)
    assert x[0, :, 0, 0].tolist() == [1.0, 0.0, 0.0]


def test_resizing_keeps_the_channel_axis_and_averages_when_shrinking():
    image = np.zeros((4, 4, 1), np.uint8)
    image[::2] = 200
    assert resize_image(image, 2, 2).tolist() == [[[100], [100]], [[100], [100]]]
    assert resize_image(image, 6, 8).shape == (8, 6, 1)


def test_digits_split_is_stratified_and_disjoint():
    train, test = Digits(split="train"), Digits(split="test")
    assert np.bincount(train.labels).tolist() == [400] * 10
    assert np.bincount(test.labels).tolist() == [100] * 10
    both = np.concatenate([train.images, test.images]).reshape(5000, -1)
    everything = load_asset("digits.npz")["x"].reshape(5000, -1)
    assert np.array_equal(np.unique(both, axis=0), np.unique(everything, axis=0))
    seen = {image.tobytes() for image in train.images}
    assert not any(image.tobytes() in seen for image in test.images)


def test_digits_are_white_on_black_in_the_declared_range():
    signed, unit = batch(Digits()), batch(Digits(unit_range=True))
    assert signed.x.shape == (4, 1, 28, 28) == (4, *Digits().shape)
    assert signed.x[:, 0, 0, 0].tolist() == [-1.0] * 4
    assert unit.x.min() == 0.0 and unit.x.max() <= 1.0
    assert (signed.x + 1) / 2 == pytest.approx(unit.x, abs=1e-6)
    assert Digits(unit_range=True).value_range == (0.0, 1.0)


def test_digits_can_be_resized():
    digits = Digits(size=32, split="test")
    assert digits.shape == (1, 32, 32)
    assert batch(digits, Images).x.shape == (4, 1, 32, 32)


def test_stacked_digits_label_spells_its_three_channels():
    stacked, plain = StackedDigits(split="test"), Digits(split="test")
    sample = batch(stacked, n=50)
    digit_of = {image.tobytes(): label for image, label in zip(plain.images, plain.labels)}
    planes = to_uint8(sample.x, stacked.value_range)  # (50, 28, 28, 3)
    for image, label in zip(planes, sample.labels, strict=True):
        a, b, c = (digit_of[image[..., k : k + 1].tobytes()] for k in range(3))
        assert label == 100 * a + 10 * b + c
    assert stacked.num_classes == 1000 and stacked.shape == (3, 28, 28)


def test_stacked_digits_reach_most_of_the_thousand_modes():
    sample = batch(StackedDigits(), n=5000)
    # 每类期望 5 个；空类的期望比例是 e⁻⁵
    assert len(np.unique(sample.labels)) / 1000 == pytest.approx(1 - np.exp(-5), abs=0.01)


def test_emoji_split_is_about_ninety_to_ten_in_every_category():
    train, test = Emoji(split="train"), Emoji(split="test")
    assert (len(train.images), len(test.images)) == (1719, 192)
    assert train.class_names == sorted(train.class_names) and train.num_classes == 10
    share = np.bincount(test.labels) / (np.bincount(test.labels) + np.bincount(train.labels))
    assert np.all(np.bincount(test.labels) >= 1)
    assert np.all((share > 0.08) & (share <= 0.2))
    assert not set(train.names) & set(test.names)


def test_emoji_labels_follow_the_names():
    emoji = Emoji()
    grinning = emoji.names.index("GRINNING FACE")
    assert emoji.class_names[emoji.labels[grinning]] == "Smileys & Emotion"


def test_emoji_are_rgb_on_white():
    emoji = Emoji()
    banana = emoji.images[emoji.names.index("BANANA")].astype(int)
    red, _, blue = banana.reshape(-1, 3).mean(axis=0)
    assert red > blue + 20  # 黄色：红多蓝少；若是 BGR 会反过来
    assert banana[0, 0].tolist() == [255, 255, 255]
    assert batch(emoji).x.shape == (4, 3, 32, 32)


def test_image_arrays_serve_your_own_arrays():
    images = np.random.default_rng(0).integers(0, 256, (5, 8, 6, 3), dtype=np.uint8)
    arrays = ImageArrays(images, np.array([0, 1, 2, 1, 0]))
    assert arrays.shape == (3, 8, 6) and arrays.num_classes == 3
    sample = arrays.batch(Labeled, (np.array([4, 2]),), np.random.default_rng(0))
    assert np.array_equal(to_uint8(sample.x, arrays.value_range), images[[4, 2]])
    assert sample.labels.tolist() == [0, 2]
    assert ImageArrays(images).batch_types == (Images,)


def test_image_arrays_reject_wrong_arrays_in_one_sentence():
    with pytest.raises(UserError, match=r"图像应是 uint8 .*收到的是 float64 \(2, 8, 8, 3\)"):
        ImageArrays(np.zeros((2, 8, 8, 3)))
    with pytest.raises(UserError, match="收到的是 uint8 "):
        ImageArrays(np.zeros((2, 3, 8, 8), np.uint8))
    with pytest.raises(UserError, match="标签有 1 个，图像有 2 张"):
        ImageArrays(np.zeros((2, 8, 8, 3), np.uint8), np.array([0]))


def test_a_missing_asset_says_how_to_repair_it():
    with pytest.raises(UserError, match="找不到素材 .*nothing.npz；请重新安装"):
        load_asset("nothing.npz")


def test_importing_the_data_layer_reads_no_assets():
    code = (
        "import numpy as np\n"
        "def refuse(*a, **k): raise AssertionError('read at import')\n"
        "np.load = refuse\n"
        "import paddle_gan.data\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=300)


def test_emoji_can_be_narrowed_to_some_categories():
    everything, faces = Emoji(), Emoji(categories=["Smileys & Emotion"])
    assert faces.class_names == ["Smileys & Emotion"] and faces.num_classes == 1
    assert set(faces.names) < set(everything.names) | set(Emoji(split="test").names)
    assert len(faces.images) + len(Emoji(categories=faces.class_names, split="test").images) == 169


def test_an_emoji_category_that_does_not_exist_is_named_with_the_nearest():
    with pytest.raises(UserError, match="Smileys；你想写的是 Smileys & Emotion 吗"):
        Emoji(categories=["Smileys"])


@pytest.mark.parametrize("dataset", [Digits, StackedDigits, Emoji, Glyphs, Avatars])
def test_images_wait_in_memory_as_bytes_and_become_floats_only_in_a_batch(dataset):
    data = dataset(size=32)
    stored = [v for v in vars(data).values() if isinstance(v, np.ndarray) and v.ndim == 4]
    assert stored and {array.dtype for array in stored} == {np.dtype(np.uint8)}
    sample = data.batch(Images, (np.arange(3),), np.random.default_rng(0))
    assert sample.x.dtype == np.float32 and sample.x.shape == (3, *data.shape)
