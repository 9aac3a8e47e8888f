"""量负荷的工具：分位数、斜率与表算得对，文档里的表就是存下的结果；快慢不在测试里量。"""

import json

import pytest
from tool_helpers import load_tool

bench = load_tool("bench_playground")


def row(k: int, memory: float) -> dict:
    return {"cycles": k, "memory_mb": memory, "threads": 7, "handles": 16}


def test_a_quantile_is_that_of_the_seconds():
    assert bench.quantile([0.1, 0.2, 0.3], 50) == pytest.approx(0.2)
    assert bench.quantile(list(range(101)), 95) == pytest.approx(95)


def test_the_slope_leaves_out_the_first_half():
    rows = [row(k, 500 if k < 100 else 700 + 0.5 * k) for k in range(0, 201, 10)]
    assert bench.slope(rows, "memory_mb") == pytest.approx(0.5)
    assert bench.slope(rows, "threads") == 0.0


def test_the_table_says_who_waits_and_what_opening_and_closing_costs():
    load = {"visitors": 8, "told_to_wait": 2, "memory_mb": 800.4, "threads": 26}
    load |= {"click_50": 0.1, "click_95": 0.25, "click_100": 0.5, "server_cores": 0.3}
    load |= {"seen_50": 0.2, "seen_95": 0.4, "rate_50": 5.25}
    rows = [row(k, 700 + 0.01 * k) for k in range(0, 201, 10)]
    text = bench.table({"load": {"8": load}, "cycles": rows})
    assert "| 8（另有 2 位在等） | 0.10 / 0.25 / 0.50 秒 | 0.20 / 0.40 秒 | 5.2 |" in text
    assert "开了又关 200 次" in text and "701 → 702 MB" in text and "7 → 7" in text


def test_the_table_in_the_document_is_that_of_the_results():
    text = bench.DOC.read_text(encoding="utf-8")
    made = text.split(bench.BEGIN)[1].split(bench.END)[0].strip()
    assert made == bench.table(json.loads(bench.RESULTS.read_text(encoding="utf-8")))
