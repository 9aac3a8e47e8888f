"""tools/export.py：另一个进程里只用 paddle.jit.load，输出与 method 的推理相同。"""

import json
import subprocess
import sys

import numpy as np
import paddle
import pytest
from tool_helpers import ROOT, assert_one_sentence, run_tool, tiny_run

from paddle_gan.errors import UserError
from paddle_gan.run.run import Run

# 不导入 paddle_gan：导出的模型离开工具箱也能用
RELOAD = """
import sys, numpy as np, paddle
net = paddle.jit.load(sys.argv[1] + "/model")
net.eval()
inputs = np.load(sys.argv[1] + "/inputs.npz")
outputs = {name: net(paddle.to_tensor(inputs[name])).numpy() for name in inputs}
np.savez(sys.argv[1] + "/outputs.npz", **outputs)
"""


@pytest.fixture
def export(capsys, monkeypatch):
    return lambda *arguments: run_tool(capsys, monkeypatch, "export", *arguments)


def reload_in_another_process(folder, inputs: list) -> list:
    np.savez(folder / "inputs.npz", *inputs)
    result = subprocess.run(
        [sys.executable, "-c", RELOAD, str(folder)], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    with np.load(folder / "outputs.npz") as outputs:
        return [outputs[f"arr_{i}"] for i in range(len(inputs))]


def array(*shape):
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def test_a_generator_reloads_with_any_batch_size_and_gives_the_same_images(tmp_path):
    folder = tmp_path / "导出" / "数字"
    command = [sys.executable, str(ROOT / "tools/export.py"), str(tiny_run("dcgan"))]
    result = subprocess.run([*command, "--out", str(folder)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    inputs = [array(1, 8), array(5, 8)]
    _, method = Run(tiny_run("dcgan")).load()
    for z, images in zip(inputs, reload_in_another_process(folder, inputs)):
        expected = method.generate(paddle.to_tensor(z)).numpy()
        assert images.shape == (len(z), 1, 28, 28)
        assert np.allclose(images, expected, atol=1e-5)
        assert images.std() > 0


# 飞桨自己的那一句一个进程只说一次，所以另开进程；存的时候再让 C++ 一层说一句，它要看得见
EXPORT = """
import os, sys
sys.path.insert(0, sys.argv.pop(1))
import _cli, export, paddle
real = paddle.jit.save
def save(*arguments, **options):
    real(*arguments, **options)
    os.write(2, "别的警告".encode())
paddle.jit.save = save
_cli.run(export.main)
"""


@pytest.mark.slow
def test_exporting_a_network_that_adds_prints_no_english_notice_and_hides_nothing_else(tmp_path):
    command = [sys.executable, "-c", EXPORT, ROOT / "tools", tiny_run("cyclegan")]
    result = subprocess.run(
        [*map(str, command), "--out", str(tmp_path / "m")], capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "别的警告")


@pytest.mark.parametrize("direction", ["x2y", "y2x"])
def test_a_translator_reloads_with_any_multiple_of_the_factor(direction, tmp_path, export):
    folder = tmp_path / "m"
    result = export(tiny_run("cyclegan"), "--out", folder, "--direction", direction)
    assert result.code == 0, result.err
    inputs = [array(2, 1, 32, 32), array(1, 1, 48, 36)]
    _, method = Run(tiny_run("cyclegan")).load()
    for x, images in zip(inputs, reload_in_another_process(folder, inputs)):
        expected = method.translate(paddle.to_tensor(x), direction).numpy()
        assert images.shape == x.shape
        assert np.allclose(images, expected, atol=1e-5)


def test_export_json_says_what_goes_in_and_its_usage_runs(tmp_path, export):
    folder = tmp_path / "m"
    assert export(tiny_run("gan"), "--out", folder, "--checkpoint", 2).code == 0
    saved = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    assert saved["input"] == {"shape": [None, 4], "meaning": "潜变量 z", "noise": "normal"}
    assert saved["output"]["shape"] == [None, 2] and saved["step"] == 2
    assert saved["value_range"] is None and saved["versions"]["paddle"]
    assert len(saved["usage"]) == 6
    code = "\n".join(saved["usage"])
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert "[16, 2]" in result.stdout or "(16, 2)" in result.stdout


@pytest.mark.parametrize("name, shape", [("dcgan", (16, 1, 28, 28)), ("cyclegan", (1, 1, 32, 32))])
def test_the_usage_of_an_image_model_gives_uint8_images(name, shape, tmp_path, export, monkeypatch):
    folder = tmp_path / "m"
    assert export(tiny_run(name), "--out", folder).code == 0
    saved = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    monkeypatch.chdir(folder)
    scope = {}
    exec("\n".join(saved["usage"]), scope)
    assert scope["images"].shape == shape and scope["images"].dtype == np.uint8
    assert saved["value_range"] == [-1.0, 1.0]
    if name == "cyclegan":
        assert saved["input"]["size_multiple"] == 4 and saved["input"]["size_minimum"] == 8
        assert saved["direction"] == "x2y"


@pytest.fixture
def onnx():
    """onnx 这个包；没装 paddle2onnx 与 onnxruntime 的机器上跳过。"""
    for name in ("paddle2onnx", "onnxruntime"):
        pytest.importorskip(name, reason=f"没装 {name}（pip install paddle2onnx onnxruntime）")
    return pytest.importorskip("onnx")


@pytest.mark.parametrize(
    "name, inputs, axes",
    [
        pytest.param(
            *("dcgan", [(1, 8), (5, 8)], (["N", 8], ["N", 1, 28, 28])), marks=pytest.mark.slow
        ),
        ("cyclegan", [(2, 1, 32, 32), (1, 1, 48, 36)], (["N", 1, "H", "W"], ["N", 1, "H", "W"])),
    ],
)
def test_the_onnx_model_gives_what_paddle_gives_at_any_size(
    name, inputs, axes, onnx, tmp_path, export
):
    import onnxruntime

    result = export(tiny_run(name), "--out", tmp_path / "m", "--onnx")
    assert result.code == 0, result.err
    saved = json.loads((tmp_path / "m/export.json").read_text(encoding="utf-8"))["onnx"]
    assert 0 <= saved["max_difference"] < 1e-4
    assert f"最多差 {saved['max_difference']:.2g}（上限 0.0001）" in result.out
    files = sorted(path.name for path in (tmp_path / "m").iterdir())
    assert files == ["export.json", "model.json", "model.onnx", "model.pdiparams"]
    session = onnxruntime.InferenceSession(tmp_path / "m/model.onnx")
    ends = (session.get_inputs()[0].shape, session.get_outputs()[0].shape)
    assert ends == axes and session.get_inputs()[0].name == "input"
    _, method = Run(tiny_run(name)).load()
    for shape in inputs:
        x = array(*shape)
        (made,) = session.run(None, {"input": x})
        wanted = method.translate if name == "cyclegan" else lambda z, _: method.generate(z)
        assert np.allclose(made, wanted(paddle.to_tensor(x), "x2y").numpy(), atol=1e-5)
        assert made.std() > 0
    scope = {}
    exec("\n".join(saved["usage"]).replace("'model.onnx'", f"'{tmp_path}/m/model.onnx'"), scope)
    assert scope["y"].shape == (16, 1, *((28, 28) if name == "dcgan" else (32, 32)))


@pytest.mark.slow
def test_an_onnx_model_that_differs_from_paddle_is_not_written(onnx, tmp_path):
    import onnxruntime

    from paddle_gan.evaluation.export import save_network
    from paddle_gan.evaluation.export_onnx import add_onnx

    description = {"input": {"shape": [None, 3]}, "output": {"shape": [None, 2]}}
    network = paddle.nn.Linear(3, 2)
    save_network(network, tmp_path / "model", [None, 3])
    assert add_onnx(tmp_path, network, description, (3,))["max_difference"] < 1e-6
    x = array(4, 3)
    (made,) = onnxruntime.InferenceSession(tmp_path / "model.onnx").run(None, {"input": x})
    expected = x @ network.weight.numpy() + network.bias.numpy()
    assert made == pytest.approx(expected, abs=1e-5)
    (tmp_path / "model.onnx").unlink()
    network.bias.set_value(network.bias + 0.001)  # 导出之后才改的，两边就不一样了
    with pytest.raises(UserError, match=r"最多差 0\.001，超过 0\.0001.*飞桨格式的已经导出好了"):
        add_onnx(tmp_path, network, description, (3,))
    assert not (tmp_path / "model.onnx").exists()


@pytest.mark.slow
def test_a_network_that_cannot_become_onnx_is_one_sentence_and_keeps_the_paddle_model(
    onnx, tmp_path
):
    from paddle_gan.evaluation.export import save_network
    from paddle_gan.evaluation.export_onnx import convert

    class Strange(paddle.nn.Layer):
        def forward(self, x):
            return paddle.digamma(x)

    save_network(Strange(), tmp_path / "model", [None, 3])
    with pytest.raises(
        UserError, match="paddle2onnx 换不了这个网络（.*unsupported.*） *；飞桨格式"
    ):
        convert(tmp_path)
    assert not list(tmp_path.glob("*.onnx*"))


def test_missing_packages_are_named_with_the_command_that_installs_them(
    tmp_path, export, monkeypatch
):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = export(tiny_run("gan"), "--out", tmp_path / "m", "--onnx")
    assert_one_sentence(result, "paddle2onnx、onnx、", "pip install paddle2onnx onnxruntime")
    assert not (tmp_path / "m").exists()


def test_the_exported_start_of_a_skip_generator_is_the_same_function():
    from paddle_gan.networks.resnet import atanh

    x = paddle.linspace(-0.97, 0.97, 1001)
    assert np.array_equal(atanh(x).numpy(), paddle.atanh(x).numpy())
    static = paddle.jit.to_static(atanh, full_graph=True)(x).numpy()
    assert static == pytest.approx(np.arctanh(x.numpy().astype(np.float64)), abs=2e-6)


def test_exporting_leaves_the_method_as_it_was(tmp_path):
    from paddle_gan.evaluation.export import save_network

    _, method = Run(tiny_run("dcgan")).load()
    z = paddle.to_tensor(array(3, 8))
    before = method.generate(z).numpy()
    save_network(method.G, tmp_path / "model", [None, 8])
    assert method.G.training
    assert np.array_equal(method.generate(z).numpy(), before)


def test_bad_uses_are_one_sentence_and_write_nothing(tmp_path, export):
    full = tmp_path / "full"
    full.mkdir()
    (full / "note.txt").touch()
    assert_one_sentence(export(tiny_run("gan"), "--out", full), "full", "--out")
    out = tmp_path / "out"
    assert_one_sentence(export(tmp_path / "无", "--out", out), "无", "不是训练目录")
    assert not out.exists()
    assert_one_sentence(export(tiny_run("gan"), "--out", out, "--direction", "x2y"), "--direction")
    assert_one_sentence(export(tiny_run("gan"), "--out", out, "--checkpoint", 7), "step_0000007")
    assert not out.exists() or not list(out.iterdir())
