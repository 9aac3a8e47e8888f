"""做图的工具：画得出，动得起来，画的是该画的，用法不对时一句话。"""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image
from tool_helpers import assert_one_sentence, decode, load_tool, run_tool, tiny_run

from paddle_gan.data import Batches, Unpaired
from paddle_gan.run.build import build_data
from paddle_gan.run.run import Run
from paddle_gan.teaching.lesson import QUICK

pictures, results = load_tool("build_pictures"), load_tool("results")
collecting = load_tool("collecting")


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
    # 只换这个工具里的：VisualDL 导入时自己也要用 subprocess
    monkeypatch.setattr(pictures, "subprocess", SimpleNamespace(run=photograph))
    result = run_tool(capsys, monkeypatch, "build_pictures", "report")
    assert result.code == 0, result.err
    assert (assets / "report_overview.png").read_bytes() == b"picture"
    assert all(name in asked[0] for name in ("gan_ring", "gan_ring_greedy", "pac_gan_ring"))


def test_without_a_browser_the_report_is_refused_before_any_training(assets, capsys, monkeypatch):
    monkeypatch.setattr(pictures.shutil, "which", lambda name: None)
    assert_one_sentence(run_tool(capsys, monkeypatch, "build_pictures", "report"), "chromium")


@pytest.fixture
def tiny(monkeypatch):
    """只训练了三步的几个目录，当作是照仓库里的配置跑完的。"""
    names = {"gan": "gan_ring", "dcgan": "dcgan_digits", "cyclegan": "cyclegan"}
    monkeypatch.setattr(collecting, "name_of", lambda run: names[run.folder.name])
    monkeypatch.setattr(pictures, "STRIP", dict.fromkeys(names.values(), "题目"))
    return {config: tiny_run(name) for name, config in names.items()}


def test_a_still_of_digits_is_a_grid_and_of_points_has_points_and_modes(tiny):
    grid = pictures.still(Run(tiny["dcgan_digits"]))
    assert grid.shape == (4 * 56, 4 * 56, 1)  # 28 像素放大 2 倍
    blue = (pictures.still(Run(tiny["gan_ring"])) == (31, 119, 180)).all(axis=2)
    assert blue.any()


def test_a_still_of_a_translation_has_the_original_above_its_translation(tiny):
    run = Run(tiny["cyclegan"])
    still = pictures.still(run)[..., 0].astype(int)
    config, method = run.load("last")
    batch = next(Batches(build_data(config, "test"), Unpaired, 8, config.seed))
    side = still.shape[0] // 4
    for number, (x, y) in enumerate(zip(batch.x, method.translate(batch.x, "x2y"))):
        top, left = number // 4 * 2 * side, number % 4 * side
        for row, image in ((top, x), (top + side, y)):
            wanted = ((image.numpy()[0] + 1) * 127.5).repeat(2, axis=0).repeat(2, axis=1)
            assert np.abs(still[row : row + side, left : left + side] - wanted).max() <= 1


def test_the_strip_has_its_four_panels_in_order_whatever_the_order_of_the_runs(
    tiny, assets, capsys, monkeypatch
):
    drawn = {"gan_ring": 40, "dcgan_digits": 120, "cyclegan": 200}
    shade = {tiny[name].resolve(): value for name, value in drawn.items()}
    flat = lambda run: np.full((60, 60, 1), shade[run.folder.resolve()], np.uint8)  # noqa: E731
    monkeypatch.setattr(pictures, "still", flat)
    folders = [tiny[name] for name in ("cyclegan", "dcgan_digits", "gan_ring")]
    result = run_tool(capsys, monkeypatch, "build_pictures", "strip", *folders)
    assert result.code == 0, result.err
    picture = decode(assets / "strip.png")[..., 0]
    width = picture.shape[1]
    middle = [picture[picture.shape[0] * 2 // 3, width * k // 6] for k in (1, 3, 5)]
    assert middle == [40, 120, 200]

    result = run_tool(capsys, monkeypatch, "build_pictures", "strip", tiny["gan_ring"])
    assert_one_sentence(result, "strip", "dcgan_digits")


def test_a_small_picture_remembers_the_settings_it_was_drawn_with(
    tiny, assets, capsys, monkeypatch
):
    result = run_tool(capsys, monkeypatch, "build_pictures", "thumbs", *tiny.values())
    assert result.code == 0, result.err
    for name, folder in tiny.items():
        path = assets / "thumbs" / f"{name}.png"
        assert max(decode(path).shape) <= 128 and path.stat().st_size <= 15_000
        assert results.thumb_digest(path) == collecting.digest(Run(folder).config())


def test_a_run_that_is_not_of_a_shipped_config_is_refused(assets, capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "build_pictures", "thumbs", tiny_run("gan"))
    assert_one_sentence(result, "configs/", str(tiny_run("gan")))
    assert not list(assets.rglob("*.png"))


@pytest.mark.parametrize(
    "arguments", [("cyclegan",), ("strip",), ("ring", "runs/a"), ("cyclegan", "runs/a", "runs/b")]
)
def test_a_wrong_use_is_one_sentence(arguments, assets, capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "build_pictures", *arguments)
    assert_one_sentence(result, "训练目录")
