"""只有几张图：人人同样的几张，小份在大份里，标签跟着图；测试集与评估的参照不变。"""

import numpy as np
import pytest

from paddle_gan.data import (
    Batches,
    Digits,
    Glyphs,
    Images,
    Labeled,
    Pair,
    Ring,
    StackedDigits,
    Unpaired,
)
from paddle_gan.data.few import Few
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.evaluation.evaluate import Evaluator
from paddle_gan.evaluation.scorers import compared
from paddle_gan.run.build import build_data
from paddle_gan.run.config import load_config, resolve

DIGITS = Digits()
RAW = {
    "method": "dcgan",
    "hparams": {"z_dim": 4},
    "network": {
        "generator": {"name": "dcgan_generator", "width": 4, "depth": 2},
        "discriminator": {"name": "dcgan_discriminator", "width": 4, "depth": 2},
    },
    "data": {"name": "digits"},
    "batch_size": 4,
    "total_steps": 4,
}


def rows(data, kind=Images) -> list:
    """全部样本，一个一行。"""
    (length,) = data.lengths(kind)
    batch = data.batch(kind, (np.arange(length),), np.random.default_rng(0))
    return [tuple(part[i].tobytes() for part in batch) for i in range(length)]


def test_a_small_share_is_the_beginning_of_a_larger_one_and_comes_from_the_training_images():
    few, more = Few(DIGITS, 20), Few(DIGITS, 100)
    assert few.lengths(Images) == (20,) and few.shape == DIGITS.shape and few.whole is DIGITS
    assert rows(few) == rows(more)[:20] and len(set(rows(more))) == 100
    known = dict(rows(DIGITS, Labeled))
    assert all(known[image] == label for image, label in rows(few, Labeled))
    labels = [np.frombuffer(label, np.int64)[0] for _, label in rows(more, Labeled)]
    assert min(np.bincount(labels, minlength=10)) >= 3  # 不是存储次序的前 100 张
    assert "只用其中固定的 20 张" in few.summary


def test_training_sees_only_those_images_whatever_its_seed():
    whole = set(rows(Few(DIGITS, 12)))
    for seed in (0, 7):
        batches = Batches(Few(DIGITS, 12), Images, 5, seed)
        drawn = [next(batches).x.numpy() for _ in range(12)]
        assert {(image.tobytes(),) for x in drawn for image in x} == whole


def test_two_domains_keep_as_many_each():
    few = Few(Glyphs(), 7)
    assert few.lengths(Unpaired) == (7, 7) and few.lengths(Pair) == (7,)
    x, y = few.batch(Unpaired, (np.arange(7), np.arange(7)), np.random.default_rng(0))
    assert len({image.tobytes() for image in np.concatenate([x, y])}) == 14


def test_too_many_and_no_fixed_images_are_refused():
    with pytest.raises(UserError, match="few: 4001 比训练集的 4000 张还多"):
        Few(DIGITS, 4001)
    assert Few(DIGITS, 4000).lengths(Images) == (4000,)
    with pytest.raises(UserError, match="这里的不是图像；请去掉 few"):
        Few(Ring(), 10)
    with pytest.raises(UserError, match="这里的样本是现抽的，没有固定的几张"):
        Few(StackedDigits(), 10)


def test_the_option_limits_training_only_and_references_stay_those_of_all_images():
    config = resolve(RAW | {"few": 90, "metrics": {"names": ["fd_pca64", "fd_lenet", "held_out"]}})
    train, test = build_data(config, "train"), build_data(config, "test")
    assert train.lengths(Images) == (90,) and test.lengths(Images) == (1000,)
    assert compared("fd_pca64", train) is train.whole and compared("held_out", train) is train
    # 数据集的种类要认得出来：FD-LeNet 只认手写数字
    scorer = Evaluator(config, train, test).scorers[0]
    assert len(scorer.train) == 4000


def test_the_shipped_config_has_a_hundred_images():
    config = load_config("configs/few_avatars.yml")
    assert config.few == 100 and config.diff_augment == ["color", "translation", "cutout"]


def test_a_resumed_training_with_changed_pictures_gives_the_same_bytes(tmp_path):
    raw = RAW | {"few": 10, "diff_augment": ["color", "translation", "cutout"], "board": []}

    def train(folder, steps: int, resume: bool = False) -> bytes:
        Trainer(resolve(raw | {"total_steps": steps}), "cpu").run(tmp_path / folder, resume)
        return (tmp_path / folder / "checkpoints" / "last.safetensors").read_bytes()

    train("halves", 2)
    assert train("halves", 4, resume=True) == train("whole", 4)
    config = resolve(raw | {"diff_augment": [], "total_steps": 6})
    with pytest.raises(UserError, match="diff_augment 原来是"):
        Trainer(config, "cpu").run(tmp_path / "whole", resume=True)
