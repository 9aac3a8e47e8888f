"""长跑：CI 里跑短的一段，两万步与三千步的记录在 fixtures/longrun.json 里。"""

import json

import longrun
import pytest

RECORD = json.loads(longrun.FIXTURE.read_text(encoding="utf-8"))
LENGTHS = {"gan_ring": 20_000, "dcgan_digits": 3_000}


def assert_nothing_lost(result: dict):
    assert result["records"] >= result["steps"] // longrun.LOG_EVERY
    assert result["records_missing"] == 0
    assert result["steps_increase"] is True and result["board_equals_records"] is True


def test_a_short_run_loses_no_record_and_is_watched_at_every_record(tmp_path):
    result = longrun.long_run("gan_ring", 100, tmp_path)
    assert_nothing_lost(result)
    assert len(result["memory_mb"]) == len(result["handles"]) == 100 // longrun.LOG_EVERY
    assert min(result["memory_mb"]) > 100
    assert min(result["handles"]) >= 3  # 至少有标准输入、输出、错误


def test_a_leak_would_be_seen():
    assert longrun.growth([300.0] * 40) == 0
    assert longrun.growth([300.0 + second for second in range(400)]) > 0.3
    assert longrun.growth([0.0] * 10 + [300.0] * 30) == 0  # 开头分配的不算


@pytest.mark.parametrize("name", LENGTHS)
def test_the_recorded_long_run_is_flat_and_complete(name):
    result = RECORD[name]
    assert result["steps"] == LENGTHS[name] and result["commit"]
    assert_nothing_lost(result)
    assert result["memory_growth"] < 0.05 and result["handle_growth"] <= 0, result
