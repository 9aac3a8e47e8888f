"""结果文件：行的次序、换掉旧记录、几个进程同时写、坏了的行怎样说。"""

import json
import multiprocessing
import os
import random
import signal

import pytest

from paddle_gan.errors import UserError
from paddle_gan.lab import EXPERIMENTS, runner
from paddle_gan.lab.records import add_record, read_records
from paddle_gan.lab.runner import plan, read_results, run_jobs

ARMS = ("zebra", "apple", "mango")  # 实验里的次序，不是字母的次序
NAME = "stop_rotation"
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="要 fork 出真的进程")


def record(arm: str, seed: int, value: float = 0.5, **changes) -> dict:
    """一条最小的记录。"""
    what = {"name": NAME, "arm": arm, "seed": seed, "tier": "quick", "settings": {"steps": 1}}
    measured = {"statistics": {"误差": value}, "curves": {}, "seconds": 0.1}
    return what | measured | {"commit": "abc", "versions": {"paddle": "3"}} | changes


@pytest.fixture
def path(tmp_path):
    return tmp_path / "quick" / f"{NAME}.jsonl"


def keys(path) -> list[tuple[str, int]]:
    return [(r["arm"], r["seed"]) for r in map(json.loads, path.read_text("utf-8").splitlines())]


def test_lines_follow_the_arms_of_the_experiment_and_then_the_seed_as_a_number(path):
    wanted = [(arm, seed) for arm in ARMS for seed in (0, 2, 10)]
    for arm, seed in random.Random(0).sample(wanted, len(wanted)):
        add_record(path, record(arm, seed), ARMS)
    assert keys(path) == wanted
    add_record(path, record("banana", 1), (*ARMS, "banana"))
    add_record(path, record("zebra", 1), ARMS)  # 实验里已经没有的组排在最后，不丢
    assert keys(path) == [("zebra", 0), ("zebra", 1), *wanted[1:], ("banana", 1)]


def test_a_line_is_compact_json_that_reads_back_as_the_same_record(path):
    whole = record("apple", 3, 0.1 + 0.2, curves={"points": [[1.5, -2e-9]], "空": []})
    add_record(path, whole, ARMS)
    text = path.read_text(encoding="utf-8")
    assert read_records(path) == [whole] and text.count("\n") == 1 and text.endswith("\n")
    assert '"误差":0.30000000000000004}' in text and ": " not in text and "\\u" not in text


def test_a_job_that_was_run_again_leaves_only_its_new_record(path):
    for seed in (0, 1):
        add_record(path, record("apple", seed), ARMS)
    add_record(path, record("apple", 0, 0.9, settings={"steps": 2}), ARMS)
    assert keys(path) == [("apple", 0), ("apple", 1)]
    assert [r["statistics"]["误差"] for r in read_records(path)] == [0.9, 0.5]


def test_no_file_is_no_record_and_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    assert read_records(tmp_path / "quick" / "none.jsonl") == []
    (tmp_path / "quick").write_text("不是目录", encoding="utf-8")
    with pytest.raises(UserError, match="写不了 .*quick.*stop_rotation.jsonl"):
        add_record(tmp_path / "quick" / f"{NAME}.jsonl", record("apple", 0), ARMS)


LINE = json.dumps(record("apple", 1), ensure_ascii=False)
BROKEN = {
    "写了一半": LINE[: len(LINE) // 2],
    "合并留下的记号": "<<<<<<< HEAD",
    "空行": "",
    "不是记录": "[1, 2]",
    "缺一项": json.dumps({k: v for k, v in record("apple", 1).items() if k != "statistics"}),
    "种子不是整数": json.dumps(record("apple", "1")),
    "种子是真假": json.dumps(record("apple", True)),
    "种子是负的": json.dumps(record("apple", -1)),
    "没有量": json.dumps(record("apple", 1, statistics={})),
    "量是字": json.dumps(record("apple", 1, "abc")),
    "量是空": json.dumps(record("apple", 1, None)),
    "量是真假": json.dumps(record("apple", 1, True)),
    "量是 NaN": json.dumps(record("apple", 1, float("nan"))),
    "量是无穷": json.dumps(record("apple", 1, float("inf"))),
    "用时是 NaN": json.dumps(record("apple", 1, seconds=float("nan"))),
    "没有版本": json.dumps(record("apple", 1, versions={})),
    "别的实验": json.dumps(record("apple", 1, name="js_identity")),
    "别的档": json.dumps(record("apple", 1, tier="full")),
    "嵌套太深": "[" * 100_000,
    "不是 UTF-8": b"\xff\xfe{}".decode("latin-1"),
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_named_and_nothing_is_overwritten(path, line):
    add_record(path, record("apple", 0), ARMS)
    with path.open("ab") as file:
        file.write(line.encode("latin-1" if "ÿ" in line else "utf-8") + b"\n")
    before = path.read_bytes()
    for act in (lambda: read_records(path), lambda: add_record(path, record("zebra", 0), ARMS)):
        with pytest.raises(UserError, match="第 2 行.*删掉这一行") as caught:
            act()
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert path.read_bytes() == before


def test_the_same_job_twice_in_a_file_is_refused_rather_than_chosen_silently(path):
    add_record(path, record("apple", 0), ARMS)
    path.write_text(2 * path.read_text("utf-8"), encoding="utf-8")
    with pytest.raises(UserError, match="第 2 行.*apple，种子 0.*删掉其中一行"):
        read_records(path)


def test_seeds_of_a_group_that_keep_other_numbers_are_named(tmp_path):
    experiment = EXPERIMENTS[NAME]
    first, *others = (
        record(arm, seed, settings=experiment.settings["quick"])
        for arm in experiment.arms
        for seed in range(2)
    )
    path = tmp_path / "quick" / f"{NAME}.jsonl"
    for one in (first, *others):
        add_record(path, one, experiment.arms)
    assert len(read_results(NAME, "quick", tmp_path)[first["arm"]]) == 2
    add_record(path, first | {"statistics": {"误差": 1.0, "多的": 2.0}}, experiment.arms)
    with pytest.raises(UserError, match="种子 1 与种子 0 记的量不一样（多的）；删掉"):
        read_results(NAME, "quick", tmp_path)


@needs_fork
def test_two_processes_that_write_one_experiment_at_once_lose_nothing(path):
    fork, seeds = multiprocessing.get_context("fork"), range(12)
    gate = fork.Barrier(2)

    def write(arm):
        gate.wait()
        for seed in seeds:
            add_record(path, record(arm, seed), ARMS)

    writers = [fork.Process(target=write, args=(arm,)) for arm in ("apple", "zebra")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert keys(path) == [(arm, seed) for arm in ("zebra", "apple") for seed in seeds]


@needs_fork
def test_a_run_killed_half_way_goes_on_where_it_stopped(tmp_path, monkeypatch):
    jobs, ran, kill_at = plan([NAME], "quick", 2), [], 3

    def fake(job, commit=""):
        ran.append(job)
        if len(ran) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        settings = EXPERIMENTS[NAME].settings["quick"]
        return record(job.arm, job.seed, settings=settings)

    monkeypatch.setattr(runner, "run_job", fake)
    quiet = {"folder": tmp_path, "report": lambda record: None}
    fork = multiprocessing.get_context("fork")
    killed = fork.Process(target=run_jobs, args=(jobs,), kwargs=quiet)
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL

    kill_at = None
    assert run_jobs(jobs, **quiet) == 0
    assert ran == jobs[2:]  # 被杀之前做完的两个没有重跑
    assert [len(rows) for rows in read_results(NAME, "quick", tmp_path).values()] == [2] * 5
