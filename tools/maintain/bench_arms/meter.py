"""一只表：一个参赛者先热身，再连续跑若干秒，报告每步几秒，然后结束它的进程。

连续地跑：停下来等别人的参赛者，量到的是“刚醒过来”的快慢，不是训练的快慢。
"""

import json
import resource
import sys
import time

START = time.perf_counter()
WARM_UP = 3.0  # 秒；造原语、占内存、把核跑热
FEWEST = 5  # 至少跑这么多步


class Meter:
    """每一步开始时调用一次；热身之后跑满 seconds 秒，打印一行 JSON，抛出 SystemExit。"""

    def __init__(self, seconds: float):
        self.seconds, self.steps, self.begin = seconds, 0, 0.0
        self.first = None  # 第一步开始的时刻
        self.inside = 0.0  # 花在 train_step 里的秒数，由参赛者累加

    def __call__(self) -> None:
        now = time.perf_counter()
        if self.first is None:
            self.first = now
        if not self.begin:
            if now - self.first >= min(WARM_UP, self.seconds):
                self.begin, self.inside = now, 0.0
            return
        self.steps += 1
        if now - self.begin >= self.seconds and self.steps >= FEWEST:
            self.report(now - self.begin)
            raise SystemExit

    def report(self, seconds: float) -> None:
        """每步秒数，其中 train_step 里的；第一步之前的秒数（含导入）；最多占过的内存。"""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        step, inside = seconds / self.steps, self.inside / self.steps
        report = {"step": step, "inside": inside, "startup": self.first - START, "peak_mb": peak}
        print(json.dumps(report))
        sys.stdout.flush()
