"""唐诗的联：素材里全是常用的字，训练与测试没有雷同的句，字表缩小是去掉联而不是换字。"""

import hashlib

import numpy as np
import pytest

from paddle_gan.data import Batches, Sequences
from paddle_gan.data.images import ASSETS
from paddle_gan.data.poems import Poems, poem_asset
from paddle_gan.errors import UserError
from paddle_gan.run.config import resolve

TRAIN, TEST = Poems(), Poems(split="test")


def test_the_couplets_are_ten_common_characters_each_and_every_character_is_used():
    assert TRAIN.tokens.shape == (9730, 10) and TEST.tokens.shape == (1749, 10)
    assert TRAIN.shape == (10,) and TRAIN.vocabulary == 800 == len(set(TRAIN.characters))
    assert all(0xB0A1 <= int(c.encode("gb2312").hex(), 16) <= 0xD7F9 for c in TRAIN.characters)
    assert set(np.unique(TRAIN.tokens)) == set(range(800))
    counts = np.bincount(TRAIN.tokens.ravel(), minlength=800)
    # 从多用到少用：次序是按全部的联排的，这里只剩一部分
    assert np.corrcoef(np.arange(800), np.argsort(np.argsort(-counts)))[0, 1] > 0.85


def test_no_line_of_the_test_couplets_is_nearly_one_of_the_training_lines():
    lines = TRAIN.tokens.reshape(-1, 5)
    for line in TEST.tokens[::20].reshape(-1, 5):
        assert (lines == line).sum(axis=1).max() <= 3
    assert len(np.unique(TRAIN.tokens, axis=0)) == len(TRAIN.tokens)
    assert len(np.unique(TEST.tokens, axis=0)) == len(TEST.tokens)


def test_the_asset_is_the_one_described_on_its_card():
    path = ASSETS / "poems.npz"
    card = (ASSETS / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in card
    assert path.stat().st_size < 200_000
    assert "Copyright (c) 2016 JackeyGao" in (ASSETS / "LICENSE-MIT.txt").read_text("utf-8")


def test_a_verse_is_spelled_with_its_own_characters_in_two_lines():
    number = {c: i for i, c in enumerate(TRAIN.characters)}
    tokens = np.array([[number[c] for c in "白日入山尽江河千里流"]] * 2)
    tokens[1, 9] = number["春"]
    assert TRAIN.spell(tokens) == ["白日入山尽，江河千里流。", "白日入山尽，江河千里春。"]


def test_fewer_characters_drop_the_couplets_that_need_the_others():
    few = Poems(vocabulary=300)
    assert few.characters == TRAIN.characters[:300] and few.vocabulary == 300
    kept = [row for row in TRAIN.tokens.tolist() if max(row) < 300]
    assert few.tokens.tolist() == kept and 500 < len(kept) < 2000
    assert few.tokens.max() == 299
    assert len(Poems(vocabulary=200, split="test").tokens) > 20


def test_a_batch_is_the_couplets_at_the_indices():
    batch = next(Batches(TRAIN, Sequences, 6, seed=0))
    rows = set(map(tuple, TRAIN.tokens.tolist()))
    assert str(batch.x.dtype) == "paddle.int64" and batch.x.shape == [6, 10]
    assert all(tuple(row) in rows for row in batch.x.numpy().tolist())
    assert poem_asset() is poem_asset()  # 只读一次


@pytest.mark.parametrize("vocabulary", [199, 801, "多"])
def test_a_vocabulary_the_asset_does_not_have_is_refused(vocabulary):
    raw = {"method": "seq_gan", "data": {"name": "poems", "vocabulary": vocabulary}}
    raw["network"] = {"generator": {"name": "gru"}, "discriminator": {"name": "text_cnn"}}
    with pytest.raises(UserError, match=r"data\.vocabulary"):
        resolve(raw | {"batch_size": 4, "total_steps": 1})
