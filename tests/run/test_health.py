"""体检的每一项：好的是 ✓，坏的说出是什么、怎么办；两面都试。"""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tool_helpers import RAW

from paddle_gan.data.image_files import read_image
from paddle_gan.limits import GIGABYTE
from paddle_gan.run import health
from paddle_gan.run.config import resolve

CPU = "processor : 0\nmodel name : 某 CPU\nflags : fpu sse {}\n\nprocessor : 1\n"


@pytest.mark.parametrize(
    "flags, said, fine",
    [
        ("avx avx2 avx512f amx_tile", "某 CPU（x86_64），AVX2、AVX-512、AMX", True),
        ("avx avx2", "某 CPU（x86_64），AVX2", True),
        ("avx", "某 CPU（x86_64），没有 AVX2", False),
    ],
)
def test_the_processor_and_what_it_lacks(flags, said, fine, tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text(CPU.format(flags), encoding="utf-8")
    monkeypatch.setattr(health, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    found = health.processor()
    assert found.text == said and (not found.advice) is fine
    monkeypatch.setattr(health, "CPUINFO", tmp_path / "没有")
    assert "指令集问不到" in health.processor().text and not health.processor().advice


def test_idle_cores_and_little_memory_are_pointed_out(monkeypatch):
    monkeypatch.setattr("paddle_gan.run.runtime.usable_cores", lambda: 8)
    for threads, fine in ((8, True), (1, False)):
        monkeypatch.setattr("paddle_gan.run.runtime.threads", lambda threads=threads: threads)
        found = health.cores()
        assert f"能用 8 核，用 {threads} 个线程" in found.text
        assert ("OMP_NUM_THREADS" in found.advice) is not fine
    monkeypatch.setattr("paddle_gan.run.memory.total", lambda: 16 * GIGABYTE)
    for free, fine in ((5 * GIGABYTE, True), (GIGABYTE, False)):
        monkeypatch.setattr("paddle_gan.run.memory.available", lambda free=free: free)
        assert health.room().text == f"内存共 16.0 GB，能用 {free / GIGABYTE:.1f} GB"
        assert (not health.room().advice) is fine
    monkeypatch.setattr("paddle_gan.run.memory.available", lambda: None)
    assert health.room() == ("内存共 16.0 GB", "")


def test_variables_that_hold_the_math_libraries_back_are_named(monkeypatch):
    for name in health.HOLD_BACK:
        monkeypatch.delenv(name, raising=False)
    assert [f.text for f in health.libraries() if "blas" in f.text.lower()]
    assert not [f for f in health.libraries() if f.advice]
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    (found,) = [f for f in health.libraries() if f.advice]
    assert "OPENBLAS_CORETYPE=Haswell" in found.text and found.advice.endswith(
        "unset OPENBLAS_CORETYPE"
    )


@pytest.mark.parametrize(
    "code, fine, said",
    [
        ("print('PaddlePaddle is installed successfully!')", True, "通过"),
        ("print('一些话'); print('坏在这里'); raise SystemExit(3)", False, "退出码 3）：坏在这里"),
        ("import os; os.abort()", False, "没有通过（退出码 -6）"),
        ("print('没有说成功')", False, "退出码 0）：没有说成功"),
    ],
)
def test_the_self_check_of_paddle_runs_apart_and_may_even_crash(code, fine, said, monkeypatch):
    monkeypatch.setattr(health, "CHECK", code)
    (found,) = health.self_check()
    assert said in found.text and (not found.advice) is fine


def test_every_picture_format_is_read_back_and_a_wrong_one_is_named(monkeypatch):
    (found,) = health.pictures()
    assert found == ("读得了 PNG、JPEG、WebP、GIF、TIFF、16 位 PNG", "")

    def wrong(path):
        image = read_image(path)
        return image[..., ::-1] if path.suffix in (".webp", ".gif") else image  # 红蓝换了

    monkeypatch.setattr(health, "read_image", wrong)
    good, *bad = health.pictures()
    assert good.text == "读得了 PNG、JPEG、TIFF、16 位 PNG"
    assert [f.text for f in bad] == ["读不了 WebP", "读不了 GIF"] and all(f.advice for f in bad)
    monkeypatch.setattr(health, "read_image", lambda path: np.zeros((16, 16, 3), np.uint8))
    assert len(health.pictures()) == 6


def test_the_speed_is_counted_in_steps_and_compared_with_the_written_minutes():
    config = resolve(RAW["gan"] | {"batch_size": 4, "total_steps": 60})
    fine = health.training_speed("环", config, minutes=1000.0, seconds=0.05)
    slow = health.training_speed("环", config, minutes=1e-9, seconds=0.05)
    assert not fine.advice and "抢 CPU" in slow.advice
    rate = float(fine.text.split("：")[1].split(" 步/秒")[0])
    needed = float(fine.text.split("全程约 ")[1].split(" 分钟")[0])
    assert needed == pytest.approx(60 / rate / 60, abs=0.06) and rate > 1
    assert "写文档的 2 核机器 1000 分钟" in fine.text


def test_a_multiplication_below_the_floor_is_pointed_out(monkeypatch):
    monkeypatch.setattr(health, "SIDE", 256)
    monkeypatch.setattr(health, "LEAST_GFLOPS", 1e-6)
    assert not health.multiply(0.01).advice
    monkeypatch.setattr(health, "LEAST_GFLOPS", 1e9)
    assert "抢 CPU" in health.multiply(0.01).advice


def test_a_full_or_read_only_disk_is_pointed_out(tmp_path, monkeypatch):
    runs = Path(tmp_path / "还没有/runs")
    assert not health.disk(runs)[0].advice  # 还没有的目录，看它要建在哪里
    usage = shutil.disk_usage(tmp_path)._replace(free=GIGABYTE // 2)
    monkeypatch.setattr("shutil.disk_usage", lambda place: usage)
    (found,) = health.disk(runs)
    assert "还有 0.5 GB" in found.text and "不到 1 GB" in found.advice

    def refuse(dir):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    (found,) = health.disk(runs)
    assert "写不了（磁盘是只读的）" in found.text and "--output" in found.advice


def test_onednn_is_named_with_its_version_or_its_absence(monkeypatch):
    stub = SimpleNamespace(described=lambda: "oneDNN 3.6.2，AVX2")
    for found, words in ((stub, "飞桨自带的 oneDNN 3.6.2，AVX2"), (None, "没有用 oneDNN")):
        monkeypatch.setattr(health, "library", lambda found=found: found)
        said = [f.text for f in health.libraries() if "oneDNN" in f.text]
        assert len(said) == 1 and said[0].startswith(words)
