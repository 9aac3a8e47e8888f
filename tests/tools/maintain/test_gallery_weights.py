"""画廊里的权重：尾数留几位，收了的再压小；差多少都算在一起。"""

import shutil

import numpy as np
import pytest
from tool_helpers import load_tool, run_tool, tiny_run

from paddle_gan.errors import UserError
from paddle_gan.run import gallery
from paddle_gan.run.checkpoint_file import encode, read_checkpoint
from paddle_gan.run.run import Run

build, collecting = map(load_tool, ("build_gallery", "collecting"))
gallery_weights = build.weights


@pytest.fixture(autouse=True)
def nothing_is_small(monkeypatch):
    """tiny_run 的权重都很小，也压。"""
    monkeypatch.setattr(gallery_weights, "SMALL", 0)


@pytest.mark.parametrize("bits", [7, 10])
def test_the_mantissa_is_rounded_to_the_nearest_with_so_many_bits(bits):
    x = np.random.default_rng(0).normal(size=2000).astype(np.float32) * 0.05
    x = x[np.abs(x) > 1e-3]  # 再小，float16 自己的位就不全了
    narrow = gallery_weights.narrowed("w", x, bits)
    half = x.astype(np.float16)
    assert narrow.dtype == np.float16 and not np.any(narrow.view(np.uint16) & (1 << 10 - bits) - 1)
    step = 2.0 ** (np.floor(np.log2(np.abs(half.astype(np.float64)))) - bits)  # 相邻两个数的间隔
    assert np.all(np.abs(narrow.astype(np.float64) - half) <= step / 2)
    assert np.array_equal(narrow, half) == (bits == 10)
    assert gallery_weights.narrowed("w", np.zeros(3, np.float32), bits).tolist() == [0, 0, 0]


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """收好一个画图像的，尾数一位没省：返回画廊里的 Run。"""
    monkeypatch.setattr(gallery, "GALLERY", tmp_path / "gallery")
    (tmp_path / "gallery").mkdir()
    shutil.copytree(tiny_run("dcgan"), tmp_path / "drawn")
    run = Run(tmp_path / "drawn")
    scored = run.config().metrics.model_copy(update={"names": ["pixel_std"]})
    config = run.config().model_copy(update={"metrics": scored})
    run.config_file.write_text(config.dump(), "utf-8")
    monkeypatch.setattr(collecting, "shipped", lambda: {"小图": config})
    monkeypatch.setattr(gallery_weights, "BITS", (10,))
    build.collect(run.folder)
    return Run(tmp_path / "gallery" / "小图")


def test_a_collected_run_is_tightened_within_the_limit_and_says_both_changes(
    drawn, monkeypatch, capsys
):
    monkeypatch.setattr(gallery_weights, "BITS", (7, 8, 9, 10))
    info = drawn.info()
    info["gallery"]["float16"]["pictures"] = 0.5  # 收的时候已经差了这么多
    build.records.write_info(drawn, info)
    drawn.metrics_file.write_text('{"step": 1, "loss/D": 1.23456789}\n', "utf-8")
    once, size = info["gallery"]["float16"], build.size_of(drawn.folder)
    config, exact = drawn.load("last")
    assert once["mantissa_bits"] == 10
    result = run_tool(capsys, monkeypatch, "build_gallery", "tighten", "小图")
    twice = drawn.info()["gallery"]["float16"]
    assert result.code == 0 and f"尾数 {twice['mantissa_bits']} 位" in result.out
    assert twice["mantissa_bits"] < 10 and build.size_of(drawn.folder) < size
    again = build.apart(config, exact, drawn.load("last")[1])
    assert twice["pictures"] == pytest.approx(once["pictures"] + again, abs=2e-4)
    assert twice["pictures"] <= build.PICTURE
    assert all(twice["scores"][key] >= change for key, change in once["scores"].items())
    assert drawn.metrics_file.read_text("utf-8") == '{"step": 1, "loss/D": 1.23457}\n'


def test_no_more_bits_are_dropped_than_there_is_room_left(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(gallery_weights, "BITS", (7, 10))
    shutil.copytree(drawn.folder, tmp_path / "seven")
    seven = Run(tmp_path / "seven")
    seven.checkpoint("last").write_bytes(next(gallery_weights.encodings(drawn, None))[1])
    worst = build.apart(*drawn.load("last"), seven.load("last")[1])
    # 7 位的差自己在上限以内，加上收的时候已经差了的就超过
    once = drawn.info()["gallery"]["float16"]["pictures"]
    monkeypatch.setattr(build, "PICTURE", worst + once / 2)
    before = read_checkpoint(drawn.checkpoint("last"))[1]
    build.tighten("小图")
    after = read_checkpoint(drawn.checkpoint("last"))[1]
    assert all(np.array_equal(before[key], after[key]) for key in before)
    assert drawn.info()["gallery"]["float16"]["mantissa_bits"] == 10


def test_a_weight_beyond_float16_is_refused(tmp_path):
    shutil.copytree(tiny_run("gan"), tmp_path / "run")
    run = Run(tmp_path / "run")
    header, tensors = read_checkpoint(run.checkpoint("last"))
    key = next(key for key in tensors if key.startswith("network/G/"))
    run.checkpoint("last").write_bytes(encode(header, tensors | {key: tensors[key] + 7e4}))
    with pytest.raises(UserError, match=f"{key} 超出了 float16 的范围"):
        next(gallery_weights.encodings(run, None))
