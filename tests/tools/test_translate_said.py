"""tools/translate.py 最后一句里的几个数：各有几张、每块多大，一个不错。"""

import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest
from tool_helpers import load_tool, tiny_run

from paddle_gan.evaluation.translation import Translator
from paddle_gan.evaluation.translation_files import Source
from paddle_gan.run.build import Shapes
from paddle_gan.run.run import Run


def remarks(translator, sources: list[Source], kept: int = 0) -> str:
    """这些输入的补充几句；前 kept 个的输出名里留着扩展名。"""
    tool = load_tool("translate")
    named = {Path(f"{i}.jpg"): source for i, source in enumerate(sources)}
    plan = {f: Path("out", f"{f.stem}{'.jpg' * (i < kept)}.png") for i, f in enumerate(named)}
    return tool.remarks(translator, plan, named)


def translator(max_side, tile) -> Translator:
    shapes = Shapes((1, 32, 32), (1, 32, 32), (-1.0, 1.0))
    return Translator(Run(tiny_run("cyclegan")).config(), None, shapes, "x2y", max_side, tile)


@pytest.mark.parametrize("size", [(65, 10), (10, 65)])
def test_a_long_side_over_the_limit_is_said_to_shrink_and_one_at_the_limit_is_not(size):
    small = [Source((64, 10), False, False), Source((64, 64), False, False)]
    assert remarks(translator(64, None), small) == ""
    said = remarks(translator(64, None), [*small, Source(size, False, False)])
    assert said == "；1 张长边超过 64，是缩小后译的（--tile auto 不缩小）"


def test_each_number_counts_its_own_kind():
    sources = [
        Source((20, 500), True, False),
        Source((500, 20), True, False),
        Source((20, 30), True, True),
        Source((64, 64), False, True),
    ]
    assert remarks(translator(None, 64), sources, kept=1) == (
        "；2 张是分块译的，每块 64×64，重叠 16；3 张的透明照原样留着"
        "；2 张动图，译的是第一帧；1 张与别的只差扩展名，输出名里留着扩展名"
    )


def test_a_piece_is_said_width_first_as_pictures_are():
    uneven = SimpleNamespace(
        max_side=None,
        tiles=lambda: (48, 80),
        multiples=(12, 20),
        shrinks=lambda height, width: False,
        in_tiles=lambda height, width: True,
        holed=False,
        factor=1,
    )
    assert "每块 80×48，" in remarks(uneven, [Source((100, 200), False, False)])


class FromNoise:
    """从噪声生成的方法。"""

    def noise(self, n):
        raise NotImplementedError

    generate = sampler = noise


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ["--checkpoint", "last"]),
        ({"checkpoint": "best", "ema": True}, ["--checkpoint", "best", "--ema"]),
        (
            {"checkpoint": "30", "device": "gpu:1"},
            ["--checkpoint", "30", "--device", "gpu:1"],
        ),
    ],
)
def test_the_suggested_command_samples_the_same_weights(given, words, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["tools/translate.py"])
    common = {"run": tmp_path / "训练", "out": tmp_path, "checkpoint": "last", "ema": False}
    args = SimpleNamespace(**(common | {"device": "auto"} | given))
    tool = load_tool("translate")
    said = tool.instead(args, FromNoise()).removeprefix("；要从噪声生成，请用 ")
    place = [f"{tmp_path}/训练", "--out", f"{tmp_path}/samples.png"]
    assert shlex.split(said) == ["python", "tools/sample.py", *place, *words]
    assert tool.instead(args, object()) == ""
