"""VisualDL 的网络结构页：一层一个方块，箭头上是形状；由网络真的走一遍得来。

不用 VisualDL 的 add_graph：它要飞桨的旧静态图，飞桨 3 上有的层（tanh）转不成。
这里写的是它读的那种文件（一个 JSON：nodes、vars、edges），形状与次序由每一层的钩子记下。
"""

import json
from pathlib import Path

from paddle_gan.files import write_atomic

FILE = "vdlgraph.main.log"  # VisualDL 凭名字里的 vdlgraph 认它
ROOT = "/"
JOINED = "变形、相加或拼接"  # 不是一层、直接写在 forward 里的运算


class Tracer:
    """网络走一遍时记下每一层：它吃的是谁的输出，吐出什么形状。"""

    def __init__(self, inputs: list):
        self.nodes, self.vars, self.kept = {}, {}, []
        self.loose = []  # 还没有人吃的变量
        self.made = {}  # 张量 → 变量的名字
        for x in inputs:
            self.add("feed", "输入", [], x, {})

    def add(self, kind: str, shown: str, inputs: list[str], output, weights: dict) -> str:
        """加一个方块，返回它的输出变量的名字。"""
        name = f"{ROOT}{len(self.nodes):02d}_{shown.replace('/', '_')}"
        made = name[1:] if kind == "feed" else f"{name[1:]}的输出"
        self.variable(made, output.shape, output.dtype, source=name)
        for one in inputs:
            self.vars[one]["to_nodes"].append(name)
        fed = {f"输入{i}" if len(inputs) > 1 else "输入": [one] for i, one in enumerate(inputs)}
        for key, weight in weights.items():
            fed[key] = [f"{name[1:]}的 {key}"]
            self.variable(fed[key][0], weight.shape, weight.dtype, persistable=True)
        self.nodes[name] = node(name, kind, shown, fed, {"输出": [made]})
        self.loose = [one for one in self.loose if one not in inputs] + [made]
        self.made[id(output)] = made
        self.kept.append(output)  # 留着，id 就不会被别的张量再用
        return made

    def variable(self, name, shape, dtype, source: str = "", persistable: bool = False) -> None:
        """登记一个变量；批的大小写成 −1。"""
        sizes = list(shape) if persistable else [-1, *shape[1:]]
        kind = str(dtype).rpartition(".")[2]
        self.vars[name] = {"name": name, "shape": sizes, "dtype": kind, "persistable": persistable}
        self.vars[name] |= {"from_node": source, "to_nodes": []}

    def source_of(self, x) -> str:
        """张量 x 是谁的输出；不是哪一层的，就是还没有人吃的那些经过 JOINED 得来的。"""
        if id(x) not in self.made:
            self.add("运算", JOINED, list(self.loose), x, {})
        return self.made[id(x)]

    def hook(self, layer, inputs, output) -> None:
        """挂在一层后面的钩子。"""
        if type(layer).__name__ == "Identity":
            self.made[id(output)] = self.source_of(inputs[0])
            self.kept.append(output)
            return
        kind = type(layer).__name__
        weights = dict(layer.named_parameters())
        self.add(kind, kind, [self.source_of(x) for x in inputs], output, weights)


def node(name: str, kind: str, shown: str, fed: dict, made: dict) -> dict:
    """一个方块，VisualDL 要的键。"""
    return {
        "name": name,
        "show_name": ROOT + shown,
        "type": kind,
        "attrs": {},
        "attr_types": {},
        "input_vars": fed,
        "output_vars": made,
        "is_leaf_node": True,
        "parent_node": ROOT,
        "children_node": [],
    }


def units(network) -> list:
    """要画成方块的层：一串层（Sequential）拆开，别的组合（例如残差块）算一块。"""
    from paddle import nn

    found = []
    for layer in network.children():
        found += units(layer) if isinstance(layer, nn.Sequential) else [layer]
    return found


def graph_of(network, inputs: list) -> dict:
    """网络的结构图；inputs 是喂给它的张量，第 0 维是批。"""
    tracer = Tracer(inputs)
    hooks = [layer.register_forward_post_hook(tracer.hook) for layer in units(network)]
    try:
        output = network(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    last = tracer.source_of(output)
    end = f"{ROOT}{len(tracer.nodes):02d}_输出"
    tracer.vars[last]["to_nodes"].append(end)
    tracer.nodes[end] = node(end, "fetch", "输出", {"输入": [last]}, {})
    inside = list(tracer.nodes)
    root = node(ROOT, "", "", {}, {}) | {"is_leaf_node": False, "children_node": inside}
    return {
        "version": "1.0.0",
        "nodes": [*tracer.nodes.values(), root],
        "vars": list(tracer.vars.values()),
        "edges": [
            {"from_node": v["from_node"], "to_node": to, "vars": [v["name"]], "label": v["shape"]}
            for v in tracer.vars.values()
            for to in v["to_nodes"]
        ],
    }


def write_graph(network, inputs: list, folder: Path) -> None:
    """结构图写进 folder；VisualDL 一个目录只收一张。"""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / FILE, json.dumps(graph_of(network, inputs), ensure_ascii=False))
