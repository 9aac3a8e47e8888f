"""凡是写训练目录的命令，都可以写 gallery:名字；什么也不写进包里。"""

import json
import re
import shutil

import pytest
from tool_helpers import assert_one_sentence, decode, load_tool, run_tool, tiny_run

from paddle_gan.errors import UserError
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.visualdl_board import FILE, split_records
from paddle_gan.run import gallery
from paddle_gan.run.run import Run

RING = gallery.GALLERY / "gan_ring"
COMMANDS = {  # 命令 → 它要的别的参数
    "sample": ("--out", "甲.png"),
    "translate": ("--input", "甲.png", "--out", "甲"),
    "evaluate": (),
    "export": ("--out", "甲"),
    "report": ("--out", "甲.html"),
    "dashboard": (),
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """在别的目录里运行；包里的画廊一个字节也不变，一个文件也不多。"""
    monkeypatch.chdir(tmp_path)
    before = contents()
    yield
    assert contents() == before


def contents() -> dict:
    return {p: p.is_file() and p.read_bytes() for p in gallery.GALLERY.rglob("*")}


def test_a_sample_is_what_the_original_draws_up_to_the_rounding(capsys, monkeypatch, tmp_path):
    words = ("sample", "gallery:gan_ring", "--num", 64, "--out", "a.png")
    result = run_tool(capsys, monkeypatch, *words)
    assert result.code == 0 and result.out == "64 个样本（第 6000 步，种子 0）→ a.png\n"
    _, method = Run(RING).load()
    sample = load_tool("sample")
    data = sample.build_data(Run(RING).config(), "test")
    z = sample.random_latents(method, 64, 0)
    drawn = sample.draw_samples(sample.decode(method, z), Run(RING).shapes(), 8, data)
    assert (decode(tmp_path / "a.png")[..., ::-1] == drawn).all()


def test_the_film_of_the_training_has_one_frame_for_each_shipped_picture(capsys, monkeypatch):
    words = ("sample", "gallery:gan_ring", "--gif", "--out", "a.gif")
    result = run_tool(capsys, monkeypatch, *words)
    count = len(list(RING.glob("samples/fixed_*.png")))
    assert result.code == 0 and result.out.startswith(f"{count} 帧（第 600 到 6000 步）")


def test_the_list_needs_no_run_and_shows_each(capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "sample", "--gallery")
    assert result.code == 0
    named = re.findall(r"^gallery:(\w+)：", result.out, re.MULTILINE)
    assert named == gallery.names() and len(result.out.splitlines()) == len(named)


def test_an_evaluation_is_written_beside_and_gives_the_recorded_score(
    capsys, monkeypatch, tmp_path
):
    result = run_tool(capsys, monkeypatch, "evaluate", "gallery:gan_ring")
    assert result.code == 0 and "已写到 gallery_gan_ring/eval.json" in result.out
    assert result.out.startswith("gallery:gan_ring · last · 第 6000 步\n")
    written = json.loads((tmp_path / "gallery_gan_ring/eval.json").read_text("utf-8"))
    recorded = Run(RING).info()["gallery"]["scores"]
    assert written["scores"] == pytest.approx(recorded, rel=0.01, abs=0.001)


def test_an_own_run_is_still_evaluated_into_its_own_folder(capsys, monkeypatch, tmp_path):
    shutil.copytree(tiny_run("gan"), tmp_path / "甲")
    result = run_tool(capsys, monkeypatch, "evaluate", "甲")
    assert result.code == 0 and "已写到 甲/eval.json" in result.out
    assert not (tmp_path / "gallery_甲").exists()


def test_an_export_names_where_it_came_from_without_a_path_of_this_machine(
    capsys, monkeypatch, tmp_path
):
    result = run_tool(capsys, monkeypatch, "export", "gallery:gan_ring", "--out", "out")
    assert result.code == 0, result.err
    description = json.loads((tmp_path / "out/export.json").read_text("utf-8"))
    assert description["run"] == "gallery:gan_ring" and description["step"] == 6000


def test_a_report_shows_it_beside_others_and_says_what_is_not_shipped(
    capsys, monkeypatch, tmp_path
):
    words = ("report", "gallery:gan_ring", tiny_run("gan"), "--out", "a.html")
    result = run_tool(capsys, monkeypatch, *words)
    assert result.code == 0, result.err
    assert result.err.count("提示：gallery:gan_ring 是随包的，没有决策面") == 1
    page = (tmp_path / "a.html").read_text("utf-8")
    verdict = Run(RING).info()["diagnosis"]["verdict"]
    assert "gan_ring" in page and verdict in page and "samples/fixed" in page
    alone = run_tool(capsys, monkeypatch, "report", tiny_run("gan"), "--out", "b.html")
    assert "随包" not in alone.err


def test_the_board_gets_every_curve_and_picture_from_the_records(tmp_path):
    from visualdl.proto.record_pb2 import Record

    [home] = load_tool("dashboard").logs_of([RING], tmp_path / "logs")
    assert home == tmp_path / "logs/gan_ring"
    records, whole = split_records((home / "vdl" / FILE).read_bytes())
    assert whole == (home / "vdl" / FILE).stat().st_size
    values = [Record.FromString(record).values[0] for record in records]
    curve = [(v.id, v.value) for v in values if v.tag == "loss/D" and v.WhichOneof("one_value")]
    wanted = [(r["step"], r["loss/D"]) for r in read_records(RING / "metrics.jsonl")]
    assert [s for s, _ in curve] == [s for s, _ in wanted]
    assert [v for _, v in curve] == pytest.approx([v for _, v in wanted], rel=1e-6)
    pictures = [v.id for v in values if v.tag == "samples/fixed" and v.HasField("image")]
    assert pictures == [int(p.stem[6:]) for p in sorted(RING.glob("samples/*.png"))]


def test_a_generator_of_points_does_not_translate_and_the_advice_works(capsys, monkeypatch):
    words = ("translate", "gallery:gan_ring", "--input", "a.png", "--out", "out")
    result = run_tool(capsys, monkeypatch, *words)
    assert_one_sentence(result, "sample.py gallery:gan_ring --out out/samples.png")


@pytest.mark.parametrize("tool, others", COMMANDS.items())
@pytest.mark.parametrize("name", ["gallery:gan_rin", "gallery:", "gallery:../gan_ring"])
def test_a_wrong_name_is_one_sentence_in_every_command(
    tool, others, name, capsys, monkeypatch, tmp_path
):
    result = run_tool(capsys, monkeypatch, tool, name, *others)
    assert_one_sentence(result, "可用：", "gallery:gan_ring")
    assert not list(tmp_path.iterdir())


def test_a_control_character_in_the_name_stays_on_one_line(capsys, monkeypatch):
    words = ("sample", "gallery:a\nb\x1b[31m", "--out", "a.png")
    assert_one_sentence(run_tool(capsys, monkeypatch, *words), "gallery:a\\nb\\x1b[31m")


@pytest.mark.parametrize(
    "words",
    [
        ("--resume", "gallery:gan_ring"),
        ("--resume", "gallery:gan_ring", "--dry-run"),
        ("--resume", str(RING)),
        ("-c", str(RING / "config.yml"), "--output", "gallery:gan_ring"),
        ("-c", str(RING / "config.yml"), "--output", str(RING), "--resume"),
    ],
)
def test_it_is_not_continued_and_the_sentence_names_both_ways_out(words, capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "train", *words)
    ways = ("train.py -c configs/gan_ring.yml", "-o init=gallery:gan_ring")
    assert_one_sentence(result, "gallery:gan_ring 是随包的训练", "不能接着训练", *ways)
    assert result.out == ""


def test_a_training_may_begin_from_it(capsys, monkeypatch, tmp_path):
    options = ("-o", "init=gallery:gan_ring", "-o", "total_steps=1", "-o", "board=[]")
    config = load_tool("results").ROOT / "configs/gan_ring.yml"
    result = run_tool(capsys, monkeypatch, "train", "-c", config, *options, "--output", "甲")
    assert result.code == 0, result.err
    assert "从 gallery:gan_ring（第 6000 步）装了初始权重：G 6/6" in result.err
    assert Run(tmp_path / "甲").config().init == "gallery:gan_ring"


def test_what_was_not_shipped_is_one_sentence(capsys, monkeypatch):
    words = ("sample", "gallery:gan_ring", "--out", "a.png", "--checkpoint", "best")
    assert_one_sentence(run_tool(capsys, monkeypatch, *words), "现有：last")


@pytest.mark.parametrize("name", ["gan_ring", "avatars_best"])
def test_there_is_one_set_of_weights_so_ema_has_nothing_to_choose(name, capsys, monkeypatch):
    words = ("sample", f"gallery:{name}", "--ema", "--out", "a.png")
    result = run_tool(capsys, monkeypatch, *words)
    assert_one_sentence(result, "随包的训练只有一份权重", "去掉 --ema")


def test_located_is_the_only_place_that_knows_where_the_gallery_lies():
    with pytest.raises(UserError):
        gallery.located("gallery:x")
    for tool in ("sample", "translate", "evaluate", "export", "report", "dashboard", "train"):
        source = (load_tool("results").ROOT / "tools" / f"{tool}.py").read_text("utf-8")
        asked = re.search(r"type=_cli\.path_of_(own_)?run|_cli\.add_runs", source)
        assert asked and "GALLERY" not in source, tool
