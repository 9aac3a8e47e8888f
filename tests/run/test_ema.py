"""EMA：与 NumPy 的递推一致，恢复训练逐位相同，四个工具按 --ema 用它，没有时一句话说清。"""

import json
import shutil

import numpy as np
import paddle
import pytest
from helpers import same, seed_noise, tiny_batches, tiny_method
from resume_cases import config_of
from safetensors.numpy import load_file
from tool_helpers import assert_one_sentence, run_tool

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.run.checkpoint import Progress, load_checkpoint, save_checkpoint
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.config import resolve
from paddle_gan.run.ema import PREFIX, Ema, averages_in, generator_tensors
from paddle_gan.run.run import Run

BETA = 0.3  # 比开头的 (1 + t)/(10 + t) 大一些又小一些，两种情形都走到


def arrays(tensors) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in tensors.items()}


@pytest.mark.parametrize("name", METHODS)
def test_the_average_follows_the_recursion_written_in_numpy(name):
    method = tiny_method(name)
    ema, batches = Ema(method, BETA), tiny_batches(name, method)
    learnable = {
        f"{letter}/{key}"
        for letter in method.generators
        for key, p in method.networks[letter].named_parameters()
        if p.trainable
    }
    expected = arrays(generator_tensors(method))
    betas = []
    for step in range(1, 7):
        seed_noise(step)
        method.train_step(batches, step)
        ema(step, {}, {})
        betas.append(min(BETA, (1 + step) / (10 + step)))
        for key, now in arrays(generator_tensors(method)).items():
            kept = betas[-1] if key in learnable else 0.0
            expected[key] = kept * expected[key].astype(np.float64) + (1 - kept) * now
            # 每一步都比：开头的差别几步之后就小得看不见了
            assert ema.average[key].numpy() == pytest.approx(expected[key], abs=1e-6), key
    assert betas[0] == pytest.approx(2 / 11) and betas[-1] == BETA
    assert not same(arrays(ema.average), arrays(generator_tensors(method)))


def test_the_average_of_the_batch_norm_statistics_is_a_copy():
    method = tiny_method("dcgan")
    ema = Ema(method, 0.999)
    method.train_step(tiny_batches("dcgan", method), 1)
    ema(1, {}, {})
    statistics = [key for key in ema.average if key.endswith(("_mean", "_variance"))]
    assert statistics
    for key in statistics:
        assert np.array_equal(ema.average[key].numpy(), ema.live[key].numpy())


@pytest.mark.parametrize("name", ["gan", "cyclegan"])
def test_training_with_ema_changes_nothing_but_the_average(name, tmp_path):
    for ema in (None, 0.9):
        config = config_of(name, total_steps=6, checkpoint_every=6, ema=ema)
        Trainer(config, "cpu").run(tmp_path / str(ema))
    plain, averaged = (
        load_file(tmp_path / ema / "checkpoints/last.safetensors") for ema in ("None", "0.9")
    )
    extra = {key for key in averaged if key not in plain}
    letters = {"gan": ["G"], "cyclegan": ["G", "F"]}[name]
    assert extra and all(key.split("/")[:2] in [["ema", a] for a in letters] for key in extra)
    assert same(plain, {key: averaged[key] for key in plain})


@pytest.mark.parametrize("name", ["gan", "dcgan"])
def test_resuming_keeps_the_average_byte_for_byte(name, tmp_path):
    config = config_of(name, total_steps=8, checkpoint_every=4, sample_every=8, ema=0.9, metrics={})
    Trainer(config, "cpu").run(tmp_path / "whole")
    shutil.copytree(tmp_path / "whole", tmp_path / "broken")
    checkpoints = tmp_path / "broken/checkpoints"
    (checkpoints / "step_0000008.safetensors").unlink()
    shutil.copy(checkpoints / "step_0000004.safetensors", checkpoints / "last.safetensors")
    Trainer(config, "cpu").run(tmp_path / "broken", resume=True)
    last = "checkpoints/last.safetensors"
    assert (tmp_path / "whole" / last).read_bytes() == (tmp_path / "broken" / last).read_bytes()


def test_a_checkpoint_without_an_average_loads_as_before_and_is_refused_where_one_is_wanted(
    tmp_path,
):
    method = tiny_method("gan")
    save_checkpoint(tmp_path / "old", method, Progress(1, 1))
    assert load_checkpoint(tmp_path / "old", tiny_method("gan"), weights_only=True).step == 1

    method.train_step(tiny_batches("gan", method), 1)
    save_checkpoint(tmp_path / "old", method, Progress(1, 1))
    other = tiny_method("gan", seed=8)
    ema = Ema(other, 0.9)
    before, average = arrays(generator_tensors(other)), arrays(ema.average)
    with pytest.raises(UserError, match="没有 EMA 权重.*ema: 0.999"):
        load_checkpoint(tmp_path / "old", other, ema=ema)
    assert same(before, arrays(generator_tensors(other))) and same(average, arrays(ema.average))


@pytest.mark.parametrize(("value", "sentence"), [(1, "小于 1"), (0, "大于 0"), ("x", "要写数字")])
def test_a_decay_outside_zero_and_one_is_one_sentence(value, sentence):
    with pytest.raises(UserError, match=f"ema .*{sentence}"):
        config_of("gan", ema=value)


# 工具


def trained(folder, method: str, data: str, network: dict, **changes):
    raw = {
        "method": method,
        "network": network,
        "data": {"name": data},
        "batch_size": 4,
        "total_steps": 3,
        "visualdl": False,
        "ema": 0.9,
    }
    Trainer(resolve(raw | changes), "cpu").run(folder)
    return folder


MLP = {"generator": {"name": "mlp", "width": 8}, "discriminator": {"name": "mlp", "width": 8}}
CYCLE = {
    "generator": {"name": "resnet_generator", "width": 2, "blocks": 1},
    "discriminator": {"name": "patchgan", "width": 2, "layers": 1},
}


@pytest.fixture(scope="module")
def gan_run(tmp_path_factory):
    metrics = {"names": ["fd_pca64"], "samples": 100}
    folder = tmp_path_factory.mktemp("ema") / "run"
    hparams = {"z_dim": 2, "lr_G": 0.05}
    return trained(folder, "gan", "digits", MLP, hparams=hparams, metrics=metrics)


def test_loading_with_ema_puts_the_average_into_the_generator_and_leaves_the_critic(gan_run):
    tensors = load_file(gan_run / "checkpoints/last.safetensors")
    _, plain = Run(gan_run).load()
    _, averaged = Run(gan_run).load(ema=True)
    for key, tensor in generator_tensors(averaged).items():
        assert np.array_equal(tensor.numpy(), tensors[f"ema/{key}"])
    for key, tensor in generator_tensors(plain).items():
        assert np.array_equal(tensor.numpy(), tensors[f"network/{key}"])
    for p, q in zip(plain.D.parameters(), averaged.D.parameters(), strict=True):
        assert np.array_equal(p.numpy(), q.numpy())


def test_an_average_of_another_type_is_refused(gan_run):
    path = gan_run / "checkpoints/last.safetensors"
    _, tensors = read_checkpoint(path)
    wanted = generator_tensors(Run(gan_run).load()[1])
    assert averages_in(path, tensors, wanted).keys() == wanted.keys()
    name = next(name for name in tensors if name.startswith(PREFIX))
    with pytest.raises(UserError, match="的 EMA 权重与配置里的生成器不是同一个网络"):
        averages_in(path, tensors | {name: tensors[name].astype(np.int64)}, wanted)


def test_sample_and_evaluate_use_the_average_on_request(gan_run, capsys, monkeypatch, tmp_path):
    for name, flags in (("plain", []), ("ema", ["--ema"])):
        out = ["--out", tmp_path / f"{name}.png", *flags]
        assert run_tool(capsys, monkeypatch, "sample", gan_run, *out).code == 0
    assert (tmp_path / "plain.png").read_bytes() != (tmp_path / "ema.png").read_bytes()

    scores = {}
    for flags in ([], ["--ema"]):
        result = run_tool(capsys, monkeypatch, "evaluate", gan_run, *flags)
        assert result.code == 0 and ("EMA" in result.out) == bool(flags)
        saved = json.loads((gan_run / "eval.json").read_text(encoding="utf-8"))
        assert saved["ema"] is bool(flags)
        scores[bool(flags)] = saved["scores"]
    assert scores[True] != scores[False]


def test_export_writes_the_average_on_request(gan_run, capsys, monkeypatch, tmp_path):
    out = ["--out", tmp_path / "exported", "--ema"]
    assert run_tool(capsys, monkeypatch, "export", gan_run, *out).code == 0
    description = json.loads((tmp_path / "exported/export.json").read_text(encoding="utf-8"))
    assert description["ema"] is True
    network = paddle.jit.load(str(tmp_path / "exported/model"))
    network.eval()
    z = np.random.default_rng(0).standard_normal((5, 2)).astype(np.float32)
    _, averaged = Run(gan_run).load(ema=True)
    _, plain = Run(gan_run).load()
    made = network(paddle.to_tensor(z)).numpy()
    assert made == pytest.approx(averaged.generate(paddle.to_tensor(z)).numpy(), abs=1e-5)
    assert np.abs(made - plain.generate(paddle.to_tensor(z)).numpy()).max() > 1e-3


def test_translate_uses_the_average_on_request(capsys, monkeypatch, tmp_path):
    hparams = {"lr_G": 0.01, "identity": 0}
    run = trained(tmp_path / "run", "cyclegan", "glyphs", CYCLE, hparams=hparams)
    picture = next((run / "samples").glob("*.png"))
    for name, flags in (("plain", []), ("ema", ["--ema"])):
        arguments = ["--input", picture, "--out", tmp_path / name, *flags]
        assert run_tool(capsys, monkeypatch, "translate", run, *arguments).code == 0
    plain, averaged = (next((tmp_path / name).glob("*.png")) for name in ("plain", "ema"))
    assert plain.read_bytes() != averaged.read_bytes()


@pytest.mark.parametrize(
    ("tool", "out"),
    [("sample", "x.png"), ("export", "folder"), ("evaluate", None)],
)
def test_a_tool_asked_for_ema_on_a_run_without_it_says_so(tool, out, capsys, monkeypatch, tmp_path):
    run = trained(tmp_path / "run", "gan", "ring", MLP, hparams={"z_dim": 2}, ema=None)
    arguments = ["--ema"] + (["--out", tmp_path / out] if out else [])
    result = run_tool(capsys, monkeypatch, tool, run, *arguments)
    assert_one_sentence(result, "没有 EMA 权重", "ema: 0.999")
