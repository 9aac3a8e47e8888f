"""台账的图：每一格画的是自己那一组，写的是自己那一组的数。"""

import numpy as np
import pytest
from lab_figures import drawn, middle_of, plain

from paddle_gan.figures import BLUE
from paddle_gan.lab import EXPERIMENTS, cycle_parts, pix2pix_parts
from paddle_gan.lab.showcase import FAMILIES


def first_seed(rows: list[dict], key: str) -> str:
    """散点的题目里，画着的那一个种子的一行。"""
    found = rows[0]["statistics"]
    return f"种子 0：{found[key]:.0f} 个模式，高质量 {100 * found['high_quality']:.0f}%"


def test_the_distance_of_every_seed_stands_beside_the_name_of_its_wgan_group():
    records, (*scatters, below) = drawn("wgan_parts")
    names = [plain(label.get_text()) for label in below.get_yticklabels()]
    assert names == [plain(label) for label in EXPERIMENTS["wgan_parts"].arms.values()]
    *dots, floor = below.get_lines()
    for place, (axis, rows) in enumerate(zip(scatters, records.values(), strict=True)):
        assert plain("".join(axis.get_title().split("\n")[:-1])) == names[place]
        assert axis.get_title().split("\n")[-1] == first_seed(rows, "covered_1pct")
        every, middle = dots[2 * place : 2 * place + 2]
        assert list(every.get_xdata()) == [row["statistics"]["w1"] for row in rows]
        assert list(middle.get_xdata()) == [middle_of(rows, "w1")]
        assert {*every.get_ydata(), *middle.get_ydata()} == {place}
    assert list(floor.get_xdata()) == pytest.approx([0.13] * 2, abs=0.01)


SHOWCASE = ("packing", "minibatch_discrimination", "gradient_penalties", "more_networks")
SHOWCASE += ("even_updates", "other_losses")


def good_seeds(rows: list[dict]) -> list[bool]:
    """哪几个种子治好了。"""
    found = [row["statistics"] for row in rows]
    return [one["covered_1pct"] == 8 and one["high_quality"] >= 0.8 for one in found]


def seeds_are_on_their_line(below, place: int, rows: list[dict]) -> bool:
    """第 place 行上的数字：每个种子一个，横坐标、模式数、治没治好的颜色都是它自己的。"""
    wanted = [
        (one["statistics"]["high_quality"], f"${one['statistics']['covered_1pct']:.0f}$", ok)
        for one, ok in zip(rows, good_seeds(rows))
    ]
    dots = [dot for dot in below.get_lines() if dot.get_marker().startswith("$")]
    mine = [dot for dot in dots if round(dot.get_ydata()[0]) == place]
    found = [(dot.get_xdata()[0], dot.get_marker(), dot.get_color() == BLUE) for dot in mine]
    return sorted(found) == sorted(wanted)


@pytest.mark.parametrize("name", SHOWCASE)
def test_the_showcase_shows_every_seed_beside_the_one_that_is_drawn(name):
    records, (*scatters, below) = drawn(name)
    names = [label.get_text() for label in below.get_yticklabels()]
    for place, (axis, (arm, rows)) in enumerate(zip(scatters, records.items(), strict=True)):
        label, won, here = axis.get_title().split("\n")
        assert plain(label) == plain(names[place]) == plain(EXPERIMENTS[name].arms[arm])
        assert won == f"治好 {sum(good_seeds(rows))} / 10 个种子"
        assert here == first_seed(rows, "covered_1pct")
        assert seeds_are_on_their_line(below, place, rows)


def test_points_outside_the_frame_are_counted_where_one_looks():
    records, (*scatters, _) = drawn("more_networks")
    for axis, rows in zip(scatters, records.values(), strict=True):
        (low, high), points = axis.get_xlim(), np.array(rows[0]["curves"]["points"])
        outside = int(((points < low) | (points > high)).any(axis=0).sum())
        wanted = [f"框外还有 {outside} 点（共 400）"] if outside else []
        assert [text.get_text() for text in axis.texts] == wanted
    assert any(axis.texts for axis in scatters)


def test_all_cures_stand_in_one_chart_by_family_with_the_number_of_cured_seeds():
    records, (axis,) = drawn("cures")
    names = [label.get_text() for label in axis.get_yticklabels()]
    assert list(map(plain, names)) == list(map(plain, EXPERIMENTS["cures"].arms.values()))
    texts = {text.get_text(): text.get_position()[1] for text in axis.texts}
    for family, arms in FAMILIES.items():
        lines = [list(records).index(arm) for arm in arms]
        assert texts[family] == np.mean(lines) and np.ptp(lines) == len(lines) - 1
    counts = [t for t in axis.texts if t.get_text().endswith(" / 10")]
    for place, (text, rows) in enumerate(zip(counts, records.values(), strict=True)):
        assert (text.get_text(), text.get_position()[1]) == (f"{sum(good_seeds(rows))} / 10", place)
        assert seeds_are_on_their_line(axis, place, rows)


def test_the_frozen_lines_of_helvetica_lie_on_top_where_they_can_be_seen():
    records, (left, *_) = drawn("helvetica")
    thin = [line for line in left.get_lines() if line.get_linewidth() == 1]
    assert [list(line.get_ydata()) for line in thin] == [
        row["curves"]["std"] for row in records["frozen"]
    ]
    assert left.get_lines()[-len(thin) :] == thin  # 后画的在上面


def test_every_translated_character_stands_in_the_row_of_its_group_and_under_its_original():
    records, axes = drawn("cycle_parts")
    lines, count = np.reshape(axes, (len(records) + 2, -1)), len(cycle_parts.SHOWN)
    names = [line[0].get_ylabel().split("\n")[0] for line in lines]
    labels = [EXPERIMENTS["cycle_parts"].arms[arm] for arm in records]
    assert names == ["原字", *labels, "真值"]
    shown = [[axis.get_images()[0].get_array() for axis in line] for line in lines]
    assert np.array_equal(shown[0], shown[-1][count:] + shown[-1][:count])
    for line, pictures, rows in zip(lines[1:], shown[1:], records.values()):
        there, back = (middle_of(rows, f"retrieval_{route}") for route in ("xy", "yx"))
        assert line[0].get_ylabel().endswith(f"检索 {there:.2f}，{back:.2f}")
        kept = rows[0]["curves"]["xy"] + rows[0]["curves"]["yx"]
        assert np.array_equal(pictures, [cycle_parts.unpacked(text) for text in kept])


def test_sixteen_grey_levels_keep_a_picture_to_half_a_level():
    image = np.random.default_rng(0).uniform(-1, 1, (2, 1, 32, 32))
    first, second = (cycle_parts.unpacked(text) for text in cycle_parts.packed(image))
    assert abs(np.stack([first, second]) - image[:, 0]).max() <= 0.5 / 7.5 + 1e-9


def test_the_rows_beside_the_translations_are_copying_and_some_real_character():
    rows = cycle_parts.rows_beside()
    assert rows["不翻译"]["retrieval_xy"] == pytest.approx(0.806)
    sentence = EXPERIMENTS["cycle_parts"].sentence
    there, back = (rows["不翻译"][f"retrieval_{route}"] for route in ("xy", "yx"))
    assert f"不翻译就有 {there:.0%}、{back:.0%}，" in sentence
    there, back = (rows["不翻译"][f"style_{route}"] for route in ("xy", "yx"))
    assert f"不翻译 {there:.0%}、{back:.1%}" in sentence
    assert f"随便一个真字 {rows['随便一个真字']['retrieval_xy']:.1%}" in sentence
    assert rows["不翻译"]["correlation_xy"] == pytest.approx(rows["不翻译"]["correlation_yx"])
    assert all(rows["随便一个真字"][f"retrieval_{route}"] < 0.02 for route in ("xy", "yx"))


def test_every_pair_stands_in_the_row_of_its_group_with_its_own_numbers():
    records, axes = drawn("pix2pix_parts")
    lines, number = np.reshape(axes, (-1, pix2pix_parts.COLUMNS)), 0
    for name, source in (("glyphs", "汉字：黑体"), ("digits", "数字：边缘")):
        task = pix2pix_parts.task(name)
        mine = {a: rows for a, rows in records.items() if pix2pix_parts.PARTS[a][0] == name}
        images = {source: task.x[task.shown, 0], **{arm: None for arm in mine}}
        for key, image in (images | {"真值": task.y[task.shown, 0]}).items():
            line, number = lines[number], number + 1
            if image is None:
                label = EXPERIMENTS["pix2pix_parts"].arms[key].removeprefix("汉字：")
                assert line[0].get_ylabel() == label
                kept = mine[key][0]["curves"]["images"]
                image = np.stack([pix2pix_parts.unpacked(text) for text in kept])
                edge, near = (middle_of(mine[key], one) for one in ("edge", "correlation"))
                said = line[-1].texts[0].get_text()
                assert said == f"边缘能量 {edge:.2f} 倍\n与真值的相关 {near:.2f}"
            else:
                assert line[0].get_ylabel() == key
            assert np.array_equal([axis.get_images()[0].get_array() for axis in line], image)
    assert number == len(lines)


def test_the_bars_of_a_direction_are_its_own_movement_the_other_s_and_its_changed_digits():
    records, axes = drawn("directions")
    wanted = [("gain_thick", "leak_thick"), ("gain_slant", "leak_slant")]
    for axis, keys in zip(axes, [*wanted, ("class_thick", "class_slant")]):
        heights = [[bar.get_height() for bar in bars] for bars in axis.containers]
        assert heights == [[middle_of(rows, key) for rows in records.values()] for key in keys]
        names = [label.get_text() for label in axis.get_xticklabels()]
        assert names == list(EXPERIMENTS["directions"].arms.values())
    assert [axis.get_title() for axis in axes[:2]] == ["往“更粗”走", "往“更斜”走"]
