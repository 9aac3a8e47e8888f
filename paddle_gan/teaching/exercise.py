"""一道练习是什么、怎样判：错得典型时，说出错在哪里。

答案可以是一个数、一个选项（"A"），或一个函数（拿它在几组输入上的输出去比）。
"""

from dataclasses import dataclass

import numpy as np


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
        question: 题目，写清答案的种类与单位
        answer: 正确答案：数、选项字母或函数；能算出来的就由库算出来
        why: 答对之后的一句解释
        mistakes: 至少三种典型的错误
        inputs: 答案是函数时，拿来试的几组参数
        tolerance: 相对误差（数、函数的输出）
    """

    key: str
    question: str
    answer: object
    why: str
    mistakes: tuple[Mistake, ...]
    inputs: tuple[tuple, ...] = ()
    tolerance: float = 0.01


def grade(exercise: Exercise, answer) -> tuple[bool, str]:
    """（对不对，给读者的一句话）。"""
    try:
        given = outputs(exercise, answer)
    except Exception as error:  # 学员写的函数什么错都可能有，说出来就是了
        return False, f"你的答案算不出结果（{type(error).__name__}: {error}）；{kind(exercise)}"
    if same(given, outputs(exercise, exercise.answer), exercise.tolerance):
        return True, f"对了。{exercise.why}"
    for mistake in exercise.mistakes:
        if same(given, outputs(exercise, mistake.answer), exercise.tolerance):
            return False, mistake.hint
    return False, f"还不对；再读一遍题：{exercise.question}（{kind(exercise)}）"


def outputs(exercise: Exercise, answer) -> str | np.ndarray:
    """拿来比的东西：选项是大写字母，数和函数的输出是 float64 数组。"""
    if isinstance(exercise.answer, str):
        return str(answer).strip().upper()
    if callable(exercise.answer):
        results = [answer(*arguments) for arguments in exercise.inputs]
        return np.concatenate([np.asarray(r, np.float64).ravel() for r in results])
    return np.asarray(answer, np.float64).ravel()


def same(given, wanted, tolerance: float) -> bool:
    """选项相等；数与数组形状相同、误差在 tolerance 之内（接近 0 的数看绝对误差）。"""
    if isinstance(wanted, str):
        return given == wanted
    return given.shape == wanted.shape and np.allclose(given, wanted, tolerance, tolerance * 1e-2)


def kind(exercise: Exercise) -> str:
    """要的是哪一种答案。"""
    if isinstance(exercise.answer, str):
        return "答案是一个选项字母"
    if callable(exercise.answer):
        return "答案是一个函数"
    return "答案是一个数"
