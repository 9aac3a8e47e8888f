"""把“带类型和默认值的参数表”变成严格的校验：未知的键、错的类型，一句中文说清。

方法的 Hparams、网络和数据集的构造函数都是这样的参数表，不需要另写一份配置说明。
"""

import inspect
import os
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from paddle_gan.errors import UserError, unknown_name
from paddle_gan.limits import LARGEST, LARGEST_FLOAT, LARGEST_SIDE

MESSAGES = {
    "missing": "必须写明",
    "int_parsing": "要写整数",
    "int_type": "要写整数",
    "int_from_float": "要写整数",
    "int_parsing_size": "数字太大",
    "float_parsing": "要写数字",
    "float_type": "要写数字",
    "finite_number": "要写有限的数（不能是 nan 或 inf）",
    "bool_parsing": "要写 true 或 false",
    "bool_type": "要写 true 或 false",
    "string_type": "要写文字",
    "path_type": "要写路径",
    "list_type": "要写列表，放在方括号里",
    "dict_type": "要写成几个键值对",
    "model_type": "要写成几个键值对",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "要不小于 {ge}",
    "less_than": "要小于 {lt}",
    "less_than_equal": "要不大于 {le}",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "image_size": f"要写一个边长，或 [高, 宽]，都是 1 到 {LARGEST_SIDE} 的整数",
}


def parameters(table: Any) -> dict[str, inspect.Parameter]:
    """参数表里用户能写的参数：dataclass 的全部字段，或构造函数里只能按名字传的参数。"""
    signature = inspect.signature(table).parameters
    if is_dataclass(table):
        return dict(signature)
    return {name: p for name, p in signature.items() if p.kind is p.KEYWORD_ONLY}


def validate_options(table: Any, values: Any, where: str, hidden: tuple[str, ...] = ()) -> dict:
    """按参数表校验 values，返回补全默认值的字典；where 是它在配置里的位置，hidden 里的参数不开放。

    值有误时抛出 UserError。
    """
    hints = get_type_hints(table.__init__, include_extras=True)
    fields = {}
    for name, parameter in parameters(table).items():
        if name not in hidden:
            required = parameter.default is inspect.Parameter.empty
            fields[name] = (hints[name], Field() if required else Field(parameter.default))
    model = create_model("Options", __config__=ConfigDict(allow_inf_nan=False), **fields)
    options = dict(validate_model(model, values, where))
    for name, value in options.items():
        _forbid_huge(_join(where, name), value)
        if isinstance(value, Path):  # ~ 是家目录；命令行里 -o 的值，shell 不替你换
            options[name] = Path(os.path.expanduser(value))
    return options


def validate_model(model: type[BaseModel], values: Any, where: str) -> BaseModel:
    """用 pydantic 模型校验，把第一个错误译成一句中文。"""
    values = {} if values is None else values
    if not isinstance(values, Mapping):
        raise UserError(f"{where or '配置'} 要写成几个键值对，现在是 {values!r}")
    for key in values:
        if key not in model.model_fields:
            raise unknown_name(
                "键", _join(where, key), [_join(where, k) for k in model.model_fields]
            )
    _forbid_bool_as_number(model, values, where)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise UserError(_sentence(error, where)) from None


def _sentence(error: ValidationError, where: str) -> str:
    first = error.errors()[0]
    place = _join(where, *first["loc"])
    # 小数的界限 0.0 写成 0；大的整数写全，不写成 9.2e+18
    context = {
        key: int(bound) if isinstance(bound, float) and bound.is_integer() else bound
        for key, bound in first.get("ctx", {}).items()
    }
    wanted = MESSAGES.get(first["type"], "类型或取值不对").format(**context)
    wanted = wanted.replace(" or ", " 或 ")
    if first["type"] == "missing":
        return f"{place} {wanted}：写进配置，或用 -o {place}=…"
    return f"{place} {wanted}，现在是 {_short(first['input'])}"


def _forbid_bool_as_number(model: type[BaseModel], values: Mapping, where: str) -> None:
    # YAML 的 yes/no/on/off 都是布尔值；pydantic 会把它们悄悄当成 1 和 0
    for key, value in values.items():
        kinds = _plain_types(model.model_fields[key].annotation)
        if isinstance(value, bool) and set(kinds) <= {int, float, type(None)}:
            raise UserError(f"{_join(where, key)} 要写数字，现在是 {value}")


def _plain_types(annotation: Any) -> list[Any]:
    """一个标注由哪些类型组成：PositiveInt | None 是 [int, None]。"""
    if get_origin(annotation) is Annotated:
        return _plain_types(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in _plain_types(part)]
    return [annotation]


def _forbid_huge(place: str, value: Any) -> None:
    # 10**9 个通道、10**12 维的潜变量：不等到要内存时才出错
    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, int) and number > LARGEST:
            raise UserError(f"{place} 要不大于 {LARGEST}，现在是 {_short(number)}")
        if isinstance(number, float) and abs(number) > LARGEST_FLOAT:
            raise UserError(f"{place} 的绝对值要不大于 {LARGEST_FLOAT:g}，现在是 {number}")


def _join(*parts: Any) -> str:
    return ".".join(str(part) for part in parts if part != "")


def _short(value: Any) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
