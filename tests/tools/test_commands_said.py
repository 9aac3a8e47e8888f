"""几个命令印出来的：默认几列，评的是哪个检查点、是不是 EMA 权重，量速度时与哪个配置的用时比。"""

import re
from types import SimpleNamespace

import pytest
from tool_helpers import ROOT, load_tool, run_tool

from paddle_gan.run import health
from paddle_gan.run.health import Finding


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (16, 4), (17, 5)]
)
def test_the_grid_is_nearly_square_and_never_taller_than_wide(count, columns):
    args = SimpleNamespace(num=count, columns=None, gif=False, separate=False, interpolate=False)
    assert load_tool("sample").layout(args, (1, 28, 28)) == (count, columns)


RESULT = {
    "step": 20,
    "scores": {"fd_lenet": 0.5, "is_lenet": 6.0},
    "baselines": {"真实数据": {"fd_lenet": 0.25}, "撒点": {"fd_lenet": 99.0, "is_lenet": 1.0}},
    "report": ["可以贴进报告的一段：", "- 甲"],
}


@pytest.mark.parametrize("ema", [True, False])
def test_the_scores_stand_under_their_names_and_the_checkpoint_is_said(
    ema, tmp_path, capsys, monkeypatch
):
    asked = []
    tool = load_tool("evaluate")
    monkeypatch.setattr(tool, "evaluate_run", lambda run, *given: asked.append(given) or RESULT)
    options = ["--ema"] if ema else []
    result = run_tool(capsys, monkeypatch, "evaluate", tmp_path, "--checkpoint", "best", *options)
    assert result.code == 0 and asked == [("best", None, ema, [], None, 1)]
    lines = result.out.splitlines()
    assert lines[0] == f"{tmp_path} · best · 第 20 步" + " · EMA 权重" * ema
    cells = [re.split(r" {2,}", line) for line in lines[1:4]]
    assert cells[0] == ["指标", "本模型", "真实数据", "撒点"]
    assert cells[1][0].endswith("↓") and cells[1][1:] == ["0.5", "0.25", "99"]
    assert cells[2][0].endswith("↑") and cells[2][1:] == ["6", "—", "1"]
    assert lines[4:7] == ["", *RESULT["report"]]


def test_the_speed_is_compared_with_the_minutes_of_the_same_config(monkeypatch):
    doctor, timed = load_tool("doctor"), []
    monkeypatch.setattr(health, "multiply", lambda seconds: Finding("矩阵乘"))
    monkeypatch.setattr(
        health, "training_speed", lambda *given: timed.append(given) or Finding(given[0])
    )
    assert [finding.text for finding in doctor.speed()] == ["矩阵乘", *doctor.TIMED]
    for name, config, minutes, _ in timed:
        first = (ROOT / "configs" / f"{name}.yml").read_text("utf-8").splitlines()[0]
        assert f"CPU 用时：{minutes:g} 分钟" in first
        assert config.data["name"] == name.split("_")[1] and config.method == name.split("_")[0]
