"""故意弄坏代码的清单：每一条都改得动，几乎都被测试发现；真跑两条，无害的改动要报告成漏网。"""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from paddle_gan.methods import METHODS
from tests.mutations import __main__ as command
from tests.mutations.catalogue import ROOT, Mutation, all_mutations
from tests.mutations.runner import run_tests, try_mutation

MUTATIONS = all_mutations()
# 一处无害的改动：只动注释
HARMLESS = Mutation(
    name="harmless",
    why="没有错",
    file="paddle_gan/metrics/transport.py",
    old="# W₁ = ∫ |F(x) − G(x)| dx",
    new="# 一维",
    tests=("tests/metrics/test_wasserstein.py",),
    wider=(),
)


def source_of(mutation: Mutation) -> str:
    return (ROOT / mutation.file).read_text(encoding="utf-8")


def test_every_mutation_changes_exactly_one_place_and_still_compiles():
    for mutation in MUTATIONS:
        before, after = source_of(mutation), mutation.apply(source_of(mutation))
        assert ast.dump(ast.parse(before)) != ast.dump(ast.parse(after)), mutation.name
        assert mutation.tests and not set(mutation.tests) & set(mutation.wider), mutation.name


def test_a_place_that_is_gone_and_code_that_does_not_parse_are_refused():
    with pytest.raises(ValueError, match="harmless：old 在 .* 里有 0 处"):
        replace(HARMLESS, old="早就改掉的一行").apply(source_of(HARMLESS))
    with pytest.raises(ValueError, match="不是合法的 Python"):
        replace(HARMLESS, new="(").apply(source_of(HARMLESS))


def test_the_list_is_long_and_touches_every_layer_and_what_methods_share():
    assert len({m.name for m in MUTATIONS}) == len(MUTATIONS) >= 60
    files = {m.file for m in MUTATIONS}
    methods = [cls.__module__.replace(".", "/") + ".py" for cls in METHODS.values()]
    shared = {f"paddle_gan/{name}.py" for name in ("losses", "methods/base", "methods/from_noise")}
    assert shared <= files and len(set(methods) & files) >= 10
    layers = {Path(file).parent.name for file in files}
    assert layers >= {"data", "engine", "methods", "metrics", "monitor", "networks", "run"}


def test_the_saved_results_cover_the_list_and_at_least_95_percent_are_caught():
    results = command.load(command.RESULTS)
    rows = {m.name: results["mutations"][m.name] for m in MUTATIONS}  # 缺一条就是 KeyError
    assert [m.name for m in MUTATIONS if rows[m.name]["fingerprint"] != m.fingerprint()] == []
    assert {row["outcome"] for row in rows.values()} <= {*command.CAUGHT, "survived"}
    caught = sum(row["outcome"] in command.CAUGHT for row in rows.values())
    assert caught / len(rows) >= 0.95
    assert {name for m in MUTATIONS for name in m.tests} <= results["clean"].keys()


def test_the_page_says_how_long_the_list_is():
    thousands, hundreds = divmod(len(MUTATIONS) // 100, 10)
    said = "".join(
        f"{'零一两三四五六七八九'[digit]}{unit}"
        for digit, unit in ((thousands, "千"), (hundreds, "百"))
        if digit
    )
    page = (ROOT / "docs" / "测试的测试.md").read_text("utf-8")
    assert f"{said}多处真实会犯的错" in page


@pytest.mark.parametrize(
    ("body", "timeout", "outcome", "detail"),
    [
        ("assert True", 120, "passed", "1 passed"),
        ("assert False", 120, "failed", "tests/test_a.py::test_a"),
        ("import os; os.kill(os.getpid(), 9)", 120, "failed", "信号 9"),
        ("import time; time.sleep(60)", 3, "timeout", "3 秒"),
        ("return", 120, "broken", "error"),
    ],
)
def test_how_a_test_ends_is_told_apart(body, timeout, outcome, detail, tmp_path):
    (tmp_path / "tests").mkdir()
    start = "import 没有这个模块\n" if outcome == "broken" else ""
    text = f"{start}def test_a():\n    {body}\n"
    (tmp_path / "tests/test_a.py").write_text(text, encoding="utf-8")
    found = run_tests(tmp_path, ("tests/test_a.py",), timeout)
    assert found[0] == outcome and detail in found[1]


@pytest.mark.slow
def test_a_real_mutation_is_caught_by_name_and_the_checkout_is_untouched():
    (mutation,) = [m for m in MUTATIONS if m.name == "grid_distance_without_spacing"]
    before = source_of(mutation)
    row = try_mutation(mutation, timeout=120)
    assert (row["outcome"], row["wider"]) == ("caught", False)
    assert row["test"].startswith("tests/metrics/test_wasserstein.py::test_")
    assert source_of(mutation) == before


@pytest.mark.slow
def test_a_harmless_change_is_reported_as_a_survivor():
    row = try_mutation(HARMLESS, timeout=120)
    assert (row["outcome"], row["test"]) == ("survived", "")


def test_what_is_known_is_not_run_again_until_it_changes(tmp_path):
    path = tmp_path / "results.json"
    results = command.load(path)
    for name, outcome in (("harmless", "caught"), ("missed", "survived")):
        row = {"fingerprint": HARMLESS.fingerprint(), "outcome": outcome}
        results["mutations"][name] = row
    command.save(path, results)
    results = command.load(path)
    assert command.is_known(HARMLESS, results)
    assert not command.is_known(replace(HARMLESS, new="# 二维"), results)
    missed = replace(HARMLESS, name="missed")
    assert not command.is_known(missed, results)
    assert command.report(results, [HARMLESS, missed]).splitlines() == [
        "共 2 条，发现 1 条",
        "  survived missed（paddle_gan/metrics/transport.py）：没有错",
    ]
