"""把一个配置缩到最小，在指定的设备上训练几步，留下每一步的损失。

两种设备的随机数发生器不同，所以权重与随机数都在 CPU 上抽好再搬过去，两边看到的才是同样的数。
"""

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import paddle
from paddle import Tensor
from paddle.base import core

from paddle_gan.data.base import Dataset
from paddle_gan.draws import Draw, drawing_with
from paddle_gan.engine.loop import Stop, fit
from paddle_gan.methods.base import Method
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data, build_method, shapes_of, training_batches
from paddle_gan.run.checkpoint import Progress, network_tensors
from paddle_gan.run.config import Config, Evaluation
from paddle_gan.run.health import Finding

STEPS = 20  # 比较头几步的损失
BEGINNING = Progress()
BATCH, WIDTH = 4, 8
# 网络与超参数里决定大小的几项：配置里有，就改成这么大
NETWORK = {"width": WIDTH, "blocks": 1}
HPARAMS = {"unroll": 2, "n_critic": 2, "n_critic_boost": 0, "pool_size": 3, "k": 2}
HPARAMS |= {"pretrain": 1, "pretrain_steps": 1}  # 第一段只留一步


class Result(NamedTuple):
    """一项的结果：给人看的一条，与写进 JSON 的数。"""

    finding: Finding
    numbers: dict[str, float | None]


@dataclass(frozen=True)
class Small:
    """一个缩到最小的配置与它的数据。"""

    config: Config
    data: Dataset


def small(config: Config, steps: int = STEPS) -> Small:
    """缩小一个配置，全程 steps 步：层数照旧，通道、批、每步的更新次数变小；不评估，不写看板。"""
    network = {name: _shrunk(section) for name, section in config.network.items()}
    hparams = {key: HPARAMS.get(key, value) for key, value in config.hparams.items()}
    update = {"network": network, "hparams": hparams, "metrics": Evaluation(), "board": []}
    update |= {"batch_size": BATCH, "total_steps": steps, "ema": None, "amp": False}
    config = config.model_copy(update=update)
    return Small(config, build_data(config, "train"))


def _shrunk(section: dict) -> dict:
    made = {key: NETWORK.get(key, value) for key, value in section.items()}
    if made.get("channels"):
        made["channels"] = [WIDTH] * len(made["channels"])
    return made


def build_on(small: Small, device: str) -> Method:
    """在一个设备上建方法。"""
    runtime.set_device(device)
    return build_method(small.config, shapes_of(small.data))


def weights_of(method: Method) -> dict[str, np.ndarray]:
    """全部网络的权重与累计统计量，拷贝成 NumPy。"""
    return {name: tensor.numpy().copy() for name, tensor in network_tensors(method).items()}


def put_weights(method: Method, weights: dict[str, np.ndarray]) -> None:
    """装进另一个设备上的同一个方法。"""
    for name, tensor in network_tensors(method).items():
        tensor.set_value(weights[name])


def train(
    small: Small,
    method: Method,
    device: str,
    *,
    start: Progress = BEGINNING,
    stop: int | None = None,
    hooks: tuple = (),
) -> tuple[list[dict[str, float]], Progress]:
    """从 start 训练到第 stop 步（默认走完）：每一步的损失，与走到了哪里。"""
    total = small.config.total_steps
    batches = training_batches(small.config, small.data, start.position)
    logged: list[dict[str, float]] = []

    def keep(step, logs, record):
        logged.append(logs)
        if step == stop:
            raise Stop

    runtime.set_device(device)
    with drawing_with(partial(drawn_on_cpu, device)):
        try:
            fit(
                method,
                batches,
                [*hooks, keep],
                seed=small.config.seed,
                start=start.step,
                total_steps=total,
            )
        except Stop:
            return logged, Progress(stop, batches.position)
    return logged, Progress(total, batches.position)


def drawn_on_cpu(device: str, draw: Draw, shape: list[int]) -> Tensor:
    """在 CPU 上抽，再搬到 device。"""
    paddle.set_device("cpu")
    drawn = draw(shape).numpy()
    paddle.set_device(device)
    return paddle.to_tensor(drawn)


@contextmanager
def exact(device: str):
    """块内 GPU 的乘法用真正的 float32（默认的 TF32 只有 10 位尾数），卷积选结果可重复的算法。

    CPU 本来就是这样，什么也不做。
    """
    if not device.startswith("gpu"):
        yield
        return
    before = (
        paddle.get_flags(list(runtime.DETERMINISTIC)),
        core.get_cublas_switch(),
        core.get_cudnn_switch(),
    )
    try:
        runtime.be_deterministic(device)
        core.set_cublas_switch(False)
        core.set_cudnn_switch(False)
        yield
    finally:
        paddle.set_flags(before[0])
        core.set_cublas_switch(before[1])
        core.set_cudnn_switch(before[2])


def furthest(expected: list[dict[str, float]], got: list[dict[str, float]]) -> float:
    """两串损失相差最大的一处 |a − b| / max(1, |b|)；步数或名字对不上就是无穷大。"""
    if [step.keys() for step in expected] != [step.keys() for step in got]:
        return float("inf")
    apart = [abs(a[k] - b[k]) / max(1.0, abs(b[k])) for a, b in zip(got, expected) for k in b]
    return float(np.max(apart))  # 有 NaN 就是 NaN：内置的 max 会把它漏掉


def verdict(text: str, advice: str, numbers: dict, good: bool) -> Result:
    """一项的结果；不好时才带上办法。"""
    return Result(Finding(text, "" if good else advice), numbers)
