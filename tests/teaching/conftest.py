"""teaching/ 的测试共用的夹具。"""

import sys
from contextlib import contextmanager

import pytest

from paddle_gan.teaching import (
    diagrams,
    diagrams_energy,
    diagrams_sequences,
    diagrams_structures,
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
    boxes = (diagrams, diagrams_energy, diagrams_sequences, diagrams_structures)
    for module in (plots, *boxes, layers_picture, one_dimension, *also):
        monkeypatch.setattr(module, "canvas", remembered)
    return kept
