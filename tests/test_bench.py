"""速度对比的工具：每个例子都搭得起来，各参赛者报的是同一种数，表里的比值算得对。"""

import pytest
from tool_helpers import load_tool

from paddle_gan.engine.config import resolve

bench = load_tool("bench")


@pytest.mark.parametrize("arm", ["fit", "bare", "stock"])
def test_each_paddle_arm_reports_seconds_per_step_startup_and_memory(arm, monkeypatch):
    monkeypatch.setitem(bench.STEPS, "fc_gan", 3)
    found = bench.measure(arm, "fc_gan")
    assert found.keys() == {"step", "startup", "peak_mb"}  # 快慢不在测试里量
    assert isinstance(found["step"], float) and found["startup"] > 0 and found["peak_mb"] > 50


def test_every_case_is_a_valid_config():
    for case, raw in bench.CASES.items():
        assert resolve({**raw, "total_steps": 1}).batch_size == raw["batch_size"], case
        assert bench.STEPS[case] > 0


def test_rates_are_medians_and_ratios_are_of_the_same_case():
    def runs(*seconds):
        return [{"step": s, "startup": 1.0, "peak_mb": 100.0} for s in seconds]

    rounds = {
        "fit": runs(0.5, 0.1, 1.0),
        "bare": runs(0.4),
        "stock": runs(1.0),
        "torch": runs(0.25),
    }
    row = bench.summary("fc_gan", rounds)
    assert row["fit"]["images_per_second"] == pytest.approx(64 / 0.5)
    assert (row["fit"]["lowest"], row["fit"]["highest"]) == (64.0, 640.0)
    last = bench.table({"fc_gan": row}).splitlines()[-1]
    assert last == "| fc_gan | 128 | 160 | 64 | 256 | 0.50 | 2.00 | 25.0 % |"


def test_without_torch_its_column_is_left_empty():
    runs = [{"step": 1.0, "startup": 1.0, "peak_mb": 1.0}]
    row = bench.summary("dcgan_32", {arm: runs for arm in ("fit", "bare", "stock")})
    assert "| – | – | 1.00 | 0.0 % |" in bench.table({"dcgan_32": row})
