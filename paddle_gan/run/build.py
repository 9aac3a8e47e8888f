"""从 Config 搭出要训练的一切：数据、网络、方法。对不上的组合在这里报错，训练还没有开始。"""

import math
from dataclasses import dataclass
from typing import Any

import paddle
from paddle import nn

from paddle_gan.data import DATASETS, Batches, datasets_with
from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images, Labeled, Pair, Sequences, Unpaired
from paddle_gan.errors import UserError
from paddle_gan.limits import require_memory
from paddle_gan.methods import METHODS
from paddle_gan.methods.base import Method, inference, section_of
from paddle_gan.networks import BY_CLASS, NETWORKS
from paddle_gan.run import distributed, runtime
from paddle_gan.run.config import Config

CONTENTS = {  # 一批里是什么，给人看的
    Images: "图像或二维点",
    Labeled: "带类别的图像或二维点",
    Unpaired: "不成对的两个域",
    Pair: "成对的两个域",
    Sequences: "序列",
}


@dataclass(frozen=True)
class Shapes:
    """样本的形状、取值范围与类别的名字；写进 run.json，离开数据集也能重建网络。"""

    x: tuple[int, ...]
    y: tuple[int, ...] | None = None
    value_range: tuple[float, float] | None = None
    classes: tuple[str, ...] | None = None


def build_data(config: Config, split: str) -> Dataset:
    """按配置建数据集；方法要的批它给不了时，列出换得上的数据集与方法。"""
    method, name = METHODS[config.method], config.data["name"]
    wanted, given = method.batch_type, DATASETS[name].batch_types
    if wanted not in given:
        able = ", ".join(datasets_with(wanted)) or "暂时没有"
        fit = ", ".join(key for key, m in METHODS.items() if m.batch_type in given) or "暂时没有"
        kinds = "、".join(CONTENTS[kind] for kind in given)
        raise UserError(
            f"方法 {config.method} 要{CONTENTS[wanted]}，数据集 {name} 给的是{kinds}；"
            f"请把 data.name 换成给得了的（{able}），或把 method 换成用得上 {name} 的（{fit}）"
        )
    options = {key: value for key, value in config.data.items() if key != "name"}
    return DATASETS[name](split=split, **options)


def check_batch(config: Config, shapes: Shapes) -> None:
    """一批样本（float32）装得下，否则抛出 UserError。"""
    numbers = math.prod(shapes.x) + math.prod(shapes.y or (0,))
    what = f"batch_size = {config.batch_size} 的一批 {shapes.x} 样本"
    require_memory(4 * config.batch_size * numbers, what, "请把 batch_size 或图像的边长改小")


def shapes_of(dataset: Dataset) -> Shapes:
    """数据集的形状说明。"""
    classes = tuple(dataset.class_names) or tuple(map(str, range(dataset.num_classes or 0)))
    return Shapes(dataset.shape, dataset.y_shape, dataset.value_range, classes or None)


def build_method(config: Config, shapes: Shapes) -> Method:
    """建网络与方法；初始权重由 config.seed 决定。"""
    method = METHODS[config.method]
    hparams = method.Hparams(**config.hparams)
    runtime.seed_stream(config.seed, runtime.INIT)
    # 按类别生成的方法，y 是类别的独热 (K,)；K 由数据定，方法也要知道
    extra = (len(shapes.classes or ()),) if method.batch_type is Labeled else ()
    networks = {}
    for letter, (in_shape, out_shape) in method.shapes(
        hparams, shapes.x, extra or shapes.y
    ).items():
        section = section_of(letter)
        options = config.network[section]
        check_inputs(config.method, section, options["name"], in_shape)
        require_room(options, section, in_shape, out_shape)
        networks[letter] = _network(options, in_shape, out_shape)
        if section == "generator":
            _check_output(options["name"], networks[letter], in_shape, out_shape)
    runtime.share_cores(networks.values())
    return method(networks, hparams, *extra)


def training_batches(config: Config, dataset: Dataset, position: int = 0) -> Batches:
    """从第 position 批开始的训练批序列；多进程时每批只要自己那一段。"""
    kind = METHODS[config.method].batch_type
    batches = Batches(dataset, kind, config.batch_size, config.seed, position)
    batches.shard = distributed.shard(config.batch_size)
    return batches


def check_inputs(method: str, section: str, name: str, in_shape: tuple) -> None:
    """网络要不要另看类别，与方法给不给它看对得上，否则抛出 UserError。"""
    given = isinstance(in_shape[0], tuple)
    if given == (name in BY_CLASS):
        return
    if given:
        why = f"不看类别，{method} 的这一节要看；请换成 {' 或 '.join(BY_CLASS)}"
    else:
        why = f"要另看类别，{method} 没有给它；请换一个网络，或把 method 换成 projection"
    raise UserError(f"network.{section}.name: {name} {why}")


def require_room(section: dict[str, Any], role: str, in_shape: tuple, out_shape: tuple) -> None:
    """网络的参数装得下，否则抛出 UserError；先搭一个不占内存的架子，数有多少个参数。"""
    with paddle.LazyGuard():
        skeleton = _network(section, in_shape, out_shape)
    count = sum(math.prod(parameter.shape) for parameter in skeleton.parameters())
    # float32 的参数、梯度、Adam 的两个累加器
    what = f"network.{role} 有 {count:,} 个参数，训练它"
    require_memory(4 * 4 * count, what, "请把 width、channels 或 depth 改小")


def _check_output(name: str, network: nn.Layer, in_shape: tuple, out_shape: tuple) -> None:
    with inference(network):
        inputs = in_shape if isinstance(in_shape[0], tuple) else (in_shape,)
        made = tuple(network(*(paddle.zeros([2, *shape]) for shape in inputs)).shape[1:])
    if made != tuple(out_shape):
        raise UserError(
            f"network.generator.name: {name} 输出的形状是 {made}，数据的形状是 {tuple(out_shape)}；"
            "请换一个生成器"
        )


def _network(section: dict[str, Any], in_shape: tuple, out_shape: tuple):
    options = {key: value for key, value in section.items() if key != "name"}
    return NETWORKS[section["name"]](in_shape, out_shape, **options)
