"""TensorBoard 视图：与 visualdl_board.py 同样的几个函数；全项目只有这里导入 tensorboardX。

配置里写 board: [visualdl, tensorboard] 才有；看它要另外 pip install tensorboard，
再运行 tensorboard --logdir runs。写不了日志时说一次，训练照常进行。
不用 SummaryWriter：它在另一个线程里写，磁盘一满那个线程就没了，训练会停在满了的队列前。
"""

import time
from pathlib import Path

import numpy as np

from paddle_gan.errors import notice, reason_of
from paddle_gan.monitor.explain import explain
from paddle_gan.monitor.visualdl_board import plain

INSTEAD = "曲线仍在 metrics.jsonl"


class TensorBoardBoard:
    """一次训练一个目录；每次启动一个事件文件。

    参数：
        logdir: 日志目录
        step: 从第几步继续；TensorBoard 读到时，不再显示以前的文件里这一步以后的点与图
    """

    def __init__(self, logdir: Path, step: int = 0):
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto.event_pb2 import Event, SessionLog

        logdir.mkdir(parents=True, exist_ok=True)
        self.logdir, self.broken = logdir, False
        # 文件名里是秒：同一秒里停下又接着，也不盖掉前一个文件
        self.writer = EventsWriter(str(logdir / "events"), f".{step:07d}")
        self.event = Event
        if step:
            self._add(step + 1, session_log=SessionLog(status=SessionLog.START))

    def write(self, step: int, values: dict[str, float]) -> None:
        """一条记录 → 每个名字一条曲线上的一个点，说明写在曲线的描述里。"""
        from tensorboardX.summary import scalar

        for name, value in values.items():
            description = explain(name)
            self._add(step, summary=scalar(name, value, summary_description=description))

    def image(self, tag: str, step: int, image: np.ndarray) -> None:
        """一张 uint8 图 (H, W, C)，C 是 1 或 3（RGB）。"""
        from tensorboardX.summary import image as summary

        self._add(step, summary=summary(tag, image, dataformats="HWC"))

    def histogram(self, tag: str, step: int, values: np.ndarray, edges: np.ndarray) -> None:
        """一组数 values (N,) 的直方图，edges 是各格的边界。"""
        from tensorboardX.summary import histogram

        self._add(step, summary=histogram(tag, values, edges))

    def text(self, tag: str, step: int, text: str) -> None:
        """一段文字（Markdown）。"""
        from tensorboardX.summary import text as summary

        self._add(step, summary=summary(tag, text))

    def hparams(self, values: dict, metrics: list[str]) -> None:
        """超参数写成一张表；它自己的超参页要另开一个目录，把一次训练算成两次，所以不用。"""
        rows = [f"| {key} | {value} |" for key, value in plain(values).items()]
        self.text("超参数", 0, "\n".join(["| 键 | 值 |", "|---|---|", *rows]))

    def close(self) -> None:
        """写完并关闭。"""
        if not self.broken:
            self.writer.close()

    def _add(self, step: int, **content) -> None:
        if self.broken:
            return
        event = self.event(step=int(step), wall_time=time.time(), **content)
        try:
            self.writer.write_event(event)
            self.writer.flush()
        except OSError as error:
            self.broken = True
            reason = f"TensorBoard 日志写不进 {self.logdir}（{reason_of(error)}）"
            notice(f"{reason}；训练照常进行，{INSTEAD}")


def open_tensorboard(logdir: Path, step: int = 0) -> TensorBoardBoard | None:
    """打开看板；打不开时说一次为什么，返回 None，训练照常进行。"""
    try:
        return TensorBoardBoard(logdir, step)
    except ImportError as error:
        reason = f"导入 tensorboardX 失败（{error}）；要用它请 pip install tensorboardX"
    except OSError as error:
        reason = f"TensorBoard 日志写不进 {logdir}（{reason_of(error)}）"
    notice(f"{reason}；训练照常进行，{INSTEAD}")
    return None
