"""Lesson.shipped：与 train() 给的一样用，说得清它是什么；retrain 重做整次训练。"""

import json
from io import BytesIO

import numpy as np
import paddle
import pytest
from PIL import Image

import paddle_gan.teaching.lesson as module
from paddle_gan.errors import UserError
from paddle_gan.evaluation.film import training_frames
from paddle_gan.evaluation.sampling import random_samples
from paddle_gan.evaluation.strip import joined
from paddle_gan.run.gallery import GALLERY
from paddle_gan.run.run import Run
from paddle_gan.run.shipped import about
from paddle_gan.teaching import Lesson, filmstrip, points
from paddle_gan.teaching.lesson import QUICK

RING = GALLERY / "gan_ring"


@pytest.fixture(scope="module")
def lesson():
    return Lesson.shipped("gan_ring")


def test_it_says_in_one_sentence_what_it_is(capsys):
    Lesson.shipped("gan_ring")
    assert capsys.readouterr().out == about("gan_ring") + "\n"


def test_curves_samples_and_summary_are_those_of_the_shipped_run(lesson):
    rows = [json.loads(line) for line in (RING / "metrics.jsonl").read_text("utf-8").splitlines()]
    steps, values = lesson.curve("modes/covered")
    assert steps.tolist() == [r["step"] for r in rows if "modes/covered" in r]
    assert lesson.last("loss/D") == rows[-1]["loss/D"] and values[-1] == rows[-1]["modes/covered"]
    _, method = Run(RING).load()
    assert np.array_equal(lesson.samples(9, seed=3), random_samples(method, 9, 3))
    assert lesson.summary["step"] == 6000 and lesson.config.method == "gan"
    assert lesson.data.shape == (2,) and lesson.folder == RING
    assert "gan 训练了 6000 步" in repr(lesson) and "训练目录 gallery:gan_ring" in repr(lesson)


def test_its_samples_lie_on_the_ring(lesson):
    radii = np.linalg.norm(lesson.samples(500), axis=1)
    wanted = np.linalg.norm(lesson.data.modes, axis=1).mean()
    assert np.median(radii) == pytest.approx(wanted, rel=0.1)


def test_pictures_are_drawn_of_it_and_the_strip_stands_for_the_snapshots(lesson):
    real = lesson.data.sample(100, np.random.default_rng(0))
    assert points({"甲": lesson.samples(50)}, real, lesson.data.modes).png.startswith(b"\x89PNG")
    shown = np.array(Image.open(BytesIO(filmstrip(lesson).png)).convert("RGB"))
    assert (shown == joined(training_frames(RING / "samples"), Run(RING).shapes())).all()


def test_the_discriminator_is_refused_and_not_a_network_that_never_trained(lesson):
    with pytest.raises(UserError, match="没有 D；.*retrain=True"):
        lesson.method.D(paddle.zeros([1, 2]))


def test_a_wrong_name_lists_what_there_is():
    for again in (False, True):
        with pytest.raises(UserError, match="gallery:gan_rin；你想写的是 gallery:gan_ring"):
            Lesson.shipped("gan_rin", retrain=again)


def test_retrain_repeats_the_config_under_the_rules_of_train(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(module, "RUNS", tmp_path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "configs").symlink_to(GALLERY.parents[1] / "configs")
    monkeypatch.setenv(QUICK, "4")
    lesson = Lesson.shipped("gan_ring", retrain=True)
    assert lesson.folder == tmp_path / "gan_ring" and lesson.summary["step"] == 4
    assert about("gan_ring") not in capsys.readouterr().out
    shipped, again = Run(RING).config(), lesson.config
    for key in ("method", "hparams", "network", "data", "batch_size", "seed"):
        assert vars(shipped)[key] == vars(again)[key]
    assert lesson.method.D(paddle.zeros([1, 2])).shape == [1, 1]
