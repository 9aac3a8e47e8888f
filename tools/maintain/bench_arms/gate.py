"""参赛者与裁判之间的一道门：裁判每次放行若干步，参赛者报告每步几秒；没有放行时它静静等着。"""

import json
import resource
import sys
import time

START = time.perf_counter()
WARM_UP = 2  # 先空跑几步，不计时


class Gate:
    """每一步开始时调用一次；每 steps 步报告一行 JSON，再等裁判的下一行。"""

    def __init__(self, steps: int):
        self.steps, self.count, self.begin = steps, -WARM_UP, 0.0
        self.inside = 0.0  # 这一轮花在 train_step 里的秒数，由参赛者累加

    def __call__(self) -> None:
        if self.count == -WARM_UP:
            self.startup = time.perf_counter() - START  # 第一步之前的秒数，含导入
        if self.count >= 0 and self.count % self.steps == 0:
            seconds = (time.perf_counter() - self.begin) / self.steps if self.count else None
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            report = {"step": seconds, "inside": self.inside / self.steps}
            print(json.dumps(report | {"startup": self.startup, "peak_mb": peak}))
            sys.stdout.flush()
            if not sys.stdin.readline():  # 裁判走了
                raise SystemExit
            self.begin, self.inside = time.perf_counter(), 0.0
        self.count += 1
