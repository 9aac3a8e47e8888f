"""滑块：没有装 ipywidgets 说一句；装了，停在哪个选项就画哪个。"""

import sys
from types import ModuleType, SimpleNamespace

from paddle_gan.teaching import slide


def test_without_ipywidgets_the_first_picture_and_one_sentence(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    seen = []
    notebook = ModuleType("IPython.display")
    notebook.display = seen.append
    monkeypatch.setitem(sys.modules, "IPython.display", notebook)
    assert slide(lambda step: f"第 {step} 步", [1, 2, 3], "步", start=2) is None
    assert seen == ["第 2 步"]
    said = capsys.readouterr().out
    assert said.startswith("这是“步”取 2 时的一张。") and said.count("\n") == 1
    assert "pip install ipywidgets" in said


def test_with_ipywidgets_the_bar_offers_every_choice_and_draws_the_one_it_stands_on(monkeypatch):
    moved = []
    fake = ModuleType("ipywidgets")
    fake.SelectionSlider = SimpleNamespace
    fake.interact = lambda draw, **controls: moved.append((draw, controls))
    monkeypatch.setitem(sys.modules, "ipywidgets", fake)
    slide(lambda step: f"第 {step} 步", {0: "甲", 50: "乙"}, "步")
    ((draw, controls),) = moved
    bar = controls["choice"]
    assert (bar.options, bar.value, bar.description) == ([0, 50], 50, "步")
    assert draw(choice=0) == "第 0 步"


def test_the_bar_can_start_anywhere_also_at_zero(monkeypatch):
    moved = []
    fake = ModuleType("ipywidgets")
    fake.SelectionSlider = SimpleNamespace
    fake.interact = lambda draw, choice: moved.append(choice.value)
    monkeypatch.setitem(sys.modules, "ipywidgets", fake)
    slide(str, [0, 1, 2], "d", 0)
    slide(str, [0, 1, 2], "d", start=1)
    assert moved == [0, 1]
