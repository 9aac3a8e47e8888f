"""train.log 与没有终端时的输出：每 log_every 步一行，两行至少隔一秒；数字与独立算出的一致。"""

import re

import pytest
from resume_cases import config_of
from tool_helpers import run_tool

from paddle_gan.engine import text_log
from paddle_gan.engine.text_log import TextLog, duration
from paddle_gan.engine.train import Trainer

STAMP = r"\d\d-\d\d \d\d:\d\d:\d\d "


class Batches:
    """一步取两批的批序列。"""

    position = 0


class Clock:
    """由测试来拨的钟。"""

    def __init__(self):
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def strftime(self, form: str) -> str:
        return "08-23 14:02:11"


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(text_log, "time", clock)
    return clock


def walk(log, batches, clock, steps, seconds: float) -> None:
    """这几步每步用 seconds 秒。"""
    for step in steps:
        clock.now += seconds
        batches.position += 2
        log(step, {"loss/D": 1.2345678, "prob/real": 0.5, "loss/G": 0.001}, {})


def test_a_line_has_the_step_the_losses_the_speed_and_the_time_left(tmp_path, clock):
    said, batches = [], Batches()
    config = config_of("gan", total_steps=1000, log_every=10)
    log = TextLog(tmp_path / "train.log", config, batches, 0, said.append)
    walk(log, batches, clock, range(1, 11), 0.5)
    # 5 秒里 10 步、20 批 × 4 个；还有 990 步，每步半秒
    line = "第 10/1000 步 · loss/D 1.23 · loss/G 0.001 · 16 样本/秒 · 还要 8 分 15 秒"
    assert said == [f"08-23 14:02:11 {line}"]
    walk(log, batches, clock, range(11, 21), 1.0)  # 慢了一半：速度是这一段的，剩余时间照全程的快慢
    assert said[1].endswith("· 8 样本/秒 · 还要 12 分 15 秒")  # 980 · 15 / 20 = 735 秒
    lines = (tmp_path / "train.log").read_text(encoding="utf-8").splitlines()
    assert lines == ["08-23 14:02:11 开始训练", *said]


def test_lines_are_a_second_apart_but_the_last_step_always_has_one(tmp_path, clock):
    said, batches = [], Batches()
    config = config_of("gan", total_steps=35, log_every=2)
    log = TextLog(tmp_path / "train.log", config, batches, 0, said.append)
    walk(log, batches, clock, range(1, 36), 0.125)
    steps = [int(re.search(r"第 (\d+)/35 步", line).group(1)) for line in said]
    assert steps == [2, 10, 18, 26, 34, 35]
    assert "还要" in said[-2] and "还要" not in said[-1]


def test_a_resumed_training_counts_from_where_it_started_and_goes_on_in_the_file(tmp_path, clock):
    (tmp_path / "train.log").write_text("以前的\n", encoding="utf-8")
    said, batches = [], Batches()
    config = config_of("gan", total_steps=100, log_every=10)
    log = TextLog(tmp_path / "train.log", config, batches, 40, said.append)
    walk(log, batches, clock, range(41, 51), 2.0)
    assert said[0].endswith("还要 1 分 40 秒")  # 50 步 × 2 秒
    lines = (tmp_path / "train.log").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["以前的", "08-23 14:02:11 从第 40 步接着训练"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.3, "0 秒"),
        (59.6, "1 分"),
        (200, "3 分 20 秒"),
        (7500, "2 小时 5 分"),
        (3600, "1 小时"),
        (273_605, "3 天 4 小时"),
    ],
)
def test_a_time_is_told_in_its_two_largest_units(seconds, said):
    assert duration(seconds) == said


def test_nobody_listening_and_a_full_disk_do_not_stop_the_training(tmp_path, clock, capsys):
    calls, batches = [], Batches()

    def closed(line):
        calls.append(line)
        raise BrokenPipeError

    (tmp_path / "train.log").mkdir()  # 写不进去
    config = config_of("gan", total_steps=9, log_every=1)
    log = TextLog(tmp_path / "train.log", config, batches, 0, closed)
    walk(log, batches, clock, range(1, 10), 2.0)
    assert len(calls) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "train.log" in line and "训练照常进行" in line


@pytest.mark.parametrize("terminal", [True, False])
def test_without_a_terminal_the_lines_are_printed_and_with_one_they_are_not(
    terminal, tmp_path, capsys, monkeypatch
):
    (tmp_path / "a.yml").write_text(config_of("gan", total_steps=8).dump(), encoding="utf-8")
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    arguments = ["-c", tmp_path / "a.yml", "--output", tmp_path / "run", "--device", "cpu"]
    result = run_tool(capsys, monkeypatch, "train", *arguments)
    assert result.code == 0
    lines = (tmp_path / "run/train.log").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(STAMP + "开始训练", lines[0])
    assert re.fullmatch(
        STAMP + r"第 5/8 步 · loss/D \S+ · loss/G \S+ · \d+ 样本/秒 · 还要 .+", lines[1]
    )
    assert re.fullmatch(STAMP + r"完成：第 8 步，\d+ 秒", lines[-1])
    assert [line in result.out for line in lines[1:-1]] == [not terminal] * (len(lines) - 2)


def test_a_training_in_a_notebook_prints_no_lines(tmp_path, capsys):
    Trainer(config_of("gan", total_steps=6), "cpu").run(tmp_path / "run")
    assert capsys.readouterr().out == ""
    assert "第 6/6 步" in (tmp_path / "run/train.log").read_text(encoding="utf-8")
