"""VisualDL 视图；全项目只有这里导入 visualdl。

曲线由 metrics.jsonl 的同一批记录写成，可以随时重建；写不了日志时说一次，训练照常进行。
作为程序运行（python -m paddle_gan.monitor.visualdl_board 端口 目录…）就是看板的服务进程，
由 tools/dashboard.py 启动。
"""

import io
import os
import struct
import sys
import threading
import time
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

from paddle_gan.errors import UserError, notice, reason_of
from paddle_gan.files import write_atomic
from paddle_gan.monitor.explain import explain

FILE = "vdlrecords.main.log"  # 固定文件名：VisualDL 只显示目录里最新的那个文件，续写才不丢前半段
NOTES = "说明"  # 每条曲线的说明都在文本页的这一组
INSTEAD = "曲线仍在 metrics.jsonl，用 tools/report.py 看"
HEADER = struct.Struct("<Q")  # 一条记录 = 8 字节的长度 + 内容
IMPORT_FAILS = (ImportError, TypeError, AttributeError)  # 后两种：protobuf 或 NumPy 的版本不合


def require_visualdl() -> None:
    """VisualDL 能用，否则抛出 UserError。"""
    try:
        from visualdl import LogWriter  # noqa: F401
    except IMPORT_FAILS as error:
        raise UserError(
            f"导入 visualdl 失败（{error}）；请 pip install visualdl，或改用 tools/report.py"
        ) from None


def split_records(data: bytes) -> tuple[list[bytes], int]:
    """日志的全部完整记录，以及它们一共占多少字节（后面的是坏的）。"""
    from google.protobuf.message import DecodeError
    from visualdl.proto.record_pb2 import Record

    records, position = [], 0
    while len(data) >= position + HEADER.size:
        (length,) = HEADER.unpack_from(data, position)
        payload = data[position + HEADER.size : position + HEADER.size + length]
        try:
            if len(payload) < length or not Record.FromString(payload).values:
                break
        except DecodeError:
            break
        records.append(payload)
        position += HEADER.size + length
    return records, position


def repair(path: Path) -> str:
    """截掉日志从第一处读不懂的地方起的全部内容（断电、磁盘满）。

    返回接在“某某的日志”后面的一句话；不用截时是空串。

    不截的话 VisualDL 一读到它就整个退出，别的训练也看不了。
    """
    data = path.read_bytes()
    records, good = split_records(data)
    lost = len(data) - good
    if not lost:
        return ""
    os.truncate(path, good)
    if not records:
        return f"里一条完整的记录也没有，{lost} 字节全部截掉了，看板上没有它；{INSTEAD}"
    left = f"留下前面读得懂的 {len(records)} 条记录"
    return f"从第 {good + 1} 字节起写坏了，截掉 {lost} 字节，{left}；{INSTEAD}"


def rewind(path: Path, step: int) -> None:
    """恢复训练之前：只留第 step 步及以前的图、直方图和诊断。

    曲线、说明和超参数由新的写入器重写，检查点之后的旧点就不会出现两次。
    """
    from visualdl.proto.record_pb2 import Record

    kept = []
    for payload in split_records(path.read_bytes())[0]:
        value = Record.FromString(payload).values[0]
        rewritten = value.WhichOneof("one_value") in ("value", "hparam")
        if not rewritten and not value.tag.startswith(NOTES) and value.id <= step:
            kept.append(HEADER.pack(len(payload)) + payload)
    write_atomic(path, b"".join(kept))


class VisualDLBoard:
    """一次训练一个目录、一个写入器。

    参数：
        logdir: 日志目录
        records: 恢复训练时已有的记录，曲线由它们重写
        step: 从第几步继续；这一步以后的旧图会被删掉
    """

    def __init__(self, logdir: Path, records: list[dict] = (), step: int = 0):
        from visualdl import LogWriter
        from visualdl.writer import record_writer

        # 写不进去时，它的写入线程随时会印两句英文；写没写进去由 _check 来说
        record_writer.print = lambda *said: None
        self.path = logdir / FILE
        self.broken, self.explained = False, set()
        self.clock = 0  # 上一条记录的时刻，毫秒
        if self.path.exists():
            rewind(self.path, step)
        self.size = self._size()
        with redirect_stdout(io.StringIO()):  # 续写时它也会打印一句英文
            self.writer = LogWriter(logdir=str(logdir), file_name=FILE)
        for record in records:
            self._scalars(record["step"], {k: v for k, v in record.items() if k != "step"})
        self._check()

    def write(self, step: int, values: dict[str, float]) -> None:
        """一条记录 → 每个名字一条曲线上的一个点；顺便检查写进去了没有。"""
        self._scalars(step, values)
        self._check()

    def image(self, tag: str, step: int, image: np.ndarray) -> None:
        """一张 uint8 RGB 图 (H, W, C)；传副本，因为 VisualDL 会就地改数组。"""
        self._note(tag)
        self._add("image", tag=tag, img=image.copy(), step=int(step), dataformats="HWC")

    def histogram(self, tag: str, step: int, values: np.ndarray, edges: np.ndarray) -> None:
        """一组数 values (N,) 的直方图，edges 是各格的边界。"""
        self._note(tag)
        self._add("histogram", tag=tag, values=values, step=int(step), buckets=edges)

    def text(self, tag: str, step: int, text: str) -> None:
        """一段文字；VisualDL 会把换行折叠，所以要短。"""
        self._add("text", tag=tag, text_string=text, step=int(step))

    def embedding(self, tag: str, rows: list, labels: dict[str, list[str]]) -> None:
        """一批特征 (n, d)，n > d；labels 是每行的几种标签，页面按它们上色。"""
        mat, heads = [list(map(float, row)) for row in rows], list(labels)
        columns = list(labels.values())
        self._add("embeddings", tag=tag, mat=mat, metadata=columns, metadata_header=heads)

    def hparams(self, values: dict, metrics: list[str]) -> None:
        """超参数与要并排看的指标；嵌套的设定摊平成 generator/width 这样的名字。

        VisualDL 收不下的（超出 64 位的整数、编不成 UTF-8 的路径）说一次，曲线照常画。
        """
        try:
            self._add("hparams", hparams_dict=plain(values), metrics_list=metrics)
        except ValueError as error:
            notice(f"超参数写不进 VisualDL（{error}）；训练照常进行")

    def close(self) -> None:
        """写完缓冲并关闭。"""
        self.writer.close()

    def _scalars(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._note(name)
            self._add("scalar", tag=name, value=float(value), step=int(step))

    def _note(self, tag: str) -> None:
        """第一次出现的曲线，在文本页写一段说明。"""
        if tag not in self.explained:
            self.explained.add(tag)
            if explain(tag):
                self.text(f"{NOTES}/{tag}", 0, explain(tag))

    def _add(self, kind: str, **arguments) -> None:
        adders = {
            "scalar": self.writer.add_scalar,
            "image": self.writer.add_image,
            "histogram": self.writer.add_histogram,
            "text": self.writer.add_text,
            "hparams": self.writer.add_hparams,
            "embeddings": self.writer.add_embeddings,
        }
        # 系统的钟被拨回去时，看板上的时间轴也不往回走
        self.clock = max(self.clock, round(time.time() * 1000))
        if not self.broken:
            adders[kind](walltime=self.clock, **arguments)

    def _check(self) -> None:
        """VisualDL 在另一个线程里写，写不进去也不报错；文件没有变长就是没写进去。"""
        if self.broken:
            return
        self.writer.flush()
        if self._size() <= self.size:
            self.broken = True
            notice(f"VisualDL 日志写不进 {self.path}；训练照常进行，{INSTEAD}")
        self.size = self._size()

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0


def open_board(logdir: Path, records: list[dict] = (), step: int = 0) -> VisualDLBoard | None:
    """打开看板；打不开时说一次为什么，返回 None，训练照常进行。"""
    try:
        return VisualDLBoard(logdir, records, step)
    except IMPORT_FAILS as error:
        reason = f"导入 visualdl 失败（{error}）；可以 pip install visualdl"
    except (OSError, UserError) as error:
        reason = f"VisualDL 日志写不进 {logdir}（{reason_of(error)}）"
    notice(f"{reason}；训练照常进行，{INSTEAD}")
    return None


def plain(values: dict, prefix: str = "") -> dict[str, int | float | str]:
    """嵌套的设定摊平；布尔写成 0 和 1（新版 protobuf 不收布尔），列表写成文字，None 不写。"""
    flat = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= plain(value, f"{prefix}{key}/")  # 不能用点：超参页的表格会显示成空白
        elif isinstance(value, bool):
            flat[prefix + key] = int(value)
        elif value is not None:
            flat[prefix + key] = value if isinstance(value, (int, float, str)) else str(value)
    return flat


def exit_with_parent() -> None:
    """标准输入是 tools/dashboard.py 那一头的管道：它没了（哪怕是 SIGKILL）就读到头，不占着端口。"""
    sys.stdin.buffer.read()
    os._exit(0)


def serve(port: str, logdirs: list[str]) -> None:
    """在 127.0.0.1 上提供看板，直到进程结束：中文，不上报使用情况，不限每条曲线的点数与图数。"""
    from visualdl.server import data_manager
    from visualdl.server.app import main

    threading.Thread(target=exit_with_parent, daemon=True).start()
    try:
        for reservoir in data_manager.default_data_manager._reservoirs.values():
            reservoir._max_size = 0  # 0 是不限；默认每个标签只留 10 张图、1000 个点
    except AttributeError:
        notice("这个版本的 VisualDL 不能放宽上限，每个标签只显示 10 张图")
    options = ["--host", "127.0.0.1", "--port", port, "--language", "zh", "--disable-telemetry"]
    sys.argv = ["visualdl", "--logdir", *logdirs, *options]
    main()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
