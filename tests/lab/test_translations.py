"""C2、C3：两个域里有哪些图，译文怎样变回来，怎样打分；图上的数是自己那一组的。"""

from pathlib import Path

import numpy as np
import pytest
from lab_groups import built

from paddle_gan.data import Glyphs, Pair, Unpaired
from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, shared_glyphs, turned_digits
from paddle_gan.lab.cycle_parts import packed
from paddle_gan.lab.dcgan_parts import as_text
from paddle_gan.lab.pix2pix_parts import evenly_shown
from paddle_gan.lab.runner import read_results
from paddle_gan.lab.shared_glyphs import EACH, SHARED, FewGlyphs
from paddle_gan.lab.turned_digits import CHANGES, ChangedDigits, pictures

ROOT = Path(__file__).resolve().parents[2]
C2, C3 = EXPERIMENTS["shared_glyphs"], EXPERIMENTS["turned_digits"]


@pytest.mark.parametrize("arm, shared", SHARED.items())
def test_the_two_domains_share_as_many_characters_as_the_group_says(arm, shared):
    data = FewGlyphs(shared)
    x, y = (set(data.characters(domain)) for domain in "xy")
    assert len(x) == len(y) == EACH and len(x & y) == shared
    assert not (x | y) & set(Glyphs(split="test").characters("x"))
    assert x == set(FewGlyphs(0).characters("x"))  # 几组的 x 是同样的字
    assert data.lengths(Unpaired) == (EACH, EACH) and data.lengths(Pair) == (shared,)
    assert {chr(data.codepoints[i]) for i in data.paired} == x & y


def test_a_pair_is_the_same_character_in_both_fonts():
    data, rng = FewGlyphs(EACH), np.random.default_rng(0)
    some = np.array([0, 7, EACH - 1])
    pair, loose = data.batch(Pair, (some,), rng), data.batch(Unpaired, (some, some), rng)
    everything = Glyphs(**shared_glyphs.FONTS).batch(Pair, (data.paired[some],), rng)
    assert np.array_equal(pair.x, everything.x) and np.array_equal(pair.y, everything.y)
    assert np.array_equal(loose.x, pair.x)


def test_the_groups_train_on_their_own_characters(monkeypatch):
    seen = {arm: built("shared_glyphs", arm, monkeypatch)[0].data for arm in C2.arms}
    assert {arm: len(data.paired) for arm, data in seen.items()} == SHARED
    assert all(isinstance(data, FewGlyphs) for data in seen.values())


def test_translations_are_looked_up_among_the_truths_and_among_the_originals():
    x, y = shared_glyphs.tested()
    copied, perfect = shared_glyphs.scores(x), shared_glyphs.scores(y)
    assert copied["source"] == perfect["top_1"] == perfect["top_5"] == 1
    assert copied["top_1"] < copied["top_5"] < 0.5 and perfect["source"] < 0.5
    assert copied["style"] < 0.05 < 0.95 < perfect["style"]
    assert f"不翻译是 {copied['top_5']:.0%}" in C2.sentence


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_changes_back_and_the_domains_share_nothing(change):
    there, back = CHANGES[change]
    x = pictures("test")[0][:5]
    assert np.array_equal(back(there(x)), x) and not np.array_equal(there(x), x)
    data, rng = ChangedDigits(change), np.random.default_rng(0)
    some = np.arange(10)
    pair, loose = data.batch(Pair, (some,), rng), data.batch(Unpaired, (some, some), rng)
    assert np.array_equal(pair.y, there(pair.x)) and np.array_equal(loose.x, pair.x)
    assert np.array_equal(back(loose.y), pictures("train")[0][1:20:2])
    assert data.lengths(Unpaired) == (len(pictures("train")[0]) // 2,) * 2


def test_a_quarter_turn_goes_against_the_clock():
    corner = np.zeros((1, 1, 3, 3), np.float32)
    corner[..., 0, 2] = 1  # 右上角
    assert turned_digits.turned(corner, 1)[0, 0].argmax() == 0  # 左上角


def test_the_right_translation_is_read_and_the_untranslated_is_not():
    x, _ = pictures("test")
    for change, (there, _) in CHANGES.items():
        right, copied = turned_digits.scores(change, there(x)), turned_digits.scores(change, x)
        assert right["accuracy"] == right["matched"] > 0.98 > 0.25 > copied["accuracy"]
        assert right["fd"] < 1e-3 < 50 < copied["fd"]
    assert f"一点不译是 {copied['accuracy']:.0%}" in C3.sentence
    untranslated = turned_digits.scores("inverted", x)["accuracy"]
    assert f"一点不译是 {untranslated:.0%}），转 90°" in C3.sentence


def test_the_groups_of_digits_train_on_their_own_change(monkeypatch):
    x = pictures("test")[0][:1]
    for arm, change in turned_digits.CHANGE_OF.items():
        data = built("turned_digits", arm, monkeypatch)[0].data
        assert np.array_equal(data.change(x), CHANGES[change][0](x))


def test_a_run_is_scored_on_what_it_draws_and_on_the_way_back(monkeypatch):
    x, drawn = pictures("test")[0], []

    def translate(method, images):
        drawn.append(images)
        return turned_digits.turned(images, 1) if len(drawn) == 1 else -images

    monkeypatch.setattr(turned_digits, "train", lambda setup, steps: None)
    monkeypatch.setattr(turned_digits, "translations", translate)
    found = turned_digits.measure("turned", 0, {"steps": 3})
    assert np.array_equal(drawn[1], turned_digits.turned(x, 1))
    assert found.statistics["accuracy"] > 0.98
    back = np.abs(x + turned_digits.turned(x, 1)).mean() / 2
    assert found.statistics["cycle"] == pytest.approx(back, rel=1e-5)
    shown = turned_digits.SHOWN
    assert found.curves["returned"] == [as_text(-one) for one in drawn[1][shown]]
    drawn.clear()
    paired = turned_digits.measure("paired", 1, {"steps": 3})
    assert "cycle" not in paired.statistics and paired.curves == {} and len(drawn) == 1


def test_the_pictures_show_every_group_beside_the_truth():
    x = pictures("test")[0][turned_digits.SHOWN]
    there, back = [as_text(one) for one in x], [as_text(-one) for one in x]
    scores = {"accuracy": 0.25, "matched": 0.5, "fd": 1.0}
    loose = {
        "statistics": scores | {"cycle": 0.0625},
        "curves": {"images": there, "returned": back},
    }
    paired = {"statistics": scores, "curves": {"images": there}}
    records = {arm: [paired if arm == "paired" else loose] for arm in C3.arms}
    with style():
        figure = C3.draw(records)
        assert not missing_glyphs(figure)
    # 原图；反色：译文、译回来、真值；转：译文、译回来；有配对：译文、真值
    labels = [axes.get_ylabel() for axes in figure.axes[:: len(x)]]
    assert len(labels) == 8 and labels.count("真值") == 2
    assert sum("25%" in label for label in labels) == 3
    assert sum("0.062" in label for label in labels) == 2

    chosen = shared_glyphs.tested().x[evenly_shown(500)]
    row = {"statistics": {"top_5": 0.5, "source": 0.75}, "curves": {"images": packed(chosen)}}
    with style():
        figure = C2.draw({arm: [row] for arm in C2.arms})
        assert not missing_glyphs(figure)
    labels = [axes.get_ylabel() for axes in figure.axes[:: len(chosen)]]
    assert labels == ["楷体", *C2.arms.values(), "真值"]
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert said.count("真值前五名有自己 50%\n原字第一名是自己 75%") == len(C2.arms)


def test_chapter_12_says_what_the_five_seeds_gave():
    text = "".join(next((ROOT / "tutorials/src").glob("12_*.py")).read_text("utf-8").split())
    average = C3.references()["来回都只画平均的图"]["cycle"]
    assert f"误差是{average:.3f}" in text
    rows = [row["statistics"] for row in read_results("turned_digits", "full")["inverted"]]
    (failed,) = [row for row in rows if row["accuracy"] < 0.9]
    assert f"变回来只认得出{failed['accuracy']:.0%}" in text and f"{failed['cycle']:.3f}" in text
    glyphs = read_results("shared_glyphs", "full")
    best = {arm: np.median([r["statistics"]["top_5"] for r in glyphs[arm]]) for arm in glyphs}
    assert {f"{best[arm]:.0%}" for arm in ("none", "tenth", "all")} == {"52%"}
    assert "前五名都是52%" in text and f"（前五名{best['paired']:.0%}）" in text
