"""实验的测试共用：一组搭好的方法与数据，停在训练之前。"""

import dataclasses
import sys

import pytest

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.training import Setup

SEED = 3


class BuiltError(Exception):
    """搭好了、正要训练：带着搭好的一切，和要训练到第几步。"""


def flat(values: dict, prefix: str = "") -> dict:
    found = {}
    for key, value in values.items():
        inner = flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        found |= inner
    return found


def built(name: str, arm: str, monkeypatch) -> tuple[Setup, dict]:
    """一组搭好的一切，与它的全部设定 {"hparams.z_dim": 2, …}。"""

    def stop(setup, until, start=0, hooks=()):
        raise BuiltError(setup, until)

    experiment = EXPERIMENTS[name]
    module = sys.modules[experiment.measure.__module__]
    monkeypatch.setattr(module, "train", stop)
    # 先挑学习率的，当作已经挑好
    monkeypatch.setattr(module, "tried", lambda *_: {1e-3: (0.0,)}, raising=False)
    with pytest.raises(BuiltError) as caught:
        experiment.measure(arm, SEED, experiment.settings["full"])
    setup, until = caught.value.args
    wanted = {"network", "data", "batch_size", "seed", "method", "lr_schedule"}
    raw = setup.config.model_dump(include=wanted)
    hparams = dataclasses.asdict(setup.method.hparams)
    return setup, flat(raw | {"hparams": hparams, "steps": until})
