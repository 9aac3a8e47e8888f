"""体检：这台机器、这份安装能不能好好训练；tools/doctor.py 把结果排成一页。

每一项是一个函数，返回几条 Finding；不好的写明怎么办。什么也不改，什么也不上传。
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import paddle
from PIL import Image
from threadpoolctl import threadpool_info

from paddle_gan.data.image_files import read_image
from paddle_gan.errors import UserError, reason_of
from paddle_gan.limits import GIGABYTE
from paddle_gan.networks.onednn.library import library
from paddle_gan.run import memory, runtime
from paddle_gan.run.build import build_data, build_method, shapes_of, training_batches
from paddle_gan.run.config import Config

CPUINFO = Path("/proc/cpuinfo")
FEATURES = {"avx2": "AVX2", "avx512f": "AVX-512", "amx_tile": "AMX"}
LEAST_MEMORY, LEAST_DISK = 2 * GIGABYTE, GIGABYTE
# 设了就会让 NumPy、OpenCV 或飞桨的数学库走慢路径的变量
HOLD_BACK = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NPY_DISABLE_CPU_FEATURES", "MKL_CBWR")
HOLD_BACK += ("MKL_ENABLE_INSTRUCTIONS",)
CHECK = "import paddle_gan, paddle; paddle.utils.run_check()"
CHECK_SECONDS = 180
SIDE = 2048  # 矩阵乘量峰值用的边长
LEAST_GFLOPS = 10.0  # 每个线程至少这么快；走慢路径、或有人在抢核时才低于它
SLOW = 4  # 比写文档的机器慢这么多倍就提醒
# 名字 → 怎样存一张左红右蓝的小图（给 Pillow 的参数）
CODECS = {
    "PNG": ("a.png", {}),
    "JPEG": ("a.jpg", {"quality": 95}),
    "WebP": ("a.webp", {"lossless": True}),
    "GIF": ("a.gif", {}),
    "TIFF": ("a.tif", {}),
}


class Finding(NamedTuple):
    """一条结果；advice 是不好时怎么办，空的是好的。"""

    text: str
    advice: str = ""


def machine() -> list[Finding]:
    """处理器、核数、内存、设备。"""
    return [processor(), cores(), room(), device()]


def processor() -> Finding:
    """型号与指令集。"""
    model, flags = platform.processor() or "型号问不到", None
    if CPUINFO.is_file():
        lines = CPUINFO.read_text(errors="replace").splitlines()
        fields = {key.strip(): value.strip() for key, _, value in (x.partition(":") for x in lines)}
        model = fields.get("model name", model)
        flags = (fields.get("flags") or fields.get("Features") or "").split()
    text = f"{model}（{platform.machine()}）"
    if flags is None:
        return Finding(f"{text}，指令集问不到")
    has = [name for flag, name in FEATURES.items() if flag in flags]
    if platform.machine() in ("x86_64", "AMD64") and "AVX2" not in has:
        return Finding(f"{text}，没有 AVX2", "飞桨的矩阵运算会慢几倍；换一台机器，或把网络改小")
    return Finding(f"{text}，{'、'.join(has) or '没有 AVX2、AVX-512、AMX'}")


def cores() -> Finding:
    """核数与用几个线程。"""
    usable, threads = runtime.usable_cores(), runtime.threads()
    text = f"系统 {os.cpu_count()} 核，本进程能用 {usable} 核，用 {threads} 个线程"
    if threads < usable:
        names = "、".join((*runtime.THREAD_VARIABLES, runtime.THREADS))
        return Finding(text, f"没有用满；看看环境变量 {names} 是不是设小了")
    return Finding(text)


def room() -> Finding:
    """内存。"""
    total, free = memory.total(), memory.available()
    sizes = [
        f"{word} {number / GIGABYTE:.1f} GB"
        for word, number in (("共", total), ("能用", free))
        if number is not None
    ]
    text = f"内存{'，'.join(sizes) or '问不到'}"
    if free is not None and free < LEAST_MEMORY:
        return Finding(text, "不到 2 GB：关掉别的程序，或把 batch_size、图像的边长改小")
    return Finding(text)


def device() -> Finding:
    """设备，也就是 --device auto 会选的。"""
    cuda = paddle.is_compiled_with_cuda()
    gpus = paddle.device.cuda.device_count() if cuda else 0
    if gpus:
        names = [paddle.device.cuda.get_device_properties(i).name for i in range(gpus)]
        return Finding(f"设备：{gpus} 个 GPU（{'、'.join(names)}）")
    if cuda:
        return Finding("装的是 GPU 版飞桨，但找不到 GPU", "运行 nvidia-smi 看驱动，或改装 CPU 版")
    if shutil.which("nvidia-smi"):
        return Finding(
            "设备：CPU；有 NVIDIA 的驱动，装的却是 CPU 版飞桨",
            "要用 GPU 就 pip uninstall paddlepaddle，再 pip install -r requirements-gpu.txt",
        )
    return Finding("设备：CPU")


def libraries() -> list[Finding]:
    """数学库，和会让它们走慢路径的环境变量。"""
    np.ones((2, 2)) @ np.ones((2, 2))
    found = []
    for pool in threadpool_info():
        if pool["user_api"] == "blas":
            about = [pool["prefix"], pool["version"], pool.get("architecture")]
            told = " ".join(str(part) for part in about if part)
            found.append(Finding(f"{told}，{pool['num_threads']} 个线程"))
    dnnl = library()
    without = "没有用 oneDNN（飞桨没有带，或环境变量关掉了它）：卷积用自己的较慢的实现"
    found.append(Finding(f"飞桨自带的 {dnnl.described()}" if dnnl else without))
    for name in HOLD_BACK:
        if name in os.environ:
            found.append(
                Finding(
                    f"环境变量 {name}={os.environ[name]}，数学库可能走慢路径",
                    f"没有特别的理由就取消它：unset {name}",
                )
            )
    return found or [
        Finding("没有找到数学库", "重新安装 NumPy：pip install --force-reinstall numpy")
    ]


def self_check() -> list[Finding]:
    """飞桨自己的检查，在另一个进程里：它会打印英文，也可能整个崩掉。"""
    root = str(Path(__file__).resolve().parents[2])  # 不安装也能找到 paddle_gan
    command = [sys.executable, "-c", CHECK]
    advice = "重新安装飞桨：pip install --force-reinstall -r requirements-cpu.txt"
    try:
        done = subprocess.run(
            command,
            env=os.environ | {"PYTHONPATH": root},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=CHECK_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return [Finding(f"paddle.utils.run_check() {CHECK_SECONDS} 秒还没有做完", advice)]
    said = done.stdout.decode("utf-8", "replace").strip().splitlines()
    if done.returncode == 0 and "installed successfully" in "\n".join(said):
        return [Finding("paddle.utils.run_check() 通过")]
    last = said[-1] if said else "没有输出"
    return [
        Finding(f"paddle.utils.run_check() 没有通过（退出码 {done.returncode}）：{last}", advice)
    ]


def pictures() -> list[Finding]:
    """每种图像格式存一张左红右蓝的小图再读回来，16 位的另存一张灰度。"""
    picture = np.zeros((16, 16, 3), np.uint8)
    picture[:, :8], picture[:, 8:] = (255, 0, 0), (0, 0, 255)
    grey = np.repeat(np.array([[0x1234, 0xFEDC]], np.uint16), 8, axis=1).repeat(16, axis=0)
    good, bad = [], []
    with tempfile.TemporaryDirectory(prefix="paddle_gan_doctor_") as folder:
        for name, (file, options) in CODECS.items():
            path = Path(folder) / file
            (good if reads_back(path, picture, picture, options) else bad).append(name)
        deep = np.repeat((grey // 257).astype(np.uint8)[..., None], 3, axis=2)
        (good if reads_back(Path(folder) / "b.png", grey, deep, {}) else bad).append("16 位 PNG")
    found = [Finding(f"读得了 {'、'.join(good)}")] if good else []
    advice = "重新安装：pip install --force-reinstall opencv-python pillow"
    return found + [Finding(f"读不了 {name}", advice) for name in bad]


def reads_back(path: Path, stored: np.ndarray, expected: np.ndarray, options: dict) -> bool:
    """把 stored 存成 path，读回来与 expected 是不是差不多（有损的格式颜色会差一点）。"""
    try:
        Image.fromarray(stored).save(path, **options)
        made = read_image(path).astype(int)
    except (UserError, OSError, KeyError, ValueError):
        return False
    inner = (slice(None), [2, 13])  # 交界处的颜色会混
    return made.shape == expected.shape and bool(np.abs(made - expected)[inner].max() <= 40)


def multiply(seconds: float) -> Finding:
    """矩阵乘的峰值。"""
    name = runtime.set_device("auto")
    a = paddle.ones([SIDE, SIDE])
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        (a @ a)[0, 0].item()
        best = min(best, time.perf_counter() - start)
    speed = 2 * SIDE**3 / best / 1e9
    where = f"{runtime.threads()} 个线程" if name == "cpu" else name
    text = f"矩阵乘 {speed:.0f} GFLOP/s（float32，{where}）"
    if speed < LEAST_GFLOPS * runtime.threads():
        return Finding(text, "慢得不正常：看看别的程序在不在抢 CPU，容器的配额是不是太小")
    return Finding(text)


def training_speed(name: str, config: Config, minutes: float, seconds: float) -> Finding:
    """训练 config 几秒，看一秒走几步；minutes 是写文档的机器（2 核 CPU）走完全程用的时间。"""
    runtime.set_device("auto")
    data = build_data(config, "train")
    method, batches = build_method(config, shapes_of(data)), training_batches(config, data)
    method.train_step(batches, 1)  # 第一步要分配内存，不算
    start, step = time.perf_counter(), 1
    while step < config.total_steps and time.perf_counter() - start < seconds:
        step += 1
        method.train_step(batches, step)
    rate = (step - 1) / (time.perf_counter() - start)
    needed = config.total_steps / rate / 60
    text = (
        f"{name}：{rate:.3g} 步/秒，全程约 {needed:.1f} 分钟（写文档的 2 核机器 {minutes:g} 分钟）"
    )
    if needed > SLOW * minutes:
        return Finding(text, "慢得多：看看别的程序在不在抢 CPU，线程用满了没有")
    return Finding(text)


def disk(folder: Path) -> list[Finding]:
    """训练目录所在的磁盘还有多少地方、写得了吗。"""
    place = next(path for path in (folder, *folder.resolve().parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    text = f"{folder}/ 所在的磁盘还有 {free / GIGABYTE:.1f} GB"
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"\0")
    except OSError as error:
        return [
            Finding(f"{text}，但写不了（{reason_of(error)}）", "用 --output 把训练目录换个位置")
        ]
    if free < LEAST_DISK:
        return [Finding(text, "不到 1 GB：腾一些地方，或用 --output 换个磁盘")]
    return [Finding(text)]
