"""体检的 --gpu：把 paddle_gan/engine/gpu 里的每一项都做一遍，排成小节；多卡的另起进程。"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import _packages
import paddle

from paddle_gan.engine.amp import use_amp
from paddle_gan.engine.gpu import cards, losses, penalties, resume, speed
from paddle_gan.engine.gpu.small import Result, Small, furthest, small, verdict
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run.config import load_config
from paddle_gan.run.health import Finding

CONFIGS = _packages.ROOT / "configs"
# 方法 → 缩小哪个配置来查；不写的是它的第一个配置。wgan 不用数字的：BN 加 RMSProp，末位的差
# 20 步就放大到一半。dcgan 与 wgan_gp 不用头像的：图大，叠图也要时间
SHRUNK = {"dcgan": "dcgan_digits", "wgan": "wgan_ring", "wgan_gp": "wgan_gp_digits"}
SHRUNK |= {"gumbel_gan": "gumbel_markov"}
# 一项没有做成时飞桨与 CUDA 抛出的：内核、显存、驱动的错误，这个版本没有的接口；记成 ✗，后面的照做
FAILURES = (UserError, RuntimeError, ValueError, OSError, MemoryError, AttributeError)
SIDE = 8192  # 显卡上矩阵乘量峰值用的边长
PEAK_SECONDS, SPEED_SECONDS = 3.0, 2.0
LAUNCH = [sys.executable, "-W", "ignore", "-m", "paddle.distributed.launch"]
CARDS_SECONDS = 180  # 两张卡训练几步，连同启动最多这么久
# 两张卡各算一半再平均，只差加法的次序；有 BN 时同步的统计量也是
CARDS_TOLERANCE = 1e-4
CARDS_OPTIONS = ["total_steps=10", "log_every=1", "metrics={}", "board=[]"]
Check = Callable[[], Result]
Section = tuple[str, Iterable[tuple[str, Check]]]


def require_gpu() -> str:
    """第一张显卡的名字；没有能用的显卡时抛出 UserError。"""
    cuda = paddle.is_compiled_with_cuda()
    if cuda and paddle.device.cuda.device_count():
        return "gpu:0"
    if cuda:
        why = "装的是 GPU 版飞桨，但找不到显卡；请运行 nvidia-smi 看驱动"
    elif shutil.which("nvidia-smi"):
        why = "有 NVIDIA 的驱动，装的却是 CPU 版飞桨；请先 pip uninstall -y paddlepaddle，"
        why += "再 pip install -r requirements-gpu.txt"
    else:
        why = "这台机器没有 NVIDIA 的驱动，装的是 CPU 版飞桨；请换一台有 NVIDIA 显卡的机器，"
        why += "在那里 pip install -r requirements-gpu.txt"
    raise UserError(f"没有能用的 GPU，什么也没有查：{why}")


def sections(device: str, folder: Path, quick: bool) -> list[Section]:
    """（小节的名字，其中的每一项），按这个次序；folder 放临时的检查点，quick 时不量速度。"""
    each = {name: small(load_config(CONFIGS / f"{chosen(name)}.yml")) for name in METHODS}
    found: list[Section] = [
        ("损失与 CPU 的相同", per_method(each, losses.same_as_cpu, device)),
        ("混合精度", per_method(each, losses.mixed_precision, device)),
        ("梯度惩罚", per_method(each, penalties.right_penalty, device, penalties.PENALTIES)),
        ("接着训练", per_method(each, partial(resume.resumed, folder=folder), device)),
        (
            "混合精度接着训练",
            per_method(each, partial(resume.resumed, folder=folder, switch=use_amp), device),
        ),
        ("EMA", per_method(each, resume.averaged, device)),
        ("同步的 BN", per_method(each, cards.synchronised, device, ["dcgan"])),
        ("两张卡", [("两张卡", partial(two_cards, folder))]),
    ]
    return found if quick else [*found, ("速度与显存", speeds(device))]


def chosen(method: str) -> str:
    """查一个方法用哪个配置：SHRUNK 里写的，不然是以它的名字开头的第一个。"""
    paths = sorted(CONFIGS.glob(f"{method}*.yml"))
    found = (path.stem for path in paths if load_config(path).method == method)
    return SHRUNK.get(method) or next(found)


def per_method(each: dict[str, Small], check, device: str, names: Iterable[str] = METHODS):
    """每个方法做一遍 check。"""
    return [(name, partial(check, each[name], device)) for name in names]


def speeds(device: str) -> Iterable[tuple[str, Check]]:
    """先量矩阵乘的峰值，再把每个配置照原来的大小训练几秒；混合精度的峰值另量。"""
    peaks: dict[str, float] = {}

    def peak(dtype: str) -> Result:
        peaks[dtype] = speed.matmul_peak(device, SIDE, PEAK_SECONDS, dtype)
        tera = peaks[dtype] / 1e12
        return Result(Finding(f"矩阵乘 {tera:.1f} TFLOP/s（{dtype}）"), {"flops": peaks[dtype]})

    def train(name: str, dtype: str) -> Result:
        if dtype not in peaks:
            raise UserError(f"没有量出 {dtype} 的峰值，比不了")
        config = load_config(CONFIGS / f"{name}.yml")
        amp = dtype == "float16"
        return speed.training_speed(name, config, device, peaks[dtype], SPEED_SECONDS, amp)

    names = sorted(path.stem for path in CONFIGS.glob("*.yml"))
    for dtype in ("float32", "float16"):
        yield dtype, partial(peak, dtype)
        yield from ((name, partial(train, name, dtype)) for name in names)


def attempt(name: str, check: Check) -> Result:
    """做一项；没有做成是一条 ✗，不是结束。"""
    try:
        return check()
    except FAILURES as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = lines[-1] if lines else "没有说明"  # 飞桨把真正的原因写在最后一行
        text = f"{name}：没有做成（{type(error).__name__}：{said}）"
        return Result(Finding(text, "请附上这一页；先用 --device cpu 训练"), {})


def two_cards(folder: Path) -> Result:
    """有两张卡时，用启动器训练几步，损失与一张卡的相同。"""
    count = paddle.device.cuda.device_count()
    if count < 2:
        return Result(Finding(f"只有 {count} 张显卡，没有查多卡训练"), {"cards": count})
    return launched(folder, ["--gpus", "0,1"], ["--device", "gpu:0"])


def launched(
    folder: Path,
    launch: list[str],
    alone: list[str],
    config: str = "dcgan_digits",
    options: tuple[str, ...] = (),
) -> Result:
    """launch 那样启动两个进程训练 config 几步，与 alone 那样的一个进程比损失。"""
    command = ["tools/train.py", "-c", f"configs/{config}.yml"]
    for option in (*CARDS_OPTIONS, *options):
        command += ["-o", option]
    run([sys.executable, *command, "--output", str(folder / "alone"), *alone], folder)
    both = [*LAUNCH, "--log_dir", str(folder / "logs"), *launch, *command]
    run([*both, "--output", str(folder / "both")], folder)
    losses_of = [
        [{k: v for k, v in r.items() if k.startswith("loss/")} for r in records]
        for records in (read_records(folder / n / "metrics.jsonl") for n in ("alone", "both"))
    ]
    apart = furthest(*losses_of)
    text = f"{config}：两个进程 {len(losses_of[1])} 步的损失与一个进程最多相差 {apart:.2g}"
    text += f"（容差 {CARDS_TOLERANCE:g}）"
    numbers = {"apart": apart, "limit": CARDS_TOLERANCE}
    good = bool(losses_of[0]) and apart <= CARDS_TOLERANCE
    return verdict(text, "先用一张卡训练，并附上这一页", numbers, good)


def run(command: list[str], folder: Path) -> None:
    """在仓库里运行一条命令；不成时抛出 UserError，带上它最后一行话。"""
    # 启动器自己留下空目录；批的大小不同，显卡选的算法就不同，用 TF32 时差得多
    environment = os.environ | {"TMPDIR": str(folder), "NVIDIA_TF32_OVERRIDE": "0"}
    try:
        done = subprocess.run(
            command,
            cwd=_packages.ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=CARDS_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"训练 {CARDS_SECONDS} 秒还没有做完") from None
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip().splitlines()
        raise UserError(f"训练的退出码是 {done.returncode}：{said[-1] if said else '没有输出'}")
