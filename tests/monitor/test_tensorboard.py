"""TensorBoard 视图：把事件文件逐条读回来，与记录、图、直方图相同；没有装时说一句，训练照常。"""

import importlib.util
import io
import struct
import sys

import numpy as np
import pytest
from PIL import Image
from resume_cases import config_of

from paddle_gan.engine.boards import Boards, start_boards
from paddle_gan.engine.train import Trainer
from paddle_gan.monitor.explain import explain
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.tensorboard_board import TensorBoardBoard, open_tensorboard
from paddle_gan.run.run import Run

real = pytest.mark.skipif(
    importlib.util.find_spec("tensorboardX") is None,
    reason="没有装 tensorboardX；pip install -r requirements-dev.txt 之后再跑",
)


def events(folder) -> list:
    """全部事件文件里的事件，按文件的次序。一条 = 长度（8）+ 校验（4）+ 内容 + 校验（4）。"""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for path in sorted(folder.iterdir()):
        data, position = path.read_bytes(), 0
        while position < len(data):
            (length,) = struct.unpack_from("<Q", data, position)
            found.append(Event.FromString(data[position + 12 : position + 12 + length]))
            position += 16 + length
    return found


def values(folder) -> list[tuple]:
    """（步数，标签，值）。"""
    return [(int(e.step), v.tag, v) for e in events(folder) for v in e.summary.value]


def curve(folder, tag: str) -> list[tuple[int, float]]:
    return [(step, v.simple_value) for step, name, v in values(folder) if name == tag]


@real
def test_points_pictures_histograms_and_texts_read_back(tmp_path):
    board = TensorBoardBoard(tmp_path)
    board.write(3, {"loss/D": 0.25, "lr/G": 2e-4})
    picture = np.zeros((2, 3, 3), np.uint8)  # 高 2 宽 3
    picture[0, 2] = (255, 0, 0)  # 右上角是红的
    board.image("samples/fixed", 4, picture)
    board.image("samples/grey", 4, np.full((2, 3, 1), 7, np.uint8))
    board.histogram("weights/D", 5, np.array([-0.9, 0.1, 0.2]), np.array([-1.0, 0.0, 1.0]))
    board.text("诊断", 6, "模式崩溃")
    board.hparams({"lr": 1e-3, "network": {"generator": {"width": 8}}}, ["loss/D"])
    board.close()

    assert curve(tmp_path, "loss/D") == [(3, 0.25)]
    assert curve(tmp_path, "lr/G") == [(3, pytest.approx(2e-4))]
    found = {tag: (step, value) for step, tag, value in values(tmp_path)}
    assert found["loss/D"][1].metadata.summary_description == explain("loss/D")
    step, value = found["samples/fixed"]
    decoded = np.asarray(Image.open(io.BytesIO(value.image.encoded_image_string)))
    assert step == 4 and (decoded == picture).all()
    grey = Image.open(io.BytesIO(found["samples/grey"][1].image.encoded_image_string))
    assert (np.asarray(grey) == 7).all() and grey.size == (3, 2)
    step, value = found["weights/D"]
    assert step == 5 and value.histo.num == 3
    ends = dict(zip(value.histo.bucket_limit, value.histo.bucket))
    assert (ends[0.0], ends[1.0]) == (1, 2)
    texts = {
        tag: v.tensor.string_val[0].decode()
        for _, tag, v in values(tmp_path)
        if v.tensor.string_val
    }
    (diagnosis,) = [text for tag, text in texts.items() if tag.startswith("诊断")]
    (settings,) = [text for tag, text in texts.items() if tag.startswith("超参数")]
    assert diagnosis == "模式崩溃" and "| network/generator/width | 8 |" in settings


@real
def test_a_resume_purges_what_came_after_the_checkpoint(tmp_path):
    first = TensorBoardBoard(tmp_path)
    for step in (1, 2, 3):
        first.write(step, {"loss/D": float(step)})
    first.close()
    second = TensorBoardBoard(tmp_path, step=2)
    second.write(3, {"loss/D": 33.0})
    second.close()
    assert len(list(tmp_path.iterdir())) == 2  # 同一秒里也不盖掉前一个
    # TensorBoard 的规则：读到 START，就扔掉以前文件里这一步及以后的
    starts = [e.step for e in events(tmp_path) if e.HasField("session_log")]
    assert starts == [3]
    assert curve(tmp_path, "loss/D") == [(1, 1.0), (2, 2.0), (3, 3.0), (3, 33.0)]


@real
def test_a_training_writes_both_boards_with_the_same_curves(tmp_path):
    from visualdl import LogReader

    changes = {"total_steps": 6, "log_every": 2, "sample_every": 3, "visualdl": True}
    config = config_of("gan", board=["visualdl", "tensorboard"], **changes)
    Trainer(config, "cpu").run(tmp_path / "run")
    records = read_records(tmp_path / "run/metrics.jsonl")
    expected = [(r["step"], pytest.approx(r["loss/D"], rel=1e-6)) for r in records if "loss/D" in r]
    assert curve(tmp_path / "run/tensorboard", "loss/D") == expected
    log = LogReader(file_path=str(tmp_path / "run/vdl/vdlrecords.main.log"))
    assert [(int(p.id), p.value) for p in log.get_data("scalar", "loss/D")] == expected
    drawn = [
        step for step, tag, _ in values(tmp_path / "run/tensorboard") if tag == "samples/fixed"
    ]
    assert drawn == [3, 6]
    tags = {tag for _, tag, _ in values(tmp_path / "run/tensorboard")}
    assert {"surface/D", "weights/D", "lr/D", "lr/G"} <= tags
    assert any(tag.startswith("诊断") for tag in tags)


@real
def test_a_disk_that_is_full_is_mentioned_once_and_training_goes_on(tmp_path, capsys, monkeypatch):
    board = TensorBoardBoard(tmp_path)

    def full():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(board.writer, "flush", full)
    for step in (1, 2):
        board.write(step, {"loss/D": 1.0})
    board.close()
    (line,) = capsys.readouterr().err.splitlines()
    assert "TensorBoard 日志写不进" in line and "训练照常进行" in line


def test_a_missing_package_is_one_sentence_with_the_command_and_training_goes_on(
    tmp_path, capsys, monkeypatch
):
    for name in [n for n in sys.modules if n.split(".")[0] == "tensorboardX"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    assert open_tensorboard(tmp_path / "tensorboard") is None
    (line,) = capsys.readouterr().err.splitlines()
    assert "pip install tensorboardX" in line and "训练照常进行" in line
    config = config_of("gan", total_steps=2, board=["tensorboard"])
    assert Trainer(config, "cpu").run(tmp_path / "run")["status"] == "finished"
    assert capsys.readouterr().err.count("pip install tensorboardX") == 1


@real
def test_a_place_that_cannot_be_made_is_mentioned_and_training_goes_on(tmp_path, capsys):
    (tmp_path / "tensorboard").write_text("这里应当是目录", encoding="utf-8")
    assert open_tensorboard(tmp_path / "tensorboard") is None
    assert "TensorBoard 日志写不进" in capsys.readouterr().err


class Spy:
    """记下别人叫它做的事。"""

    def __init__(self):
        self.calls = []

    def write(self, *given):
        self.calls.append(("write", *given))

    def image(self, *given):
        self.calls.append(("image", *given))

    def histogram(self, *given):
        self.calls.append(("histogram", *given))

    def text(self, *given):
        self.calls.append(("text", *given))

    def hparams(self, *given):
        self.calls.append(("hparams", *given))

    def close(self):
        self.calls.append(("close",))


def test_every_board_is_told_everything_in_order():
    one, two = Spy(), Spy()
    boards = Boards([one, two])
    boards.hparams({"a": 1}, ["b"])
    boards.write(1, {"c": 2.0})
    boards.image("d", 2, "图")
    boards.histogram("e", 3, "数", "边")
    boards.text("f", 4, "话")
    boards.close()
    assert (
        one.calls
        == two.calls
        == [
            ("hparams", {"a": 1}, ["b"]),
            ("write", 1, {"c": 2.0}),
            ("image", "d", 2, "图"),
            ("histogram", "e", 3, "数", "边"),
            ("text", "f", 4, "话"),
            ("close",),
        ]
    )


def test_no_board_is_opened_unless_it_is_asked_for(tmp_path):
    assert start_boards(config_of("gan", board=[]), Run(tmp_path), 0) is None
    assert list(tmp_path.iterdir()) == []
