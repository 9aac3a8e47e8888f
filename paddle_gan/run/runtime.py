"""运行环境：设备、线程、AMD 上的 MKL 分派，以及由 (种子, 步数) 决定的随机数。

prepare() 必须在导入 paddle 之前调用（paddle_gan/__init__.py 已经这样做）；
用户自己设的变量一律不动。
"""

import ctypes
import os
import sys
import warnings
from pathlib import Path

import numpy as np

from paddle_gan.limits import MAX_PIXELS

# 随机数的用途；同一个种子下互不相干
INIT, TRAIN, FIXED_PREVIEW, FRESH_PREVIEW, METRICS, SAMPLE = range(6)
THREADS = "PADDLE_GAN_THREADS"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
# glibc 的 malloc.h：M_TRIM_THRESHOLD、M_TOP_PAD、M_MMAP_THRESHOLD（最大就是 32 MiB）
HEAP = {-1: 1 << 30, -2: 1 << 26, -3: 1 << 25}
DECODER_PIXELS = "OPENCV_IO_MAX_IMAGE_PIXELS"
DECODER_LOG = "OPENCV_LOG_LEVEL"
DETERMINISTIC = {"FLAGS_cudnn_deterministic": True}


def prepare() -> None:
    """在导入 paddle 之前设好环境变量；用户自己设过的一律不动。

    AMD 处理器上让飞桨自带的 MKL 走快路径（实测矩阵乘快约 3 倍）；记下该用几个线程
    （飞桨默认只用一个，导入时还会把 OMP_NUM_THREADS 写成 1，所以要在那之前看）。
    OpenCV 在导入时读它的像素上限：头能骗过 image_header.py 的图，解码器自己也不解；
    它自己的英文日志关掉，哪个文件坏了由我们说。
    """
    if "paddle" in sys.modules:
        warnings.warn("paddle 先于 paddle_gan 导入，会慢几倍；请先 import paddle_gan", stacklevel=3)
    if _is_amd():
        os.environ.setdefault("MKL_DEBUG_CPU_TYPE", "5")
    os.environ.setdefault(DECODER_PIXELS, str(MAX_PIXELS))
    os.environ.setdefault(DECODER_LOG, "SILENT")
    values = [os.environ.get(name, "") for name in THREAD_VARIABLES]
    # 启动器导入飞桨时写下 OMP_NUM_THREADS=1 传给每个进程，那不是用户的意思
    ignored = "1" if processes() > 1 else ""
    chosen = [value for value in values if value.isdigit() and value != ignored]
    default = str(max(1, usable_cores() // processes()))
    os.environ.setdefault(THREADS, chosen[0] if chosen else default)


def set_device(name: str, deterministic: bool = False) -> str:
    """选设备：auto、cpu 或 gpu:0；返回实际用的设备名。用不了就报错，不悄悄换成别的。

    deterministic：GPU 上的卷积只用结果可重复的算法。
    """
    import paddle

    from paddle_gan.errors import UserError
    from paddle_gan.networks.cores import use_threads

    gpus = paddle.device.cuda.device_count() if paddle.is_compiled_with_cuda() else 0
    if name == "auto":
        name = launched_gpu() if gpus and not on_gloo() else "cpu"
    allowed = ["cpu", *(f"gpu:{i}" for i in range(gpus))]
    if name not in allowed:
        raise UserError(
            f"设备 {name} 不可用（可用：{', '.join(allowed)}）；"
            "要用 GPU 请安装 paddlepaddle-gpu（requirements-gpu.txt），并确认驱动正常"
        )
    paddle.set_device(name)
    paddle.base.core.set_num_threads(threads())
    use_threads(threads() if name == "cpu" else 0)
    if name == "cpu":
        keep_freed_memory()
    if deterministic:
        be_deterministic(name)
    return name


def be_deterministic(device: str) -> None:
    """GPU 上的卷积此后只用结果可重复的算法；CPU 本来就是，什么也不做：CPU 版不认识这个开关。"""
    import paddle

    if device.startswith("gpu"):
        paddle.set_flags(DETERMINISTIC)


def keep_freed_memory() -> None:
    """放掉的大块内存留给自己再用，不还给系统：还了再要，每一页都要系统重新清零。

    每步训练要的内存一样多，所以占用不会因此一直涨；实测 64 像素的 CycleGAN 快一成。只对 glibc。
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:
        for option, size in HEAP.items():
            mallopt(option, size)


def share_cores(networks) -> None:
    """在飞桨自带的数学库与这里的卷积之间分核：有卷积时前者只用一个线程，没有时用全部。

    两边的线程都会空转着等下一个任务，同时开就互相抢核（实测 CycleGAN 慢到 1.5 倍）。
    """
    import paddle

    from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose

    layers = [layer for network in networks for layer in network.sublayers(include_self=True)]
    convolutional = any(isinstance(layer, (Conv2D, Conv2DTranspose)) for layer in layers)
    paddle.base.core.set_num_threads(1 if convolutional else threads())


def launched_gpu() -> str:
    """启动器分给这个进程的 GPU；没有用启动器就是 gpu:0。"""
    chosen = os.environ.get("FLAGS_selected_gpus", "0")  # noqa: SIM112  启动器就这样写
    return "gpu:" + chosen.split(",")[0]


def processes() -> int:
    """paddle.distributed.launch 一共启动了几个进程；没有用它就是 1。"""
    return int(os.environ.get("PADDLE_TRAINERS_NUM", "1"))


def seed_stream(seed: int, *path: int) -> None:
    """把飞桨的随机数重置到由 (seed, *path) 决定的位置。

    训练时每一步都从 (seed, TRAIN, step) 开始，所以恢复训练不必保存随机数状态，
    画样本、算指标也不会扰动训练。
    """
    import paddle

    state = np.random.SeedSequence([seed, *path]).generate_state(2, np.uint32)
    paddle.seed(int(state[0]) << 31 | int(state[1]) >> 1)


def threads() -> int:
    """飞桨用几个线程：OMP_NUM_THREADS 或 MKL_NUM_THREADS 优先，否则是全部可用的核（多进程时平分）。

    多进程时要自己定，请写 PADDLE_GAN_THREADS（每个进程几个）。
    """
    return int(os.environ[THREADS])


def usable_cores() -> int:
    """本进程真正能用的核数：既看亲和性，也看容器的配额（AI Studio 显示的是整台机器）。"""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS 与 Windows 没有这个函数
        cores = os.cpu_count() or 1
    quota = _cgroup_cores()
    return max(1, min(cores, quota) if quota else cores)


def on_gloo() -> bool:
    """启动器带了 --backend gloo：只在 CPU 上通信。"""
    return os.environ.get("PADDLE_DISTRI_BACKEND") == "gloo"


def _cgroup_cores() -> int | None:
    """容器的 CPU 配额（核数，向上取整）；没有限制或读不到时为 None。"""
    v2 = Path("/sys/fs/cgroup/cpu.max")
    v1 = [Path(f"/sys/fs/cgroup/cpu/cpu.cfs_{name}_us") for name in ("quota", "period")]
    try:
        fields = v2.read_text().split() if v2.exists() else [p.read_text().strip() for p in v1]
    except OSError:
        return None
    if not fields[0].isdigit():  # "max" 或 "-1"：不限
        return None
    return -(-int(fields[0]) // int(fields[1]))


def _is_amd() -> bool:
    if sys.platform.startswith("linux"):
        try:
            return "AuthenticAMD" in Path("/proc/cpuinfo").read_text(errors="ignore")[:4096]
        except OSError:
            return False
    return "AuthenticAMD" in os.environ.get("PROCESSOR_IDENTIFIER", "")  # Windows
