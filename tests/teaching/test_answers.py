"""练习怎样判：写法不同不算错，差一点不算对，写什么都立刻有一句回话。"""

import math
import re
import time
from fractions import Fraction

import numpy as np
import paddle
import pytest

from paddle_gan.errors import UserError
from paddle_gan.teaching import check
from paddle_gan.teaching.answers import read_choice, read_number
from paddle_gan.teaching.exercise import PLACES, Exercise, Mistake, grade
from paddle_gan.teaching.exercises import EXERCISES

FORMS = {
    " 0.75 ": 0.75,
    "０．７５": 0.75,
    "3/4": 0.75,
    "３／４": 0.75,
    "75%": 0.75,
    "７５％": 0.75,
    "¾": 0.75,
    "1e-3": 0.001,
    "２": 2.0,
    "-2": -2.0,
    "−2": -2.0,
    "2×3": 6.0,
    "6÷4": 1.5,
    "（1+2)*3": 9.0,
    "3²": 9.0,
    "2^10": 1024.0,
    "12,654,337": 12_654_337.0,
    "2*log(2)": 2 * math.log(2),
    "2*np.log(2)": 2 * math.log(2),
    "math.log(10)/math.log(math.sqrt(1.01))": math.log(10) / math.log(math.sqrt(1.01)),
    "0.1*√3072": 0.1 * math.sqrt(3072),
    "√(8)/2": math.sqrt(2),
    "2·log2": 2 * math.log(2),
    "2log2": 2 * math.log(2),
    "2 ln 2 - 0.9": 2 * math.log(2) - 0.9,
    "log8/2": math.log(8) / 2,
    "log2(8)": 3.0,
    "3log10(1000)": 9.0,
    "2π": 2 * math.pi,
    "pi/e": math.pi / math.e,
    "1 - (1 - 25%)**3": 1 - 0.75**3,
}
HOSTILE = {
    "9**9**9": "9**9**9",
    "1e308*10": "1e308*10",
    "1/0": "1/0",
    "log(-1)": "log(-1)",
    "(-8)**(1/3)": "(-8)**(1/3)",
    "括号": "(" * 10_000 + ")" * 10_000,
    "一串负号": "-" * 10_000 + "1",
    "长的和": "+".join(["1"] * 100_000),
    "导入": "__import__('os').system('echo 1')",
    "属性": "().__class__",
    "推导式": "[x for x in range(10**9)]",
    "匿名函数": "(lambda: 1)()",
    "真": "True",
    "复数": "1j",
    "文字": "'1'",
    "多个参数": "log(2, 10)",
    "取余": "7%4",
    "nan": "nan",
    "空的": "",
    "零字节": "1\0",
    "两行": "1\n2",
    "警告": "1if 2else 3",
    "反斜杠": "'\\d'",
    "逗号": "0,24",
}


@pytest.mark.parametrize("text", FORMS)
def test_a_number_may_be_written_in_many_ways(text):
    assert read_number(text) == pytest.approx(FORMS[text], rel=1e-12)


@pytest.mark.parametrize(
    "value", [0.75, Fraction(3, 4), np.float32(0.75), np.array([0.75]), paddle.to_tensor(0.75)]
)
def test_a_number_need_not_be_text(value):
    assert read_number(value) == 0.75


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_is_written_gets_one_short_sentence_at_once(name, capfd, recwarn):
    start = time.process_time()  # 算的是 CPU，机器忙不忙都一样
    check("1.5", HOSTILE[name])
    seconds = time.process_time() - start
    out, err = capfd.readouterr()
    assert out.startswith("✗ 练习 1.5：看不懂答案“") and "请写一个数" in out
    assert len(out.splitlines()) == 1 and len(out) < 150
    assert err == "" and len(recwarn) == 0
    assert seconds < 10  # 真去算的要几小时


@pytest.mark.parametrize("value", [True, np.bool_(True), [1, 2], {}, math.nan, math.inf, 1j, print])
def test_what_is_not_one_finite_number_is_refused(value):
    with pytest.raises(UserError, match="请写一个数"):
        read_number(value)


@pytest.mark.parametrize(
    "text",
    ["b", " B ", "B.", "Ｂ", "ｂ", "（B）", "(b)", "B、", "“B”", "选B", "选项 B", "答案是：B。"],
)
def test_an_option_may_be_written_in_many_ways(text):
    assert read_choice(text) == "B"
    assert grade(EXERCISES["0.4"], text)[0]


@pytest.mark.parametrize("text", ["", "AB", "A 或 B", "不是 B", "2", "B" * 10_000, None, 2, "丙"])
def test_what_is_not_one_option_is_asked_for_again(text):
    with pytest.raises(UserError, match="一个选项字母"):
        read_choice(text)


def test_another_option_is_still_wrong_however_it_is_written():
    for text in ("A", "ａ.", "（C）"):
        assert not grade(EXERCISES["0.4"], text)[0]


def test_an_integer_admits_no_error_at_all():
    right = EXERCISES["4.1"]
    assert right.answer == 14 and isinstance(right.answer, int)
    for answer in (14, 14.0, "14", "１４", "28/2", np.int64(14)):
        assert grade(right, answer)[0], answer
    for answer in (13.9, 14.1, "13.99", 14.000001):
        correct, message = grade(right, answer)
        assert not correct and "很接近" in message and "整数" in message
    assert not grade(right, 15)[0] and "很接近" not in grade(right, 15)[1]
    assert not grade(EXERCISES["4.3"], EXERCISES["4.3"].answer + 1)[0]


def test_decimals_are_as_precise_as_the_question_says():
    one = EXERCISES["2.3"]  # (2·log2 − 0.9)/2 = 0.24315
    assert one.answer == pytest.approx(math.log(2) - 0.45) and one.decimals == 2
    for answer in (0.24, "0.24", 0.243, "(2*log(2)-0.9)/2", one.answer + 0.0049):
        assert grade(one, answer)[0], answer
    for answer in (0.23, 0.25, 0.2, one.answer + 0.0051, one.answer - 0.0051):
        assert not grade(one, answer)[0], answer
    assert "保留两位小数" in grade(one, 0.25)[1]
    steps = EXERCISES["3.1"]  # 462.77…，四舍五入到整数
    assert grade(steps, 463)[0] and grade(steps, steps.answer)[0] and not grade(steps, 462)[0]


def test_an_exact_number_may_be_a_fraction_but_not_a_rounded_one():
    for answer in ("3/4", "75%", "¾", 0.75):
        assert grade(EXERCISES["1.5"], answer)[0], answer
    assert not grade(EXERCISES["1.5"], 0.7501)[0]
    assert grade(EXERCISES["7.2"], "1e-3")[0] and not grade(EXERCISES["7.2"], 0.0011)[0]


def numbers() -> list[Exercise]:
    """答案是数的题。"""
    return [one for one in EXERCISES.values() if isinstance(one.answer, int | float)]


@pytest.mark.parametrize("exercise", numbers(), ids=lambda one: one.key)
def test_every_numeric_question_states_the_precision_it_is_graded_with(exercise):
    assert exercise.precision and exercise.precision in exercise.question
    other = {*PLACES, "准确的数", "整数", "误差 1% 以内"} - {exercise.precision}
    stated = exercise.question.replace(exercise.precision, "")
    assert [phrase for phrase in other if phrase in stated] == []


@pytest.mark.parametrize("exercise", numbers(), ids=lambda one: one.key)
def test_a_typical_mistake_is_never_taken_for_a_nearly_right_answer(exercise):
    for mistake in exercise.mistakes:
        assert not grade(exercise, mistake.answer)[0]
        if exercise.decimals is not None:  # 照题里的精度四舍五入之后，提示还是它
            assert grade(exercise, round(mistake.answer, exercise.decimals))[1] == mistake.hint


FUNCTION = Exercise(
    key="9.9",
    question="两数之和？",
    answer=lambda a, b: a + b,
    why="加法。",
    mistakes=(Mistake(lambda a, b: a - b, "减号应当是加号"),),
    inputs=((1, 2), (3, 5)),
)


def test_a_function_that_fails_is_told_why_in_one_line():
    def broken(a, b):
        raise ValueError("第一行\n第二行")

    right, message = grade(FUNCTION, broken)
    assert not right and "ValueError" in message and "\n" not in message
    assert grade(FUNCTION, 3) == (False, "这道题的答案是一个函数，例如 lambda x: 2 * x")
    assert grade(FUNCTION, lambda a, b: math.nan)[0] is False
    assert re.search("TypeError", grade(FUNCTION, lambda a: a)[1])
