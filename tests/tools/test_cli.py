"""tools/_cli.py：~ 会展开，离谱的数一句话，内存不够时说的是这个命令的办法。"""

from pathlib import Path

import pytest
from tool_helpers import assert_one_sentence, load_tool, run_tool, tiny_run

TOOLS = ("train", "sample", "evaluate", "export", "translate", "report", "dashboard")


def test_a_path_may_begin_with_the_home_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "训练").symlink_to(tiny_run("gan"), target_is_directory=True)
    result = run_tool(capsys, monkeypatch, "sample", "~/训练", "--out", "~/图/a.png")
    assert result.code == 0, result.err
    assert (tmp_path / "图/a.png").is_file() and not Path("~").exists()


@pytest.mark.parametrize("tool", TOOLS)
def test_every_path_of_a_command_is_expanded(tool):
    source = (Path(load_tool("_cli").__file__).parent / f"{tool}.py").read_text(encoding="utf-8")
    assert "type=Path" not in source and ("type=_cli.path" in source or "_cli.add_runs" in source)


@pytest.mark.parametrize("text", ["0", "11", "-3", "1.5", "", "²", "一", "9" * 5000, "1_0"])
def test_a_number_beyond_sense_is_one_short_sentence(text):
    convert = load_tool("_cli").whole(1, 10)
    assert [convert(good) for good in ("1", "10", "007")] == [1, 10, 7]
    with pytest.raises(Exception, match="^要 1 到 10 的整数，现在是") as refused:
        convert(text)
    assert len(str(refused.value)) < 60


LEVERS = {
    "train": "batch_size",
    "sample": "--num",
    "evaluate": "--samples",
    "translate": "--tile",
    "report": "训练目录",
}


@pytest.mark.parametrize("tool, lever", LEVERS.items())
def test_too_little_memory_names_the_lever_of_this_command(tool, lever, monkeypatch, capsys):
    module = load_tool(tool)

    def starve():
        raise MemoryError("Unable to allocate 5.82 TiB")

    monkeypatch.setattr(module, "main", starve)
    assert_one_sentence(run_tool(capsys, monkeypatch, tool), "内存不够", lever)
    assert ("batch_size" in module.MEMORY) == (tool == "train")
    assert "_cli.run(main, MEMORY)" in Path(module.__file__).read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--seeds", "--jobs", "--minutes"])
def test_a_lone_separator_is_no_value(option, capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "lab", "run", "ensemble", f"{option}=--")
    assert_one_sentence(result, f"{option} 后面要写一个值")


@pytest.mark.parametrize("text", ["0", "-3", "nan", "inf", "1e3", "", "九", "9" * 5000, "200000"])
def test_the_minutes_of_the_lab_are_a_sensible_number(text):
    convert = load_tool("lab").minutes
    assert [convert(good) for good in ("0.5", "20", "100000")] == [0.5, 20.0, 100_000.0]
    with pytest.raises(Exception, match="^要大于 0") as refused:
        convert(text)
    assert len(str(refused.value)) < 60


def test_a_seed_beyond_sense_is_one_sentence(capsys, monkeypatch):
    for seed in ("-1", "9" * 5000, "1.5"):
        result = run_tool(capsys, monkeypatch, "train", "-c", "a.yml", "--seed", seed)
        assert_one_sentence(result, "--seed", "要 0 到 9223372036854775807 的整数")
        assert len(result.err) < 200


USAGE = {
    ("sample", "runs/a"): "还缺 --out；",
    ("sample", "runs/a", "--out", "a.png", "--each-class", "--class", "猫"): (
        "--class 与 --each-class 只能写一个；"
    ),
    ("sample", "runs/a", "--out"): "--out 后面要写一个值；",
    ("sample", "runs/a", "--out", "a.png", "--ema=1"): "--ema 后面不写值，现在写了 '1'；",
    ("sample", "runs/a", "--se", "3"): "--se 写得太短，分不清是 --separate, --seed；",
    ("sample", "gallery:没有", "--out", "a.png"): "run：未知的随包的训练 gallery:没有",
    ("translate", "runs/a", "--input", "a", "--out", "b", "--direction", "z"): (
        "--direction 没有 'z'（可用：'x2y', 'y2x'）；"
    ),
    ("report", "--out", "a.html"): "还缺 RUN；",
    ("train", "-c", "a.yml", "b.yml"): "不认得的参数 b.yml；用 --help",
    ("train", "-c", "a.yml", "-o", "a=1", "b=2"): "不认得的参数 b=2；每一项覆盖前面都要有自己的 -o",
    (
        "train",
        "-c",
        "a.yml",
        "--seed",
        "x",
    ): "--seed：要 0 到 9223372036854775807 的整数",
    ("sample", "runs/a", "--out", "a.png", "b=2"): "不认得的参数 b=2；用 --help",
    ("lab", "fly"): "command 没有 'fly'（可用：'list', 'run', 'report'）；",
}


@pytest.mark.parametrize("words", USAGE, ids=" ".join)
def test_a_mistaken_command_line_is_one_sentence_in_chinese(words, capsys, monkeypatch):
    tool, *arguments = words
    result = run_tool(capsys, monkeypatch, tool, *arguments)
    assert_one_sentence(result, f"错误：命令行参数不对：{USAGE[words]}")
    assert "argument" not in result.err


@pytest.mark.parametrize(
    ("nargs", "given", "said"),
    [
        ("+", [], "--pair 后面至少写一个值"),
        (2, ["1"], "--pair 后面要写 2 个值"),
        ("?", ["1", "2"], "不认得的参数 2"),
        (1, ["x"], "--pair 的值不对，现在是 'x'"),
    ],
)
def test_the_kinds_no_tool_has_yet_are_in_chinese_too(nargs, given, said, capsys):
    parser = load_tool("_cli").Parser()
    parser.add_argument("--pair", nargs=nargs, type=int)
    with pytest.raises(SystemExit):
        parser.parse_args(["--pair", *given])
    assert f"：{said}；" in capsys.readouterr().err


def test_one_of_several_is_asked_for_in_chinese(capsys):
    parser = load_tool("_cli").Parser()
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--one"), group.add_argument("--two")
    with pytest.raises(SystemExit):
        parser.parse_args([])
    assert "：要写一个：--one --two；" in capsys.readouterr().err
