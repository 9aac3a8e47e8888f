"""一行行的进度：写进 train.log；没有终端时（nohup、重定向到文件）也印到标准输出。

每 log_every 步一行，但两行之间至少隔一秒；最后一步总有一行。
"""

import time
from collections.abc import Callable
from pathlib import Path

from paddle_gan.errors import notice, one_line, reason_of
from paddle_gan.run.config import Config

LEAST_SECONDS = 1.0  # 两行之间至少隔多久


class TextLog:
    """train.log，与训练循环的钩子。

    参数：
        path: train.log 的位置；接着训练时续写
        config: 完整的配置；用总步数、log_every 与批大小
        batches: 批序列，由它的 position 知道取了多少个样本
        start: 从第几步开始
        say: 每一行另外交给它（例如印出来）；不要就是 None
    """

    def __init__(
        self, path: Path, config: Config, batches, start: int, say: Callable[[str], None] | None
    ):
        self.path, self.config, self.batches, self.say = path, config, batches, say
        self.start, self.total = start, config.total_steps
        self.began = time.monotonic()
        self.last, self.seen = None, (self.began, batches.position)
        self.broken = False
        self.note(f"从第 {start} 步接着训练" if start else "开始训练")

    def __call__(self, step, logs, record):
        now = time.monotonic()
        early = self.last is not None and now - self.last < LEAST_SECONDS
        if step != self.total and (step % self.config.log_every or early):
            return
        self.last = now
        losses = [f"{name} {v:.3g}" for name, v in logs.items() if name.startswith("loss/")]
        pace = self._pace(step, now)
        line = self.note(" · ".join([f"第 {step}/{self.total} 步", *losses, *pace]))
        if self.say:
            try:
                self.say(line)
            except OSError:  # 终端关了，管道那一头走了：没有人看，训练照常进行
                self.say = None

    def note(self, text: str) -> str:
        """往 train.log 里写一行，返回它（前面加了钟点）；写不进时说一次，训练照常进行。"""
        line = f"{time.strftime('%m-%d %H:%M:%S')} {text}"
        try:
            with self.path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(one_line(line) + "\n")
        except OSError as error:
            if not self.broken:
                notice(f"写不了 {self.path}（{reason_of(error)}）；训练照常进行")
            self.broken = True
        return line

    def _pace(self, step: int, now: float) -> list[str]:
        """从上一行到现在的速度，与照这次启动以来的快慢还要多久。"""
        then, position = self.seen
        self.seen = now, self.batches.position
        samples = (self.batches.position - position) * self.config.batch_size
        left = (self.total - step) * (now - self.began) / (step - self.start)
        speed = f"{samples / max(now - then, 1e-9):.0f} 样本/秒"
        return [speed, f"还要 {duration(left)}"] if step < self.total else [speed]


def duration(seconds: float) -> str:
    """给人看的时间，最大的两个单位：3 分 20 秒、2 小时 5 分。"""
    whole = round(seconds)
    parts = [(whole // 86400, "天"), (whole // 3600 % 24, "小时")]
    parts += [(whole // 60 % 60, "分"), (whole % 60, "秒")]
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    return " ".join(f"{n} {unit}" for n, unit in parts[:2] if n or len(parts) == 1)
