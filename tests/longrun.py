"""长跑：带着全部钩子训练，每记一次损失看一次内存与打开的文件，跑完核对记录。

python -m tests.longrun gan_ring 20000 [--out tests/fixtures/longrun.json]
一条命令跑一个配置：内存是这个进程的，跑第二个时已经有了第一个留下的。
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median

from visualdl import LogReader

from paddle_gan.engine.train import Trainer
from paddle_gan.files import write_atomic
from paddle_gan.lab.runner import current_commit
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.visualdl_board import FILE
from paddle_gan.run.config import load_config
from paddle_gan.run.run import versions

ROOT = Path(__file__).resolve().parents[1]
FIXTURE = ROOT / "tests" / "fixtures" / "longrun.json"
LOG_EVERY = 20
HOOKS = ("ema=0.999", "sample_every=100", "checkpoint_every=100", f"log_every={LOG_EVERY}")


class Watch:
    """每 every 步记一次这个进程的内存（MB）与打开的文件数：按步数看，与机器快慢无关。"""

    def __init__(self, every: int):
        self.every = every
        self.memory: list[float] = []
        self.handles: list[float] = []

    def __call__(self, step, logs, record):
        if step % self.every == 0:
            status = Path("/proc/self/status").read_text()
            self.memory.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
            self.handles.append(len(os.listdir("/proc/self/fd")))


def long_run(config: str, steps: int, folder: Path) -> dict:
    """训练一遍，返回量到的：内存（MB）与打开的文件各时刻的数、记录与看板里的步数对不对。"""
    run, start, watch = folder / config, time.monotonic(), Watch(LOG_EVERY)
    options = [f"total_steps={steps}", *HOOKS]
    trainer = Trainer(load_config(ROOT / "configs" / f"{config}.yml", options), "cpu")
    summary = trainer.run(run, watch=(watch,))
    assert summary["status"] == "finished", summary
    records = read_records(run / "metrics.jsonl")
    logged = [record["step"] for record in records]
    with_loss = [record["step"] for record in records if "loss/D" in record]
    points = LogReader(file_path=str(run / "vdl" / FILE)).get_data("scalar", "loss/D")
    return {
        "config": config,
        "steps": steps,
        "seconds": round(time.monotonic() - start),
        "memory_mb": thinned(watch.memory),
        "handles": thinned(watch.handles),
        "memory_growth": round(growth(watch.memory), 4),
        "handle_growth": round(growth(watch.handles), 4),
        "records": len(logged),
        "records_missing": len(set(range(LOG_EVERY, steps + 1, LOG_EVERY)) - set(logged)),
        "steps_increase": all(a < b for a, b in zip(logged, logged[1:])),
        "board_equals_records": [int(point.id) for point in points] == with_loss,
        "commit": current_commit(),
        "versions": versions(),
    }


def growth(values: list[float]) -> float:
    """最后四分之一比第二个四分之一多百分之几（中位数）；开头要分配内存，不算。"""
    quarter = len(values) // 4
    before, after = median(values[quarter : 2 * quarter]), median(values[-quarter:])
    return after / before - 1


def thinned(values: list[float]) -> list[int]:
    """均匀地留不超过五十个，取整。"""
    return [round(value) for value in values[:: max(1, len(values) // 50)]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="configs/ 里的名字")
    parser.add_argument("steps", type=int)
    parser.add_argument("--out", type=Path, default=FIXTURE)
    args = parser.parse_args()
    found = json.loads(args.out.read_text(encoding="utf-8")) if args.out.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        found[args.config] = long_run(args.config, args.steps, Path(folder))
    rows = [f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in found.items()]
    write_atomic(args.out, "{\n" + ",\n".join(rows) + "\n}\n")
    print(found[args.config], flush=True)


if __name__ == "__main__":
    main()
