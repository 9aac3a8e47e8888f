"""代价怎样涨的工具：斜率、汇总、窗口与表算得对，每个点都搭得起来；快慢不在测试里量。"""

import json

import cv2
import numpy as np
import pytest
from tool_helpers import load_tool, run_tool

growth = load_tool("bench_growth")
arm = load_tool("bench_arms.growth_arm")


RANGE = {"lowest": 0.001, "highest": 0.1}
LONG = {"median": 0.001, "mean": 0.001, "cpu": 0.001, "resident_mb": 300.0, "handles": 9}


def curve(power, xs=(8, 16, 64)):
    return {str(x): {"step": 0.001 * x**power, "memory_mb": 50.0, **RANGE} for x in xs}


@pytest.mark.parametrize("power", [0, 1, 2, -0.5])
def test_the_slope_is_the_power_of_the_law(power):
    assert growth.slope(curve(power), "step") == pytest.approx(power, abs=1e-3)


def test_the_slope_is_the_least_squares_fit_of_the_logarithms():
    rows = {"1": {"step": 1.0}, "10": {"step": 100.0}, "100": {"step": 100.0}}
    # 对数点 (0, 0)、(1, 2)、(2, 2)：斜率 Σ(x − 1)(y − 4/3) / Σ(x − 1)² = 2 / 2
    assert growth.slope(rows, "step") == pytest.approx(1.0, abs=1e-3)


def test_a_point_is_the_median_of_its_rounds_with_the_range_of_the_steps():
    runs = [{"step": s, "wait": w} for s, w in ((3.0, 0.1), (1.0, 0.3), (2.0, 0.2))]
    assert growth.summary(runs) == {"step": 2.0, "wait": 0.2, "lowest": 1.0, "highest": 3.0}


def test_the_table_shows_both_ends_and_both_slopes():
    lines = growth.table({"width": curve(2)}).splitlines()
    assert lines[2] == "| width | 8–64 | 64 → 4.1e+03 | 2.00 | 50 → 50 | 0.00 |"
    assert len({line.count("|") for line in lines}) == 1


def test_each_window_has_the_median_and_the_mean_of_its_own_steps():
    wall = [0.0, *np.cumsum([1.0, 1.0, 7.0, 2.0, 2.0])]  # 第 3 步有一次评估；最后一窗只有 2 步
    cpu = [0.0, *np.cumsum([0.5, 0.25, 0.125, 0.5, 0.5])]
    samples = [{"step": 0, "handles": 5}, {"step": 3, "handles": 6}]
    rows = arm.windows(np.stack([wall, cpu], axis=1), samples, 3)
    assert rows[0] == {"step": 0, "handles": 5, "median": 1.0, "mean": 3.0, "cpu": 0.25}
    assert rows[1] == {"step": 3, "handles": 6, "median": 2.0, "mean": 2.0, "cpu": 0.5}


@pytest.mark.parametrize("name", [*growth.CURVES, "folders"])
def test_every_point_of_every_curve_is_a_valid_config(name, tmp_path):
    for x, point in growth.points_of(name).items():
        config = arm.config_of(point | {"root": str(tmp_path)} if "data_size" in point else point)
        assert config.batch_size == point["batch_size"]
        if name == "width":
            assert config.network["generator"]["width"] == int(x)


def test_the_folder_holds_n_readable_files_of_both_kinds(tmp_path):
    root = growth.make_folder(tmp_path, 103)
    files = sorted((tmp_path / "103").iterdir())
    assert root == str(tmp_path / "103") and len(files) == 103
    assert sum(file.suffix == ".jpg" for file in files) == 51
    shapes = {cv2.imdecode(np.frombuffer(f.read_bytes(), np.uint8), -1).shape for f in files}
    assert shapes == {(64, 64, 3)}


@pytest.mark.slow
def test_a_point_reports_time_waiting_and_memory(tmp_path):
    root = growth.make_folder(tmp_path, 20)
    point = growth.DEFAULT | {"method": "gan", "steps": 2, "root": root, "load": 2, "limit": 0}
    found = growth.in_new_process(point)
    assert found.keys() == {"build", "load", "step", "wait", "before_mb", "memory_mb", "threads"}
    assert 0 <= found["wait"] <= 1 and found["before_mb"] > 50 and found["load"] > 0


@pytest.mark.slow
def test_a_long_run_samples_memory_and_handles_in_every_window():
    rows = growth.in_new_process({"steps": 20, "window": 10})
    assert [row["step"] for row in rows] == [0, 10]
    assert all(row["resident_mb"] > 50 and row["handles"] > 3 for row in rows)


def test_results_of_several_runs_are_merged_and_drawn(tmp_path, capsys, monkeypatch):
    def measured(names, repeats):
        return {name: curve(len(name)) for name in names}

    monkeypatch.setattr(growth, "measure_curves", measured)
    monkeypatch.setattr(growth, "in_new_process", lambda task: [{"step": 0, **LONG}])
    out = tmp_path / "growth.json"
    for arguments in (["--only", "width"], ["--only", "batch_size", "folders"], ["--long"]):
        result = run_tool(capsys, monkeypatch, "bench_growth", *arguments, "--out", out)
        assert result.code == 0, result.err
    saved = json.loads(out.read_text("utf-8"))
    assert list(saved["curves"]) == ["width", "batch_size", "folders"]
    assert saved["long"] == [{"step": 0, **LONG}] and saved["commit"] and saved["cores"] >= 1
    assert cv2.imdecode(np.frombuffer(out.with_suffix(".png").read_bytes(), np.uint8), 0).std() > 5
    assert "| width |" in result.out and "folders" not in result.out
