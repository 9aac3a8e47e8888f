"""不怀好意或写错的配置：很快、不占内存地变成一句话；大得不可能的尺寸在要内存之前就拒绝。"""

import time

import pytest
import yaml
from config_cases import GOOD, changed
from tool_helpers import assert_one_sentence, run_tool

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.limits import LARGEST, MEMORY
from paddle_gan.run.build import build_method, shapes_of
from paddle_gan.run.config import load_config, resolve

GOOD_TEXT = yaml.safe_dump(GOOD)
LAUGHS = "a0: &a0 [哈]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 30)
)
FILES = {
    "billion_laughs": (LAUGHS, "不支持别名"),
    "many_keys": ("".join(f"k{i}: 1\n" for i in range(9_000)), "未知的键 k0"),
    "deep": ("a: " + "{a: " * 20_000, "不是合法的 YAML"),
    "deep_block": ("".join(" " * i + "a:\n" for i in range(400)), "不是合法的 YAML|未知的键 a"),
    "utf16": (GOOD_TEXT.encode("utf-16"), "不是 UTF-8"),
    "tab": ("network:\n\tgenerator: {name: mlp}\n", "第 2 行：缩进用了 Tab；YAML 只认空格"),
    "long_number": (GOOD_TEXT + "seed: " + "9" * 5000, "键 seed 写了两次|不是合法的 YAML"),
    "two_documents": (GOOD_TEXT + "---\n" + GOOD_TEXT, "不是合法的 YAML"),
    "over_the_limit": ("# " + "x" * 100_000, "不像是配置"),
}


@pytest.mark.parametrize("content, sentence", FILES.values(), ids=FILES)
def test_a_hostile_file_is_one_sentence_within_seconds(content, sentence, tmp_path):
    path = tmp_path / "a.yml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    started = time.process_time()
    with pytest.raises(UserError, match=sentence) as caught:
        load_config(path)
    assert time.process_time() - started < 10
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("how", ["bom", "crlf", "cr"])
def test_files_saved_by_other_editors_read_the_same(how, tmp_path):
    text = {
        "bom": "\ufeff" + GOOD_TEXT,
        "crlf": GOOD_TEXT.replace("\n", "\r\n"),
        "cr": GOOD_TEXT.replace("\n", "\r"),
    }[how]
    (tmp_path / "a.yml").write_bytes(text.encode("utf-8"))
    assert load_config(tmp_path / "a.yml") == resolve(GOOD)


def network(**options) -> dict:
    """生成器换几个选项。"""
    return {**GOOD["network"], "generator": {"name": "mlp", **options}}


HUGE = {
    "batch": (changed(batch_size=10**12), "batch_size 要不大于 65536，现在是 1000000000000"),
    "width": (changed(network=network(width=10**9)), "network.generator.width 要不大于 8192"),
    "depth": (changed(network=network(depth=10**12)), "network.generator.depth 要不大于 64"),
    "z_dim": (changed(hparams={"z_dim": 10**9}), "hparams.z_dim 要不大于 65536"),
    "samples": (changed(metrics={"samples": 10**12}), "metrics.samples 要不大于 200000"),
    "steps_in_a_step": (changed(hparams={"d_steps": 10**9}), "hparams.d_steps 要不大于"),
    "modes": (changed(data={"name": "ring", "modes": 10**9}), "data.modes 要不大于"),
    "side": (changed(data={"name": "grid", "side": 10**6}), "data.side 要不大于 256"),
    "size": (changed(data={"name": "digits", "size": 10**6}), "data.size 要不大于 8192"),
    "beyond_64_bits": (changed(batch_size=10**30), "batch_size 要不大于|数字太大"),
    "negative": (changed(batch_size=-(10**12)), "batch_size 要大于 0"),
    "negative_width": (changed(network=network(width=-1)), "width 要大于 0"),
    "nan": (changed(data={"name": "ring", "radius": float("nan")}), "data.radius 要写有限的数"),
    "inf": (changed(data={"name": "ring", "std": float("-inf")}), "data.std 要"),
}


@pytest.mark.parametrize("raw, sentence", HUGE.values(), ids=HUGE)
def test_an_impossible_number_is_refused_when_the_config_is_read(raw, sentence):
    with pytest.raises(UserError, match=sentence):
        resolve(raw)


def test_the_channels_written_one_by_one_are_limited_too():
    wide = {"name": "dcgan_generator", "depth": 2, "channels": [64, 10**9]}
    with pytest.raises(UserError, match=f"channels 要不大于 {LARGEST}，现在是 1000000000"):
        resolve(changed(network={**GOOD["network"], "generator": wide}))


TOO_MUCH = {
    "batch": (
        {"batch_size": 65_536, "data": {"name": "stacked_digits", "size": 256}},
        "batch_size",
    ),
    "images": ({"data": {"name": "digits", "size": 8192}}, "data.size"),
    "network": ({"network": network(width=8192, depth=64)}, "network.generator"),
    "deep_network": (
        {
            "data": {"name": "stacked_digits", "size": 128},
            "network": {
                "generator": {"name": "dcgan_generator", "width": 8192, "depth": 6},
                "discriminator": {"name": "dcgan_discriminator", "width": 8, "depth": 2},
            },
        },
        "network.generator",
    ),
}


@pytest.mark.parametrize("changes, word", TOO_MUCH.values(), ids=TOO_MUCH)
def test_more_than_memory_holds_is_refused_before_it_is_taken(changes, word):
    started = time.process_time()
    with pytest.raises(UserError, match=f"GB 内存，超过上限 {MEMORY >> 30} GB") as caught:
        Trainer(resolve(changed(**changes)), "cpu")
    assert word in str(caught.value)
    assert time.process_time() - started < 10


def test_counting_the_parameters_first_changes_nothing(monkeypatch):
    config = resolve(changed(data={"name": "ring"}, batch_size=4))
    from paddle_gan.data import DATASETS

    shapes = shapes_of(DATASETS["ring"](split="train"))
    first = build_method(config, shapes)
    monkeypatch.setattr("paddle_gan.run.build_network.require_room", lambda *args: None)
    second = build_method(config, shapes)
    for one, two in zip(first.G.parameters(), second.G.parameters(), strict=True):
        assert one.numpy().tobytes() == two.numpy().tobytes()


@pytest.mark.parametrize("value", [1e308, -1e308, 1e31])
def test_a_number_float32_cannot_hold_is_refused(value):
    with pytest.raises(UserError, match=r"hparams.lr_G 的绝对值要不大于 1e\+30|要大于 0"):
        resolve(changed(hparams={"lr_G": value}))


EXTREME = {
    "radius": {"data": {"name": "ring", "radius": 1e30}},
    "std": {"data": {"name": "grid", "std": 1e30}},
    "tiny_std": {"data": {"name": "ring", "std": 1e-308}},
}


@pytest.mark.parametrize("changes", EXTREME.values(), ids=EXTREME)
def test_an_extreme_number_is_a_sentence_or_a_training_never_a_traceback(
    changes, tmp_path, capsys, monkeypatch
):
    raw = changed(visualdl=False, total_steps=3, **changes)
    (tmp_path / "a.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    arguments = ["-c", tmp_path / "a.yml", "--output", tmp_path / "run", "--device", "cpu"]
    result = run_tool(capsys, monkeypatch, "train", *arguments)
    if result.code:
        assert_one_sentence(result)


def test_running_out_of_memory_is_one_sentence(capsys, monkeypatch):
    from tool_helpers import load_tool

    def starve(*args):
        raise MemoryError("Unable to allocate 5.82 TiB")

    monkeypatch.setattr(load_tool("train"), "load_config", starve)
    assert_one_sentence(run_tool(capsys, monkeypatch, "train", "-c", "a.yml"), "内存不够", "batch")


LONG = "路" * 300  # 每个字三字节，文件系统最长 255 字节


@pytest.mark.parametrize(
    "command",
    [("train", "-c", LONG), ("sample", LONG, "--out", "a.png"), ("evaluate", LONG)],
    ids=lambda command: command[0],
)
def test_a_path_the_system_refuses_is_one_sentence_that_names_it(command, capsys, monkeypatch):
    assert_one_sentence(run_tool(capsys, monkeypatch, *command), LONG)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "Permission denied", "锁/c.yml"), "读写 锁/c.yml 时出错：没有权限"),
        (OSError(28, "No space left on device"), "读写文件时出错：磁盘满了"),
        (OSError("说不清"), "读写文件时出错：说不清"),
    ],
)
def test_whatever_the_system_refuses_is_one_sentence(error, sentence, capsys, monkeypatch):
    from tool_helpers import load_tool

    def refuse(*args):
        raise error

    monkeypatch.setattr(load_tool("train"), "load_config", refuse)
    assert_one_sentence(run_tool(capsys, monkeypatch, "train", "-c", "a.yml"), sentence)


def test_a_config_in_a_locked_folder_is_named_by_the_reader_itself(monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.is_file", refuse)
    with pytest.raises(UserError, match="读不了配置文件 锁/c.yml：没有权限"):
        load_config("锁/c.yml")


@pytest.mark.parametrize("samples", [1, 10**12])
def test_the_sample_count_of_evaluate_is_bounded(samples, tmp_path, capsys, monkeypatch):
    arguments = [tmp_path, "--samples", samples]
    result = run_tool(capsys, monkeypatch, "evaluate", *arguments)
    assert_one_sentence(result, "--samples", "200000")


@pytest.mark.parametrize("count", ["0", "-1", "²", str(10**12), "9" * 5000])
def test_the_seed_count_of_the_lab_is_bounded(count, capsys, monkeypatch):
    result = run_tool(capsys, monkeypatch, "lab", "run", "--quick", f"--seeds={count}")
    assert_one_sentence(result, "1 到 10000 的整数")
