"""网络结构图：一层一个方块，箭头跟着张量走，直接写的运算也看得见。"""

import json

import paddle
from paddle import nn

from paddle_gan.monitor.visualdl_graph import FILE, JOINED, graph_of, write_graph


class Split(nn.Layer):
    """两条支路，相加，再变形。"""

    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(3, 4), nn.Sequential(nn.Linear(3, 4), nn.Identity())
        self.end = nn.Linear(4, 6)

    def forward(self, x):
        return self.end(self.left(x) + self.right(x)).reshape([-1, 2, 3])


def flow(graph: dict) -> set[tuple[str, str]]:
    return {(edge["from_node"], edge["to_node"]) for edge in graph["edges"]}


def test_the_arrows_follow_the_tensors_and_the_shapes_are_those_computed():
    graph = graph_of(Split(), [paddle.zeros([5, 3])])
    start, left, right, joined, end, again, out = (
        node["name"] for node in graph["nodes"] if node["name"] != "/"
    )
    assert flow(graph) == {
        (start, left),
        (start, right),
        (left, joined),
        (right, joined),
        (joined, end),
        (end, again),
        (again, out),
    }
    assert JOINED in joined and JOINED in again
    shapes = {v["from_node"]: v["shape"] for v in graph["vars"] if not v["persistable"]}
    assert shapes[start] == [-1, 3] and shapes[joined] == [-1, 4] and shapes[again] == [-1, 2, 3]
    weights = sorted(v["shape"] for v in graph["vars"] if v["persistable"])
    assert weights == [[3, 4], [3, 4], [4], [4], [4, 6], [6]]


def test_a_plain_chain_has_no_other_box_and_the_hooks_are_gone():
    network = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    graph = graph_of(network, [paddle.zeros([2, 2])])
    assert [node["type"] for node in graph["nodes"]] == [
        *("feed", "Linear", "ReLU", "Linear", "fetch"),
        "",
    ]
    assert not any(layer._forward_post_hooks for layer in network)


def test_visualdl_reads_the_file(tmp_path):
    from visualdl.reader.graph_reader import GraphReader

    write_graph(Split(), [paddle.zeros([5, 3])], tmp_path / "G")
    assert json.loads((tmp_path / "G" / FILE).read_text(encoding="utf-8"))["version"] == "1.0.0"
    reader = GraphReader(str(tmp_path))
    [run] = reader.runs(update=True)
    drawn = reader.get_graph(run)
    assert [len(drawn[key]) for key in ("inputs", "nodes", "outputs")] == [1, 5, 1]
