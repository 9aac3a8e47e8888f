"""由 Hparams 造控件：名字、中文说明、默认值与范围都从那里读，不另写一份。"""

import ast
import inspect
import textwrap
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt

from paddle_gan.limits import LARGEST
from paddle_gan.methods import METHODS
from paddle_gan.methods.base import Method

RATES = ("lr", "lr_D", "lr_G", "lr_E")
BETAS = (0.0, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999)
# 一步一步里现读的超参数，训练中改了下一步就生效；别的（网络的形状、优化器的 β）要重新开始。
# 是不是真的这样，由测试逐个方法核对：中途改，与从那一步起就用新值，结果逐位相同
LIVE = {
    *("d_steps", "g_steps", "n_critic", "n_critic_boost", "clip", "gp_weight", "generator_loss"),
    *("gamma_r1", "gamma_r2", "pt", "margin", "unroll", "unroll_lr", "through_updates"),
    *("distance", "mode", "identity", "perturbation", "form", "divergence"),
    *("class_weight", "classify_fakes", "mismatched", "info", "beta", "similarity"),
}
LADDER = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Control:
    """一个控件：name 是 hparams 里的名字；choices 是可选的值，没有的是从 low 到 high 的整数。"""

    name: str
    said: str
    value: Any
    live: bool
    choices: tuple = ()
    low: int = 0
    high: int = 0


def controls(method: str, values: dict) -> list[Control]:
    """一个方法的全部控件；values 是现在的值（没有写的用默认）。"""
    table = METHODS[method].Hparams
    hints, said = get_type_hints(table, include_extras=True), comments(table)
    found = []
    for field in fields(table):
        value = values.get(field.name, field.default)
        live = field.name in RATES or field.name in LIVE
        made = Control(field.name, said[field.name], value, live)
        found.append(fitted(made, hints[field.name]))
    return found


def fitted(control: Control, hint: Any) -> Control:
    """照类型给控件可选的值或范围。"""
    if get_origin(hint) is Literal:
        return replace(control, choices=get_args(hint))
    if isinstance(control.value, bool):
        return replace(control, choices=(False, True))
    low, high = bounds(hint)
    if isinstance(control.value, int) and get_args(hint)[0] is int:
        low = int(low or 0)
        most = min(LARGEST, max(10, 4 * control.value)) if high is None else high
        return replace(control, low=low, high=most)
    if control.name.startswith("beta") and control.name != "beta":
        return replace(control, choices=tuple(sorted({*BETAS, control.value})))
    if high == 1:
        steps = sorted({*(k / 20 for k in range(21)), control.value})
        return replace(control, choices=tuple(steps))
    return replace(control, choices=ladder(control.value, zero=low == 0))


def bounds(hint: Any) -> tuple[float | None, float | None]:
    """类型里写的上下界；整数的“大于 0”是从 1 起。"""
    low = high = None
    for mark in flat(hint):
        if isinstance(mark, Gt):
            low = mark.gt + 1 if get_args(hint)[0] is int else None
        elif isinstance(mark, Ge):
            low = mark.ge
        elif isinstance(mark, (Le, Lt)):
            high = mark.le if isinstance(mark, Le) else mark.lt
    return low, high


def flat(hint: Any) -> list:
    """Annotated 里的全部记号；pydantic 的 Field 自己又包着几个。"""
    marks = []
    for mark in getattr(hint, "__metadata__", ()):
        marks += getattr(mark, "metadata", [mark])
    return marks


def ladder(value: float, zero: bool) -> tuple[float, ...]:
    """以 value 为中心、上下各三个数量级的 1、2、5；可以是 0 的，开头加一个 0。"""
    power = int(f"{value:e}".partition("e")[2]) if value else -1
    steps = {float(f"{m:g}e{k}") for k in range(power - 3, power + 4) for m in LADDER}
    return tuple(sorted({*steps, value, *([0.0] if zero else [])}))


@cache
def comments(table: type) -> dict[str, str]:
    """每个字段后面的中文注释，照继承的次序找；写在括号里另起一行的也认得。"""
    said: dict[str, str] = {}
    for owner in reversed(table.__mro__[:-1]):
        lines = textwrap.dedent(inspect.getsource(owner)).splitlines()
        for node in ast.parse("\n".join(lines)).body[0].body:
            if isinstance(node, ast.AnnAssign):
                written = lines[node.lineno - 1 : node.end_lineno]
                notes = [line.partition("#")[2].strip() for line in written if "#" in line]
                said[node.target.id] = notes[0] if notes else ""
    return said


def set_live(method: Method, name: str, value: Any) -> bool:
    """训练中改一个超参数；要重新开始才生效的，什么也不改，返回假。"""
    if name in RATES:
        for player in method.base_rates:
            if name in ("lr", f"lr_{player}"):
                method.base_rates[player] = value
    elif name not in LIVE:
        return False
    method.hparams = replace(method.hparams, **{name: value})
    return True
