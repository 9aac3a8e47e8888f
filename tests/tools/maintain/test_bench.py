"""速度对比的工具：每个例子都搭得起来，各参赛者报的是同一种数，表里的比值算得对。"""

import json
import re

import pytest
from tool_helpers import load_tool

from paddle_gan.errors import UserError
from paddle_gan.run.config import resolve

bench = load_tool("bench")


@pytest.mark.slow
def test_each_arm_reports_seconds_per_step_startup_and_memory():
    reports = bench.measure("ring", ["fit", "stock"], repeats=1, seconds=0.05, held={})
    for one in (report for arm in reports.values() for report in arm):
        assert one.keys() == {"step", "inside", "startup", "peak_mb"}  # 快慢不在测试里量
        assert 0 < one["inside"] < one["step"] and one["startup"] > 0 and one["peak_mb"] > 20
    for name in bench.PEAKS:
        assert bench.contest("peak", name, 0.05, {})["step"] > 0


@pytest.mark.slow
def test_an_arm_that_fails_is_named_with_its_last_words():
    with pytest.raises(UserError, match=r"stock 跑 没有这个例子 失败：KeyError"):
        bench.contest("stock", "没有这个例子", 1.0, {})


@pytest.mark.slow
def test_the_check_compares_with_the_commands_that_a_user_types(capsys, monkeypatch):
    monkeypatch.setattr(bench, "CHECKED", ("fit",))
    bench.check("ring", 0.05)
    assert re.search(r"ring：fit 每步 [\d.]+ 毫秒，普通的跑法 -?[\d.]+", capsys.readouterr().out)


def test_every_case_is_a_valid_config():
    for case, raw in bench.CASES.items():
        assert resolve({**raw, "total_steps": 1}).batch_size == raw["batch_size"], case


def test_the_meter_warms_up_then_runs_on_and_leaves_the_warm_up_out(monkeypatch, capsys):
    meter_file = load_tool("bench_arms.meter")
    now = [100.0]
    monkeypatch.setattr(meter_file.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(meter_file, "START", 98.5)
    meter = meter_file.Meter(10.0)
    for _ in range(4):  # 热身的四步各一秒，很慢
        meter()
        now[0] += 1.0
        meter.inside += 0.9
    with pytest.raises(SystemExit):
        while True:
            meter()
            now[0] += 0.25
            meter.inside += 0.125
    found = json.loads(capsys.readouterr().out)
    # 第四步之前热身满三秒：从那时起，先是一秒的一步，再是每步四分之一秒，满十秒为止
    assert found["step"] == pytest.approx(10 / 37) and found["startup"] == 1.5
    assert found["inside"] == pytest.approx((0.9 + 36 * 0.125) / 37)


def test_the_first_arm_changes_from_round_to_round(monkeypatch):
    order = []
    monkeypatch.setattr(bench, "contest", lambda arm, *rest: order.append(arm))
    bench.measure("ring", ["fit", "stock", "torch"], repeats=3, seconds=1.0, held={})
    assert order == ["fit", "stock", "torch", "stock", "torch", "fit", "torch", "fit", "stock"]


def runs(*seconds):
    return [{"step": s, "inside": s / 1.25, "startup": 1.0, "peak_mb": 100.0} for s in seconds]


def test_rates_are_medians_and_ratios_are_taken_within_a_round():
    rounds = {
        "fit": runs(0.5, 0.1, 1.0),
        "stock": runs(1.0, 0.3, 2.0),
        "torch": runs(0.25, 0.2, 0.8),
    }
    found = bench.summary("fc_gan", rounds, gflop=3.375, peak=67.5)
    fit = found["rows"]["fit"]["images_per_second"]
    assert fit == pytest.approx({"median": 128, "lowest": 64, "highest": 640})
    ratios = found["ratios"]
    assert ratios["fit / torch"] == pytest.approx({"median": 0.8, "lowest": 0.5, "highest": 2})
    assert ratios["fit / stock"] == pytest.approx({"median": 2, "lowest": 2, "highest": 3})
    assert ratios["engine"] == pytest.approx({"median": 0.25, "lowest": 0.25, "highest": 0.25})
    # 极限每秒 67.5 GFLOP，3.375 GFLOP 至少要 0.05 秒：半秒的一步占一成
    assert ratios["of_peak"]["median"] == pytest.approx(0.1)
    line = bench.table({"fc_gan": found}).splitlines()[-1]
    assert line.startswith("| fc_gan | 128 | 256 | 64 | 0.80（0.50–2.00） | 2.00（2.00–3.00） |")


def test_what_was_not_measured_is_left_empty_and_a_column_nobody_measured_is_left_out():
    without_torch = {arm: runs(1.0) for arm in ("fit", "stock")}
    found = bench.summary("dcgan_32", without_torch, gflop=1.0, peak=100.0)
    head, _, line = bench.table({"dcgan_32": found}).splitlines()
    assert line.startswith("| dcgan_32 | 64 | 64 | 1.00（1.00–1.00） |")
    assert head.startswith("| 例子 | 样本/秒 | 飞桨出厂 | 比飞桨出厂 |")
    complete = bench.summary("ring", without_torch | {"torch": runs(2.0)}, gflop=1.0, peak=100.0)
    _, _, first, second = bench.table({"dcgan_32": found, "ring": complete}).splitlines()
    assert first.startswith("| ring | 256 | 128 | 256 | 2.00（2.00–2.00） | 1.00")
    assert second.startswith("| dcgan_32 | 64 | – | 64 | – | 1.00（1.00–1.00） |")


def test_the_work_of_a_step_is_counted_layer_by_layer():
    # G：2→128→128→2，D：2→128→128→1，一批 256 个
    g, d, first = 2 * 128 + 128 * 128 + 128 * 2, 2 * 128 + 128 * 128 + 128, 2 * 128
    # D 步：G 前向；D 前向两次，反向里权重的梯度两次，输入的梯度不到第一层
    d_step = g + 2 * (3 * d - first)
    # G 步：G 前向与反向（输入的梯度不到第一层）；冻结的 D 前向一次，输入的梯度一次
    g_step = 3 * g - first + 2 * d
    assert bench.gflop_per_step("ring") == pytest.approx(2 * 256 * (d_step + g_step) / 1e9)


def test_the_work_of_a_gradient_penalty_is_four_passes_of_the_critic():
    plain = {**bench.CASES["wgan_gp_32"], "hparams": {"n_critic": 1}}
    g, d = 0.0, 0.0  # 乘加，百万次：width 32、depth 3、32 像素
    for c_in, c_out, side in ((128, 128, 1), (128, 64, 4), (64, 32, 8), (32, 1, 16)):
        g += c_in * c_out * 16 * side * side
    for c_in, c_out, side in ((1, 32, 16), (32, 64, 8), (64, 128, 4), (128, 1, 1)):
        d += c_in * c_out * 16 * side * side
    first = 32 * 16 * 16 * 16
    # 评论器步：G 前向；D(x)、D(G(z)) 各 3 遍（不到第一层的输入）；惩罚 4 遍
    critic = g + 2 * (3 * d - first) + 4 * d
    # G 步：G 三遍（输入的梯度不到第一层），冻结的 D 两遍
    generator = 3 * g - 128 * 128 * 16 + 2 * d
    bench.CASES["tiny"] = plain
    try:
        assert bench.gflop_per_step("tiny") == pytest.approx(2 * 64 * (critic + generator) / 1e9)
    finally:
        del bench.CASES["tiny"]


def test_the_table_on_the_speed_page_is_the_stored_result():
    stored = json.loads(bench.RESULTS.read_text(encoding="utf-8"))
    assert stored.keys() == {"全部指令集", "AVX2"}
    for content in stored.values():
        assert content["repeats"] >= 5 and content["seconds"] >= 10
        assert content["results"].keys() == bench.CASES.keys()
    text = bench.PAGE.read_text(encoding="utf-8")
    assert text == bench.rewritten(stored), "请运行 tools/maintain/bench.py --write"
