"""init：从给定的权重开始。装了哪些、哪些形状不同，都说出来；优化器与步数是新的。"""

import numpy as np
import pytest
from resume_cases import CASES, config_of
from tool_helpers import assert_one_sentence, run_tool, tiny_run

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.run.build import build_method
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.initial import load_initial
from paddle_gan.run.run import Run

WIDE_D = CASES["gan"]["network"] | {"discriminator": {"name": "mlp", "width": 12}}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """训练过 6 步的目录：第 3 步的、last，和一个 best。"""
    folder = tmp_path_factory.mktemp("source") / "起点"
    config = config_of("gan", total_steps=6, checkpoint_every=3)
    Trainer(config, "cpu").run(folder)
    return folder


def weights(folder, name: str = "last") -> dict[str, np.ndarray]:
    """一个检查点里的网络。"""
    _, tensors = read_checkpoint(folder / f"checkpoints/{name}.safetensors")
    return {key: array for key, array in tensors.items() if key.startswith("network/")}


def fresh(source, method: str = "gan", **network):
    """同样形状、另一个种子的方法；network 换几个选项。"""
    config = config_of(method, seed=5)
    update = {role: options | network for role, options in config.network.items()}
    return build_method(config.model_copy(update={"network": update}), Run(source).shapes())


@pytest.mark.parametrize(
    ("suffix", "name"),
    [
        ("", "last"),
        ("@best", "best"),
        ("@3", "step_0000003"),
        ("/checkpoints/step_0000003.safetensors", "step_0000003"),
    ],
)
def test_each_way_of_writing_it_loads_that_checkpoint(suffix, name, source):
    method = fresh(source)
    said = load_initial(f"{source}{suffix}", method)
    step = read_checkpoint(source / f"checkpoints/{name}.safetensors")[0]["step"]
    assert f"（第 {step} 步）装了初始权重：" in said and "形状不同" not in said
    for key, array in weights(source, name).items():
        _, letter, parameter = key.split("/", 2)
        loaded = method.networks[letter].state_dict()[parameter].numpy()
        assert loaded.tobytes() == array.tobytes(), key


def test_the_training_starts_from_them_with_a_new_optimizer_and_average(source, tmp_path, capsys):
    config = config_of("gan", total_steps=1, log_every=1, init=str(source), seed=5, ema=0.5)
    trainer = Trainer(config, "cpu")
    trainer.beginning.load_initial()
    assert capsys.readouterr().err.count("装了初始权重：G 14/14、D 6/6\n") == 1
    start = weights(source)
    for key, average in trainer.ema.average.items():
        assert average.numpy().tobytes() == start[f"network/{key}"].tobytes()
    trainer.run(tmp_path / "run")
    header, tensors = read_checkpoint(tmp_path / "run/checkpoints/last.safetensors")
    assert header["step"] == 1
    rate = 2e-4
    moved = {k: np.abs(v - start[k]).max() for k, v in weights(tmp_path / "run").items()}
    biggest = max(
        change for key, change in moved.items() if "_mean" not in key and "_var" not in key
    )
    # Adam 的第一步，每个参数至多走一个学习率（D 一步走两次）
    assert 0 < biggest <= 2.1 * rate
    powers = [v for k, v in tensors.items() if k.startswith("optimizer/G") and "beta1_pow" in k]
    assert powers and all(v == pytest.approx(0.5**2) or v == pytest.approx(0.5) for v in powers)


def test_a_layer_of_another_shape_is_left_out_and_listed_in_one_sentence(source):
    method = fresh(source, depth=3)  # 多一层：原来的输出层那里成了隐藏层
    before = {k: v.numpy().copy() for k, v in method.G.state_dict().items()}
    start = weights(source)
    same = [k for k, v in before.items() if v.shape == np.shape(start.get(f"network/G/{k}"))]
    said = load_initial(str(source), method)
    assert f"G {len(same)}/{len(before)}" in said and "不装" not in said
    assert "；形状不同的：G/" in said and "那里是 (8, 2) float32，这里是 (8, 8) float32" in said
    assert "\n" not in said
    for key, value in method.G.state_dict().items():
        expected = start[f"network/G/{key}"] if key in same else before[key]
        assert value.numpy().tobytes() == expected.tobytes()


def test_a_network_that_only_happens_to_share_a_name_is_not_loaded(source):
    method = fresh(source)
    wide = build_method(config_of("gan", network=WIDE_D), Run(source).shapes())
    before = {k: v.numpy().copy() for k, v in wide.D.state_dict().items()}
    said = load_initial(str(source), wide)
    assert "G 14/14、D 1/6（太少，不装）" in said
    assert all(wide.D.state_dict()[k].numpy().tobytes() == v.tobytes() for k, v in before.items())
    assert method.G.state_dict().keys() == wide.G.state_dict().keys()


def test_another_method_takes_the_networks_it_shares(source):
    method = fresh(source, "wgan")
    said = load_initial(str(source), method)
    assert "G 14/14、D 6/6" in said
    assert method.D.state_dict().keys() == fresh(source).D.state_dict().keys()


def test_nothing_that_fits_is_refused_and_nothing_is_made(source, tmp_path, capsys, monkeypatch):
    config = tmp_path / "a.yml"
    config.write_text(config_of("gan").dump(), encoding="utf-8")
    arguments = ["-c", config, "-o", f"init={tiny_run('cyclegan')}", "--output", tmp_path / "run"]
    refused = run_tool(capsys, monkeypatch, "train", *arguments)
    assert_one_sentence(refused, "没有一个网络装得上", "cyclegan", "init")
    assert not (tmp_path / "run").exists()
    dry = run_tool(capsys, monkeypatch, "train", *arguments, "--dry-run")
    assert_one_sentence(dry, "没有一个网络装得上")


@pytest.mark.parametrize(
    ("init", "parts"),
    [
        ("{here}/没有", ["找不到训练目录", "没有"]),
        ("{here}/没有@best", ["找不到检查点", "best.safetensors"]),
        ("{here}", ["找不到检查点", "last.safetensors"]),
        ("{here}/没有.safetensors", ["找不到检查点", "没有.safetensors"]),
    ],
)
def test_a_wrong_place_is_one_sentence(init, parts, source, tmp_path):
    with pytest.raises(UserError, match="^init: ") as refused:
        load_initial(init.format(here=tmp_path), fresh(source))
    assert all(part in str(refused.value) for part in parts)


def test_a_resume_does_not_load_them_again(source, tmp_path, capsys):
    config = config_of("gan", total_steps=2, checkpoint_every=1, init=str(source))
    Trainer(config, "cpu").run(tmp_path / "run")
    assert "初始权重" in capsys.readouterr().err
    more = config.model_copy(update={"total_steps": 4})
    Trainer(more, "cpu").run(tmp_path / "run", resume=True)
    assert "初始权重" not in capsys.readouterr().err
