"""做动画与三联图的工具：画得出，动得起来，用法不对时一句话。"""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tool_helpers import assert_one_sentence, decode, load_tool, run_tool, tiny_run

from paddle_gan.teaching.lesson import QUICK

pictures = load_tool("build_pictures")


@pytest.fixture
def assets(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "ASSETS", tmp_path)
    monkeypatch.setenv(QUICK, "6")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("which", ["ring", "digits"])
def test_the_animation_moves_and_loops(which, assets, capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "build_pictures", which)
    assert result.code == 0, result.err
    with Image.open(assets / f"{which}.gif") as gif:
        assert gif.n_frames >= 4 and gif.info["loop"] == 0
        first = np.array(gif.convert("L"))
        gif.seek(gif.n_frames - 1)
        assert (np.array(gif.convert("L")) != first).any()


def test_the_triptych_is_drawn_from_a_run(assets, capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "build_pictures", "cyclegan", tiny_run("cyclegan"))
    assert result.code == 0, result.err
    assert cv2.cvtColor(decode(assets / "cyclegan.png")[..., :3], cv2.COLOR_BGR2GRAY).std() > 5


def test_the_page_a_browser_is_asked_to_photograph_shows_the_three_runs(
    assets, capsys, monkeypatch
):
    asked = []

    def photograph(command, **options):
        asked.append(Path(command[-1].removeprefix("file://")).read_text(encoding="utf-8"))
        [option] = [part for part in command if part.startswith("--screenshot=")]
        Path(option.partition("=")[2]).write_bytes(b"picture")

    monkeypatch.setattr(pictures.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(pictures.subprocess, "run", photograph)
    result = run_tool(capsys, monkeypatch, "build_pictures", "report")
    assert result.code == 0, result.err
    assert (assets / "report_overview.png").read_bytes() == b"picture"
    assert all(name in asked[0] for name in ("gan_ring", "gan_ring_collapse", "wgan_ring"))


def test_without_a_browser_the_report_is_refused_before_any_training(assets, capsys, monkeypatch):
    monkeypatch.setattr(pictures.shutil, "which", lambda name: None)
    assert_one_sentence(run_tool(capsys, monkeypatch, "build_pictures", "report"), "chromium")


@pytest.mark.parametrize("arguments", [("cyclegan",), ("ring", "runs/a")])
def test_a_wrong_use_is_one_sentence(arguments, assets, capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "build_pictures", *arguments)
    assert_one_sentence(result, "训练目录")
