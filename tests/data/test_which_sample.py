"""哪一个样本是哪一个：划分取了谁，名字、标签与图是不是同一个的。"""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from paddle_gan.data import Images, Unpaired
from paddle_gan.data.digits import Digits
from paddle_gan.data.emoji import Emoji
from paddle_gan.data.folders import portion
from paddle_gan.data.glyphs import ASSETS, Glyphs
from paddle_gan.data.images import load_asset

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("count", "fraction", "held_out"),
    [
        (8, 0.25, [3, 7]),
        (7, 0.25, [3]),
        (5, 0.4, [2, 4]),
        (3, 0.3, []),
        (100, 0.29, None),  # 0.29 × 100 在浮点数里是 28.999…
        (200, 0.57, None),
    ],
)
def test_the_share_asked_for_is_held_out_counting_from_the_first_file(count, fraction, held_out):
    files = [Path(f"{i}.png") for i in range(count)]
    test = [int(file.stem) for file in portion(files, "test", fraction)]
    if held_out is None:
        assert len(test) == round(count * fraction)
    else:
        assert test == held_out
    train = [int(file.stem) for file in portion(files, "train", fraction)]
    assert sorted(train + test) == list(range(count)) and train == sorted(train)


def test_every_sixth_character_is_held_out_and_the_others_are_dealt_in_turn():
    text = (ASSETS / "glyph_characters.txt").read_text(encoding="utf-8").strip()
    kept = [character for i, character in enumerate(text) if i % 6]
    train, test = Glyphs(), Glyphs(split="test")
    assert test.characters("x") == test.characters("y") == text[::6]
    assert train.characters("x") == "".join(kept[::2])
    assert train.characters("y") == "".join(kept[1::2])
    # 字与图对得上：训练的第 0、1 张是第 1、2 个字，测试的第 0、1 张是第 0、6 个字
    for font, images in (("hei", "x_images"), ("wenkai", "y_images")):
        drawn = load_asset(f"glyphs_32_{font}.npz")["x"]
        assert np.array_equal(getattr(train, images)[:2, ..., 0], drawn[1:3])
        assert np.array_equal(getattr(test, images)[:2, ..., 0], drawn[[0, 6]])


def test_an_unpaired_batch_gives_each_domain_its_own_font_and_places():
    train, rows = Glyphs(), (np.array([1]), np.array([2]))
    x, y = train.batch(Unpaired, rows, RNG)
    # x 域的第 1 个字是训练的第 2 个，y 域的第 2 个字是训练的第 5 个
    assert np.array_equal(x[0, 0] > 0, train.x_images[2, ..., 0] > 127)
    assert np.array_equal(y[0, 0] > 0, train.y_images[5, ..., 0] > 127)
    assert np.array_equal(train.batch(Images, (np.array([2]),), RNG).x, x)


def every(labels, step: int, rank: int) -> list[int]:
    """每个类别里按存储次序每 step 个的第 rank 个（从 0 数）的下标。"""
    seen, picked = Counter(), []
    for row, label in enumerate(labels.tolist()):
        if seen[label] % step == rank:
            picked.append(row)
        seen[label] += 1
    return picked


def test_the_fifth_digit_of_each_class_is_held_out_and_keeps_its_label():
    asset, test, train = load_asset("digits.npz"), Digits(split="test"), Digits()
    rows = every(asset["y"], 5, 4)
    assert np.array_equal(test.images[..., 0], asset["x"][rows])
    assert np.array_equal(test.labels, asset["y"][rows])
    assert np.array_equal(train.labels, np.delete(asset["y"], rows))
    assert np.array_equal(train.images[..., 0], np.delete(asset["x"], rows, axis=0))


def test_the_fifth_emoji_of_each_ten_is_held_out_and_keeps_its_name_and_category():
    asset, test, train = load_asset("emoji_32.npz"), Emoji(split="test"), Emoji()
    rows = every(asset["category"], 10, 4)
    for emoji, chosen in ((test, rows), (train, np.delete(np.arange(len(asset["name"])), rows))):
        assert np.array_equal(emoji.images, asset["google"][chosen])
        assert emoji.names == asset["name"][chosen].tolist()
        named = [emoji.class_names[label] for label in emoji.labels]
        assert named == asset["category"][chosen].tolist()
