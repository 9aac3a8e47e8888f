"""由随包的训练现写 VisualDL 日志，不训练：曲线、样本、诊断、网络结构、特征。

几次训练一起是一个故事（run/stories.py）：同一个标签在每次训练里都有，一张图上并排；
VisualDL 按名字排标签、只打开第一组，所以要紧的放进编号在前的组。
"""

from collections.abc import Iterable
from pathlib import Path

import paddle

from paddle_gan.data.image_files import read_image
from paddle_gan.evaluation.clouds import Cloud, clouds, fake_samples, real_samples
from paddle_gan.evaluation.story_text import numbers, reading
from paddle_gan.methods.base import inference
from paddle_gan.monitor.explain import curve_of, explain
from paddle_gan.monitor.run_view import RunView, load_run
from paddle_gan.monitor.visualdl_board import NOTES, VisualDLBoard
from paddle_gan.monitor.visualdl_graph import write_graph
from paddle_gan.run.build import Shapes, build_data, build_method
from paddle_gan.run.config import Config
from paddle_gan.run.run import Run
from paddle_gan.run.stories import Story

FIRST = "0_先看"  # 每一页都只有排在最前的一组是打开的
READ, NUMBERS = f"{FIRST}/1_诊断与看什么", f"{FIRST}/2_从开头到最后"
LAST, SAMPLES = f"{FIRST}/1_最后的样本", f"{FIRST}/2_样本随步数"
TOGETHER, CLOUD = "0_全部放在一起", "1_真实与生成"
REAL = "真实"


def story_tags(story: Story) -> dict[str, str]:
    """曲线的名字 → 故事里的标签；没有列进来的曲线用原名，排在后面。"""
    both = (*story.shows, *story.losses)
    return {tag: f"{FIRST}/{i}_{plain_name(tag)}" for i, tag in enumerate(both, start=1)}


def plain_name(tag: str) -> str:
    """中文名（原名），不带标签里不能有的 % 与斜杠。"""
    return f"{curve_of(tag).name.partition('（')[0]}（{tag.replace('/', '_')}）"


def write_story(story: Story, folder: Path) -> dict[str, Path]:
    """故事里的每次训练写一份日志，返回 {看板上的名字: 放日志的目录}。"""
    runs = story.folders()
    views = {name: load_run(name, run, i) for i, (name, run) in enumerate(runs.items())}
    tags, boards = story_tags(story), {}
    for name, run in runs.items():
        boards[name] = VisualDLBoard(folder / name / "vdl", one_by_one(views[name].records, tags))
        write_samples(boards[name], run)
    write_texts(next(iter(boards.values())), story, dict(zip(story.runs, views.values())))
    write_clouds(boards, runs, folder)
    for board in boards.values():
        board.close()
    return {name: folder / name for name in runs}


def one_by_one(records: list[dict], tags: dict[str, str]) -> list[dict]:
    """记录拆成一条曲线一条曲线的，tags 里的在前：同一组里，VisualDL 按写进日志的先后排。"""
    rest = {key: key for record in records for key in record if key not in ("step", *tags)}
    return [
        {"step": record["step"], shown: record[tag]}
        for tag, shown in (tags | rest).items()
        for record in records
        if tag in record
    ]


def write_samples(board: VisualDLBoard, run: Path) -> None:
    """固定噪声的样本图；页面的滑块停在第一步，所以最后一步另有一份。"""
    pictures = {int(p.stem[6:]): read_image(p) for p in sorted(run.glob("samples/fixed_*.png"))}
    board.image(LAST, max(pictures), pictures[max(pictures)])
    for step, picture in pictures.items():
        board.image(SAMPLES, step, picture)


def write_texts(board: VisualDLBoard, story: Story, views: dict[str, RunView]) -> None:
    """文本页：一张卡片里一步一句，因为一句里的换行会被折叠；再加每条曲线的说明。"""
    for tag, lines in ((READ, reading(story, views)), (NUMBERS, numbers(story, views))):
        for place, line in enumerate(lines, start=1):
            board.text(tag, place, line)
    for tag in (*story.shows, *story.losses):
        board.text(f"{NOTES}/{tag}", 0, explain(tag))


def write_clouds(boards: dict[str, VisualDLBoard], runs: dict[str, Path], folder: Path) -> None:
    """网络结构；真实与生成样本的特征：每次一份，第一次那里另有全部放在一起的一份，排在最前。"""
    groups, loaded = {}, {}
    for name, home in runs.items():
        run = Run(home)
        config, method = run.load()
        write_networks(config, run.shapes(), folder / name / "vdl", name)
        loaded[name] = method, build_data(config, "test")
        groups.setdefault(REAL, real_samples(loaded[name][1]))
        groups[name] = fake_samples(method, config.seed)
    found = clouds(*next(iter(loaded.values())), groups)
    next(iter(boards.values())).embedding(TOGETHER, *joined(found))
    for name, board in boards.items():
        board.embedding(CLOUD, *joined({"生成": found[name], REAL: found[REAL]}))


def joined(found: dict[str, Cloud]) -> tuple[list, dict[str, list[str]]]:
    """几批特征接成一个矩阵，与每一行的两种标签；只有一种时 VisualDL 会把题目也当成一行。"""
    rows = [row for cloud in found.values() for row in cloud.features]
    groups = [name for name, cloud in found.items() for _ in cloud.kinds]
    kinds = [kind for cloud in found.values() for kind in cloud.kinds]
    return rows, {"哪一批": groups, "认作": kinds}


def write_networks(config: Config, shapes: Shapes, logs: Path, name: str) -> None:
    """每个网络一张结构图，各在一个目录里；只看结构，所以照配置新搭（D 的权重不随包）。"""
    method = build_method(config, shapes)
    ends = method.shapes(method.hparams, shapes.x, shapes.y)
    for place, (letter, network) in enumerate(method.networks.items(), start=1):
        with inference(network):
            inputs = [paddle.zeros([2, *shape]) for shape in inputs_of(ends[letter][0])]
            write_graph(network, inputs, logs / f"{place}_{letter}_{name}")


def inputs_of(shape: tuple) -> Iterable[tuple]:
    """网络的输入的形状，一个或两个（样本与类别）。"""
    return shape if isinstance(shape[0], tuple) else (shape,)
