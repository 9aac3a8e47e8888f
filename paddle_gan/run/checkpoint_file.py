"""检查点文件的格式：safetensors，文件头里是一段 JSON 说明和全部内容的 SHA-256。没有 pickle。"""

import hashlib
import json
from pathlib import Path

import numpy as np
from paddle import Tensor
from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from paddle_gan.errors import UserError
from paddle_gan.run.packing import Layout, unpack

FORMAT = 1


class Header(BaseModel):
    """说明：格式版本、方法、步数、已取的批数、目前最好的指标值、几个进程存的（1 个就不写）。

    only、packed 是随包的训练才有的：只存了这几个网络，权重是 float16，压小了（见 packing.py）。
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    format: int
    method: str
    step: NonNegativeInt
    position: NonNegativeInt
    best: float | None
    processes: PositiveInt = 1
    only: list[str] | None = None
    packed: dict[str, Layout] | None = None


def encode(header: dict, tensors: dict[str, np.ndarray]) -> bytes:
    """把说明与张量编成文件内容。"""
    # 只用一个键：safetensors 不保证几个键的次序，而同样的状态要得到同样的字节
    text = json.dumps({"header": header, "sha256": digest(header, tensors)})
    return save(tensors, metadata={"paddle_gan": text})


def read_checkpoint(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """读出说明和全部张量；损坏、不是本工具的检查点、版本更新时抛出 UserError。"""
    if not path.is_file():
        raise UserError(f"找不到检查点 {path}")
    try:
        with safe_open(str(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
        stored = json.loads(metadata["paddle_gan"])
        header = stored["header"]
        version = header["format"]
        if version == FORMAT:
            packed = Header.model_validate(header).packed
            if stored["sha256"] != digest(header, tensors):
                raise ValueError("校验和不符")
            tensors = tensors if packed is None else unpack(tensors, packed)
    # 不合规格的说明是 ValueError，层层嵌套的 JSON 是 RecursionError
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            f"检查点 {path} 已损坏，或不是本工具写的（{type(error).__name__}）；请用 --checkpoint "
            "步数 换一个；要 --resume，把这个文件移走，就从编号最大的那个接着训练"
        ) from None
    if version != FORMAT:
        raise UserError(
            f"检查点 {path} 的格式版本是 {version}，本工具只认得 {FORMAT}；请升级工具箱"
        )
    if header.get("only"):
        tensors = {name: widened(tensor) for name, tensor in tensors.items()}
    return header, tensors


def widened(tensor: np.ndarray) -> np.ndarray:
    """float16 换回 float32，别的不动。"""
    return tensor.astype(np.float32) if tensor.dtype == np.float16 else tensor


def numbered_checkpoints(folder: Path) -> list[Path]:
    """带编号的检查点，按步数从小到大；一千万步起编号多一位，所以不能按文字排。"""
    paths = folder.glob("step_*.safetensors")
    steps = {path: path.stem.removeprefix("step_") for path in paths}
    return sorted((p for p in steps if steps[p].isdecimal()), key=lambda path: int(steps[path]))


def kind_of(tensor: Tensor | np.ndarray, shape: tuple[int, ...] | None = None) -> str:
    """形状（另给了 shape 就用它）与类型，例如 (3, 4) float32。"""
    dtype = str(tensor.dtype).removeprefix("paddle.")
    return f"{tuple(tensor.shape) if shape is None else shape} {dtype}"


def digest(header: dict, tensors: dict[str, np.ndarray]) -> str:
    """说明与张量（名字、类型、形状、内容）的 SHA-256；safetensors 自己不带校验和。"""
    sha = hashlib.sha256(json.dumps(header, sort_keys=True).encode("utf-8"))
    for name in sorted(tensors):
        tensor = tensors[name]
        sha.update(f"|{name}|{tensor.dtype.str}|{tensor.shape}|".encode())
        sha.update(np.ascontiguousarray(tensor).data)
    return sha.hexdigest()
