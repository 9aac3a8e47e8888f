"""训练前后说的话（tools/_said.py）：每个数挨着自己的名字，打印的命令一项不少。"""

import shlex
from types import SimpleNamespace

import numpy as np
import pytest
from tool_helpers import load_tool

from paddle_gan.run import distributed


@pytest.fixture
def said():
    load_tool("_cli")
    return load_tool("_said")


def network(*sizes):
    return SimpleNamespace(parameters=lambda: [np.zeros(size) for size in sizes])


def test_the_banner_puts_every_number_beside_its_name(said, tmp_path):
    trainer = SimpleNamespace(
        config=SimpleNamespace(
            method="gan", data={"name": "image_folder"}, batch_size=32, total_steps=700
        ),
        method=SimpleNamespace(networks={"G": network((30, 40), 34), "D": network(56)}),
        shapes=SimpleNamespace(x=(3, 48, 64)),
        device="cpu",
        length="2 轮 = 700 步",
        train=SimpleNamespace(summary="找到 9 张图像；跳过 2 个 .txt（不认得的格式）"),
    )
    assert said.describe(trainer, tmp_path).splitlines() == [
        "方法 gan · 数据 image_folder (3, 48, 64) · 设备 cpu",
        "找到 9 张图像；跳过 2 个 .txt（不认得的格式）",
        "参数个数：G 1,234, D 56 · 批大小 32 · 共 700 步（2 轮 = 700 步）",
        f"训练目录：{tmp_path}",
    ]
    trainer.length = trainer.train.summary = ""
    lines = said.describe(trainer, tmp_path).splitlines()
    assert len(lines) == 3 and lines[1].endswith("共 700 步")


SUMMARY = {
    "status": "finished",
    "message": "",
    "step": 700,
    "seconds": 12.4,
    "images_per_second": 987.6,
    "metrics": {"fd_lenet": 0.123456, "is_lenet": 7.0},
    "diagnosis": {"verdict": "正常", "sentences": ["一句", "又一句"]},
}


def test_the_end_puts_every_number_beside_its_unit(said, capsys):
    assert said.report(SUMMARY, "python 接着") == 0
    assert capsys.readouterr().out.splitlines() == [
        "完成：700 步，12 秒，988 样本/秒",
        "fd_lenet 0.1235",
        "is_lenet 7",
        "诊断：正常",
        "  一句",
        "  又一句",
    ]


def test_a_stopped_training_tells_its_step_and_the_command_once(said, capsys, monkeypatch):
    stopped = SUMMARY | {"status": "interrupted", "step": 31}
    assert said.report(stopped, "python 接着") == 130
    assert capsys.readouterr().out == "已停在第 31 步，进度存好了；接着训练：python 接着\n"
    monkeypatch.setattr(distributed, "is_first", lambda: False)
    assert said.report(stopped, "python 接着") == 130 and said.report(SUMMARY, "") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": 0}, ["--seed", "0"]),
        ({"seed": 7, "device": "gpu:1"}, ["--seed", "7", "--device", "gpu:1"]),
        ({"override": ["a=1", "b=x y"]}, ["-o", "a=1", "-o", "b=x y"]),
        ({"config": "我 的.yml"}, ["-c", "我 的.yml"]),
        ({}, []),
    ],
)
def test_the_command_to_resume_repeats_what_was_given_and_nothing_else(
    given, words, said, tmp_path, monkeypatch
):
    monkeypatch.setattr("sys.argv", ["tools/train.py"])
    args = {"config": None, "override": [], "seed": None, "device": "auto"} | given
    command = said.resume_command(SimpleNamespace(**args), tmp_path / "目 录")
    expected = ["python", "tools/train.py", *words, "--output", f"{tmp_path}/目 录", "--resume"]
    assert shlex.split(command) == expected
