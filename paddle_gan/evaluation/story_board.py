"""由随包的训练现写 VisualDL 日志，不训练：曲线、样本、诊断、网络结构、特征。

几次训练一起是一个故事（run/stories.py）：同一个标签在每次训练里都有，一张图上并排；
VisualDL 按名字排标签、只打开第一组，所以要紧的放进编号在前的组。
"""

from collections.abc import Iterable
from pathlib import Path

import paddle

from paddle_gan.data.image_files import read_image
from paddle_gan.evaluation.clouds import clouds, fake_samples, real_samples
from paddle_gan.evaluation.story_text import texts
from paddle_gan.methods.abilities import Generates
from paddle_gan.methods.base import inference
from paddle_gan.monitor.explain import curve_of, explain
from paddle_gan.monitor.run_view import RunView, load_run
from paddle_gan.monitor.visualdl_board import NOTES, VisualDLBoard
from paddle_gan.monitor.visualdl_graph import write_graph
from paddle_gan.run.build import Shapes, build_data, build_method
from paddle_gan.run.config import Config
from paddle_gan.run.run import Run
from paddle_gan.run.stories import Story

SHOWS, HIDES, FIRST = "1_先看", "2_损失", "0_先看"
SAMPLES, CLOUD, TOGETHER = "样本_随步数", "特征_真实与生成", "0_全部放在一起"
REAL = "真实"


def story_tags(story: Story) -> dict[str, str]:
    """曲线的名字 → 故事里的标签；没有列进来的曲线用原名，排在后面。"""
    return {
        tag: f"{group}/{place}_{plain_name(tag)}"
        for group, tags in ((SHOWS, story.shows), (HIDES, story.hides))
        for place, tag in enumerate(tags, start=1)
    }


def plain_name(tag: str) -> str:
    """中文名（原名），不带标签里不能有的 % 与斜杠。"""
    return f"{curve_of(tag).name.partition('（')[0]}（{tag.replace('/', '_')}）"


def write_story(story: Story, folder: Path) -> dict[str, Path]:
    """故事里的每次训练写一份日志，返回 {看板上的名字: 放日志的目录}。"""
    runs = story.folders()
    views = {name: load_run(name, run, i) for i, (name, run) in enumerate(runs.items())}
    tags, boards = story_tags(story), {}
    for name, run in runs.items():
        records = [{tags.get(k, k): v for k, v in r.items()} for r in views[name].records]
        boards[name] = VisualDLBoard(folder / name / "vdl", records)
        write_parts(boards[name], run, views[name], SAMPLES)
    labels = dict(zip(story.runs, views.values()))
    first = next(iter(boards.values()))
    for title, text in texts(story, labels).items():
        first.text(f"{FIRST}/{title}", 0, text)
    for tag in tags:
        first.text(f"{NOTES}/{tag}", 0, explain(tag))
    write_clouds(boards, runs, folder)
    for board in boards.values():
        board.close()
    return {name: folder / name for name in runs}


def write_parts(board: VisualDLBoard, run: Path, view: RunView, samples: str) -> None:
    """一次训练的诊断与样本图。"""
    board.text(f"{FIRST}/01 诊断", view.records[-1]["step"], view.diagnosis().text())
    for path in sorted(run.glob("samples/fixed_*.png")):
        step = path.stem.removeprefix("fixed_")
        board.image(samples, int(step), read_image(path))


def write_clouds(boards: dict[str, VisualDLBoard], runs: dict[str, Path], folder: Path) -> None:
    """网络结构；会生成的，再加真实与生成样本的特征：每次一份，第一次那里另有全部放在一起的一份。"""
    groups, kept = {}, {}
    for name, folder_of_run in runs.items():
        run = Run(folder_of_run)
        config, method = run.load()
        write_networks(config, run.shapes(), folder / name)
        if isinstance(method, Generates):
            kept[name] = method, build_data(config, "test")
            groups.setdefault(REAL, real_samples(kept[name][1]))
            groups[name] = fake_samples(method, config.seed)
    if not kept:
        return
    found = clouds(*next(iter(kept.values())), groups)
    for name in kept:
        boards[name].embedding(CLOUD, *joined({"生成": found[name], REAL: found[REAL]}))
    if len(kept) > 1:
        boards[next(iter(kept))].embedding(TOGETHER, *joined(found))


def joined(found: dict) -> tuple:
    """几批特征接成一个矩阵，与每一行的（哪一批，认作什么）。"""
    rows = [row for cloud in found.values() for row in cloud.features]
    groups = [name for name, cloud in found.items() for _ in cloud.kinds]
    kinds = [kind for cloud in found.values() for kind in cloud.kinds]
    return rows, {"哪一批": groups} | ({"认作": kinds} if any(kinds) else {})


def write_networks(config: Config, shapes: Shapes, home: Path) -> None:
    """每个网络一张结构图，写在 home/vdl/字母 里；只看结构，所以照配置新搭（D 的权重不随包）。"""
    method = build_method(config, shapes)
    ends = method.shapes(method.hparams, shapes.x, shapes.y)
    for letter, network in method.networks.items():
        with inference(network):
            inputs = [paddle.zeros([2, *shape]) for shape in inputs_of(ends[letter][0])]
            write_graph(network, inputs, home / "vdl" / letter)


def inputs_of(shape: tuple) -> Iterable[tuple]:
    """网络的输入的形状，一个或两个（样本与类别）。"""
    return shape if isinstance(shape[0], tuple) else (shape,)
