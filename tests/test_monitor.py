"""记录、词汇表与 VisualDL 视图：步数严格递增，恢复训练后没有重复的点，图像不被改坏。"""

import numpy as np
import pytest
from visualdl import LogReader

from paddle_gan.engine.scorers import SCORERS
from paddle_gan.errors import UserError
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.monitor.recorder import Recorder, read_records
from paddle_gan.monitor.visualdl_board import FILE, VisualDLBoard


def test_records_read_back_as_written_with_full_precision(tmp_path):
    recorder = Recorder(tmp_path / "metrics.jsonl")
    recorder.write(1, {"loss/D": 0.1 + 0.2})
    recorder.write(7, {"loss/D": 1e-30})
    expected = [{"step": 1, "loss/D": 0.1 + 0.2}, {"step": 7, "loss/D": 1e-30}]
    assert read_records(tmp_path / "metrics.jsonl") == expected


def test_a_step_that_does_not_increase_is_refused(tmp_path):
    recorder = Recorder(tmp_path / "metrics.jsonl")
    recorder.write(3, {})
    with pytest.raises(AssertionError, match="3 → 3"):
        recorder.write(3, {})


def test_resuming_drops_records_after_the_checkpoint_and_a_half_written_last_line(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 5}\n{"step": 10}\n{"step": 15}\n{"st', encoding="utf-8")
    recorder = Recorder(path, step=10)
    recorder.write(11, {})
    assert [record["step"] for record in read_records(path)] == [5, 10, 11]


def test_a_damaged_middle_line_is_reported_with_its_number(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 5}\n不是记录\n{"step": 15}\n', encoding="utf-8")
    with pytest.raises(UserError, match="第 2 行"):
        read_records(path)


def test_a_number_that_is_not_finite_never_reaches_the_file(tmp_path):
    recorder = Recorder(tmp_path / "metrics.jsonl")
    with pytest.raises(ValueError):
        recorder.write(1, {"loss/D": float("nan")})
    assert read_records(tmp_path / "metrics.jsonl") == []


def test_visualdl_holds_every_point_once_also_after_a_resume(tmp_path):
    records = [{"step": step, "loss/D": step / 10} for step in range(1, 6)]
    board = VisualDLBoard(tmp_path)
    for record in [*records, {"step": 6, "loss/D": 0.6}]:  # 第 6 步在检查点之后，恢复时要消失
        board.write(record["step"], {"loss/D": record["loss/D"]})
    board.close()

    resumed = VisualDLBoard(tmp_path, records)
    resumed.write(6, {"loss/D": 0.66})
    resumed.close()

    points = LogReader(file_path=str(tmp_path / FILE)).get_data("scalar", "loss/D")
    assert [point.id for point in points] == [1, 2, 3, 4, 5, 6]
    assert [point.value for point in points] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.66])


def test_visualdl_does_not_change_the_image_it_is_given(tmp_path):
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    image.setflags(write=False)
    board = VisualDLBoard(tmp_path)
    board.image("samples/fixed", 1, image)
    board.close()
    data = LogReader(file_path=str(tmp_path / FILE)).get_data("image", "samples/fixed")
    assert len(data) == 1 and (image.ravel() == np.arange(48)).all()


def test_every_score_is_in_the_glossary_and_says_which_way_is_better():
    keys = [key for scorer in SCORERS.values() for key in scorer.keys]
    # 这两个量太大太小都不好，所以不能用来挑 best
    two_sided = {"memorisation/nearest_ratio", "memorisation/one_nn"}
    assert {key for key in keys if GLOSSARY[key].better == "neither"} == two_sided


def test_the_glossary_is_complete_chinese():
    for curve in GLOSSARY.values():
        for text in (curve.healthy, curve.danger):
            assert not text.isascii()
        assert curve.name and curve.formula
