"""训练循环每一步之后做的事：记损失、评估、画样本、存检查点、写记录、显示进度。

钩子的次序就是 hook(step, logs, record) 的调用次序：前面的往 record 里填，最后由 RecordHook 写下。
"""

import sys
import threading
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

from paddle_gan.data.image_files import write_png
from paddle_gan.errors import notice, reason_of
from paddle_gan.evaluation.evaluate import Evaluator, is_better
from paddle_gan.evaluation.preview import Previewer
from paddle_gan.run import distributed
from paddle_gan.run.checkpoint import Progress
from paddle_gan.run.checkpoint_file import numbered_checkpoints
from paddle_gan.run.config import Config
from paddle_gan.run.finite import require_finite


class LossHook:
    """每 every 步把各项损失记进 record。"""

    def __init__(self, every: int):
        self.every = every

    def __call__(self, step, logs, record):
        if step % self.every == 0:
            record.update(logs)


class EvaluateHook:
    """每 metrics.every 步和最后一步评估一次；记住最好的一次。"""

    def __init__(self, config: Config, evaluator: Evaluator, method, best: float | None):
        self.config, self.evaluator, self.method = config, evaluator, method
        self.best = best
        self.improved = False
        self.latest: dict[str, float] = {}

    def __call__(self, step, logs, record):
        self.improved = False
        if step % self.config.metrics.every and step != self.config.total_steps:
            return
        if not self.evaluator.scorers:
            return
        self.latest = distributed.from_first(lambda: self.evaluator(self.method))
        require_finite(step, self.latest)
        record.update(self.latest)
        name = self.config.metrics.best
        if name and is_better(name, self.latest[name], self.best):
            self.best, self.improved = self.latest[name], True


class Gallery:
    """图画到哪里：训练目录的 samples/ 和看板。写不进磁盘时说一次，训练照常进行。"""

    def __init__(self, folder: Path, board):
        self.folder, self.board = folder, board
        self.broken = False

    def show(self, kind: str, tag: str, step: int, image: np.ndarray) -> None:
        """一张 uint8 图：存成 <kind>_<step>.png，看板上叫 tag。"""
        try:
            write_png(self.folder / f"{kind}_{step:07d}.png", image)
        except OSError as error:
            if not self.broken:
                notice(f"样本图写不进 {self.folder}（{reason_of(error)}）；训练照常进行")
            self.broken = True
        if self.board:
            self.board.image(tag, step, image)

    def histogram(self, tag: str, step: int, values: np.ndarray, edges: np.ndarray) -> None:
        """看板上的一个直方图。"""
        if self.board:
            self.board.histogram(tag, step, values, edges)


class SampleHook:
    """每 sample_every 步和最后一步各画两张：固定噪声（看同一批 z 怎样变化）与新噪声。"""

    def __init__(self, config: Config, previewer: Previewer, gallery: Gallery):
        self.config, self.previewer, self.gallery = config, previewer, gallery

    def __call__(self, step, logs, record):
        if step % self.config.sample_every and step != self.config.total_steps:
            return
        self.gallery.show("fixed", "samples/fixed", step, self.previewer.fixed())
        self.gallery.show("fresh", "samples/fresh", step, self.previewer.fresh(step))


class RecordHook:
    """把 record 写进 metrics.jsonl 和 VisualDL。"""

    def __init__(self, recorder, board):
        self.recorder, self.board = recorder, board

    def __call__(self, step, logs, record):
        if record:
            self.recorder.write(step, record)
            if self.board:
                self.board.write(step, record)


class CheckpointHook:
    """每 checkpoint_every 步和最后一步存 last 与带编号的检查点；指标最好时存 best。

    几个进程训练时每个进程都要有它：save(路径, 进度) 会收集各进程的状态，由 0 号写。
    """

    def __init__(self, config: Config, folder: Path, save, batches, evaluation, step: int):
        self.config, self.folder, self.save = config, folder, save
        self.batches, self.evaluation = batches, evaluation
        self.step, self.position = step, batches.position  # 最近做完的一步，那时取了几批
        self.saved_step = step  # last 是第几步的

    def mark(self, step, logs, record):
        """一步刚做完时的钩子：别的钩子还没有做，出了错也知道走到了哪里。"""
        self.step, self.position = step, self.batches.position

    def halfway(self) -> bool:
        """下一步已经取了数据：权重可能只更新了一部分。"""
        return self.batches.position != self.position

    def __call__(self, step, logs, record):
        self.mark(step, logs, record)
        if self.evaluation.improved:
            self._save("best")
        if step % self.config.checkpoint_every == 0 or step == self.config.total_steps:
            self._save(f"step_{step:07d}")
            self.save_last()
            numbered = numbered_checkpoints(self.folder)
            for old in numbered[: -self.config.keep_checkpoints]:
                if distributed.is_first():
                    old.unlink()

    def save_last(self) -> None:
        """存 last；--resume 从它继续。"""
        self._save("last")
        self.saved_step = self.step

    def _save(self, name: str) -> None:
        progress = Progress(self.step, self.position, self.evaluation.best)
        self.save(self.folder / f"{name}.safetensors", progress)


class ProgressHook:
    """进度条：损失、速度、剩余时间；输出不是终端、训练不在主线程里时不显示。"""

    def __init__(self, start: int, total_steps: int, batch_size: int):
        self.batch_size = batch_size
        shown = sys.stderr.isatty() and threading.current_thread() is threading.main_thread()
        self.bar = tqdm(
            total=total_steps,
            initial=start,
            unit="步",
            disable=not shown,
            dynamic_ncols=True,
        )
        # tqdm 看的是墙上的钟：对时把钟拨回一小时，进度条就停一小时。换成只会往前走的
        self.bar._time = time.monotonic
        self.bar.unpause()  # 起点也换成新的钟

    def __call__(self, step, logs, record):
        self.bar.update()
        if step % 10 == 0:
            shown = {k.removeprefix("loss/"): v for k, v in logs.items() if k.startswith("loss/")}
            rate = self.bar.format_dict["rate"] or 0.0
            self.bar.set_postfix({k: f"{v:.3g}" for k, v in shown.items()}, refresh=False)
            self.bar.set_description(f"{rate * self.batch_size:.0f} 样本/秒", refresh=False)

    def close(self) -> None:
        """收起进度条。"""
        self.bar.close()


class MeetHook:
    """0 号画样本、存检查点的那些步，别的进程在这里等它（见 distributed.from_first）。"""

    def __init__(self, config: Config):
        self.periods = (config.sample_every, config.checkpoint_every, config.metrics.every)
        self.last = config.total_steps

    def __call__(self, step, logs, record):
        if step == self.last or any(step % period == 0 for period in self.periods):
            distributed.from_first(lambda: None)
