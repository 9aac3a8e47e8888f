"""训练从哪里开始：新建目录（可以从给定的权重），或接着以前的训练。"""

from paddle_gan.data.base import Dataset
from paddle_gan.engine.schedule import rate_jumps
from paddle_gan.errors import UserError, notice
from paddle_gan.methods.base import Method
from paddle_gan.run import distributed
from paddle_gan.run.build import shapes_of
from paddle_gan.run.checkpoint import Progress, load_checkpoint
from paddle_gan.run.config import Config, resolve
from paddle_gan.run.data_record import describe_data
from paddle_gan.run.ema import Ema
from paddle_gan.run.initial import load_initial
from paddle_gan.run.resume import allowed_changes, reopen
from paddle_gan.run.run import Run


class Beginning:
    """一次训练的开头。

    参数：
        config, train: 完整的配置与训练数据
        method, ema: 要装入权重的方法与滑动平均（没有就是 None）
    """

    def __init__(self, config: Config, train: Dataset, method: Method, ema: Ema | None):
        self.config, self.train, self.method, self.ema = config, train, method, ema

    def load_initial(self) -> None:
        """配置写了 init 时装入那里的权重，说一声装了什么；EMA 也从它们开始。"""
        if self.config.init:
            said = load_initial(self.config.init, self.method)
            if self.ema:
                self.ema.restart()
            if distributed.is_first():
                notice(said)

    def create(self, run: Run) -> Progress:
        """新建训练目录，从第 0 步开始。"""
        self.load_initial()  # 先装：装不了时，目录还没有建
        self._say_unreached()
        distributed.from_first(lambda: run.create(self.config, self._data()))
        return Progress()

    def reopen(self, run: Run, allow_data_change: bool = False) -> Progress:
        """接着 run 训练：装回检查点，说清与上次有什么不同，写下新的设定。"""
        found = distributed.from_first(
            lambda: reopen(run, self.config, self._data(), shapes_of(self.train), allow_data_change)
        )
        progress = Progress()
        if found["name"] is None:
            self.load_initial()
        else:
            progress = load_checkpoint(run.checkpoint(found["name"]), self.method, ema=self.ema)
        if progress.step >= self.config.total_steps:
            raise UserError(
                f"{run.folder} 已经训练到第 {progress.step} 步；想继续请加 -o total_steps=更大的数"
            )
        if distributed.is_first():
            self._say_changes(resolve(found["old"]), progress.step)
            run.keep(self.config, self._data())
        return progress

    def _say_unreached(self) -> None:
        """第一段就把步数走完了的，说一声：第二段的网络还是初始的样子。"""
        key, total = self.method.first_stage_steps, self.config.total_steps
        length = self.config.hparams[key] if key else 0
        if length >= total and distributed.is_first():
            notice(
                f"总步数 {total:,} 不比 hparams.{key} = {length:,} 多，第二段一步也不走；"
                f"只想试试，请写 -o hparams.{key}={max(1, total // 2)}"
            )

    def _data(self) -> dict:
        return describe_data(self.config, self.train, self.method.batch_type)

    def _say_changes(self, old: Config, step: int) -> None:
        said = allowed_changes(old, self.config)
        if jumps := rate_jumps(old, self.config, self.method, step):
            said.append(f"第 {step + 1} 步起的学习率 {'、'.join(jumps)}")
        if said:
            notice(f"接着训练，与上次不同的是：{'；'.join(said)}")
