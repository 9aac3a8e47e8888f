"""随包的权重压小一些，一位不差：同一个字节位的放在一起再 deflate（float16 的高位字节彼此很像）。"""

import math
import zlib
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, NonNegativeInt


class Layout(BaseModel):
    """一个张量压小以前的类型与形状。"""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    dtype: Literal["<f2", "<f4"]
    shape: list[NonNegativeInt]


def pack(tensors: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, dict]]:
    """每个张量压成的字节 (n,) uint8，与各自的类型、形状；只收 float16、float32。"""
    packed, layouts = {}, {}
    for name, tensor in tensors.items():
        layouts[name] = {"dtype": tensor.dtype.str, "shape": list(tensor.shape)}
        rows = np.frombuffer(tensor.tobytes(), np.uint8).reshape(-1, tensor.itemsize)
        packed[name] = np.frombuffer(zlib.compress(rows.T.tobytes(), level=9), np.uint8)
    return packed, layouts


def unpack(packed: dict[str, np.ndarray], layouts: dict[str, Layout]) -> dict[str, np.ndarray]:
    """还原 pack 的结果；名字或长短对不上，抛出 ValueError，多出来的也不解。"""
    if packed.keys() != layouts.keys():
        raise ValueError("压小的张量与说明对不上")
    return {name: restored(packed[name], layout) for name, layout in layouts.items()}


def restored(data: np.ndarray, layout: Layout) -> np.ndarray:
    """一个张量。"""
    dtype = np.dtype(layout.dtype)
    length = math.prod(layout.shape) * dtype.itemsize
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(data.tobytes(), length + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(raw) != length or not stream.eof:
        raise ValueError("压小的张量长短不对")
    planes = np.frombuffer(raw, np.uint8).reshape(dtype.itemsize, -1)
    return np.ascontiguousarray(planes.T).view(dtype).reshape(layout.shape)
