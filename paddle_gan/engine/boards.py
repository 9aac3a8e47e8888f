"""看板：配置里的 board 要哪几种就写哪几种；开始时写下超参数，结束时写下诊断。"""

import numpy as np

from paddle_gan.evaluation.scorers import SCORERS
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.tensorboard_board import open_tensorboard
from paddle_gan.monitor.visualdl_board import open_board
from paddle_gan.run.config import Config
from paddle_gan.run.run import Run


class Boards:
    """几种看板一起写；每一种都有这几个函数。"""

    def __init__(self, boards: list):
        self.boards = boards

    def write(self, step: int, values: dict[str, float]) -> None:
        """一条记录 → 每个名字一条曲线上的一个点。"""
        for board in self.boards:
            board.write(step, values)

    def image(self, tag: str, step: int, image: np.ndarray) -> None:
        """一张 uint8 图 (H, W, C)。"""
        for board in self.boards:
            board.image(tag, step, image)

    def histogram(self, tag: str, step: int, values: np.ndarray, edges: np.ndarray) -> None:
        """一组数 values (N,) 的直方图，edges 是各格的边界。"""
        for board in self.boards:
            board.histogram(tag, step, values, edges)

    def text(self, tag: str, step: int, text: str) -> None:
        """一段文字。"""
        for board in self.boards:
            board.text(tag, step, text)

    def hparams(self, values: dict, metrics: list[str]) -> None:
        """超参数与要并排看的指标。"""
        for board in self.boards:
            board.hparams(values, metrics)

    def close(self) -> None:
        """写完并关闭。"""
        for board in self.boards:
            board.close()


def start_boards(config: Config, run: Run, step: int) -> Boards | None:
    """打开这次训练的看板，写下超参数；配置不要，或都写不了时为 None。"""
    opened = []
    if "visualdl" in config.board:
        opened.append(open_board(run.vdl, read_records(run.metrics_file), step))
    if "tensorboard" in config.board:
        opened.append(open_tensorboard(run.folder / "tensorboard", step))
    boards = Boards([board for board in opened if board])
    if not boards.boards:
        return None
    scores = [key for name in config.metrics.names for key in SCORERS[name].keys]
    named = config.model_dump(mode="json", include={"method", "batch_size", "total_steps", "seed"})
    boards.hparams(
        named | config.hparams | config.network | {"data": config.data}, [*scores, "diversity"]
    )
    return boards


def conclude(run: Run, boards: Boards | None, summary: dict) -> dict:
    """训练结束时的诊断：写到看板上，并返回写进 run.json 的字典。"""
    diagnosis = run.diagnosis(summary["message"])
    if boards:
        boards.text("诊断", summary["step"], diagnosis.text())
    return diagnosis.to_dict()
