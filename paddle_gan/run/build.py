"""从 Config 搭出要训练的一切：数据、网络、方法。对不上的组合在这里报错，训练还没有开始。"""

import math
from dataclasses import dataclass

from paddle_gan.data import DATASETS, Batches, datasets_with
from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images, Labeled, Pair, Sequences, Unpaired
from paddle_gan.errors import UserError
from paddle_gan.limits import require_memory
from paddle_gan.methods import METHODS
from paddle_gan.methods.base import Method, section_of
from paddle_gan.run import augmenting, distributed, runtime
from paddle_gan.run.build_network import build_network, require_range
from paddle_gan.run.config import Config
from paddle_gan.run.reduced import reduced

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
    vocabulary: tuple[int] | None = None  # 序列：词元的种数 (V,)


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
    return reduced(DATASETS[name](split=split, **options), config, split)


def check_batch(config: Config, shapes: Shapes) -> None:
    """一批样本（float32）装得下，否则抛出 UserError。"""
    numbers = math.prod(shapes.x) + math.prod(shapes.y or (0,))
    what = f"batch_size = {config.batch_size} 的一批 {shapes.x} 样本"
    require_memory(4 * config.batch_size * numbers, what, "请把 batch_size 或图像的边长改小")


def shapes_of(dataset: Dataset) -> Shapes:
    """数据集的形状说明。"""
    classes = tuple(dataset.class_names) or tuple(map(str, range(dataset.num_classes or 0)))
    V = (dataset.vocabulary,) if dataset.vocabulary else None
    return Shapes(dataset.shape, dataset.y_shape, dataset.value_range, classes or None, V)


def build_method(config: Config, shapes: Shapes) -> Method:
    """建网络与方法；初始权重由 config.seed 决定。"""
    method = METHODS[config.method]
    require_range(config.method, method.value_range, shapes.value_range)
    hparams = method.Hparams(**config.hparams)
    runtime.seed_stream(config.seed, runtime.INIT)
    # 按类别生成的方法，y 是类别的独热 (K,)，写序列的是词元的独热 (V,)；由数据定，方法也要知道
    extra = (len(shapes.classes or ()),) if method.batch_type is Labeled else ()
    extra = shapes.vocabulary if method.batch_type is Sequences else extra
    ends, networks = method.shapes(hparams, shapes.x, extra or shapes.y), {}
    for letter, (in_shape, out_shape) in ends.items():
        section = section_of(letter)
        options = config.network[section]
        networks[letter] = build_network(config.method, section, options, in_shape, out_shape)
    augmenting.install(config, shapes, networks, ends)
    runtime.share_cores(networks.values())
    return method(networks, hparams, *extra)


def training_batches(config: Config, dataset: Dataset, position: int = 0) -> Batches:
    """从第 position 批开始的训练批序列；多进程时每批只要自己那一段。"""
    kind = METHODS[config.method].batch_type
    batches = Batches(dataset, kind, config.batch_size, config.seed, position)
    batches.shard = distributed.shard(config.batch_size)
    return batches
