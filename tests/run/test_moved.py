"""哪里都接得上：训练目录搬了家、换了当前目录、数据搬了家或换了写法；数据本身变了要说出来。"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from resume_cases import contents
from tool_helpers import assert_one_sentence, run_tool, write_image

from paddle_gan.data import DATASETS, Images
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run.checkpoint_file import encode, read_checkpoint
from paddle_gan.run.config import load_config, resolve
from paddle_gan.run.data_record import data_changes, describe_data
from paddle_gan.run.run import Run

NETWORK = {
    "generator": {"name": "dcgan_generator", "width": 2, "depth": 1},
    "discriminator": {"name": "dcgan_discriminator", "width": 2, "depth": 1},
}
RAW = {"method": "dcgan", "hparams": {"z_dim": 2}, "network": NETWORK, "batch_size": 4}
RAW |= {"total_steps": 4, "checkpoint_every": 2, "log_every": 1, "board": []}


def draw(folder: Path, count: int, first: int = 0) -> Path:
    """几张 8×8 的灰度小图，各不相同。"""
    for k in range(first, first + count):
        write_image(folder / f"图 {k}.png", np.full((8, 8), 9 * k % 256, np.uint8))
    return folder


def config_of(root, **changes):
    data = {"name": "image_folder", "root": str(root), "size": 8, "channels": 1}
    return resolve(RAW | {"data": data} | changes)


def half(whole: Path, copy: Path) -> Path:
    """好像只做了一半：last 是第 2 步的。"""
    shutil.copytree(whole, copy)
    checkpoints = copy / "checkpoints"
    shutil.copy(checkpoints / "step_0000002.safetensors", checkpoints / "last.safetensors")
    (checkpoints / "step_0000004.safetensors").unlink()
    return copy


@pytest.fixture
def whole(tmp_path, monkeypatch) -> Path:
    """在 tmp_path 里用相对路径训练完的一次；数据在 甲/图。"""
    monkeypatch.chdir(tmp_path)
    draw(Path("甲/图"), 6)
    Trainer(config_of("甲/图"), "cpu").run(Path("跑"))
    return tmp_path / "跑"


def resumed(capsys, monkeypatch, *arguments):
    return run_tool(capsys, monkeypatch, "train", *arguments, "--device", "cpu")


def test_a_moved_run_resumes_from_another_folder_without_its_config(
    whole, tmp_path, capsys, monkeypatch
):
    (tmp_path / "别 处").mkdir()
    moved = half(whole, tmp_path / "别 处" / "搬 家")
    monkeypatch.chdir(tmp_path / "别 处")
    result = resumed(capsys, monkeypatch, "--resume", "搬 家")
    assert result.code == 0 and result.err == "", result.err  # 什么都没有变，什么都不说
    assert contents(moved) == contents(whole)
    result = resumed(capsys, monkeypatch, "--output", "搬 家", "--resume", "-o", "total_steps=6")
    assert result.code == 0 and "total_steps 4 → 6" in result.err


def test_moved_data_and_another_spelling_resume_to_the_same_bytes(
    whole, tmp_path, capsys, monkeypatch
):
    copies = [half(whole, tmp_path / f"跑 {k}") for k in range(3)]
    absolute = config_of(tmp_path / "甲" / "图")
    Trainer(absolute, "cpu").run(copies[0], resume=True)  # 相对 → 绝对，同一处
    assert capsys.readouterr().err == ""

    (tmp_path / "乙").mkdir()
    (tmp_path / "甲/图").rename(tmp_path / "乙/新 图")
    lost = resumed(capsys, monkeypatch, "--resume", copies[1])
    assert_one_sentence(lost, str(tmp_path / "甲/图"), "用 -o data.root=新位置 指明")
    result = resumed(capsys, monkeypatch, "--resume", copies[1], "-o", "data.root=乙/新 图")
    assert result.code == 0, result.err
    assert f"data.root {tmp_path}/甲/图 → {tmp_path}/乙/新 图" in result.err
    assert contents(copies[0]) == contents(copies[1]) == contents(whole)
    # 新的位置写下了，下一次不用再说
    config = Run(copies[1]).config()
    assert config.data["root"] == tmp_path / "乙/新 图"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda root: draw(root, 10, first=6), "多了 10 张"),
        (lambda root: (root / "图 3.png").unlink(), "少了 1 张"),
        (lambda root: write_image(root / "图 1.png", np.zeros((9, 8), np.uint8)), "1 张的内容变了"),
        (lambda root: (root / "图 5.png").rename(root / "换名.png"), "多了 1 张、少了 1 张"),
    ],
    ids=["added", "removed", "resized", "renamed"],
)
def test_changed_data_is_said_with_counts_and_needs_the_lever(
    change, said, whole, tmp_path, capsys, monkeypatch
):
    copy = half(whole, tmp_path / "跑 2")
    before = contents(copy)
    change(tmp_path / "甲/图")
    refused = resumed(capsys, monkeypatch, "--resume", copy)
    assert_one_sentence(refused, f"数据与上次训练时不同：{said}；", "--allow-data-change")
    assert contents(copy) == before
    allowed = resumed(capsys, monkeypatch, "--resume", copy, "--allow-data-change")
    assert allowed.code == 0 and allowed.err.count(f"不同：{said}；照 --allow-data-change") == 1
    # 记下了现在的数据，下一次不再说
    again = resumed(capsys, monkeypatch, "--resume", copy, "-o", "total_steps=5")
    assert again.code == 0 and "数据" not in again.err


def test_the_best_score_on_other_data_is_forgotten(tmp_path, capsys):
    root, run = draw(tmp_path / "图", 12), Run(tmp_path / "跑")
    metrics = {"names": ["fd_pca64"], "samples": 20, "every": 2, "best": "fd_pca64"}
    Trainer(config_of(root, metrics=metrics), "cpu").run(run.folder)
    last = run.checkpoint("last")
    header, tensors = read_checkpoint(last)
    last.write_bytes(encode(header | {"best": -1.0}, tensors))  # 再好也好不过它
    Trainer(config_of(root, metrics=metrics, total_steps=6), "cpu").run(run.folder, resume=True)
    assert read_checkpoint(last)[0]["best"] == -1.0 and "作废" not in capsys.readouterr().err

    draw(root, 3, first=12)
    longer = config_of(root, metrics=metrics, total_steps=8)
    Trainer(longer, "cpu").run(run.folder, resume=True, allow_data_change=True)
    assert capsys.readouterr().err.count("数据变了：以前最好的分数作废，重新挑 best") == 1
    score = read_records(run.metrics_file)[-1]["fd_pca64"]
    assert read_checkpoint(last)[0]["best"] == read_checkpoint(run.checkpoint("best"))[0]["best"]
    assert read_checkpoint(last)[0]["best"] == score


def test_a_run_of_an_old_version_without_a_record_resumes_and_says_so_once(whole, tmp_path, capsys):
    copy = half(whole, tmp_path / "跑 2")
    (copy / "data.json").unlink()
    Trainer(config_of("甲/图"), "cpu").run(copy, resume=True)
    assert capsys.readouterr().err.count("没有 data.json（旧版本训练的）") == 1
    Trainer(config_of("甲/图", total_steps=5), "cpu").run(copy, resume=True)
    assert "data.json" not in capsys.readouterr().err


@pytest.mark.parametrize("content", ["[]", '{"files": 3}', "[" * 100_000, "不是"], ids=len)
def test_a_damaged_record_is_one_sentence_with_a_way_out(content, whole, tmp_path):
    (whole / "data.json").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match="读不了 .*data.json.*删掉它"):
        Trainer(config_of("甲/图", total_steps=5), "cpu").run(whole, resume=True)


def test_two_domains_are_counted_together(tmp_path):
    x, y = draw(tmp_path / "x", 3), draw(tmp_path / "y", 4)
    data = {"name": "unpaired_folders", "x": str(x), "y": str(y), "size": 8, "channels": 1}
    config = resolve(RAW | {"method": "cyclegan", "hparams": {}, "data": data})
    train = DATASETS["unpaired_folders"](x=x, y=y, size=8, channels=1)
    before = describe_data(config, train, train.batch_types[0])
    assert before["samples"] == [3, 4] and len(before["files"]) == 7
    draw(x, 2, first=3)
    (y / "图 0.png").unlink()
    after = describe_data(config, train, train.batch_types[0])
    assert data_changes(before, after) == "多了 2 张、少了 1 张"
    assert data_changes(before, before) == ""


def test_a_skipped_dead_link_and_an_empty_test_folder_are_recorded_too(tmp_path, capsys):
    x, y, empty = draw(tmp_path / "x", 3), draw(tmp_path / "y", 4), tmp_path / "空"
    empty.mkdir()
    (x / "断.png").symlink_to(tmp_path / "没有.png")
    folders = {"x": str(x), "y": str(y), "test_x": str(empty)}
    data = {"name": "unpaired_folders", "size": 8, "channels": 1, "skip_bad": True} | folders
    network = NETWORK | {"generator": {"name": "resnet_generator", "width": 2, "blocks": 1}}
    config = resolve(RAW | {"method": "cyclegan", "hparams": {}, "data": data, "network": network})
    Trainer(config, "cpu").run(tmp_path / "跑")
    record = json.loads((tmp_path / "跑/data.json").read_text(encoding="utf-8"))
    assert record["samples"] == [3, 4] and len(record["files"]) == 8
    assert record["files"].pop("x/断.png") is None and all(record["files"].values())
    draw(tmp_path / "x", 1, first=9)
    (x / "图 9.png").rename(tmp_path / "没有.png")  # 链接接上了：多出一张能用的图
    longer = config.model_copy(update={"total_steps": 5})
    with pytest.raises(UserError, match="不同：1 张的内容变了；"):
        Trainer(longer, "cpu").run(tmp_path / "跑", resume=True)


def test_data_that_needs_no_files_is_known_by_its_pixels():
    config = resolve(RAW | {"data": {"name": "digits"}})
    digits = DATASETS["digits"]()
    record = describe_data(config, digits, Images)
    assert record == describe_data(config, DATASETS["digits"](), Images)
    assert record["samples"] == [len(digits.images)] and "files" not in record
    digits.images = 255 - digits.images
    assert data_changes(record, describe_data(config, digits, Images)) == "样本数没变，内容变了"
    digits.images = digits.images[:-1]
    fewer = describe_data(config, digits, Images)
    assert data_changes(record, fewer) == "样本数原来是 [4000]，现在是 [3999]"
    ring = DATASETS["ring"]()
    assert describe_data(config, ring, Images) == {"samples": [100_000]}


def test_evaluating_finds_moved_data_by_the_lever_and_says_what_changed(
    tmp_path, capsys, monkeypatch
):
    draw(tmp_path / "图", 80)
    metrics = {"names": ["fd_pca64"], "samples": 70}
    Trainer(config_of(tmp_path / "图", metrics=metrics), "cpu").run(tmp_path / "跑")
    trained = json.loads((tmp_path / "跑/run.json").read_text(encoding="utf-8"))["metrics"]
    (tmp_path / "图").rename(tmp_path / "新 图")
    lost = run_tool(capsys, monkeypatch, "evaluate", tmp_path / "跑")
    assert_one_sentence(lost, str(tmp_path / "图"), "-o data.root=新位置")
    where = ["-o", f"data.root={tmp_path / '新 图'}"]
    found = run_tool(capsys, monkeypatch, "evaluate", tmp_path / "跑", *where)
    assert found.code == 0 and found.err == ""
    assert json.loads((tmp_path / "跑/eval.json").read_text("utf-8"))["scores"] == trained
    draw(tmp_path / "新 图", 3, first=80)
    found = run_tool(capsys, monkeypatch, "evaluate", tmp_path / "跑", *where)
    assert found.code == 0 and "数据与训练时不同：多了 3 张" in found.err
    refused = run_tool(capsys, monkeypatch, "evaluate", tmp_path / "跑", "-o", "batch_size=3")
    assert_one_sentence(refused, "只能写 data.键=值", "batch_size=3")
    # 取样不用数据，在哪里都行
    drawn = run_tool(capsys, monkeypatch, "sample", tmp_path / "跑", "--out", tmp_path / "a.png")
    assert drawn.code == 0


def test_the_settings_in_the_run_have_absolute_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(draw(tmp_path / "图", 2))
    monkeypatch.setenv("HOME", str(tmp_path / "家"))
    for init, expected in {
        "起点@best": f"{tmp_path}/图/起点@best",
        "~/起点": f"{tmp_path}/家/起点",
    }.items():
        run = Run(tmp_path / expected.rpartition("/")[2])
        run.create(config_of(".", init=init), {})
        saved = load_config(run.config_file)
        assert (saved.data["root"], saved.init) == (tmp_path / "图", expected)
