"""配置：一个 YAML 文件加命令行覆盖，读成冻结、补全了默认值的 Config；任何错误都在读取时报告。"""

import copy
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, PrivateAttr

from paddle_gan.data import DATASETS
from paddle_gan.errors import UserError, notice, unknown_name
from paddle_gan.limits import LARGEST
from paddle_gan.methods import METHODS
from paddle_gan.networks import NETWORKS
from paddle_gan.run.gallery import PREFIX
from paddle_gan.run.options import validate_model, validate_options
from paddle_gan.run.overrides import drop_replaced, inherited_metrics
from paddle_gan.run.yaml_file import Dumper, apply_override, read_yaml

MAX_SAMPLES = 200_000  # 评估时样本数的上限；论文的 FID 用 50,000 个
LENGTHS = ("total_steps", "epochs")  # 训练多久，两种写法
INTERVALS = ("sample_every", "checkpoint_every")  # 没有写就取全程的十分之一
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
    total_steps: PositiveInt | None = None  # 一步 = 生成器更新一次
    epochs: PositiveInt | None = None  # 轮数，代替 total_steps；怎样换成步数见 epochs.py
    # 学习率怎样降：constant、linear 或 cosine；默认照方法自己的（CycleGAN 线性降到 0，别的不降）
    lr_schedule: Literal["constant", "linear", "cosine"] | None = None
    decay_from: Annotated[float, Field(ge=0, le=1)] | None = None  # 从训练的哪里开始降；默认 0.5
    init: str | None = None  # 从哪里装初始权重：训练目录（可带 @best）、检查点文件或 gallery:名字
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0
    log_every: PositiveInt = 50  # 每多少步记一条 metrics.jsonl
    sample_every: PositiveInt | None = None  # 每多少步画一次样本；默认全程 10 次
    checkpoint_every: PositiveInt | None = None  # 每多少步存一次；默认全程 10 次
    keep_checkpoints: PositiveInt = 3  # 保留最近几个带编号的检查点
    board: list[Literal["visualdl", "tensorboard"]] = ["visualdl"]  # 写哪几种看板的日志
    visualdl: Annotated[bool | None, Field(exclude=True)] = None  # 旧写法：要不要 visualdl
    ema: Annotated[float, Field(gt=0, lt=1)] | None = None  # β：生成器权重的滑动平均；默认不做
    # 可微增广：判别器看的图先做哪几样变换，照次序（networks/augmentation.py）；默认不做
    diff_augment: list[Literal["color", "translation", "cutout"]] = []
    # 变的机会 p 从 0 起，随 D 调（ADA）：r_t 高过它就多变，低过它就少变；默认张张都变
    diff_augment_target: Annotated[float, Field(gt=-1, lt=1)] | None = None
    few: PositiveInt | None = None  # 训练只用其中固定的这么多张图（data/few.py）；默认全用
    # 半监督：只给这么多张图的标签，各类一样多（data/few.py）
    labels: PositiveInt | None = None
    amp: bool = False  # 混合精度，只能在 GPU 上用
    # GPU 的卷积只用结果可重复的算法，慢一些；CPU 本来就逐位可重复，写了也什么都不做
    deterministic: bool = False
    metrics: Evaluation = Evaluation()
    _inherited: frozenset[str] = PrivateAttr(frozenset())

    @property
    def inherited(self) -> frozenset[str]:
        """metrics 里哪几项不是你选的：见 overrides.inherited_metrics；不写进 config.yml。"""
        return self._inherited

    def dump(self) -> str:
        """完全展开的 YAML，再读回来得到同一个 Config。"""
        raw = self.model_dump(mode="json")
        return yaml.dump(raw, Dumper=Dumper, allow_unicode=True, sort_keys=False)


def load_config(path: str | Path, overrides: list[str] = (), seed: int | None = None) -> Config:
    """读配置文件，套用 key.sub=value 形式的覆盖，校验后返回 Config；有误时抛出 UserError。"""
    return configured(read_yaml(Path(path)), overrides, seed)


def configured(raw: dict, overrides: list[str], seed: int | None = None) -> Config:
    """原始配置套用覆盖，校验成 Config；-o 写了 total_steps 与 epochs 中的一个，就代替另一个。"""
    before, written = copy.deepcopy(raw), {override.partition("=")[0] for override in overrides}
    raw = dict(raw)
    lengths = [raw.pop(key, None) for key in LENGTHS]
    for override in overrides:
        apply_override(raw, override)
    if not any(key in raw for key in LENGTHS):
        raw |= {key: value for key, value in zip(LENGTHS, lengths) if value is not None}
    if seed is not None:
        raw["seed"] = seed
    sentences = drop_replaced(raw, before, written)
    config = resolve(raw)
    config._inherited = inherited_metrics(written)
    for sentence in sentences:  # 配置没有别的错才说，有错时只说错
        notice(sentence)
    return config


def resolve(raw: dict) -> Config:
    """校验并补全一份原始配置；写了 epochs 的，步数要等看到数据才知道（见 epochs.py）。"""
    if raw.get("metrics", {}) is None:
        raise UserError(
            "metrics 要写成几个键值对，现在是 null；不要评估请写 metrics.names: []"
            "（-o metrics.names=[]），照默认的就去掉这一项"
        )
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

    update = {"hparams": hparams, "network": network, "data": data}
    update |= {"board": _boards(config), "visualdl": None}
    config = config.model_copy(update=update)
    _check_together(config)
    return with_steps(config, config.total_steps) if config.total_steps else config


def _boards(config: Config) -> list[str]:
    """要哪几种看板，不重复；旧写法 visualdl 也算进来。"""
    boards = dict.fromkeys(config.board)
    if config.visualdl is False:
        if "board" in config.model_fields_set and "visualdl" in boards:
            raise UserError("visualdl: false 是旧写法，与 board 里的 visualdl 矛盾；请去掉其中一个")
        boards.pop("visualdl", None)
    return [*boards, *(["visualdl"] if config.visualdl and "visualdl" not in boards else [])]


def _check_together(config: Config) -> None:
    """几个键合起来说得通。"""
    if (config.total_steps is None) == (config.epochs is None):
        raise UserError("total_steps（步数）与 epochs（轮数）必须写明一个，也只能写一个")
    if config.diff_augment and "discriminator" not in config.network:
        raise UserError(
            "diff_augment 变换的是给 network.discriminator 看的图，"
            f"{config.method} 没有这一节；请去掉 diff_augment"
        )
    partly = METHODS[config.method].partly_labelled
    if config.labels and not partly:
        able = ", ".join(name for name, m in METHODS.items() if m.partly_labelled)
        raise UserError(
            f"labels 只给半监督的方法（{able}）用，{config.method} 要每张图的标签，或者都不要；"
            "请去掉 labels"
        )
    if config.diff_augment_target is not None and not config.diff_augment:
        raise UserError(
            "diff_augment_target 是变的机会怎样调，还没有写变什么；"
            "请写 diff_augment: [color, translation, cutout]，或去掉 diff_augment_target"
        )
    if len(set(config.diff_augment)) < len(config.diff_augment):
        raise UserError(f"diff_augment 里有重复的：{config.diff_augment}；每样写一次")
    for section, options in config.network.items():
        if section != "discriminator" and options.get("minibatch_std"):
            raise UserError(
                f"network.{section}.minibatch_std 只给判别器用：别的网络一个样本一个样本地算，"
                "不该看同批的；请去掉它，或写到 network.discriminator"
            )
    if config.decay_from is not None and config.lr_schedule not in ("linear", "cosine"):
        written = f"是 {config.lr_schedule}" if config.lr_schedule else "没写"
        raise UserError(
            f"decay_from: {config.decay_from} 要与 lr_schedule: linear 或 cosine 一起写，"
            f"现在 lr_schedule {written}；请补上它，或去掉 decay_from"
        )


def with_steps(config: Config, total_steps: int) -> Config:
    """定下总步数，由它补全多久画一次、存一次。"""
    update = {"total_steps": total_steps, "epochs": None}
    update |= {key: vars(config)[key] or tenth(total_steps) for key in INTERVALS}
    return config.model_copy(update=update)


def tenth(total_steps: int) -> int:
    """全程的十分之一，至少一步：没有写的间隔。"""
    return max(1, total_steps // 10)


def anchored(config: Config) -> Config:
    """路径都写成绝对的：训练目录里的设定，从哪里读都指着同一处。"""
    data = {k: v.absolute() if isinstance(v, Path) else v for k, v in config.data.items()}
    init = config.init
    if init and not init.startswith(PREFIX):
        init = str(Path(init).expanduser().absolute())
    return config.model_copy(update={"data": data, "init": init})


def changed_keys(old: dict, new: dict, prefix: str = "") -> dict[str, tuple]:
    """两份展开的配置不同在哪里：{"键.子键": (原来的值, 现在的值)}。"""
    found = {}
    for key in old | new:
        a, b = old.get(key), new.get(key)
        if isinstance(a, dict) and isinstance(b, dict):
            found |= changed_keys(a, b, f"{prefix}{key}.")
        elif a != b:
            found[f"{prefix}{key}"] = (a, b)
    return found


def sentences(changed: dict[str, tuple]) -> list[str]:
    """changed_keys 的结果，一处一句。"""
    told = {
        key: ["没写" if v is None else f"是 {v}" for v in pair] for key, pair in changed.items()
    }
    return [f"{key} 原来{a}，现在{b}" for key, (a, b) in told.items()]


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
