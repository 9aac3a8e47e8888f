"""一秒训练多少张、占矩阵乘峰值的几成、最多用多少显存。"""

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np
import paddle
from paddle import nn

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images, Labeled, Pair, Unpaired
from paddle_gan.data.prefetch import prepared_ahead
from paddle_gan.engine.amp import use_amp
from paddle_gan.engine.gpu.small import Result
from paddle_gan.engine.loop import Stop, fit
from paddle_gan.errors import UserError
from paddle_gan.limits import GIGABYTE
from paddle_gan.methods.base import Method
from paddle_gan.networks.cores import use_threads
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data, build_method, shapes_of, training_batches
from paddle_gan.run.config import Config
from paddle_gan.run.health import Finding

WARM = 3  # 头几步要选算法、分配内存，不算
PASSES = 3  # 训练一步的运算约是前向的几倍：前向，对输入求导，对权重求导
WEIGHTED = (nn.Linear, nn.Conv2D, nn.Conv2DTranspose)  # 几乎全部运算在这几种层里
STAND_IN = 256  # 代替自备数据的噪声有几张


class Noise(Dataset):
    """代替要自备的图像：只为量速度，内容是噪声。"""

    batch_types = (Images, Labeled, Unpaired, Pair)
    num_classes = 10

    def __init__(self, size: int):
        self.shape = self.y_shape = (3, size, size)
        self.value_range = (-1.0, 1.0)
        self.pictures = np.random.default_rng(0).uniform(-1, 1, (STAND_IN, *self.shape))
        self.pictures = self.pictures.astype(np.float32)

    def lengths(self, kind):
        return (STAND_IN, STAND_IN) if kind is Unpaired else (STAND_IN,)

    def batch(self, kind, indices, rng):
        parts = [self.pictures[index] for index in indices]
        if kind is Pair:  # 只有一串下标
            return Pair(parts[0], parts[0][::-1].copy())
        return kind(*parts, indices[0] % self.num_classes) if kind is Labeled else kind(*parts)


def data_of(config: Config) -> tuple[Dataset, str]:
    """训练数据；没有自备的，用噪声代替，说一声。"""
    try:
        return build_data(config, "train"), ""
    except UserError:
        return Noise(config.data.get("size", 32)), "（没有它的数据，用噪声代替）"


def matmul_peak(device: str, side: int, seconds: float, dtype: str = "float32") -> float:
    """两个 side × side 的矩阵相乘，每秒多少次浮点运算，取最快的一次。"""
    runtime.set_device(device)
    a = paddle.ones([side, side], dtype)
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end or best == np.inf:
        start = time.perf_counter()
        (a @ a)[0, 0].item()
        best = min(best, time.perf_counter() - start)
    return 2 * side**3 / best


@dataclass
class Clock:
    """训练循环的钩子：过了 WARM 步开始计时，到时间就停。"""

    seconds: float
    steps: int = 0
    began: float = 0.0
    spent: float = 0.0

    def __call__(self, step, logs, record):
        if step <= WARM:
            self.began = time.perf_counter()
            return
        self.steps, self.spent = step - WARM, time.perf_counter() - self.began
        if self.spent >= self.seconds:
            raise Stop


def training_speed(
    name: str, config: Config, device: str, peak: float, seconds: float, amp: bool = False
) -> Result:
    """照 config 的大小训练几秒；peak 是矩阵乘每秒的浮点运算数。"""
    runtime.set_device(device)
    if "n_critic_boost" in config.hparams:  # 开头多更新的那几步不是常态
        config = config.model_copy(update={"hparams": config.hparams | {"n_critic_boost": 0}})
    data, note = data_of(config)
    method = build_method(config, shapes_of(data))
    flops = step_flops(method, config, data)
    runtime.set_device(device)  # 数运算时换过卷积的实现
    if amp:
        use_amp(method, device)
    clock = Clock(seconds)
    forget_peak_memory(device)
    with prepared_ahead(training_batches(config, data)) as batches:
        with suppress(Stop):
            fit(method, batches, [clock], seed=config.seed, start=0, total_steps=config.total_steps)
        taken = batches.position / (clock.steps + WARM)  # 一步取几批
    steps = clock.steps / clock.spent
    images, share = steps * taken * config.batch_size, steps * flops / peak
    memory = peak_memory(device)
    used = "显存问不到" if memory is None else f"显存最多 {memory / GIGABYTE:.2f} GB"
    how = "混合精度" if amp else "float32"
    text = f"{name}（{how}）：{images:.0f} 张/秒，{steps:.3g} 步/秒，"
    text += f"约 {share:.1%} 的峰值，{used}{note}"
    numbers = {"images_per_second": images, "steps_per_second": steps, "flops_per_step": flops}
    numbers |= {"share_of_peak": share, "memory_bytes": memory}
    return Result(Finding(text), numbers)


def step_flops(method: Method, config: Config, data: Dataset) -> float:
    """一步训练约多少次浮点运算：数第 1 步里各层的前向，乘以 PASSES；只做前向的也乘了，所以偏高。"""
    batches = training_batches(config, data)
    use_threads(0)  # 一层一层地算，钩子才看得到每一层
    with counting(method) as counted:
        method.train_step(batches, 1)
    return PASSES * sum(counted)


@contextmanager
def counting(method: Method):
    """块内每一层前向的运算数（一次乘加算两次）依次放进一个列表。"""
    counted: list[float] = []

    def count(layer, inputs, output):
        weight, x = layer.weight, inputs[0]
        samples = x.shape[0]
        if isinstance(layer, nn.Linear):
            places = x.size // x.shape[-1] // samples
        else:  # 卷积核在较小的（卷积的输出、转置卷积的输入）每一处用一次
            side = x if isinstance(layer, nn.Conv2DTranspose) else output
            places = side.shape[2] * side.shape[3]
        counted.append(2.0 * samples * places * weight.size)

    networks = {id(n): n for n in vars(method).values() if isinstance(n, nn.Layer)}
    handles = [
        layer.register_forward_post_hook(count)
        for network in networks.values()
        for layer in network.sublayers(include_self=True)
        if isinstance(layer, WEIGHTED)
    ]
    try:
        yield counted
    finally:
        for handle in handles:
            handle.remove()


def forget_peak_memory(device: str) -> None:
    """显存的最大值从现在记起。"""
    if device.startswith("gpu"):
        paddle.device.cuda.empty_cache()
        paddle.device.cuda.reset_max_memory_allocated(device)


def peak_memory(device: str) -> int | None:
    """张量最多占了多少字节的显存；CPU 上没有。"""
    return paddle.device.cuda.max_memory_allocated(device) if device.startswith("gpu") else None
