"""按类别生成的实验：裁判量的是它说的那个数，取巧的办法露出马脚，图上的数是自己那一组的。"""

import math
import re
from types import SimpleNamespace

import numpy as np
import paddle
import pytest
from lab_figures import drawn, middle_of

from paddle_gan.lab import codes, label_judges, obey
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
    laid = obey.mosaic(shades)
    assert laid.shape == (56, 280)
    assert laid[0, ::28].tolist() == list(range(10))
    assert laid[28, ::28].tolist() == [k % 16 for k in range(10, 20)]


def test_every_strip_and_trail_of_the_figure_is_its_own_group_s():
    records, (*strips, right) = drawn("conditional")
    trails = {line.get_label(): line.get_xydata() for line in right.get_lines()}
    for axis, (arm, rows) in zip(strips, records.items(), strict=True):
        name, said = axis.get_title().split("\n")
        numbers = [int(number) / 100 for number in re.findall(r"(\d+)%", said)]
        middles = [middle_of(rows, key) for key in ("accuracy", "spread")]
        assert name == obey.NAMES[arm] and numbers == pytest.approx(middles, abs=0.0051)
        shown = axis.get_images()[0].get_array()
        assert np.array_equal(shown, obey.mosaic(rows[0]["curves"]["images"]))
        end = [rows[0]["statistics"][key] for key in ("spread", "accuracy")]
        assert trails[name][0] == pytest.approx(end, rel=1e-3)
    named = {text.get_text(): text.get_position()[0] for text in right.texts}
    stars = {name: row["spread"] for name, row in label_judges.rows_beside().items()}
    assert named == pytest.approx(stars)


def test_the_dots_of_the_codes_stand_on_the_line_of_their_own_number():
    records, (*strips, right) = drawn("codes")
    assert [axis.get_title().split("：")[0] for axis in strips] == list(codes.NAMES.values())
    rows = {label.get_text(): height for height, label in enumerate(right.get_yticklabels())}
    keys = {"k 均值认": "k_means", "Q 认": "on_real", "编码配": "matched", "读得出的": "readable"}
    for name, height in rows.items():
        key = keys[name.split("\n")[0]]
        whole = math.log(10) if key == "readable" else 1
        lines = [one for one in right.get_lines() if one.get_ydata()[0] == height]
        found = [list(one.get_xdata()) for one in lines]
        wanted = [[r["statistics"][key] / whole for r in mine] for mine in records.values()]
        assert found == [pytest.approx(column) for column in wanted]
