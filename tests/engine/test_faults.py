"""写到一半断电、磁盘满、被杀：检查点不会坏，接着训练与没有中断过逐位相同。"""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tool_helpers import ROOT, assert_one_sentence, run_tool

from paddle_gan.engine import hooks
from paddle_gan.errors import UserError
from paddle_gan.files import write_atomic
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.run import Run

TRAIN = [sys.executable, "-W", "ignore", str(ROOT / "tools" / "train.py"), "--device", "cpu"]
TRAIN += ["-c", str(ROOT / "configs" / "gan_ring.yml"), "-o", "checkpoint_every=5"]
TRAIN += ["-o", "metrics.every=1000000", "-o", "visualdl=false", "-o", "log_every=5"]


class Killed(BaseException):
    """进程在这里断了电：不许任何 except 善后。"""


OPERATIONS = {
    "open": (Path, "open"),
    "fsync": (os, "fsync"),
    "replace": (os, "replace"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("death", [OSError(28, "No space left on device"), Killed()], ids=repr)
def test_a_write_that_dies_at_any_operation_leaves_the_old_file(
    operation, death, tmp_path, monkeypatch
):
    path = tmp_path / "a"
    write_atomic(path, "旧的")

    def die(*args, **kwargs):
        raise death

    with monkeypatch.context() as patch:
        patch.setattr(*OPERATIONS[operation], die)
        with pytest.raises((UserError, Killed)):
            write_atomic(path, "新的")
    assert path.read_text(encoding="utf-8") == "旧的"
    assert [file.name for file in tmp_path.iterdir()] == ["a"]  # 半个临时文件不占着满了的磁盘
    (tmp_path / "a.tmp").write_text("断电时留下的半个", encoding="utf-8")
    write_atomic(path, "新的")
    assert path.read_text(encoding="utf-8") == "新的"


def test_a_write_cut_short_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a"
    write_atomic(path, b"old")

    def half(descriptor):
        os.ftruncate(descriptor, 1)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", half)
        with pytest.raises(Killed):
            write_atomic(path, b"new content")
    assert path.read_bytes() == b"old"


def train(folder: Path, *options: str, limit: int | None = None) -> subprocess.Popen:
    """在另一个进程里训练；limit 是单个文件最多多少字节（磁盘满）。"""

    def shrink():
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [*TRAIN, "--output", str(folder), *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, preexec_fn=shrink, **pipes)


def finished(process: subprocess.Popen) -> str:
    """等它正常结束，返回它印的。"""
    said, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint
    return said


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory) -> bytes:
    """没有中断过的 200 步的最后一个检查点。"""
    folder = tmp_path_factory.mktemp("whole") / "run"
    finished(train(folder, "-o", "total_steps=200"))
    return (folder / "checkpoints" / "last.safetensors").read_bytes()


@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_the_last_checkpoint_still_resumes(uninterrupted, tmp_path):
    folder = tmp_path / "run"
    finished(train(folder, "-o", "total_steps=100"))
    last = folder / "checkpoints" / "last.safetensors"
    before = last.read_bytes()

    process = train(folder, "-o", "total_steps=200", "--resume", limit=100_000)
    _, complaint = process.communicate(timeout=300)
    assert process.returncode == 2
    changed, error = complaint.strip().splitlines()
    assert changed == "提示：接着训练，与上次不同的是：total_steps 100 → 200"
    assert error.startswith("错误：写不了") and "已有的文件没有改动" in error
    assert last.read_bytes() == before

    finished(train(folder, "-o", "total_steps=200", "--resume"))
    assert last.read_bytes() == uninterrupted


@pytest.mark.slow
def test_killed_at_a_random_moment_every_checkpoint_reads_and_the_end_is_the_same(
    uninterrupted, tmp_path
):
    seed = int(time.time())
    folder, rng = tmp_path / f"run_{seed}", random.Random(seed)
    last = folder / "checkpoints" / "last.safetensors"
    process = train(folder, "-o", "total_steps=200")
    deadline = time.monotonic() + 120
    while not last.exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(rng.random() * 0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    for path in folder.glob("checkpoints/*.safetensors"):
        read_checkpoint(path)
    if read_checkpoint(last)[0]["step"] < 200:
        finished(train(folder, "-o", "total_steps=200", "--resume"))
    assert last.read_bytes() == uninterrupted, f"种子 {seed}"


def test_when_the_board_and_the_pictures_fail_midway_training_goes_on_and_says_so_once(
    tmp_path, capsys, monkeypatch
):
    from visualdl.io.bfile import LocalFileSystem

    def fails_after(count: int, real):
        calls = iter(range(count))

        def write(*arguments):
            if next(calls, None) is None:
                raise OSError(5, "Input/output error")
            return real(*arguments)

        return write

    monkeypatch.setattr(LocalFileSystem, "_write", fails_after(60, LocalFileSystem._write))
    monkeypatch.setattr(hooks, "write_png", fails_after(3, hooks.write_png))
    options = ["-o", "total_steps=40", "-o", "log_every=2", "-o", "sample_every=4"]
    options += ["-o", "metrics={}", "--output", tmp_path / "run", "--device", "cpu"]
    config = ["-c", ROOT / "configs" / "gan_ring.yml", "-o", "batch_size=8"]
    result = run_tool(capsys, monkeypatch, "train", *config, *options)
    assert result.code == 0, result.err
    lines = result.err.splitlines()
    assert len(lines) == 2 and all("训练照常进行" in line for line in lines), lines
    assert "VisualDL" in result.err and "样本图" in result.err
    assert "Warning" not in result.out and result.out.count("完成：40 步") == 1
    records = read_records(tmp_path / "run" / "metrics.jsonl")
    assert [record["step"] for record in records][-1] == 40
    assert read_checkpoint(tmp_path / "run/checkpoints/last.safetensors")[0]["step"] == 40


READ_ONLY = OSError(30, "Read-only file system")
FULL = OSError(28, "No space left on device")


@pytest.mark.parametrize("name", ["metrics.jsonl", "histograms.jsonl"])
@pytest.mark.parametrize("error, said", [(READ_ONLY, "磁盘是只读的"), (FULL, "磁盘满了")], ids=str)
def test_a_record_that_cannot_be_written_stops_with_one_sentence(
    name, error, said, tmp_path, capsys, monkeypatch
):
    real = Path.open

    def refuse(path, mode="r", **options):
        if path.name == name and mode == "a":
            raise error
        return real(path, mode, **options)

    monkeypatch.setattr(Path, "open", refuse)
    options = ["-o", "total_steps=40", "-o", "log_every=4", "-o", "checkpoint_every=2"]
    options += ["-o", "metrics={}", "-o", "visualdl=false", "-o", "batch_size=8"]
    config = ["-c", ROOT / "configs" / "gan_ring.yml", "--output", tmp_path / "run"]
    result = run_tool(capsys, monkeypatch, "train", *config, *options)
    assert_one_sentence(result, name, said, "检查点没有改动")
    assert read_checkpoint(tmp_path / "run/checkpoints/last.safetensors")[0]["step"] == 2


def test_a_lock_that_cannot_be_taken_on_a_read_only_disk_is_one_sentence(tmp_path, monkeypatch):
    run, real = Run(tmp_path), os.open

    def refuse(path, *arguments, **options):
        if str(path).endswith("training.lock"):
            raise READ_ONLY
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UserError, match="写不了训练目录 .*磁盘是只读的"):
        run.lock.acquire()
