"""飞桨的两个参赛者：fit（tools/train.py 走的路）、stock（飞桨出厂的样子，不经过引擎的循环）。

作为脚本在全新的进程里运行：python -m bench_arms.paddle_arm 参赛者 例子 秒数，见 meter.py。
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from bench_arms.meter import Meter

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
if __name__ == "__main__" and sys.argv[1] == "stock":  # 不要我们的 MKL 分派
    os.environ["MKL_DEBUG_CPU_TYPE"] = "0"
    os.environ["PADDLE_GAN_THREADS"] = "1"  # 飞桨的默认值

from bench_arms.cases import CASES
from paddle_gan.data import Batches
from paddle_gan.engine.train import Trainer
from paddle_gan.networks.cores import use_threads
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data, build_method, shapes_of
from paddle_gan.run.config import resolve

FOREVER = 10**9  # 步数：跑到表说够了为止


def config_of(case: str, total_steps: int):
    """例子的完整配置：只记损失，别的都关掉。"""
    raw = {"total_steps": total_steps, "log_every": 50, "visualdl": False, "metrics": {}}
    never = {"sample_every": FOREVER, "checkpoint_every": FOREVER}
    return resolve({**raw, **never, **CASES[case]})


def timed(method, meter: Meter):
    """每次 train_step 之前看表，并记下花在它里面的时间：其余的就是循环自己用的。"""
    step = method.train_step

    def train_step(batches, number):
        meter()
        begin = time.perf_counter()
        logs = step(batches, number)
        meter.inside += time.perf_counter() - begin
        return logs

    method.train_step = train_step


def run_fit(case: str, meter: Meter) -> None:
    """tools/train.py 走的路。"""
    trainer = Trainer(config_of(case, FOREVER), "cpu")
    timed(trainer.method, meter)
    with tempfile.TemporaryDirectory() as folder:
        trainer.run(Path(folder) / "run")


def build(case: str):
    """例子的方法与批序列。"""
    config = config_of(case, FOREVER)
    data = build_data(config, "train")
    method = build_method(config, shapes_of(data))
    return method, Batches(data, method.batch_type, config.batch_size, config.seed)


def run_loop(case: str, meter: Meter) -> None:
    """同样的方法、网络和数据，只有最短的循环；损失照样取出来。"""
    method, batches = build(case)
    timed(method, meter)
    for step in range(1, FOREVER):
        [value.item() for value in method.train_step(batches, step).values()]


def main(arm: str, case: str, seconds: float) -> None:
    runtime.set_device("cpu")
    if arm == "stock":
        use_threads(0)
    (run_fit if arm == "fit" else run_loop)(case, Meter(seconds))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
