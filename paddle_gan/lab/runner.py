"""跑实验：一个（实验，组，种子，档）是一个互不相干的任务，结果是一条记录。

跑完的任务不会重算：记录在、设定没有变，就跳过。所以随时可以停，完整档可以分几次跑完。
几个终端同时跑，各跑各的：开始一个任务之前先占住它，别的终端就跳过。
"""

import multiprocessing.connection
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from paddle_gan.errors import UserError, reason_of, unknown_name
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.records import add_record, read_records
from paddle_gan.run import runtime
from paddle_gan.run.run import versions

RESULTS = Path(__file__).parent / "results"


class Job(NamedTuple):
    """一个任务。"""

    name: str
    arm: str
    seed: int
    tier: str

    def path(self, folder: Path) -> Path:
        """结果所在的文件，一个实验一档一个。"""
        return folder / self.tier / f"{self.name}.jsonl"


def plan(names: Iterable[str], tier: str, seeds: int | None = None) -> list[Job]:
    """这些实验的全部任务；种子在外层，先把每一组的第一个种子跑完。"""
    jobs = []
    for name in names:
        if name not in EXPERIMENTS:
            raise unknown_name("实验", name, EXPERIMENTS)
        experiment = EXPERIMENTS[name]
        count = experiment.seeds[tier] if seeds is None else seeds
        under = experiment.records or name
        jobs += [Job(under, arm, seed, tier) for seed in range(count) for arm in experiment.arms]
    return list(dict.fromkeys(jobs))  # 几个实验共用的组只跑一次


def core_hours(names: Iterable[str], tier: str) -> float:
    """这些实验的一档，预算几个核时；几个实验共用的组只算一次。"""
    own = {EXPERIMENTS[name].records or name for name in names}
    return sum(EXPERIMENTS[name].cost(tier) for name in own) / 3600


def job_of(record: dict) -> Job:
    """记录是哪个任务的。"""
    return Job(*(record[key] for key in Job._fields))


def finished(jobs: list[Job], folder: Path = RESULTS) -> dict[Job, dict]:
    """{已有结果的任务: 记录}；跑完之后实验的设定又改了的不算。一个文件只读一次。"""
    paths = {job.path(folder) for job in jobs}
    found = {job_of(record): record for path in paths for record in read_records(path)}
    return {
        job: found[job]
        for job in jobs
        if job in found and found[job]["settings"] == EXPERIMENTS[job.name].settings[job.tier]
    }


def read_results(name: str, tier: str, folder: Path = RESULTS) -> dict[str, list[dict]]:
    """一个实验在一档里已有的记录 {组: [按种子排好的记录]}；由记录算得的量也在里面。"""
    found, experiment = finished(plan([name], tier), folder), EXPERIMENTS[name]
    rows = {arm: [one for job, one in found.items() if job.arm == arm] for arm in experiment.arms}
    for records in rows.values():
        for record in records:
            require_same_statistics(record, records[0], job_of(record).path(folder))
    return {arm: list(map(experiment.completed, records)) for arm, records in rows.items()}


def require_same_statistics(record: dict, other: dict, path: Path) -> None:
    """一组的各个种子记着同样的几个量；不是就抛出 UserError。"""
    if differing := record["statistics"].keys() ^ other["statistics"].keys():
        raise UserError(
            f"{path} 里 {record['arm']} 的种子 {record['seed']} 与种子 {other['seed']} 记的量不一样"
            f"（{'、'.join(sorted(differing))}）；删掉缺了的那一行再运行，少了的任务会重跑"
        )


def run_job(job: Job, commit: str = "") -> dict:
    """跑一个任务，返回记录；只由（实验，组，种子，档）决定（用时除外）。"""
    runtime.set_device("cpu")
    experiment, start = EXPERIMENTS[job.name], time.process_time()
    settings = experiment.settings[job.tier]
    measured = experiment.measure(job.arm, job.seed, settings)
    for name, value in measured.statistics.items():
        if not isfinite(value):
            raise ValueError(f"{job.name} {job.arm} 种子 {job.seed}：{name} 是 {value}")
    return {
        **job._asdict(),
        "settings": settings,
        "statistics": {name: float(value) for name, value in measured.statistics.items()},
        "curves": measured.curves,
        "seconds": round(time.process_time() - start, 2),  # CPU 的时间：旁边忙不忙都差不多
        "commit": commit,
        "versions": versions(),
    }


def run_jobs(
    jobs: list[Job],
    *,
    processes: int = 1,
    minutes: float | None = None,
    folder: Path = RESULTS,
    report: Callable[[dict], None] = print,
) -> int:
    """跑还没有结果的任务，返回还剩几个；minutes 分钟之后不再开始新的任务。"""
    done = finished(jobs, folder)
    todo = [job for job in jobs if job not in done]
    deadline = time.monotonic() + 60 * minutes if minutes else float("inf")
    runner = _in_pool if processes > 1 else _in_turn
    for record in runner(todo, folder, processes, deadline):
        add_record(job_of(record).path(folder), record, EXPERIMENTS[record["name"]].arms)
        report(record)
    return len(jobs) - len(finished(jobs, folder))


def take(job: Job, folder: Path) -> FileLock | None:
    """占住一个任务；别的终端正在跑，或者刚跑完，就是 None。进程没了，占着的也就放开了。

    结果的目录写不了时抛出 UserError，不等跑完才说。
    """
    path = job.path(folder)
    lock = FileLock(path.with_name(f"{job.name}.{job.arm}.{job.seed}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        return None
    except OSError as error:
        raise UserError(f"写不了 {path}：{reason_of(error)}；任务还没有跑") from error
    if finished([job], folder):
        give_up(lock)
        return None
    return lock


def give_up(lock: FileLock) -> None:
    """放开一个任务，不留下文件。"""
    Path(lock.lock_file).unlink(missing_ok=True)
    lock.release()


def _in_turn(jobs: list[Job], folder: Path, processes: int, deadline: float):
    commit = current_commit()
    for job in jobs:
        if time.monotonic() > deadline:
            return
        if lock := take(job, folder):
            yield run_job(job, commit)  # 取走的人存好了，才放开
            give_up(lock)


def _in_pool(jobs: list[Job], folder: Path, processes: int, deadline: float):
    """每个进程一个线程；手里最多 processes 个任务，到时间就不再添。"""
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", PADDLE_GAN_THREADS="1")
    queue, running, commit = list(reversed(jobs)), {}, current_commit()
    context = multiprocessing.get_context("spawn")  # 飞桨初始化之后不能 fork
    options = {"mp_context": context, "initializer": _leave_with_parent}
    with ProcessPoolExecutor(processes, **options) as pool:
        while queue or running:
            while queue and len(running) < processes and time.monotonic() < deadline:
                job = queue.pop()
                if lock := take(job, folder):
                    running[pool.submit(run_job, job, commit)] = lock
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield future.result()  # 取走的人存好了，才放开
                give_up(running.pop(future))


def _leave_with_parent() -> None:
    """主进程被杀时，干活的进程跟着退出，不留在后台占内存。"""
    parent = multiprocessing.parent_process()

    def watch():
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def current_commit() -> str:
    """代码是哪一次提交；有没提交的改动时加一个 +；不在仓库里时是空的。"""
    root = Path(__file__).resolve().parents[2]
    command = ["git", "describe", "--always", "--abbrev=7", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    except OSError:  # 没有装 git
        return ""
    return done.stdout.strip()
