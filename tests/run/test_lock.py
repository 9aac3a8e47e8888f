"""同一个训练目录同时只有一个训练；进程一死，目录就放开；有内容的目录不碰。"""

import os
import signal
import subprocess
import sys
import time

import pytest
from tool_helpers import RAW, ROOT

from paddle_gan.errors import UserError
from paddle_gan.run.config import resolve
from paddle_gan.run.run import Run

TRAIN = [sys.executable, "-W", "ignore", str(ROOT / "tools" / "train.py"), "--device", "cpu"]
CONFIG = ["-c", str(ROOT / "configs" / "gan_ring.yml"), "-o", "checkpoint_every=5"]


def start(folder, *options):
    command = [*TRAIN, *CONFIG, "--output", str(folder), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_folder_with_anything_in_it_is_refused_and_left_alone(tmp_path):
    config = resolve(RAW["gan"] | {"batch_size": 4, "total_steps": 3})
    (tmp_path / "run").mkdir()
    run = Run(tmp_path / "run")
    run.create(config, {})  # 空目录可以用
    run.lock.release()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "笔记.txt").write_text("别动", encoding="utf-8")
    with pytest.raises(UserError, match="已经有内容，不会覆盖"):
        Run(tmp_path / "old").create(config, {})
    assert [path.name for path in (tmp_path / "old").iterdir()] == ["笔记.txt"]


@pytest.mark.parametrize("content", ["[]", "7", "[" * 200_000], ids=len)
def test_a_run_json_that_is_no_object_is_one_sentence_and_the_owner_is_told(content, tmp_path):
    run, other = Run(tmp_path), Run(tmp_path)
    run.lock.acquire()
    run.info_file.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=f"正被另一个训练使用（主机 .*，进程 {os.getpid()}）"):
        other.lock.acquire()
    with pytest.raises(UserError, match="run.json.*这个训练目录不完整"):
        other.shapes()
    run.lock.release()


def test_of_two_fresh_starts_at_once_the_loser_is_told_who_was_first(tmp_path):
    config = resolve(RAW["gan"] | {"batch_size": 4, "total_steps": 3})
    first, second = Run(tmp_path / "run"), Run(tmp_path / "run")
    first.make_folders()
    first.lock.acquire()  # 抢到了，config.yml 与 run.json 都还没有写
    owner = f"主机 {os.uname().nodename}，进程 {os.getpid()}"
    with pytest.raises(UserError, match=f"正被另一个训练使用（{owner}）"):
        second.create(config, {})
    first.lock.release()
    second.create(config, {})  # 刚开始就死了的，不碍事
    second.lock.release()


def test_the_loser_who_waited_until_the_winner_was_done_does_not_overwrite_it(
    tmp_path, monkeypatch
):
    config = resolve(RAW["gan"] | {"batch_size": 4, "total_steps": 3})
    run = Run(tmp_path / "run")

    def wait():  # 等锁的时候，别人训练完了
        run.config_file.write_text("别人的", encoding="utf-8")

    monkeypatch.setattr(run.lock, "acquire", wait)
    with pytest.raises(UserError, match="已经有内容"):
        run.create(config, {})
    assert run.config_file.read_text(encoding="utf-8") == "别人的"


@pytest.mark.parametrize("content", ["", "[]", '{"host": 1}', "[" * 100_000], ids=len)
def test_an_owner_that_cannot_be_read_is_still_one_sentence(content, tmp_path):
    run, other = Run(tmp_path), Run(tmp_path)
    run.lock.acquire()
    (tmp_path / "owner.json").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match="正被另一个训练使用（owner.json 读不出是谁）"):
        other.lock.acquire()
    run.lock.release()


@pytest.mark.parametrize("name", ["9" * 5000, "9" * 300, "a" * 5000], ids=["int", "path", "text"])
def test_a_checkpoint_name_of_any_length_is_one_sentence(name, tmp_path):
    with pytest.raises(UserError, match="检查点要写成 last、best 或步数") as refused:
        Run(tmp_path).checkpoint(name)
    assert len(str(refused.value)) < 100


def wait_until(condition, process: subprocess.Popen) -> None:
    """等到 condition() 成立；进程先结束了，或等了两分钟，就失败。"""
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def running(tmp_path):
    """一个跑不完的训练，已经存过检查点；用完杀掉。"""
    process = start(tmp_path / "run", "-o", "total_steps=1000000")
    wait_until((tmp_path / "run" / "checkpoints" / "last.safetensors").exists, process)
    yield process, tmp_path / "run"
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_second_training_is_refused_with_the_owner_and_a_killed_one_leaves_no_lock(running):
    process, folder = running
    second = start(folder, "-o", "total_steps=1000000", "--resume")
    _, said = second.communicate(timeout=120)
    assert second.returncode == 2
    assert f"正被另一个训练使用（主机 {os.uname().nodename}，进程 {process.pid}）" in said

    process.send_signal(signal.SIGKILL)
    process.wait()
    before = Run(folder).step("last")
    third = start(folder, "-o", "total_steps=1000000", "--resume")
    try:  # 没有被拒绝，正在训练
        wait_until(lambda: Run(folder).step("last") > before, third)
    finally:
        third.send_signal(signal.SIGTERM)
    _, said = third.communicate(timeout=120)
    assert third.returncode == 130, said
