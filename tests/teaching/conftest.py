"""teaching/ 的测试共用的夹具。"""

import sys
from contextlib import contextmanager

import pytest

from paddle_gan.teaching import (
    diagrams,
<<<<<<< HEAD
    diagrams_structures,
=======
    diagrams_energy,
>>>>>>> energy
    layers_picture,
    one_dimension,
    picture,
    plots,
)


@pytest.fixture
def drawn(monkeypatch):
    """画过的图：一个列表，最后一张在末尾。"""
    kept = []

    @contextmanager
    def remembered(*args, **options):
        with picture.canvas(*args, **options) as c:
            yield c
        kept.append(c)

    # along、chase 也是函数的名字
    also = [sys.modules[f"paddle_gan.teaching.{name}"] for name in ("along", "chase")]
<<<<<<< HEAD
    for module in (plots, diagrams, diagrams_structures, layers_picture, one_dimension, *also):
=======
    for module in (plots, diagrams, diagrams_energy, layers_picture, one_dimension, *also):
>>>>>>> energy
        monkeypatch.setattr(module, "canvas", remembered)
    return kept
