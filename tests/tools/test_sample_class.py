"""tools/sample.py --class 与 --each-class：要哪一类就是哪一类，别的不变；导出的也是。"""

import json
from dataclasses import replace

import numpy as np
import paddle
import pytest
from tool_helpers import assert_one_sentence, decode, run_tool, tiny_run

from paddle_gan.data import DATASETS
from paddle_gan.errors import UserError
from paddle_gan.evaluation.film import around
from paddle_gan.evaluation.sampling import (
    class_number,
    each_class_latents,
    of_class,
    path_latents,
    random_latents,
)
from paddle_gan.run.run import Run

NAMES = tuple(DATASETS["avatars"](size=16, split="test").class_names)


@pytest.fixture
def sample(capsys, monkeypatch):
    return lambda *arguments: run_tool(capsys, monkeypatch, "sample", *arguments)


@pytest.fixture(scope="module")
def loaded():
    return *Run(tiny_run("cgan")).load(), Run(tiny_run("cgan")).shapes()


def test_the_run_remembers_the_names_of_its_classes_in_the_order_of_the_labels(loaded):
    config, method, shapes = loaded
    assert shapes.classes == NAMES and method.classes() == len(NAMES)
    assert class_number(method, NAMES[2], config, shapes) == 2
    assert class_number(method, "3", config, shapes) == 3


def test_names_that_are_numbers_are_only_names(loaded, capsys):
    config, method, shapes = loaded
    names = ("0", "1", "3", *NAMES[3:])
    shapes = replace(shapes, classes=names)
    assert class_number(method, "3", config, shapes) == 2
    with pytest.raises(UserError, match="^未知的类别 2.*（可用：0、1、3、“"):
        class_number(method, "2", config, shapes)
    assert capsys.readouterr().err == ""


def test_a_class_taken_by_its_number_is_named(tmp_path, sample):
    result = sample(tiny_run("cgan"), "--out", tmp_path / "a.png", "--num", 1, "--class", "2")
    assert result.err == f"提示：--class 2 是从 0 数起的编号，画的是“{NAMES[2]}”\n"
    result = sample(tiny_run("cgan"), "--out", tmp_path / "b.png", "--num", 1, "--class", NAMES[2])
    assert result.err == ""


def test_one_class_is_written_by_name_or_number_and_is_not_another(tmp_path, sample):
    for i, kind in enumerate((NAMES[1], "1", "2")):
        out = tmp_path / f"{i}.png"
        assert sample(tiny_run("cgan"), "--out", out, "--num", 4, "--class", kind).code == 0
    pictures = [(tmp_path / f"{i}.png").read_bytes() for i in range(3)]
    assert pictures[0] == pictures[1] != pictures[2]


def test_each_class_is_a_column_with_the_same_z_in_a_row(tmp_path, sample, loaded):
    K, method = len(NAMES), loaded[1]
    result = sample(tiny_run("cgan"), "--out", tmp_path / "a.png", "--each-class", "--num", 3)
    assert f"{3 * K} 个样本" in result.out
    height, width = decode(tmp_path / "a.png").shape[:2]
    assert height * K == width * 3  # 3 行 K 列，每格一样大
    z = each_class_latents(method, 3, seed=5).reshape(3, K, -1)
    assert (z[..., :4] == z[:, :1, :4]).all()
    assert (z[..., 4:].argmax(axis=-1) == np.arange(K)).all()
    assert np.array_equal(z[:, 0, :4], random_latents(method, 3, seed=5)[:, :4])


def test_a_path_stays_in_the_class_it_starts_from(loaded):
    method = loaded[1]
    z = path_latents(method, rows=6, steps=5, seed=0).reshape(6, 5, -1)
    labels = z[..., 4:]
    assert set(np.unique(labels)) == {0, 1} and (labels.sum(axis=-1) == 1).all()
    assert (labels == labels[:, :1]).all()
    assert len(np.unique(labels[:, 0].argmax(axis=-1))) > 1


def test_a_film_of_one_class_starts_at_the_samples_of_that_class(loaded):
    method = loaded[1]
    z = of_class(method, random_latents(method, 4, seed=3), np.full(4, 2))
    first = next(around(method, 4, 3, label=2))
    assert np.array_equal(first, method.generate(paddle.to_tensor(z)).numpy())


@pytest.mark.parametrize(
    ("run", "options", "said"),
    [
        ("gan", ["--class", "3"], "gan 不按类别生成.*会的方法：cgan"),
        ("gan", ["--each-class"], "gan 不按类别生成"),
        ("cgan", ["--class", "绿绿"], f"未知的类别 绿绿.*{NAMES[0]}"),
        ("cgan", ["--class", "绿绿"], f"（可用：“{NAMES[0]}”、“{NAMES[1]}”"),
        ("cgan", ["--class", "999"], "未知的类别 999"),
        ("cgan", ["--each-class", "--columns", 3], "--columns 用不上"),
        ("cgan", ["--each-class", "--interpolate"], "--interpolate 用不上"),
        ("cgan", ["--each-class", "--num", 60000], "--num 要在 1 到"),
    ],
)
def test_a_mistake_about_classes_is_one_sentence(tmp_path, sample, run, options, said):
    result = sample(tiny_run(run), "--out", tmp_path / "a.png", *options)
    assert_one_sentence(result, *said.split(".*"))


def test_a_training_film_has_no_use_for_a_class(tmp_path, sample):
    result = sample(tiny_run("cgan"), "--out", tmp_path / "a.gif", "--gif", "--class", "1")
    assert_one_sentence(result, "--class 用不上")


def test_the_exported_model_takes_z_and_the_class_and_its_usage_runs(tmp_path, capsys, monkeypatch):
    run_tool(capsys, monkeypatch, "export", tiny_run("cgan"), "--out", tmp_path / "出")
    description = json.loads((tmp_path / "出/export.json").read_text(encoding="utf-8"))
    K = len(NAMES)
    assert description["input"]["shape"] == [None, 4 + K]
    assert description["input"]["classes"] == K
    monkeypatch.chdir(tmp_path / "出")
    scope: dict = {}
    exec("\n".join(description["usage"]), scope)
    assert scope["images"].shape == (16, 3, 16, 16)
    assert (scope["z"].numpy()[:, 4:].argmax(axis=1) == np.arange(16) % K).all()
