"""训练的结局写在哪里、写的是什么：哪一步、停下还是出错、存好的是第几步。"""

from types import SimpleNamespace

import pytest

from paddle_gan.engine.outcome import Outcome
from paddle_gan.errors import UserError
from paddle_gan.files import WriteError


class Saver:
    """走到第 step 步，last 是第 saved_step 步的；存不了时 broken 是抛出的错。"""

    def __init__(self, step: int, saved_step: int, half: bool = False, broken=None):
        self.step, self.saved_step, self.half, self.broken = step, saved_step, half, broken

    def save_last(self):
        if self.broken:
            raise self.broken
        self.saved_step = self.step

    def halfway(self):
        return self.half


def ended(saver: Saver, error: BaseException):
    """块里抛出 error 之后：（写进 run.json 的，写进 train.log 的，last 的进度）。"""
    written, noted = {}, []
    outcome = Outcome(saver, written.update)
    outcome.log = SimpleNamespace(note=noted.append)
    with pytest.raises(type(error)), outcome:
        raise error
    return written, noted, outcome.saved


def test_an_error_is_told_at_the_step_it_happened_not_at_the_saved_one():
    broken = Saver(7, 4, broken=OSError("没有地方"))
    written, noted, saved = ended(broken, ValueError("坏了"))
    assert written == {"status": "failed", "step": 7, "error": "ValueError：坏了"}
    assert noted == ["出错了：第 7 步，ValueError：坏了"] and saved == ""


@pytest.mark.parametrize(
    ("saver", "saved"),
    [
        (Saver(7, 4), "第 7 步"),
        (Saver(7, 7), "第 7 步"),
        (Saver(7, 4, half=True), "第 7 步，下一步已经做了一半"),
        (Saver(7, 7, half=True), "第 7 步"),
        (Saver(0, 0), ""),
    ],
)
def test_what_was_saved_is_told_with_its_step(saver, saved):
    told = ended(saver, UserError("缺了一张图"))[2]
    assert told.startswith(saved) and bool(told) == bool(saved)
    assert ("一半" in told) == ("一半" in saved)


def test_a_second_ctrl_c_stops_and_an_unwritable_disk_fails_and_neither_saves_again():
    stopped = Saver(7, 4)
    written, noted, saved = ended(stopped, KeyboardInterrupt())
    assert written["status"] == "interrupted" and noted[0].startswith("停下了：第 7 步，又按了一次")
    assert saved == "" and stopped.saved_step == 4
    full = Saver(7, 4)
    written, noted, saved = ended(full, WriteError("写不了 甲"))
    assert written["status"] == "failed" and noted[0].startswith("出错了：第 7 步，")
    assert saved == "" and full.saved_step == 4


@pytest.mark.parametrize(
    ("status", "said"), [("finished", "完成"), ("interrupted", "停下了"), ("diverged", "发散")]
)
def test_an_ending_without_an_error_is_one_line_with_its_step_and_time(status, said):
    outcome, noted = Outcome(Saver(7, 4), dict), []
    summary = {"status": status, "step": 7, "seconds": 200.0, "message": ""}
    outcome.note(summary)  # 没有 train.log：不写
    outcome.log = SimpleNamespace(note=noted.append)
    outcome.note(summary)
    outcome.note(summary | {"message": "损失不是有限的数"})
    line = f"{said}：第 7 步，3 分 20 秒"
    assert noted == [line, f"{line}；损失不是有限的数"]
