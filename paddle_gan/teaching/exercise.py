"""一道练习是什么、怎样判：写法不同不算错，错得典型时说出错在哪里。

答案可以是一个数、一个选项（"A"），或一个函数（拿它在几组输入上的输出去比）。
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from paddle_gan.errors import UserError, one_line
from paddle_gan.teaching.answers import read_choice, read_number

PLACES = ("四舍五入到整数", "保留一位小数", "保留两位小数", "保留三位小数")
NEAR = 0.1  # 相对误差不到这么多而又不够准，算“很接近”


@dataclass(frozen=True)
class Mistake:
    """一种典型的错误：错的答案（与正确答案同一种类），和给读者的提示。"""

    answer: object
    hint: str


@dataclass(frozen=True)
class Exercise:
    """一道题。

    属性：
        key: 章.题，例如 "2.1"
        question: 题目，写清答案的种类与单位；答案是数时写明精度（precision）
        answer: 正确答案：数、选项字母或函数；能算出来的就由库算出来。int 是整数题，一点也不能差
        why: 答对之后的一句解释
        mistakes: 至少三种典型的错误
        inputs: 答案是函数时，拿来试的几组参数
        measure: 要看函数做了什么时，measure(函数, *一组参数) → 量到的数；不写就看返回值
        decimals: 答案是小数时，保留几位：误差不超过最后一位的一半
        tolerance: 相对误差：函数的输出，以及没有写 decimals 的小数
    """

    key: str
    question: str
    answer: object
    why: str
    mistakes: tuple[Mistake, ...]
    inputs: tuple[tuple, ...] = ()
    measure: Callable[..., np.ndarray] | None = None
    decimals: int | None = None
    tolerance: float = 0.01

    @property
    def precision(self) -> str:
        """题目里要写明的精度；答案不是数时是空的。"""
        if isinstance(self.answer, int):
            return "整数"
        if not isinstance(self.answer, float):
            return ""
        if self.decimals is not None:
            return PLACES[self.decimals]
        return "准确的数" if self.tolerance < 1e-6 else f"误差 {self.tolerance:.0%} 以内"


def grade(exercise: Exercise, answer: object) -> tuple[bool, str]:
    """（对不对，给读者的一句话）。"""
    try:
        given = read(exercise, answer)
    except UserError as error:
        return False, str(error)
    if same(exercise, given, read(exercise, exercise.answer)):
        return True, f"对了。{exercise.why}"
    for mistake in exercise.mistakes:
        if same(exercise, given, read(exercise, mistake.answer)):
            return False, mistake.hint
    if nearly(exercise, given):
        return False, f"很接近，可是还不够准：答案要{exercise.precision}"
    return False, f"还不对；再读一遍题：{exercise.question}（{kind(exercise)}）"


def read(exercise: Exercise, answer: object) -> str | float | np.ndarray:
    """拿来比的东西：选项的大写字母、一个数，或函数的输出；读不懂时抛出 UserError。"""
    if isinstance(exercise.answer, str):
        return read_choice(answer)
    if callable(exercise.answer):
        return outputs(exercise, answer)
    return read_number(answer)


def outputs(exercise: Exercise, function: object) -> np.ndarray:
    """函数在各组输入上的输出，连成一个 float64 数组。"""
    if not callable(function):
        raise UserError(f"这道题的{kind(exercise)}，例如 lambda x: 2 * x")
    try:
        measure = exercise.measure or (lambda tried, *arguments: tried(*arguments))
        results = [np.asarray(measure(function, *one), np.float64) for one in exercise.inputs]
    except Exception as error:  # 学员写的函数什么错都可能有，说出来就是了
        raise UserError(
            one_line(f"你的函数算不出结果（{type(error).__name__}: {error}）；{kind(exercise)}")
        ) from error
    return np.concatenate([result.ravel() for result in results])


def same(exercise: Exercise, given, wanted) -> bool:
    """选项相等；整数相等；小数与函数的输出误差在题里写明的精度之内。"""
    if isinstance(wanted, str):
        return given == wanted
    if isinstance(exercise.answer, int):
        return abs(given - wanted) <= 1e-9 * max(1.0, abs(wanted))
    if isinstance(wanted, float) and exercise.decimals is not None:
        return abs(given - wanted) <= 0.5 * 10.0**-exercise.decimals + 1e-9
    if np.shape(given) != np.shape(wanted):
        return False
    return np.allclose(given, wanted, exercise.tolerance, exercise.tolerance * 1e-2)


def nearly(exercise: Exercise, given) -> bool:
    """是不是只差在精度上：小数的相对误差不到 NEAR；整数题答了旁边的小数。"""
    if not isinstance(given, float):
        return False
    if isinstance(exercise.answer, int):
        return given != round(given) and abs(given - exercise.answer) < 1
    return abs(given - exercise.answer) < NEAR * abs(exercise.answer)


def kind(exercise: Exercise) -> str:
    """要的是哪一种答案。"""
    if isinstance(exercise.answer, str):
        return "答案是一个选项字母"
    if callable(exercise.answer):
        return "答案是一个函数"
    return f"答案是一个数，{exercise.precision}"
