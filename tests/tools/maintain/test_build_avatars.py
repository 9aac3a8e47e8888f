"""重建头像：特征抽得与附带的相同；没有画图的软件包时一句话。"""

import sys

import numpy as np
from tool_helpers import load_tool, run_tool

from paddle_gan.data.avatars import ATTRIBUTES, PAIRS, PARTS, avatar_asset

avatars = load_tool("build_avatars")


def test_the_people_and_the_names_come_out_as_shipped():
    asset, tables = avatar_asset(), avatars.COLOURS | avatars.VARIANTS
    for key in ATTRIBUTES:
        assert [*tables[key]] == asset[f"names_{key}"].tolist()
    for part in set(PARTS) - {"head"}:
        assert len(asset[f"layers_{part}"]) == len(tables[part])
    counts = {key: len(table) for key, table in tables.items()}
    assert np.array_equal(avatars.draw_people(counts), asset["people"])


def test_a_person_is_asked_for_with_exactly_the_values_written_down():
    person = np.zeros(len(ATTRIBUTES), np.uint8)
    options = avatars.options_of(person)
    assert options["backgroundColor"] == ["#b6e3f4"] and options["hairColor"] == ["#0e0e0e"]
    assert options["hairVariant"] == ["long01"] and options["headProbability"] == 100
    assert "glassesVariant" not in options and "detailsVariant" not in options
    person[ATTRIBUTES.index("glasses")] = 1
    assert avatars.options_of(person)["glassesVariant"] == ["variant02"]
    assert set(PAIRS) == set(avatars.PAIRED)


def test_without_the_painters_the_command_says_what_to_install(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "dicebear", None)
    wheel = tmp_path / "dicebear_styles-10.6.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    result = run_tool(capsys, monkeypatch, "build_assets", "avatars", wheel)
    assert result.code == 2 and result.err.count("\n") == 1
    assert "pip install dicebear-core==10.7.0 resvg-py==0.5.0" in result.err
