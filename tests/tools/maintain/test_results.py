"""写出来的数都有出处：README 的表、配置的第一行与 configs/results.json 一致，而且没有过期。"""

import pytest
from tool_helpers import load_tool

results = load_tool("results")
RECORDED = results.read_results()


@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_result_belongs_to_the_config_as_it_is_now(name):
    assert RECORDED[name]["digest"] == results.digest(results.shipped()[name])
    for seed in RECORDED[name]["seeds"].values():
        assert seed["commit"] and seed["seconds"] > 0 and seed["metrics"]


def test_readme_and_the_first_lines_of_the_configs_are_what_the_tool_writes():
    for path, text in results.rewritten(RECORDED).items():
        assert path.read_text(encoding="utf-8") == text, (
            f"请运行 tools/maintain/results.py write（{path}）"
        )


def test_every_cpu_config_takes_at_most_ten_minutes_and_the_ring_two():
    for name, entry in RECORDED.items():
        limit = 120 if name.endswith("_ring") else 600
        assert max(seed["seconds"] for seed in entry["seeds"].values()) <= limit, name
    assert len(RECORDED) >= 11


def test_cyclegan_reaches_its_floor_on_every_seed():
    for seed in RECORDED["cyclegan"]["seeds"].values():
        assert seed["metrics"]["translation/style"] >= 0.90
        assert seed["metrics"]["translation/retrieval"] >= 0.80
        assert seed["metrics"]["translation/correlation"] >= 0.65
