"""写序列的训练：sample.py 印出序列也画成图，evaluate.py 打分，看板有转移矩阵；用不上的说一句。"""

import json
import shutil

import numpy as np
import pytest
from tool_helpers import assert_one_sentence, decode, run_tool, tiny_run

from paddle_gan.data.poems import Poems
from paddle_gan.run.run import Run
from paddle_gan.viz import text_rows, token_rows


@pytest.fixture
def tool(capsys, monkeypatch):
    return lambda name, *arguments: run_tool(capsys, monkeypatch, name, *arguments)


def test_sequences_are_printed_and_drawn_and_the_same_seed_repeats_them(tmp_path, tool):
    outs = [tmp_path / f"{i}.png" for i in range(3)]
    said = [
        tool("sample", tiny_run("seq_gan"), "--out", out, "--num", 5, "--seed", seed).out
        for out, seed in zip(outs, (7, 7, 8))
    ]
    *rows, last = said[0].strip().splitlines()
    tokens = np.array([[int(token) for token in row.split()] for row in rows])
    assert tokens.shape == (5, 8) and set(tokens.ravel()) <= set(range(10))
    assert last == f"5 条序列（第 3 步，种子 7）→ {outs[0]}"
    assert np.array_equal(decode(outs[0])[..., ::-1], token_rows(tokens, 10))
    assert outs[0].read_bytes() == outs[1].read_bytes() != outs[2].read_bytes()


def test_what_sequences_have_no_use_for_is_refused_in_one_sentence(tmp_path, tool):
    for options in (["--columns", 3], ["--interpolate"], ["--class", "1"], ["--each-class"]):
        result = tool("sample", tiny_run("seq_gan"), "--out", tmp_path / "a.png", *options)
        assert_one_sentence(result, "写的是序列", options[0])
    result = tool("sample", tiny_run("seq_gan"), "--out", tmp_path / "a.png", "--num", 1001)
    assert_one_sentence(result, "--num 要在 1 到 1000 之间，现在是 1001")
    assert list(tmp_path.iterdir()) == []


def test_it_is_scored_beside_the_ways_to_cheat_and_several_draws_differ(tmp_path, tool):
    run = shutil.copytree(tiny_run("seq_gan"), tmp_path / "跑")
    result = tool("evaluate", run, "--draws", 2)
    assert result.code == 0
    for name in ("真实数据", "均匀乱写", "照抄训练集", "只写一条", "NLL_oracle", "不同的 4 元组"):
        assert name in result.out
    saved = json.loads((run / "eval.json").read_text(encoding="utf-8"))
    first, second = saved["draws"]
    assert first["sequences/nll_oracle"] != second["sequences/nll_oracle"]
    assert first["sequences/nll_test"] == second["sequences/nll_test"] > 11.7  # 没有抽样
    assert Run(run).shapes().vocabulary == (10,)


def test_verses_are_printed_in_characters_and_written_on_the_picture(tmp_path, tool):
    run = shutil.copytree(tiny_run("poems"), tmp_path / "诗")
    out = tmp_path / "诗.png"
    said = tool("sample", run, "--out", out, "--num", 3).out
    *verses, last = said.strip().splitlines()
    assert last == f"3 条序列（第 3 步，种子 0）→ {out}"
    characters = Poems(vocabulary=200).characters
    for verse in verses:
        upper, lower = verse.rstrip("。").split("，")
        assert len(upper) == len(lower) == 5 and set(upper + lower) <= set(characters)
    assert np.array_equal(decode(out), text_rows(verses)[..., 0])  # 灰度的图
    preview = decode(sorted((run / "samples").glob("fixed_*.png"))[-1])
    assert len(preview) == 16 * 32  # 预览也写字：16 行
    assert not list((run / "samples").glob("transitions_*"))
    result = tool("evaluate", run)
    assert result.code == 0
    for name in ("真实数据", "照抄训练集", "真诗的字打乱", "一联写到底", "（一元）", "（二元）"):
        assert name in result.out
    scores = json.loads((run / "eval.json").read_text(encoding="utf-8"))["scores"]
    assert scores["poems/nll_test"] == pytest.approx(np.log(200), rel=0.05)  # 几乎没有练


def test_the_transition_matrices_are_drawn_side_by_side():
    pictures = sorted((tiny_run("seq_gan") / "samples").glob("transitions_*.png"))
    assert [picture.stem[-1] for picture in pictures] == ["1", "2", "3"]
    picture = decode(pictures[-1])
    assert picture.shape == (240 + 2 + 28, 2 * 242, 3)
    made, true = picture[:242, :242], picture[:242, 242:]
    assert not np.array_equal(made, true)
    cell = true[24 * 5 + 12, 24 * 5 + 12]  # 5 后面还是 5：真的链里概率 0.74
    assert int(cell[0]) - int(cell[2]) == pytest.approx(0.742 * (180 - 31), abs=2)  # BGR：深蓝
