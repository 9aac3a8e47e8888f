"""随包的生成器与翻译器：装进来，最多留几个；用飞桨要轮到自己。"""

from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from paddle_gan.errors import UserError, unknown_name
from paddle_gan.methods import METHODS
from paddle_gan.methods.abilities import Generates, Translates
from paddle_gan.methods.base import Method
from paddle_gan.run.build import Shapes
from paddle_gan.run.checkpoint_file import numbered_checkpoints
from paddle_gan.run.config import Config
from paddle_gan.run.gallery import PREFIX, located, names
from paddle_gan.run.run import Run

KEPT = 6  # 内存里最多留几个
MOST_OWN = 20  # 自己的至多列几个
MOST_CHECKPOINTS = 6  # 一次比几个检查点
_loaded: OrderedDict = OrderedDict()


class Own:
    """自己训练的放在 folder 下；网页开给别的机器时是 None，不给看。"""

    folder: Path | None = None


class Model(NamedTuple):
    """一个装好的随包模型。"""

    config: Config
    method: Method
    shapes: Shapes


def listed(ability: type) -> list[str]:
    """随包的训练里会做这件事的：Generates 或 Translates，只要画图像的。"""
    found = []
    for name in names():
        run = Run(located(PREFIX + name))
        method = METHODS[run.raw_config()["method"]]
        if issubclass(method, ability) and len(run.shapes().x) == 3:
            found.append(name)
    return found


def generators() -> list[str]:
    """会从噪声生成图像的；头像在前。"""
    able = listed(Generates)
    return sorted(able, key=lambda name: ("avatars" not in name, "best" not in name, name))


def translators() -> list[str]:
    """会翻译图像的：随包的，和自己训练好的（写成目录，例如 runs/cyclegan）。"""
    return [*listed(Translates), *map(str, own_translators())]


def own_translators() -> list[Path]:
    """自己训练好的翻译模型的目录；读不了的不列。"""
    found = []
    for file in sorted(Own.folder.glob("*/config.yml")) if Own.folder else []:
        run = Run(file.parent)
        with suppress(UserError, KeyError, TypeError, OSError):
            able = issubclass(METHODS[run.raw_config()["method"]], Translates)
            found += [file.parent] if able and run.checkpoint("last").is_file() else []
    return found[:MOST_OWN]


def folder_of(name: str, allowed: list[str]) -> Run:
    """它的训练目录；不在 allowed 里的抛出 UserError。"""
    if name not in allowed:
        raise unknown_name("随包的模型", str(name)[:60], allowed)
    return Run(located(PREFIX + name) if name in names() else Path(name))


def checkpoints(name: str, allowed: list[str]) -> list[str]:
    """它留着的检查点，从早到晚：步数，最后是 last；多于 MOST_CHECKPOINTS 个时隔几个取一个。"""
    run = folder_of(name, allowed)
    last = run.step("last")
    numbers = (
        int(path.stem.removeprefix("step_")) for path in numbered_checkpoints(run.checkpoints)
    )
    early = [str(step) for step in numbers if step < last]
    stride = -(-len(early) // (MOST_CHECKPOINTS - 1)) or 1
    return [*early[::stride], "last"]


def step_of(name: str, checkpoint: str, allowed: list[str]) -> int:
    """一个检查点是第几步存的。"""
    return folder_of(name, allowed).step(checkpoint)


def load(name: str, allowed: list[str], checkpoint: str = "last") -> Model:
    """装好的模型；调用者正轮到用飞桨。不在 allowed 里的抛出 UserError。"""
    run = folder_of(name, allowed)
    key = (name, checkpoint)
    if key not in _loaded:
        config, method = run.load(checkpoint)
        _loaded[key] = Model(config, method, run.shapes())
        while len(_loaded) > KEPT:
            _loaded.popitem(last=False)
    _loaded.move_to_end(key)
    return _loaded[key]
