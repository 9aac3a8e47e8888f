"""二阶导数的记号：有的快速实现求导的本事有限，看到记号就知道这里的前向以后要怎样求导。

前向之后要对梯度再求导时，把前向和求梯度都放进其中一个块：
    with input_gradient():  只对输入求梯度（梯度惩罚、R1），快的卷积照用
    with second_order():    对参数也求（展开的判别器），卷积换回飞桨自己的实现
混合精度在块内也关掉：梯度的范数与它的导数在 float16 里太容易溢出。
"""

from contextlib import contextmanager

import paddle


class _Mode:
    name = "first_order"


@contextmanager
def _mode(name: str):
    before, _Mode.name = _Mode.name, name
    try:
        with paddle.amp.auto_cast(enable=False):
            yield
    finally:
        _Mode.name = before


def input_gradient():
    """块内的前向，之后只对输入求梯度（create_graph=True），再对这个梯度求导。"""
    return _mode("input_gradient")


def second_order():
    """块内的前向，之后可以对任何东西求二阶导数。"""
    return _mode("second_order")


def in_input_gradient() -> bool:
    """现在是不是在 input_gradient 块里。"""
    return _Mode.name == "input_gradient"


def needs_second_order() -> bool:
    """现在是不是在 second_order 块里。"""
    return _Mode.name == "second_order"
