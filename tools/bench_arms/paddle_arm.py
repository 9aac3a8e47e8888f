"""飞桨的三个参赛者：fit（我们的训练入口）、bare（不经过引擎的循环）、stock（飞桨出厂的样子）。

作为脚本在全新的进程里运行：python -m bench_arms.paddle_arm 参赛者 例子 步数；打印一行 JSON。
"""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

START = time.perf_counter()
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
if sys.argv[1] == "stock":  # 不要我们的 MKL 分派
    os.environ["MKL_DEBUG_CPU_TYPE"] = "0"
    os.environ["PADDLE_GAN_THREADS"] = "1"  # 飞桨的默认值

from bench_arms.cases import CASES
from paddle_gan.data import Batches
from paddle_gan.engine import runtime
from paddle_gan.engine.build import build_data, build_method, shapes_of
from paddle_gan.engine.config import resolve
from paddle_gan.engine.train import Trainer
from paddle_gan.networks.convolution import use_threads


def config_of(case: str, total_steps: int):
    """例子的完整配置：只记损失，别的都关掉。"""
    raw = {"total_steps": total_steps, "log_every": 50, "visualdl": False, "metrics": {}}
    never = {"sample_every": 10**9, "checkpoint_every": 10**9}
    return resolve({**raw, **never, **CASES[case]})


def time_fit(case: str, steps: int) -> tuple[float, float]:
    """（第一步之前的秒数，每步秒数）：训练长短两次相减，最后一步的存盘和画图抵消。"""
    seconds, moments = [], []
    for total in (2, 2 + steps):
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(config_of(case, total))
            moments.append(time.perf_counter() - START)
            seconds.append(trainer.run(Path(folder) / "run")["seconds"])
    return moments[0], (seconds[1] - seconds[0]) / steps


def time_loop(case: str, steps: int) -> tuple[float, float]:
    """同样的方法、网络和数据，只有最短的循环。"""
    config = config_of(case, 1)
    data = build_data(config, "train")
    method = build_method(config, shapes_of(data))
    batches = Batches(data, method.batch_type, config.batch_size, config.seed)
    startup = time.perf_counter() - START
    for step in (1, 2):
        method.train_step(batches, step)
    begin = time.perf_counter()
    for step in range(3, 3 + steps):
        logs = method.train_step(batches, step)
    [value.item() for value in logs.values()]
    return startup, (time.perf_counter() - begin) / steps


def main(arm: str, case: str, steps: int) -> None:
    runtime.set_device("cpu")
    if arm == "stock":
        use_threads(0)
    startup, step = (time_fit if arm == "fit" else time_loop)(case, steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"step": step, "startup": startup, "peak_mb": peak}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
