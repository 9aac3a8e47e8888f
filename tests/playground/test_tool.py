"""tools/playground.py：缺了 gradio、参数不对，一句话。"""

import sys

import pytest
from tool_helpers import assert_one_sentence, run_tool


def test_without_gradio_one_sentence_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    result = run_tool(capsys, monkeypatch, "playground")
    assert_one_sentence(result, "gradio", "pip install -r requirements-playground.txt")


@pytest.mark.parametrize("arguments", [("--port", "0"), ("--visitors", "x"), ("--没有",)])
def test_a_wrong_argument_is_one_sentence(capsys, monkeypatch, arguments):
    assert_one_sentence(run_tool(capsys, monkeypatch, "playground", *arguments))
