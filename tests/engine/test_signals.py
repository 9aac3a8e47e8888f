"""Ctrl-C 与 SIGTERM：第一次存好再停，第二次也不会弄坏什么。"""

import os
import signal

import pytest
from resume_cases import config_of, contents
from tool_helpers import load_tool, run_tool

from paddle_gan.engine.train import Trainer
from paddle_gan.run.checkpoint_file import read_checkpoint


@pytest.fixture
def escaped():
    """没有被训练接住的信号；接不住时不会杀掉测试进程。"""
    caught = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: caught.append(number))
    yield caught
    signal.signal(signal.SIGTERM, before)


def sender(step: int, *numbers: int):
    """到第 step 步就给自己发这些信号的钩子。"""

    def hook(now, logs, record):
        for number in numbers if now == step else ():
            os.kill(os.getpid(), number)

    return hook


CONFIG = config_of("gan", total_steps=20, checkpoint_every=5, sample_every=10)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, bytes]:
    """没有中断过的训练留下的文件。"""
    folder = tmp_path_factory.mktemp("whole") / "run"
    Trainer(CONFIG, "cpu").run(folder)
    return contents(folder)


def resumed(folder) -> dict[str, bytes]:
    """接着训练到完，留下的文件。"""
    Trainer(CONFIG, "cpu").run(folder, resume=True)
    return contents(folder)


def test_a_second_sigterm_during_the_last_save_does_not_break_it(
    tmp_path, escaped, whole, monkeypatch
):
    fsync = os.fsync

    def again(descriptor):
        os.kill(os.getpid(), signal.SIGTERM)
        fsync(descriptor)

    def stop(step, logs, record):
        if step == 7:  # 这一步已经问过要不要停，所以停在下一步
            os.kill(os.getpid(), signal.SIGTERM)
            monkeypatch.setattr(os, "fsync", again)  # 此后每次写文件都再来一个

    summary = Trainer(CONFIG, "cpu").run(tmp_path / "run", watch=(stop,))
    monkeypatch.undo()
    assert (summary["status"], summary["step"]) == ("interrupted", 8)
    header, _ = read_checkpoint(tmp_path / "run/checkpoints/last.safetensors")
    assert header["step"] == 8
    assert len(escaped) <= 1  # 只可能是写 run.json 的那一个，检查点这时已经存好
    assert resumed(tmp_path / "run") == whole


def test_a_second_ctrl_c_leaves_at_once_and_keeps_the_last_checkpoint(tmp_path, whole):
    hook = sender(13, signal.SIGINT, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        Trainer(CONFIG, "cpu").run(tmp_path / "run", watch=(hook,))
    header, _ = read_checkpoint(tmp_path / "run/checkpoints/last.safetensors")
    assert header["step"] == 10
    assert resumed(tmp_path / "run") == whole


def test_ctrl_c_before_training_is_one_line_without_a_traceback(capsys, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(load_tool("train"), "load_config", interrupted)
    result = run_tool(capsys, monkeypatch, "train", "-c", "a.yml")
    assert result.code == 130
    assert len(result.err.splitlines()) == 1 and result.err.startswith("已中断")
