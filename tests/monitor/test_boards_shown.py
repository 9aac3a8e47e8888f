"""VisualDL 上的图与直方图：不是正方形的彩色图原样读回来，接着训练时检查点那一步还在。"""

import io
import threading

import numpy as np
from PIL import Image
from visualdl import LogReader
from visualdl.io.bfile import LocalFileSystem

from paddle_gan.monitor.visualdl_board import FILE, VisualDLBoard

TALL = np.zeros((6, 4, 3), np.uint8)  # 高 6 宽 4：上半红，右下蓝，左下黑
TALL[:3], TALL[3:, 2:] = (255, 0, 0), (0, 0, 255)


def read(folder, kind: str, tag: str) -> list:
    return LogReader(file_path=str(folder / FILE)).get_data(kind, tag)


def test_visualdl_shows_a_tall_picture_upright_in_its_colours_at_its_step(tmp_path):
    board = VisualDLBoard(tmp_path)
    board.image("samples/fixed", 30, TALL)
    board.histogram("weights/D", 40, np.array([-0.9, 0.1, 0.2]), np.array([-1.0, 0.0, 1.0]))
    board.close()
    (picture,) = read(tmp_path, "image", "samples/fixed")
    shown = np.asarray(Image.open(io.BytesIO(picture.image.encoded_image_string)).convert("RGB"))
    assert picture.id == 30 and shown.shape == TALL.shape and (shown == TALL).all()
    (bars,) = read(tmp_path, "histogram", "weights/D")
    assert bars.id == 40


def test_after_a_resume_visualdl_still_has_the_picture_of_the_checkpoint(tmp_path):
    board = VisualDLBoard(tmp_path)
    for step in (1, 2, 3):
        board.image("samples/fixed", step, TALL)
    board.close()
    VisualDLBoard(tmp_path, step=2).close()
    assert [int(p.id) for p in read(tmp_path, "image", "samples/fixed")] == [1, 2]


def test_the_writing_thread_of_visualdl_says_nothing_in_english_of_its_own(
    tmp_path, capsys, monkeypatch
):
    board = VisualDLBoard(tmp_path)
    tried = threading.Event()

    def fail(*arguments):
        tried.set()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(LocalFileSystem, "_write", fail)
    while not tried.is_set():  # 它攒够了才写；这时主线程不在 _check 里
        board.text("甲", 0, "字" * 10_000)
    board.write(1, {"loss/D": 1.0})
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("写不进") == 1
