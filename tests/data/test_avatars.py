"""彩色头像：每个特征画的是不是它的名字，划分与成对的人，部件叠得对不对，素材与署名。"""

import hashlib

import numpy as np
import pytest

from paddle_gan.data import Images, Labeled, Pair, Unpaired, to_uint8
from paddle_gan.data.avatars import (
    ATTRIBUTES,
    PAIRS,
    Avatars,
    avatar_asset,
    compose,
)
from paddle_gan.data.images import ASSETS

RNG = np.random.default_rng(0)
SHA256 = "c7c0f0d492db37b8566ce87b1284d9d0216d81e0abd44f869dd093b238f292a8"
PARTS = ("head", "eyes", "eyebrows", "mouth", "details", "glasses", "hair")  # 从下到上
TINTS = {"head": "skin", "hair": "hair_color"}
FREE = [i for i, key in enumerate(ATTRIBUTES) if key not in PAIRS]


@pytest.fixture(scope="module")
def asset():
    return avatar_asset()


@pytest.fixture(scope="module")
def train():
    return Avatars()


@pytest.fixture(scope="module", params=PAIRS)
def test(request):
    return Avatars(change=request.param, split="test")


def index_of(avatars: Avatars, attribute: str, name: str) -> int:
    return avatars.names[attribute].index(name)


def test_the_file_is_small_fixed_and_says_whose_work_it_is():
    file = ASSETS / "avatars_64.npz"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == SHA256
    assert file.stat().st_size < 6 * 2**20
    card = (ASSETS / "README.md").read_text(encoding="utf-8")
    assert f"{file.stat().st_size:,} 字节" in card
    for credit in ("Lisa Wischofsky", "creativecommons.org/licenses/by/4.0/", "dicebear-styles"):
        assert credit in card


def test_the_card_lists_every_value_of_every_attribute(train):
    card = (ASSETS / "README.md").read_text(encoding="utf-8")
    for key in ATTRIBUTES:
        [row] = [line for line in card.splitlines() if line.startswith(f"| {key} ")]
        if key == "hair":
            long = sum(name.startswith("长发") for name in train.names[key])
            assert f"{long} 种长发、{len(train.names[key]) - long} 种短发" in row
        else:
            assert all(name in row for name in train.names[key])
    for change in PAIRS:
        x, y = Avatars(change=change).lengths(Unpaired)
        assert f"| {x:,} 人、{y:,} 人 | 1,000 对 |" in card


def test_train_and_test_share_nobody_not_even_with_hair_and_glasses_changed(train, test, asset):
    assert len(train.images) == 5000 and len(test.images) == 1000
    assert np.array_equal(test.people, asset["people"][::6])
    assert np.array_equal(train.people[:6], asset["people"][[1, 2, 3, 4, 5, 7]])
    everyone = np.concatenate([train.people, test.people])[:, FREE]
    assert len(np.unique(everyone, axis=0)) == 6000


def test_every_value_is_common_enough_to_learn(train):
    for key in ATTRIBUTES:
        counts = np.bincount(train.attribute(key), minlength=len(train.names[key]))
        assert counts.min() >= 150 and len(counts) == len(train.names[key])


def test_unpaired_training_domains_have_the_value_and_share_nobody(train):
    x, y = train.lengths(Unpaired)
    assert min(x, y) > 500
    batch = train.batch(Unpaired, (np.arange(x), np.arange(y)), RNG)
    for images, value in zip(batch, PAIRS["hair_color"]):
        rows = np.flatnonzero(train.labels == index_of(train, "hair_color", value))
        assert np.array_equal(to_uint8(images, train.value_range), train.images[rows])


def test_training_pairs_are_of_everybody_too(train, asset):
    rows = np.array([0, 7, 4999])
    pair = train.batch(Pair, (rows,), RNG)
    people = train.people[rows].copy()
    for images, value in zip(pair, PAIRS["hair_color"]):
        people[:, ATTRIBUTES.index("hair_color")] = index_of(train, "hair_color", value)
        assert np.array_equal(to_uint8(images, train.value_range), compose(people, asset))
    assert train.lengths(Pair) == (5000,)


def test_a_pair_is_the_same_person_with_one_attribute_changed(test, asset):
    everybody = np.arange(len(test.people))
    pair = test.batch(Pair, (everybody,), RNG)
    unpaired = test.batch(Unpaired, (everybody, everybody[::-1]), RNG)
    assert np.array_equal(unpaired.x, pair.x) and np.array_equal(unpaired.y, pair.y[::-1])
    domains = [to_uint8(images, test.value_range) for images in pair]
    now = test.attribute(test.change)
    for images, value in zip(domains, PAIRS[test.change]):
        already = now == index_of(test, test.change, value)
        assert already.any() and np.array_equal(images[already], test.images[already])
    # 换的只是那个部件：它没有盖住的像素，两张图分毫不差；盖住的大多变了
    part, column = {"hair_color": ("hair", "hair"), "glasses": ("glasses", None)}[test.change]
    other = index_of(test, "glasses", "方框")
    which = test.attribute(column) if column else np.full(len(now), other)
    layers = asset[f"layers_{part}"][which]
    differ = (domains[0] != domains[1]).any(axis=-1)
    assert not differ[layers[..., 4] == 0].any()
    touched = layers[..., 3] > 200 if part == "hair" else layers[..., 4] > 200
    assert differ[touched].mean() > (0.99 if part == "hair" else 0.3)
    assert differ.any(axis=(1, 2)).mean() > 0.99


def test_hair_skin_and_ground_have_the_colour_that_is_named(train, asset):
    for attribute, part in (("hair_color", "hair"), ("skin", "head")):
        variants = train.attribute("hair") if part == "hair" else np.zeros(5000, np.uint8)
        for value, name in enumerate(train.names[attribute]):
            who = int(np.flatnonzero(train.attribute(attribute) == value)[0])
            layer = asset[f"layers_{part}"][variants[who]]
            plain = layer[..., 3] == 255  # 这些像素只有人的颜色
            above = asset["layers_hair"][train.attribute("hair")[who]]
            if part == "head":
                plain &= above[..., 4] == 0
            colours, counts = np.unique(train.images[who][plain], axis=0, return_counts=True)
            assert colours[counts.argmax()].tolist() == asset[f"rgb_{attribute}"][value].tolist()
            assert counts.sum() > 50, name
    grounds = asset["rgb_background"][train.attribute("background")]
    assert (train.images[:, 0, 63] == grounds).all(axis=1).mean() > 0.9
    orange, teal = (asset["rgb_hair_color"][index_of(train, "hair_color", n)] for n in "橙青")
    assert orange[0] > orange[2] + 100 and teal[2] > teal[0] + 50  # RGB，不是 BGR
    dark, light = (asset["rgb_skin"][index_of(train, "skin", n)].sum() for n in ("深褐", "白皙"))
    assert light > 3 * dark


def test_glasses_darken_the_eyes_and_bare_faces_have_nothing(asset):
    bare, *worn = asset["layers_glasses"]
    assert not bare.any() and all(layer[..., 4].any() for layer in worn)
    names = asset["names_glasses"].tolist()
    opaque = {
        name: int((asset["layers_glasses"][i][..., 4] > 250).sum()) for i, name in enumerate(names)
    }
    assert opaque["墨镜"] > 2 * max(opaque["方框"], opaque["圆框"]) > 0


def test_long_hair_reaches_lower_than_short_hair(asset):
    below = (asset["layers_hair"][:, 46:, :, 4] > 128).sum(axis=(1, 2))
    long = np.array([name.startswith("长发") for name in asset["names_hair"]])
    assert below[long].mean() > 4 * below[~long].mean()


def test_layers_are_put_over_one_another_in_order(asset):
    """另一种算法：逐张、逐个像素用浮点数照“上 = 部件 + 份量·颜色 + (1 − α)·下”叠。"""
    people = asset["people"][:8]
    for person, drawn in zip(people, compose(people, asset)):
        value = dict(zip(ATTRIBUTES, person))
        canvas = np.ones((64, 64, 3)) * asset["rgb_background"][value["background"]]
        for part in PARTS:
            layer = asset[f"layers_{part}"][value.get(part, 0)].astype(float)
            tint = TINTS.get(part)
            colour = asset[f"rgb_{tint}"][value[tint]] if tint else np.zeros(3)
            over = layer[..., :3] + layer[..., 3:4] / 255 * colour
            canvas = over + (1 - layer[..., 4:] / 255) * canvas
        assert np.abs(drawn - canvas).max() <= 3.5  # 每叠一层舍入一次，至多差半级


def test_no_layer_is_brighter_than_its_opacity_allows(asset):
    for part in PARTS:
        layers = asset[f"layers_{part}"].astype(int)
        assert (layers[..., :3] + layers[..., 3:4] <= layers[..., 4:]).all()


def test_thirty_two_pixels_are_the_averages_of_two_by_two(test):
    small = Avatars(size=32, change=test.change, split="test")
    assert small.shape == small.y_shape == (3, 32, 32) and test.shape == (3, 64, 64)
    blocks = test.images.reshape(1000, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    assert np.abs(small.images - blocks).max() <= 0.5


@pytest.mark.parametrize("label", ["hair_color", "glasses", "mouth"])
def test_any_attribute_can_be_the_class(label):
    avatars = Avatars(size=32, label=label, split="test")
    assert avatars.class_names == avatars.names[label]
    assert avatars.num_classes == len(avatars.class_names)
    batch = avatars.batch(Labeled, (np.arange(9),), RNG)
    assert batch.labels.dtype == np.int64
    assert batch.labels.tolist() == avatars.people[:9, ATTRIBUTES.index(label)].tolist()


def test_every_kind_of_batch_is_in_the_declared_range(train):
    rows = np.arange(20)
    assert train.value_range == (-1.0, 1.0)
    x = train.batch(Images, (rows,), RNG).x
    assert x.dtype == np.float32 and x.shape == (20, 3, 64, 64)
    assert np.array_equal(to_uint8(x, (-1.0, 1.0)), train.images[:20])
    for kind, indices in ((Pair, (rows,)), (Unpaired, (rows, rows))):
        for images in train.batch(kind, indices, RNG):
            assert -1 <= images.min() < -0.9 and 0.9 < images.max() <= 1
