"""bench_growth 的一个点：在全新的进程里量，设定是一个 JSON 参数，打印一行 JSON。"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

import paddle_gan  # noqa: F401, I001  要在 paddle 之前导入
import numpy as np

from paddle_gan.data import image_store
from paddle_gan.data.prefetch import prepared_ahead
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data, build_method, shapes_of, training_batches
from paddle_gan.run.config import load_config, resolve
from paddle_gan.engine.train import Trainer

WARM_UP = 2  # 前几步要分配内存，不算


def config_of(point: dict):
    """一个点的完整配置；有 root 时数据是图像目录，否则是手写数字。"""
    name = "mlp" if point["method"] == "gan" else "dcgan_{}"
    roles = ("generator", "discriminator")
    network = {role: {"name": name.format(role), "width": point["width"]} for role in roles}
    data = {"name": "digits", "size": point["image_size"]}
    if "root" in point:
        data = {"name": "image_folder", "root": point["root"], "size": point["image_size"]}
    kept = {key: point[key] for key in ("method", "batch_size")}
    return resolve({**kept, "network": network, "data": data, "total_steps": 1})


def resident_mb() -> float:
    """本进程现在占多少内存（MB）。"""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def peak_mb() -> float:
    """本进程最多占过多少内存（MB）。"""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


class Waiting:
    """批序列外面套一只秒表：seconds 是取批一共等了多久。"""

    def __init__(self, batches):
        self.batches, self.seconds = batches, 0.0

    def __next__(self):
        start = time.perf_counter()
        batch = next(self.batches)
        self.seconds += time.perf_counter() - start
        return batch


def measure_point(point: dict) -> dict:
    """一个点：搭数据的秒数、只取批时每批的秒数、每步秒数、其中等数据的比例、比刚导入时多占的内存。"""
    image_store.MEMORY_LIMIT = point.get("limit", image_store.MEMORY_LIMIT)
    runtime.set_device("cpu")
    before, start = resident_mb(), time.perf_counter()
    config = config_of(point)
    data = build_data(config, "train")
    build = time.perf_counter() - start
    data.decodes = data.decodes and point.get("ahead", True)
    method = build_method(config, shapes_of(data))
    with prepared_ahead(training_batches(config, data)) as batches:
        load = time_loading(batches, point.get("load", 0))
        step, wait = time_steps(method, batches, point["steps"])
    memory = {"before_mb": before, "memory_mb": peak_mb() - before}
    cost = {"build": build, "load": load, "step": step, "wait": wait, **memory}
    return cost | {"threads": runtime.threads()}


def time_loading(batches, n: int) -> float:
    """只取 n 批、不训练时每批的秒数；n 为 0 时是 0。"""
    start = time.perf_counter()
    for _ in range(n):
        next(batches)
    return (time.perf_counter() - start) / max(1, n)


def time_steps(method, batches, n: int) -> tuple[float, float]:
    """（每步秒数的中位数，等数据占的比例），量 n 步。"""
    waiting, moments = Waiting(batches), []
    for step in range(1, WARM_UP + n + 1):
        if step == WARM_UP + 1:
            waiting.seconds = 0.0
        moments.append(time.perf_counter())
        [value.item() for value in method.train_step(waiting, step).values()]
    moments.append(time.perf_counter())
    seconds = np.diff(moments)[WARM_UP:]
    return median(seconds), waiting.seconds / seconds.sum()


def measure_long(steps: int, window: int) -> list[dict]:
    """configs/gan_ring.yml 经 Trainer 跑 steps 步，钩子齐全；每 window 步一行。"""
    trainer = Trainer(load_config(ROOT / "configs/gan_ring.yml", [f"total_steps={steps}"]), "cpu")
    step_of, samples = trainer.method.train_step, []
    moments = np.ones((steps, 2))  # 先占好：量的过程自己不能让内存涨

    def train_step(batches, step):
        if step % window == 1:
            handles = len(os.listdir("/proc/self/fd"))
            samples.append({"step": step - 1, "resident_mb": resident_mb(), "handles": handles})
        moments[step - 1] = time.perf_counter(), time.thread_time()
        return step_of(batches, step)

    trainer.method.train_step = train_step
    with tempfile.TemporaryDirectory() as folder:
        trainer.run(Path(folder) / "run")
    rows = windows(moments, samples, window)
    return [row | {"threads": runtime.threads()} for row in rows]


def windows(moments: np.ndarray, samples: list[dict], size: int) -> list[dict]:
    """每一窗的内存与句柄，加上每步的秒数。

    moments (N, 2) 是每步开始时的（钟，主线程用掉的 CPU 秒数）。median、cpu 是中位数，不含钩子偶尔的
    大活；mean 全算上。别的进程来抢核时 median 会变大，cpu 几乎不变。
    """
    rows = []
    for sample in samples:
        taken = np.diff(moments[sample["step"] : sample["step"] + size + 1], axis=0)
        (wall, cpu), mean = np.median(taken, axis=0).tolist(), taken[:, 0].mean().item()
        rows.append({**sample, "median": wall, "mean": mean, "cpu": cpu})
    return rows


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    found = measure_long(**task) if "window" in task else measure_point(task)
    print(json.dumps(found))
