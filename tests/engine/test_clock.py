"""系统的钟被拨回去：步数照样递增，用时与剩余时间不出负数，看板的时间轴不往回走。"""

import io
import sys
import time

import pytest
import tqdm.std
from resume_cases import config_of
from visualdl import LogReader

from paddle_gan.engine.hooks import ProgressHook
from paddle_gan.engine.train import Trainer
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.visualdl_board import FILE

HOUR = 3600.0


def backwards():
    """每看一次就倒退一小时的钟。"""
    now = 1e9

    def clock() -> float:
        nonlocal now
        now -= HOUR
        return now

    return clock


def test_a_training_while_the_clock_runs_backwards(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", backwards())
    config = config_of("gan", visualdl=True, total_steps=20)
    summary = Trainer(config, "cpu").run(tmp_path / "run")
    monkeypatch.undo()
    assert summary["status"] == "finished"
    assert 0 < summary["seconds"] < HOUR and summary["images_per_second"] > 0
    records = read_records(tmp_path / "run" / "metrics.jsonl")
    steps = [record["step"] for record in records]
    assert steps == sorted(set(steps)) and steps[-1] == 20
    points = LogReader(file_path=str(tmp_path / "run" / "vdl" / FILE)).get_data("scalar", "loss/D")
    assert [point.id for point in points] == [r["step"] for r in records if "loss/D" in r]
    times = [point.timestamp for point in points]
    assert times == sorted(times)


class Terminal(io.StringIO):
    """看起来是终端的文字缓冲。"""

    def isatty(self):
        return True


def test_the_progress_bar_does_not_stop_when_the_clock_is_set_back(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(tqdm.std, "time", backwards())
    seconds = 0.0  # 只往前走的钟，每步半秒：与机器快慢无关
    monkeypatch.setattr(time, "monotonic", lambda: seconds)
    bar = ProgressHook(0, 100, batch_size=4)
    for step in range(1, 31):
        seconds += 0.5
        bar(step, {"loss/D": 1.0}, {})
    shown = bar.bar.format_dict
    bar.close()
    assert shown["elapsed"] == pytest.approx(15) and shown["rate"] == pytest.approx(2)
    assert screen.getvalue().count("\r") >= 30  # 训练中每步都刷新
    assert "-" not in screen.getvalue().split("[")[-1]  # 剩余时间没有负号
