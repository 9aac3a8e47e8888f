"""停下再接着训练，与一口气训练的相同；EMA 与公式的相同。"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from paddle_gan.engine.gpu.small import (
    Result,
    Small,
    build_on,
    exact,
    furthest,
    train,
    verdict,
    weights_of,
)
from paddle_gan.methods.base import Method
from paddle_gan.run.checkpoint import load_checkpoint, save_checkpoint
from paddle_gan.run.ema import Ema, generator_tensors

DECAY = 0.3  # 检查 EMA 用的 β；开头几步另用小一些的，从第 3 步起才是它
# 显卡上有的反向用原子加法，一口气训练两遍自己就不逐位相同；这时允许的差是两遍之差的几倍
SPREADS = 10
LEAST = 1e-6  # 两遍碰巧很接近时，至少允许这么多：float32 的几个末位
EMA_TOLERANCE = 1e-5  # 公式用双精度算，每步舍入一次 float32（6e-8），几十步


def plain(method: Method, device: str) -> None:
    """不用混合精度。"""


def resumed(
    small: Small,
    device: str,
    folder: Path,
    switch: Callable[[Method, str], None] = plain,
    load: Callable = load_checkpoint,
) -> Result:
    """一半时存下，装进另一个种子的方法接着走完：损失、权重、EMA 都要与一口气走完的相同。"""
    half = small.config.total_steps // 2
    with exact(device):
        first, again = (run_through(small, device, switch) for _ in range(2))
        path = folder / "half.safetensors"
        method, ema = begin(small, device, switch)
        _, progress = train(small, method, device, stop=half, hooks=(ema,))
        save_checkpoint(path, method, progress, ema)
        other = small.config.model_copy(update={"seed": small.config.seed + 1})
        fresh, ema = begin(replace(small, config=other), device, switch)
        progress = load(path, fresh, ema=ema)
        rest, _ = train(small, fresh, device, start=progress, hooks=(ema,))
    got = rest, final(fresh, ema)
    spread = apart(first, again, half)
    limit = max(SPREADS * spread, LEAST) if spread else 0.0
    difference = apart(first, got, half)
    rule = f"容差 {limit:.2g}，一口气的两遍自己差 {spread:.2g}" if spread else "要逐位相同"
    text = (
        f"{small.config.method}：第 {half} 步停下再接着，与一口气的相差 {difference:.2g}（{rule}）"
    )
    numbers = {"apart": difference, "limit": limit, "spread": spread}
    advice = f"在 {device} 上不要用 --resume，并附上这一页"
    return verdict(text, advice, numbers, difference <= limit)


def begin(small: Small, device: str, switch) -> tuple[Method, Ema]:
    """建好方法与 EMA。"""
    method = build_on(small, device)
    switch(method, device)
    return method, Ema(method, DECAY)


def run_through(small: Small, device: str, switch) -> tuple[list, dict[str, np.ndarray]]:
    """一口气走完：每一步的损失，最后的权重与 EMA。"""
    method, ema = begin(small, device, switch)
    logged, _ = train(small, method, device, hooks=(ema,))
    return logged, final(method, ema)


def final(method: Method, ema: Ema) -> dict[str, np.ndarray]:
    """最后的权重与 EMA。"""
    return weights_of(method) | {f"ema/{n}": t.numpy().copy() for n, t in ema.average.items()}


def apart(one: tuple, other: tuple, half: int) -> float:
    """后一半的损失、最后的权重里相差最大的；逐位相同时是 0。"""
    losses = furthest(*(logged[-half:] for logged, _ in (one, other)))
    weights = [np.abs(array - other[1][name]).max() for name, array in one[1].items()]
    return float(np.max([losses, *weights]))


def averaged(small: Small, device: str, make: Callable[[Method, float], Ema] = Ema) -> Result:
    """EMA 与由每一步的权重用双精度算出来的相同。"""
    method = build_on(small, device)
    ema = make(method, DECAY)
    live = generator_tensors(method)
    learnable = {p.name for p in method.parameters(method.generators) if p.trainable}
    expected = {name: tensor.numpy().astype(np.float64) for name, tensor in live.items()}

    def follow(step, logs, record):
        beta = min(DECAY, (1 + step) / (10 + step))
        for name, tensor in live.items():
            keep = beta if tensor.name in learnable else 0.0
            # θ̄ ← β·θ̄ + (1 − β)·θ；BN 的统计量照抄
            expected[name] = keep * expected[name] + (1 - keep) * tensor.numpy()

    train(small, method, device, hooks=(ema, follow))
    off = float(np.max([np.abs(ema.average[n].numpy() - e).max() for n, e in expected.items()]))
    text = f"{small.config.method}：EMA 与公式相差 {off:.1g}（容差 {EMA_TOLERANCE:g}）"
    numbers = {"apart": off, "limit": EMA_TOLERANCE}
    return verdict(text, "训练时去掉 ema，并附上这一页", numbers, off <= EMA_TOLERANCE)
