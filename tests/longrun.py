"""长跑：带着全部钩子训练，每秒看一次内存与打开的文件，跑完核对记录。

python -m tests.longrun gan_ring=20000 dcgan_digits=3000 [--out tests/fixtures/longrun.json]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from visualdl import LogReader

from paddle_gan.files import write_atomic
from paddle_gan.lab.runner import current_commit
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.visualdl_board import FILE
from paddle_gan.run.run import versions

ROOT = Path(__file__).resolve().parents[1]
FIXTURE = ROOT / "tests" / "fixtures" / "longrun.json"
LOG_EVERY = 20
HOOKS = ("ema=0.999", "sample_every=100", "checkpoint_every=100", f"log_every={LOG_EVERY}")


def long_run(config: str, steps: int, folder: Path) -> dict:
    """训练一遍，返回量到的：内存（MB）与打开的文件各时刻的数、记录与看板里的步数对不对。"""
    run, start = folder / config, time.monotonic()
    command = [sys.executable, str(ROOT / "tools" / "train.py"), "-c", f"configs/{config}.yml"]
    command += ["--output", str(run)]
    command += [part for setting in (f"total_steps={steps}", *HOOKS) for part in ("-o", setting)]
    with open(folder / "printed.txt", "wb") as printed:
        process = subprocess.Popen(command, cwd=ROOT, stdout=printed, stderr=printed)
        memory, handles = watch(process)
    if process.returncode:
        raise RuntimeError((folder / "printed.txt").read_text(encoding="utf-8")[-2000:])
    records = read_records(run / "metrics.jsonl")
    logged = [record["step"] for record in records]
    with_loss = [record["step"] for record in records if "loss/D" in record]
    points = LogReader(file_path=str(run / "vdl" / FILE)).get_data("scalar", "loss/D")
    return {
        "config": config,
        "steps": steps,
        "seconds": round(time.monotonic() - start),
        "memory_mb": thinned(memory),
        "handles": thinned(handles),
        "memory_growth": round(growth(memory), 4),
        "handle_growth": round(growth(handles), 4),
        "records": len(logged),
        "records_missing": len(set(range(LOG_EVERY, steps + 1, LOG_EVERY)) - set(logged)),
        "steps_increase": all(a < b for a, b in zip(logged, logged[1:])),
        "board_equals_records": [int(point.id) for point in points] == with_loss,
        "commit": current_commit(),
        "versions": versions(),
    }


def watch(process: subprocess.Popen) -> tuple[list[float], list[float]]:
    """进程活着的时候，每秒记一次内存（MB）与打开的文件数。"""
    home, memory, handles = Path(f"/proc/{process.pid}"), [], []
    while process.poll() is None:
        try:
            status = (home / "status").read_text()
            opened = len(list((home / "fd").iterdir()))
        except (FileNotFoundError, ProcessLookupError):  # 刚好结束了
            continue
        if "VmRSS:" in status:
            memory.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
            handles.append(opened)
        time.sleep(1)
    return memory, handles


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
    parser.add_argument("runs", nargs="+", help="配置=步数")
    parser.add_argument("--out", type=Path, default=FIXTURE)
    args = parser.parse_args()
    found = json.loads(args.out.read_text(encoding="utf-8")) if args.out.exists() else {}
    for name, steps in (run.split("=") for run in args.runs):
        with tempfile.TemporaryDirectory() as folder:
            found[name] = long_run(name, int(steps), Path(folder))
        rows = [f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in found.items()]
        write_atomic(args.out, "{\n" + ",\n".join(rows) + "\n}\n")
        print(found[name], flush=True)


if __name__ == "__main__":
    main()
