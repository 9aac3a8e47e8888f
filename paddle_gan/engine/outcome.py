"""训练怎样结束的，写进 run.json：出了错也存一次 last，不管怎样离开都不留下 "running"。"""

from collections.abc import Callable
from contextlib import suppress

from paddle_gan.engine.hooks import CheckpointHook
from paddle_gan.engine.text_log import TextLog, duration
from paddle_gan.errors import UserError, disk_sentence
from paddle_gan.files import WriteError
from paddle_gan.run import distributed
from paddle_gan.run.config import Config

# 出错之后再存，可能又出的错：磁盘、内存、飞桨（GPU 已经坏了）
SAVING_FAILS = (UserError, OSError, MemoryError, RuntimeError)
ENDINGS = {"finished": "完成", "interrupted": "停下了", "diverged": "发散", "failed": "出错了"}


class Outcome:
    """with 块里是训练；块里抛出的异常照样往外抛，只是先善后。

    参数：
        saver: 存检查点的钩子
        write: 写 run.json 的函数 write(status=…, step=…, error=…)
    log 是 train.log（见 text_log.py），有它就把结局也写一行。
    saved 是出错之后 last 里的进度，给人看的一句；没有可存的，或存不了，是空串。
    """

    def __init__(self, saver: CheckpointHook, write: Callable[..., None]):
        self.saver, self.write = saver, write
        self.log: TextLog | None = None
        self.saved = ""

    def note(self, summary: dict) -> None:
        """没有出错的结局，往 train.log 里写一行。"""
        if self.log:
            said = f"{ENDINGS[summary['status']]}：第 {summary['step']} 步"
            said += f"，{duration(summary['seconds'])}"
            self.log.note(f"{said}；{summary['message']}" if summary["message"] else said)

    def __enter__(self) -> "Outcome":
        return self

    def __exit__(self, kind, error, trace) -> None:
        if error is None:
            return
        status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        if status == "failed":
            self._rescue(error)
        with suppress(UserError):
            self.write(status=status, step=self.saver.step, error=sentence_of(error))
        if self.log:
            self.log.note(f"{ENDINGS[status]}：第 {self.saver.step} 步，{sentence_of(error)}")

    def _rescue(self, error: BaseException) -> None:
        # 几个进程一起才能存，别的进程可能还好好地在算；磁盘写不了的，再写也是白费
        if distributed.Team.size > 1 or isinstance(error, WriteError) or self.saver.step == 0:
            return
        half = ""
        if self.saver.step > self.saver.saved_step:
            with suppress(*SAVING_FAILS):
                self.saver.save_last()
            if self.saver.step > self.saver.saved_step:
                return
            if self.saver.halfway():
                half = "，下一步已经做了一半，接着训练与没有出过错的不再逐位相同"
        self.saved = f"第 {self.saver.step} 步{half}"


def way_out(config: Config, saved_step: int) -> str:
    """发散之后怎么办；saved_step 是最近的检查点，0 是还没有存过。"""
    rates = [f"hparams.{key}" for key in config.hparams if "lr" in key.split("_")]
    smaller = f"用 -o 把 {'、'.join(rates)} 改小"
    if not saved_step:
        return f"还没有存过检查点，没有可以接着的；请{smaller}，用 --output 换个目录从头训练"
    return (
        f"之前的检查点完好（第 {saved_step} 步）。可以{smaller}，加 --resume 从那里接着训练，"
        "或用 --output 另开一次"
    )


def sentence_of(error: BaseException) -> str:
    """一个异常，一句话。"""
    if isinstance(error, KeyboardInterrupt):
        return "又按了一次 Ctrl-C，没有等这一步做完"
    if isinstance(error, MemoryError):
        return "内存不够"
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return disk_sentence(error)
    return f"{type(error).__name__}：{error}"
