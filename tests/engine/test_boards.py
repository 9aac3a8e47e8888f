"""看板收到的：诊断写在停下的那一步；每一种看板都收到同样的东西。"""

from types import SimpleNamespace

import numpy as np

from paddle_gan.engine.boards import Boards, conclude


class Board:
    """记下收到的每一次调用。"""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *arguments: self.calls.append((name, *arguments))


def test_the_diagnosis_is_written_at_the_step_the_training_ended():
    asked, board = [], Board()
    found = SimpleNamespace(text=lambda: "正常", to_dict=lambda: {"verdict": "正常"})
    run = SimpleNamespace(diagnosis=lambda message: asked.append(message) or found)
    summary = {"message": "第 7 步的损失不是有限的数", "step": 7}
    assert conclude(run, Boards([board]), summary) == {"verdict": "正常"}
    assert board.calls == [("text", "诊断", 7, "正常")] and asked == [summary["message"]]
    assert conclude(run, None, summary) == {"verdict": "正常"}


def test_every_board_gets_the_same_in_the_same_order():
    one, two = Board(), Board()
    boards, image, values = Boards([one, two]), np.zeros((2, 3, 3), np.uint8), np.arange(3.0)
    boards.write(1, {"loss/D": 2.0})
    boards.image("samples/fixed", 2, image)
    boards.histogram("weights/D", 3, values, values)
    boards.text("诊断", 4, "好")
    boards.hparams({"lr": 1.0}, ["fd"])
    boards.close()
    assert (
        one.calls
        == two.calls
        == [
            ("write", 1, {"loss/D": 2.0}),
            ("image", "samples/fixed", 2, image),
            ("histogram", "weights/D", 3, values, values),
            ("text", "诊断", 4, "好"),
            ("hparams", {"lr": 1.0}, ["fd"]),
            ("close",),
        ]
    )
