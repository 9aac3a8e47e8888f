"""三个命令印出来的数与名字：进度、预算、颜色、哪一份日志坏了、地址。"""

import json
import re
from types import SimpleNamespace

import pytest
from made_curves import records
from tool_helpers import load_tool, run_tool

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.experiment import TIERS
from paddle_gan.monitor.visualdl_board import FILE

lab, dashboard = load_tool("lab"), load_tool("dashboard")


def test_the_list_says_done_of_all_and_the_budget_of_every_seed(capsys, monkeypatch):
    monkeypatch.setattr(lab, "read_results", lambda name, tier: {"a": [{}] * 2, "b": [{}]})
    out = run_tool(capsys, monkeypatch, "lab", "list", "T7").out
    experiment = EXPERIMENTS["loss_and_quality"]
    for tier, named in (("quick", "快速档"), ("full", "完整档")):
        jobs = len(experiment.arms) * experiment.seeds[tier]
        seconds = experiment.budget[tier] * experiment.seeds[tier]
        assert f"{named}：3 / {jobs} 个任务，全部约 {seconds} 秒" in out
    kinds = [(rule.role, rule.kind) for rule in experiment.rules]
    assert re.findall(r"^    (\S\S)（(.+?)）：", out, re.M) == kinds and experiment.quote in out


@pytest.mark.parametrize("tier", TIERS)
def test_a_run_is_of_the_tier_that_was_asked_for_and_counts_what_is_done(tier, capsys, monkeypatch):
    flags, named = (["--quick"], "快速档") if tier == "quick" else ([], "完整档")
    asked = []

    def run_jobs(jobs, report, **options):
        asked.extend(jobs)
        record = jobs[3]._asdict() | {"seconds": 61.4, "statistics": {"rho_D": 0.12345}}
        report(record)
        return 3

    monkeypatch.setattr(lab, "run_jobs", run_jobs)
    out = run_tool(capsys, monkeypatch, "lab", "run", "T7", *flags, "--seeds", "2")
    assert {job.tier for job in asked} == {tier} and {job.seed for job in asked} == {0, 1}
    assert f"{named}：{len(asked) - 3} / {len(asked)} 个任务有结果" in out.out
    third = asked[3]
    assert f"{third.name} {third.arm} 种子 {third.seed}（61 秒）  rho_D 0.1235" in out.out
    assert "再运行同一条命令接着跑" in out.out


def test_every_run_of_a_report_has_its_own_colour_its_own_word_and_the_size_is_in_megabytes(
    tmp_path, capsys, monkeypatch
):
    for name, (real, fake) in {"甲": (0.6, 0.4), "乙": (0.99, 0.01)}.items():
        (tmp_path / name).mkdir()
        curves = {"prob__real": real, "prob__fake": fake}
        text = "".join(json.dumps(record) + "\n" for record in records(**curves))
        (tmp_path / name / "metrics.jsonl").write_text(text, encoding="utf-8")
    out = tmp_path / "r.html"
    result = run_tool(capsys, monkeypatch, "report", tmp_path / "甲", tmp_path / "乙", "--out", out)
    page = out.read_text(encoding="utf-8")
    colours = re.findall(
        r'<span><span class="dot" style="background:(#\w+)"></span>(.)</span>', page
    )
    assert len({color for color, _ in colours}) == 2 and [name for _, name in colours] == [
        "甲",
        "乙",
    ]
    assert "甲：正常" in result.out and "乙：判别器过强" in result.out
    megabytes = float(re.search(r"（([\d.]+) MB）", result.out)[1])
    assert megabytes == pytest.approx(out.stat().st_size / 1e6, abs=0.051)


def test_the_damaged_log_is_named_and_the_address_has_the_port_that_was_asked_for(
    tmp_path, capsys, monkeypatch
):
    for name in ("甲", "乙", "丙"):
        (tmp_path / name / "vdl").mkdir(parents=True)
        (tmp_path / name / "vdl" / FILE).write_bytes(b"x")

    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr(
        dashboard,
        "Server",
        lambda names, folder, port: SimpleNamespace(
            wait_until_ready=lambda: None, serve=stopped, stop=lambda: None
        ),
    )
    monkeypatch.setattr(dashboard, "repair", lambda log: "坏了" if log.parts[-3] == "乙" else "")
    monkeypatch.setattr(dashboard, "require_free", lambda port: None)
    runs = [tmp_path / name for name in ("甲", "乙", "丙")]
    result = run_tool(capsys, monkeypatch, "dashboard", *runs, "--port", "8123")
    assert result.err == "提示：乙 的日志坏了\n"
    assert "http://127.0.0.1:8123/app/scalar" in result.out and "8040" not in result.out
    assert "训练：甲、乙、丙" in result.out
