"""记录、词汇表与 VisualDL 视图：步数严格递增，恢复训练后没有重复的点，图像不被改坏。"""

import json
import sys

import numpy as np
import pytest
from tool_helpers import RAW, tiny_run
from visualdl import LogReader

from paddle_gan.errors import UserError
from paddle_gan.evaluation.scorers import SCORERS
from paddle_gan.monitor.explain import curve_of, explain
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.monitor.recorder import Recorder, is_histogram, read_records
from paddle_gan.monitor.visualdl_board import (
    FILE,
    VisualDLBoard,
    open_board,
    plain,
    repair,
    serve,
    split_records,
)


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


BAD_VALUES = ("NaN", "-Infinity", "1e999", "1e305", '"1.5"', "null", "true", "[1]", "[" * 100_000)


@pytest.mark.parametrize("value", BAD_VALUES, ids=lambda value: value[:9])
def test_a_value_that_is_no_number_is_a_damaged_line(value, tmp_path):
    path = tmp_path / "metrics.jsonl"
    bad = f'{{"step": 10, "loss/D": {value}}}\n'
    path.write_text('{"step": 5}\n' + bad + '{"step": 15}\n', encoding="utf-8")
    for read in (read_records, Recorder):
        with pytest.raises(UserError, match="第 2 行"):
            read(path)
    path.write_text('{"step": 5}\n' + bad, encoding="utf-8")
    assert read_records(path) == [{"step": 5}]


def test_histograms_are_records_too_but_only_where_they_belong(tmp_path):
    path, good = tmp_path / "h.jsonl", {"half": 0.1, "counts": [3, 0, 1]}
    Recorder(path).write(1, {"weights/D": good})
    before = path.read_bytes()
    Recorder(path, step=1)  # 恢复训练：一个字节也不变
    assert path.read_bytes() == before
    assert read_records(path, is_histogram) == [{"step": 1, "weights/D": good}]
    assert read_records(path) == []
    for bad in (1.0, {}, {"half": 0.1, "counts": []}, {"half": "0.1", "counts": [1]}, [1]):
        path.write_text(json.dumps({"step": 1, "weights/D": bad}) + "\n", encoding="utf-8")
        assert read_records(path, is_histogram) == []


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


def full_board(folder, steps=range(1, 7)):
    """每步一条曲线的点、一张图、一个直方图、一段诊断。"""
    board = VisualDLBoard(folder)
    board.hparams({"seed": 1}, ["loss/D"])
    for step in steps:
        board.write(step, {"loss/D": float(step)})
        board.image("samples/fixed", step, np.full((4, 4, 3), step, np.uint8))
        board.histogram("weights/D", step, np.arange(9.0), np.linspace(0, 9, 4))
        board.text("诊断", step, f"第 {step} 步")
    board.close()
    return folder / FILE


def steps_of(path, component, tag):
    return [int(point.id) for point in LogReader(file_path=str(path)).get_data(component, tag)]


def test_a_resume_keeps_the_pictures_before_the_checkpoint_and_drops_those_after_it(tmp_path):
    path = full_board(tmp_path)
    board = VisualDLBoard(tmp_path, [{"step": s, "loss/D": 0.0} for s in (1, 2, 3)], step=4)
    board.hparams({"seed": 1}, ["loss/D"])
    board.image("samples/fixed", 5, np.zeros((4, 4, 3), np.uint8))
    board.close()
    assert steps_of(path, "scalar", "loss/D") == [1, 2, 3]
    assert steps_of(path, "image", "samples/fixed") == [1, 2, 3, 4, 5]
    assert steps_of(path, "histogram", "weights/D") == [1, 2, 3, 4]
    assert steps_of(path, "text", "诊断") == [1, 2, 3, 4]
    for component, tag in (("text", "说明/loss/D"), ("hyper_parameters", "hparam")):
        assert len(steps_of(path, component, tag)) == 1


@pytest.mark.parametrize("lost", [1, 7, 8, 9, 300])
def test_a_log_cut_anywhere_is_repaired_to_its_last_complete_record(tmp_path, lost):
    path = full_board(tmp_path)
    whole, _ = split_records(path.read_bytes())
    path.write_bytes(path.read_bytes()[:-lost])
    before = path.stat().st_size
    said = repair(path)
    kept, good = split_records(path.read_bytes())
    assert good == path.stat().st_size < before
    where = f"从第 {good + 1} 字节起写坏了，截掉 {before - good} 字节"
    assert said.startswith(f"{where}，留下前面读得懂的 {len(kept)} 条记录")
    assert kept == whole[: len(kept)] and len(whole) - len(kept) <= 8
    steps = steps_of(path, "scalar", "loss/D")
    assert steps == list(range(1, len(steps) + 1)) and len(steps) >= 5
    assert repair(path) == ""


@pytest.mark.parametrize("content", [b"\x99" * 300, b"\x00", bytes(range(256)) * 9], ids=len)
def test_a_log_of_random_bytes_is_emptied_and_nothing_is_called_sound(content, tmp_path):
    path = tmp_path / FILE
    path.write_bytes(content)
    said = repair(path)
    assert "一条完整的记录也没有" in said and f"{len(content)} 字节全部截掉" in said
    assert "tools/report.py" in said and "完好" not in said and "留下" not in said
    assert path.read_bytes() == b"" and repair(path) == ""


def test_a_board_that_cannot_be_opened_is_mentioned_once_and_training_goes_on(tmp_path, capsys):
    (tmp_path / "vdl").write_text("这里应当是目录", encoding="utf-8")
    board = open_board(tmp_path / "vdl")
    board.write(1, {"loss/D": 1.0})
    board.close()
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert len(lines) == 1 and "训练照常进行" in lines[0] and "tools/report.py" in lines[0]
    assert said.out == ""


def test_without_visualdl_training_goes_on_and_says_how_to_look(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "visualdl", None)
    assert open_board(tmp_path) is None
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and "pip install visualdl" in lines[0]


@pytest.mark.parametrize("value", [2**63, "/data/\udcff"])
def test_a_setting_visualdl_cannot_hold_is_mentioned_once_and_the_curves_go_on(
    value, tmp_path, capsys
):
    board = VisualDLBoard(tmp_path)
    board.hparams({"value": value}, ["loss/D"])
    board.write(1, {"loss/D": 1.0})
    board.close()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and "超参数写不进 VisualDL" in lines[0] and "训练照常进行" in lines[0]
    assert steps_of(tmp_path / FILE, "scalar", "loss/D") == [1]


def test_a_log_that_stops_growing_is_mentioned_once_and_training_goes_on(tmp_path, capsys):
    board = VisualDLBoard(tmp_path)
    board.write(1, {"loss/D": 1.0})
    board.path = tmp_path / "写不进去的文件"
    for step in (2, 3):
        board.write(step, {"loss/D": 1.0})
    board.image("samples/fixed", 4, np.zeros((4, 4, 3), np.uint8))
    board.close()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("提示：") and "metrics.jsonl" in lines[0]


def test_the_board_is_told_to_stay_on_this_machine_and_to_report_nothing(monkeypatch):
    from visualdl.server import app, data_manager

    seen: list[str] = []
    monkeypatch.setattr(data_manager.default_data_manager, "_reservoirs", {})
    monkeypatch.setattr(app, "main", lambda: seen.extend(sys.argv))
    monkeypatch.setattr(sys, "argv", [])
    serve("8041", ["甲", "乙"])
    assert seen[:4] == ["visualdl", "--logdir", "甲", "乙"]
    assert [seen[seen.index(f"--{name}") + 1] for name in ("host", "port")] == ["127.0.0.1", "8041"]
    assert "--disable-telemetry" in seen


def test_settings_are_flattened_to_what_every_protobuf_accepts():
    nested = {"lr": 1e-3, "G": {"batch_norm": True, "channels": [1, 2], "x": None}, "n": "normal"}
    assert plain(nested) == {"lr": 1e-3, "G/batch_norm": 1, "G/channels": "[1, 2]", "n": "normal"}


@pytest.mark.parametrize("name", RAW)
def test_every_curve_a_training_records_is_explained(name):
    for record in read_records(tiny_run(name) / "metrics.jsonl"):
        for tag in record.keys() - {"step"}:
            assert curve_of(tag) and "健康：" in explain(tag), tag


def test_networks_of_the_same_role_share_an_explanation():
    assert curve_of("weights/D_X") is GLOSSARY["weights"]
    assert curve_of("weights/norm_scale_D_X") is GLOSSARY["weights/norm_scale"]
    assert curve_of("weights/at_clip") is GLOSSARY["weights/at_clip"]
    assert curve_of("没有这条曲线") is None and explain("没有这条曲线") == ""


def test_every_score_is_in_the_glossary_and_says_which_way_is_better():
    keys = [key for scorer in SCORERS.values() for key in scorer.keys]
    # 这几个量太大太小都不好，所以不能用来挑 best
    two_sided = {"memorisation/nearest_ratio", "memorisation/one_nn", "obedience/spread"}
    two_sided |= {"pixel_std", "edges", "reconstruction/edges"}
    two_sided |= {"fit/mean", "fit/std", "fit/std_ratio"}
    two_sided |= {"held_out/gap", "held_out/overfit", "restoration/edges"}
    two_sided |= {"sequences/entropy", "sequences/distinct4"}
    two_sided |= {f"poems/{key}" for key in ("pairing", "found2", "distinct2")}
    two_sided |= {"poems/copied3", "poems/repeats"}
    assert {key for key in keys if GLOSSARY[key].better == "neither"} == two_sided


def test_the_glossary_is_complete_chinese():
    for curve in GLOSSARY.values():
        for text in (curve.healthy, curve.danger):
            assert not text.isascii()
        assert curve.name and curve.formula
