"""安全地读写 YAML，以及命令行的覆盖 -o 键.子键=值；任何错误都是一句话。"""

import re
from pathlib import Path
from typing import Any

import yaml

from paddle_gan.errors import UserError, reason_of

MAX_BYTES = 100_000  # 配置文件的上限；正常的不到 2 KB
MAX_DIGITS = 100  # YAML 里一个数最多写多长；几千位的数 Python 自己也印不出来


def apply_override(raw: dict, override: str) -> None:
    """把 network.generator.width=64 写进原始配置；值按 YAML 解析。"""
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise UserError(f"-o 要写成 键.子键=值，现在是 {override!r}")
    *parents, last = key.split(".")
    node = raw
    for parent in parents:
        node = node.setdefault(parent, {})
        if not isinstance(node, dict):
            raise UserError(f"-o {override}：{parent} 不是一节，不能再写子键")
    try:
        node[last] = _parse(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UserError(f"-o {override}：值不是合法的 YAML（{_first_line(error)}）") from None


def read_yaml(path: Path) -> dict:
    """读一个 YAML 文件；不存在、读不了、过大、编码或语法有误时抛出 UserError。"""
    text = _read_text(path)
    try:
        raw = _parse(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UserError(f"配置文件 {path} 不是合法的 YAML：{_first_line(error)}") from None
    if not isinstance(raw, dict):
        raise UserError(f"配置文件 {path} 里要写键值对，例如 method: gan")
    return raw


def _read_text(path: Path) -> str:
    try:
        if not path.is_file():
            raise UserError(f"找不到配置文件 {path}；仓库自带的配置在 configs/ 下")
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"配置文件 {path} 超过 {MAX_BYTES} 字节，不像是配置")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError(f"配置文件 {path} 不是 UTF-8 编码；请另存为 UTF-8") from None
    except OSError as error:  # 3.14 之前，目录没有权限、路径太长时 is_file() 也抛出
        raise UserError(f"读不了配置文件 {path}：{reason_of(error)}") from None


class _Loader(yaml.SafeLoader):
    """安全的 YAML：拒绝重复的键、别名和标签，认得 1e-4 这样的小数。"""

    def compose_node(self, parent, index):
        event = self.peek_event()
        if self.check_event(yaml.AliasEvent):
            raise _refused("不支持别名（*name）", event.start_mark)
        if event.tag:  # 值与标签对不上时（!!int ""），PyYAML 抛出的什么都有
            raise _refused("不支持标签（!!int 这样的写法），请直接写值", event.start_mark)
        return super().compose_node(parent, index)

    def construct_scalar(self, node):
        value = super().construct_scalar(node)
        if node.tag != self.DEFAULT_SCALAR_TAG and len(value) > MAX_DIGITS:
            raise _refused(f"这个数写了 {len(value)} 个字，太长了", node.start_mark)
        return value

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        seen = set()
        for key in keys:
            if not isinstance(key, str):
                raise yaml.YAMLError(f"键要写成文字，现在是 {key!r}")
            if key in seen:
                raise yaml.YAMLError(f"键 {key} 写了两次")
            seen.add(key)
        return super().construct_mapping(node, deep)


class Dumper(yaml.SafeDumper):
    """与 _Loader 对得上的写法：_Loader 会认作小数的文字，例如名叫 1e3 的目录，加上引号。"""


# YAML 1.1 把没有小数点的 1e-4 当成文字
for _side in (_Loader, Dumper):
    _side.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+[eE][-+]?[0-9]+$"), list("-+0123456789")
    )


def _refused(problem: str, mark: yaml.Mark) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _parse(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _first_line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"第 {mark.line + 1} 行：" if mark else ""
    problem = getattr(error, "problem", None) or str(error)
    if "'\\t'" in problem:
        problem = "缩进用了 Tab；YAML 只认空格，请换成空格"
    return place + problem.splitlines()[0] if problem else type(error).__name__
