"""解药的两张表：每一格是自己那一组的数，次序照治好的种子与用时。"""

import numpy as np
import pytest

from paddle_gan.lab import EXPERIMENTS, cure_table
from paddle_gan.lab.cure_table import left_out, order, reliable, table, times_text
from paddle_gan.lab.experiment import values_by_arm
from paddle_gan.lab.interval import paired_interval
from paddle_gan.lab.runner import read_results
from paddle_gan.lab.showcase import FAMILIES, NAMES, configured, won
from paddle_gan.lab.showcase_row import CONTROLS, cures_in
from paddle_gan.lab.training import build


def records(arms: dict[str, tuple[int, float]]) -> dict[str, list[dict]]:
    """{组: (治好几个种子, 其余种子的高质量)} 造成十个种子的记录。"""
    return {
        arm: [
            {
                "statistics": {
                    "covered_1pct": 8.0 if seed < good else 5.0,
                    "high_quality": 0.9 if seed < good else poor,
                    "reverse_kl": 0.25,
                    "halfway": 3.0,
                }
            }
            for seed in range(10)
        ]
        for arm, (good, poor) in arms.items()
    }


SOME = {"gan": (10, 0.9), "gan_256": (3, 0.9), "pac_2": (10, 0.9), "r1_r2": (10, 0.9)}
SOME |= {"dragan": (8, 0.1), "sngan": (7, 0.9), "lsgan": (0, 0.1), "gan_1to1": (10, 0.9)}
SOME |= {"gan_beta1_0": (9, 0.9)}
COST = {"gan": 20.0, "gan_256": 1.0, "pac_2": 30.0, "r1_r2": 25.0, "dragan": 5.0, "sngan": 5.0}
COST |= {"lsgan": 5.0, "gan_1to1": 5.0, "gan_beta1_0": 20.0}


def test_the_order_is_by_cured_seeds_only_and_leaves_out_those_under_the_line():
    found = records(SOME)
    assert reliable(found) == ["gan_1to1", "pac_2", "r1_r2", "gan_beta1_0", "dragan"]
    assert left_out(found) == "SNGAN 7 / 10；GAN，批 256 3 / 10；LSGAN 0 / 10"
    first, *_, last = rows_of(order(found, COST))
    assert last == ["DRAGAN", cure_table.CHANGES["dragan"], "8 / 10", "3 / 8", "0.2"]
    assert first[-1] == "约 1"  # 1 : 1 的每步便宜，可是要走 5.5 倍的步数：27.5 比 20
    assert [times_text(t) for t in (0.6, 0.7, 1.49, 1.5, 5.44, 41.6)] == (
        ["0.6", "约 1", "约 1", "1.5", "5.4", "42"]
    )


def test_many_cured_seeds_do_not_help_when_the_usual_quality_is_poor(monkeypatch):
    found = records({"gan": (0, 0.5), "pac_2": (10, 0.9)})
    assert reliable(found) == ["pac_2"]
    monkeypatch.setattr(cure_table, "GOOD", 0.95)
    assert reliable(found) == []


def test_every_group_has_its_own_line_with_its_own_numbers():
    rows = rows_of(
        table(
            records(dict.fromkeys(NAMES, (3, 0.5)) | {"mr_gan": (10, 0.9)}),
            dict.fromkeys(NAMES, 11.2) | {"mr_gan": 22.6},
        )
    )
    assert [row[1] for row in rows] == [NAMES[arm] for arms in FAMILIES.values() for arm in arms]
    assert [row[0] for row in rows if row[0]] == list(FAMILIES)
    lines = {row[1]: row[2:] for row in rows}
    assert lines["MRGAN"] == ["10 / 10", "8", "0.9", "0.25", "3", "23"]
    assert lines["GAN"] == ["3 / 10", "5", "0.5", "0.25", "3", "11"]


def test_the_cost_is_of_the_steps_after_the_first_few_and_per_thousand(monkeypatch):
    clock, trained = [0.0], []

    def fake_train(setup, until, start=0):
        trained.append((setup, start, until))
        clock[0] += 7.0 if start == 0 else 0.02 * (until - start)  # 头几步慢得多

    monkeypatch.setattr(cure_table, "train", fake_train)
    monkeypatch.setattr(cure_table, "build", lambda raw, seed: raw["method"])
    monkeypatch.setattr(cure_table.time, "process_time", lambda: clock[0])
    assert cure_table.costs(40) == pytest.approx(dict.fromkeys(NAMES, 20.0))
    assert trained[:2] == [("gan", 0, 5), ("gan", 5, 45)] and ("ebgan", 5, 45) in trained


def test_every_group_says_what_is_changed_and_every_group_is_in_one_family():
    assert list(cure_table.CHANGES) == [arm for arm in NAMES if arm != "gan"]
    assert set(cure_table.CHANGES) == {*cures_in(tuple(NAMES)), *CONTROLS} == set(NAMES) - {"gan"}
    members = [arm for arms in FAMILIES.values() for arm in arms]
    assert members == list(NAMES) == list(EXPERIMENTS["cures"].arms)


def test_a_change_says_so_when_the_momentum_is_taken_away_too():
    for arm, change in cure_table.CHANGES.items():
        without = build(configured(arm, 1), seed=0).method.hparams.beta1 == 0
        assert without == (r"\beta_1=0" in change or arm == "gan_beta1_0"), arm


def rows_of(markdown: str) -> list[list[str]]:
    """Markdown 的表 → 各行的格（去掉表头两行）。"""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in markdown.split("\n")[2:]
    ]


def test_a_table_is_markdown_with_as_many_cells_in_every_line():
    everyone = records(dict.fromkeys(NAMES, (3, 0.5)))
    for text in (table(everyone, dict.fromkeys(NAMES, 9.0)), order(records(SOME), COST)):
        widths = {line.count("|") for line in text.split("\n")}
        assert len(widths) == 1 and widths != {0}


@pytest.mark.parametrize("name", ["gradient_penalties", "even_updates", "packing", "unrolled"])
def test_the_sentence_of_a_row_also_says_what_was_not_treated(name):
    experiment, records = EXPERIMENTS[name], read_results(name, "full")
    said = experiment.said(values_by_arm(records))
    treated, bare = said.split("不加解药：")
    for arm, rows in records.items():
        where = bare if arm == "gan" or arm in CONTROLS else treated
        apart = "：" if "，" in NAMES[arm] else " "
        middle = np.median([row["statistics"]["high_quality"] for row in rows])
        count = f"{NAMES[arm]}{apart}{won(rows)}/{len(rows)}（"
        assert count in where and f"{middle:.0%}）" in where.split(count)[1][:16], arm


def test_what_is_judged_needs_a_patient_and_can_fail():
    rules = {name: EXPERIMENTS[name].rules for name in ("collapse_and_hops", "ensemble")}
    (patient,) = (one for one in rules["collapse_and_hops"] if one.role == "前提")
    assert (patient.arm, patient.statistic) == ("greedy", "high_quality")
    assert not patient.meets(0.0314) and patient.meets(0.06)  # 动量一组散开的样本过不了
    judged = [(one.statistic, one.versus) for one in rules["ensemble"] if one.role == "判据"]
    assert judged == [("gained", None), ("union", "long")]


@pytest.mark.parametrize("name, place", [("ensemble", 1), ("sequences", 0)])
def test_an_interval_that_is_said_to_contain_zero_does(name, place):
    experiment, values = EXPERIMENTS[name], values_by_arm(read_results(name, "full"))
    claims = [rule for rule in experiment.rules if rule.role == "判据"]
    found = paired_interval(claims[place].column(values), claims[place].level)
    assert (
        found.low < 0 < found.high and f"{claims[place].level:.0%} 区间含 0" in experiment.sentence
    )
