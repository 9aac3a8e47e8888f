"""把配置、目录和循环接起来：tools/train.py 与教程都从这里开始训练。"""

import time
from contextlib import ExitStack
from pathlib import Path

from paddle_gan.data.prefetch import prepared_ahead
from paddle_gan.engine.amp import use_amp
from paddle_gan.engine.hooks import (
    CheckpointHook,
    EvaluateHook,
    Gallery,
    LossHook,
    MeetHook,
    ProgressHook,
    RecordHook,
    SampleHook,
)
from paddle_gan.engine.loop import Stop, fit, stop_requested
from paddle_gan.engine.panels import GradientHook, PanelHook, conclude, start_board
from paddle_gan.errors import UserError
from paddle_gan.evaluation.evaluate import Evaluator
from paddle_gan.evaluation.preview import Previewer
from paddle_gan.monitor.recorder import Recorder
from paddle_gan.run import distributed, runtime
from paddle_gan.run.build import (
    build_data,
    build_method,
    check_batch,
    shapes_of,
    training_batches,
)
from paddle_gan.run.checkpoint import Progress, load_checkpoint, save_checkpoint
from paddle_gan.run.config import Config
from paddle_gan.run.ema import Ema
from paddle_gan.run.finite import NonFinite
from paddle_gan.run.run import Run


class Trainer:
    """一次训练：构造时搭好并检查一切（还没有碰输出目录），run() 才开始写文件。

    用 paddle.distributed.launch 启动时，每个进程都这样做一遍；写文件的只有 0 号。

    参数：
        config: 完整的配置
        device: auto、cpu 或 gpu:0
    """

    def __init__(self, config: Config, device: str = "auto"):
        self.config = config
        self.device = runtime.set_device(device)
        distributed.start(config.batch_size, self.device)
        self.train, self.test = build_data(config, "train"), build_data(config, "test")
        self.shapes = shapes_of(self.train)
        check_batch(config, self.shapes)
        self.method = build_method(config, self.shapes)
        distributed.join(self.method, self.device)
        if config.amp:
            use_amp(self.method, self.device)
        self.ema = Ema(self.method, config.ema) if config.ema else None
        self.evaluator = Evaluator(config, self.train, self.test)
        self.config = self.evaluator.config  # 去掉了用不了的指标

    def run(self, folder: Path, resume: bool = False, watch: tuple = ()) -> dict:
        """训练到 total_steps，返回写进 run.json 的摘要；watch 是另外的钩子，例如教程留样本。

        status 是 finished；或 interrupted（Ctrl-C、SIGTERM：已存好 last）；
        或 diverged（损失、梯度、权重或指标不再有限：不再存盘，message 说明哪一项、哪一步）。
        """
        run = Run(folder)
        with ExitStack() as stack:
            stack.callback(run.release)
            progress = self._reopen(run) if resume else self._create(run)
            sequence = training_batches(self.config, self.train, progress.position)
            batches = stack.enter_context(prepared_ahead(sequence))
            evaluation = EvaluateHook(self.config, self.evaluator, self.method, progress.best)
            saver = CheckpointHook(
                self.config, run.checkpoints, self._save, batches, evaluation, progress.step
            )
            gradients = GradientHook(self.method, self.config.log_every, progress.step)
            everywhere, board = [gradients, evaluation, saver], None
            if distributed.is_first():
                board, everywhere = self._writers(run, progress, everywhere, stack)
            hooks = [self.ema] if self.ema else []
            hooks += [*watch, *everywhere, MeetHook(self.config)]
            summary = self._fit(batches, hooks, progress, saver)
            summary["metrics"] = evaluation.latest
            if distributed.is_first():
                summary["diagnosis"] = conclude(run, board, summary)
                run.write_info(self.config, self.shapes, self.device, **summary)
        return summary

    def _writers(self, run: Run, progress: Progress, everywhere: list, stack: ExitStack):
        """写文件的进程的看板与全部钩子；everywhere 是每个进程都有的那几个。"""
        config = self.config
        gradients, evaluation, saver = everywhere
        recorder = Recorder(run.metrics_file, progress.step)
        run.write_info(config, self.shapes, self.device, status="running", step=progress.step)
        board = start_board(config, run, progress.step)
        if board:
            stack.callback(board.close)
        bar = ProgressHook(progress.step, config.total_steps, config.batch_size)
        stack.callback(bar.close)
        gallery = Gallery(run.samples, board)
        histograms = Recorder(run.histograms_file, progress.step)
        return board, [
            LossHook(config.log_every),
            gradients,
            evaluation,
            PanelHook(config, self.method, self.test, gallery, histograms),
            SampleHook(config, Previewer(self.method, self.test, config.seed), gallery),
            RecordHook(recorder, board),
            saver,
            bar,
        ]

    def _save(self, path: Path, progress: Progress) -> None:
        save_checkpoint(path, self.method, progress, self.ema)

    def _fit(self, batches, hooks, progress: Progress, saver: CheckpointHook) -> dict:
        started = time.perf_counter()
        message = ""
        with stop_requested():  # 存 last 的时候，紧跟着的第二个 SIGTERM 不能打断它
            try:
                status = self._steps(batches, hooks, progress, saver)
            except NonFinite as error:
                status, message = "diverged", str(error)
        seconds = time.perf_counter() - started
        images = (batches.position - progress.position) * self.config.batch_size
        return {
            "status": status,
            "message": message,
            "step": saver.step,
            "seconds": round(seconds, 3),
            "images_per_second": round(images / seconds, 2),
        }

    def _steps(self, batches, hooks, progress: Progress, saver: CheckpointHook) -> str:
        """训练到 total_steps，或被要求停下，存好 last；返回 status。"""
        try:
            fit(
                self.method,
                batches,
                hooks,
                seed=self.config.seed,
                start=progress.step,
                total_steps=self.config.total_steps,
            )
        except Stop:
            saver.save_last()
            return "interrupted"
        return "finished"

    def _create(self, run: Run) -> Progress:
        distributed.from_first(lambda: run.create(self.config))
        return Progress()

    def _reopen(self, run: Run) -> Progress:
        name = distributed.from_first(lambda: run.reopen(self.config))
        if name is None:
            return Progress()
        progress = load_checkpoint(run.checkpoint(name), self.method, ema=self.ema)
        if progress.step >= self.config.total_steps:
            raise UserError(
                f"{run.folder} 已经训练到第 {progress.step} 步；想继续请加 -o total_steps=更大的数"
            )
        return progress
