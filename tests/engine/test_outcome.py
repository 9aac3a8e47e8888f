"""训练不管怎样结束，run.json 都说出来：出了错存一次 last，接着训练与没有出过错逐位相同。"""

import json
import os
import signal
import threading

import numpy as np
import pytest
from resume_cases import config_of, contents
from tool_helpers import write_image

from paddle_gan.data.folders import ImageFolder
from paddle_gan.data.toy import Ring
from paddle_gan.engine.hooks import CheckpointHook, Gallery
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.files import WriteError
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.run_view import ending_of, load_run
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.run import Run

CONFIG = config_of("gan", total_steps=12, checkpoint_every=6, sample_every=6, log_every=1)
FAILURES = {
    "decode": (UserError("图像 甲/7.png 已损坏，解码失败"), "图像 甲/7.png 已损坏，解码失败"),
    "memory": (MemoryError(), "内存不够"),
    "system": (OSError(5, "Input/output error"), "读写文件时出错：磁盘读写出错"),
    "bug": (TypeError("unsupported operand"), "TypeError：unsupported operand"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """没有出过错的训练留下的文件。"""
    folder = tmp_path_factory.mktemp("whole") / "run"
    Trainer(CONFIG, "cpu").run(folder)
    return contents(folder)


def info(folder) -> dict:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def last_step(folder) -> int:
    return read_checkpoint(folder / "checkpoints/last.safetensors")[0]["step"]


def fail_at(step: int, error: BaseException, part: int = 0):
    """让取数据在第 step 步的第 part 批（从 0 数；这个方法一步取两批）抛出 error。"""
    real, taken = Ring.batch, []

    def batch(self, kind, indices, rng):
        if len(indices[0]) == CONFIG.batch_size:  # 预览与评估要的更多
            taken.append(1)
            if len(taken) == 2 * (step - 1) + 1 + part:
                raise error
        return real(self, kind, indices, rng)

    return batch


@pytest.mark.parametrize("name", FAILURES)
def test_an_error_saves_the_last_whole_step_says_so_and_resumes_exactly(
    name, whole, tmp_path, monkeypatch
):
    error, sentence = FAILURES[name]
    trainer = Trainer(CONFIG, "cpu")
    with monkeypatch.context() as patch, pytest.raises(type(error)) as raised:
        patch.setattr(Ring, "batch", fail_at(9, error))
        trainer.run(tmp_path / "run")
    assert raised.value is error
    found = info(tmp_path / "run")
    assert (found["status"], found["step"], found["error"]) == ("failed", 8, sentence)
    assert last_step(tmp_path / "run") == 8 and trainer.outcome.saved == "第 8 步"
    log = (tmp_path / "run/train.log").read_text(encoding="utf-8").splitlines()
    assert log[-1].endswith(f"出错了：第 8 步，{sentence}")
    Trainer(CONFIG, "cpu").run(tmp_path / "run", resume=True)
    assert contents(tmp_path / "run") == whole
    assert info(tmp_path / "run")["status"] == "finished"


def test_a_picture_that_cannot_be_decoded_in_the_background_loses_no_step(tmp_path, monkeypatch):
    for k in range(6):
        write_image(tmp_path / "图" / f"{k}.png", np.full((8, 8), 40 * k, np.uint8))
    data = {"name": "image_folder", "root": str(tmp_path / "图"), "size": 8, "channels": 1}
    changes = {"total_steps": 6, "checkpoint_every": 3, "log_every": 1}
    config = config_of("lsgan", data=data, batch_size=2, **changes)
    Trainer(config, "cpu").run(tmp_path / "whole")

    real, taken = ImageFolder.batch, []

    def batch(self, kind, indices, rng):
        if threading.current_thread() is not threading.main_thread():  # 提前备的训练批
            taken.append(1)
            if len(taken) == 6:
                raise UserError("图像 图/3.png 已损坏，解码失败")
        return real(self, kind, indices, rng)

    with monkeypatch.context() as patch, pytest.raises(UserError, match="3.png"):
        patch.setattr(ImageFolder, "batch", batch)
        Trainer(config, "cpu").run(tmp_path / "run")
    assert info(tmp_path / "run")["status"] == "failed" and last_step(tmp_path / "run") == 5
    Trainer(config, "cpu").run(tmp_path / "run", resume=True)
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


def test_an_error_halfway_through_a_step_is_saved_and_called_inexact(tmp_path, monkeypatch):
    trainer = Trainer(CONFIG, "cpu")
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(Ring, "batch", fail_at(9, MemoryError(), part=1))
        trainer.run(tmp_path / "run")
    assert last_step(tmp_path / "run") == 8
    assert "第 8 步，下一步已经做了一半" in trainer.outcome.saved
    assert Trainer(CONFIG, "cpu").run(tmp_path / "run", resume=True)["step"] == 12


def test_halfway_through_a_step_a_checkpoint_just_saved_is_left_as_it_is(
    whole, tmp_path, monkeypatch
):
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(Ring, "batch", fail_at(7, MemoryError(), part=1))
        Trainer(CONFIG, "cpu").run(tmp_path / "run")
    assert last_step(tmp_path / "run") == 6
    Trainer(CONFIG, "cpu").run(tmp_path / "run", resume=True)
    assert contents(tmp_path / "run") == whole


def test_an_error_after_a_step_keeps_that_step(tmp_path, monkeypatch):
    def fail(*arguments):
        raise ValueError("画不出来")

    with monkeypatch.context() as patch, pytest.raises(ValueError, match="画不出来"):
        patch.setattr(Gallery, "show", fail)  # 第 2 步要画
        Trainer(CONFIG, "cpu").run(tmp_path / "run")
    found = info(tmp_path / "run")
    assert (found["status"], found["step"]) == ("failed", 2) and last_step(tmp_path / "run") == 2


def test_an_error_in_the_first_step_saves_nothing(tmp_path, monkeypatch):
    trainer = Trainer(CONFIG, "cpu")
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(Ring, "batch", fail_at(1, MemoryError()))
        trainer.run(tmp_path / "run")
    assert info(tmp_path / "run")["status"] == "failed" and trainer.outcome.saved == ""
    assert list((tmp_path / "run/checkpoints").iterdir()) == []
    assert Trainer(CONFIG, "cpu").run(tmp_path / "run", resume=True)["step"] == 12


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    trainer = Trainer(CONFIG, "cpu")

    def spoil(step, logs, record):
        if step == 8:
            weight = trainer.method.G.parameters()[0]
            weight.set_value(weight * float("nan"))
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError):
        trainer.run(tmp_path / "run", watch=(spoil,))
    assert info(tmp_path / "run")["status"] == "failed" and trainer.outcome.saved == ""
    assert last_step(tmp_path / "run") == 6


def test_a_disk_that_cannot_be_written_is_not_written_again(tmp_path, monkeypatch):
    saves = []

    def refuse(self, name):
        saves.append(name)
        raise WriteError("写不了")

    monkeypatch.setattr(CheckpointHook, "_save", refuse)
    with pytest.raises(WriteError):
        Trainer(CONFIG, "cpu").run(tmp_path / "run")
    assert len(saves) == 1
    assert info(tmp_path / "run")["status"] == "failed"


def test_an_error_that_also_stops_the_saving_is_the_one_that_is_told(tmp_path, monkeypatch):
    def broken(self):
        raise RuntimeError("CUDA error")

    trainer = Trainer(CONFIG, "cpu")
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(CheckpointHook, "save_last", broken)
        patch.setattr(Ring, "batch", fail_at(4, MemoryError()))
        trainer.run(tmp_path / "run")
    assert info(tmp_path / "run")["error"] == "内存不够" and trainer.outcome.saved == ""


def test_ctrl_c_twice_is_an_interruption_never_a_running_training(tmp_path):
    def twice(step, logs, record):
        if step == 8:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        Trainer(CONFIG, "cpu").run(tmp_path / "run", watch=(twice,))
    found = info(tmp_path / "run")
    assert found["status"] == "interrupted" and "又按了一次 Ctrl-C" in found["error"]
    assert last_step(tmp_path / "run") == 6


def test_readers_tell_a_running_training_from_one_that_was_killed(tmp_path):
    folder = tmp_path / "run"
    Trainer(CONFIG, "cpu").run(folder)
    running = info(folder) | {"status": "running"}
    (folder / "run.json").write_text(json.dumps(running), encoding="utf-8")
    run = Run(folder)
    run.lock.acquire()
    assert load_run("跑", folder, 0).ending == "正在训练"
    run.lock.release()
    assert load_run("跑", folder, 0).ending == "没有正常结束（被强制结束，或断了电）"
    (folder / "training.lock").unlink()
    assert "没有正常结束" in load_run("跑", folder, 0).ending
    for status, said in {
        "finished": "",
        "failed": "出错了：磁盘",
        "interrupted": "中途停下了",
        "diverged": "发散了",
    }.items():
        assert ending_of(folder, {"status": status, "error": "磁盘"}) == said
    assert ending_of(folder, {}) == ""
    assert read_records(folder / "metrics.jsonl")[-1]["step"] == 12
