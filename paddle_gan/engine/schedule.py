"""学习率怎样随训练进度走：配置里的 lr_schedule，或方法自己的（learning_rate_factor）。

p ∈ [0, 1) 是训练进度，s 是 decay_from，两种都从 s 开始降，降到 0：
    linear   (1 − p) / (1 − s)
    cosine   ½·(1 + cos(π·(p − s) / (1 − s)))，Loshchilov 与 Hutter（2017，arXiv:1608.03983）式 (5)
"""

import math
from collections.abc import Callable

from paddle_gan.methods.base import Method
from paddle_gan.run.config import Config

DECAY_FROM = 0.5  # 没有写 decay_from 时，从训练的一半开始降


def decay(config: Config, progress: float) -> float:
    """config.lr_schedule 在 progress 处的倍数。"""
    start = DECAY_FROM if config.decay_from is None else config.decay_from
    if config.lr_schedule == "constant" or progress <= start:
        return 1.0
    if config.lr_schedule == "linear":
        return (1.0 - progress) / (1.0 - start)
    return 0.5 * (1.0 + math.cos(math.pi * (progress - start) / (1.0 - start)))


def rate_setter(config: Config, method: Method) -> Callable[[float], None]:
    """按训练进度设学习率的函数；没有写 lr_schedule 时是方法自己的。"""
    if config.lr_schedule is None:
        return method.set_progress

    def set_rates(progress: float) -> None:
        # 总从最初的学习率算起，重复调用、恢复训练都不会叠加
        for player, optimizer in method.optimizers.items():
            rate = method.base_rates[player] * decay(config, progress)
            if optimizer.get_lr() != rate:
                optimizer.set_lr(rate)

    return set_rates


def rates_after(config: Config, method: Method, step: int) -> dict[str, float]:
    """照这份设定，第 step 步之后的那一步各方的学习率；已经训练完的，是最后一步的。

    每一方最初的学习率是 hparams.lr_<方> 或 hparams.lr；都没有的方法，是它现在用的。
    """
    progress = min(step, config.total_steps - 1) / config.total_steps
    own = config.lr_schedule is None
    factor = method.learning_rate_factor(progress) if own else decay(config, progress)
    written = config.hparams
    return {
        player: factor * written.get(f"lr_{player}", written.get("lr", now))
        for player, now in method.base_rates.items()
    }


def rate_jumps(old: Config, new: Config, method: Method, step: int) -> list[str]:
    """从第 step 步接着训练，换了设定使学习率跳了多少：["D 2e-06 → 0.0001", …]；不跳就是空的。"""
    before, after = (rates_after(config, method, step) for config in (old, new))
    return [
        f"{player} {before[player]:.3g} → {after[player]:.3g}"
        for player in after
        if not math.isclose(before[player], after[player], rel_tol=1e-9)
    ]


class RateHook:
    """每 every 步记下这一步各方用的学习率 lr/<方>。"""

    def __init__(self, method: Method, every: int):
        self.method, self.every = method, every

    def __call__(self, step, logs, record):
        if step % self.every == 0:
            for player, optimizer in self.method.optimizers.items():
                record[f"lr/{player}"] = optimizer.get_lr()
