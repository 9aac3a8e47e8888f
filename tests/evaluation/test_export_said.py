"""export.json 里写的：照着用法做，得到的图多大、多亮；输入、输出各有几个通道。"""

import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import paddle
import pytest
from tool_helpers import RAW

from paddle_gan.evaluation import export, export_onnx
from paddle_gan.evaluation.export import (
    describe_generator,
    describe_translator,
    onnx_usage,
    usage,
)
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve

GREY, COLOUR = (1, 8, 12), (3, 8, 12)  # 8 高 12 宽


class Loaded:
    """代替 paddle.jit.load 得到的网络。"""

    def __init__(self, made):
        self.made = made

    def eval(self):
        pass

    def __call__(self, x):
        return self.made(x)


def follow(lines: list[str], made, monkeypatch) -> dict:
    """照用法的各行做一遍，载入的网络换成 made；返回做完之后的全部变量。"""
    monkeypatch.setattr(paddle.jit, "load", lambda path: Loaded(made))
    names: dict = {}
    exec("\n".join(lines), names)
    return names


@pytest.mark.parametrize("low, high", [(-1.0, 1.0), (0.0, 1.0)])
def test_the_usage_turns_the_two_ends_of_the_range_into_black_and_white(low, high, monkeypatch):
    ends = np.array([low - 0.3, low, (low + high) / 2, high, high + 0.3], np.float32)
    lines = usage("paddle.randn([16, 4])", "z", "噪声", Shapes((5,), None, (low, high)))
    images = follow(lines, lambda z: paddle.to_tensor(ends), monkeypatch)["images"]
    assert images.dtype == np.uint8 and images.tolist() == [0, 0, 128, 255, 255]


def translating(direction: str) -> dict:
    config = resolve(RAW["cyclegan"] | {"batch_size": 4, "total_steps": 3})
    method = SimpleNamespace(directions=lambda: ("x2y", "y2x"), translator=lambda way: way)
    shapes = Shapes(GREY, COLOUR, (-1.0, 1.0))
    network, description = describe_translator(config, method, shapes, direction)
    assert network == description["direction"] == direction
    return description


@pytest.mark.parametrize(
    ("direction", "source", "target"), [("x2y", GREY, COLOUR), ("y2x", COLOUR, GREY)]
)
def test_a_direction_takes_the_channels_of_its_source_and_gives_those_of_its_target(
    direction, source, target, monkeypatch
):
    description = translating(direction)
    assert description["input"]["shape"] == [None, source[0], None, None]
    assert description["output"]["shape"] == [None, target[0], None, None]
    seen = follow(description["usage"], lambda x: x, monkeypatch)["x"]
    assert seen.shape == [1, *source]  # 用法里造的一张图：训练时那么高、那么宽


@pytest.mark.parametrize("ema", [True, False])
@pytest.mark.parametrize(("checkpoint", "step"), [("best", 20), ("last", 30)])
def test_the_description_names_the_checkpoint_the_step_and_the_weights_it_exported(
    ema, checkpoint, step, tmp_path, monkeypatch
):
    config, loaded = resolve(RAW["dcgan"] | {"batch_size": 4, "total_steps": 30}), []
    method = build_method(config, Shapes((1, 28, 28), None, (-1.0, 1.0)))
    run = SimpleNamespace(
        load=lambda *asked: loaded.append(asked) or (config, method),
        shapes=lambda: Shapes((1, 28, 28), None, (-1.0, 1.0)),
        folder=tmp_path / "训练",
        step={"best": 20, "last": 30}.get,
    )
    monkeypatch.setattr(export, "save_network", lambda network, prefix, shape: None)
    described = export.export_run(run, tmp_path, checkpoint, None, ema)
    assert loaded == [(checkpoint, ema)]
    wanted = {"checkpoint": checkpoint, "ema": ema, "step": step, "method": "dcgan"}
    assert wanted.items() <= described.items()
    assert json.loads((tmp_path / "export.json").read_text("utf-8"))["step"] == step


def test_a_network_of_one_size_takes_multiples_of_its_own_height_and_width():
    config = SimpleNamespace(method="cyclegan", network={"generator": {"name": "别的"}})
    method = SimpleNamespace(directions=lambda: ("x2y",), translator=lambda way: way)
    shapes = Shapes(GREY, COLOUR, (-1.0, 1.0))
    _, described = describe_translator(config, method, shapes, "x2y")
    assert described["input"]["size_multiple"] == [8, 12]


@pytest.mark.parametrize("noise", ["normal", "uniform"])
def test_the_usage_draws_the_noise_the_network_was_trained_with(noise, monkeypatch):
    method = SimpleNamespace(
        hparams=SimpleNamespace(noise=noise),
        sampler=lambda: "网络",
        noise=lambda n: paddle.zeros([n, 500]),  # 潜变量的长短由它定，不看 z_dim
    )
    network, described = describe_generator(method, Shapes(COLOUR, None, (-1.0, 1.0)))
    assert network == "网络" and described["output"]["shape"] == [None, *COLOUR]
    z = follow(described["usage"], lambda z: z, monkeypatch)["z"].numpy()
    assert z.shape == (16, 500) == (16, described["input"]["shape"][1])
    largest = np.abs(z).max()
    assert largest > 2.5 if noise == "normal" else 0.99 < largest <= 1
    assert abs(z.mean()) < 0.1 and described["input"]["noise"] == noise


@pytest.mark.parametrize("noise", ["normal", "uniform"])
def test_the_usage_of_onnx_draws_the_noise_the_network_was_trained_with(noise):
    asked = []
    entry = {"noise": noise, "meaning": "潜变量 z"}
    names = {
        "np": np,
        "onnxruntime": SimpleNamespace(
            InferenceSession=lambda file: SimpleNamespace(
                run=lambda outputs, inputs: asked.append(file) or [inputs["input"] * 2]
            )
        ),
    }
    exec("\n".join(onnx_usage(entry, (40, 50))[1:]), names)
    assert names["x"].shape == (16, 40, 50) and names["x"].dtype == np.float32
    assert np.array_equal(names["y"], names["x"] * 2) and asked == ["model.onnx"]
    largest = np.abs(names["x"]).max()
    assert largest > 3 if noise == "normal" else 0.99 < largest <= 1
    assert abs(names["x"].mean()) < 0.05


@pytest.mark.parametrize("errors", [(0.5, 0.1), (0.1, 0.5), (-0.5, 0.1)])
def test_the_difference_from_onnx_is_the_largest_of_all_trials(errors, monkeypatch):
    left = list(errors)
    session = SimpleNamespace(run=lambda outputs, inputs: [inputs["input"] + left.pop(0)])
    runtime = ModuleType("onnxruntime")
    runtime.SessionOptions = SimpleNamespace
    runtime.InferenceSession = lambda content, options, providers: session
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    same = paddle.nn.Identity()
    difference = export_onnx.compare(b"", same, [[1, 2, 3], [3, 2, 5]])
    assert difference == pytest.approx(0.5, abs=1e-6) and left == []
