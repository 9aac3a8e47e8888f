"""把配置、目录和循环接起来：tools/train.py 与教程都从这里开始训练。"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from paddle_gan.data.prefetch import prepared_ahead
from paddle_gan.engine.amp import use_amp
from paddle_gan.engine.begin import Beginning
from paddle_gan.engine.boards import conclude, start_boards
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
from paddle_gan.engine.outcome import Outcome, way_out
from paddle_gan.engine.panels import GradientHook, PanelHook
from paddle_gan.engine.schedule import RateHook, rate_setter
from paddle_gan.engine.text_log import TextLog
from paddle_gan.evaluation.evaluate import Evaluator
from paddle_gan.evaluation.preview import Previewer
from paddle_gan.monitor.recorder import Recorder
from paddle_gan.run import distributed, runtime
from paddle_gan.run.augmenting import strength_of
from paddle_gan.run.build import (
    build_data,
    build_method,
    check_batch,
    shapes_of,
    training_batches,
)
from paddle_gan.run.checkpoint import Progress, save_checkpoint
from paddle_gan.run.config import Config
from paddle_gan.run.ema import Ema
from paddle_gan.run.epochs import resolve_epochs
from paddle_gan.run.finite import NonFinite
from paddle_gan.run.run import Run


class Trainer:
    """一次训练：构造时搭好并检查一切（还没有碰输出目录），run() 才开始写文件。

    用 paddle.distributed.launch 启动时，每个进程都这样做一遍；写文件的只有 0 号。

    参数：
        config: 完整的配置
        device: auto、cpu 或 gpu:0
    length 是步数怎样由 epochs 算来的，没有写 epochs 就是空串；beginning、outcome 管开头与结局，
    outcome 在 run() 里才有。
    """

    def __init__(self, config: Config, device: str = "auto"):
        self.device = runtime.set_device(device, config.deterministic)
        distributed.start(config.batch_size, self.device)
        self.train, self.test = build_data(config, "train"), build_data(config, "test")
        self.shapes = shapes_of(self.train)
        check_batch(config, self.shapes)
        self.config, self.length = resolve_epochs(config, self.train, self.shapes)
        self.method = build_method(self.config, self.shapes)
        distributed.join(self.method, self.device)
        if config.amp:
            use_amp(self.method, self.device)
        self.ema = Ema(self.method, config.ema) if config.ema else None
        self.strength = strength_of(self.method, config)
        self.evaluator = Evaluator(self.config, self.train, self.test)
        self.config = self.evaluator.config  # 去掉了用不了的指标
        self.beginning = Beginning(self.config, self.train, self.method, self.ema)
        self.outcome: Outcome | None = None

    def run(
        self,
        folder: Path,
        resume: bool = False,
        watch: tuple = (),
        allow_data_change: bool = False,
        say: Callable[[str], None] | None = None,
    ) -> dict:
        """训练到 total_steps，返回写进 run.json 的摘要。

        参数：
            folder, resume: 训练目录；是不是接着训练
            watch: 另外的钩子，例如教程留样本
            allow_data_change: 接着训练时数据变了也行
            say: 进度一行一行地交给它；train.log 里总有
        status 是 finished；或 interrupted（Ctrl-C、SIGTERM：已存好 last）；
        或 diverged（损失、梯度、权重或指标不再有限：不再存盘，message 说明哪一项、哪一步）。
        出了别的错照样抛出，run.json 里是 failed，见 outcome.py。
        """
        run = Run(folder)
        begin = self.beginning
        with ExitStack() as stack:
            stack.callback(run.lock.release)
            progress = begin.reopen(run, allow_data_change) if resume else begin.create(run)
            sequence = training_batches(self.config, self.train, progress.position)
            batches = stack.enter_context(prepared_ahead(sequence))
            evaluation = EvaluateHook(self.config, self.evaluator, self.method, progress.best)
            saver = CheckpointHook(
                self.config, run.checkpoints, self._save, batches, evaluation, progress.step
            )
            self.outcome = stack.enter_context(Outcome(saver, partial(self._write_info, run)))
            gradients = GradientHook(self.method, self.config.log_every, progress.step)
            hooks, board = [gradients, evaluation, saver], None
            if distributed.is_first():
                board, hooks = self._writers(run, progress, hooks, say, stack)
            first = [hook for hook in (self.ema, self.strength) if hook]
            hooks = [*first, saver.mark, *watch, *hooks, MeetHook(self.config)]
            summary = self._fit(batches, hooks, progress, saver)
            summary["metrics"] = evaluation.latest
            if distributed.is_first():
                summary["diagnosis"] = conclude(run, board, summary)
            self._write_info(run, **summary)
            self.outcome.note(summary)
        return summary

    def _writers(self, run: Run, progress: Progress, everywhere: list, say, stack: ExitStack):
        """写文件的进程的看板与全部钩子；everywhere 是每个进程都有的那几个。"""
        config = self.config
        gradients, evaluation, saver = everywhere
        self._write_info(run, status="running", step=progress.step)
        recorder = Recorder(run.metrics_file, progress.step)
        board = start_boards(config, run, progress.step)
        if board:
            stack.callback(board.close)
        bar = ProgressHook(progress.step, config.total_steps, config.batch_size)
        stack.callback(bar.close)
        log = TextLog(run.log_file, config, saver.batches, progress.step, say)
        self.outcome.log = log
        gallery = Gallery(run.samples, board)
        histograms = Recorder(run.histograms_file, progress.step)
        return board, [
            LossHook(config.log_every),
            RateHook(self.method, config.log_every),
            gradients,
            evaluation,
            PanelHook(config, self.method, self.test, gallery, histograms),
            SampleHook(config, Previewer(self.method, self.test, config.seed), gallery),
            RecordHook(recorder, board),
            saver,
            bar,
            log,
        ]

    def _write_info(self, run: Run, **extra) -> None:
        if distributed.is_first():
            run.write_info(self.config, self.shapes, self.device, **extra)

    def _save(self, path: Path, progress: Progress) -> None:
        save_checkpoint(path, self.method, progress, self.ema)

    def _fit(self, batches, hooks, progress: Progress, saver: CheckpointHook) -> dict:
        started = time.perf_counter()
        message = ""
        with stop_requested():  # 存 last 的时候，紧跟着的第二个 SIGTERM 不能打断它
            try:
                status = self._steps(batches, hooks, progress, saver)
            except NonFinite as error:
                status, message = "diverged", f"{error}；{way_out(self.config, saver.saved_step)}"
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
                set_rates=rate_setter(self.config, self.method),
            )
        except Stop:
            saver.save_last()
            return "interrupted"
        return "finished"
