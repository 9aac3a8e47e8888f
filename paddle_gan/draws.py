"""逐个样本的随机数（噪声 z、梯度惩罚的 ε）：单进程就是直接抽。

多进程时，各进程要拿到同一大批随机数里属于自己的那一段，N 个进程才与一个进程看到同样的数；
怎样取由 run/distributed.py 通过 drawing_with 换上，方法不必知道有几个进程。
"""

from collections.abc import Callable
from contextlib import contextmanager

from paddle import Tensor

Draw = Callable[[list[int]], Tensor]  # 形状 → 随机数，例如 paddle.randn


def _directly(draw: Draw, shape: list[int]) -> Tensor:
    return draw(shape)


class _Mode:
    take = staticmethod(_directly)


@contextmanager
def drawing_with(take: Callable[[Draw, list[int]], Tensor]):
    """块内改用 take(draw, shape) 来抽。"""
    before, _Mode.take = _Mode.take, staticmethod(take)
    try:
        yield
    finally:
        _Mode.take = staticmethod(before)


def per_sample(draw: Draw, shape: list[int]) -> Tensor:
    """抽一批随机数，shape[0] 是样本数 N。"""
    return _Mode.take(draw, shape)
