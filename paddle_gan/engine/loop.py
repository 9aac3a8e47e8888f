"""训练循环：一步一步地跑，把每一步交给钩子；不认识任何具体的方法。"""

import signal
import threading
from collections.abc import Callable
from contextlib import contextmanager

from paddle_gan.run import distributed, runtime
from paddle_gan.run.finite import require_finite


class Stop(Exception):
    """用户要求停止（Ctrl-C 或 SIGTERM）；当前这一步已经完整做完。"""


def fit(
    method,
    batches,
    hooks,
    *,
    seed: int,
    start: int,
    total_steps: int,
    set_rates: Callable[[float], None] | None = None,
) -> None:
    """从第 start + 1 步训练到第 total_steps 步。

    参数：
        method: paddle_gan.methods 里的方法
        batches: 批序列（next(batches) 给出一批）
        hooks: 每一步之后依次调用 hook(step, logs, record)；record 是这一步要写下的记录，由钩子填
        seed: 配置里的种子；每一步的随机数由 (seed, step) 决定，与中断、画图、评估无关
        start: 已经做完的步数
        total_steps: 总步数
        set_rates: 每一步之前按训练进度（0 到 1）设学习率；默认是方法自己的
    非有限的损失抛出 NonFinite；Ctrl-C 与 SIGTERM 在一步做完之后抛出 Stop。
    """
    set_rates = set_rates or method.set_progress
    runtime.share_cores(method.networks.values())
    with stop_requested() as stopping:
        for step in range(start + 1, total_steps + 1):
            set_rates((step - 1) / total_steps)
            with distributed.draws(seed, step), method.updates.precision():
                # 只留浮点数：留着张量会拖住整张计算图，内存越用越多
                logs = {k: value.item() for k, value in method.train_step(batches, step).items()}
            logs, stop = distributed.agree(logs, stopping())
            require_finite(step, logs)

            record: dict[str, float] = {}
            for hook in hooks:
                hook(step, logs, record)
            if stop:
                raise Stop


@contextmanager
def stop_requested():
    """块内收到 SIGINT 或 SIGTERM 只记下来，等这一步做完；再按一次 Ctrl-C 立即退出。

    重复的 SIGTERM 不算：paddle.distributed.launch 停下时会隔一秒连发两次。
    信号只送到主线程；别的线程里的训练（演练场）由钩子抛出 Stop 来停。
    """
    received = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return

    def remember(number, frame):
        if received and number == signal.SIGINT:
            raise KeyboardInterrupt
        received.append(number)

    previous = {s: signal.signal(s, remember) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
