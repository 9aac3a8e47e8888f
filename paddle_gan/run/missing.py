"""随包的训练里没有存的网络：谁用它，抛出 UserError，不拿没有练过的权重充数。"""

from collections.abc import Iterable

from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.methods.base import Method


class Missing(nn.Layer):
    """代替没有存的网络 letter；shipped 是存了的。"""

    def __init__(self, letter: str, shipped: Iterable[str]):
        super().__init__()
        self.letter, self.shipped = letter, "、".join(shipped)

    def forward(self, *_):
        raise self.error()

    def error(self) -> UserError:
        """没有这个网络，怎样才有。"""
        return UserError(
            f"随包的训练只带 {self.shipped}，没有 {self.letter}；要用它，请重新训练"
            "（tools/train.py，或 Lesson.shipped(…, retrain=True)）"
        )


def replace_missing(method: Method, shipped: list[str]) -> None:
    """method 里 shipped 以外的网络都换成 Missing。"""
    for letter in method.networks:
        if letter not in shipped:
            method.networks[letter] = Missing(letter, shipped)
            setattr(method, letter, method.networks[letter])
