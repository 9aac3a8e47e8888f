"""教程里印出来的话：判对判错、结论、训练的小结、源码的行号，与真正的数一样。"""

import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.report import LEDGER
from paddle_gan.lab.runner import read_results
from paddle_gan.methods import GAN, LSGAN
from paddle_gan.teaching import check, claim, claims, compare, exercise, grading, lesson, show
from paddle_gan.teaching.answers import read_number
from paddle_gan.teaching.exercise import Exercise, Mistake, grade
from paddle_gan.teaching.lesson import Keeper, Lesson, environment
from paddle_gan.teaching.source import ROOT


def one(answer, *wrong, **options) -> Exercise:
    mistakes = tuple(Mistake(value, f"错在{value}") for value in wrong)
    return Exercise("1.1", "多少？", answer, "因为。", mistakes, **options)


def test_a_tick_is_for_the_right_answer_and_a_cross_for_the_wrong_one(monkeypatch, capsys):
    monkeypatch.setattr(grading, "EXERCISES", {"1.1": one(3, 4, 5)})
    check("1.1", 3)
    check("1.1", 5)
    right, wrong = capsys.readouterr().out.splitlines()
    assert right == "✓ 练习 1.1：对了。因为。" and wrong == "✗ 练习 1.1：错在5"


@pytest.mark.parametrize("places", [0, 1, 2, 3])
def test_the_places_that_are_asked_for_are_the_places_that_are_enough(places):
    asked = one(1.23456, decimals=places)
    named = ("整数", "一位小数", "两位小数", "三位小数")[places]
    assert named in asked.precision
    rounded = round(1.23456, places)
    assert grade(asked, rounded)[0]
    for off in (-1, 1):  # 最后一位差 1 就不对
        right, said = grade(asked, rounded + off * 10.0**-places)
        assert not right and (named in said)


def test_near_is_near_for_its_size():
    for answer in (0.05, 5.0, 500.0):
        asked = one(answer, decimals=3)
        assert "很接近" in grade(asked, 1.09 * answer)[1]
        assert "很接近" not in grade(asked, 1.5 * answer)[1]


def test_outputs_near_zero_must_be_right_too():
    inputs = tuple((x,) for x in (0.0, 1e-3, 1e-2, 1.0))
    asked = one(lambda x: x * x, inputs=inputs)
    assert grade(asked, lambda x: x * x * 1.001)[0]
    assert not grade(asked, lambda x: x * x + 2e-3)[0]
    assert not grade(asked, lambda x: x * abs(x) if x > 0.1 else 0.5 * x)[0]


def test_what_is_written_on_paper_is_read_as_it_is_meant():
    meant = {"¼": 0.25, "½": 0.5, "¾": 0.75, "3²": 9, "3³": 27, "log(2)": math.log(2)}
    meant |= {"2log2": 2 * math.log(2), "log10(100)": 2, "log2(8)": 3, "75%": 0.75, "6÷4": 1.5}
    for text, value in meant.items():
        assert read_number(text) == pytest.approx(value), text


RULED = [name for name, entry in json.loads(LEDGER.read_text("utf-8")).items() if "tier" in entry]


@pytest.mark.parametrize("name", RULED)
def test_a_claim_says_the_sentence_and_the_verdict_and_folds_the_rest_below(name, capsys):
    shown = claim(name)
    first, second = capsys.readouterr().out.splitlines()
    entry = json.loads(LEDGER.read_text(encoding="utf-8"))[name]
    seeds = max(len(rows) for rows in read_results(name, entry["tier"]).values())
    assert first == entry["sentence"]
    assert second.startswith(f"结论：{entry['conclusion']}。") and f"{seeds} 个种子" in second
    assert f"{EXPERIMENTS[name].row} {EXPERIMENTS[name].title}" in second
    lines = shown.details.splitlines()
    assert lines[0] == "<details>" and lines[-1] == "</details>"
    signs = {True: "✓", False: "✗", None: "–"}
    printed = {line[2:] for line in lines if line[:3] in {f"- {sign}" for sign in signs.values()}}
    assert printed == {
        f"{signs[rule['holds']]} （{rule['form']}）{rule['text']}；{rule['measured']}"
        for rule in entry["rules"]
    }
    assert EXPERIMENTS[name].quote in shown.details


def test_a_claim_in_a_notebook_shows_the_picture_and_then_the_fold(monkeypatch):
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda *shown: seen.extend(shown))
    shown = claim("stop_rotation")
    shown._ipython_display_()
    assert seen[0].png == shown.png and seen[1].data == shown.details and len(seen) == 2


def test_a_claim_without_its_figure_is_drawn_from_the_results_of_the_same_tier(monkeypatch):
    entry = json.loads(LEDGER.read_text(encoding="utf-8"))["stop_rotation"]
    asked = []

    def drawn(records):
        asked.append({arm: [row["tier"] for row in rows] for arm, rows in records.items()})
        return SimpleNamespace(png=b"")

    table = {"stop_rotation": SimpleNamespace(row="T6", title="题", draw=drawn)}
    monkeypatch.setattr(claims, "EXPERIMENTS", table)
    monkeypatch.setattr(claims, "FIGURES", ROOT / "没有")
    monkeypatch.setattr(claims, "rendered", lambda figure: figure)
    claim("stop_rotation")
    assert {tier for tiers in asked[0].values() for tier in tiers} == {entry["tier"]}


def made_lesson() -> Lesson:
    found = object.__new__(Lesson)
    found.config = SimpleNamespace(method="gan")
    found.folder = ROOT / "runs" / "tutorials" / "甲"
    found.summary = {"step": 700, "seconds": 42.4, "metrics": {"fd": 12.5, "kd": 3.0}}
    found.summary["diagnosis"] = {"verdict": "正常"}
    found.records = [{"step": s, "loss/D": v} for s, v in ((100, 9.0), (400, 2.0), (700, 5.0))]
    return found


def test_a_lesson_says_its_own_steps_seconds_scores_and_last_number(monkeypatch):
    found = made_lesson()
    said = repr(found)
    assert "gan 训练了 700 步，42 秒" in said and "fd 12.5，kd 3" in said and "诊断：正常" in said
    assert found.last("loss/D") == 5.0
    steps, values = found.curve("loss/D")
    assert steps.tolist() == [100, 400, 700] and values.tolist() == [9, 2, 5]
    found.method = None
    monkeypatch.setattr(lesson, "random_samples", lambda method, n, seed: np.full((n, 2), seed))
    assert found.samples(3, seed=8).tolist() == [[8, 8]] * 3


@pytest.mark.parametrize("shape, count", [((2,), 1000), ((1, 28, 28), 32)])
def test_snapshots_go_from_the_first_step_to_the_last_with_the_same_seed(shape, count, monkeypatch):
    config = SimpleNamespace(total_steps=100, seed=6)
    trainer = SimpleNamespace(config=config, shapes=SimpleNamespace(x=shape), method=None)
    monkeypatch.setattr(lesson, "random_samples", lambda method, n, seed: (n, seed))
    keeper = Keeper(trainer, 4)
    for step in range(1, 101):
        keeper(step, {}, {})
    assert keeper.kept == dict.fromkeys((1, 34, 67, 100), (count, 6))


@pytest.mark.parametrize("compiled, named", [(True, "GPU 版"), (False, "CPU 版")])
def test_the_environment_is_this_one_in_the_unit_it_names(compiled, named, monkeypatch, capsys):
    free = SimpleNamespace(free=7 * 2**30)
    monkeypatch.setattr(lesson.shutil, "disk_usage", lambda path: free)
    monkeypatch.setattr(lesson.paddle.device, "is_compiled_with_cuda", lambda: compiled)
    environment()
    said = capsys.readouterr().out
    assert "磁盘还剩 7 GiB" in said and named in said and said.count(" 版") == 1


def test_the_sign_and_the_name_of_a_difference_belong_together(capsys):
    compare(GAN.generator_loss, LSGAN.generator_loss)
    first, second, *lines = capsys.readouterr().out.splitlines()
    names = [f"paddle_gan/methods/{n.lower()}.py  {n}.generator_loss" for n in ("GAN", "LSGAN")]
    assert [first, second] == [f"--- {names[0]}", f"+++ {names[1]}"]
    gone = [line[1:].strip() for line in lines if line.startswith("-")]
    new = [line[1:].strip() for line in lines if line.startswith("+")]
    ours, theirs = ((ROOT / name.split()[0]).read_text(encoding="utf-8") for name in names)
    assert gone and all(line in ours for line in gone)
    assert new and all(line in theirs for line in new)


@pytest.mark.parametrize("thing", [exercise.grade, Lesson.last, Keeper])
def test_the_line_that_is_named_is_where_the_source_begins(thing, capsys):
    show(thing)
    head, first, *_ = capsys.readouterr().out.splitlines()
    name, line = re.fullmatch(r"# (\S+):(\d+)", head).groups()
    source = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert source[int(line) - 1].strip() == first and thing.__name__ in first
