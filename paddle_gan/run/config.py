"""配置：一个 YAML 文件加命令行覆盖，读成冻结、补全了默认值的 Config；任何错误都在读取时报告。"""

import copy
import re
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, PrivateAttr

from paddle_gan.data import DATASETS
from paddle_gan.errors import UserError, notice, unknown_name
from paddle_gan.limits import LARGEST
from paddle_gan.methods import METHODS
from paddle_gan.networks import NETWORKS
from paddle_gan.run.options import validate_model, validate_options
from paddle_gan.run.overrides import drop_replaced, inherited_metrics

MAX_BYTES = 100_000  # 配置文件的上限；正常的不到 2 KB
MAX_DIGITS = 100  # YAML 里一个数最多写多长；几千位的数 Python 自己也印不出来
MAX_SAMPLES = 200_000  # 评估时样本数的上限；论文的 FID 用 50,000 个
MAX_SEED = 2**63 - 1  # NumPy 与飞桨不限，VisualDL 的整数是 64 位的


class Section(BaseModel):
    """配置里的一节：冻结，不接受 nan 与 inf。"""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class Evaluation(Section):
    """训练中的评估，对应配置里的 metrics。"""

    names: list[str] = []  # 算哪些指标，见 evaluation/evaluate.py 的 METRICS
    every: PositiveInt = 1000  # 每多少步算一次
    samples: Annotated[int, Field(gt=0, le=MAX_SAMPLES)] = 2500  # 生成多少个样本来算
    best: str | None = None  # 用哪个量挑 best 检查点


class Config(Section):
    """一次训练的全部设定。hparams、network、data 已按方法、网络、数据集补全默认值。"""

    method: str  # METHODS 里的名字
    hparams: dict[str, Any] = {}
    network: dict[str, dict[str, Any]]  # 方法要的每一节（generator 等），各有 name
    data: dict[str, Any]  # name 与它的选项
    # 全部进程合起来的批 N；K 个进程各算 N/K 个（要整除），所以换了 K 不必改学习率与步数
    batch_size: Annotated[int, Field(gt=0, le=LARGEST)]
    total_steps: PositiveInt  # 一步 = 生成器更新一次
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0
    log_every: PositiveInt = 50  # 每多少步记一条 metrics.jsonl
    sample_every: PositiveInt | None = None  # 每多少步画一次样本；默认全程 10 次
    checkpoint_every: PositiveInt | None = None  # 每多少步存一次；默认全程 10 次
    keep_checkpoints: PositiveInt = 3  # 保留最近几个带编号的检查点
    visualdl: bool = True  # 是否写 VisualDL 日志
    ema: Annotated[float, Field(gt=0, lt=1)] | None = None  # β：生成器权重的滑动平均；默认不做
    amp: bool = False  # 混合精度，只能在 GPU 上用
    metrics: Evaluation = Evaluation()
    _inherited: frozenset[str] = PrivateAttr(frozenset())

    @property
    def inherited(self) -> frozenset[str]:
        """metrics 里哪几项不是你选的：见 overrides.inherited_metrics；不写进 config.yml。"""
        return self._inherited

    def dump(self) -> str:
        """完全展开的 YAML，再读回来得到同一个 Config。"""
        raw = self.model_dump(mode="json")
        return yaml.dump(raw, Dumper=_Dumper, allow_unicode=True, sort_keys=False)


def load_config(path: str | Path, overrides: list[str] = (), seed: int | None = None) -> Config:
    """读配置文件，套用 key.sub=value 形式的覆盖，校验后返回 Config；有误时抛出 UserError。"""
    raw = read_yaml(Path(path))
    before, written = copy.deepcopy(raw), {override.partition("=")[0] for override in overrides}
    for override in overrides:
        apply_override(raw, override)
    if seed is not None:
        raw["seed"] = seed
    sentences = drop_replaced(raw, before, written)
    config = resolve(raw)
    config._inherited = inherited_metrics(written)
    for sentence in sentences:  # 配置没有别的错才说，有错时只说错
        notice(sentence)
    return config


def resolve(raw: dict) -> Config:
    """校验并补全一份原始配置。"""
    config = validate_model(Config, raw, "")
    if config.method not in METHODS:
        raise unknown_name("方法", config.method, METHODS)

    hparams = validate_options(METHODS[config.method].Hparams, config.hparams, "hparams")
    sections = METHODS[config.method].sections
    for section in config.network:
        if section not in sections:
            allowed = [f"network.{name}" for name in sections]
            raise unknown_name("键", f"network.{section}", allowed)
    network = {
        section: named_section(config.network.get(section), NETWORKS, f"network.{section}", "网络")
        for section in sections
    }
    data = named_section(config.data, DATASETS, "data", "数据集", hidden=("split",))

    tenth = max(1, config.total_steps // 10)
    defaults = {
        "sample_every": config.sample_every or tenth,
        "checkpoint_every": config.checkpoint_every or tenth,
    }
    update = {"hparams": hparams, "network": network, "data": data, **defaults}
    return config.model_copy(update=update)


def differences(old: dict, new: dict, prefix: str = "") -> list[str]:
    """两份展开的配置不同在哪里，一处一句，键写成“键.子键”。"""
    found = []
    for key in old | new:
        a, b = old.get(key), new.get(key)
        if isinstance(a, dict) and isinstance(b, dict):
            found += differences(a, b, f"{prefix}{key}.")
        elif a != b:
            found.append(f"{prefix}{key} 原来是 {a}，现在是 {b}")
    return found


def named_section(
    section: Any, table: dict, where: str, what: str, hidden: tuple[str, ...] = ()
) -> dict:
    """校验 {name: 名字, 选项…}：名字在 table 里，选项符合它的参数表。"""
    if not isinstance(section, dict) or "name" not in section:
        raise UserError(f"{where}.name 必须写明（可用：{', '.join(table)}）")
    if not isinstance(section["name"], str) or section["name"] not in table:
        raise unknown_name(what, section["name"], table)
    values = {key: value for key, value in section.items() if key != "name"}
    options = validate_options(table[section["name"]], values, where, hidden)
    return {"name": section["name"], **options}


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
        raise UserError(f"读不了配置文件 {path}：{error.strerror}") from None


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


class _Dumper(yaml.SafeDumper):
    """与 _Loader 对得上的写法：_Loader 会认作小数的文字，例如名叫 1e3 的目录，加上引号。"""


# YAML 1.1 把没有小数点的 1e-4 当成文字
for _side in (_Loader, _Dumper):
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
