"""命令行的 -o 换了数据集、网络或方法以后，配置文件里原来的设定还算不算数。

你没有写过的，出了问题不该怪你：换了名字，专给旧名字的选项就不再用；换了数据或方法，
配置文件里的指标对不上就跳过（见 evaluation/evaluate.py 的 settle_metrics）。都会说一声。
"""

from typing import Any

from paddle_gan.data import DATASETS
from paddle_gan.methods import METHODS
from paddle_gan.methods.base import SECTIONS
from paddle_gan.networks import NETWORKS
from paddle_gan.run.options import parameters

# 哪一节的选项由哪个名字决定，名字与参数表的对照
OWNERS = {
    "data": ("data.name", DATASETS),
    **{f"network.{s}": (f"network.{s}.name", NETWORKS) for s in SECTIONS.values()},
    "hparams": ("method", {name: method.Hparams for name, method in METHODS.items()}),
}


def inherited_metrics(written: set[str]) -> frozenset[str]:
    """metrics 的哪几项（names、best）是配置文件原来的，而它们所依附的被 -o 换掉了。

    written 是 -o 写的键：names 依附 data 与 method，best 还依附 names。
    """
    if "metrics" in written:
        return frozenset()
    moved = any(key.split(".")[0] in ("data", "method") for key in written)
    found = {"names"} if moved else set()
    if moved or "metrics.names" in written:
        found.add("best")
    return frozenset(found - {key.removeprefix("metrics.") for key in written})


def drop_replaced(raw: dict, before: dict, written: set[str]) -> list[str]:
    """从 raw 里去掉专给旧名字的选项：配置文件（before）里写的、新名字没有的；返回要说的话。

    名字换没换，看 -o 前后的 before 与 raw；written 是 -o 写的键，写了的选项总是留着。
    """
    sentences = []
    for where, (name, table) in OWNERS.items():
        old, new = find(before, name), find(raw, name)
        options, earlier = find(raw, where), find(before, where)
        if old == new or not isinstance(options, dict) or not isinstance(earlier, dict):
            continue
        if not isinstance(new, str) or new not in table:  # 名字写错了，由 resolve 来说
            continue
        known = ["name", *parameters(table[new])]
        lost = [
            key
            for key in options
            if key in earlier and key not in known and f"{where}.{key}" not in written
        ]
        for key in lost:
            del options[key]
        if lost:
            keys = "、".join(f"{where}.{key}" for key in lost)
            sentences.append(f"{name} 换成了 {new}，配置文件里写给 {old} 的 {keys} 不再用")
    return sentences


def find(raw: dict, where: str) -> Any:
    """raw 里 where（键.子键）的值；没有时是 None。"""
    node: Any = raw
    for key in where.split("."):
        node = node.get(key) if isinstance(node, dict) else None
    return node
