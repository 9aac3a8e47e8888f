"""按类别生成的实验：裁判量的是它说的那个数，取巧的办法露出马脚，图上的数是自己那一组的。"""

import math
import re
from types import SimpleNamespace

import numpy as np
import paddle
import pytest
from lab_figures import drawn, middle_of

from paddle_gan.lab import EXPERIMENTS, codes, label_judges, obey_figures
from paddle_gan.lab.label_judges import taught


def test_a_neighbour_taught_with_right_labels_is_right_and_with_wrong_ones_wrong():
    x = np.repeat(np.eye(3, dtype=np.float32), 4, axis=0).reshape(12, 1, 1, 3)
    labels = np.repeat(np.arange(3), 4)
    test = SimpleNamespace(real=x + 0.1, labels=labels)
    assert taught(x, labels, test) == 1
    assert taught(x, (labels + 1) % 3, test) == 0
    assert taught(x[:4], labels[:4], test) == pytest.approx(1 / 3)  # 只教了一类


def test_the_rows_beside_tell_every_trick_by_one_of_its_numbers():
    rows = label_judges.rows_beside()
    real, shuffled, single = rows.values()
    assert real["accuracy"] > 0.99 and real["spread"] == pytest.approx(1, abs=0.02)
    assert real["nn_gap"] == 0 and real["nn"] == pytest.approx(0.956)
    assert shuffled["accuracy"] < 0.15 and shuffled["fd"] == real["fd"]
    assert single["accuracy"] == 1 and single["spread"] == 0
    assert single["nn_gap"] == pytest.approx(real["nn"] - single["nn"]) and single["nn"] < 0.6


def test_information_is_the_entropy_of_a_copy_and_zero_of_a_stranger():
    a = np.arange(400) % 4
    assert codes.mutual_information(a, 3 - a) == pytest.approx(math.log(4))
    assert codes.mutual_information(a, np.arange(400) // 4 % 5) == pytest.approx(0, abs=1e-12)
    half = codes.mutual_information(a, a // 2)
    assert half == codes.mutual_information(a // 2, a) == pytest.approx(math.log(2))


def test_a_code_is_readable_when_the_other_half_shows_it():
    rng = np.random.default_rng(0)
    wanted = np.arange(1000) % 10
    images = rng.uniform(-1, 1, (1000, 1, 16, 16)).astype(np.float32)
    assert codes.readable(images, wanted) < 0.3
    images[np.arange(1000), 0, 0, wanted] = 9.0
    assert codes.readable(images, wanted) == pytest.approx(codes.CEILING, abs=0.05)


def test_q_names_by_its_own_outputs_without_the_true_or_false_one():
    output = np.full((3, 13), -9.0, np.float32)
    output[:, 0], output[:, 12] = 99.0, 99.0  # 真假的 logit、连续编码，都不是类别
    output[[0, 1, 2], [1, 10, 4]] = 5.0
    method = SimpleNamespace(D=lambda x: paddle.to_tensor(output))
    assert codes.named_by(method, np.zeros((3, 1, 2, 2), np.float32)).tolist() == [0, 9, 3]


def test_images_kept_as_text_are_laid_ten_to_a_row():
    shades = [f"{k % 16:x}" * 784 for k in range(20)]
    laid = obey_figures.mosaic(shades)
    assert laid.shape == (56, 280)
    assert laid[0, ::28].tolist() == list(range(10))
    assert laid[28, ::28].tolist() == [k % 16 for k in range(10, 20)]


def test_real_pictures_do_not_pay_the_price_and_disobeying_is_not_variety():
    real, shuffled, single = label_judges.rows_beside().values()
    priced = EXPERIMENTS["price_of_obedience"]
    claims = [rule for rule in priced.rules if rule.role == "判据"]
    assert {rule.arm for rule in claims} == {"mismatched"}

    def held(mine: dict, other: dict) -> list[bool]:
        values = {"mismatched": mine, "concat": other}
        columns = {a: {k: [v, v + 1e-6] for k, v in one.items()} for a, one in values.items()}
        return [rule.judge(columns).holds for rule in claims]

    assert held(real, shuffled) == [True, False, False]  # 听话，花样不少
    assert held(shuffled, real) == [False, False, False]
    assert held(single, shuffled) == [True, True, True]  # 每类一张，正是要说的病
    gap = shuffled["spread"] - real["spread"]
    assert f"配好与打乱就差 {gap:.3f}，" in claims[-1].remark and f"就差 {gap:.3f}，" in priced.note


def test_real_pictures_as_disobedient_as_the_concatenated_group_have_more_spread():
    judge = label_judges.judges()
    obeyed, found = 0.186, label_judges.digit_features(judge.x)[1]
    rng, wanted = np.random.default_rng(0), judge.labels.copy()
    mixed = rng.permutation(len(wanted))[: round(len(wanted) * (1 - obeyed) / 0.9)]
    wanted[mixed] = rng.permutation(wanted[mixed])
    beside = judge.obeyed(judge.x, wanted, found)
    assert beside["accuracy"] == pytest.approx(0.19, abs=0.005)
    assert beside["spread"] == pytest.approx(1.14, abs=0.005)
    said = "真图的类别打乱一部分、也只有 19% 听话的，花样是 1.14"
    assert said in EXPERIMENTS["price_of_obedience"].note


def strips_are_their_own(strips, records: dict) -> None:
    """左边每一条的题目、数与图都是它那一组的。"""
    for axis, (arm, rows) in zip(strips, records.items(), strict=True):
        name, said = axis.get_title().split("\n")
        numbers = [int(number) / 100 for number in re.findall(r"(\d+)%", said)]
        middles = [middle_of(rows, key) for key in ("accuracy", "spread")]
        assert name == obey_figures.NAMES[arm] and numbers == pytest.approx(middles, abs=0.0051)
        shown = axis.get_images()[0].get_array()
        assert np.array_equal(shown, obey_figures.mosaic(rows[0]["curves"]["images"]))


def test_every_strip_and_trail_of_the_figure_is_its_own_group_s():
    records, (*strips, right) = drawn("mismatched_pairs")
    strips_are_their_own(strips, records)
    trails = {line.get_label(): line.get_xydata() for line in right.get_lines()}
    for arm, rows in records.items():
        end = [rows[0]["statistics"][key] for key in ("spread", "accuracy")]
        assert trails[obey_figures.NAMES[arm]][0] == pytest.approx(end, rel=1e-3)
    named = {text.get_text(): text.get_position()[0] for text in right.texts}
    stars = {name: row["spread"] for name, row in label_judges.rows_beside().items()}
    assert named == pytest.approx(stars)
    assert "细线：走到 1/4、1/2 时" in right.get_title()


def test_every_bar_is_the_middle_accuracy_taught_by_its_group_or_by_real_pictures():
    records, (*strips, right) = drawn("conditional")
    strips_are_their_own(strips, records)
    wanted = {obey_figures.NAMES[arm]: middle_of(rows, "nn") for arm, rows in records.items()}
    beside = label_judges.rows_beside()
    wanted |= {name: row["nn"] for name, row in beside.items() if "nn" in row}
    names = [label.get_text() for label in right.get_yticklabels()]
    bars = dict(zip(names, [bar.get_width() for bar in right.patches], strict=True))
    assert bars == pytest.approx(wanted) and len(bars) == 6
    texts = [text.get_text() for text in right.texts if text.get_text() != "瞎猜"]
    assert texts == [f"{value:.1%}" for value in wanted.values()]
    dots = [line.get_xdata() for line in right.get_lines() if line.get_marker() == "o"]
    assert [list(x) for x in dots] == [
        [row["statistics"]["nn"] for row in rows] for rows in records.values()
    ]


def test_the_price_has_a_line_for_real_pictures_shuffled_ones_and_one_per_class():
    records, (axis,) = drawn("price_of_obedience")
    lines = [line for line in axis.get_lines() if line.get_linestyle() == "--"]
    beside = label_judges.rows_beside()
    assert [line.get_ydata()[0] for line in lines] == [row["spread"] for row in beside.values()]
    for text, (name, row) in zip(axis.texts, beside.items(), strict=True):
        assert text.get_text() == f"{name} {row['spread']:.3g}（听话 {row['accuracy']:.0%}）"
        assert text.xy[1] == row["spread"]
    named = [line for line in axis.get_lines() if "听话" in line.get_label()]
    for line, (arm, rows) in zip(named, records.items(), strict=True):
        obeyed = middle_of(rows, "accuracy")
        assert line.get_label() == f"{obey_figures.NAMES[arm]}（听话 {obeyed:.0%}）"
        assert list(line.get_ydata()) == rows[0]["curves"]["spread"]


@pytest.mark.parametrize(
    "name, shown, unit",
    [("code_kept", codes.KEPT, "奈特"), ("codes", codes.NAMED, "比例")],
)
def test_the_dots_of_the_codes_stand_on_the_line_of_their_own_number(name, shown, unit):
    records, (*strips, right) = drawn(name)
    assert [axis.get_title().split("：")[0] for axis in strips] == list(codes.NAMES.values())
    assert unit in right.get_xlabel()
    rules = {rule.statistic for rule in EXPERIMENTS[name].rules if rule.statistic != "ahead"}
    assert rules <= set(shown)  # 判据说的都在图里
    by_name = {text: key for key, text in shown.items()}
    for height, label in enumerate(right.get_yticklabels()):
        key = by_name[label.get_text()]
        lines = [one for one in right.get_lines() if one.get_marker() == "o"]
        found = [list(one.get_xdata()) for one in lines if set(one.get_ydata()) == {height}]
        wanted = [
            [r["statistics"][key] for r in mine]
            for mine in records.values()
            if key in mine[0]["statistics"]
        ]
        assert found == wanted
