"""演练场的测试共用：小的设定、等到什么、取出权重。"""

import time

import numpy as np
import pytest

from paddle_gan.playground import menu

WAIT = 60


def few(cases: list, quick: list) -> list:
    """quick 里的每次都跑，别的是慢的。"""
    assert set(quick) <= set(cases)
    listed = [case if isinstance(case, tuple) else (case,) for case in cases]
    marks = [() if case in quick else pytest.mark.slow for case in cases]
    return [pytest.param(*values, marks=mark) for values, mark in zip(listed, marks)]


def small(method: str = "gan", steps: int = 6, data: str = "ring", **hparams) -> dict:
    """这个方法的一份小配置。"""
    raw = menu.start(method, data)
    for section in raw["network"].values():
        if section["name"] == "mlp":
            section |= {"width": 8, "depth": 1}
    raw["hparams"] = raw["hparams"] | hparams
    metrics = {"names": [], "every": steps}
    return raw | {"batch_size": 16, "total_steps": steps, "log_every": 1, "metrics": metrics}


def until(true, seconds: float = WAIT) -> None:
    """等到 true() 为真。"""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "没有等到"
        time.sleep(0.005)


def weights(method) -> list[np.ndarray]:
    return [p.numpy() for network in method.networks.values() for p in network.parameters()]
