"""VisualDL 视图；全项目只有这里导入 visualdl。

它由 metrics.jsonl 的同一批记录写成，可以随时重建。
"""

from pathlib import Path

import numpy as np

from paddle_gan.errors import UserError

FILE = "vdlrecords.main.log"  # 固定文件名：VisualDL 只显示目录里最新的那个文件，续写才不丢前半段


class VisualDLBoard:
    """一次训练一个目录、一个写入器。

    参数：
        logdir: 日志目录
        records: 恢复训练时已有的记录，先重写一遍，避免检查点之后的旧点重复出现
    """

    def __init__(self, logdir: Path, records: list[dict] = ()):
        try:
            from visualdl import LogWriter
        except ImportError as error:
            raise UserError(
                f"导入 visualdl 失败（{error}）；请 pip install visualdl，或写 -o visualdl=false"
            ) from None
        (logdir / FILE).unlink(missing_ok=True)
        self.writer = LogWriter(logdir=str(logdir), file_name=FILE)
        for record in records:
            self.write(record["step"], {k: v for k, v in record.items() if k != "step"})

    def write(self, step: int, values: dict[str, float]) -> None:
        """一条记录 → 每个名字一条曲线上的一个点。"""
        for name, value in values.items():
            self.writer.add_scalar(tag=name, value=float(value), step=int(step))

    def image(self, tag: str, step: int, image: np.ndarray) -> None:
        """一张 uint8 RGB 图 (H, W, C)；传副本，因为 VisualDL 会就地改数组。"""
        self.writer.add_image(tag=tag, img=image.copy(), step=int(step), dataformats="HWC")

    def text(self, tag: str, step: int, text: str) -> None:
        """一段文字；VisualDL 会把换行折叠，所以要短。"""
        self.writer.add_text(tag=tag, text_string=text, step=int(step))

    def close(self) -> None:
        """写完缓冲并关闭。"""
        self.writer.close()
