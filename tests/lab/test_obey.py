"""按类别生成的实验：裁判量的是它说的那个数，取巧的办法露出马脚，图上的数是自己那一组的。"""

import math
from types import SimpleNamespace

import numpy as np
import paddle
import pytest

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
