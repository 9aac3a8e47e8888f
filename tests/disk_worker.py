"""在自己的挂载空间里训练：磁盘满、只读。由 run/test_disk.py 用 unshare -rm 启动，最后印一行 JSON。

每一幕是一次 tools/train.py：退出码、标准错误、那一刻的 last 检查点。
"""

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import _cli  # noqa: E402
import train  # noqa: E402

TIGHT = 48_000  # 还剩这么多字节：能开始训练，几步之后就满了


def mount(*options: str) -> None:
    """mount 命令；失败就抛出异常。"""
    subprocess.run(["mount", *options], check=True)


def scene(config: str, folder: Path, steps: int, *options: str) -> dict:
    """训练到第 steps 步。"""
    sys.argv = ["tools/train.py", "-c", config, "--device", "cpu", "--output", str(folder)]
    sys.argv += ["-o", f"total_steps={steps}", *options]
    code, said = None, io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            _cli.run(train.main)
        except SystemExit as end:
            code = end.code
    last = folder / "checkpoints" / "last.safetensors"
    digest = hashlib.sha256(last.read_bytes()).hexdigest() if last.is_file() else None
    return {"code": code, "err": said.getvalue(), "last": digest}


def fill(path: Path) -> None:
    """写到磁盘满为止。"""
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        while file.write(bytes(1000)):
            pass


def main(config: str, disk: str) -> None:
    folder, filler = Path(disk) / "run", Path(disk) / "占满"
    mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", disk)
    scenes = {"begin": scene(config, folder, 20)}
    fill(filler)
    os.truncate(filler, filler.stat().st_size - TIGHT)
    scenes["full"] = scene(config, folder, 40, "--resume")
    fill(filler)
    scenes["full_new"] = scene(config, Path(disk) / "new", 40)
    filler.unlink()
    mount("-o", "remount,ro", disk)
    scenes["read_only"] = scene(config, folder, 40, "--resume")
    scenes["read_only_new"] = scene(config, Path(disk) / "another", 40)
    mount("-o", "remount,rw", disk)
    scenes["resumed"] = scene(config, folder, 40, "--resume")
    print(json.dumps(scenes))


if __name__ == "__main__":
    main(*sys.argv[1:])
