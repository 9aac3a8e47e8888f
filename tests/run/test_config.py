"""配置：错误都在读取时报告，一句中文，说清错在哪里、怎么改。"""

from pathlib import Path

import pytest
import yaml
from config_cases import GOOD, changed

from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.run.config import load_config, resolve

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = sorted((ROOT / "configs").glob("*.yml"))


@pytest.fixture
def write(tmp_path):
    def write(content, name="c.yml"):
        path = tmp_path / name
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        path.write_bytes(data)
        return path

    return write


def test_defaults_are_filled_in_and_the_dump_reads_back_to_the_same_config():
    config = resolve(GOOD)
    assert config.hparams["z_dim"] == 100
    assert config.network["generator"]["width"] == 128
    assert config.data == {"name": "ring", "modes": 8, "radius": 2.0, "std": 0.05}
    assert config.sample_every == config.checkpoint_every == 2
    short = resolve(changed(total_steps=9))
    assert short.sample_every == short.checkpoint_every == 1
    assert resolve(yaml.safe_load(config.dump())) == config


def test_every_hyperparameter_default_of_every_method_passes_its_own_validation():
    for name in METHODS:
        network = dict.fromkeys(METHODS[name].sections, {"name": "mlp"})
        assert resolve(changed(method=name, network=network)).method == name


BAD = {
    "unknown_top_key": (changed(batchsize=3), "未知的键 batchsize；你想写的是 batch_size 吗？"),
    "unknown_hparam": (
        changed(method="wgan", hparams={"n_crtic": 3}),
        "未知的键 hparams.n_crtic；你想写的是 hparams.n_critic 吗？",
    ),
    "unknown_and_like_nothing": (
        changed(hparams={"classes": 1}),
        "未知的键 hparams.classes（可用：",
    ),
    "null_metrics": (
        changed(metrics=None),
        "metrics 要写成几个键值对，现在是 null；不要评估请写 metrics.names",
    ),
    "null_batch": (changed(batch_size=None), "batch_size 要写整数，现在是 null"),
    "unknown_method": (changed(method="wgn"), "未知的方法 wgn；你想写的是 wgan 吗？"),
    "unknown_network": (
        changed(network={**GOOD["network"], "generator": {"name": "mpl"}}),
        "未知的网络 mpl；你想写的是 mlp 吗？",
    ),
    "unknown_network_option": (
        changed(network={**GOOD["network"], "generator": {"name": "mlp", "widht": 3}}),
        "network.generator.widht；你想写的是 network.generator.width 吗？",
    ),
    "unknown_role": (
        changed(network={**GOOD["network"], "generators": {"name": "mlp"}}),
        "未知的键 network.generators；你想写的是 network.generator 吗？",
    ),
    "unknown_data": (changed(data={"name": "rings"}), "未知的数据集 rings；你想写的是 ring 吗？"),
    "unknown_data_option": (changed(data={"name": "ring", "mode": 3}), "你想写的是 data.modes 吗"),
    "split_is_not_an_option": (changed(data={"name": "ring", "split": "test"}), "data.split"),
    "missing_key": ({k: v for k, v in GOOD.items() if k != "batch_size"}, "batch_size 必须写明"),
    "missing_network": (changed(network={}), "network.generator.name 必须写明"),
    "wrong_type": (changed(total_steps="many"), "total_steps 要写整数，现在是 'many'"),
    "fraction": (changed(batch_size=2.5), "batch_size 要写整数，现在是 2.5"),
    "negative": (changed(batch_size=-1), "batch_size 要大于 0，现在是 -1"),
    "zero": (changed(total_steps=0), "total_steps 要大于 0，现在是 0"),
    "seed_beyond_64_bits": (changed(seed=2**63), f"seed 要不大于 {2**63 - 1}，现在是 {2**63}"),
    "bool_as_number": (changed(seed=True), "seed 要写数字，现在是 True"),
    "bool_hparam": (changed(hparams={"z_dim": True}), "hparams.z_dim 要写数字"),
    "bool_steps": (changed(total_steps=True), "total_steps 要写数字，现在是 True"),
    "bool_interval": (changed(sample_every=True), "sample_every 要写数字，现在是 True"),
    "bool_rate": (changed(hparams={"lr_D": True}), "hparams.lr_D 要写数字，现在是 True"),
    "nan": (changed(hparams={"lr_D": float("nan")}), "hparams.lr_D 要写有限的数"),
    "inf": (changed(hparams={"lr_D": float("inf")}), "hparams.lr_D 要写有限的数"),
    "neither_steps_nor_epochs": (
        {key: value for key, value in GOOD.items() if key != "total_steps"},
        "total_steps（步数）与 epochs（轮数）必须写明一个",
    ),
    "steps_and_epochs": (changed(epochs=3), "也只能写一个"),
    "decay_without_a_schedule": (changed(decay_from=0.3), "现在 lr_schedule 没写；请补上它"),
    "decay_of_a_constant": (
        changed(decay_from=0.3, lr_schedule="constant"),
        "现在 lr_schedule 是 constant",
    ),
    "decay_beyond_the_end": (
        changed(decay_from=1.5, lr_schedule="linear"),
        "decay_from 要不大于 1，现在是 1.5",
    ),
    "unknown_schedule": (changed(lr_schedule="step"), "lr_schedule 只能是 'constant', 'linear'"),
    "unknown_board": (changed(board=["tensorbord"]), "board.0 只能是 'visualdl' 或 'tensorboard'"),
    "board_not_a_list": (
        changed(board="visualdl"),
        "board 要写列表，放在方括号里，现在是 'visualdl'",
    ),
    "unlike_any_name": (changed(method="zzzz"), "未知的方法 zzzz（可用：gan, "),
    "two_ways_that_contradict": (
        changed(board=["visualdl"], visualdl=False),
        "矛盾；请去掉其中一个",
    ),
    "choice": (changed(hparams={"noise": "gauss"}), "hparams.noise 只能是 'normal' 或 'uniform'"),
    "list_for_section": (changed(hparams=[1, 2]), "hparams 要写成几个键值对"),
    "text_for_section": (changed(data="ring"), "data 要写成几个键值对"),
}


@pytest.mark.parametrize("raw, sentence", BAD.values(), ids=BAD)
def test_a_bad_value_is_one_chinese_sentence_naming_key_and_value(raw, sentence):
    with pytest.raises(UserError) as caught:
        resolve(raw)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


BAD_FILES = {
    "not_yaml": ("method: [gan", "不是合法的 YAML"),
    "not_utf8": ("方法: gan".encode("gbk"), "不是 UTF-8"),
    "a_list": ("- 1\n- 2", "要写键值对"),
    "empty": ("", "要写键值对"),
    "duplicate_key": ("seed: 1\nseed: 2", "键 seed 写了两次"),
    "duplicate_nested_key": ("data: {name: a, name: b}", "键 name 写了两次"),
    "alias_bomb": ("a: &a [1, 1]\nb: [*a, *a]", "不支持别名"),
    "python_object": ("a: !!python/object/apply:os.system ['true']", "不是合法的 YAML"),
    "tag": ("method: gan\nhparams: !!map [1, 2]", "第 2 行：不支持标签"),
    "bare_tag": ("seed: ! 3", "不支持标签"),
    "hex_too_long": ("seed: 0x" + "f" * 9000, "第 1 行：这个数写了 9002 个字"),
    "minutes_too_long": ("seed: " + "1:" * 900 + "1.5", "太长了"),
    "number_as_key": ("1: 2", "键要写成文字"),
    "too_big": ("# " + "x" * 1_000_001, "不像是配置"),
    "deeply_nested": ("a: " + "[" * 5000, "不是合法的 YAML"),
    "control_characters": ("a: \x00", "不是合法的 YAML"),
}


@pytest.mark.parametrize("content, sentence", BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_one_chinese_sentence_naming_the_file(write, content, sentence):
    path = write(content)
    with pytest.raises(UserError) as caught:
        load_config(path)
    assert sentence in str(caught.value) and str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_where_the_configs_are(tmp_path):
    with pytest.raises(UserError, match="找不到配置文件 .*configs/"):
        load_config(tmp_path / "none.yml")


def test_overrides_follow_dots_and_parse_yaml_values(write):
    path = write(yaml.safe_dump(GOOD))
    overrides = ["hparams.lr_D=1e-3", "network.generator.width=7", "visualdl=false"]
    overrides += ["total_steps=2e4"]
    config = load_config(path, [*overrides, "data={name: grid, side: 3}"], seed=9)
    assert config.hparams["lr_D"] == 1e-3 and config.total_steps == 20_000
    assert config.network["generator"]["width"] == 7
    assert config.board == []
    assert config.data["side"] == 3
    assert config.seed == 9


@pytest.mark.parametrize(
    ("written", "boards"),
    [
        ({}, ["visualdl"]),
        ({"visualdl": False}, []),
        ({"visualdl": True}, ["visualdl"]),
        ({"board": ["tensorboard"]}, ["tensorboard"]),
        ({"board": ["visualdl", "tensorboard", "visualdl"]}, ["visualdl", "tensorboard"]),
        ({"board": ["tensorboard"], "visualdl": False}, ["tensorboard"]),
        ({"board": ["tensorboard"], "visualdl": True}, ["tensorboard", "visualdl"]),
        ({"board": []}, []),
    ],
)
def test_the_old_key_visualdl_still_switches_its_board(written, boards):
    config = resolve(changed(**written))
    assert config.board == boards
    assert resolve(yaml.safe_load(config.dump())) == config and "visualdl:" not in config.dump()


def test_one_length_after_o_replaces_the_other_of_the_file_but_two_are_refused(write):
    path = write(yaml.safe_dump(GOOD))
    in_epochs = load_config(path, ["epochs=3"])
    assert (in_epochs.total_steps, in_epochs.epochs, in_epochs.sample_every) == (None, 3, None)
    assert load_config(path, ["batch_size=4"]).total_steps == 20
    with pytest.raises(UserError, match="只能写一个"):
        load_config(path, ["epochs=3", "total_steps=5"])
    path = write(yaml.safe_dump(changed(epochs=4) | {"total_steps": None}))
    config = load_config(path, ["total_steps=30"])
    assert (config.total_steps, config.epochs, config.sample_every) == (30, None, 3)


@pytest.mark.parametrize(
    "override, sentence",
    [
        ("lr", "要写成 键.子键=值"),
        ("=3", "要写成 键.子键=值"),
        ("method.x=1", "method 不是一节"),
        ("seed=[", "值不是合法的 YAML"),
        ("hparams.lr_d=1", "你想写的是 hparams.lr_D 吗"),
    ],
)
def test_a_bad_override_says_what_is_wrong(write, override, sentence):
    with pytest.raises(UserError, match=sentence.replace("[", r"\[")):
        load_config(write(yaml.safe_dump(GOOD)), [override])


VALUES = ("!!map [1, 2]", '!!int ""', "!!int '-'", '!!float ""', "!!bool maybe", "!!timestamp x")


@pytest.mark.parametrize("value", VALUES)
def test_a_tag_that_does_not_fit_its_value_is_one_sentence_in_a_file_and_after_o(value, write):
    with pytest.raises(UserError, match="c.yml .*第 1 行：不支持标签"):
        load_config(write(f"seed: {value}"))
    with pytest.raises(UserError, match="^-o seed=!!.*不支持标签"):
        load_config(write(yaml.safe_dump(GOOD)), [f"seed={value}"])


@pytest.mark.parametrize("name", ["1e3", "-2E+5", "1.5", "0x1f", "1:30", "yes", "null", "~", "!a"])
def test_a_folder_whose_name_looks_like_a_value_reads_back(name, write):
    raw = GOOD | {"data": {"name": "image_folder", "root": name, "size": 32}}
    config = resolve(raw)
    assert load_config(write(config.dump())) == config


def test_the_largest_seed_is_accepted_and_reads_back(write):
    config = load_config(write(yaml.safe_dump(GOOD)), seed=2**63 - 1)
    assert load_config(write(config.dump())) == config


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_every_shipped_config_is_short_valid_and_explained(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 25
    for part in ("学什么：", "CPU 用时：", "期望值："):
        assert part in lines[0]
    assert "待测" not in lines[0]
    config = load_config(path)
    assert config.sample_every <= config.total_steps


def test_the_promised_configs_are_all_here():
    names = {path.stem for path in CONFIGS}
    assert names >= {
        *("gan_ring", "gan_digits", "dcgan_digits", "dcgan_emoji", "wgan_ring", "wgan_digits"),
        *("wgan_gp_ring", "wgan_gp_digits", "cyclegan", "cyclegan_brush", "cyclegan_horse2zebra"),
        *("stesha_01", "stesha_02", "stesha_03", "stesha_04"),
        *("dcgan_avatars", "wgan_gp_avatars", "cyclegan_avatars"),
    }
