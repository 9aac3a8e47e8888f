"""tools/playground.py：缺了 gradio、参数不对，一句话。"""

import sys
import threading
import urllib.request

import pytest
from tool_helpers import assert_one_sentence, run_tool

from paddle_gan.errors import UserError
from paddle_gan.playground import show as shown


def test_without_gradio_one_sentence_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    result = run_tool(capsys, monkeypatch, "playground")
    assert_one_sentence(result, "gradio", "pip install -r requirements-playground.txt")


@pytest.mark.parametrize("arguments", [("--port", "0"), ("--visitors", "x"), ("--没有",)])
def test_a_wrong_argument_is_one_sentence(capsys, monkeypatch, arguments):
    assert_one_sentence(run_tool(capsys, monkeypatch, "playground", *arguments))


def test_in_a_notebook_without_gradio_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    with pytest.raises(UserError, match="requirements-playground.txt"):
        shown.show()


@pytest.mark.slow
def test_showing_it_again_closes_the_one_before(monkeypatch):
    pytest.importorskip("gradio", reason="没有装 gradio（requirements-playground.txt）")
    monkeypatch.delenv("GRADIO_SERVER_NAME", raising=False)
    first = shown.show()
    second = shown.show()
    assert first.sessions.enter("甲") is None and not first.sessions.folder.exists()
    assert repr(second) == f"演练场：{second.address}" and "127.0.0.1" in second.address
    with urllib.request.urlopen(second.address, timeout=60) as answer:
        assert "GAN 演练场" in answer.read().decode()
    second.close()
    assert not [t for t in threading.enumerate() if t.name in ("sweeper", "playground")]
