"""gallery:名字：哪里是随包的训练；写错了一句话；只带生成器的检查点用得上的能用，用不上的说清。"""

import json
import shutil
from pathlib import Path

import numpy as np
import paddle
import pytest
from tool_helpers import load_tool, tiny_run

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.evaluation.translation import require_direction
from paddle_gan.run import gallery
from paddle_gan.run.build import build_method
from paddle_gan.run.checkpoint import load_checkpoint
from paddle_gan.run.checkpoint_file import encode, read_checkpoint
from paddle_gan.run.config import anchored
from paddle_gan.run.initial import load_initial
from paddle_gan.run.run import Run
from paddle_gan.run.shipped import about, listing

build = load_tool("build_gallery")
RING = gallery.GALLERY / "gan_ring"


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """画廊的一份拷贝，可以弄坏。"""
    shutil.copytree(gallery.GALLERY, tmp_path / "gallery")
    monkeypatch.setattr(gallery, "GALLERY", tmp_path / "gallery")
    monkeypatch.setattr("paddle_gan.run.shipped.GALLERY", tmp_path / "gallery")
    return tmp_path / "gallery" / "gan_ring"


@pytest.fixture(params=["dcgan", "cyclegan"])
def partial(request, tmp_path, monkeypatch):
    """tiny_run 只留 G（float16）的样子。"""
    monkeypatch.setattr(build.weights, "SMALL", 0)  # tiny_run 的权重都很小
    folder = tmp_path / request.param
    shutil.copytree(tiny_run(request.param), folder)
    run = Run(folder)
    *_, (_, content) = build.weights.encodings(Run(tiny_run(request.param)), ["G"])
    run.checkpoint("last").write_bytes(content)
    return run


def test_a_name_becomes_the_folder_in_the_package_and_a_path_stays_a_path(monkeypatch):
    monkeypatch.setenv("HOME", "/家")
    assert gallery.located("gallery:gan_ring") == RING and (RING / "config.yml").is_file()
    assert gallery.located("runs/a") == Path("runs/a") and gallery.located("~/a") == Path("/家/a")
    assert gallery.shown(RING) == "gallery:gan_ring" and gallery.shown(Path("runs/a")) == "runs/a"
    assert gallery.results_folder(RING) == Path("gallery_gan_ring")
    assert gallery.results_folder(Path("runs/a")) == Path("runs/a")


@pytest.mark.parametrize(
    "name",
    [
        "没有",
        "../gan_ring",
        "gan_ring/",
        "gan_ring/..",
        "./gan_ring",
        "/etc",
        "README.md",
        ".",
        "..",
    ]
    + ["a\\b", "GAN_RING", "gan_ring\0", "九" * 5000, "gallery:gan_ring", "gan_ring@best", " "],
)
def test_any_other_name_is_one_sentence_that_lists_what_there_is(name):
    with pytest.raises(UserError, match="^未知的随包的训练 gallery:") as refused:
        gallery.located(f"gallery:{name}")
    assert "gallery:gan_ring" in str(refused.value).split("可用：")[1]
    assert len(str(refused.value)) < 300 + 50 * len(gallery.names())


def test_no_name_at_all_lists_what_there_is():
    with pytest.raises(UserError, match="后面要写名字（可用：.*gallery:gan_ring"):
        gallery.located("gallery:")


def test_one_sentence_says_what_it_is_and_the_list_has_one_line_for_each():
    said, info = about("gan_ring"), Run(RING).info()
    kept = info["gallery"]
    for part in ("gallery:gan_ring：gan 训练了 6000 步", f"{kept['minutes']:.1f} 分钟"):
        assert part in said
    assert f"提交 {kept['commit']}" in said and "\n" not in said
    assert said.endswith(f"高质量样本的比例 ↑ {kept['scores']['modes/high_quality']:.4g}")
    assert listing().splitlines() == [about(name) for name in gallery.names()]


def test_minutes_of_a_busy_machine_are_replaced_by_those_of_an_idle_one_and_it_says_so(
    copied, monkeypatch
):
    name, records = copied.name, load_tool("gallery_records")
    digest = Run(copied).info()["gallery"]["config"]
    timed = {"seconds": 90.0, "threads": 7, "steps": 100, "commit": "abc"}
    measured = {name: {"digest": "旧设定", "timed": timed}}
    monkeypatch.setattr(records.results, "read_results", lambda: measured)
    assert records.retime() == [] and "机器空着时" not in about(name)
    measured[name]["digest"] = digest
    assert records.retime() == [name]
    said = about(name)
    assert "机器空着时约 1.5 分钟（" in said and "7 个线程" in said


@pytest.mark.parametrize("key", ["gallery", "step", "threads"])
def test_a_run_json_without_what_it_needs_is_one_sentence(key, copied):
    info = json.loads((copied / "run.json").read_text("utf-8"))
    del info[key]
    (copied / "run.json").write_text(json.dumps(info), "utf-8")
    with pytest.raises(UserError, match="不完整；请重新安装"):
        about("gan_ring")


def test_a_damaged_checkpoint_is_one_sentence(copied):
    path = copied / "checkpoints/last.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="已损坏"):
        Run(copied).load()


def test_weights_are_half_as_large_on_disk_and_the_nearest_float16_when_read(partial):
    _, whole = read_checkpoint(Run(tiny_run(partial.folder.name)).checkpoint("last"))
    header, half = read_checkpoint(partial.checkpoint("last"))
    assert header["only"] == ["G"]
    assert half.keys() == {key for key in whole if key.startswith("network/G/")}
    for key, tensor in half.items():
        statistic = key.endswith(("_mean", "_variance"))
        expected = whole[key] if statistic else np.float32(np.float16(whole[key]))
        assert tensor.dtype == np.float32 and np.array_equal(tensor, expected), key
    assert any(not np.array_equal(half[key], whole[key]) for key in half)
    normalised = any("_variance" in key for key in half)
    assert normalised == (partial.folder.name == "dcgan")


def test_half_precision_is_widened_only_where_the_file_says_it_was_shipped(tmp_path):
    header, tensors = read_checkpoint(Run(tiny_run("gan")).checkpoint("last"))
    key = next(key for key in tensors if key.startswith("network/G/"))
    path = tmp_path / "a.safetensors"
    path.write_bytes(encode(header, tensors | {key: tensors[key].astype(np.float16)}))
    assert read_checkpoint(path)[1][key].dtype == np.float16
    config, method = Run(tiny_run("gan")).load()
    with pytest.raises(UserError, match="float16.*按配置是.*float32"):
        load_checkpoint(path, method, weights_only=True)


def test_a_network_that_was_not_shipped_is_refused_whoever_asks(partial):
    config, method = partial.load()
    missing = [letter for letter in method.networks if letter != "G"]
    assert missing
    for letter in missing:
        with pytest.raises(UserError, match=f"只带 G，没有 {letter}；要用它，请重新训练"):
            method.networks[letter](paddle.zeros([1, 1, 28, 28]))
    if config.method == "cyclegan":
        require_direction(config, method, "x2y")
        with pytest.raises(UserError, match="没有 F"):
            require_direction(config, method, "y2x")


def test_what_was_shipped_works_as_before(partial):
    _, exact = Run(tiny_run(partial.folder.name)).load()
    config, half = partial.load()
    assert 0 < build.apart(config, exact, half) < build.PICTURE


def test_it_cannot_be_continued_and_nothing_is_written(partial, tmp_path):
    config = partial.config()
    method = build_method(config, partial.shapes())
    with pytest.raises(UserError, match="只有 G，不能接着训练"):
        load_checkpoint(partial.checkpoint("last"), method)
    before = {p: p.read_bytes() for p in RING.rglob("*") if p.is_file()}
    ring = Run(RING).config()
    said = "不能接着训练.*-c configs/gan_ring.yml.*init=gallery:gan_ring"
    with pytest.raises(UserError, match=said):
        Trainer(ring, "cpu").run(RING, resume=True)
    with pytest.raises(UserError, match="已经有内容，不会覆盖"):
        Trainer(ring, "cpu").run(RING)
    assert {p: p.read_bytes() for p in RING.rglob("*") if p.is_file()} == before


def test_init_takes_the_generator_and_says_that_the_discriminator_starts_afresh():
    config = Run(RING).config().model_copy(update={"seed": 7})
    method = build_method(config, Run(RING).shapes())
    fresh = {key: value.numpy().copy() for key, value in method.D.state_dict().items()}
    said = load_initial("gallery:gan_ring", method)
    assert said.startswith(
        "从 gallery:gan_ring（第 6000 步）装了初始权重：G 6/6、D 0/6（随包的只带"
    )
    _, shipped = Run(RING).load()
    for key, value in shipped.G.state_dict().items():
        assert np.array_equal(method.G.state_dict()[key].numpy(), value.numpy())
    assert all(np.array_equal(method.D.state_dict()[k].numpy(), v) for k, v in fresh.items())


def test_init_of_the_gallery_stays_as_it_is_written_in_the_run_folder():
    config = Run(RING).config()
    kept = anchored(config.model_copy(update={"init": "gallery:gan_ring"}))
    assert kept.init == "gallery:gan_ring"
    assert anchored(config.model_copy(update={"init": "runs/a"})).init == str(
        Path("runs/a").absolute()
    )


@pytest.mark.parametrize(
    ("init", "said"),
    [
        ("gallery:没有", "^未知的随包的训练 gallery:没有"),
        ("gallery:gan_ring@best", "^init: 找不到检查点 .*best"),
    ],
)
def test_a_wrong_init_is_one_sentence(init, said):
    method = build_method(Run(RING).config(), Run(RING).shapes())
    with pytest.raises(UserError, match=said):
        load_initial(init, method)
