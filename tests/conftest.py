"""全部测试共用：先导入 paddle_gan（它要在 paddle 之前设好环境），以及 float64 夹具。"""

import paddle_gan  # noqa: F401, I001
import paddle
import pytest


@pytest.fixture(autouse=True)
def same_random_numbers_in_any_order():
    """每个测试从同样的种子开始：结果与别的测试、与它们的次序无关。"""
    paddle.seed(0)


@pytest.fixture
def float64():
    """这个测试里飞桨默认用双精度，结束后换回来。"""
    before = paddle.get_default_dtype()
    paddle.set_default_dtype("float64")
    yield
    paddle.set_default_dtype(before)
