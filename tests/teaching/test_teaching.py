"""教程的小工具：看源码、画图、结论、判练习。"""

import json

import cv2
import numpy as np
import paddle
import pytest
from paddle.nn.functional import softplus

from paddle_gan.errors import UserError
from paddle_gan.figures import covered
from paddle_gan.lab.report import LEDGER
from paddle_gan.methods import GAN, LSGAN
from paddle_gan.teaching import canvas, check, claim, claims, compare, images, lines, show
from paddle_gan.teaching.exercise import Exercise, Mistake, grade
from paddle_gan.teaching.exercises import EXERCISES
from paddle_gan.teaching.lesson import QUICK, train
from paddle_gan.teaching.source import ROOT

PNG = b"\x89PNG"
CASES = [(key, one) for key, one in EXERCISES.items()]
MISTAKES = [(key, one, wrong) for key, one in CASES for wrong in one.mistakes]


def test_show_prints_the_real_source_with_its_file_and_line(capsys):
    show(GAN.generator_loss)
    head, first, *_ = capsys.readouterr().out.splitlines()
    name, line = head.removeprefix("# ").rsplit(":", 1)
    assert name == "paddle_gan/methods/gan.py"
    source = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert source[int(line) - 1].strip() == first == "def generator_loss(self, n):"


def test_compare_prints_what_changed_and_what_did_not(capsys):
    compare(GAN.generator_loss, LSGAN.generator_loss)
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "--- paddle_gan/methods/gan.py  GAN.generator_loss"
    assert any(line.startswith("-") and "GENERATOR_LOSSES" in line for line in out)
    compare(GAN.generator_loss, GAN.generator_loss)
    assert capsys.readouterr().out == "没有差别\n"


def test_a_picture_is_a_png_and_a_missing_glyph_is_an_error(tmp_path):
    picture = lines([1, 2], {"甲": np.array([1.0, 2.0])}, "步", "数")
    assert picture._repr_png_().startswith(PNG)
    picture.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == picture.png
    assert "龘" not in covered()
    with pytest.raises(ValueError, match="龘"), canvas() as c:
        c.axes[0, 0].set_title("龘")


def test_images_takes_samples_and_the_dataset_s_own_pixels():
    pixels = np.arange(4 * 28 * 28).reshape(4, 28, 28, 1).astype(np.uint8)
    floats = pixels.transpose(0, 3, 1, 2) / np.float32(127.5) - 1
    assert images(pixels, 2).png == images(floats, 2).png


@pytest.mark.parametrize("cap, steps", [("8", 8), ("900", 400)])
def test_a_lesson_counted_in_epochs_is_cut_short_too(cap, steps, monkeypatch, tmp_path):
    import paddle_gan.teaching.lesson as module

    class Begun(Exception):
        """搭好了，不必真的训练。"""

    def begin(config, device):
        assert (config.total_steps, config.epochs) == (steps, None)
        raise Begun

    monkeypatch.setenv(QUICK, cap)
    monkeypatch.setattr(module, "RUNS", tmp_path)
    monkeypatch.setattr(module, "Trainer", begin)
    with pytest.raises(Begun):  # 环上的点十万个算一轮；GAN 一步取一批
        train("gan_ring", "total_steps=null", "epochs=2", "batch_size=500")


def test_a_lesson_trains_through_the_engine_and_keeps_snapshots(monkeypatch):
    monkeypatch.setenv(QUICK, "8")
    lesson = train("gan_ring", "log_every=2", name="测试", snapshots=3)
    assert lesson.summary["status"] == "finished" and lesson.summary["step"] == 8
    assert list(lesson.snapshots) == [1, 4, 8]
    assert not np.array_equal(lesson.snapshots[1], lesson.snapshots[8])
    steps, values = lesson.curve("loss/D")
    assert steps.tolist() == [2, 4, 6, 8] and np.isfinite(values).all()
    assert lesson.samples(5).shape == (5, 2)
    assert "gan 训练了 8 步" in repr(lesson)
    with pytest.raises(UserError, match="loss/D"):
        lesson.curve("loss/X")


def test_a_claim_shows_its_verdict_or_how_to_measure_it(capsys):
    ledger = json.loads(LEDGER.read_text(encoding="utf-8"))
    for name, entry in ledger.items():
        picture = claim(name)
        out = capsys.readouterr().out
        assert entry["row"] in out
        if "tier" in entry:
            assert entry["conclusion"] in out and picture.png.startswith(PNG)
        else:
            assert picture is None and f"tools/lab.py run {name}" in out


def test_a_claim_of_the_installed_package_draws_the_same_figure(tmp_path, monkeypatch):
    saved = claim("stop_rotation").png
    monkeypatch.setattr(claims, "FIGURES", tmp_path)  # 装成包之后没有 tutorials/claims/
    drawn, saved = (
        cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR).astype(float)
        for png in (claim("stop_rotation").png, saved)
    )
    assert drawn.shape == saved.shape and drawn.std() > 10
    assert abs(drawn - saved).mean() < 1  # 各版 Matplotlib 的抗锯齿略有不同


SUM = Exercise(
    key="9.9",
    question="两数之和？",
    answer=lambda a, b: a + b,
    why="加法。",
    mistakes=(Mistake(lambda a, b: a - b, "减号应当是加号"),),
    inputs=((1, 2), (3, 5)),
)


def test_a_function_is_graded_on_its_outputs():
    assert grade(SUM, lambda x, y: y + x) == (True, "对了。加法。")
    assert grade(SUM, lambda a, b: a - b) == (False, "减号应当是加号")
    right, hint = grade(SUM, lambda a, b: a * b)
    assert not right and "再读一遍题" in hint
    right, hint = grade(SUM, lambda a: a)
    assert not right and "TypeError" in hint


def test_without_an_answer_check_asks_the_question_and_unknown_keys_are_named(capsys):
    if EXERCISES:
        key, exercise = CASES[0]
        check(key)
        assert exercise.question in capsys.readouterr().out
    with pytest.raises(UserError, match="未知的练习"):
        check("99.9", 1)


@pytest.mark.parametrize("key, exercise", CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_the_reference_answer_passes(key, exercise):
    right, message = grade(exercise, exercise.answer)
    assert right, message
    assert key == exercise.key
    assert len(exercise.mistakes) >= 3


@pytest.mark.parametrize("key, exercise, mistake", MISTAKES, ids=lambda v: str(v)[:8])
def test_each_typical_mistake_gets_its_own_hint(key, exercise, mistake):
    assert grade(exercise, mistake.answer) == (False, mistake.hint)
    assert sum(one.hint == mistake.hint for one in exercise.mistakes) == 1


def test_mending_the_step_of_d_in_another_right_way_is_right_too():
    def mended(G, D, opt_D, x, z):
        opt_D.clear_grad()
        with paddle.no_grad():
            fake = G(z)
        (softplus(-D(x)).mean() + softplus(D(fake)).mean()).backward()
        opt_D.step()

    assert grade(EXERCISES["1.6"], mended)[0]
    right, hint = grade(EXERCISES["1.6"], lambda G, D, opt_D, x, z: opt_D.clear_grad())
    assert not right and "还不对" in hint
