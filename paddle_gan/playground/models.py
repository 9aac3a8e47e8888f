"""随包的生成器与翻译器：装进来，最多留几个；用飞桨要轮到自己。"""

from collections import OrderedDict
from typing import NamedTuple

from paddle_gan.errors import unknown_name
from paddle_gan.methods import METHODS
from paddle_gan.methods.abilities import Generates, Translates
from paddle_gan.methods.base import Method
from paddle_gan.run.build import Shapes
from paddle_gan.run.config import Config
from paddle_gan.run.gallery import PREFIX, located, names
from paddle_gan.run.run import Run

KEPT = 6  # 内存里最多留几个
_loaded: OrderedDict = OrderedDict()


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
    """会翻译图像的。"""
    return listed(Translates)


def load(name: str, allowed: list[str]) -> Model:
    """装好的模型；调用者正轮到用飞桨。不在 allowed 里的抛出 UserError。"""
    if name not in allowed:
        raise unknown_name("随包的模型", str(name)[:60], allowed)
    if name not in _loaded:
        run = Run(located(PREFIX + name))
        config, method = run.load()
        _loaded[name] = Model(config, method, run.shapes())
        while len(_loaded) > KEPT:
            _loaded.popitem(last=False)
    _loaded.move_to_end(name)
    return _loaded[name]
