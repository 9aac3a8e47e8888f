"""把导出的静态图换成 ONNX（model.onnx），再用 onnxruntime 与飞桨比一遍。

转换在另一个进程里做：遇到不支持的算子，paddle2onnx 会让整个进程中止。它自带的图优化关掉：
那一步会自己用 pip 装包。
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import paddle
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.files import write_atomic
from paddle_gan.methods.base import inference
from paddle_gan.run import runtime

FILE = "model.onnx"
OPSET = 13
TOLERANCE = 1e-4  # 与飞桨的输出最多差这么多
PACKAGES = ("paddle2onnx", "onnx", "onnxruntime")
AXES = ("N", "C", "H", "W")  # 大小任意的轴在 ONNX 里的名字


def require_onnx() -> None:
    """要的包都装了，否则抛出 UserError，给出安装的命令。"""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            f"换成 ONNX 还缺 {'、'.join(missing)}；请先运行 pip install paddle2onnx onnxruntime"
        )


def add_onnx(folder: Path, network: nn.Layer, description: dict, sample: tuple[int, ...]) -> dict:
    """由 folder 里飞桨的导出写 model.onnx，与飞桨比对；返回 export.json 里 onnx 的一节。

    sample 是一个输入的形状（训练时的大小）。换不了、比不上时抛出 UserError，不留 model.onnx。
    """
    model = convert(folder)
    name_axes(model, description)
    content = model.SerializeToString()
    difference = compare(content, network, trial_shapes(description["input"], sample))
    if not difference <= TOLERANCE:  # NaN 也算不合
        raise UserError(
            f"换出的 ONNX 与飞桨的输出最多差 {difference:.3g}，超过 {TOLERANCE:g}，没有写；"
            f"飞桨格式的已经导出好了，在 {folder}"
        )
    write_atomic(folder / FILE, content)
    return {"file": FILE, "opset": OPSET, "max_difference": difference}


def convert(folder: Path):
    """folder/model.json 换成 ONNX 的模型；换不了时抛出 UserError，带上 paddle2onnx 的错误。"""
    import onnx

    program, result = folder / "model.json", folder / f"{FILE}.tmp"
    if not program.is_file():
        raise UserError(f"换成 ONNX 要飞桨 3.0 以上，现在是 {paddle.__version__}")
    command = [sys.executable, "-m", "paddle2onnx.command", "--model_dir", str(folder)]
    command += ["--model_filename", program.name, "--params_filename", "model.pdiparams"]
    command += ["--save_file", str(result), "--opset_version", str(OPSET)]
    command += ["--optimize_tool", "None"]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        if said.returncode or not result.is_file():
            text = said.stdout.decode("utf-8", "replace")
            errors = [line.strip() for line in text.splitlines() if "error" in line.lower()]
            raise UserError(
                f"paddle2onnx 换不了这个网络（{(errors or ['没有说原因'])[0]}）；"
                f"飞桨格式的已经导出好了，在 {folder}"
            )
        return onnx.load_model_from_string(result.read_bytes())
    finally:
        result.unlink(missing_ok=True)


def name_axes(model, description: dict) -> None:
    """写明输入、输出各轴的大小；任意的轴给一个名字（paddle2onnx 会把输出的任意轴写成 0）。"""
    for value, end in zip((*model.graph.input, *model.graph.output), ("input", "output")):
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        for axis, size in zip(AXES, description[end]["shape"]):
            if size is None:
                shape.dim.add().dim_param = axis
            else:
                shape.dim.add().dim_value = size


def trial_shapes(entry: dict, sample: tuple[int, ...]) -> list[list[int]]:
    """比对用的输入：训练时的大小一个；三个一批的，边长不固定时高、宽各换一个。"""
    multiple = entry.get("size_multiple", 0)
    pair = multiple if isinstance(multiple, list) else [multiple, multiple]
    others = [side + pair[i] * (i + 1) for i, side in enumerate(sample[1:])]
    return [[1, *sample], [3, sample[0], *others]]


def compare(content: bytes, network: nn.Layer, shapes: list[list[int]]) -> float:
    """同样的输入下，onnxruntime 与飞桨的输出最多差多少。"""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # 只说错误
    options.intra_op_num_threads = runtime.threads()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    rng, differences = np.random.default_rng(0), []
    for shape in shapes:
        x = rng.uniform(-1, 1, shape).astype(np.float32)
        (made,) = session.run(None, {"input": x})
        with inference(network):
            expected = network(paddle.to_tensor(x)).numpy()
        differences.append(np.abs(made - expected).max())
    return float(max(differences))
