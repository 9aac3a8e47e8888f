"""networks/ 的测试共用的夹具。"""

import pytest

from paddle_gan.networks import cores
from paddle_gan.networks.onednn import program


@pytest.fixture
def two_threads():
    cores.use_threads(2)
    yield
    cores.use_threads(0)


@pytest.fixture
def counted(monkeypatch):
    """整串的程序跑了几次。"""
    calls = []
    for name in ("forward", "backward", "input_gradient", "second"):
        real = getattr(program.Program, name)

        def record(self, *arguments, real=real, name=name):
            calls.append(name)
            return real(self, *arguments)

        monkeypatch.setattr(program.Program, name, record)
    return calls
