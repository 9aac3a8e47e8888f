"""课程实验：判据怎样变成结论，任务怎样续跑，台账与结果一致，图里没有缺字。"""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tool_helpers import ROOT, assert_one_sentence, load_tool, run_tool

from paddle_gan.data import Grid, Ring
from paddle_gan.errors import UserError
from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, report, runner
from paddle_gan.lab.experiment import Measurement, Rule
from paddle_gan.lab.ledger import build_ledger, chosen_tier
from paddle_gan.lab.records import read_records
from paddle_gan.lab.runner import Job, finished, job_of, plan, read_results, run_job, run_jobs
from paddle_gan.lab.training import EVALUATED, rows_beside
from paddle_gan.lab.verdict import UNKNOWN

VALUES = {"a": {"x": [1.0, 2.0, 6.0]}, "b": {"x": [1.0, 1.0, 1.0]}}
RESULTS = report.all_results()
LEDGER = build_ledger(RESULTS)


@pytest.mark.parametrize(
    "rule, value",
    [
        (Rule("a", "x", "≥", 0), 2.0),
        (Rule("a", "x", "≤", 0, form="总是"), 6.0),
        (Rule("a", "x", "≥", 0, form="总是"), 1.0),
        (Rule("a", "x", "≥", 0, versus="b"), 2.0),
        (Rule("a", "x", "≥", 0, versus="b", compare="ratio"), 12 ** (1 / 3)),
        (Rule("a", "x", "≤", 0, form="总是", versus="b", compare="ratio"), 6.0),
    ],
)
def test_a_rule_reduces_over_seeds_and_compares_arms(rule, value):
    assert rule.judge(VALUES).value == pytest.approx(value)


def test_a_rule_includes_its_bound_on_both_sides():
    at_least, at_most = Rule("a", "x", "≥", 3.0), Rule("a", "x", "≤", 3.0)
    assert at_least.meets(3.0) and at_most.meets(3.0)
    assert not at_least.meets(2.999) and not at_most.meets(3.001)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_is_complete_and_its_rules_name_real_arms(name):
    experiment = EXPERIMENTS[name]
    assert experiment.quote and experiment.source and experiment.rules
    assert experiment.anchor[:2] == "[§" and experiment.anchor[-1] == "]"
    for rule in experiment.rules:
        assert rule.arm in experiment.arms and rule.versus in (None, *experiment.arms)
        assert rule.statistic in experiment.statistics
    assert experiment.seeds["full"] >= 5
    for tier in ("quick", "full"):  # 设定要能原样存进 JSON
        settings = experiment.settings[tier]
        assert json.loads(json.dumps(settings)) == settings


def test_experiments_on_the_ring_and_the_grid_have_ten_seeds():
    rows = "M1", "M2", "M3", "M4", "M5", "M8", "M11", "M15", "M16", "M17", "M18", "M19", "T9", "A11"
    for row in rows:
        [experiment] = [e for e in EXPERIMENTS.values() if e.row == row]
        assert experiment.seeds["full"] >= 10


def test_the_rows_are_unique_and_the_budgets_fit():
    assert len({e.row for e in EXPERIMENTS.values()}) == len(EXPERIMENTS)
    # 共用别人的组的，不另跑
    own = [e for name, e in EXPERIMENTS.items() if e.records in ("", name)]
    total = {tier: sum(e.cost(tier) for e in own) for tier in ("quick", "full")}
    assert total["quick"] <= 2 * 21 * 60  # 两个核，21 分钟
    assert total["full"] <= 2 * 10 * 3600  # 两个核，十小时


def small(monkeypatch, measure=None, **changes):
    """只有一个实验的小表：T6，一个种子。"""
    experiment = EXPERIMENTS["stop_rotation"]
    changes = {"seeds": {"quick": 2, "full": 5}} | changes
    if measure:
        changes["measure"] = measure
    table = {"stop_rotation": dataclasses.replace(experiment, **changes)}
    monkeypatch.setattr(runner, "EXPERIMENTS", table)
    return table["stop_rotation"]


def test_finished_jobs_are_not_run_again(tmp_path, monkeypatch):
    calls = []

    def measure(arm, seed, settings):
        calls.append((arm, seed))
        return Measurement({"factor_error": 0.5, "final_radius": 0.1})

    experiment = small(monkeypatch, measure)
    jobs = plan(["stop_rotation"], "quick")
    assert len(jobs) == 2 * len(experiment.arms)
    left = run_jobs(jobs[:3], folder=tmp_path, report=lambda record: None)
    assert left == 0 and len(calls) == 3
    assert run_jobs(jobs, folder=tmp_path, report=lambda record: None) == 0
    assert sorted(calls) == sorted((job.arm, job.seed) for job in jobs)

    small(monkeypatch, measure, settings={"quick": {"new": 1}, "full": {}})
    run_jobs(jobs[:1], folder=tmp_path, report=lambda record: None)
    assert len(calls) == len(jobs) + 1  # 设定改了，旧结果作废
    records = read_records(jobs[0].path(tmp_path))
    assert len(records) == len(jobs)  # 新的换掉了旧的
    [new] = [record for record in records if job_of(record) == jobs[0]]
    assert new["settings"] == {"new": 1}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_job_that_another_terminal_is_running_is_left_to_it(tmp_path, processes):
    jobs = [Job("no_convergence", "xy", seed, "quick") for seed in (0, 1)]
    held, taken = runner.take(jobs[0], tmp_path), []

    def report(record):  # 存好之前，一直占着
        taken.extend(path.name for path in (tmp_path / "quick").glob("*.[0-9].lock"))

    quiet = {"folder": tmp_path, "report": report}
    assert run_jobs(jobs, processes=processes, **quiet) == 1
    assert finished(jobs, tmp_path).keys() == {jobs[1]}
    assert sorted(taken) == ["no_convergence.xy.0.lock", "no_convergence.xy.1.lock"]
    runner.give_up(held)  # 那个终端被关掉了，任务就放开了
    assert run_jobs(jobs, **quiet) == 0
    assert [path.name for path in (tmp_path / "quick").glob("*.[0-9].lock")] == []


def test_a_job_that_another_terminal_finished_meanwhile_is_not_run_again(tmp_path, monkeypatch):
    calls = []

    def measure(arm, seed, settings):
        calls.append((arm, seed))
        if len(calls) == 1:  # 正跑着第一个，别的终端把第二个跑完了
            runner.run_jobs(jobs[1:2], folder=tmp_path, report=lambda record: None)
        return Measurement({"factor_error": 0.5})

    small(monkeypatch, measure)
    jobs = plan(["stop_rotation"], "quick")
    assert run_jobs(jobs, folder=tmp_path, report=lambda record: None) == 0
    assert sorted(calls) == sorted((job.arm, job.seed) for job in jobs)


def test_a_folder_that_cannot_be_written_is_said_before_the_job_is_run(tmp_path, monkeypatch):
    small(monkeypatch, lambda arm, seed, settings: pytest.fail("跑了才发现写不了"))
    jobs = plan(["stop_rotation"], "quick")
    (tmp_path / "quick" / f"stop_rotation.{jobs[0].arm}.0.lock").mkdir(parents=True)
    with pytest.raises(UserError, match="写不了 .*任务还没有跑"):
        run_jobs(jobs, folder=tmp_path)


def test_no_job_is_started_after_the_time_is_up(tmp_path, monkeypatch):
    def measure(arm, seed, settings):
        return Measurement({"factor_error": 0.5})

    small(monkeypatch, measure)
    jobs = plan(["stop_rotation"], "quick")
    left = run_jobs(jobs, minutes=1e-9, folder=tmp_path, report=lambda record: None)
    assert left == len(jobs)


def test_a_number_that_is_not_finite_is_an_error_that_names_it(monkeypatch):
    small(monkeypatch, lambda arm, seed, settings: Measurement({"factor_error": float("nan")}))
    with pytest.raises(ValueError, match="stop_rotation omd 种子 0：factor_error"):
        run_job(Job("stop_rotation", "omd", 0, "quick"))


def test_two_processes_give_what_one_gives(tmp_path):
    jobs = [Job("no_convergence", "xy", seed, "quick") for seed in (0, 1)]
    run_jobs(jobs, processes=2, folder=tmp_path, report=lambda record: None)
    found = finished(jobs, tmp_path)
    for job in jobs:
        assert found[job]["statistics"] == run_job(job)["statistics"]


LONG = """
import sys
from pathlib import Path
from paddle_gan.lab.runner import Job, run_jobs

if __name__ == "__main__":
    jobs = [Job("collapse_and_hops", "tuned", seed, "full") for seed in (0, 1)]
    run_jobs(jobs, processes=2, folder=Path(sys.argv[1]))
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="靠 /proc 看进程")
def test_when_the_main_process_is_killed_its_workers_leave_too(tmp_path):
    script = tmp_path / "long.py"
    script.write_text(LONG, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    main = subprocess.Popen([sys.executable, script, tmp_path / "out"], env=environment)
    children = Path(f"/proc/{main.pid}/task/{main.pid}/children")

    def workers() -> list[str]:
        return [pid for pid in children.read_text().split() if b"spawn_main" in command_of(pid)]

    wait_until(lambda: len(workers()) == 2)
    started = workers()
    main.kill()
    main.wait()
    wait_until(lambda: not any(command_of(pid) for pid in started))


def command_of(pid: str) -> bytes:
    """一个进程的命令行；已经结束的是空的。"""
    try:
        return Path("/proc", pid, "cmdline").read_bytes()
    except OSError:
        return b""


def wait_until(condition, seconds: float = 120) -> None:
    """等到 condition() 成立；太久就失败。"""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_training_job_is_decided_by_its_arm_and_seed(monkeypatch):
    experiment, settings = EXPERIMENTS["wgan_parts"], {"steps": 20, "rates": [1e-3], "tuned_on": []}
    first, again, other = (
        experiment.measure("wgan", seed, settings).curves["points"] for seed in (0, 0, 1)
    )
    assert first == again and first != other


def test_the_full_tier_is_preferred_but_only_when_it_is_complete():
    experiment = EXPERIMENTS["stop_rotation"]
    quick = {arm: [{}] * experiment.seeds["quick"] for arm in experiment.arms}
    full = {arm: [{}] * experiment.seeds["full"] for arm in experiment.arms}
    assert chosen_tier({"quick": quick, "full": full}, experiment) == "full"
    assert chosen_tier({"quick": quick, "full": full | {"omd": [{}]}}, experiment) == "quick"
    assert chosen_tier({"quick": quick | {"omd": []}, "full": {"omd": []}}, experiment) is None


def test_the_committed_ledger_is_what_report_writes():
    for path, text in report.texts().items():
        assert path.read_text(encoding="utf-8") == text, "请运行 python tools/lab.py report"


def test_a_broken_curve_is_one_sentence_and_the_texts_stay(monkeypatch, tmp_path):
    results = {"full": read_results("ensemble", "full")}
    first = results["full"]["ensemble"][0]
    results["full"]["ensemble"][0] = first | {"curves": {}}
    monkeypatch.setattr(report, "all_results", lambda folder: {"ensemble": results})
    monkeypatch.setattr(report, "build_ledger", lambda found: {"ensemble": LEDGER["ensemble"]})
    for name in ("LEDGER", "CLAIMS", "FIGURES"):
        monkeypatch.setattr(report, name, tmp_path / name)
    with pytest.raises(UserError, match="ensemble.jsonl 里的曲线画不出来.*lab.py run 重跑"):
        report.write_report(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("tier", ["quick", "full"])
def test_the_committed_results_are_the_planned_jobs_in_order_under_todays_settings(tier):
    seen = set()
    for name, experiment in EXPERIMENTS.items():
        jobs = plan([name], tier)
        path = jobs[0].path(runner.RESULTS)
        recorded = [job_of(record) for record in read_records(path)]
        if experiment.records not in ("", name):  # 取别人名下的几组
            recorded = [job for job in recorded if job.arm in experiment.arms]
        wanted = [job for arm in experiment.arms for job in jobs if job.arm == arm]
        assert recorded == [job for job in wanted if job in recorded], path
        assert set(finished(jobs)) == set(recorded), f"设定改了，请重跑 {name}"
        seen.add(path)
    assert set((runner.RESULTS / tier).glob("*")) - seen <= {
        path.with_name(path.name + ".lock") for path in seen
    }


def test_every_measured_claim_has_its_figure_and_every_seed_is_recorded():
    for name, claim in LEDGER.items():
        if claim["verdict"] == UNKNOWN:
            continue
        assert (report.FIGURES / f"{name}.png").is_file()
        for arm in EXPERIMENTS[name].arms:
            count = EXPERIMENTS[name].seeds[claim["tier"]]
            assert claim["arms"][arm]["seeds"] == list(range(count))
        assert claim["versions"]["paddle"] and all(claim["commits"])


@pytest.mark.parametrize("name", [n for n in LEDGER if LEDGER[n]["verdict"] != UNKNOWN])
def test_no_figure_has_a_missing_glyph(name):
    figure = report.figure_of(name, RESULTS[name], LEDGER[name]["tier"])
    assert missing_glyphs(figure) == set()


@pytest.mark.parametrize("name", [n for n in LEDGER if LEDGER[n]["verdict"] != UNKNOWN])
def test_no_figure_is_cut_off_at_its_border(name):
    with style():
        figure = report.figure_of(name, RESULTS[name], LEDGER[name]["tier"])
        figure.draw_without_rendering()
        drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(drawn.x0, drawn.y0, width - drawn.x1, height - drawn.y1) >= 0


def test_running_the_xy_game_again_gives_the_recorded_numbers():
    recorded = read_results("no_convergence", "quick")["xy"][0]["statistics"]
    again = run_job(Job("no_convergence", "xy", 0, "quick"))["statistics"]
    assert again == pytest.approx(recorded, rel=1e-6, abs=1e-9)


def test_the_tool_lists_and_rejects_unknown_names(capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "lab", "list", "T5")
    assert result.code == 0 and "no_convergence" in result.out and "判据" in result.out
    wrong = run_tool(capsys, monkeypatch, "lab", "run", "T55")
    assert_one_sentence(wrong, "T55", "T5")
    assert wrong.err.count(",") == 59 and f"……共 {2 * len(EXPERIMENTS)} 个" in wrong.err
    assert_one_sentence(run_tool(capsys, monkeypatch, "lab", "run", ""), "未知的实验 “”（")
    assert_one_sentence(run_tool(capsys, monkeypatch, "lab", "run", "T5", "--seeds", "0"), "10000")


def test_without_names_the_short_experiments_run_first_and_with_names_the_order_is_the_users(
    capsys, monkeypatch
):
    tool, ran = load_tool("lab"), []
    monkeypatch.setattr(tool, "finished", lambda jobs: [])
    monkeypatch.setattr(tool, "run_jobs", lambda jobs, **options: ran.append(jobs) or 0)
    for words in ((), ("--quick",), ("M1", "T5")):
        assert run_tool(capsys, monkeypatch, "lab", "run", *words).code == 0
    full, quick, named = (list(dict.fromkeys(job.name for job in jobs)) for jobs in ran)
    for names, tier in ((full, "full"), (quick, "quick")):
        assert set(names) == {e.records or name for name, e in EXPERIMENTS.items()}
        # 共用的组跟着先跑到的那一条，不比
        shared = {e.records for e in EXPERIMENTS.values()}
        own = [EXPERIMENTS[name] for name in names if name not in shared]
        spent = [e.cost(tier) for e in own]
        assert spent == sorted(spent)
    assert named == ["collapse_and_hops", "no_convergence"]


def test_the_list_ends_with_what_everything_takes_and_shared_groups_count_once(capsys, monkeypatch):
    *_, quick, full = run_tool(capsys, monkeypatch, "lab", "list", "M16", "M4").out.splitlines()
    e = EXPERIMENTS["cures"]
    assert e.cost("full") == e.budget["full"] * e.seeds["full"]
    assert full == f"完整档一共约 {e.cost('full') / 3600:.1f} 个核时"
    assert quick == f"快速档一共约 {e.cost('quick') / 60:.0f} 分钟，一个核"
    short = run_tool(capsys, monkeypatch, "lab", "list", "T5").out.splitlines()[-1]
    assert short == "完整档一共约 1 分钟，一个核"


def test_a_run_with_nothing_left_to_do_says_so_and_how_to_do_it_again(capsys, monkeypatch):
    words = ("lab", "run", "T5", "--quick")
    result = run_tool(capsys, monkeypatch, *words)
    assert result.code == 0 and "10 / 10 个任务有结果" in result.out
    folder = ROOT / "paddle_gan/lab/results/quick"
    assert f"这次没有跑；要重跑，先移走 {folder} 里同名的 .jsonl" in result.out
    assert (folder / "no_convergence.jsonl").is_file()
    tool = load_tool("lab")
    monkeypatch.setattr(tool, "finished", lambda jobs: jobs[1:])  # 还差一个
    monkeypatch.setattr(tool, "run_jobs", lambda jobs, **options: 0)
    assert "这次没有跑" not in run_tool(capsys, monkeypatch, *words).out


@pytest.mark.parametrize(
    "data, share, covered", [(Ring(), 0.0279, 8), (Grid(spacing=1.5, std=0.1), 0.1443, 25)]
)
def test_the_rows_beside_a_table_are_the_ceiling_and_what_scattering_gives(data, share, covered):
    rows = rows_beside(data, "，某处")
    real, scattered = rows["真实数据，某处"], rows["均匀撒点，某处"]
    assert scattered["high_quality"] == pytest.approx(share, abs=5e-5)
    assert real["high_quality"] == pytest.approx(0.98889, abs=1e-5)
    assert real["covered"] == real["covered_1pct"] == scattered["covered"] == covered
    # 落在模式上的 n 个撒点各模式一样多，反向 KL 的期望是 (K − 1) / (2n)
    floor = (covered - 1) / (2 * share * EVALUATED)
    assert scattered["reverse_kl"] == pytest.approx(floor, rel=0.25)
    assert scattered["covered_1pct"] < 1


def test_the_ledger_prints_the_scattering_and_asks_for_twice_of_it():
    beside = [
        line for line in report.CLAIMS.read_text("utf-8").splitlines() if line[:6] == "| *均匀撒"
    ]
    # 环上的十三条，格上的一条
    for share, count in {"0.0279": 13, "0.0245": 1}.items():
        assert sum(f"| {share} |" in line for line in beside) == count
    assert len(beside) == 14
    asked = {
        round(rule.bound, 4)
        for name, experiment in EXPERIMENTS.items()
        if experiment.records == "cures"
        for rule in experiment.rules
        if rule.statistic == "high_quality"
    }
    assert asked == {0.0559, 0.8}


def test_values_in_the_ledger_are_the_values_in_the_results():
    claim = LEDGER["no_convergence"]
    recorded = [
        record["statistics"]["table_agreement"]
        for record in RESULTS["no_convergence"][claim["tier"]]["dirac"]
    ]
    stored = claim["arms"]["dirac"]["statistics"]["table_agreement"]
    assert stored["values"] == recorded
    assert stored["mean"] == pytest.approx(np.mean(recorded))
