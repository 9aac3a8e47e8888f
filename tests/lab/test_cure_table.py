"""解药的两张表：每一格是自己那一组的数，次序照治好的种子与用时。"""

from paddle_gan.lab import EXPERIMENTS, cure_table
from paddle_gan.lab.cure_table import left_out, order, reliable, table
from paddle_gan.lab.showcase import FAMILIES, NAMES
from paddle_gan.lab.showcase_row import CONTROLS, cures_in


def records(arm_seconds: dict[str, tuple[int, float, float]]) -> dict[str, list[dict]]:
    """{组: (治好几个种子, 其余种子的高质量, 秒)} 造成十个种子的记录。"""
    found = {}
    for arm, (good, poor, cost) in arm_seconds.items():
        found[arm] = [
            {
                "statistics": {
                    "covered_1pct": 8.0 if seed < good else 5.0,
                    "high_quality": 0.9 if seed < good else poor,
                    "reverse_kl": 0.25,
                    "halfway": 3.0,
                },
                "seconds": cost + seed / 10,
            }
            for seed in range(10)
        ]
    return found


SOME = {"gan": (0, 0.5, 20), "gan_256": (10, 0.9, 1), "pac_2": (10, 0.9, 30)}
SOME |= {"r1_r2": (10, 0.9, 25), "dragan": (8, 0.1, 5), "sngan": (7, 0.9, 5), "lsgan": (0, 0.1, 5)}


def test_the_order_is_by_cured_seeds_then_by_cost_and_leaves_out_those_under_the_line():
    found = records(SOME)
    assert reliable(found) == ["r1_r2", "pac_2", "dragan"]
    assert left_out(found) == "SNGAN 7 / 10，LSGAN 0 / 10"
    *_, third = rows_of(order(found))
    assert third == ["3", "DRAGAN", cure_table.CHANGES["dragan"], "8 / 10", "3 / 8", "0.3"]


def test_many_cured_seeds_do_not_help_when_the_usual_quality_is_poor(monkeypatch):
    found = records({"gan": (0, 0.5, 20), "pac_2": (10, 0.9, 30)})
    assert reliable(found) == ["pac_2"]
    monkeypatch.setattr(cure_table, "GOOD", 0.95)
    assert reliable(found) == []


def test_every_group_has_its_own_line_and_a_run_of_more_steps_costs_less_per_thousand():
    costs = {arm: (3, 0.5, 22.0) for arm in NAMES}
    rows = rows_of(table(records(costs | {"mr_gan": (10, 0.9, 45.55)})))
    assert [row[1] for row in rows] == [NAMES[arm] for arms in FAMILIES.values() for arm in arms]
    assert [row[0] for row in rows if row[0]] == list(FAMILIES)
    lines = {row[1]: row[2:] for row in rows}
    assert lines["MRGAN"] == ["10 / 10", "8", "0.9", "0.25", "3", "23"]
    assert lines["GAN"] == ["3 / 10", "5", "0.5", "0.25", "3", "11"]
    assert lines["GAN，1 : 1，更新一样多"][-1] == "2"  # 22.45 秒走了 11,000 步


def test_every_cure_says_what_is_changed_and_every_group_is_in_one_family():
    assert set(cure_table.CHANGES) == set(cures_in(tuple(NAMES)))
    assert set(CONTROLS) | set(cure_table.CHANGES) | {"gan"} == set(NAMES)
    members = [arm for arms in FAMILIES.values() for arm in arms]
    assert members == list(NAMES) == list(EXPERIMENTS["cures"].arms)


def rows_of(markdown: str) -> list[list[str]]:
    """Markdown 的表 → 各行的格（去掉表头两行）。"""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in markdown.split("\n")[2:]
    ]


def test_a_table_is_markdown_with_as_many_cells_in_every_line():
    for text in (table(records({arm: (3, 0.5, 9) for arm in NAMES})), order(records(SOME))):
        widths = {line.count("|") for line in text.split("\n")}
        assert len(widths) == 1 and widths != {0}
