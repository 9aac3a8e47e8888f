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
from paddle_gan.run.config import Config
from paddle_gan.run.gallery import PREFIX, located, names
from paddle_gan.run.run import Run

KEPT = 6  # 内存里最多留几个
MOST_OWN = 20  # 自己的至多列几个
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


def load(name: str, allowed: list[str]) -> Model:
    """装好的模型；调用者正轮到用飞桨。不在 allowed 里的抛出 UserError。"""
    if name not in allowed:
        raise unknown_name("随包的模型", str(name)[:60], allowed)
    if name not in _loaded:
        run = Run(located(PREFIX + name) if name in names() else Path(name))
        config, method = run.load()
        _loaded[name] = Model(config, method, run.shapes())
        while len(_loaded) > KEPT:
            _loaded.popitem(last=False)
    _loaded.move_to_end(name)
    return _loaded[name]
