"""训练循环每一步之后做的事：记损失、评估、画样本、存检查点、写记录、显示进度。

钩子的次序就是 hook(step, logs, record) 的调用次序：前面的往 record 里填，最后由 RecordHook 写下。
"""

import sys
from pathlib import Path

from tqdm import tqdm

from paddle_gan.data.image_files import write_png
from paddle_gan.engine import distributed
from paddle_gan.engine.checkpoint import Progress
from paddle_gan.engine.config import Config
from paddle_gan.engine.evaluate import Evaluator, is_better
from paddle_gan.engine.preview import Previewer


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
        record.update(self.latest)
        name = self.config.metrics.best
        if name and is_better(name, self.latest[name], self.best):
            self.best, self.improved = self.latest[name], True


class SampleHook:
    """每 sample_every 步和最后一步各画两张：固定噪声（看同一批 z 怎样变化）与新噪声。"""

    def __init__(self, config: Config, previewer: Previewer, folder: Path, board):
        self.config = config
        self.previewer, self.folder, self.board = previewer, folder, board

    def __call__(self, step, logs, record):
        if step % self.config.sample_every and step != self.config.total_steps:
            return
        for kind, image in (
            ("fixed", self.previewer.fixed()),
            ("fresh", self.previewer.fresh(step)),
        ):
            write_png(self.folder / f"{kind}_{step:07d}.png", image)
            if self.board:
                self.board.image(f"samples/{kind}", step, image)


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
        self.step = step  # 最近做完的一步

    def __call__(self, step, logs, record):
        self.step = step
        if self.evaluation.improved:
            self._save("best")
        if step % self.config.checkpoint_every == 0 or step == self.config.total_steps:
            self._save(f"step_{step:07d}")
            self.save_last()
            numbered = sorted(self.folder.glob("step_*.safetensors"))
            for old in numbered[: -self.config.keep_checkpoints]:
                if distributed.is_first():
                    old.unlink()

    def save_last(self) -> None:
        """存 last；--resume 从它继续。"""
        self._save("last")

    def _save(self, name: str) -> None:
        progress = Progress(self.step, self.batches.position, self.evaluation.best)
        self.save(self.folder / f"{name}.safetensors", progress)


class ProgressHook:
    """进度条：损失、速度、剩余时间；输出不是终端时不显示。"""

    def __init__(self, start: int, total_steps: int, batch_size: int):
        self.batch_size = batch_size
        self.bar = tqdm(
            total=total_steps,
            initial=start,
            unit="步",
            disable=not sys.stderr.isatty(),
            dynamic_ncols=True,
        )

    def __call__(self, step, logs, record):
        self.bar.update()
        if step % 10 == 0:
            shown = {k.removeprefix("loss/"): v for k, v in logs.items() if k.startswith("loss/")}
            rate = self.bar.format_dict["rate"] or 0.0
            self.bar.set_postfix({k: f"{v:.3g}" for k, v in shown.items()}, refresh=False)
            self.bar.set_description(f"{rate * self.batch_size:.0f} 图/秒", refresh=False)

    def close(self) -> None:
        """收起进度条。"""
        self.bar.close()
