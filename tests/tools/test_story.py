"""看板上的故事：真的开一个 VisualDL，从接口读回每一页；次序、诊断、结构与特征都在，不训练。"""

import csv
import io
import re
import urllib.parse
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from board_server import Board
from tool_helpers import ROOT, assert_one_sentence, load_tool, run_tool

from paddle_gan.data.image_files import read_image
from paddle_gan.evaluation import story_board, story_text
from paddle_gan.metrics.frechet import fit_pca
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.monitor.run_view import load_run
from paddle_gan.run import gallery
from paddle_gan.run.run import Run
from paddle_gan.run.stories import STORIES, Story, located_or_story, story_names

FIRST = "0_先看"


@pytest.fixture(scope="module", params=story_names())
def opened(request):
    """开着的一个故事：（故事，看板，看板上的名字 → 随包的训练）。"""
    board = Board(f"gallery:{request.param}")
    yield STORIES[request.param], board, STORIES[request.param].folders()
    assert board.close()[0] == 0


def tags_of(board: Board, kind: str) -> dict[str, list[str]]:
    listed = board.api(f"{kind}/tags")
    return dict(zip(listed["runs"], listed["tags"]))


def lines(board: Board, run: str, tag: str) -> list[str]:
    count = len(board.api("text/list", run=run, tag=tag))
    asked = [urllib.parse.urlencode({"run": run, "tag": tag, "index": i}) for i in range(count)]
    return [board.get(f"api/text/text?{one}").decode() for one in asked]


def test_the_runs_stand_in_the_order_of_the_table(opened):
    story, board, runs = opened
    assert sorted(board.api("runs")) == list(runs) and len(runs) == len(story.runs)


def test_what_matters_stands_first_and_every_run_has_the_same_tag(opened):
    story, board, runs = opened
    wanted = [*story.shows, *story.losses]
    for tags in tags_of(board, "scalar").values():
        first = [tag for tag in tags if tag.startswith(FIRST + "/")]
        assert tags[: len(first)] == first == sorted(first)  # 组按名字排，组里按写入的先后
        assert [re.search("（(.*)）", t)[1] for t in first] == [w.replace("/", "_") for w in wanted]
        assert min(tags) == first[0]


def test_the_curves_are_the_shipped_records(opened):
    story, board, runs = opened
    shown = story_board.story_tags(story)
    for name, folder in runs.items():
        for tag in (story.shows[0], story.losses[0], "norm/grad_G"):
            records = [r for r in load_run(name, folder, 0).records if tag in r]
            served = board.api("scalar/list", run=name, tag=shown.get(tag, tag))
            assert [(s, v) for _, s, v in served] == [
                (r["step"], pytest.approx(r[tag], rel=1e-6)) for r in records
            ]


def test_the_text_opens_with_the_diagnosis_and_what_to_look_at(opened):
    story, board, runs = opened
    first = next(iter(runs))
    tags = tags_of(board, "text")[first]
    assert sorted(tags)[0] == f"{FIRST}/1_诊断与看什么"
    title, *rest = lines(board, first, sorted(tags)[0])
    verdicts = [Run(folder).info()["diagnosis"]["verdict"] for folder in runs.values()]
    assert title == story.title
    for line, label, verdict in zip(rest, story.runs, verdicts):
        assert line.startswith(f"诊断 · {label}：{verdict}")
    assert rest[len(runs) :] == [f"看什么 · {look}" for look in story.looks]
    said = lines(board, first, f"{FIRST}/2_从开头到最后")
    assert len(said) == len(story.shows) + len(story.losses) + story.follows
    for tag, line in zip((*story.shows, *story.losses), said):
        assert GLOSSARY[tag].name in lines(board, first, f"说明/{tag}")[0]
        kind = "质量" if tag in story.shows else "损失"
        numbers = [f"{label} {ends_of(run, tag)}" for label, run in zip(story.runs, runs.values())]
        assert line == f"{kind} · {GLOSSARY[tag].titled}：{'；'.join(numbers)}"


def ends_of(run, tag: str) -> str:
    """记录的头一成与末一成各自的平均。"""
    values = [r[tag] for r in load_run("", run, 0).records if tag in r]
    tenth = max(1, round(len(values) / 10))
    return f"{np.mean(values[:tenth]):.3g} → {np.mean(values[-tenth:]):.3g}"


def test_the_last_sample_comes_before_the_series(opened):
    _, board, runs = opened
    for name, folder in runs.items():
        steps = sorted(int(p.stem[6:]) for p in folder.glob("samples/fixed_*.png"))
        last, series = tags_of(board, "image")[name]
        assert (last, series) == (f"{FIRST}/1_最后的样本", f"{FIRST}/2_样本随步数")
        for tag, wanted in ((last, steps[-1:]), (series, steps)):
            frames = board.api("image/list", run=name, tag=tag)
            assert [frame["step"] for frame in frames] == wanted
            asked = urllib.parse.urlencode({"run": name, "tag": tag, "index": len(wanted) - 1})
            served = np.frombuffer(board.get(f"api/image/image?{asked}"), np.uint8)
            shown = cv2.imdecode(served, cv2.IMREAD_COLOR)[..., ::-1]
            assert np.array_equal(shown, read_image(folder / f"samples/fixed_{steps[-1]:07d}.png"))


def test_the_features_have_more_points_than_dimensions_and_a_label_for_each(opened):
    _, board, runs = opened
    listed = {one["name"]: one["shape"] for one in board.api("embedding/list")}
    first, *_ = listed
    assert first == f"{next(iter(runs))}/0_全部放在一起"
    assert set(listed) == {first, *(f"{name}/1_真实与生成" for name in runs)}
    found = {}
    for name, (count, size) in listed.items():
        which = urllib.parse.urlencode({"name": name})
        heads, *rows = csv.reader(
            io.StringIO(board.get(f"api/embedding/metadata?{which}").decode()), delimiter="\t"
        )
        assert heads == ["哪一批", "认作"] and len(rows) == count > size <= 32
        assert {row[0] for row in rows} == ({"真实", *runs} if name == first else {"生成", "真实"})
        vectors = np.frombuffer(board.get(f"api/embedding/tensor?{which}"), np.float32)
        assert vectors.size == count * size and np.isfinite(vectors).all()
        batches = np.array([row[0] for row in rows])
        found[name] = {b: vectors.reshape(count, size)[batches == b] for b in set(batches)}
    for name in runs:  # 每次训练自己的那一张，画的是它自己的样本
        own = found[f"{name}/1_真实与生成"]
        assert np.array_equal(own["生成"], found[first][name])
        assert np.array_equal(own["真实"], found[first]["真实"])


def test_each_network_is_drawn_with_the_shapes_it_has(opened):
    _, board, runs = opened
    graphs = board.api("graph_runs")
    assert len(graphs) == 2 * len(runs)
    for name, folder in runs.items():
        _, method = Run(folder).load()
        known = Run(folder).shapes()
        wanted = method.shapes(method.hparams, known.x, known.y)
        for letter, place in (("G", 1), ("D", 2)):
            [path] = [graph for graph in graphs if graph.endswith(f"/{place}_{letter}_{name}")]
            drawn = board.api("graph/graph", run=path, expand_all=False, refresh=True)
            [taken], [given] = drawn["inputs"], drawn["outputs"]
            shapes = [
                end["arguments"][0]["type"]["shape"]["dimensions"][1:] for end in (taken, given)
            ]
            assert shapes == [list(shape) for shape in wanted[letter]]
            layers = [node["type"] for node in drawn["nodes"]]
            assert {"Linear", "Conv2D", "Conv2DTranspose"} & set(layers)


def test_the_page_opens_on_the_text_first(opened):
    _, board, _ = opened
    assert (
        board.process.stdout.readline() == f"先读：http://127.0.0.1:{board.port}/app/sample/text\n"
    )


def test_the_documented_stories_are_the_ones_there_are():
    page = (ROOT / "docs/常见问题.md").read_text(encoding="utf-8")
    written = re.findall(r"^python tools/dashboard\.py gallery:(\w+)$", page, re.MULTILINE)
    assert sorted(written) == story_names()
    usage = (ROOT / "tools/dashboard.py").read_text(encoding="utf-8").split('"""')[1]
    assert sorted(re.findall(r"gallery:(\w+)", usage)) == story_names()


def test_the_table_names_shipped_runs_and_registered_curves():
    assert not set(story_names()) & set(gallery.names())
    for story in STORIES.values():
        assert set(story.runs.values()) <= set(gallery.names())
        assert set(story.shows) | set(story.losses) <= set(GLOSSARY)
        for folder in story.folders().values():
            recorded = {key for record in load_run("", folder, 0).records for key in record}
            assert {*story.shows, *story.losses} <= recorded


def test_the_healthy_the_collapsed_and_the_cured_are_what_the_diagnosis_says():
    story = STORIES["collapse"]
    said = [Run(folder).info()["diagnosis"]["verdict"] for folder in story.folders().values()]
    assert dict(zip(story.runs, said)) == {"健康": "正常", "崩溃": "模式崩溃", "治好": "正常"}


def test_how_far_a_loss_follows_stands_beside_what_counting_steps_gives():
    rows = zip((1, 2, 3, 4), (1.0, 3.0, 2.0, 4.0), (4.0, 2.0, 3.0, 1.0))
    records = [{"step": s, "loss/D": loss, "fd_lenet": fd} for s, loss, fd in rows]
    view = SimpleNamespace(records=[*records, {"step": 5, "loss/D": 9.0}])
    said = story_text.follows(view, "loss/D", "fd_lenet")
    assert said == "-1.00（4 次；步数与质量 -0.80）"
    flat = SimpleNamespace(records=[r | {"fd_lenet": 1.0} for r in records])  # 质量一直没有变
    assert "4 次" in (said := story_text.follows(flat, "loss/D", "fd_lenet"))
    assert "谈不上" in said and "nan" not in said


def test_an_unknown_name_lists_stories_and_runs(capsys, monkeypatch):
    refused = run_tool(capsys, monkeypatch, "dashboard", "gallery:colapse")
    assert_one_sentence(refused, "你想写的是 gallery:collapse", "gallery:wgan", "gallery:gan_ring")
    other = run_tool(capsys, monkeypatch, "report", "gallery:collapse", "--out", "a.html")
    assert_one_sentence(other, "未知的随包的训练 gallery:collapse")


def test_a_story_does_not_mix_with_other_runs(capsys, monkeypatch):
    words = ("gallery:collapse", "gallery:gan_ring", "--port", load_tool("dashboard").free_port())
    assert_one_sentence(run_tool(capsys, monkeypatch, "dashboard", *words), "一个故事自成一组")


def test_only_the_whole_name_is_a_story():
    assert isinstance(located_or_story("gallery:wgan"), Story)
    assert located_or_story("collapse").name == "collapse"
    assert located_or_story("gallery:gan_ring") == gallery.GALLERY / "gan_ring"


def test_the_ends_of_a_curve_by_hand():
    view = load_run("ring", gallery.GALLERY / "gan_ring", 0)
    values = [r["loss/D"] for r in view.records]
    begin, end = np.mean(values[:12]), np.mean(values[-12:])
    assert story_text.ends(view, "loss/D") == f"{begin:.3g} → {end:.3g}"
    assert story_text.ends(view, "fd_lenet") == "没有记"


def test_the_features_of_digits_are_the_components_of_the_real_ones():
    from paddle_gan.evaluation import clouds
    from paddle_gan.run.build import build_data

    config, method = Run(gallery.GALLERY / "digits_best").load()
    data = build_data(config, "test")
    real = clouds.real_samples(data)
    found = clouds.clouds(method, data, {"真实": real, "反色": -real})
    features = clouds.digit_features(real)[0]
    mean, basis = fit_pca(features, 32)
    assert found["真实"].features == pytest.approx((features - mean) @ basis, abs=1e-4)
    assert found["真实"].features.var(axis=0)[0] > found["真实"].features.var(axis=0)[31]
    assert len(set(found["真实"].kinds)) == 10


def test_a_point_is_taken_for_the_nearest_mode():
    from paddle_gan.evaluation import clouds
    from paddle_gan.run.build import build_data

    data = build_data(Run(gallery.GALLERY / "gan_ring").config(), "test")
    assert clouds.nearest(1.1 * data.modes, data) == [f"模式 {i}" for i in range(8)]
