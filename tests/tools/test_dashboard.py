"""tools/dashboard.py：真的起一个 VisualDL，从 HTTP 接口读回每个面板；用错时一句话、退出码 2。"""

import re
import socket
import time
import urllib.parse
from pathlib import Path

import pytest
from board_case import RAW
from board_server import WAIT, Board
from tool_helpers import assert_one_sentence, load_tool, run_tool, tiny_run

from paddle_gan.engine.train import Trainer
from paddle_gan.files import short_names
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.run_view import runs_under
from paddle_gan.monitor.visualdl_board import FILE, VisualDLBoard
from paddle_gan.run.config import resolve

GAN = {"method": "gan", "hparams": {"z_dim": 2}, "metrics": {"names": ["modes"], "every": 5}}
DIGITS = {
    "network": {
        "generator": {"name": "dcgan_generator", "width": 2, "depth": 2},
        "discriminator": {"name": "dcgan_discriminator", "width": 2, "depth": 2},
    },
    "data": {"name": "digits"},
    "total_steps": 2,
}


def trained(folder: Path, **changes) -> Path:
    raw = RAW | {"visualdl": True, "log_every": 1, "checkpoint_every": 10} | changes
    Trainer(resolve(raw), "cpu").run(folder, resume=folder.exists())
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """一次带模式指标的 GAN（中断后又恢复过），一次裁剪的 WGAN，一次数字图像，日志末尾写坏了。"""
    root = tmp_path_factory.mktemp("runs")
    trained(root / "gan", **GAN, total_steps=10)
    trained(root / "gan", **GAN, total_steps=20)
    trained(root / "digits", **DIGITS)
    with (trained(root / "wgan") / "vdl" / FILE).open("ab") as file:
        file.write(b"\x99" * 30)
    return root


@pytest.fixture(scope="module")
def board(runs):
    board = Board(runs / "gan", runs / "wgan", runs / "digits")
    yield board
    board.close()


def test_runs_are_side_by_side_under_their_short_names(board):
    assert sorted(board.api("runs")) == ["digits", "gan", "wgan"]
    assert "<html" in board.get("index").decode()  # 没有 Accept-Language 时也不报错


def test_the_board_answers_on_127_0_0_1_and_on_no_other_address(board):
    for address, answers in (("127.0.0.1", True), ("127.0.0.2", False)):
        with socket.socket() as probe:
            assert (probe.connect_ex((address, board.port)) == 0) is answers


@pytest.mark.parametrize("run", ["gan", "wgan", "digits"])
def test_every_curve_serves_the_recorded_points_with_increasing_steps(board, runs, run):
    expected: dict[str, list] = {}
    for record in read_records(runs / run / "metrics.jsonl"):
        for tag, value in record.items():
            if tag != "step":
                expected.setdefault(tag, []).append(
                    (record["step"], pytest.approx(value, rel=1e-6))
                )
    listed = board.api("scalar/tags")
    tags = listed["tags"][listed["runs"].index(run)]
    assert sorted(tags) == sorted(expected)
    assert {"loss/D", "norm/grad_D", "norm/grad_G", "diversity"} <= set(tags)
    for tag in tags:
        served = [(step, value) for _, step, value in board.api("scalar/list", run=run, tag=tag)]
        assert served == expected[tag]
        steps = [step for step, _ in served]
        assert steps == sorted(set(steps))


@pytest.mark.parametrize(
    "run, tag, steps",
    [
        ("gan", "samples/fixed", [1, *range(2, 11), *range(12, 21, 2)]),
        ("gan", "surface/D", [*range(1, 11), *range(12, 21, 2)]),
        ("wgan", "surface/D", list(range(2, 21, 2))),
        ("digits", "classes/histogram", [1, 2]),
    ],
)
def test_every_picture_is_served_once_also_after_a_resume(board, run, tag, steps):
    listed = board.api("image/tags")
    assert tag in listed["tags"][listed["runs"].index(run)]
    frames = board.api("image/list", run=run, tag=tag)
    assert [frame["step"] for frame in frames] == steps
    last = urllib.parse.urlencode({"run": run, "tag": tag, "index": len(frames) - 1})
    assert board.get(f"api/image/image?{last}").startswith(b"\x89PNG")


def test_the_weight_histogram_shows_the_pile_at_the_clip(board):
    frames = board.api("histogram/list", run="wgan", tag="weights/D")
    assert [step for _, step, _ in frames] == list(range(2, 21, 2))
    edges = [left for left, _, _ in frames[-1][2]]
    assert edges[0] == pytest.approx(-0.12) and len(edges) == 48


def test_hyper_parameters_and_the_final_metrics_are_served(board):
    rows = {row["name"]: row for row in board.api("hparams/list")}
    gan = next(row for name, row in rows.items() if "gan" in name and "wgan" not in name)
    assert gan["hparams"]["method"] == "gan" and gan["hparams"]["lr_D"] == pytest.approx(2e-4)
    assert gan["hparams"]["generator/batch_norm"] == 0  # 布尔写成 0、1
    assert 0 <= gan["metrics"]["modes/covered"] <= 8


def test_the_text_page_explains_each_curve_and_gives_the_diagnosis(board):
    listed = board.api("text/tags")
    tags = listed["tags"][listed["runs"].index("gan")]
    assert {"诊断", "说明/loss/D", "说明/modes/reverse_kl", "说明/norm/grad_G"} <= set(tags)
    notes = board.api("text/list", run="gan", tag="说明/loss/D")
    assert len(notes) == 1
    which = urllib.parse.urlencode({"run": "gan", "tag": "说明/loss/D", "index": 0})
    text = board.get(f"api/text/text?{which}").decode()
    for part in ("判别器损失", "健康", "危险"):
        assert part in text


def test_a_damaged_log_is_repaired_a_resume_is_followed_and_ctrl_c_ends_cleanly(tmp_path):
    run = trained(tmp_path / "run", total_steps=10)
    with (run / "vdl" / FILE).open("ab") as file:
        file.write(b"\x99" * 30)
    board = Board(run)
    assert len(board.api("scalar/list", run="run", tag="loss/D")) == 10

    trained(run, total_steps=15)  # 重写了日志；看板要重新启动服务进程
    points, deadline = [], time.monotonic() + WAIT
    while len(points or []) < 15 and time.monotonic() < deadline:
        time.sleep(0.5)
        try:
            points = board.api("scalar/list", run="run", tag="loss/D")
        except OSError:  # 正在重新启动
            continue
    assert [step for _, step, _ in points] == list(range(1, 16))

    code, out, err = board.close()
    assert code == 0 and "看板已关闭" in out
    assert len(err.splitlines()) == 1
    assert re.match(
        "提示：run 的日志从第 [0-9]+ 字节起写坏了，截掉 30 字节，留下前面.* [0-9]+ 条", err
    )
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", board.port)) != 0


def test_a_killed_board_leaves_no_server_on_its_port(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # 被杀死的看板来不及删它的临时目录
    board = Board(runs / "gan")
    board.process.kill()
    board.process.communicate()
    deadline, taken = time.monotonic() + WAIT, True
    while taken and time.monotonic() < deadline:
        with socket.socket() as probe:
            taken = probe.connect_ex(("127.0.0.1", board.port)) == 0
        time.sleep(0.1)
    assert not taken


@pytest.fixture
def use(capsys, monkeypatch):
    return lambda *arguments: run_tool(capsys, monkeypatch, "dashboard", *arguments)


def test_a_missing_run_is_one_sentence(use, tmp_path):
    assert_one_sentence(use(tmp_path / "none"), "none", "runs/")


def test_a_run_without_a_visualdl_log_points_at_the_report(use, tmp_path):
    assert_one_sentence(use(tiny_run("gan")), "tools/report.py")
    assert_one_sentence(use(tmp_path), "也不是训练目录")


def test_a_taken_port_is_one_sentence_and_offers_another(use, runs):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_one_sentence(use(runs / "gan", "--port", port), str(port), "--port")


def test_a_port_out_of_range_is_one_sentence(use, runs):
    assert_one_sentence(use(runs / "gan", "--port", 70000), "65535")


def test_the_folder_above_the_runs_stands_for_all_of_them(runs):
    found = runs_under([runs], f"vdl/{FILE}", load_tool("dashboard").instead)
    assert [path.name for path in found] == ["digits", "gan", "wgan"]


def test_equal_folder_names_get_the_name_above_in_front(tmp_path):
    folders = [tmp_path / "a/run", tmp_path / "b/run", tmp_path / "a/run"]
    assert short_names(folders) == {"run": tmp_path / "a/run", "b-run": tmp_path / "b/run"}


def test_a_board_of_an_empty_log_still_opens(tmp_path):
    (tmp_path / FILE).touch()
    board = VisualDLBoard(tmp_path, [], 5)
    board.write(6, {"loss/D": 1.0})
    board.close()
    assert not board.broken
