"""汉字字形：划分、配对、互不相交。"""

import numpy as np
import pytest

from paddle_gan.data import Images, Pair, Unpaired
from paddle_gan.data.glyphs import Glyphs
from paddle_gan.errors import UserError

RNG = np.random.default_rng(0)


def test_train_and_test_share_no_character():
    train, test = Glyphs(), Glyphs(split="test")
    assert len(train.codepoints) == 2500 and len(test.codepoints) == 500
    assert len(set(train.codepoints) | set(test.codepoints)) == 3000


def test_unpaired_training_domains_share_no_character():
    train = Glyphs()
    x, y = set(train.characters("x")), set(train.characters("y"))
    assert len(x) == len(y) == 1250 and not x & y
    assert x | y == set(map(chr, train.codepoints))
    assert train.lengths(Unpaired) == (1250, 1250)


def test_unpaired_batches_really_contain_the_characters_they_claim():
    train = Glyphs()
    pair = train.batch(Pair, (np.arange(2500),), RNG)
    unpaired = train.batch(Unpaired, (np.arange(1250), np.arange(1250)), RNG)
    position = {chr(code): i for i, code in enumerate(train.codepoints)}
    x_rows = [position[character] for character in train.characters("x")]
    y_rows = [position[character] for character in train.characters("y")]
    assert np.array_equal(unpaired.x, pair.x[x_rows])
    assert np.array_equal(unpaired.y, pair.y[y_rows])


def test_unpaired_test_domains_are_all_held_out_characters():
    test = Glyphs(split="test")
    assert test.characters("x") == test.characters("y") == "".join(map(chr, test.codepoints))
    assert test.lengths(Unpaired) == (500, 500) and test.lengths(Pair) == (500,)


def test_pairs_are_the_same_character_in_two_fonts():
    pair = Glyphs(y_font="song", split="test").batch(Pair, (np.arange(500),), RNG)
    x, y = (part.reshape(500, -1) - part.reshape(500, -1).mean(1, keepdims=True) for part in pair)
    x, y = (part / np.linalg.norm(part, axis=1, keepdims=True) for part in (x, y))
    nearest = (x @ y.T).argmax(axis=1)
    assert (nearest == np.arange(500)).mean() > 0.95  # 未翻译时检索命中率 0.98
    assert not np.array_equal(pair.x, pair.y)


def test_paper_is_plus_one_and_ink_is_minus_one():
    glyphs = Glyphs(split="test")
    x = glyphs.batch(Images, (np.arange(500),), RNG).x
    assert x.shape == (500, 1, 32, 32) and x.dtype == np.float32
    assert (x.min(), x.max()) == pytest.approx((-1.0, 1.0), abs=1e-6)
    assert np.median(x) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("font", "size"),
    [("hei", 32), ("song", 32), ("wenkai", 32), ("mashan", 32), ("hei", 64), ("wenkai", 64)],
)
def test_every_font_and_size_loads(font, size):
    glyphs = Glyphs(x_font=font, y_font=font, size=size, split="test")
    assert glyphs.shape == glyphs.y_shape == (1, size, size)
    assert glyphs.batch(Images, (np.arange(2),), RNG).x.shape == (2, 1, size, size)


def test_a_font_missing_at_64_pixels_names_the_sizes_and_fonts():
    message = "字体 song 没有 64 像素的字形：它的 size 可取 32；64 像素可用的字体是 hei、wenkai"
    with pytest.raises(UserError, match=message):
        Glyphs(y_font="song", size=64)
