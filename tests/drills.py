"""断电演习：在随机的时刻用 SIGKILL 杀掉训练，接着训练到完，与没有中断过的逐字节比。

    python -m tests.drills --seeds 0 1 2 [--methods gan wgan] [--out tests/fixtures/drills.json]

一次演习由 (方法, 种子) 决定：在随机的几步各杀一次，每次再等零到几十毫秒（可能正在写检查点）。
"""

import argparse
import json
import multiprocessing
import random
import signal
import sys
import tempfile
import time
from multiprocessing.context import ForkServerProcess as Process
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]  # python -m tests.drills 时也要找得到

from resume_cases import CASES, RING  # noqa: E402

from paddle_gan.engine.train import Trainer  # noqa: E402
from paddle_gan.files import write_atomic  # noqa: E402
from paddle_gan.lab.runner import current_commit  # noqa: E402
from paddle_gan.run.checkpoint_file import read_checkpoint  # noqa: E402
from paddle_gan.run.config import resolve  # noqa: E402
from paddle_gan.run.run import Run  # noqa: E402

STEPS, EVERY = 60, 3  # 训练多少步，多少步存一次
KILLS = 6  # 一次演习杀几次
WAIT = 0.04  # 到了那一步以后最多再等多少秒：够做一两步、存一次检查点
LIMIT = 300  # 一个进程最多跑多少秒
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["drills", "_cli", "train", "visualdl"])


class Kill(NamedTuple):
    """杀了一次：演习的方法与种子、死时记到第几步、从第几步接着、最后是否逐字节相同、哪次提交。"""

    method: str
    seed: int
    died_at: int
    resumed_from: int
    identical: bool
    commit: str


def raw_config(method: str) -> dict:
    """演习用的设定：小网络，每步都记，常存检查点、常画图。"""
    metrics = {"names": ["modes"], "every": 7, "samples": 50, "best": "modes/covered"}
    case = json.loads(json.dumps(CASES[method]))  # 几节共用的一份拆开：写成 YAML 才不会有别名
    return {
        "method": method,
        **case,
        "batch_size": 4,
        "total_steps": STEPS,
        "log_every": 1,
        "sample_every": 10,
        "checkpoint_every": EVERY,
        "metrics": metrics if CASES[method]["data"] is RING else {},
    }


def contents(folder: Path) -> dict[str, bytes]:
    """训练留下的每个文件；看板的日志与 run.json 里有时间，不算。"""
    kept = [*folder.glob("*.jsonl"), *folder.glob("*/*"), *folder.glob("*/.*")]
    files = [p for p in kept if p.is_file() and p.parent.name != "vdl"]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def straight(method: str, folder: Path) -> dict[str, bytes]:
    """没有中断过的训练留下的文件。"""
    Trainer(resolve(raw_config(method)), "cpu").run(folder)
    return contents(folder)


def run_cli(arguments: list[str], said: Path) -> None:
    """在子进程里运行 tools/train.py，它说的写进 said。"""
    import _cli
    import train

    sys.argv = ["tools/train.py", *arguments]
    with said.open("w", encoding="utf-8") as sys.stderr:
        sys.stdout = sys.stderr
        _cli.run(train.main)


def start(config: Path, folder: Path) -> Process:
    """像新手那样在命令行里开始；目录已经有了就 --resume。

    进程由只导入过模块、没有算过任何东西的服务进程分出来，省下每次导入飞桨的几秒。
    """
    arguments = ["-c", str(config), "--device", "cpu", "--output", str(folder)]
    arguments += ["--resume"] * (folder / "config.yml").is_file()
    process = SERVER.Process(target=run_cli, args=(arguments, folder.with_suffix(".log")))
    process.start()
    return process


def finish(process: Process, folder: Path) -> None:
    """等它正常结束。"""
    process.join(LIMIT)
    said = folder.with_suffix(".log").read_text(encoding="utf-8")
    assert process.exitcode == 0, f"{folder}：{said}"


def recorded(folder: Path) -> int:
    """metrics.jsonl 里记了几条完整的；每步都记，所以也就是第几步。"""
    path = folder / "metrics.jsonl"
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def last_saved(folder: Path) -> int:
    """--resume 会从第几步接着；每个检查点都读一遍，坏了就抛出 UserError。"""
    steps = {
        p.stem: read_checkpoint(p)[0]["step"] for p in folder.glob("checkpoints/*.safetensors")
    }
    return steps.get(Run(folder).latest(), 0)


def kill_at(process: Process, folder: Path, step: int, wait: float) -> bool:
    """等它记到第 step 步（0 是刚写下配置），再过 wait 秒，杀掉；已经跑完时返回假。"""
    deadline = time.monotonic() + LIMIT
    while recorded(folder) < step or not (folder / "config.yml").is_file():
        if not process.is_alive() or time.monotonic() > deadline:
            break
        time.sleep(0.005)
    time.sleep(wait)
    process.kill()
    process.join()
    if process.exitcode == -signal.SIGKILL:
        return True
    finish(process, folder)
    return False


def drill(method: str, seed: int, expected: dict[str, bytes], parent: Path) -> list[Kill]:
    """杀 KILLS 次，接着训练到完；expected 是没有中断过的训练留下的文件。"""
    rng = random.Random(f"{method} {seed}")
    folder, config = parent / f"{method}_{seed}", parent / "drill.yml"  # 出错时看得出是哪个种子
    config.write_text(yaml.safe_dump(raw_config(method), allow_unicode=True), encoding="utf-8")
    moments = []
    for step in sorted(rng.randrange(STEPS) for _ in range(KILLS)):
        if not kill_at(start(config, folder), folder, step, rng.random() * WAIT):
            break
        died, saved = recorded(folder), last_saved(folder)
        # 最多丢 EVERY 步：第 died 步的记录已经写下，它的检查点可能还没有
        assert saved >= (died - 1) // EVERY * EVERY, (method, seed, died, saved)
        moments.append((died, saved))
    if last_saved(folder) < STEPS:
        finish(start(config, folder), folder)
    same = contents(folder) == expected
    return [Kill(method, seed, *moment, same, current_commit()) for moment in moments]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", required=True, help="种子，可以写几个")
    parser.add_argument("--methods", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--out", type=Path, default=ROOT / "tests" / "fixtures" / "drills.json")
    args = parser.parse_args()
    rows = json.loads(args.out.read_text("utf-8")) if args.out.is_file() else []
    for method in args.methods:
        with tempfile.TemporaryDirectory() as temporary:
            expected = straight(method, Path(temporary) / "whole")
            for seed in args.seeds:
                with tempfile.TemporaryDirectory() as parent:
                    kills = drill(method, seed, expected, Path(parent))
                rows = [r for r in rows if (r["method"], r["seed"]) != (method, seed)]
                rows += [kill._asdict() for kill in kills]
                rows.sort(key=lambda row: (row["method"], row["seed"]))
                write_atomic(args.out, "[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
                print(*kills, sep="\n", flush=True)


if __name__ == "__main__":
    main()
