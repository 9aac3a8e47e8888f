"""训练之后类别多了、少了、改了名：接不上的一开始就说，分数没有意义的不算。"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from tool_helpers import assert_one_sentence, run_tool, write_image

from paddle_gan.engine.train import Trainer
from paddle_gan.run.config import resolve
from paddle_gan.run.data_record import class_changes

NETWORK = {
    "generator": {"name": "dcgan_generator", "width": 2, "depth": 1},
    "discriminator": {"name": "dcgan_discriminator", "width": 2, "depth": 1},
}
RAW = {"method": "acgan", "hparams": {"z_dim": 2}, "network": NETWORK, "batch_size": 4}
RAW |= {"total_steps": 2, "log_every": 1, "board": []}


def draw(folder: Path, first: int) -> None:
    """一类的六张 8×8 小图。"""
    for k in range(first, first + 6):
        write_image(folder / f"{k}.png", np.full((8, 8), 9 * k % 256, np.uint8))


def training(method: str = "acgan"):
    data = {"name": "labeled_folders", "root": "图", "size": 8, "channels": 1}
    return Trainer(resolve(RAW | {"method": method, "data": data}), "cpu")


@pytest.fixture
def run(tmp_path, monkeypatch) -> Path:
    """在三类 0、1、3 上训练完的一次。"""
    monkeypatch.chdir(tmp_path)
    for place, name in enumerate("013"):
        draw(Path("图") / name, 6 * place)
    training().run(Path("跑"))
    return Path("跑")


CHANGES = {
    "类别 3 → 4（多了 9）": lambda root: draw(root / "9", 30),
    "类别 3 → 2（少了 1）": lambda root: shutil.rmtree(root / "1"),
    "类别 3 → 4（多了 5、7，少了 1）": lambda root: (
        (root / "1").rename(root / "5"),
        draw(root / "7", 30),
    ),
}


@pytest.mark.parametrize("said", CHANGES)
def test_another_number_of_classes_cannot_go_on_whatever_the_flag(said, run, capsys, monkeypatch):
    CHANGES[said](Path("图"))
    arguments = ["--resume", run, "-o", "total_steps=5", "--device", "cpu"]
    for flag in ([], ["--allow-data-change"]):
        refused = run_tool(capsys, monkeypatch, "train", *arguments, *flag)
        assert_one_sentence(refused, f"{said}：", "放回原来的类别，或重新训练")
        assert "--allow-data-change" not in refused.err


def test_a_renamed_class_is_named_and_needs_the_flag(run, capsys, monkeypatch):
    Path("图/1").rename("图/2")
    arguments = ["--resume", run, "-o", "total_steps=3", "--device", "cpu"]
    refused = run_tool(capsys, monkeypatch, "train", *arguments)
    assert_one_sentence(refused, "类别 3 → 3（多了 2，少了 1）", "--allow-data-change")
    (run / "data.json").unlink()  # 没有记下文件的旧版本也看得出来
    refused = run_tool(capsys, monkeypatch, "train", *arguments)
    assert refused.code == 2 and "类别 3 → 3（多了 2，少了 1）" in refused.err
    allowed = run_tool(capsys, monkeypatch, "train", *arguments, "--allow-data-change")
    assert allowed.code == 0 and "照 --allow-data-change 用现在的接着训练" in allowed.err


@pytest.mark.parametrize("said", CHANGES)
def test_scores_on_other_classes_are_refused(said, run, capsys, monkeypatch):
    same = run_tool(capsys, monkeypatch, "evaluate", run, "--metrics", "obedience", "--samples", 20)
    assert same.code == 0, same.err
    CHANGES[said](Path("图"))
    refused = run_tool(capsys, monkeypatch, "evaluate", run, "--metrics", "obedience")
    assert_one_sentence(refused, f"数据的类别与训练时不同：{said}", "data.root=")


def test_a_method_that_does_not_look_at_classes_does_not_mind(run, capsys, monkeypatch):
    training("dcgan").run(Path("不看"))
    draw(Path("图/9"), 30)
    arguments = ["--resume", "不看", "-o", "total_steps=3", "--device", "cpu"]
    refused = run_tool(capsys, monkeypatch, "train", *arguments)
    assert_one_sentence(refused, "不同：多了 6 张；", "--allow-data-change")
    allowed = run_tool(capsys, monkeypatch, "train", *arguments, "--allow-data-change")
    assert allowed.code == 0, allowed.err


def test_many_classes_are_counted_and_some_named():
    many = tuple("abcdefg")
    assert class_changes((), many) == "类别 0 → 7（多了 a、b、c、d、e……等 7 个）"
    assert class_changes(many, many) == ""
