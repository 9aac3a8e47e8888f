"""tools/train.py：像新手一样在命令行里运行，看目录、退出码和那一句话。

多数在本进程里运行同样的参数（省下导入飞桨的几秒）；真的另开进程的几个，看的是进程自己的事。
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from tool_helpers import ROOT, Result, run_tool

from paddle_gan.monitor.recorder import read_records

TINY_NETWORK = {
    "resnet_generator": ["-o", "network.generator.width=2", "-o", "network.generator.blocks=1"],
    "patchgan": ["-o", "network.discriminator.width=2"],
}
CPU_CONFIGS = [
    *("gan_ring", "gan_digits", "dcgan_digits", "dcgan_emoji", "wgan_ring", "wgan_digits"),
    *("wgan_gp_ring", "wgan_gp_digits", "cyclegan", "cyclegan_brush", "stesha_01"),
    *("dcgan_avatars", "wgan_gp_avatars", "cyclegan_avatars"),
]


def in_a_process(*arguments) -> Result:
    command = [sys.executable, str(ROOT / "tools/train.py"), *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def train(capsys, monkeypatch):
    """在目录 cwd 里照同样的参数运行，不另开进程。"""

    def run(*arguments, cwd=ROOT) -> Result:
        monkeypatch.chdir(cwd)
        return run_tool(capsys, monkeypatch, "train", *arguments)

    return run


def assert_one_chinese_sentence(result: Result, *parts: str) -> None:
    assert result.code == 2, result.err
    lines = [line for line in result.err.splitlines() if line.startswith("错误：")]
    assert len(lines) == 1 and "Traceback" not in result.err
    for part in parts:
        assert part in lines[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", CPU_CONFIGS)
def test_every_cpu_config_trains_samples_evaluates_and_saves(train, name, tmp_path):
    folder = tmp_path / "run"
    short = ["-o", "total_steps=2", "-o", "metrics.samples=100", "-o", "log_every=1"]
    result = train("-c", f"configs/{name}.yml", *short, "--output", folder)
    assert result.code == 0, result.err

    assert [record["step"] for record in read_records(folder / "metrics.jsonl")] == [1, 2]
    info = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert info["status"] == "finished" and info["step"] == 2 and info["seed"] == 0
    assert info["images_per_second"] > 0 and info["versions"]["paddle"]
    for file in ("config.yml", "checkpoints/last.safetensors", "checkpoints/best.safetensors"):
        assert (folder / file).is_file()
    assert (folder / "checkpoints/step_0000002.safetensors").is_file()
    assert (folder / "samples/fixed_0000002.png").is_file()
    assert (folder / "vdl/vdlrecords.main.log").stat().st_size > 0
    assert "完成：2 步" in result.out and "\r" not in result.err


@pytest.mark.parametrize(
    "options, code, said",
    [(["-o", "totl_steps=3"], 2, "错误："), (["-o", "total_steps=2"], 0, "完成：2 步")],
)
def test_a_process_of_its_own_ends_with_the_code_and_says_no_more(options, code, said, tmp_path):
    result = in_a_process(*RING, *options, "-o", "metrics={}", "--output", tmp_path / "run")
    assert result.code == code and said in (result.out if code == 0 else result.err)
    assert "Traceback" not in result.err and "\r" not in result.err
    assert len(result.err.splitlines()) == (code != 0)


def test_the_gpu_sized_notebook_config_builds(train):
    result = train("-c", "configs/stesha_02.yml", "--dry-run")
    assert result.code == 0
    # 笔记的 12,656,257 与 11,033,985 是卷积的权重与偏置，没算 BN；
    # 我们带 BN 的卷积没有偏置，BN 有缩放和偏移，每个通道正好多一个
    assert f"G {12_656_257 + 1024 + 512 + 256 + 128:,}" in result.out
    assert f"D {11_033_985 + 1024 + 512 + 256:,}" in result.out


@pytest.mark.parametrize(
    "name, parts",
    [
        ("stesha_03", ["data/cifar-10-binary.tar.gz"]),
        ("cyclegan_horse2zebra", ["data/horse2zebra", "data.root"]),
    ],
)
def test_configs_that_need_your_own_data_say_what_to_bring(train, name, parts, tmp_path):
    result = train("-c", ROOT / f"configs/{name}.yml", cwd=tmp_path)
    assert_one_chinese_sentence(result, *parts)
    assert list(tmp_path.iterdir()) == []


def test_cyclegan_trains_on_two_folders_of_ones_own(train, tmp_path):
    rng = np.random.default_rng(0)
    for part, count in (("trainA", 3), ("trainB", 2), ("testA", 1), ("testB", 1)):
        (tmp_path / "我的数据" / part).mkdir(parents=True)
        for i in range(count):
            pixels = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)
            _, data = cv2.imencode(".jpg", pixels)
            (tmp_path / "我的数据" / part / f"图 {i}.jpg").write_bytes(data.tobytes())
    size = ["-o", "data.size=32", "-o", "data.load_size=36", "-o", "total_steps=2"]
    layers = ["-o", "network.discriminator.layers=1", "-o", f"data.root={tmp_path / '我的数据'}"]
    tiny = [part for options in TINY_NETWORK.values() for part in options]
    config = ROOT / "configs/cyclegan_horse2zebra.yml"
    result = train("-c", config, *size, *layers, *tiny, "-o", "visualdl=false", cwd=tmp_path)
    assert result.code == 0, result.err
    assert (tmp_path / "runs/cyclegan_horse2zebra/samples/fixed_0000002.png").is_file()


RING = ["-c", "configs/gan_ring.yml", "-o", "visualdl=false"]
BAD_USES = {
    "no config": ([], ["--config"]),
    "missing config": (["-c", "none.yml"], ["none.yml"]),
    "unknown key": ([*RING, "-o", "totl_steps=3"], ["totl_steps", "total_steps"]),
    "wrong type": ([*RING, "-o", "batch_size=many"], ["batch_size 要写整数"]),
    "negative size": ([*RING, "-o", "batch_size=-4"], ["batch_size 要大于 0"]),
    "no such device": ([*RING, "--device", "gpu:7"], ["gpu:7", "cpu"]),
    "needs pairs": (
        [*RING, "-o", "method=cyclegan", "-o", "hparams={}"],
        ["不成对的两个域", "glyphs"],
    ),
    "bn in a gp critic": (
        [*RING, "-o", "method=wgan_gp", "-o", "hparams={}"]
        + ["-o", "network.discriminator.batch_norm=true"],
        ["wgan_gp 的判别器不能有 BN"],
    ),
    "conv on points": (
        [*RING, "-o", "network.discriminator={name: dcgan_discriminator}"],
        ["只处理图像", "mlp"],
    ),
    "size does not divide": (
        ["-c", "configs/dcgan_digits.yml", "-o", "network.generator.depth=3"],
        ["28×28", "2^depth = 8"],
    ),
    "metric of another data set": (
        ["-c", "configs/gan_digits.yml", "-o", "metrics.names=[modes]"],
        ["modes", "ring"],
    ),
    "unknown metric": ([*RING, "-o", "metrics.names=[mods]"], ["mods", "modes"]),
    "unknown best": ([*RING, "-o", "metrics.best=modes/cover"], ["modes/covered"]),
}


@pytest.mark.parametrize("arguments, parts", BAD_USES.values(), ids=BAD_USES)
def test_a_bad_use_is_one_chinese_sentence_and_writes_nothing(train, arguments, parts, tmp_path):
    result = train(*arguments, "--output", tmp_path / "run")
    assert_one_chinese_sentence(result, *parts)
    assert list(tmp_path.iterdir()) == []


def bad_folder(tmp_path, case: str) -> Path:
    folder = tmp_path / "images"
    if case != "missing":
        folder.mkdir()
    if case == "text named png":
        (folder / "a.png").write_text("这不是图像", encoding="utf-8")
    if case == "zero bytes":
        (folder / "a.png").touch()
    return folder


@pytest.mark.parametrize("case", ["missing", "empty", "text named png", "zero bytes"])
def test_a_bad_image_folder_is_named(train, case, tmp_path):
    folder = bad_folder(tmp_path, case)
    data = f"data={{name: image_folder, root: {folder}, size: 32}}"
    options = ["-o", data, "-o", "metrics={}"]
    result = train("-c", "configs/dcgan_emoji.yml", *options, "--output", tmp_path / "run")
    assert_one_chinese_sentence(result, str(folder))
    assert not (tmp_path / "run").exists()


def test_an_existing_run_is_never_overwritten(train, tmp_path):
    (tmp_path / "note.txt").write_text("我的笔记", encoding="utf-8")
    result = train(*RING, "--output", tmp_path)
    assert_one_chinese_sentence(result, "--resume", "--output", str(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["note.txt"]


def test_an_output_that_cannot_be_made_is_one_sentence(train, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = train(*RING, "--output", tmp_path / "file" / "run")
    assert_one_chinese_sentence(result, str(tmp_path / "file" / "run"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_saves_and_says_how_to_go_on(train, number, tmp_path):
    folder = tmp_path / "run"
    arguments = [*RING, "-o", "total_steps=1000000", "-o", "log_every=1", "--output", str(folder)]
    command = [sys.executable, str(ROOT / "tools/train.py"), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    records = folder / "metrics.jsonl"
    while not (records.exists() and records.stat().st_size):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    os.kill(process.pid, number)
    output, _ = process.communicate(timeout=300)

    assert process.returncode == 130
    assert "--resume" in output and "进度存好了" in output
    assert (folder / "checkpoints/last.safetensors").is_file()
    stopped = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert stopped["status"] == "interrupted"
    assert stopped["step"] == read_records(folder / "metrics.jsonl")[-1]["step"]

    more = [*RING, "-o", f"total_steps={stopped['step'] + 3}", "-o", "log_every=1"]
    result = train(*more, "--output", folder, "--resume")
    assert result.code == 0, result.err
    steps = [record["step"] for record in read_records(folder / "metrics.jsonl")]
    assert steps == list(range(1, stopped["step"] + 4))


def test_a_loss_that_is_not_finite_stops_names_the_term_and_keeps_the_checkpoint(train, tmp_path):
    explode = ["-o", "hparams.lr_G=1e30", "-o", "total_steps=50", "-o", "checkpoint_every=1"]
    result = train(*RING, *explode, "-o", "metrics={}", "--output", tmp_path / "run")
    assert_one_chinese_sentence(result, "loss/", "步")
    info = json.loads((tmp_path / "run/run.json").read_text(encoding="utf-8"))
    assert info["status"] == "diverged" and info["message"] in result.err
    assert (tmp_path / "run/checkpoints/last.safetensors").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dcgan_digits", "wgan_gp_digits"])
def test_the_same_seed_gives_the_same_bytes_in_two_processes(name, tmp_path):
    for run in ("a", "b"):
        options = ["-o", "total_steps=3", "-o", "metrics={}", "-o", "visualdl=false"]
        result = in_a_process("-c", f"configs/{name}.yml", *options, "--output", tmp_path / run)
        assert result.code == 0, result.err
    for file in ("checkpoints/last.safetensors", "samples/fixed_0000003.png"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
