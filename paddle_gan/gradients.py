"""二阶导数的记号：with second_order() 里的前向，之后要对梯度再求导（梯度惩罚）。

有的快速实现只给一阶导数，它们看到这个记号就换回飞桨自己的实现；混合精度在块内也关掉，
梯度的范数与它的导数在 float16 里太容易溢出。
"""

from contextlib import contextmanager

import paddle


class _Mode:
    second_order = False


@contextmanager
def second_order():
    """块内的前向要能求二阶导数。"""
    before, _Mode.second_order = _Mode.second_order, True
    try:
        with paddle.amp.auto_cast(enable=False):
            yield
    finally:
        _Mode.second_order = before


def needs_second_order() -> bool:
    """现在是不是在 second_order 块里。"""
    return _Mode.second_order
