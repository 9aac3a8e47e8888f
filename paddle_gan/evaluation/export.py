"""把生成器导出成推理模型：不需要本工具箱，paddle.jit.load 就能用。"""

import json
import os
import sys
from functools import cache
from pathlib import Path

import paddle

from paddle_gan.data.masked import HOLED
from paddle_gan.errors import UserError
from paddle_gan.evaluation.export_onnx import FILE, add_onnx
from paddle_gan.evaluation.translation import input_shape, require_direction, size_rule
from paddle_gan.files import write_atomic
from paddle_gan.methods.abilities import Conditional, Generates, Translates
from paddle_gan.run.build import Shapes
from paddle_gan.run.config import Config
from paddle_gan.run.gallery import shown
from paddle_gan.run.run import Run, versions

MEANINGS = {
    False: "RGB 或灰度图像，按 value_range 归一化",
    True: "RGB 或灰度图像，按 value_range 归一化，洞里填看得见的部分的平均色；"
    "最后一个通道在洞里是 1，洞外是 −1",
}
MODEL = "model"  # 导出目录里模型文件的名字（不带扩展名）
NOISE_CODE = {
    "normal": "paddle.randn([16, {z_dim}])",
    "uniform": "paddle.uniform([16, {z_dim}], min=-1.0, max=1.0)",
}


def export_run(
    run: Run,
    folder: Path,
    checkpoint: str,
    direction: str | None,
    ema: bool = False,
    onnx: bool = False,
) -> dict:
    """导出到 folder（已存在的空目录），返回 export.json 的内容；它最后写，有它才算完整。

    direction 只用于图像翻译，默认 x2y；给从噪声生成的方法写了它时抛出 UserError。
    ema 时导出 EMA 权重；onnx 时再换成 ONNX，换不成时抛出 UserError，飞桨格式的已经完整。
    """
    config, method = run.load(checkpoint, ema)
    shapes = run.shapes()
    if isinstance(method, Translates):
        direction = direction or method.directions()[0]
        network, description = describe_translator(config, method, shapes, direction)
    elif direction:
        raise UserError(f"{config.method} 从噪声生成图像，没有方向；请去掉 --direction")
    elif isinstance(method, Generates):
        network, description = describe_generator(method, shapes)
    else:
        raise UserError(f"{config.method} 既不从噪声生成，也不翻译图像；没有可以导出的生成器")
    save_network(network, folder / MODEL, description["input"]["shape"])
    description = {
        "method": config.method,
        "run": shown(run.folder),
        "checkpoint": checkpoint,
        "ema": ema,
        "step": run.step(checkpoint),
        **description,
        "value_range": shapes.value_range,
        "versions": versions(),
    }
    write_description(folder, description)
    if onnx:
        shape = description["input"]["shape"]
        sample = input_shape(shapes, direction) if direction else tuple(shape[1:])
        description["onnx"] = add_onnx(folder, network, description, sample)
        description["onnx"]["usage"] = onnx_usage(description["input"], sample)
        write_description(folder, description)
    return description


def write_description(folder: Path, description: dict) -> None:
    """写 export.json。"""
    text = json.dumps(description, ensure_ascii=False, indent=2) + "\n"
    write_atomic(folder / "export.json", text)


def save_network(network: paddle.nn.Layer, prefix: Path, shape: list[int | None]) -> None:
    """评估模式下存成静态图；shape 里的 None 是推理时才知道的维。"""
    network.eval()
    hear_the_notice()
    try:
        spec = [paddle.static.InputSpec(shape=list(shape), dtype="float32", name="input")]
        paddle.jit.save(network, str(prefix), input_spec=spec)
    finally:
        network.train()


@cache
def hear_the_notice() -> None:
    """让飞桨把那一句英文说到没有人听的地方；它一个进程只说一次。

    飞桨 3.3 第一次把 x + y 写进静态图时，从 C++ 印一句 not support input out tensor：说的是 out=
    参数，我们没有用它，导出的结果与动态图相同（有测试）。只关这一次加法的标准错误，别的警告照常。
    """
    spec = [paddle.static.InputSpec(shape=[1], dtype="float32")]

    def add(x):
        return x + x

    added = paddle.jit.to_static(add, input_spec=spec, full_graph=True)
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        _ = added.concrete_program  # 到这里才真的写进静态图
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def describe_generator(method: Generates, shapes: Shapes) -> tuple[paddle.nn.Layer, dict]:
    """潜变量 → 样本：网络与它的输入、输出、用法。"""
    distribution, K = method.hparams.noise, 0
    if isinstance(method, Conditional):
        K = method.classes()
    size = method.noise(1).shape[1] - K  # 不一定是 hparams.z_dim：有的方法各层另有噪声
    entry = {"shape": [None, size + K], "meaning": "潜变量 z", "noise": distribution}
    code, comment = NOISE_CODE[distribution].format(z_dim=size), "z_dim 维的噪声"
    if K:
        entry["classes"] = K
        entry["meaning"] += f"（{size} 维）后面接着类别的独热（{K} 维）"
        y = f"paddle.nn.functional.one_hot(paddle.arange(16) % {K}, {K})"
        code, comment = f"paddle.concat([{code}, {y}], axis=1)", "噪声接着类别的独热"
    description = {
        "input": entry,
        "output": {"shape": [None, *shapes.x], "meaning": "生成的样本"},
        "usage": usage(code, "z", comment, shapes),
    }
    return method.sampler(), description


def describe_translator(
    config: Config, method: Translates, shapes: Shapes, direction: str
) -> tuple[paddle.nn.Layer, dict]:
    """图像 → 另一个域的图像：网络与它的输入、输出、用法。

    边长不固定，但要是 size_multiple 的倍数；高与宽的倍数不同时写成 [高, 宽]。
    """
    require_direction(config, method, direction)
    source = input_shape(shapes, direction)
    target = input_shape(shapes, {"x2y": "y2x", "y2x": "x2y"}[direction])
    (multiple, other), minimum = size_rule(config, source[1:])
    factor = target[1] // source[1]
    size = f"边长是输入的 {factor} 倍" if factor > 1 else "与输入一样大"
    random_image = f"paddle.uniform([1, {source[0]}, {source[1]}, {source[2]}], min=-1.0, max=1.0)"
    description = {
        "direction": direction,
        "input": {
            "shape": [None, source[0], None, None],
            "meaning": MEANINGS[source[0] in HOLED],
            "size_multiple": multiple if multiple == other else [multiple, other],
            "size_minimum": minimum,
        },
        "output": {"shape": [None, target[0], None, None], "meaning": f"译文，{size}"},
        "usage": usage(random_image, "x", "换成你的图像，归一化到 value_range", shapes),
    }
    return method.translator(direction), description


def usage(make_input: str, name: str, comment: str, shapes: Shapes) -> list[str]:
    """六行用法，可以直接运行（在导出目录里）。"""
    low, high = shapes.value_range or (0.0, 1.0)
    to_uint8 = f"((y - {low}) / {high - low} * 255).clip(0, 255).round().astype('uint8')"
    points = f"  # (N, {shapes.x[0]}) 的点"
    last = "print(y.shape)" if shapes.value_range is None else f"images = {to_uint8}"
    return [
        "import paddle",
        f"net = paddle.jit.load('{MODEL}')  # 路径不带扩展名",
        "net.eval()",
        f"{name} = {make_input}  # {comment}",
        f"y = net({name}).numpy()",
        last + (points if shapes.value_range is None else "  # (N, C, H, W)"),
    ]


def onnx_usage(entry: dict, sample: tuple[int, ...]) -> list[str]:
    """四行用法，可以直接运行（在导出目录里，不需要飞桨）。"""
    normal = entry.get("noise") == "normal"
    draw = "np.random.randn" if normal else "np.random.uniform"
    classes = entry.get("classes", 0)
    arguments = ", ".join(map(str, (16, sample[0] - classes, *sample[1:])))
    numbers = f"{draw}({arguments})" if normal else f"{draw}(-1, 1, ({arguments}))"
    if classes:
        numbers = (
            f"np.concatenate([{numbers}, np.eye({classes})[np.arange(16) % {classes}]], axis=1)"
        )
    return [
        "import numpy as np, onnxruntime",
        f"net = onnxruntime.InferenceSession('{FILE}')",
        f"x = {numbers}.astype('float32')  # {entry['meaning']}",
        "y = net.run(None, {'input': x})[0]",
    ]
