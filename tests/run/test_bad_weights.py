"""权重里有了 NaN 或无穷：损失未必看得出来，但坏的权重不许存成检查点。"""

import math
import os
import signal

import pytest
from resume_cases import config_of

from paddle_gan.engine.train import Trainer
from paddle_gan.evaluation.evaluate import Evaluator
from paddle_gan.run.checkpoint_file import read_checkpoint


def spoiler(trainer: Trainer, step: int, value: float):
    """到第 step 步就把 G 第一层的一个权重换成 value 的钩子；下一步之前损失还是好的。"""

    def spoil(now, logs, record):
        if now == step:
            weight = trainer.method.G.parameters()[0]
            array = weight.numpy()
            array.flat[0] = value
            weight.set_value(array)

    return spoil


def spoiled(folder, step: int, value: float, *watch, **changes) -> dict:
    """第 step 步的权重坏了的训练的摘要。"""
    trainer = Trainer(config_of("gan", **changes), "cpu")
    return trainer.run(folder, watch=(spoiler(trainer, step, value), *watch))


def saved_steps(folder) -> dict[str, int]:
    """每个检查点是第几步存的。"""
    paths = folder.glob("checkpoints/*.safetensors")
    return {path.stem: read_checkpoint(path)[0]["step"] for path in paths}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_bad_weights_are_never_saved_and_the_run_resumes(value, tmp_path):
    # 第 2 步不记梯度、不画面板，只有存盘看得到权重
    changes = {"total_steps": 30, "checkpoint_every": 1, "log_every": 30}
    summary = spoiled(tmp_path, 2, value, **changes)
    assert summary["status"] == "diverged"
    assert "第 2 步的 network/G/" in summary["message"]
    assert "之前的检查点完好（第 1 步）" in summary["message"] and "--resume" in summary["message"]
    assert saved_steps(tmp_path) == {"step_0000001": 1, "last": 1}
    assert not list(tmp_path.rglob("*.tmp"))

    summary = Trainer(config_of("gan", **changes), "cpu").run(tmp_path, resume=True)
    assert (summary["status"], summary["step"]) == ("finished", 30)


def test_bad_weights_before_any_checkpoint_leave_nothing_to_go_on_from(tmp_path):
    summary = spoiled(tmp_path, 1, math.nan, total_steps=30, checkpoint_every=1, log_every=30)
    assert summary["status"] == "diverged" and saved_steps(tmp_path) == {}
    said = summary["message"]
    assert "还没有存过检查点" in said and "把 hparams.lr_D、hparams.lr_G 改小" in said
    assert "用 --output 换个目录从头训练" in said
    assert "完好" not in said and "--resume" not in said


def test_weights_that_go_bad_at_the_last_step_are_no_finished_run(tmp_path):
    summary = spoiled(tmp_path, 6, math.nan, total_steps=6, checkpoint_every=5)
    assert summary["status"] == "diverged"
    assert saved_steps(tmp_path)["last"] == 5


def test_a_bad_average_is_never_saved(tmp_path):
    trainer = Trainer(config_of("gan", ema=0.9, total_steps=2, checkpoint_every=2), "cpu")
    name, average = next(iter(trainer.ema.average.items()))

    def spoil(step, logs, record):
        average.set_value(average * math.nan)

    summary = trainer.run(tmp_path, watch=(spoil,))
    assert summary["status"] == "diverged" and f"ema/{name}" in summary["message"]
    assert saved_steps(tmp_path) == {}


def test_stopping_with_bad_weights_says_diverged_and_keeps_the_last_checkpoint(tmp_path):
    def stop(step, logs, record):
        if step == 6:  # 第 7 步做完就停下
            os.kill(os.getpid(), signal.SIGTERM)

    changes = {"total_steps": 20, "checkpoint_every": 5, "log_every": 20}
    summary = spoiled(tmp_path, 7, math.nan, stop, **changes)
    assert summary["status"] == "diverged" and "第 7 步的 network/G" in summary["message"]
    assert saved_steps(tmp_path) == {"step_0000005": 5, "last": 5}


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_that_is_no_number_ends_the_run_and_is_never_best(value, tmp_path, monkeypatch):
    metrics = {"names": ["modes"], "every": 2, "best": "modes/reverse_kl", "samples": 100}
    trainer = Trainer(config_of("gan", metrics=metrics, total_steps=4, checkpoint_every=1), "cpu")
    score = Evaluator.__call__

    def broken(self, method):
        scores = score(self, method)
        return scores if len(saved_steps(tmp_path)) < 4 else scores | {"modes/covered": value}

    monkeypatch.setattr(Evaluator, "__call__", broken)
    summary = trainer.run(tmp_path)
    assert summary["status"] == "diverged" and "第 4 步的 modes/covered" in summary["message"]
    assert saved_steps(tmp_path)["best"] == 2 and saved_steps(tmp_path)["last"] == 3
